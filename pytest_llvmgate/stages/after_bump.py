"""``[bump] run``: the commands that follow a move of the pins, and whose word it is which they are.

Whoever writes them runs what he likes where a bump runs: with a CI's token, perhaps. So they are read where the branch
left its target, which has been reviewed, and never from what a change itself brings along.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.config.load import fill, parse_config
from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.errors import ConfigError
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.target_branch import branch_point
from pytest_llvmgate.process.run import Completed, run
from pytest_llvmgate.stages.build_tools import build_environment

Command = tuple[str, ...]
_NOWHERE: Final = "nothing tells which branch this one is to be merged into (no origin/HEAD, main or master)"


@dataclass(frozen=True, kw_only=True)
class Declared:
    """The commands that count."""

    commands: tuple[Command, ...] = ()
    note: str = ""
    """Why they are not those of the work tree's configuration, in words; empty where they are."""


def declared_commands(config: Config, base: str = "") -> Declared:
    """The commands of the configuration at ``base``, by default the commit at which the branch left its target."""
    repository = Repository.open(config.root)
    commit = base or branch_point(repository)
    if not commit:
        return Declared(note=f"[bump] run was left out: {_NOWHERE}") if config.bump.run else Declared()
    commands = _commands_at(config, repository, commit)
    if commands == config.bump.run:
        return Declared(commands=commands)
    return Declared(commands=commands, note=f"[bump] run counts as it is at {commit[:12]}, not as this change has it")


def _commands_at(config: Config, repository: Repository, commit: str) -> tuple[Command, ...]:
    text = repository.read(repository.relative(config.path), commit=commit)
    if text is None:
        return ()
    try:
        return parse_config(config.path, text.decode("utf-8", "replace")).bump.run
    except ConfigError:  # of another version of the gate, or broken then
        return ()


def run_commands(
    commands: Sequence[Command], root: Path, sha: str, *, log: Path, timeout: float
) -> tuple[Completed, ...]:
    """Run them in ``root``, each to its end, up to the first that fails.

    They see what a build sees: no tokens, no files of a CI's steps, no shell.
    """
    values = {"sha": sha, "short": sha[:12], "source": str(root)}
    done: list[Completed] = []
    for command in commands:
        words = [fill(word, values) for word in command]
        done.append(run(words, cwd=root, env=build_environment({}), log=log, timeout=timeout, is_named=True))
        if not done[-1].ok:
            break
    return tuple(done)
