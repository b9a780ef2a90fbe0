"""The stage ``regenerate``: what the commands of ``[bump] run`` write is what the tree has, for the pins that it has.

They run on a copy: the tree that is built is never touched. It is about the tree alone, so one configuration has it.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from pytest_llvmgate.config.settings import Config, Configuration
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.git.commits import stage_changes, tree_of_index
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.tree_copy import copy_tree
from pytest_llvmgate.model import NOTE, Outcome
from pytest_llvmgate.pins.check import pinned
from pytest_llvmgate.pins.read import read_pins
from pytest_llvmgate.process.run import describe_command
from pytest_llvmgate.stages.after_bump import Command, declared_commands, run_commands
from pytest_llvmgate.stages.commands import BuildContext, StageReport
from pytest_llvmgate.wording import listed

_NAME: Final = "regenerate"
_SHOWN: Final = 5


def is_wanted(config: Config, configuration: Configuration) -> bool:
    """Whether a configuration has this stage: the first has, where there are commands."""
    return bool(config.bump.run) and configuration.index == 0


def inputs(context: BuildContext) -> Mapping[str, object]:
    return {"commands": declared_commands(context.config).commands, "source": context.source_state}


def work(context: BuildContext) -> StageReport:
    """Run the commands on a copy of the tree, and fail where they change anything."""
    declared = declared_commands(context.config)
    facts = {NOTE: declared.note} if declared.note else {}
    try:
        sha = pinned(read_pins(context.config))
    except GateError:  # which the pins' own tests say
        return StageReport(outcome=Outcome.PASSED, facts={NOTE: "nothing was regenerated: the pins disagree"})
    if not declared.commands:
        return StageReport(outcome=Outcome.PASSED, facts=facts)
    log = context.log(_NAME)
    log.unlink(missing_ok=True)
    copy = context.directory / _NAME
    shutil.rmtree(copy, ignore_errors=True)
    try:
        reason = _difference(context.config, declared.commands, copy, sha, log)
    finally:
        shutil.rmtree(copy, ignore_errors=True)
    return StageReport(outcome=Outcome.FAILED if reason else Outcome.PASSED, reason=reason, facts=facts)


def _difference(config: Config, commands: Sequence[Command], copy: Path, sha: str, log: Path) -> str:
    """Why the tree is not as the commands leave it; empty where it is."""
    original = Repository.open(config.root)
    own = {original.relative(config.root / pin.file) for pin in config.pins if pin.is_direct}  # LLVM, as a submodule
    copy_tree(original, copy, without=own, with_git=True)
    repository = Repository.open(copy)
    stage_changes(repository)
    before = tree_of_index(repository)
    root = copy / original.relative(config.root)
    done = run_commands(commands, root, sha, log=log, timeout=config.timeouts.regenerate)
    if done and not done[-1].ok:
        return f"{describe_command(done[-1].command)} failed ({done[-1].ending})"
    stage_changes(repository)
    after = tree_of_index(repository)
    changed = repository.run("diff-tree", "-r", "-z", "--name-only", "--no-renames", before, after)
    paths = [path for path in changed.decode("utf-8", "replace").split("\0") if path]
    if not paths:
        return ""
    with log.open("ab") as sink:
        sink.write(repository.run("diff-tree", "-r", "-p", "--no-renames", before, after))
    return f"[bump] run changes {listed(paths, _SHOWN)}: run the commands and commit what they write"
