"""Make the corpus' logs of the miniature llvm-project: ``python -m tests.corpus.make_miniature [CULPRIT...]``.

Every culprit of ``tests.miniature`` stands alone in a history; LLVM and the downstream are built at its commit in the
configuration where it shows, and the log of the stage that fails is kept.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from pathlib import Path

from tests.corpus.make import LOGS, store
from tests.miniature.builds import build_downstream, build_llvm, checkout
from tests.miniature.culprits import CONFIGURATIONS, CULPRITS
from tests.miniature.downstream import Pins, create_downstream
from tests.miniature.history import create, isolated


def configuration_of(name: str) -> str:
    """The first configuration in which the culprit shows."""
    return next(configuration for configuration in CONFIGURATIONS if CULPRITS[name].concerns(configuration))


def log_of(name: str, work: Path) -> str:
    culprit = CULPRITS[name]
    miniature = create(work / "history", commits=isolated(name))
    commit = miniature.commits[name]
    source = checkout(miniature, commit, work / "llvm-project")
    if culprit.stage == "llvm":
        flavour = culprit.flavours[0]
        return _stage(build_llvm(source, work / "build-llvm", work / "prefix", flavour).log)
    configuration = configuration_of(name)
    flavour = CONFIGURATIONS[configuration]["linkage"]
    assert build_llvm(source, work / "build-llvm", work / "prefix", flavour).passed
    downstream = create_downstream(work, miniature, pins=[Pins(llvm=commit)])
    return _stage(build_downstream(downstream.root, work / "build", work / "prefix", configuration).log)


def _stage(log: str) -> str:
    """The output of the last command: the stages before it passed."""
    return re.split(r"^\+ (?:cmake|ninja) .*\n", log, flags=re.MULTILINE)[-1]


def sanitise(log: str, work: Path) -> bytes:
    data = log.replace(str(work / "prefix"), "/opt/llvm").replace(str(work), "/home/user").encode()
    data = re.sub(rb"/[\w./-]*/site-packages/cmake/data/", b"/usr/", data)
    return re.sub(rb"/[\w./-]*/(?:venv|\.pyenv)/[\w./-]*bin/", b"/usr/bin/", data)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    for name in parser.parse_args().names or CULPRITS:
        if list(LOGS.glob(f"miniature-{name}.log*")):
            continue
        with tempfile.TemporaryDirectory(prefix="corpus-") as directory:
            log = sanitise(log_of(name, Path(directory)), Path(directory))
        store(f"miniature-{name}", log)
        print(f"{name}: {log.count(bytes([10]))} lines", flush=True)


if __name__ == "__main__":
    main()
