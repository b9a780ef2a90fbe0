"""What could not be downloaded, told once per level that asked for it."""

from __future__ import annotations

import re
from typing import Final

from pytest_llvmgate.findings.groups import Group, Scan
from pytest_llvmgate.kinds import catalogue as kinds
from pytest_llvmgate.kinds import facts as fact

_DOWNLOAD: Final = re.compile(
    r"^(?:Failed to (?:clone repository|checkout tag|fetch|update submodules)|Build step for \S+ failed)", re.IGNORECASE
)
"""What CMake's ExternalProject and FetchContent say, one inside the other, when something cannot be downloaded."""
_DOWNLOADERS: Final = (kinds.NETWORK, kinds.GIT_UNREACHABLE, kinds.GIT_ERROR, kinds.OUT_OF_DISK)


def drop(scan: Scan) -> None:
    """Take out what could not be downloaded for a reason that is told elsewhere."""
    _drop_of_broken_fetches(scan)
    _drop_of_what_they_bring(scan)


def is_failed_download(group: Group) -> bool:
    """Whether CMake says that it could not download something."""
    return group.kind == kinds.CMAKE_ERROR and _DOWNLOAD.match(group.first.message) is not None


def may_explain(cause: Group, failed: Group) -> bool:
    """Whether a failure that is told in general words may come of the cause: a download's of git's or the network's."""
    return not is_failed_download(failed) or cause.kind in _DOWNLOADERS or is_failed_download(cause)


def _drop_of_what_they_bring(scan: Scan) -> None:
    """A directory that is called as a repository that could not be cloned: ``googletest-src`` of ``googletest.git``."""
    failed = [group for group in scan.groups.values() if group.kind in _DOWNLOADERS or is_failed_download(group)]
    for key, group in list(scan.groups.items()):
        if group.kind != kinds.CMAKE_MODULE_MISSING or not (
            name := _SUFFIX.sub("", group.identifier.rpartition("/")[2])
        ):
            continue
        asked = re.compile(rf"[/:]{re.escape(name)}(?:\.git)?/?(?![\w./-])", re.IGNORECASE)
        before = (one for one in failed if one.first.line < group.first.line)
        cause = next((one for one in before if asked.search(f"{one.first.text} {one.first.message}")), None)
        scan.attribute(key, to=cause)


_SUFFIX: Final = re.compile(r"[-_](?:src|source|build)$")
"""What FetchContent and its likes put behind a name."""


def _drop_of_broken_fetches(scan: Scan) -> None:
    """A fetch that broke off has not brought the commit: that it is not there says nothing of the pin."""
    failed = next((group for group in scan.groups.values() if group.kind == kinds.NETWORK), None)
    broken = failed.first if failed else next((event for event in scan.uncertain if event.kind == kinds.NETWORK), None)
    for key, group in list(scan.groups.items()):
        if failed is not None and _is_broken_transfer(group) and failed.first.line < group.first.line:
            scan.attribute(key, to=failed)
            continue
        if broken is not None and group.kind == kinds.GIT_UNREACHABLE and broken.line < group.first.line:
            cause = scan.add(broken)
            if cause is not None:
                cause.facts.setdefault(fact.SUBMODULE, group.facts.get(fact.SUBMODULE, ""))
                scan.attribute(key, to=cause)


_TRANSFER: Final = re.compile(
    r"\b(?:clone|fetch|fetch-pack|index-pack|packfile|early EOF|remote|submodule|hung up|unpack-objects)\b"
)


def _is_broken_transfer(group: Group) -> bool:
    """Whether git says, once more per level, that it could not get something."""
    return group.kind == kinds.GIT_ERROR and _TRANSFER.search(group.first.message) is not None
