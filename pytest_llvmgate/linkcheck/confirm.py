"""Confirm a prediction: link every library for real, as a shared one, from the static build's objects.

Nothing is compiled: the compile commands of both builds are the same but for the directory. Each link runs with the
project's own compiler, linker and flags; one that fails is repeated with undefined symbols allowed, so that what
depends on it can be linked, too, and nothing hides behind the first failure. Everything is written inside the second
tree, never into the static one.
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.cmake.codemodel import Target
from pytest_llvmgate.linkcheck.link_analysis import LinkAnalysis, LinkPrediction
from pytest_llvmgate.linkcheck.link_line import split_words
from pytest_llvmgate.linkcheck.shared_tree import LinkcheckOptions
from pytest_llvmgate.process.environment import command_environment

_UNDEFINED: Final = re.compile(
    r"""undefined\ reference\ to\ (?:symbol\ )?[`'\u2018"](?P<bfd>[^'\u2019"\n]+)['\u2019"]   # GNU ld, gold
      | undefined\ (?:\w+\ )?symbol:\ (?P<lld>\S+)                                       # lld, mold
      | undefined\ reference(?::|\ to|\ due\ to\ --no-allow-shlib-undefined:)\ (?P<shlib>[^\s`'\u2018"]\S*)  # lld
      | (?:hidden|protected|internal)\ symbol\ [`'\u2018](?P<hidden>[^'\u2019\n]+)['\u2019]\ isn't\ defined""",
    re.VERBOSE,
)
_NO_LIBRARY: Final = re.compile(
    r"(?:cannot find|unable to find library|library not found:) (?P<name>-l[^\s:]+|[^\s:]+\.(?:so|a)\S*)"
)
_ENDED_FROM_OUTSIDE: Final = re.compile(r"terminated (?:with|by) signal|signal to terminate")
_DUPLICATE: Final = re.compile(r"duplicate symbol|multiple definition")
_OTHER: Final = "its link failed for another reason than undefined symbols"
_TAIL: Final = 4000
_LLD_LIKE: Final = frozenset({"lld"})


@dataclass(frozen=True, kw_only=True)
class RealLink:
    """How one real link ended."""

    target: str
    undefined: frozenset[str] = frozenset()
    """Mangled names that the linker called undefined."""
    not_found: tuple[str, ...] = ()
    failed: bool = False
    output: str = ""
    """The end of what the linker printed, when the link failed for another reason than undefined symbols."""
    skipped: str = ""
    """Why it was not linked."""


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """Prediction against the linker, as (target, symbol) pairs."""

    links: tuple[RealLink, ...]
    seconds: float
    linker: str
    found: frozenset[tuple[str, str]]
    """Predicted, and the linker says so, too."""
    missed: frozenset[tuple[str, str]]
    """The linker refuses them and the prediction did not."""
    false: frozenset[tuple[str, str]]
    """Predicted, and the linker does not mind."""

    @property
    def agrees(self) -> bool:
        """Whether prediction and linker say the same."""
        return not self.missed and not self.false


def confirm(analysis: LinkAnalysis, prediction: Sequence[LinkPrediction], options: LinkcheckOptions) -> Confirmation:
    """Link every target for real and compare with ``prediction``."""
    started = time.monotonic()
    predicted = {link.target: link for link in prediction}
    targets = {target.name: target for target in analysis.targets}
    linker = _Linker(analysis, options.timeout, {**command_environment(), **options.env, "LC_ALL": "C.UTF-8"})
    links = _run_all(analysis, linker, predicted, options.jobs)
    real = {link.target: link for link in links}
    asked = {name for name, link in real.items() if not link.skipped}
    # A library that was not linked at all leaves those that link it without its symbols: they say nothing either.
    asked -= {name for name in asked if _lacks_a_library(analysis, targets[name], real)}
    said = {(name, missing.symbol) for name in asked for missing in predicted[name].missing}
    open_before = {(name, symbol) for name in asked for symbol in predicted[name].left_open}
    consequences = {name: _consequences(analysis, targets[name], real) for name in asked}
    heard = {
        (name, symbol)
        for name in asked
        for symbol in real[name].undefined
        if (name, symbol) in said or symbol not in consequences[name]
    } - open_before
    return Confirmation(
        links=tuple(links),
        seconds=time.monotonic() - started,
        linker=next((analysis.driver(target).linker for target in analysis.targets), "unknown"),
        found=frozenset(said & heard),
        missed=frozenset(heard - said),
        false=frozenset(said - heard),
    )


def _lacks_a_library(analysis: LinkAnalysis, target: Target, real: Mapping[str, RealLink]) -> bool:
    return any(
        library.name in real and real[library.name].skipped and not analysis.edge(library).output.exists()
        for library in analysis.project_libraries(target)
    )


def _consequences(analysis: LinkAnalysis, target: Target, real: Mapping[str, RealLink]) -> frozenset[str]:
    """Symbols that a program lacks only because a library's link, which failed, was repeated with holes in it.

    Whatever such a library asks for and the program's own objects do not. That another library on the program's line
    has it is no help under ``--as-needed``, Debian's default: nothing of the program's needs that library.
    """
    if target.type != "EXECUTABLE":
        return frozenset()
    holes = {symbol for library in analysis.closure(target) for symbol in real[library.name].undefined}
    own = {
        name.decode("utf-8", "replace") for symbols in analysis.objects(target).symbols for name in symbols.undefined
    }
    return frozenset(holes - own)


def _run_all(
    analysis: LinkAnalysis, linker: _Linker, predicted: Mapping[str, LinkPrediction], jobs: int
) -> list[RealLink]:
    """Link in dependency order, several at once."""
    waiting = {target.name: target for target in analysis.targets}
    before = {
        name: {other.name for other in analysis.project_libraries(target)} - {name} for name, target in waiting.items()
    }
    done: dict[str, RealLink] = {}
    running: dict[Future[RealLink], str] = {}
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        while waiting or running:
            ready = [name for name in waiting if before[name] <= done.keys()]
            for name in ready or (list(waiting)[:1] if not running else []):  # a cycle: start somewhere
                target = waiting.pop(name)
                running[pool.submit(linker.link, target, predicted[name])] = name
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                done[running.pop(future)] = future.result()
    return [done[target.name] for target in analysis.targets]


@dataclass
class _Linker:
    analysis: LinkAnalysis
    timeout: float
    env: dict[str, str]

    def link(self, target: Target, prediction: LinkPrediction) -> RealLink:
        """Link ``target``; where that fails on undefined symbols, once more with these allowed."""
        if prediction.not_analysed:
            return RealLink(target=target.name, skipped=prediction.not_analysed)
        strict = () if prediction.is_refused else ("-Wl,-z,defs",)
        status, output = self._run(target, prediction, strict)
        if was_ended(status, output):
            return RealLink(
                target=target.name,
                failed=True,
                skipped="its link was ended from outside (memory?), which says nothing of it",
            )
        undefined = undefined_symbols(output)
        first = output
        if status != 0 and not undefined and _DUPLICATE.search(output):
            # lld says nothing of undefined symbols beside duplicate ones, which are not what is asked here.
            strict = (*strict, "-Wl,-z,muldefs")
            status, output = self._run(target, prediction, strict)
            undefined = undefined_symbols(output)
        not_found = tuple(dict.fromkeys(match["name"] for match in _NO_LIBRARY.finditer(output)))
        result = RealLink(
            target=target.name,
            undefined=undefined,
            not_found=not_found,
            failed=status != 0 or first is not output,
            output=first[-_TAIL:] if first is not output or (status != 0 and not undefined) else "",
            skipped=_OTHER if status != 0 and not undefined and not not_found else "",
        )
        if status != 0 and undefined:
            kept = [word for word in strict if "muldefs" in word]
            self._run(target, prediction, (*kept, "-Wl,--warn-unresolved-symbols"))
        return result

    def _run(self, target: Target, prediction: LinkPrediction, extra: Sequence[str]) -> tuple[int, str]:
        edge = self.analysis.edge(target)
        edge.output.parent.mkdir(parents=True, exist_ok=True)
        words = [*self._flags(target), *extra, "-o", str(edge.output)]
        if target.type != "EXECUTABLE":
            words += ["-Wl,-soname," + edge.output.name]
        words += [str(path) for path in self.analysis.objects(target).paths]
        words += [word for word in self._libraries(target) if word not in prediction.not_found]
        response = self.analysis.tree.build_dir / f"llvmgate-{target.name}.rsp"
        response.write_text("\n".join(map(_quote, words)) + "\n", encoding="utf-8")
        try:
            done = subprocess.run(
                [str(self.analysis.compiler(target)), f"@{response}"],
                cwd=self.analysis.tree.build_dir,
                env=self.env,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=self.timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return 1, f"stopped after {self.timeout:.0f} s"
        _link_names(edge.output, self.analysis, target)
        return done.returncode, done.stdout

    def _flags(self, target: Target) -> list[str]:
        flags = split_words(fragment.text for fragment in target.link if fragment.role == "flags")
        kind = [] if target.type == "EXECUTABLE" or "-shared" in flags else ["-shared"]
        # Names as they are in the objects, all of them; and no debug information, which only costs time here.
        own = ["-Wl,--no-demangle", "-Wl,--strip-debug"]
        if self.analysis.driver(target).linker in _LLD_LIKE:
            own.append("-Wl,--error-limit=0")
        return [*kind, *flags, *own]

    def _libraries(self, target: Target) -> list[str]:
        texts = [fragment.text for fragment in target.link if fragment.role in {"libraries", "libraryPath"}]
        return [self._of_static(word) if word.endswith(".a") else word for word in split_words(texts)]

    def _of_static(self, archive: str) -> str:
        """An archive of the project: the static tree has it."""
        path = self.analysis.tree.build_dir / archive
        static = self.analysis.in_static(path)
        return archive if static == path else str(static)


def was_ended(status: int, output: str) -> bool:
    """Whether a link did not come to its own end: what it printed until then is half a truth."""
    return status < 0 or (status != 0 and _ENDED_FROM_OUTSIDE.search(output) is not None)


def _link_names(real: Path, analysis: LinkAnalysis, target: Target) -> None:
    """The other names of a versioned library, which later link lines may use."""
    if not real.exists():
        return
    for name in analysis.names_on_disk(target):
        if name != real and not name.exists():
            name.symlink_to(real.name)


def undefined_symbols(output: str) -> frozenset[str]:
    """Names that a linker's output calls undefined, whichever linker it was."""
    return frozenset(
        match["bfd"] or match["lld"] or match["shlib"] or match["hidden"] for match in _UNDEFINED.finditer(output)
    )


def _quote(word: str) -> str:
    """A word as GCC's and clang's response files take it."""
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' if re.search(r"[\s\"'\\]", word) else word
