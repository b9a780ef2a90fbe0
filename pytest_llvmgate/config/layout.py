"""The layout of the configuration file: every key, its shape and its meaning. The reference and JSON schema come from
here, so a key is described once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from pytest_llvmgate import model
from pytest_llvmgate.config.settings import FixRule, Policy, PredictionPolicy, RevisionRule, StopAfter, SupplierKind
from pytest_llvmgate.config.shapes import (
    CMakeValue,
    Count,
    Date,
    Flag,
    Key,
    ListOf,
    OneOrMany,
    Record,
    Seconds,
    Shape,
    Spot,
    TableOf,
    Text,
)
from pytest_llvmgate.model import CONFIGURATION_STAGES

NAME: Final = Text(
    pattern=r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}",
    form="a name of at most 100 letters, digits, '_', '.' and '-' (it becomes part of a test id)",
)


def as_name(text: str, otherwise: str = "other") -> str:
    """A name that a configuration takes, made of a text; ``otherwise`` where nothing of it can be in one."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip("-_.") or otherwise


def distinct_names(names: Iterable[str]) -> Iterator[str]:
    """The names, with a number behind each that stood before."""
    taken: set[str] = set()
    for plain in names:
        name, number = plain, 2
        while name in taken:
            name, number = f"{plain}-{number}", number + 1
        taken.add(name)
        yield name


SHA256: Final = Text(pattern=r"[0-9a-fA-F]{64}", form="a SHA-256 of 64 hexadecimal digits")
FULL_SHA: Final = Text(pattern=model.FULL_SHA, form="a full SHA of 40 lower-case hexadecimal digits")
_RELATIVE_PATH: Final = Text(
    pattern=r"(?!/)(?!(?:.*/)?\.\.(?:/|$)).+",
    form="a path below the configuration file's directory, with forward slashes",
)
REQUIREMENT: Final = Text(
    pattern=r"[A-Za-z0-9][A-Za-z0-9._-]*==[A-Za-z0-9][A-Za-z0-9.!+_-]*(?: --hash=sha256:[0-9a-f]{64})*",
    form="an exact requirement like 'xtc-mlir-dev==22.1.8.4', perhaps with ' --hash=sha256:...'",
)
_CACHE_NAME: Final = Text(
    pattern=r"[A-Za-z_][A-Za-z0-9_.+-]*(?::[A-Z]+)?", form="a CMake variable, perhaps with ':TYPE'"
)
_ENV_NAME: Final = Text(pattern=r"[A-Za-z_][A-Za-z0-9_]*", form="the name of an environment variable")
_CACHE_VALUES: Final = TableOf(item=CMakeValue(), key=_CACHE_NAME, form="a table of CMake cache values")
_ENVIRONMENT: Final = TableOf(item=Text(), key=_ENV_NAME, form="a table of environment variables")


class SelectorShape:
    """Which configurations: a table ``{ mhlo = "on" }`` or the same as text, ``"mhlo=on, linkage=shared"``."""

    _table: Final = TableOf(item=OneOrMany(item=NAME), key=NAME, form='a selector like { mhlo = "on" } or "mhlo=on"')

    def read(self, value: Any, spot: Spot) -> Any:
        """Selector as a table of axis to options."""
        if isinstance(value, str) and "=" in value:
            pairs = [part.partition("=") for part in value.split(",")]
            table: dict[str, list[str]] = {}
            for axis, _, option in pairs:
                table.setdefault(axis.strip(), []).append(option.strip())
            value = table
        return self._table.read(value, spot)

    def json_schema(self) -> dict[str, Any]:
        """Either form."""
        pair = rf"\s*{NAME.pattern}\s*=\s*{NAME.pattern}\s*"
        text = Text(pattern=f"{pair}(?:,{pair})*")
        return {"anyOf": [text.json_schema(), self._table.json_schema()]}


_SELECTOR: Final[Shape] = SelectorShape()

_HOP: Final = Record(
    form="a table of 'through'",
    keys={
        "file": Key(_RELATIVE_PATH, "the file that names the next repository's commit", required=True),
        "repository": Key(Text(), "a local clone of that next repository", required=True),
        "reader": Key(Text(), "the reader that knows the file's syntax; implied by the path if absent"),
        "key": Key(Text(), "the variable or key that holds the SHA"),
        "pattern": Key(Text(), "for the reader 'regex': an expression with a group named 'sha'"),
        "url": Key(Text(), "where the clone comes from"),
    },
)

PIN: Final = Record(
    form="a [[pin]] table",
    keys={
        "name": Key(NAME, "the pin's name in test ids and tables", required=True),
        "file": Key(_RELATIVE_PATH, "the file or gitlink, relative to the component or the downstream"),
        "reader": Key(Text(), "the reader that knows the file's syntax; implied by the path if absent"),
        "component": Key(_RELATIVE_PATH, "the component's gitlink, if the pin is inside one"),
        "key": Key(Text(), "the variable or key that holds the SHA, for readers that need it"),
        "pattern": Key(Text(), "for the reader 'regex': an expression with a group named 'sha'"),
        "through": Key(
            ListOf(item=_HOP, form="an array of tables"), "files that name the commit of the next repository"
        ),
        "group": Key(NAME, "pins of one group agree with each other; those without one speak for the project"),
        "policy": Key(Text(choices=tuple(Policy)), "what agreement means for this pin"),
        "reason": Key(Text(), "why the policy is not 'equal'"),
        "until": Key(Date(), "the day on which a relaxed policy ends"),
        "only": Key(_SELECTOR, "the configurations that are affected when it disagrees"),
    },
)

WHEELS: Final = Record(
    form="a [[llvm.wheels]] table",
    keys={
        "revision": Key(FULL_SHA, "the LLVM commit that the wheels carry", required=True),
        "tag": Key(Text(), "its tag, e.g. 'llvmorg-22.1.8', for --llvm-sha=TAG"),
        "requirements": Key(
            ListOf(item=REQUIREMENT, form="an array of requirements", non_empty=True),
            "the wheels, by exact version",
            required=True,
        ),
        "flavours": Key(ListOf(item=NAME), "the flavours they serve; all if absent"),
    },
)

TARGET: Final = Text(pattern=r"[A-Za-z0-9_][A-Za-z0-9_.+-]*", form="the name of a target")

_SOURCE_FLAVOUR: Final = Record(
    form="a table (a flavour)",
    keys={"cmake": Key(_CACHE_VALUES, "cache values of this flavour, over the built-in ones")},
)

LAUNCHER: Final = Key(
    OneOrMany(item=Text(pattern=r"[^;]+", form="a string without a semicolon")),
    "compiler launcher, a program or a command as a list; 'auto' (default): ccache, else sccache, if there; 'none'",
)

_STORE: Final = Text(pattern=r"(?!http://(?!(?:localhost|127\.0\.0\.1)[:/])).+", form="a directory, or a URL of https")

SOURCE: Final = Record(
    form="the table [llvm.source]",
    keys={
        "repository": Key(Text(), "a local clone or a URL of llvm-project (default: llvm.repository)"),
        "cmake": Key(_CACHE_VALUES, "cache values of every flavour, over the defaults"),
        "targets": Key(ListOf(item=TARGET), "install only these targets, with headers and CMake packages"),
        "launcher": LAUNCHER,
        "store": Key(_STORE, "a store of `llvmgate cache push` that is asked before anything is built"),
        "flavours": Key(
            TableOf(item=_SOURCE_FLAVOUR, key=NAME, form="a table of flavours"),
            "cache values per flavour; built in: default, static, shared, dylib",
        ),
    },
)

LLVM: Final = Record(
    form="the table [llvm]",
    keys={
        "supplier": Key(Text(choices=tuple(SupplierKind)), "where the LLVM comes from", required=True),
        "prefix": Key(Text(), "supplier 'prefix': path with {sha}, {short}, {tag} and {flavour}"),
        "wheels": Key(ListOf(item=WHEELS, form="[[llvm.wheels]] tables"), "supplier 'wheels': a set per commit"),
        "source": Key(SOURCE, "supplier 'source': what is built from which repository"),
        "archive": Key(
            Text(),
            "supplier 'archive': URL or path with {sha}, {sha8}, {short}, {tag}, {version}, {flavour}, {platform}",
        ),
        "checksum": Key(Text(), "URL or path of the archive's SHA-256, e.g. '{archive}.sha256'"),
        "sha256": Key(TableOf(item=SHA256), "commit or tag to the SHA-256 of its archive"),
        "platform": Key(Text(), "what {platform} stands for; e.g. linux-x86_64 if absent"),
        "derive": Key(Flag(), "false: never make the flavour 'shared' of the static one's archives"),
        "revision": Key(Text(choices=tuple(RevisionRule)), "'unrecorded' accepts an install without a revision"),
        "repository": Key(Text(), "a clone of llvm-project, to resolve short SHAs and tags"),
        "main": Key(Text(), "the branch of that clone that is LLVM's main"),
        "tags": Key(TableOf(item=FULL_SHA), "tag to full SHA, where no clone is at hand"),
    },
)

OPTION: Final = Record(
    form="a table (an option of the axis)",
    keys={
        "cmake": Key(_CACHE_VALUES, "cache values of this option"),
        "env": Key(_ENVIRONMENT, "environment variables of this option"),
        "flavour": Key(NAME, "the kind of LLVM build that it needs"),
        "only": Key(_SELECTOR, "the options of other axes that it combines with"),
    },
)

_EXTRA: Final = Record(
    form="a [[configuration]] table",
    keys={
        "name": Key(NAME, "the configuration's name", required=True),
        "options": Key(TableOf(item=NAME, key=NAME), "an option per axis that it starts from"),
        **{name: OPTION.keys[name] for name in ("cmake", "env", "flavour")},
    },
)

_COMMANDS: Final = ListOf(
    item=ListOf(item=Text(), form="an argument list", non_empty=True), form="an array of commands"
)

BUILD: Final = Record(
    form="the table [build]",
    keys={
        "source": Key(_RELATIVE_PATH, "the directory of the top CMakeLists.txt"),
        "cmake": Key(_CACHE_VALUES, "cache values of every configuration"),
        "env": Key(_ENVIRONMENT, "environment variables of every configuration"),
        "launcher": LAUNCHER,
        "jobs": Key(Count(most=1000), "compilers at once, where a farm compiles; default: the machine's cores"),
        "share_objects": Key(Flag(), "false: every configuration compiles all of its objects itself (default: true)"),
        "targets": Key(ListOf(item=Text()), "targets to build; CMake's 'all' if absent"),
        "install": Key(Flag(), "whether there is an install stage (default: true)"),
        "install_targets": Key(ListOf(item=Text(), non_empty=True), "targets that install (default: 'install')"),
        "check": Key(_COMMANDS, "commands as argument lists with {build}, {install}, {llvm}, {mlir} and {source}"),
    },
)

TIMEOUTS: Final = Record(
    form="the table [timeouts]",
    keys={
        stage: Key(Seconds(), f"seconds after which {stage} is stopped and fails")
        for stage in ("llvm", "regenerate", "configure", "build", "install", "check")
    },
)

_LINKCHECK: Final = Record(
    form="the table [linkcheck]",
    keys={
        "enabled": Key(Flag(), "whether static configurations have a linkcheck stage (default: true)"),
        "policy": Key(
            Text(choices=tuple(PredictionPolicy)),
            "'fail' or 'report' predicted breaks; default: fail where a configuration builds shared libraries",
        ),
        "llvm": Key(
            Text(choices=("auto", "shared", "as-configured")),
            "look also over a flavour of LLVM that is shared ('auto'), or over a guess at one; default: auto",
        ),
        "confirm": Key(Flag(), "add a stage that links every library for real, without compiling"),
    },
)

PREFLIGHT: Final = Record(
    form="the table [preflight]",
    keys={
        "enabled": Key(Flag(), "whether names of LLVM are checked before anything is built (default: true)"),
        "policy": Key(
            Text(choices=tuple(PredictionPolicy)),
            "'fail' or 'report' what is gone; default: fail where the baseline is at hand",
        ),
        "tablegen": Key(Flag(), "also run the candidate's mlir-tblgen over the .td files (default: false)"),
    },
)

_GATE: Final = Record(
    form="the table [gate]",
    keys={
        "stop_after": Key(
            Text(choices=tuple(StopAfter)),
            "'preflight': build nothing where it has failed; default: 'nothing', all is built all the same",
        ),
    },
)

_SYNTAX: Final = Record(
    form="the table [syntax]",
    keys={
        "enabled": Key(Flag(), "whether every configuration has a syntax stage (default: false)"),
        "precompile": Key(Flag(), "give clang a precompiled header of what many units include"),
    },
)

_FINDING_KEY: Final = Text(pattern=r"[a-z][a-z0-9-]{1,60}:.+", form="a finding like 'shared-link:mlir::f()'")

_HOLD: Final = Record(
    form="a [[hold]] table",
    keys={
        "until": Key(Date(), "the last day on which it may fail", required=True),
        "reason": Key(Text(), "why it may fail", required=True),
        "configurations": Key(_SELECTOR, "which configurations; all if absent"),
        "stages": Key(ListOf(item=Text(choices=CONFIGURATION_STAGES)), "which stages; all if absent"),
        "pins": Key(ListOf(item=NAME), "which pins"),
        "findings": Key(
            ListOf(item=_FINDING_KEY, non_empty=True),
            "only failures of these causes: 'kind:identifier', as reports have them",
        ),
        "tests": Key(ListOf(item=Text(), non_empty=True), "only failures of these tests, by the names that lit lists"),
        "owner": Key(Text(), "who ends it"),
        "issue": Key(Text(), "where it is followed"),
    },
)

_UPSTREAM_COMMIT: Final = Text(pattern=r"[0-9a-f]{7,40}", form="a SHA of 7 to 40 lower-case hexadecimal digits")

_CARRY: Final = Record(
    form="a [[carry]] table",
    keys={
        "name": Key(NAME, "its name in test ids and tables", required=True),
        "reason": Key(Text(), "why it is carried", required=True),
        "until": Key(Date(), "the last day on which it may be there without being needed", required=True),
        "component": Key(_RELATIVE_PATH, "the component's directory that is patched; LLVM if absent"),
        "patches": Key(ListOf(item=_RELATIVE_PATH, non_empty=True), "files of patches, applied in this order"),
        "fork": Key(
            Text(pattern=r"[A-Za-z0-9_][A-Za-z0-9_./+-]{0,199}", form="a branch, tag or SHA"),
            "instead of files: what the pinned commit has on top of this branch of upstream's",
        ),
        "cause": Key(_UPSTREAM_COMMIT, "the commit of upstream's that made it necessary"),
        "upstream": Key(_UPSTREAM_COMMIT, "the commit of upstream's that brings the same change"),
        "owner": Key(Text(), "who ends it"),
        "issue": Key(Text(), "where it is followed"),
    },
)

_CADENCE: Final = Text(
    pattern=r"daily|weekly|monthly|(?:once|twice|[1-9][0-9]{0,3} times) a (?:week|month|year)"
    r"|every (?:[1-9][0-9]{0,3} )?(?:day|week|month)s?",
    form="a cadence like 'weekly', 'twice a month' or 'every 10 days'",
)

_UPDATE: Final = Record(
    form="the table [update]",
    keys={
        "cadence": Key(_CADENCE, "how often the project means to move to a newer LLVM"),
        "siblings": Key(ListOf(item=Text()), "clones of projects whose choice of an LLVM commit counts"),
    },
)

_BUMP: Final = Record(
    form="the table [bump]",
    keys={
        "run": Key(
            _COMMANDS,
            "commands after a bump, as argument lists with {sha}, {short} and {source}; the target branch's count",
        ),
    },
)

BRANCH: Final = Text(
    pattern=r"(?!.*(?:\.\.|//|\.lock$|/\.))[A-Za-z0-9_](?:[A-Za-z0-9_./-]|\{sha\}|\{short\}){0,120}(?<![./])",
    form="a branch's name of letters, digits, '_', '.', '/' and '-', with {short} or {sha}",
)

_ROLL: Final = Record(
    form="the table [roll]",
    keys={
        "branch": Key(BRANCH, "the branch that a roll leaves (default: 'llvm-roll-{short}')"),
        "fix": Key(
            Text(choices=tuple(FixRule)),
            "'review': mend what llvmgate fix can, for review (default); 'never': take only what passes as it is",
        ),
    },
)

_ADVICE: Final = Record(
    form="an [[advice]] table",
    keys={
        "match": Key(Text(), "a regular expression, searched in a finding's words", required=True),
        "text": Key(Text(), "what to do then", required=True),
        "link": Key(Text(), "where more is written"),
    },
)

FILE: Final = Record(
    form="a table",
    keys={
        "pin": Key(ListOf(item=PIN, form="[[pin]] tables"), "the places where an LLVM commit is written"),
        "llvm": Key(LLVM, "how a candidate becomes an installed LLVM"),
        "axes": Key(
            TableOf(item=TableOf(item=OPTION, key=NAME, form="a table of options"), key=NAME, form="a table of axes"),
            "the dimensions of the build and their options",
        ),
        "exclude": Key(ListOf(item=_SELECTOR, form="[[exclude]] tables"), "combinations of options that make no sense"),
        "configuration": Key(ListOf(item=_EXTRA, form="[[configuration]] tables"), "single configurations"),
        "build": Key(BUILD, "what is built of the downstream, and how"),
        "gate": Key(_GATE, "how far a session goes"),
        "timeouts": Key(TIMEOUTS, "seconds per stage"),
        "preflight": Key(PREFLIGHT, "the check for names of LLVM that the candidate no longer has"),
        "syntax": Key(_SYNTAX, "the check of every translation unit before code is generated"),
        "linkcheck": Key(_LINKCHECK, "the prediction of shared-library link failures from static builds"),
        "advice": Key(ListOf(item=_ADVICE, form="[[advice]] tables"), "the downstream's own words on known messages"),
        "hold": Key(ListOf(item=_HOLD, form="[[hold]] tables"), "agreed, expiring exceptions"),
        "carry": Key(
            ListOf(item=_CARRY, form="[[carry]] tables"), "patches that are applied to LLVM or to a component"
        ),
        "bump": Key(_BUMP, "what else has to change when the pins move"),
        "roll": Key(_ROLL, "how the unattended roll goes about it"),
        "update": Key(_UPDATE, "how often the project moves to a newer LLVM, and who else does"),
    },
)
