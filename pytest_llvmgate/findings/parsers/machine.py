"""git, and the machine: memory, disk, network, killed compilers."""

# ruff: noqa: ARG002  (all parsers share one interface)
from __future__ import annotations

import re
from typing import Final

from pytest_llvmgate.findings.events import Event, LineParser, View
from pytest_llvmgate.findings.lines import first_group
from pytest_llvmgate.findings.parsers.compiler_messages import normalise
from pytest_llvmgate.kinds import catalogue as kinds
from pytest_llvmgate.kinds.facts import FILE, FORM, HOST, PROGRAM, REF, SUBMODULE

_SHA: Final = r"(?P<sha>[0-9a-f]{7,64})"
_PIN: Final = re.compile(
    rf"not our ref {_SHA}|unadvertised object {_SHA.replace('sha', 'sha2')}"
    rf"|did not contain {_SHA.replace('sha', 'sha3')}"
    rf"|reference is not a tree: {_SHA.replace('sha', 'sha4')}|couldn't find remote ref (?P<ref>\S+)"
    rf"|pathspec '(?P<ref2>[^']+)' did not match|Remote branch (?P<ref3>\S+) not found"
    rf"|bad object {_SHA.replace('sha', 'sha5')}"
)
_SUBMODULE: Final = re.compile(r"submodule path '([^']+)'")
_PATCH: Final = re.compile(
    r"error: (?:patch failed: (?P<file>[^:]+):\d+|(?P<file2>\S+): patch does not apply)|Hunk #\d+ FAILED"
)


class GitParser(LineParser):
    """What git says when a pin cannot be had, a patch does not apply, or the remote does not answer."""

    name = "git"
    markers = (
        "fatal: ", "not our ref", "error: p", "did not match", "patch does not apply", "FAILED at", "unadvertised",
        "Could not resolve host", "did not contain", "clone of", "Failed to fetch", "curl: (", "gpg: no valid",
        "urlopen error", "HTTP Error", "ERROR 40", "returned error: ",
    )  # fmt: skip

    def parse(self, text: str, view: View) -> Event | None:
        if match := _PIN.search(text):
            ref = first_group(match)
            event = Event(
                kind=kinds.GIT_UNREACHABLE, identifier=ref, message=text, facts={REF: ref}, certain="Error" not in text
            )
            if found := _SUBMODULE.search(text):
                event.facts[SUBMODULE] = found[1]
            return event
        if match := _PATCH.search(text):
            file = match["file"] or match["file2"] or ""
            return Event(kind=kinds.PATCH_FAILED, identifier=file or normalise(text), message=text, facts={FILE: file})
        if re.search(
            r"Could not resolve host|Connection (?:timed out|refused|reset)|unable to access 'http"
            r"|early EOF|RPC failed|^[EW]: Failed to fetch |^curl: \(\d+\)|^gpg: no valid OpenPGP data|urlopen error"
            r"|\b(?:HTTP ?(?:Error)?:? ?|ERROR |error: )(?:4\d\d|5\d\d)\b",
            text,
        ):
            name = first_group(re.search(r"resolve host: ([\w.-]+)|https?://([\w.-]+)", text))
            return Event(
                kind=kinds.NETWORK, identifier=name or normalise(text), message=text, certain=False, facts={HOST: name}
            )
        if match := re.match(r"^(?:git: |remote: )?fatal: (?P<message>.*)$", text):
            return Event(kind=kinds.GIT_ERROR, identifier=normalise(match["message"]), message=text, certain=False)
        return None


_KILLED: Final = (
    r"Killed|已杀死|已殺死|強制終了|Getötet|Terminado \(killed\)|Matado|Убито|Ucciso|Morto|Dödad|Zabity|Unicestwiony"
)
"""How C libraries call SIGKILL."""


class MachineParser(LineParser):
    """Not LLVM's fault: too many jobs, a full disk, a broken compiler."""

    name = "machine"
    markers = (
        "illed", "No space left", "uota exceeded", "allocate memory", "memory exhausted", "std::bad_alloc",
        "out of memory", "Out of memory", "internal compiler error", "terminated with signal",
        "INTERNAL COMPILER ERROR",
        "Too many open files", "Read-only file system", "frontend command failed", "Bus error", "timed out",
        "command failed due to signal",
        "heap space", "C1060", "LNK1102", "input/output error", "Input/output error",
        "internal error", "signal terminated program",
    )  # fmt: skip

    _MEMORY: Final = re.compile(
        rf"(?:{_KILLED}) signal terminated program (?P<program>\S+)|terminated with signal 9"
        r"|unable to execute command: Killed"
        r"|Out of memory: Killed process \d+ \((?P<program2>[^)]+)\)|virtual memory exhausted"
        r"|Cannot allocate memory|std::bad_alloc"
        r"|[Oo]ut of memory|heap space|C1060|LNK1102|^Killed$|oom-kill|: (?:line \d+: +\d+ )?Killed(?: |$)"
    )
    _DISK: Final = re.compile(
        r"No space left on device|[Dd]isk quota exceeded|Read-only file system|[Ii]nput/output error"
    )
    _CRASH: Final = re.compile(
        r"internal compiler error|INTERNAL COMPILER ERROR|frontend command failed|signal terminated program"
        r"|(?P<dead>\bld terminated with signal (?!9)\d)|terminated with signal (?!9)|Bus error"
        r"|(?P<signal>\blinker) command failed due to signal"
        r"|^(?:\S*/)?(?P<linker>ld(?:\.\w+)?|gold|lld|mold): .{0,80}\binternal error\b"
    )

    def parse(self, text: str, view: View) -> Event | None:
        if self._DISK.search(text):
            return Event(kind=kinds.OUT_OF_DISK, identifier="disk", message=text)
        if match := self._MEMORY.search(text):
            program = match["program"] or match["program2"] or ""
            return Event(kind=kinds.OUT_OF_MEMORY, identifier="memory", message=text, facts={PROGRAM: program})
        if match := self._CRASH.search(text):
            facts = {FORM: "linker"} if match["linker"] or match["dead"] or match["signal"] else {}
            return Event(
                kind=kinds.COMPILER_CRASH,
                identifier=_crashed(text),
                message=text,
                certain=not match["signal"],
                facts=facts,
            )
        if "Too many open files" in text:
            return Event(kind=kinds.OUT_OF_DISK, identifier="open-files", message=text)
        if re.search(r"(?:command|stage|process|build|job|step) timed out|timed out after", text, re.IGNORECASE):
            return Event(kind=kinds.TIMEOUT, identifier="timeout", message=text, certain=False)
        return None


def _crashed(text: str) -> str:
    """The compiler's name without version and path, and what it says of itself, without numbers."""
    if "internal compiler error" in text:
        return normalise(text[text.index("internal compiler error") :])
    tool = re.match(r"^(?:\S*/)?([a-z+]+)", text)
    return tool[1] if tool else "compiler"
