"""The errors that a user can meet, one class per exit code.

A message says what was expected and what was found; ``where`` names the place (``file:line``) and ``hint`` says what
to do next. What strangers wrote is in many of them, so they are made fit to be shown here. Nothing here knows pytest:
the plugin turns these into ``pytest.UsageError``, the CLI into an exit code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from pytest_llvmgate.printable import for_log

EXIT_OK: Final = 0
EXIT_VERDICT_NO: Final = 1
"""The tool did its work and the answer is no: pins disagree, a stage failed."""
EXIT_COMMAND_LINE: Final = 2
"""The command line was malformed (argparse's own code)."""
EXIT_USAGE: Final = 4
"""Bad input: configuration, SHA, repository state, missing tool. The code that pytest uses for a usage error."""
EXIT_INTERRUPTED: Final = 130
"""Ctrl-C: 128 and the signal's number, as shells have it."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong with the input, ready to be shown."""

    message: str
    where: str | None = None
    """``file:line`` or ``file``."""
    hint: str | None = None

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}" if self.where else self.message
        return f"{text}\n    -> {self.hint}" if self.hint else text


class GateError(Exception):
    """Something the user can mend. The base of every error that the gate raises on purpose."""

    exit_code: ClassVar[int] = EXIT_USAGE

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        self.problems: tuple[Problem, ...] = (Problem(message=message, where=where, hint=hint),)
        super().__init__(message)

    def __str__(self) -> str:
        return for_log("\n".join(str(problem) for problem in self.problems))


class ConfigError(GateError):
    """The configuration file is absent, is no TOML, or says something that the schema does not allow."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems[0].message)
        self.problems = problems

    def __str__(self) -> str:
        count = len(self.problems)
        head = "" if count == 1 else f"{count} errors in the configuration:\n"
        return head + super().__str__()


class RevisionError(GateError):
    """Text that should name an LLVM commit does not, or does not name exactly one."""


class RepositoryError(GateError):
    """The git repository is not in a state that the gate can work with."""


class ToolError(GateError):
    """A program that the gate needs (git, cmake, ninja, a compiler) is missing or too old."""


class BusyError(GateError):
    """Another gate is at work in the same checkout."""


class SupplyError(GateError):
    """No verified LLVM could be supplied for the candidate. Met inside a stage, it fails that stage."""
