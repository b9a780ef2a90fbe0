"""Where a project wrote its pins before: the places to look at in each commit of its history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from pytest_llvmgate.chronicle.history import Chronicle, read_chronicle, watched
from pytest_llvmgate.chronicle.walking import modules_ever
from pytest_llvmgate.config.settings import PinSpec, Policy
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.git.gitmodules import Submodule
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.pins.known import COMPONENTS, PROJECTS, Project, project_named, recognised
from pytest_llvmgate.pins.leading import is_own
from pytest_llvmgate.pins.readers import GITLINK
from pytest_llvmgate.upstream.whose import LLVM, is_llvm_url, repository_name


def history_specs(repository: Repository, specs: Iterable[PinSpec]) -> tuple[PinSpec, ...]:
    """The pins of a configuration, and the places where the project had them before.

    Those are the older layouts of a known project, and every submodule that ``.gitmodules`` ever named and that is
    llvm-project or a known downstream; for a project that nothing is known of, the files in which others write their
    commit. Works without a work tree too, from HEAD.
    """
    given = list(specs)
    project = _project_at_head(repository)
    given += project.pins if project else ()
    for module in _modules_ever(repository, given):
        given += _places_of(module)
    if not any(is_own(spec) for spec in given):
        given += [replace(spec, component="") for spec in _component_specs("", None)]
    distinct: dict[object, PinSpec] = {}
    for spec in given:  # the first of equal ones stays where it is: what the configuration names first leads
        if spec.policy is not Policy.IGNORE and not spec.group:
            distinct.setdefault((spec.component, spec.file, spec.key, spec.pattern, spec.through), spec)
    return tuple(distinct.values())


def own_history(repository: Repository, specs: Iterable[PinSpec] = ()) -> Chronicle:
    """The history of what a project is on: of its own pins, or of its components where it has none that was ever read.

    Raises what :func:`read_chronicle` raises.
    """
    places = history_specs(repository, specs)
    direct = [spec for spec in places if is_own(spec) or spec.through]
    found = read_chronicle(repository, direct) if direct else None
    return found if found and found.bumps else read_chronicle(repository, places)


def project_name(repository: Repository) -> str:
    """What to call a repository: the known project that it is, else its directory."""
    project = _project_at_head(repository)
    return project.name if project else repository_name(repository.display.removesuffix("/.git"))


def _project_at_head(repository: Repository) -> Project | None:
    try:
        listing = repository.names("ls-tree", "-r", "-t", "-z", "--name-only", "HEAD")
    except GateError:
        return None
    found = recognised(set(listing))
    return found[0] if found else None


def _modules_ever(repository: Repository, given: Sequence[PinSpec]) -> tuple[Submodule, ...]:
    """Every submodule that the history has had, walked with an eye on whatever is going to be looked for in it."""
    head = repository.head()
    if not head:
        return ()
    now = repository.submodules(commit=head)
    specs = [*given, *(spec for module in now for spec in _places_of(module))]
    if not any(is_own(spec) for spec in given):
        specs += (replace(spec, component="") for spec in _component_specs("", None))
    beside = {module.path.rpartition("/")[0] for module in now if "/" in module.path and any(_places_of(module))}
    guesses = (f"{directory}/{known.name}" for directory in beside for known in COMPONENTS)
    return modules_ever(repository, head, [*watched(specs, now), *guesses])  # a second walk costs more than a guess


def _places_of(module: Submodule) -> Iterator[PinSpec]:
    """The pin that a submodule is, or those that it may have inside."""
    if is_llvm_url(module.url, module.path):
        yield PinSpec(name=LLVM, file=module.path, reader=GITLINK)
        return
    known = project_named(repository_name(module.url)) or project_named(repository_name(module.path))
    if known:
        yield from _component_specs(module.path, known)


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
