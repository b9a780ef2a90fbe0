"""The layout of the configuration file: every key, its shape and its meaning. The reference and JSON schema come from
here, so a key is described once.
"""

from __future__ import annotations

from typing import Any, Final

from pytest_llvmgate import model
from pytest_llvmgate.config.settings import (
    FixRule,
    Policy,
    PredictionPolicy,
    RevisionRule,
    StopAfter,
    SupplierKind,
)
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
        "file": Key(shape=_RELATIVE_PATH, doc="the file that names the next repository's commit", required=True),
        "repository": Key(shape=Text(), doc="a local clone of that next repository", required=True),
        "reader": Key(shape=Text(), doc="the reader that knows the file's syntax; implied by the path if absent"),
        "key": Key(shape=Text(), doc="the variable or key that holds the SHA"),
        "pattern": Key(shape=Text(), doc="for the reader 'regex': an expression with a group named 'sha'"),
        "url": Key(shape=Text(), doc="where the clone comes from"),
    },
)

PIN: Final = Record(
    form="a [[pin]] table",
    keys={
        "name": Key(shape=NAME, doc="the pin's name in test ids and tables", required=True),
        "file": Key(shape=_RELATIVE_PATH, doc="the file or gitlink, relative to the component or the downstream"),
        "reader": Key(shape=Text(), doc="the reader that knows the file's syntax; implied by the path if absent"),
        "component": Key(shape=_RELATIVE_PATH, doc="the component's gitlink, if the pin is inside one"),
        "key": Key(shape=Text(), doc="the variable or key that holds the SHA, for readers that need it"),
        "pattern": Key(shape=Text(), doc="for the reader 'regex': an expression with a group named 'sha'"),
        "through": Key(
            shape=ListOf(item=_HOP, form="an array of tables"), doc="files that name the commit of the next repository"
        ),
        "group": Key(
            shape=NAME,
            doc="pins of one group agree with each other; those without one speak for the project",
        ),
        "policy": Key(shape=Text(choices=tuple(Policy)), doc="what agreement means for this pin"),
        "reason": Key(shape=Text(), doc="why the policy is not 'equal'"),
        "until": Key(shape=Date(), doc="the day on which a relaxed policy ends"),
        "only": Key(shape=_SELECTOR, doc="the configurations that are affected when it disagrees"),
    },
)

WHEELS: Final = Record(
    form="a [[llvm.wheels]] table",
    keys={
        "revision": Key(shape=FULL_SHA, doc="the LLVM commit that the wheels carry", required=True),
        "tag": Key(shape=Text(), doc="its tag, e.g. 'llvmorg-22.1.8', for --llvm-sha=TAG"),
        "requirements": Key(
            shape=ListOf(item=REQUIREMENT, form="an array of requirements", non_empty=True),
            doc="the wheels, by exact version",
            required=True,
        ),
        "flavours": Key(shape=ListOf(item=NAME), doc="the flavours they serve; all if absent"),
    },
)

TARGET: Final = Text(pattern=r"[A-Za-z0-9_][A-Za-z0-9_.+-]*", form="the name of a target")

_SOURCE_FLAVOUR: Final = Record(
    form="a table (a flavour)",
    keys={"cmake": Key(shape=_CACHE_VALUES, doc="cache values of this flavour, over the built-in ones")},
)

LAUNCHER: Final = Key(
    shape=OneOrMany(item=Text(pattern=r"[^;]+", form="a string without a semicolon")),
    doc="compiler launcher, a program or a command as a list; 'auto' (default): ccache, else sccache, if there; 'none'",
)

_STORE: Final = Text(pattern=r"(?!http://(?!(?:localhost|127\.0\.0\.1)[:/])).+", form="a directory, or a URL of https")

SOURCE: Final = Record(
    form="the table [llvm.source]",
    keys={
        "repository": Key(shape=Text(), doc="a local clone or a URL of llvm-project (default: llvm.repository)"),
        "cmake": Key(shape=_CACHE_VALUES, doc="cache values of every flavour, over the defaults"),
        "targets": Key(shape=ListOf(item=TARGET), doc="install only these targets, with headers and CMake packages"),
        "components": Key(shape=ListOf(item=TARGET), doc="LLVM_DISTRIBUTION_COMPONENTS, literally"),
        "launcher": LAUNCHER,
        "store": Key(shape=_STORE, doc="a store of `llvmgate cache push` that is asked before anything is built"),
        "flavours": Key(
            shape=TableOf(item=_SOURCE_FLAVOUR, key=NAME, form="a table of flavours"),
            doc="cache values per flavour; built in: default, static, shared, dylib",
        ),
    },
)

LLVM: Final = Record(
    form="the table [llvm]",
    keys={
        "supplier": Key(shape=Text(choices=tuple(SupplierKind)), doc="where the LLVM comes from", required=True),
        "prefix": Key(shape=Text(), doc="supplier 'prefix': path with {sha}, {short}, {tag} and {flavour}"),
        "wheels": Key(
            shape=ListOf(item=WHEELS, form="[[llvm.wheels]] tables"), doc="supplier 'wheels': a set per commit"
        ),
        "source": Key(shape=SOURCE, doc="supplier 'source': what is built from which repository"),
        "archive": Key(
            shape=Text(),
            doc="supplier 'archive': URL or path with {sha}, {sha8}, {short}, {tag}, {version}, {flavour}, {platform}",
        ),
        "checksum": Key(shape=Text(), doc="URL or path of the archive's SHA-256, e.g. '{archive}.sha256'"),
        "sha256": Key(shape=TableOf(item=SHA256), doc="commit or tag to the SHA-256 of its archive"),
        "platform": Key(shape=Text(), doc="what {platform} stands for; e.g. linux-x86_64 if absent"),
        "derive": Key(shape=Flag(), doc="false: never make the flavour 'shared' of the static one's archives"),
        "revision": Key(
            shape=Text(choices=tuple(RevisionRule)), doc="'unrecorded' accepts an install without a revision"
        ),
        "repository": Key(shape=Text(), doc="a clone of llvm-project, to resolve short SHAs and tags"),
        "main": Key(shape=Text(), doc="the branch of that clone that is LLVM's main"),
        "tags": Key(shape=TableOf(item=FULL_SHA), doc="tag to full SHA, where no clone is at hand"),
    },
)

OPTION: Final = Record(
    form="a table (an option of the axis)",
    keys={
        "cmake": Key(shape=_CACHE_VALUES, doc="cache values of this option"),
        "env": Key(shape=_ENVIRONMENT, doc="environment variables of this option"),
        "flavour": Key(shape=NAME, doc="the kind of LLVM build that it needs"),
        "only": Key(shape=_SELECTOR, doc="the options of other axes that it combines with"),
    },
)

_EXTRA: Final = Record(
    form="a [[configuration]] table",
    keys={
        "name": Key(shape=NAME, doc="the configuration's name", required=True),
        "options": Key(shape=TableOf(item=NAME, key=NAME), doc="an option per axis that it starts from"),
        **{name: OPTION.keys[name] for name in ("cmake", "env", "flavour")},
    },
)

_COMMANDS: Final = ListOf(
    item=ListOf(item=Text(), form="an argument list", non_empty=True), form="an array of commands"
)

BUILD: Final = Record(
    form="the table [build]",
    keys={
        "source": Key(shape=_RELATIVE_PATH, doc="the directory of the top CMakeLists.txt"),
        "cmake": Key(shape=_CACHE_VALUES, doc="cache values of every configuration"),
        "env": Key(shape=_ENVIRONMENT, doc="environment variables of every configuration"),
        "launcher": LAUNCHER,
        "jobs": Key(
            shape=Count(most=1000), doc="compilers at once, where a farm compiles; default: the machine's cores"
        ),
        "share_objects": Key(
            shape=Flag(), doc="false: every configuration compiles all of its objects itself (default: true)"
        ),
        "targets": Key(shape=ListOf(item=Text()), doc="targets to build; CMake's 'all' if absent"),
        "install": Key(shape=Flag(), doc="whether there is an install stage (default: true)"),
        "install_targets": Key(
            shape=ListOf(item=Text(), non_empty=True), doc="targets that install (default: 'install')"
        ),
        "check": Key(
            shape=_COMMANDS,
            doc="commands as argument lists with {build}, {install}, {llvm}, {mlir} and {source}",
        ),
    },
)

TIMEOUTS: Final = Record(
    form="the table [timeouts]",
    keys={
        stage: Key(shape=Seconds(), doc=f"seconds after which {stage} is stopped and fails")
        for stage in ("llvm", "regenerate", "configure", "build", "install", "check")
    },
)

_LINKCHECK: Final = Record(
    form="the table [linkcheck]",
    keys={
        "enabled": Key(shape=Flag(), doc="whether static configurations have a linkcheck stage (default: true)"),
        "policy": Key(
            shape=Text(choices=tuple(PredictionPolicy)),
            doc="'fail' or 'report' predicted breaks; default: fail where a configuration builds shared libraries",
        ),
        "llvm": Key(
            shape=Text(choices=("auto", "shared", "as-configured")),
            doc="look also over a flavour of LLVM that is shared ('auto'), or over a guess at one; default: auto",
        ),
        "confirm": Key(shape=Flag(), doc="add a stage that links every library for real, without compiling"),
    },
)

PREFLIGHT: Final = Record(
    form="the table [preflight]",
    keys={
        "enabled": Key(shape=Flag(), doc="whether names of LLVM are checked before anything is built (default: true)"),
        "policy": Key(
            shape=Text(choices=tuple(PredictionPolicy)),
            doc="'fail' or 'report' what is gone; default: fail where the baseline is at hand",
        ),
        "tablegen": Key(shape=Flag(), doc="also run the candidate's mlir-tblgen over the .td files (default: false)"),
    },
)

_GATE: Final = Record(
    form="the table [gate]",
    keys={
        "stop_after": Key(
            shape=Text(choices=tuple(StopAfter)),
            doc="'preflight': build nothing where it has failed; default: 'nothing', all is built all the same",
        ),
    },
)

_SYNTAX: Final = Record(
    form="the table [syntax]",
    keys={
        "enabled": Key(shape=Flag(), doc="whether every configuration has a syntax stage (default: false)"),
        "precompile": Key(shape=Flag(), doc="give clang a precompiled header of what many units include"),
    },
)

_FINDING_KEY: Final = Text(pattern=r"[a-z][a-z0-9-]{1,60}:.+", form="a finding like 'shared-link:mlir::f()'")

_HOLD: Final = Record(
    form="a [[hold]] table",
    keys={
        "until": Key(shape=Date(), doc="the last day on which it may fail", required=True),
        "reason": Key(shape=Text(), doc="why it may fail", required=True),
        "configurations": Key(shape=_SELECTOR, doc="which configurations; all if absent"),
        "stages": Key(shape=ListOf(item=Text(choices=CONFIGURATION_STAGES)), doc="which stages; all if absent"),
        "pins": Key(shape=ListOf(item=NAME), doc="which pins"),
        "findings": Key(
            shape=ListOf(item=_FINDING_KEY, non_empty=True),
            doc="only failures of these causes: 'kind:identifier', as reports have them",
        ),
        "tests": Key(
            shape=ListOf(item=Text(), non_empty=True), doc="only failures of these tests, by the names that lit lists"
        ),
        "owner": Key(shape=Text(), doc="who ends it"),
        "issue": Key(shape=Text(), doc="where it is followed"),
    },
)

_UPSTREAM_COMMIT: Final = Text(pattern=r"[0-9a-f]{7,40}", form="a SHA of 7 to 40 lower-case hexadecimal digits")

_CARRY: Final = Record(
    form="a [[carry]] table",
    keys={
        "name": Key(shape=NAME, doc="its name in test ids and tables", required=True),
        "reason": Key(shape=Text(), doc="why it is carried", required=True),
        "until": Key(shape=Date(), doc="the last day on which it may be there without being needed", required=True),
        "component": Key(shape=_RELATIVE_PATH, doc="the component's directory that is patched; LLVM if absent"),
        "patches": Key(
            shape=ListOf(item=_RELATIVE_PATH, non_empty=True), doc="files of patches, applied in this order"
        ),
        "fork": Key(
            shape=Text(pattern=r"[A-Za-z0-9_][A-Za-z0-9_./+-]{0,199}", form="a branch, tag or SHA"),
            doc="instead of files: what the pinned commit has on top of this branch of upstream's",
        ),
        "cause": Key(shape=_UPSTREAM_COMMIT, doc="the commit of upstream's that made it necessary"),
        "upstream": Key(shape=_UPSTREAM_COMMIT, doc="the commit of upstream's that brings the same change"),
        "owner": Key(shape=Text(), doc="who ends it"),
        "issue": Key(shape=Text(), doc="where it is followed"),
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
        "cadence": Key(shape=_CADENCE, doc="how often the project means to move to a newer LLVM"),
        "siblings": Key(shape=ListOf(item=Text()), doc="clones of projects whose choice of an LLVM commit counts"),
    },
)

_BUMP: Final = Record(
    form="the table [bump]",
    keys={
        "run": Key(
            shape=_COMMANDS,
            doc="commands after a bump, as argument lists with {sha}, {short} and {source}; the target branch's count",
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
        "branch": Key(
            shape=BRANCH,
            doc="the branch that a roll leaves (default: 'llvm-roll-{short}')",
        ),
        "fix": Key(
            shape=Text(choices=tuple(FixRule)),
            doc="'review': mend what llvmgate fix can, for review (default); 'never': take only what passes as it is",
        ),
    },
)

_ADVICE: Final = Record(
    form="an [[advice]] table",
    keys={
        "match": Key(shape=Text(), doc="a regular expression, searched in a finding's words", required=True),
        "text": Key(shape=Text(), doc="what to do then", required=True),
        "link": Key(shape=Text(), doc="where more is written"),
    },
)

FILE: Final = Record(
    form="a table",
    keys={
        "pin": Key(shape=ListOf(item=PIN, form="[[pin]] tables"), doc="the places where an LLVM commit is written"),
        "llvm": Key(shape=LLVM, doc="how a candidate becomes an installed LLVM"),
        "axes": Key(
            shape=TableOf(
                item=TableOf(item=OPTION, key=NAME, form="a table of options"), key=NAME, form="a table of axes"
            ),
            doc="the dimensions of the build and their options",
        ),
        "exclude": Key(
            shape=ListOf(item=_SELECTOR, form="[[exclude]] tables"), doc="combinations of options that make no sense"
        ),
        "configuration": Key(shape=ListOf(item=_EXTRA, form="[[configuration]] tables"), doc="single configurations"),
        "build": Key(shape=BUILD, doc="what is built of the downstream, and how"),
        "gate": Key(shape=_GATE, doc="how far a session goes"),
        "timeouts": Key(shape=TIMEOUTS, doc="seconds per stage"),
        "preflight": Key(shape=PREFLIGHT, doc="the check for names of LLVM that the candidate no longer has"),
        "syntax": Key(shape=_SYNTAX, doc="the check of every translation unit before code is generated"),
        "linkcheck": Key(shape=_LINKCHECK, doc="the prediction of shared-library link failures from static builds"),
        "advice": Key(
            shape=ListOf(item=_ADVICE, form="[[advice]] tables"), doc="the downstream's own words on known messages"
        ),
        "hold": Key(shape=ListOf(item=_HOLD, form="[[hold]] tables"), doc="agreed, expiring exceptions"),
        "carry": Key(
            shape=ListOf(item=_CARRY, form="[[carry]] tables"), doc="patches that are applied to LLVM or to a component"
        ),
        "bump": Key(shape=_BUMP, doc="what else has to change when the pins move"),
        "roll": Key(shape=_ROLL, doc="how the unattended roll goes about it"),
        "update": Key(shape=_UPDATE, doc="how often the project moves to a newer LLVM, and who else does"),
    },
)
