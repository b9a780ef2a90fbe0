"""What a repository shows of its LLVM pins and build options, for a first configuration file.

Known projects are recognised by their layout; everything else by what the formats themselves show. Every proposal says
on which evidence it rests.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Final

from pytest_llvmgate.config.settings import Config, PinSpec, Policy
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.git.gitmodules import Submodule
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.model import Location
from pytest_llvmgate.pins.known import PROJECTS, Build, Project, Relaxed, project_named, recognised
from pytest_llvmgate.pins.read import read_pins
from pytest_llvmgate.pins.readers import GITLINK, implied_readers
from pytest_llvmgate.pins.reading import PinReading
from pytest_llvmgate.upstream.llvm_clone import LLVM, is_llvm_url, repository_name

_LIKELY_FILE: Final = re.compile(
    r"(?:^|[/_.-])(?:llvm|mlir)[^/]*(?:version|hash|commit|revision|sha)[^/]*$|/llvm/workspace\.bzl$|clone-(?:llvm|mlir)",
    re.IGNORECASE,
)
"""Files that by their name hold an LLVM commit."""
_OPTION: Final = re.compile(
    r"^[ \t]*(?:cmake_dependent_)?option[ \t]*\(\s*([A-Za-z0-9_]+)(?:\s+\"([^\"]*)\")?(?:\s+(ON|OFF))?", re.MULTILINE
)
_OPTION_NAME: Final = re.compile(r"HLO|TORCH|TOSA|SHARED|DYLIB|(?:ENABLE|USE|WITH)_(?:LLVM|MLIR)", re.IGNORECASE)
_CMAKE_FILE: Final = re.compile(r"(?:^|/)CMakeLists\.txt$|\.cmake$")
_FOLLOWS_LLVM: Final = (
    r"^[[:space:]]*set[[:space:]]*\([[:space:]]*BUILD_SHARED_LIBS[[:space:]]+\$\{LLVM_ENABLE_SHARED_LIBS\}"
)
_FOREIGN: Final = re.compile(r"(?:^|/)(?:third_party|thirdparty|externals?|vendor|node_modules)/", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class FoundPin:
    """A pin to propose, and why."""

    spec: PinSpec
    evidence: str


@dataclass(frozen=True, kw_only=True)
class FoundOption:
    """A CMake option that may be worth an axis."""

    name: str
    default: str
    """``ON``, ``OFF`` or empty."""
    summary: str
    where: Location
    component: str = ""
    """Name of the pin whose component it turns off."""


@dataclass(frozen=True, kw_only=True)
class Discovery:
    """Everything found."""

    pins: tuple[FoundPin, ...]
    options: tuple[FoundOption, ...]
    project: str = ""
    """The known project that this is, or is a fork of."""
    evidence: str = ""
    """What it was recognised by."""
    build: Build = field(default_factory=Build)
    """How that project is built, as far as its CMake files bear it out."""
    follows_llvm: Location | None = None
    """Where ``BUILD_SHARED_LIBS`` is taken from LLVM's own setting, whatever is passed."""


@dataclass(frozen=True)
class _Look:
    """The repository as the search sees it."""

    repository: Repository
    paths: frozenset[str]
    """Files, gitlinks and directories of the index."""
    gitlinks: dict[str, str]
    modules: tuple[Submodule, ...]

    def read(self, specs: Iterable[PinSpec]) -> tuple[PinReading, ...]:
        """The pins as the work tree says them."""
        return read_pins(Config(path=self.repository.work_tree / "llvmgate.toml", pins=tuple(specs)))


def discover(repository: Repository) -> Discovery:
    """Look at the index, the submodules, the files that hold commits, and the CMake options."""
    look = _look(repository)
    found = recognised(set(look.paths))
    project = found[0] if found else None
    pins = _found_pins(look, project)
    return Discovery(
        pins=pins,
        options=tuple(_options(repository, project, [pin.spec for pin in pins if pin.spec.component])),
        project=project.name if project else "",
        evidence=f"it has {' and '.join(found[1])}" if found else "",
        build=_borne_out(look, project.build) if project else Build(),
        follows_llvm=_follows_llvm(look),
    )


def discover_pins(repository: Repository) -> tuple[FoundPin, ...]:
    """The pins of :func:`discover` alone, without a look at how the project is built."""
    look = _look(repository)
    found = recognised(set(look.paths))
    return _found_pins(look, found[0] if found else None)


def _found_pins(look: _Look, project: Project | None) -> tuple[FoundPin, ...]:
    pins = [*_own_pins(look, project), *_component_pins(look, project)]
    if not any(pin.spec.is_direct for pin in pins):
        pins = [*_likely_pins(look), *pins]
    pins += _duplicates(look, pins)
    return tuple(_with_distinct_names(pins))


def _look(repository: Repository) -> _Look:
    listing = repository.run("ls-files", "-z").decode("utf-8", "surrogateescape").split("\0")
    files = {path for path in listing if path}
    directories = set(_directories(files))
    return _Look(
        repository=repository,
        paths=frozenset(files | directories),
        gitlinks=repository.index_gitlinks(),
        modules=repository.submodules(),
    )


def _directories(files: Iterable[str]) -> Iterator[str]:
    """The directories above the files, each once; pathlib would take longer than git takes to list the files."""
    seen: set[str] = set()
    for path in files:
        while (path := path.rpartition("/")[0]) and path not in seen:
            seen.add(path)
            yield path


def _own_pins(look: _Look, project: Project | None) -> Iterator[FoundPin]:
    """The pins of a known project, each in the first layout that the tree has, then gitlinks of llvm-project."""
    done: set[str] = set()
    for spec in project.pins if project else ():
        path = _path(spec)
        if spec.name in done or path not in look.paths:
            continue
        (reading,) = look.read([spec])
        if reading.problem is None or spec.through:
            done.add(spec.name)
            yield FoundPin(spec=spec, evidence=_evidence(reading))
    for module in look.modules:
        if is_llvm_url(module.url) and module.path in look.gitlinks and LLVM not in done:
            done.add(LLVM)
            spec = PinSpec(name=LLVM, file=module.path, reader=GITLINK)
            yield FoundPin(spec=spec, evidence=f"the submodule {module.path} comes from {module.url}")


def _path(spec: PinSpec) -> str:
    """The path in the repository itself that the pin begins with."""
    file = spec.through[0].file if spec.through else spec.file
    return f"{spec.component}/{file}" if spec.component else file


def _evidence(reading: PinReading) -> str:
    if reading.problem:
        return (
            f"{reading.problem.message} ({reading.problem.hint})" if reading.problem.hint else reading.problem.message
        )
    return f"{reading.location} names {reading.short}"


def _component_pins(look: _Look, project: Project | None) -> Iterator[FoundPin]:
    """The pins inside submodules: of known projects by their name, of others by files that are known to hold pins."""
    urls = {module.path: module.url for module in look.modules}
    for path in look.gitlinks:
        url = urls.get(path, "")
        known = project_named(repository_name(url)) or project_named(repository_name(path))
        if is_llvm_url(url):
            continue
        specs = list(_component_specs(path, known))
        readings = [reading for reading in look.read(specs) if reading.problem is None]
        relaxed = project.relaxed.get(repository_name(path)) if project else None
        if readings:
            yield FoundPin(spec=_relaxed(readings[0].spec, relaxed), evidence=_evidence(readings[0]))
        elif known and specs:
            evidence = f"the submodule {path} comes from {url or known.upstream}; not initialised, so not looked into"
            others = ", ".join(spec.file for spec in specs[1:])
            evidence += f" (its commit may also be in {others})" if others else ""
            yield FoundPin(spec=_relaxed(specs[0], relaxed), evidence=evidence)


def _component_specs(path: str, known: Project | None) -> Iterator[PinSpec]:
    """The places in a component at which its own LLVM commit may be written."""
    projects = [known] if known else PROJECTS
    seen = set()
    for project in projects:
        for spec in project.pins:
            is_main = spec.name == LLVM and not spec.through
            if is_main and (known or spec.reader != GITLINK) and spec.file not in seen:
                seen.add(spec.file)
                yield replace(spec, name=repository_name(path) or LLVM, component=path)


def _relaxed(spec: PinSpec, relaxed: Relaxed | None) -> PinSpec:
    return replace(spec, policy=relaxed.policy, reason=relaxed.reason) if relaxed else spec


def _likely_pins(look: _Look) -> Iterator[FoundPin]:
    """Files of an unknown project whose name or content says that they hold an LLVM commit."""
    named = sorted(path for path in look.paths if _LIKELY_FILE.search(path) and implied_readers(path))
    mentioned = _files_with(look, ["-e", "llvm-project", "-e", r"LLVM_[A-Z_]*\(COMMIT\|HASH\|REV\|SHA\)"])
    seen: set[str] = set()
    for path in dict.fromkeys([*named, *mentioned]):
        (reading,) = look.read([PinSpec(name=LLVM, file=path)])
        if reading.text and reading.text not in seen:
            seen.add(reading.text)
            yield FoundPin(spec=replace(reading.spec, reader=reading.reader), evidence=_evidence(reading))


def _duplicates(look: _Look, pins: list[FoundPin]) -> Iterator[FoundPin]:
    """Further files that write the project's own commit where a reader finds it."""
    known = {_path(pin.spec) for pin in pins}
    own = [reading for reading in look.read([pin.spec for pin in pins if pin.spec.is_direct]) if reading.sha]
    if not own:
        return
    for path in _files_with(look, ["-F", "-e", str(own[0].sha)]):
        if path in known:
            continue
        name = re.sub(r"[^A-Za-z0-9_.-]", "-", PurePosixPath(path).stem) or "duplicate"
        (reading,) = look.read([PinSpec(name=name, file=path)])
        if reading.sha == own[0].sha:
            yield FoundPin(spec=replace(reading.spec, reader=reading.reader), evidence=_evidence(reading))


def _files_with(look: _Look, patterns: list[str]) -> list[str]:
    """The project's own tracked files with one of the patterns, whose syntax is known."""
    output = look.repository.run("grep", "-l", "-I", "-z", "--no-color", *patterns, ok=(0, 1))
    paths = output.decode("utf-8", "surrogateescape").split("\0")
    return [path for path in paths if path and not _FOREIGN.search(path) and implied_readers(path)]


def _borne_out(look: _Look, build: Build) -> Build:
    """Of what is known of a project's build, the targets and options that this state of it names in CMake files."""
    words = [*build.targets, *build.check, *build.cmake]
    lines = [text for _, _, text in _in_cmake(look, "-F", *words)] if words else []
    named = {word for line in lines for word in re.findall(r"[\w-]+", line)}
    return replace(
        build,
        targets=tuple(word for word in build.targets if word in named),
        check=tuple(word for word in build.check if word in named),
        cmake={name: value for name, value in build.cmake.items() if name in named},
    )


def _follows_llvm(look: _Look) -> Location | None:
    found = _in_cmake(look, "-i", "-E", _FOLLOWS_LLVM)
    return next((Location(path=path, line=line) for path, line, _ in found if not _FOREIGN.search(path)), None)


def _in_cmake(look: _Look, *words: str) -> Iterator[tuple[str, int, str]]:
    """File, line and text of what ``git grep`` finds in CMake files; of ``words``, those without a dash are sought."""
    options = [word for word in words if word.startswith("-")]
    patterns = [part for word in words if not word.startswith("-") for part in ("-e", word)]
    output = look.repository.run("grep", "-I", "-n", "-z", "--no-color", *options, *patterns, ok=(0, 1))
    for hit in output.decode("utf-8", "surrogateescape").splitlines():
        path, line, text = hit.split("\0", 2)
        if _CMAKE_FILE.search(path):
            yield path, int(line), text


def _with_distinct_names(pins: Iterable[FoundPin]) -> Iterator[FoundPin]:
    taken: set[str] = set()
    for pin in pins:
        name, number = pin.spec.name, 2
        while name in taken:
            name, number = f"{pin.spec.name}-{number}", number + 1
        taken.add(name)
        yield replace(pin, spec=replace(pin.spec, name=name))


def _options(repository: Repository, project: Project | None, pins: list[PinSpec]) -> Iterator[FoundOption]:
    known = project.build.component_switches if project else {}
    switches: dict[str, str] = {}
    for pin in pins:
        for option in known.get(pin.name, ()):
            switches.setdefault(option, pin.name)
    unknown = [pin.name for pin in pins if pin.name not in switches.values()]
    inside = tuple(f"{pin.component}/" for pin in pins)
    listing = repository.run("ls-files", "-z").decode("utf-8", "surrogateescape").split("\0")
    for path in filter(_CMAKE_FILE.search, listing):
        if path.startswith(inside):
            continue
        try:
            text = (repository.work_tree / path).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        for match in _OPTION.finditer(text):
            component = switches.get(match[1]) or _switched(match[1], unknown)
            if component or _OPTION_NAME.search(_purpose(match[1], project)):
                yield FoundOption(
                    name=match[1],
                    default=match[3] or "",
                    summary=match[2] or "",
                    where=Location(path=path, line=text.count("\n", 0, match.start(1)) + 1),
                    component=component,
                )


def _purpose(option: str, project: Project | None) -> str:
    """An option's name without the project's, which may speak of MLIR or HLO itself."""
    prefix = re.sub(r"[^A-Z0-9]", "_", project.name.upper()) if project else ""
    rest = option.removeprefix(f"{prefix}_")
    return re.sub(r"^.*?(?=(?:ENABLE|USE|WITH|BUILD|INPUT)_)", "", rest)


def _switched(option: str, components: Iterable[str]) -> str:
    """The component that an option's name says it turns on."""
    name = option.lower()
    if re.search(r"(?:enable|use|with|build|input)_", name) is None:
        return ""
    words = ((component, re.sub(r"[^a-z0-9]", "_", component.lower())) for component in components)
    return next((component for component, word in words if name.endswith(word)), "")


def history_specs(repository: Repository, specs: Iterable[PinSpec]) -> tuple[PinSpec, ...]:
    """The pins of a configuration, and the places where the project had them before.

    Those are the older layouts of a known project, and every submodule that ``.gitmodules`` ever named and that is
    llvm-project or a known downstream; for a project that nothing is known of, the files in which others write their
    commit. Works without a work tree too, from HEAD.
    """
    given = list(specs)
    project = _project_at_head(repository)
    given += project.pins if project else ()
    for module in _modules_ever(repository):
        if is_llvm_url(module.url):
            given.append(PinSpec(name=LLVM, file=module.path, reader=GITLINK))
            continue
        known = project_named(repository_name(module.url)) or project_named(repository_name(module.path))
        if known:
            given += _component_specs(module.path, known)
    if not any(spec.is_direct or not spec.file for spec in given):
        given += [replace(spec, component="") for spec in _component_specs("", None)]
    distinct = {(spec.component, spec.file, spec.key, spec.through): spec for spec in reversed(given)}
    return tuple(reversed([spec for spec in distinct.values() if spec.policy is not Policy.IGNORE]))


def project_name(repository: Repository) -> str:
    """What to call a repository: the known project that it is, else its directory."""
    project = _project_at_head(repository)
    return project.name if project else repository_name(repository.display.removesuffix("/.git"))


def _project_at_head(repository: Repository) -> Project | None:
    try:
        listing = repository.run("ls-tree", "-r", "-t", "-z", "--name-only", "HEAD")
    except GateError:
        return None
    found = recognised(set(listing.decode("utf-8", "surrogateescape").split("\0")))
    return found[0] if found else None


def _modules_ever(repository: Repository) -> tuple[Submodule, ...]:
    """Every submodule that the first-parent history of HEAD has had, the newest first."""
    from pytest_llvmgate.git.gitmodules import parse_gitmodules

    if not repository.head():
        return ()
    commits = repository.run("log", "--first-parent", "--format=%H", "HEAD", "--", ".gitmodules").decode().split()
    modules: dict[str, Submodule] = {}
    with repository.objects() as objects:
        for blob in objects.read_many(f"{commit}:.gitmodules" for commit in commits):
            for module in parse_gitmodules(blob.data.decode("utf-8", "replace")) if blob else ():
                modules.setdefault(module.path, module)
    return tuple(modules.values())
