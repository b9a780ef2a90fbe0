"""linkcheck: what a shared build of a project would refuse to link, told from its static build.

The one entry point for the stage and the command: configure the second tree, predict, suggest, and if wanted confirm
by real links. The result is typed, serialises to JSON, and turns into findings.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from pytest_llvmgate.cmake.cache_entries import read_cache
from pytest_llvmgate.cmake.compile_commands import read_compile_commands
from pytest_llvmgate.errors import ToolError
from pytest_llvmgate.kinds import catalogue as kinds
from pytest_llvmgate.kinds.facts import DEFINED_BY, FORM, LIBRARY, LINKED, PREDICTED_BY, SUCCESSOR, SYMBOLS
from pytest_llvmgate.linkcheck.confirm import Confirmation, confirm
from pytest_llvmgate.linkcheck.link_analysis import LinkAnalysis, LinkPrediction, Missing, library_names
from pytest_llvmgate.linkcheck.same_commands import compilation_differences, words_that_leave_out
from pytest_llvmgate.linkcheck.shared_tree import LinkcheckOptions, SharedTree, configure_shared_tree
from pytest_llvmgate.linkcheck.suggest import Suggester, Suggestion
from pytest_llvmgate.llvm.prefix import ToolchainPrefix
from pytest_llvmgate.model import Confidence, Finding, Layer, Location
from pytest_llvmgate.objects.demangle import demangle
from pytest_llvmgate.owners.by_tree import Layers, find_layers
from pytest_llvmgate.owners.file_owners import belongs_elsewhere
from pytest_llvmgate.plain_file import read_plain_text
from pytest_llvmgate.surface.likeness import most_similar
from pytest_llvmgate.wording import counted, listed

_SHOWN_SYMBOLS: Final = 8
_NAMED: Final = 5


@dataclass(frozen=True, kw_only=True)
class LinkcheckResult:
    """What a linkcheck found."""

    build_dir: str
    links: tuple[LinkPrediction, ...]
    suggestions: Mapping[str, tuple[Suggestion, ...]] = field(default_factory=dict)
    """By target."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Mangled to demangled names of all missing symbols."""
    confirmation: Confirmation | None = None
    notes: tuple[str, ...] = ()
    """Sentences on how far the answer goes."""
    findings: tuple[Finding, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    """Wall time of each part: ``configure``, ``predict``, ``suggest``, ``confirm``..."""
    command: tuple[str, ...] = ()
    """The CMake command of the second tree."""

    @property
    def fails(self) -> bool:
        """Whether a shared build would fail to link, or prediction and linker disagree."""
        return any(link.fails for link in self.links) or not (self.confirmation is None or self.confirmation.agrees)


def run_linkcheck(
    build_dir: Path,
    *,
    scratch: Path,
    layers: Layers | None = None,
    options: LinkcheckOptions | None = None,
    configuration: str = "",
) -> LinkcheckResult:
    """Predict the link failures of ``build_dir``'s project as a shared build.

    ``build_dir`` is a CMake/ninja build directory with its objects built, usually static; nothing is written there.
    ``scratch`` is for the second tree and may be reused. ``layers`` tells components apart; by default the source's
    submodules are.
    ``configuration`` goes into the findings. Raises :class:`SharedTreeError` when the project cannot be configured as
    a shared build, and :class:`ToolError` when ``build_dir`` is no CMake/ninja build directory.
    """
    options = options or LinkcheckOptions()
    _check_confirmable(options)
    seconds: dict[str, float] = {}
    with _timed("configure", seconds):
        tree = configure_shared_tree(build_dir, scratch, options)
    analysis = LinkAnalysis(tree, build_dir)
    with _timed("predict", seconds):
        prediction = analysis.predict()
    with _timed("suggest", seconds):
        suggestions = Suggester(analysis).suggest(prediction)
    with _timed("compare", seconds):
        compilations = tuple(_compilation_notes(analysis, options.over))
    with _timed("confirm", seconds):
        confirmation = confirm(analysis, prediction, options) if options.confirm else None
    result = LinkcheckResult(
        build_dir=str(build_dir),
        links=prediction,
        suggestions=suggestions,
        names=_demangled(prediction, confirmation, analysis.llvm_directories),
        confirmation=confirmation,
        notes=(*_notes(tree, prediction), *compilations, *_confirmation_notes(prediction, confirmation)),
        seconds=seconds,
        command=tree.command,
    )
    maker = _finding_maker(result, analysis, layers or find_layers(tree.model.source_dir), configuration)
    return replace(result, findings=tuple(maker.make()))


def _compilation_notes(analysis: LinkAnalysis, over: ToolchainPrefix | None) -> Iterator[str]:
    """How the two builds compile, and what that leaves out; nothing of the first over a build directory of LLVM's,
    whose headers lie elsewhere.
    """
    commands = read_compile_commands(analysis.static_dir)
    if not over or not (over.llvm_root / "CMakeCache.txt").is_file():
        aliases = _aliases(over, analysis.llvm_directories)
        yield from compilation_differences(commands, analysis.static_dir, analysis.tree.build_dir, aliases=aliases)
    yield from _build_notes(analysis.static_dir, words_that_leave_out(commands))


def _check_confirmable(options: LinkcheckOptions) -> None:
    if options.confirm and options.over and not any(options.over.llvm_root.glob("lib/lib*.so*")):
        raise ToolError(
            f"real links need libraries, and the LLVM in {options.over.llvm_root} is configured and not built",
            hint="leave the real links out, or build that LLVM",
        )


def _aliases(over: ToolchainPrefix | None, directories: Sequence[Path]) -> dict[Path, Path]:
    """The roots of the LLVM that the shared tree is over, and the static tree's that they stand for."""
    if over is None or not directories:
        return {}
    return {over.llvm_root: directories[0].parent, over.mlir_root: directories[-1].parent}


@contextmanager
def _timed(name: str, seconds: dict[str, float]) -> Iterator[None]:
    """Note the wall time of a part."""
    started = time.monotonic()
    yield
    seconds[name] = round(time.monotonic() - started, 3)


def _demangled(
    prediction: Sequence[LinkPrediction], confirmation: Confirmation | None, directories: Sequence[Path]
) -> Mapping[str, str]:
    """Mangled to demangled names of all missing symbols."""
    symbols = {missing.symbol for link in prediction for missing in link.missing}
    if confirmation:
        symbols |= {symbol for _, symbol in (*confirmation.missed, *confirmation.false)}
    return demangle(symbols, tools=[directory.parent / "bin" for directory in directories])


# -- how far the answer goes --------------------------------------------------------------------------------------


def _notes(tree: SharedTree, prediction: Sequence[LinkPrediction]) -> Iterable[str]:
    silent = [link for link in prediction if link.not_analysed]
    if silent:
        yield (
            f"{len(silent)} of {len(prediction)} links are not analysed, because their objects are not built or not "
            f"readable: {listed([link.target for link in silent], _NAMED)}"
        )
    still_static = [target.name for target in tree.model.of_type("STATIC_LIBRARY")]
    if still_static:
        yield f"{len(still_static)} libraries stay static in the shared build: {listed(still_static, _NAMED)}"
    lenient = [link.target for link in prediction if not link.is_refused and not link.not_analysed and link.missing]
    if lenient:
        yield (
            "linked without '-z defs', so that missing symbols surface only in the program that loads them: "
            + listed(lenient, _NAMED)
        )
    if left_open := [link.target for link in prediction if link.left_open]:
        yield (
            "left open in the static build, too, so that the program that loads it must have the symbols: "
            + listed(left_open, _NAMED)
        )
    if tree.forced:
        yield "LLVM's package sets BUILD_SHARED_LIBS here; it was overlaid to say ON"


def _confirmation_notes(prediction: Sequence[LinkPrediction], confirmation: Confirmation | None) -> Iterable[str]:
    if confirmation is None:
        return
    known = {link.target for link in prediction if link.not_analysed}
    silent: dict[str, list[str]] = {}
    for link in confirmation.links:
        if link.skipped and link.target not in known:
            silent.setdefault(link.skipped, []).append(link.target)
    for why, targets in silent.items():
        yield f"not confirmed, because {why}: {listed(targets, _NAMED)}"
    for link in confirmation.links:
        if link.output:
            yield f"{link.target} does not link, whatever it lacks: {_said(link.output)}"


def _said(output: str) -> str:
    """The first line of a linker's output that is an error's."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = (line for line in lines if "error:" in line or "multiple definition" in line or "duplicate" in line)
    return next(telling, lines[-1] if lines else "")


def _build_notes(build_dir: Path, leaving_out: Sequence[str]) -> Iterable[str]:
    if leaving_out:
        yield (
            f"the objects are compiled with {' and '.join(leaving_out)}: code that this leaves out, and a Debug build "
            "has, may refer to further symbols, so its shared build can still fail"
        )
    entry = read_cache(build_dir).get("LLVM_DIR")
    config = Path(entry.value) / "LLVMConfig.cmake" if entry else None
    if config is not None and config.is_file() and "set(LLVM_LINK_LLVM_DYLIB ON)" in read_plain_text(config):
        yield (
            "this LLVM is linked as one dylib (LLVM_LINK_LLVM_DYLIB), which hides missing LLVM components; the view "
            "'shared' looks behind it"
        )


# -- findings -----------------------------------------------------------------------------------------------------


def finding_key(link: LinkPrediction, library: str) -> tuple[str, str]:
    """Kind and identifier of the finding that a link lacks a library, as the build's log will have them."""
    return kinds.UNDEFINED_SYMBOL if link.type == "EXECUTABLE" else kinds.SHARED_LINK, f"{link.target} -> {library}"


def _finding_maker(
    result: LinkcheckResult, analysis: LinkAnalysis, layers: Layers, configuration: str
) -> _FindingMaker:
    return _FindingMaker(
        result=result,
        layers=layers,
        libraries=sorted({*library_names(analysis.llvm_directories), *(target.name for target in analysis.libraries)}),
        configurations=(configuration,) if configuration else (),
        options=[entry.name for entry in read_cache(analysis.static_dir).values() if entry.type == "BOOL"],
    )


@dataclass(frozen=True, kw_only=True)
class _FindingMaker:
    result: LinkcheckResult
    """All but its findings."""
    layers: Layers
    libraries: Sequence[str]
    """Every library that a link could name today."""
    configurations: tuple[str, ...]
    options: Sequence[str]
    """Switches of the project, by name."""

    def make(self) -> Iterable[Finding]:
        """Findings of a prediction: missing libraries, names that are gone, and disagreements with the linker."""
        for link in self.result.links:
            for suggestion in self.result.suggestions.get(link.target, ()):
                yield self._missing(link, suggestion)
            for name in link.not_found:
                yield self._not_found(link, name)
        yield from self._not_position_independent()
        confirmation = self.result.confirmation
        if confirmation is not None and not confirmation.agrees:
            yield self._disagreement(confirmation)

    def _name(self, symbol: str) -> str:
        return self.result.names.get(symbol, symbol)

    def _not_position_independent(self) -> Iterable[Finding]:
        """One finding for each archive, whoever links it and however many symbols a linker would complain of."""
        users: dict[Path, list[LinkPrediction]] = {}
        for link in self.result.links:
            for archive in link.not_pic:
                users.setdefault(archive, []).append(link)
        for archive, links in users.items():
            places = [place for link in links for place in self._common(link)[2]]
            targets = listed([link.target for link in links], _NAMED)
            yield Finding(
                kind=kinds.LINK_ERROR,
                identifier=f"{archive.name} is not position independent",  # as the build's log will have it
                headline=f"'{archive}' is not position-independent, and {targets} would take it in as shared",
                layer=Layer.MACHINE,
                locations=tuple(places),
                evidence=tuple(f"on the link line of {link.target}: {archive}" for link in links[:5]),
                sites=len(links),
                configurations=self.configurations,
                confidence=Confidence.CERTAIN,
                advice=tuple(self._instead_of(archive)),
                facts={LIBRARY: archive.name, PREDICTED_BY: "linkcheck", FORM: "not-pic"},
            )

    def _instead_of(self, archive: Path) -> Iterable[str]:
        shared = archive.with_suffix(".so")
        stem = archive.stem.removeprefix("lib").upper()
        options = [name for name in self.options if "SHARED" in name.upper() and stem in name.upper()]
        if options:
            yield f"set {' or '.join(f'{name}=ON' for name in options)} in the shared configuration"
        if shared.is_file():
            yield f"link {shared.name}, which lies beside it"
        yield f"{'or ' if options or shared.is_file() else ''}take an archive that is compiled with -fPIC"

    def _common(self, link: LinkPrediction) -> tuple[Layer, str, tuple[Location, ...]]:
        if link.site is None:
            return Layer.UNKNOWN, "", ()
        layer, component = self.layers.of(link.site.file)
        return layer, component, (self.layers.location(link.site.file, link.site.line),)

    def _missing(self, link: LinkPrediction, suggestion: Suggestion) -> Finding:
        layer, component, places = self._common(link)
        known = {missing.symbol: missing for missing in link.missing}
        members = [known[symbol] for symbol in suggestion.symbols]
        names = [self._name(symbol) for symbol in suggestion.symbols]
        kind, identifier = finding_key(link, suggestion.target_name or names[0])
        edit = suggestion.edit
        if edit is not None:
            places = (
                self.layers.location(edit.file, edit.line),
                *(place for place in places if place.line != edit.line),
            )
        return Finding(
            kind=kind,
            identifier=identifier,
            headline=self._headline(link, suggestion, names),
            layer=layer,
            component=component,
            locations=places,
            evidence=tuple(self._evidence(members)),
            sites=len(members),
            configurations=self.configurations,
            confidence=self._confidence(link, suggestion),
            advice=tuple(self._advice(link, suggestion, component)),
            facts={LINKED: link.target, SYMBOLS: "\n".join(names[:200]), PREDICTED_BY: "linkcheck"}
            | ({DEFINED_BY: suggestion.target_name} if suggestion.target_name else {}),
        )

    @staticmethod
    def _headline(link: LinkPrediction, suggestion: Suggestion, names: Sequence[str]) -> str:
        what = "program" if link.type == "EXECUTABLE" else "shared library"
        count = counted(len(names), "symbol")
        if not suggestion.target_name:
            return f"{what.capitalize()} '{link.target}' uses {count} that no known library defines, e.g. '{names[0]}'"
        when = "will not link" if link.is_refused else "links, and fails where it is used"
        return (
            f"{what.capitalize()} '{link.target}' {when}: it uses {count} of '{suggestion.target_name}', which it does "
            "not link"
        )

    @staticmethod
    def _confidence(link: LinkPrediction, suggestion: Suggestion) -> Confidence:
        if link.uncertain or not link.is_refused:
            return Confidence.LIKELY
        return Confidence.CERTAIN if suggestion.target_name else Confidence.LIKELY

    def _evidence(self, members: Sequence[Missing]) -> Iterable[str]:
        for missing in members[:_SHOWN_SYMBOLS]:
            users = f" (from {missing.users[0]})" if missing.users else ""
            yield f"undefined in a shared build: {self._name(missing.symbol)}{users}"
        if len(members) > _SHOWN_SYMBOLS:
            yield f"... and {len(members) - _SHOWN_SYMBOLS} more"

    def _advice(self, link: LinkPrediction, suggestion: Suggestion, component: str) -> Iterable[str]:
        if suggestion.makes_cycle:
            yield (
                f"'{suggestion.target_name}' needs '{link.target}' itself: shared libraries cannot depend on each "
                "other in a circle, so move the shared code into a library below both"
            )
        elif suggestion.target_name:
            edit = suggestion.edit
            if link.type == "MODULE_LIBRARY" and not link.is_refused:
                yield "nothing, if the program that loads it has them; otherwise:"
            yield (
                f"{self.layers.location(edit.file, edit.line)}: {edit}."
                if edit
                else f"link {link.target} with {suggestion.target_name}"
            )
            if suggestion.not_pic is not None:
                instead = "; ".join(self._instead_of(suggestion.not_pic))
                yield f"no shared library can take in {suggestion.not_pic} (not position-independent): {instead}"
        if component:
            yield belongs_elsewhere(component)
        if suggestion.alternatives:
            yield f"also defined by: {', '.join(suggestion.alternatives)}"
        if link.uncertain:
            yield f"not certain: {link.uncertain}"

    def _not_found(self, link: LinkPrediction, name: str) -> Finding:
        layer, component, places = self._common(link)
        library = name.removeprefix("-l")
        likely = most_similar(library, self.libraries)
        advice = [f"it may be called {' or '.join(likely)} now"] if likely else []
        if component:
            advice.append(belongs_elsewhere(component))
        return Finding(
            kind=kinds.LIBRARY_MISSING,
            identifier=library,
            headline=f"'{link.target}' links '{library}', and there is no such library or CMake target",
            layer=layer,
            component=component,
            locations=places,
            evidence=(f"on the link line of {link.target}: {name}",),
            configurations=self.configurations,
            confidence=Confidence.CERTAIN,
            advice=tuple(advice),
            facts={LINKED: link.target, LIBRARY: library, PREDICTED_BY: "linkcheck"}
            | ({SUCCESSOR: likely[0]} if likely else {}),
        )

    def _disagreement(self, confirmation: Confirmation) -> Finding:
        lines = [
            *(f"missed: {target}: {self._name(symbol)}" for target, symbol in sorted(confirmation.missed)),
            *(f"false: {target}: {self._name(symbol)}" for target, symbol in sorted(confirmation.false)),
        ]
        return Finding(
            kind=kinds.LINKCHECK_DISAGREEMENT,
            identifier=f"{len(confirmation.missed)} missed, {len(confirmation.false)} false",
            headline=(
                f"linkcheck is wrong here: the real linker ({confirmation.linker}) refuses {len(confirmation.missed)} "
                f"symbols that were not predicted, and accepts {len(confirmation.false)} that were"
            ),
            layer=Layer.UNKNOWN,
            evidence=tuple(lines[:40]),
            configurations=self.configurations,
            confidence=Confidence.CERTAIN,
            advice=("this is a defect of pytest-llvmgate: please report it with these lines; the linker is right",),
        )
