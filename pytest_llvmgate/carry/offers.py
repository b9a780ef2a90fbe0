"""Carries to offer: a component that has not reached the candidate, and the patches that were found for it.

``llvmgate fix`` leaves a patch per component below the build directory that it has worked on. It is offered only where
it applies to the commit that the component's gitlink will name.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.carry.applying import patched
from pytest_llvmgate.carry.carried import Patch, component_commit
from pytest_llvmgate.carry.patch_files import LARGEST
from pytest_llvmgate.config.layout import as_name
from pytest_llvmgate.config.settings import CarrySpec, Config
from pytest_llvmgate.config.toml_lines import array_table
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.model import RUN_DIRECTORY
from pytest_llvmgate.pins.reading import PinReading
from pytest_llvmgate.plain_file import read_plain

FIX_OUTPUT: Final = "llvmgate-fix"
"""Where ``llvmgate fix`` leaves its patches: in the run directory of a candidate, or in a build directory."""
_WEEKS: Final = 4
"""That a carry is proposed for: long enough for a review, short enough to be asked for again."""


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A component that can be carried."""

    component: str
    """Path below the downstream's root."""
    commit: str
    """Full SHA that its gitlink names then."""
    patch: Path
    """Where the patch lies now."""
    candidate: str

    @property
    def file(self) -> str:
        """Where it is to lie: below the configuration's directory."""
        return f"patches/{self.component.replace('/', '-')}-{self.candidate[:12]}.patch"

    def as_toml(self, today: datetime.date | None = None) -> str:
        """The table to paste into the configuration."""
        name, reason = self.component.rpartition("/")[2], f"it has not reached LLVM {self.candidate[:12]}"
        return as_toml(proposed(self.component, self.file, name=name, reason=reason, today=today))


def proposed(
    component: str, file: str, *, name: str, reason: str, cause: str = "", today: datetime.date | None = None
) -> CarrySpec:
    """The carry of one patch on a component, for the time that is proposed."""
    return CarrySpec(
        name=as_name(name, "component"),
        component=component,
        reason=reason,
        patches=(file,),
        until=(today or datetime.date.today()) + datetime.timedelta(weeks=_WEEKS),
        cause=cause,
    )


def as_toml(carry: CarrySpec, table: str = "carry") -> str:
    """The table of a carry with files, as the configuration has it."""
    names = ("name", "component", "reason", "patches", "until", "cause")
    return array_table(table, {name: getattr(carry, name) for name in names})


def find_offers(
    config: Config, readings: Iterable[PinReading], candidate: str, moved: Mapping[str, str]
) -> Iterator[Offer]:
    """The components that do not say the candidate (a full SHA) and whose patch is at hand and applies.

    ``moved``: path of a component to the commit that its gitlink is moved to.
    """
    done = {carry.component for carry in config.carries}
    paths = [reading.hops[0].where.path for reading in readings if reading.hops and reading.sha != candidate]
    for path in dict.fromkeys(paths):
        if path in done:
            continue
        for file in sorted(_found(config.root, candidate, path)):
            try:
                repository, now = component_commit(config, path)
                commit = moved.get(path, now)
                patch = Patch(name=file.name, content=read_plain(file, LARGEST))
                with patched(repository, commit, [patch]):
                    yield Offer(component=path, commit=commit, patch=file, candidate=candidate)
                break
            except (GateError, OSError):
                continue


def _found(root: Path, candidate: str, path: str) -> Iterator[Path]:
    name = f"{path.replace('/', '-')}.patch"
    run = root / RUN_DIRECTORY / candidate[:12]
    places = (run / FIX_OUTPUT, *run.glob(f"*/build/{FIX_OUTPUT}"), root / "build" / FIX_OUTPUT)
    yield from (place / name for place in places if (place / name).is_file())
