"""The shape of a description: what is to be said of a kind of finding, and of a fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Final

from pytest_llvmgate.model import Confidence

PLAIN_HEADLINE: Final = "{message}{at}"
"""What the tool says, and where."""


class Tier(IntEnum):
    """What comes before what in a build: causes before what follows from them."""

    SURROUNDINGS = 0
    """Machine, checkout, compiler: they explain everything behind them."""
    PACKAGES = 1
    """What CMake must find before it can read the project."""
    CONFIGURE = 2
    GENERATE = 3
    """What runs before the first compilation, and what ends it without a word on the code."""
    HEADERS = 4
    DECLARATIONS = 5
    LINKS = 6
    OTHERS = 7
    """Errors that say little of their cause."""
    OUTPUT = 8
    """Other output than was expected."""
    TESTS = 9


class Family(Enum):
    """Who says it."""

    MACHINE = "machine"
    GIT = "git"
    CMAKE = "CMake"
    BUILD_TOOL = "build tool"
    TABLEGEN = "TableGen"
    COMPILER = "compiler"
    LINKER = "linker"
    LOADER = "loader"
    """A program that was linked, and does not hold together when it starts."""
    PROGRAM = "program"
    """A program that was built, or that the build runs."""
    TESTS = "tests"
    GATE = "the gate"
    """What the gate itself compares, without any tool's message."""


class Whose(Enum):
    """In whose layer a kind is, before and after its place is looked at."""

    PLACE = "whose the place is"
    DOWNSTREAM = "whose the place is, else the downstream's"
    MACHINE = "the machine's"
    CHECKOUT = "the component's whose submodule it is, else the downstream's"
    PROGRAM = "LLVM's for a program of LLVM, else the downstream's"
    INPUT = "the downstream's"
    """What a program is given to read is the project's, whoever's the program is."""


class Subject(Enum):
    """What of LLVM the identifier names: how its successor is looked for, and which commit is asked for it."""

    NOTHING = "nothing of LLVM"
    HEADER = "a header"
    DECLARATION = "a declaration"
    DEPRECATED = "a declaration that is still there"
    TYPE = "a type whose definition is not seen"
    TARGET = "a CMake target"
    COMMAND = "a CMake command"
    MODULE = "a CMake module"
    LIBRARY = "a library"
    OPTION = "an option of a tool"
    PROGRAM = "a program"
    TABLEGEN = "a name of TableGen"
    LINK = "what a link lacks"
    SYMBOL = "a symbol"
    INTERFACE = "an interface of a dialect"


class TextForm(Enum):
    """How the text of a fact is to be read."""

    TEXT = "text"
    NAMES = "names, separated by ', '"
    LINES = "one per line"
    PLACE = "`file:line`"
    NUMBER = "a whole number"
    SHA = "a full SHA"
    DATE = "`YYYY-MM-DD`"
    FLAG = "`yes`, or absent"


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A key of :attr:`pytest_llvmgate.model.Finding.facts`."""

    name: str
    meaning: str
    """For the documents: a phrase."""
    form: TextForm = TextForm.TEXT


@dataclass(frozen=True, kw_only=True)
class Variant:
    """What one form of a kind says otherwise than the kind as a whole."""

    headline: str = ""
    """See :attr:`Kind.headline`."""
    needs_name: bool = False
    """The headline is of use only where the fact ``name`` is there; otherwise the message is shown."""
    advice: str = ""
    confidence: Confidence | None = None
    whose: Whose | None = None
    """Where this form is another's than the kind as a whole."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of finding."""

    name: str
    """What users see in JSON and JUnit; it never changes."""
    meaning: str
    """For the documents: what happened, a phrase."""
    family: Family
    tier: Tier
    whose: Whose = Whose.PLACE
    subject: Subject = Subject.NOTHING
    headline: str = PLAIN_HEADLINE
    """One sentence, with the fields that :mod:`pytest_llvmgate.findings.texts` fills in. Whoever makes such a finding
    without a message has a sentence of its own.
    """
    advice: str = ""
    """The first step, as far as the kind alone tells it."""
    confidence: Confidence = Confidence.CERTAIN
    """How far the message alone proves the cause."""
    facts: frozenset[str] = frozenset()
    """Names of the facts that it can have, besides those that any kind can have."""
    variants: Mapping[str, Variant] = field(default_factory=dict)
    """By the fact ``form`` (of compilers) or ``sort`` (of CMake packages)."""
    as_predicted: str = ""
    """The kind under which preflight, which sees no more than files, reports the same; empty: it cannot see that."""

    @property
    def is_about_linking(self) -> bool:
        """Whether libraries do not fit together, rather than code and declarations."""
        return self.family in {Family.LINKER, Family.LOADER}
