"""The cheap stages: what a build depends on, what commits touch, hints, costs; and the judge's fine print."""

from __future__ import annotations

import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_llvmgate.bisect import hints, probing
from pytest_llvmgate.bisect.bisection import LEAST_WEIGHT, Mark
from pytest_llvmgate.bisect.dependencies import Dependencies, find_dependencies
from pytest_llvmgate.bisect.hints import find_hints, name_of
from pytest_llvmgate.bisect.judge import Wanted, judge, parse_finding, show_findings
from pytest_llvmgate.bisect.probing import ProbeResult, select_request
from pytest_llvmgate.bisect.supplied import CACHED_COST, find_supplied, this_toolchain
from pytest_llvmgate.bisect.weights import Hint, combine, shares_of
from pytest_llvmgate.codec import dumps, write_atomically
from pytest_llvmgate.config.load import load_config
from pytest_llvmgate.config.settings import Config, Configuration
from pytest_llvmgate.config.user_cache import cache_root
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.llvm.manifest import MARKER
from pytest_llvmgate.llvm.prefix_cache import Cache, EntryInfo, entry_key
from pytest_llvmgate.llvm.suppliers import identities
from pytest_llvmgate.model import Finding, Layer, Outcome, Revision, StageResult
from pytest_llvmgate.upstream.first_parent import Commit, followers, read_commits, read_history
from tests.miniature import Miniature, create
from tests.miniature.downstream import create_downstream
from tests.support.oracle import finding_of
from tests.unit.git_kit import Repo

_F = "filler"
PLAN = (_F, "header-moved", _F, _F, "td-renamed", _F, "target-renamed", _F)


@pytest.fixture(scope="module")
def miniature(tmp_path_factory: pytest.TempPathFactory) -> Miniature:
    return create(tmp_path_factory.mktemp("miniature") / "llvm-project", commits=PLAN)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory, miniature: Miniature) -> Config:
    directory = tmp_path_factory.mktemp("downstream")
    llvm = {"supplier": "source", "repository": str(miniature.repository)}
    return load_config(create_downstream(directory, miniature, llvm=llvm).config)


# -- history ----------------------------------------------------------------------------------------------------------


def test_the_files_of_every_commit_by_position(miniature: Miniature) -> None:
    history = read_history(Repository.open(miniature.repository), miniature.base, miniature.head)
    assert history.shas == miniature.order
    touched = history.touched
    assert touched[0] == ()
    assert all(touched[1:])
    at = miniature.index("header-moved")
    assert set(touched[at]) >= {"mlir/include/mlir/Analysis/SliceAnalysis.h"}


def test_a_merge_is_one_commit_with_what_it_brings(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    base = repo.commit({"a": "1"})
    repo.git("checkout", "-q", "-b", "side")
    inner = repo.commit({"side": "1"})
    repo.git("checkout", "-q", "main")
    first = repo.commit({"b": "1"})
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "side")
    merge = repo.head
    history = read_history(Repository.open(repo.path), base, merge)
    assert history.shas == (base, first, merge)
    assert inner not in history.positions
    assert history.touched == ((), ("b",), ("side",))


def test_a_good_end_on_another_line_stands_for_where_it_left(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    base = repo.commit({"a": "1"})
    left = repo.commit({"a": "2"})
    repo.git("checkout", "-q", "-b", "fork")
    patched = repo.commit({"patch": "1"})
    repo.git("checkout", "-q", "main")
    head = repo.commit({"a": "3"})
    history = read_history(Repository.open(repo.path), patched, head)
    assert history.shas == (left, head)
    assert "where it left" in history.note
    assert base not in history.shas


def test_followers_know_reverts_relands_and_fixes(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    culprit = repo.commit({"a": "1"}, message="[mlir] Change a (#101)")
    other = repo.commit({"b": "1"}, message="Mention of #101 in passing (#102)")
    revert = repo.commit(
        {"a": "0"}, message=f'Revert "[mlir] Change a (#101)" (#103)\n\nThis reverts commit {culprit}.'
    )
    fix = repo.commit({"c": "0"}, message=f"Fix the build after {culprit[:12]}\n\nA test.")
    repository = Repository.open(repo.path)
    (commit,) = read_commits(repository, [culprit])
    found = [(each.how, each.sha) for each in followers(repository, commit, repo.head)]
    assert found == [("reverted", revert), ("fixed", fix)]
    assert other not in {sha for _, sha in found}


# -- dependencies -----------------------------------------------------------------------------------------------------

NINJA = """\
rule cc
  command = printf 'out.o: %s\\n' '{header} {definition}' > out.d && touch out.o
  depfile = out.d
  deps = gcc
build out.o: cc
rule link
  command = touch app
build app: link out.o
  LINK_LIBRARIES = {prefix}/lib/libMLIRTosa.a {prefix}/lib/libLLVMSupport.a
"""


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A ninja build that has read a header and generated code of an LLVM installed beside it."""
    prefix, directory = tmp_path / "prefix", tmp_path / "build"
    paths = [prefix / "include/mlir/IR/Operation.h", prefix / "include/mlir/Dialect/Tosa/IR/TosaOps.h.inc"]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    directory.mkdir()
    text = NINJA.format(header=paths[0], definition=paths[1], prefix=prefix)
    (directory / "build.ninja").write_text(text)
    subprocess.run([this_toolchain().ninja, "-C", str(directory)], check=True, capture_output=True)
    return directory


def test_what_the_good_build_read(build: Path, miniature: Miniature) -> None:
    depends = find_dependencies(
        build, [build.parent / "prefix/include"], Repository.open(miniature.repository), miniature.base
    )
    assert depends.files
    assert "mlir/include/mlir/IR/Operation.h" in depends.files
    # The generated file's definitions, and what these include.
    assert {"mlir/include/mlir/Dialect/Tosa/IR/TosaOps.td", "mlir/include/mlir/IR/OpBase.td"} <= depends.files
    assert depends.libraries == {"mlir/lib/Dialect/Tosa/IR", "llvm/lib/Support"}


@pytest.mark.parametrize(
    ("path", "sort"),
    [
        ("mlir/include/mlir/IR/Operation.h", "read"),
        ("mlir/include/mlir/IR/Other.h", "beside"),
        ("mlir/include/mlir/Tools/Far.h", "header"),
        ("mlir/lib/Dialect/Tosa/IR/TosaDialect.cpp", "linked"),
        ("mlir/lib/Dialect/Tosa/IR/sub/x.cpp", "linked"),
        ("mlir/lib/Dialect/TosaElse/x.cpp", "source"),
        ("llvm/CMakeLists.txt", "cmake"),
        ("mlir/cmake/modules/AddMLIR.cmake", "cmake"),
        ("mlir/tools/mlir-tblgen/OpFormatGen.cpp", "generator"),
        ("llvm/utils/FileCheck/FileCheck.cpp", "tool"),
        ("clang/lib/Sema/Sema.cpp", ""),
        ("clang/CMakeLists.txt", ""),
        ("mlir/docs/Tutorial.md", ""),
        ("mlir/test/lib/CMakeLists.txt", ""),
        ("README.md", ""),
    ],
)
def test_sorts_of_files(path: str, sort: str) -> None:
    depends = Dependencies(
        files=frozenset({"mlir/include/mlir/IR/Operation.h"}),
        directories=frozenset({"mlir/include/mlir/IR"}),
        libraries=frozenset({"mlir/lib/Dialect/Tosa/IR"}),
    )
    assert depends.sort_of(path) == sort


def test_without_a_build_every_header_and_source_counts() -> None:
    rate = Dependencies().rate("build", "api-removed")
    assert rate("mlir/include/mlir/IR/Any.h") == 1.0
    assert Dependencies().sort_of("mlir/lib/IR/x.cpp") == "linked"
    assert rate("clang/lib/x.cpp") == LEAST_WEIGHT


def test_what_counts_depends_on_the_failure() -> None:
    depends = Dependencies()
    source = "mlir/lib/IR/x.cpp"
    assert depends.rate("build", "api-removed")(source) == LEAST_WEIGHT
    assert depends.rate("build", "shared-link")(source) > LEAST_WEIGHT
    assert depends.rate("check", "filecheck")(source) == 1.0
    assert depends.rate("configure", "cmake-target-missing")("llvm/CMakeLists.txt") == 1.0
    assert depends.rate("configure", "cmake-target-missing")(source) == LEAST_WEIGHT


def test_weights_of_commits_and_hints() -> None:
    shares, matter = shares_of([(), ("a.h", "b.md"), ("b.md",)], lambda path: 1.0 if path == "a.h" else LEAST_WEIGHT)
    weighing = combine(["g", "x", "y"], shares, matter, [Hint(sha="y", why="w"), Hint(sha="elsewhere", why="w")])
    assert weighing.weights[0] == 1.0
    assert weighing.weights[1] == pytest.approx(3.0, rel=0.01)
    assert weighing.folded == 1
    assert weighing.touched(1) == ("a.h",)
    assert [hint.sha for hint in weighing.hints] == ["y"]
    assert "1 of them touch" in weighing.summary()


# -- hints ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["header-moved", "target-renamed"])  # which nobody has blamed on a commit
def test_preflight_on_git_objects_points_at_the_culprit(config: Config, miniature: Miniature, name: str) -> None:
    found = find_hints(config, Repository.open(miniature.repository), miniature.order, finding_of(name))
    assert [(hint.sha, hint.why) for hint in found] == [(miniature.sha(name), "preflight")]


def test_the_pickaxe_points_at_changes_of_the_name(config: Config, miniature: Miniature) -> None:
    found = find_hints(config, Repository.open(miniature.repository), miniature.order, finding_of("td-renamed"))
    assert [hint.sha for hint in found] == [miniature.sha("td-renamed")]
    assert found[0].why.startswith("the pickaxe on")


@pytest.mark.parametrize("kind", ["tests-failed", "filecheck", "unrecognised", "crash", "network"])
def test_the_words_of_a_message_are_no_names_to_search_for(kind: str) -> None:
    finding = Finding(kind=kind, identifier="tests expected other things", headline="h")
    assert hints.name_of(finding) == ""
    assert hints.name_of(replace(finding, facts={"name": "getOperand"})) == "getOperand"


@pytest.mark.parametrize(
    ("name", "why"),
    [("accessors-removed", "what generates code"), ("hlo-link-library-dropped", "CMake files of SparseTensor")],
)
def test_the_place_where_such_a_failure_is_made(tmp_path: Path, name: str, why: str) -> None:
    miniature = create(tmp_path / "llvm-project", commits=(*(_F,) * 20, name, *(_F,) * 9))
    llvm = {"supplier": "source", "repository": str(miniature.repository)}
    config = load_config(create_downstream(tmp_path, miniature, llvm=llvm).config)
    found = find_hints(config, Repository.open(miniature.repository), miniature.order, finding_of(name))
    assert [(hint.sha, hint.why) for hint in found] == [(miniature.sha(name), why)]


def test_what_is_blamed_already_is_taken(config: Config, miniature: Miniature) -> None:
    blamed = replace(finding_of("header-moved"), facts={"culprit": miniature.order[3]})
    found = find_hints(config, Repository.open(miniature.repository), miniature.order, blamed)
    assert [(hint.sha, hint.why) for hint in found] == [(miniature.order[3], "the pickaxe")]


def test_no_time_no_hints(config: Config, miniature: Miniature, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hints, "SECONDS", -1.0)
    started = time.monotonic()
    assert find_hints(config, Repository.open(miniature.repository), miniature.order, finding_of("header-moved")) == ()
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    ("kind", "identifier", "name"),
    [
        ("api-removed", "mlir::tiny::AddOp::lhs", "AddOp"),
        ("tablegen", "Variable not defined: 'NoSideEffect'", "NoSideEffect"),
        ("filecheck", "filecheck", ""),
        ("x", "a b", ""),
    ],
)
def test_the_name_in_a_finding(kind: str, identifier: str, name: str) -> None:
    assert name_of(Finding(kind=kind, identifier=identifier, headline="")) == name


@pytest.mark.parametrize(
    ("identifier", "library"),
    [
        ("TinyTransforms -> mlir::sparse_tensor", "MLIRSparseTensor"),
        ("A -> mlir::tensor::detail", "MLIRTensor"),
        ("A -> llvm", ""),
        ("A -> std::vector", ""),
        ("A -> mlir::Builder", ""),
        ("", ""),
    ],
)
def test_the_library_that_has_a_namespace(identifier: str, library: str) -> None:
    assert hints._library_of(identifier) == library


def test_a_dropped_link_library_is_pointed_at(tmp_path: Path) -> None:
    miniature = create(tmp_path / "llvm-project", commits=(*(_F,) * 30, "link-library-dropped", *(_F,) * 9))
    llvm = {"supplier": "source", "repository": str(miniature.repository)}
    config = load_config(create_downstream(tmp_path, miniature, llvm=llvm).config)
    finding = finding_of("link-library-dropped")
    found = find_hints(config, Repository.open(miniature.repository), miniature.order, finding)
    assert [hint.sha for hint in found] == [miniature.sha("link-library-dropped")]


# -- costs ------------------------------------------------------------------------------------------------------------


def test_commits_whose_llvm_is_cached_are_cheap(
    config: Config, miniature: Miniature, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLVMGATE_CACHE", str(tmp_path))
    (identity,) = identities(config, Revision(sha=miniature.order[3]), "static", this_toolchain)
    for made in (identity, {**identity, "sha": miniature.order[5], "options": "others"}):
        path = Cache(cache_root()).root / "entries" / entry_key(made)
        path.mkdir(parents=True)
        write_atomically(path / MARKER, dumps(EntryInfo(key=entry_key(made), identity=made)))
    found = find_supplied(config, miniature.order, ["static"])
    assert found.at_hand == {miniature.order[3]}
    assert found.has(miniature.order[0])
    cost = found.costs(miniature.order)
    assert (cost(3), cost(4)) == (CACHED_COST, 0.9)
    assert find_supplied(config, miniature.order, ["static", "shared"]).at_hand == frozenset()
    far = found.costs(["x"] * 40 + [miniature.order[3]])
    assert (far(0), far(40)) == (1.0, CACHED_COST)
    assert found.costs(miniature.order, [miniature.order[7]])(7) == CACHED_COST


# -- what is probed --------------------------------------------------------------------------------------------------


class Recorder:
    """A runner that has everything pass, and remembers what was asked for."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.asked: list[str] = []

    def llvm(self, flavour: str) -> StageResult:
        return StageResult(group="llvm", stage=flavour, outcome=Outcome.PASSED)

    def ensure(self, configuration: Configuration, stage: str) -> StageResult:
        self.asked.append(stage)
        return StageResult(group=configuration.name, stage=stage, outcome=Outcome.PASSED)


@pytest.mark.parametrize(
    ("asked", "done"),
    [
        ((), ["configure", "build", "install", "check"]),
        (("build",), ["configure", "build"]),
        (("linkcheck",), ["configure", "build", "linkcheck"]),
        (("linkcheck", "check"), ["configure", "build", "linkcheck", "install", "check"]),
        (("llvm",), []),
    ],
)
def test_predictions_only_where_they_are_asked_for(config: Config, asked: tuple[str, ...], done: list[str]) -> None:
    runner = Recorder(config)
    results = tuple(probing._results(runner, select_request(config, ("static-mhlo_on",), asked)))  # type: ignore[arg-type]
    assert runner.asked == done
    assert results[0].node == "llvm::static"


# -- the judge --------------------------------------------------------------------------------------------------------

WANTED = Wanted(kind="header-missing", identifier="x.h", nodes=("a::build",))
FINDING = Finding(kind="header-missing", identifier="x.h", headline="x.h is gone", layer=Layer.DOWNSTREAM)
OTHER = Finding(kind="api-removed", identifier="f", headline="f is gone", layer=Layer.DOWNSTREAM)
MACHINE = Finding(kind="disk-full", identifier="disk", headline="no space", layer=Layer.MACHINE)


def stage(node: str, outcome: Outcome, *findings: Finding, reason: str = "") -> StageResult:
    group, _, name = node.partition("::")
    return StageResult(group=group, stage=name, outcome=outcome, findings=findings, reason=reason)


def result(*results: StageResult, error: str = "") -> ProbeResult:
    return ProbeResult(sha="1" * 40, results=results, error=error)


PASSED = stage("a::build", Outcome.PASSED)
LLVM = stage("llvm::static", Outcome.FAILED, OTHER)


@pytest.mark.parametrize(
    ("seen", "wanted", "mark"),
    [
        (result(stage("a::build", Outcome.FAILED, OTHER, FINDING)), WANTED, Mark.BAD),
        (result(stage("a::build", Outcome.FAILED, FINDING, MACHINE)), WANTED, Mark.BAD),
        (result(PASSED, stage("a::check", Outcome.FAILED, OTHER)), WANTED, Mark.GOOD),
        (result(stage("a::build", Outcome.FAILED, OTHER)), WANTED, Mark.SKIP),
        (result(stage("a::build", Outcome.FAILED, OTHER)), replace(WANTED, unrelated=Mark.BAD), Mark.BAD),
        (result(stage("a::build", Outcome.FAILED, MACHINE)), replace(WANTED, unrelated=Mark.BAD), Mark.SKIP),
        (result(LLVM), replace(WANTED, unrelated=Mark.BAD), Mark.SKIP),
        (result(stage("a::build", Outcome.FAILED, OTHER)), replace(WANTED, beside=frozenset({OTHER.key})), Mark.GOOD),
        (
            result(stage("a::build", Outcome.FAILED, OTHER)),
            replace(WANTED, beside=frozenset({OTHER.key}), unrelated=Mark.BAD),
            Mark.BAD,
        ),
        (
            result(stage("a::configure", Outcome.FAILED, OTHER)),
            replace(WANTED, beside=frozenset({OTHER.key})),
            Mark.SKIP,
        ),
        (result(stage("a::build", Outcome.FAILED)), replace(WANTED, beside=frozenset({OTHER.key})), Mark.SKIP),
        (result(error="killed"), WANTED, Mark.SKIP),
        (result(), Wanted(), Mark.SKIP),
        (result(PASSED), Wanted(), Mark.GOOD),
        (result(LLVM), Wanted(), Mark.SKIP),
        (result(LLVM), Wanted(llvm=True), Mark.BAD),
        (result(stage("llvm::static", Outcome.FAILED, reason="no clone")), Wanted(llvm=True), Mark.SKIP),
        (
            result(stage("a::build", Outcome.FAILED, reason="the build failed (stopped after its time-out of 9 s)")),
            Wanted(),
            Mark.SKIP,
        ),
        (result(stage("a::build", Outcome.FAILED, reason="1 of 9 edges failed")), Wanted(), Mark.BAD),
        (result(LLVM, stage("b::build", Outcome.FAILED, OTHER)), Wanted(), Mark.BAD),
    ],
)
def test_judgements(seen: ProbeResult, wanted: Wanted, mark: Mark) -> None:
    judged = judge(seen, wanted)
    assert judged.mark is mark
    assert judged.reason


def test_only_a_failure_of_code_has_a_signature() -> None:
    assert judge(result(LLVM), WANTED).signature == "api-removed: f"
    no_llvm = judge(result(stage("llvm::static", Outcome.FAILED, reason="no wheels")), WANTED)
    assert (no_llvm.signature, no_llvm.machine) == ("", False)
    machine = judge(result(stage("a::build", Outcome.FAILED, MACHINE)), WANTED)
    assert (machine.signature, machine.machine) == ("", True)


def test_the_findings_that_most_places_show_come_first() -> None:
    shown = show_findings(
        [
            stage("a::build", Outcome.FAILED, FINDING, MACHINE),
            stage("b::build", Outcome.FAILED, OTHER, FINDING),
            stage("c::build", Outcome.PASSED, OTHER),
        ]
    )
    assert shown == ((FINDING, ("a::build", "b::build")), (OTHER, ("b::build",)))


def test_a_finding_as_the_user_writes_it() -> None:
    assert parse_finding("a: b:c") == ("a", "b:c")
    for wrong in ("a", ":b", "a:", ""):
        with pytest.raises(GateError, match="CLASS:IDENTIFIER"):
            parse_finding(wrong)


def test_a_commit_in_words() -> None:
    commit = Commit(sha="a" * 40, date="2026-03-02T10:00:00+00:00", author="x", title="t")
    assert str(commit) == "aaaaaaaaaaaa (2026-03-02) t"
