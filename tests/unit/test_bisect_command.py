"""A bisection from end to end on the miniature's history, with its oracle in the place of builds."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from pytest_llvmgate.bisect.bisection import Mark
from pytest_llvmgate.bisect.drive import Aim, SearchEnding
from pytest_llvmgate.bisect.outcome import Report, log_lines, report_data, report_lines
from pytest_llvmgate.bisect.probing import select_request
from pytest_llvmgate.bisect.state import SearchState, read_log
from pytest_llvmgate.bisect.whole_search import Bisect, SearchRequest
from pytest_llvmgate.cli import bisect as command
from pytest_llvmgate.cli.main import main
from pytest_llvmgate.config.load import load_config
from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.errors import GateError, RevisionError
from pytest_llvmgate.gate.seal import load_sealed
from tests.miniature import Miniature, create
from tests.miniature.downstream import create_downstream
from tests.support.oracle import Oracle

_F = "filler"
PLAN = (
    *(_F, "api-changed", _F, _F, "api-changed-reverted", _F, _F, _F),  # 1 to 8
    *("llvm-broken", _F, _F, _F, "llvm-fixed", _F, _F),  # 9 to 15
    *("header-moved", _F, _F, "td-renamed", _F, _F, "target-renamed", _F, _F),  # 16 to 24
)
MOVED = ("header-missing", "mlir/Analysis/SliceAnalysis.h")


@pytest.fixture(scope="module")
def miniature(tmp_path_factory: pytest.TempPathFactory) -> Miniature:
    return create(tmp_path_factory.mktemp("miniature") / "llvm-project", commits=PLAN)


@dataclass
class Place:
    """A downstream with an oracle."""

    miniature: Miniature
    config: Config
    told: list[str] = field(default_factory=list)
    oracles: list[Oracle] = field(default_factory=list)

    def bisect(self, good: str = "", bad: str = "", *, configuration: str = "static-mhlo_on", **more: Any) -> Bisect:
        aim = Aim(**{name: more.pop(name) for name in list(more) if name in Aim.__dataclass_fields__})
        names = (configuration,) if configuration else ()
        return Bisect(
            self.config,
            SearchRequest(
                request=select_request(self.config, names, more.pop("stages", ())),
                good=self._sha(good),
                bad=self._sha(bad),
                aim=aim,
                **more,
            ),
            tell=self.told.append,
        )

    def _sha(self, name: str) -> str:
        return self.miniature.sha(name) if name in self.miniature.commits else name

    def search(self, *arguments: str, trouble: Any = lambda _: "", **more: Any) -> Report:
        oracle = Oracle(self.miniature, self.config, trouble=trouble)
        self.oracles.append(oracle)
        return self.bisect(*arguments, **more).run(oracle.launch, oracle.wait)

    @property
    def oracle(self) -> Oracle:
        return self.oracles[-1]

    def found(self, report: Report, name: str) -> bool:
        return report.outline.ending is SearchEnding.FOUND and report.first_bad.sha == self.miniature.sha(name)


@pytest.fixture(scope="module")
def downstream(tmp_path_factory: pytest.TempPathFactory, miniature: Miniature) -> Path:
    directory = tmp_path_factory.mktemp("downstream")
    llvm = {"supplier": "source", "repository": str(miniature.repository)}
    return create_downstream(directory, miniature, llvm=llvm).root


@pytest.fixture
def place(miniature: Miniature, downstream: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setenv("LLVMGATE_CACHE", str(tmp_path / "cache"))
    yield Place(miniature, load_config(downstream / "llvmgate.toml"))
    shutil.rmtree(downstream / ".llvmgate", ignore_errors=True)


def test_from_the_pin_to_the_head_for_what_the_head_shows(place: Place) -> None:
    report = place.search()
    assert place.found(report, "target-renamed")
    assert report.outline.wanted.key == ("cmake-target-missing", "MLIRTosa")
    assert report.exit_code == 0
    assert report.last_good.sha == place.miniature.before("target-renamed")
    assert "mlir/lib/Dialect/Tosa/IR/CMakeLists.txt" in report.touched
    assert report.first_bad.date.startswith("2026-03-0")


def test_only_what_shows_the_finding_is_built_between_the_ends(place: Place) -> None:
    report = place.search(configuration="")
    first, *others = place.oracle.asked
    assert len(first[1].configurations) == 4
    assert {len(request.configurations) for _, request in others} == {1}
    assert {request.stages for _, request in others} == {("configure",)}
    assert (report.naive_builds, report.llvm_built) == (2 * report.naive, len(others) + 2)


def test_cheap_stages_save_probes_and_do_not_decide(place: Place) -> None:
    cheap = place.search("", "header-moved")
    few = len(place.oracle.asked)
    plain = place.search("", "header-moved", cheap=False, restart=True)
    assert place.found(cheap, "header-moved")
    assert place.found(plain, "header-moved")
    assert few == 3  # both ends, and the parent of the end that is the culprit
    assert few < len(place.oracle.asked)


def test_a_hint_that_is_wrong_is_not_believed(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    from pytest_llvmgate.bisect import cheap
    from pytest_llvmgate.bisect.weights import Hint

    for index in (3, 17, 20):
        sha = place.miniature.order[index]
        monkeypatch.setattr(cheap, "find_hints", lambda *_, sha=sha: (Hint(sha=sha, why="a test"),))
        report = place.search(restart=True)
        assert place.found(report, "target-renamed")


def test_a_clone_without_all_objects_is_searched_without_the_cheap_stages(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pytest_llvmgate.bisect import cheap

    def fails(*_: object) -> None:
        raise GateError("missing blob object")

    monkeypatch.setattr(cheap, "find_hints", fails)
    assert place.found(place.search(), "target-renamed")
    assert any("without the cheap stages: missing blob object" in line for line in place.told)


def test_a_finding_that_is_named(place: Place) -> None:
    report = place.search(
        "", place.miniature.before("td-renamed"), finding=("header-missing", "mlir/Analysis/SliceAnalysis.h")
    )
    assert place.found(report, "header-moved")


def test_a_finding_that_the_bad_end_does_not_show(place: Place) -> None:
    report = place.search(
        finding=("header-missing", "mlir/Analysis/SliceAnalysis.h")
    )  # hidden by the failing configure
    assert report.outline.ending is SearchEnding.NOT_BAD
    assert report.exit_code == 1
    assert len(place.oracle.asked) == 1


def test_any_failure_finds_the_earliest_that_stays(place: Place) -> None:
    report = place.search(any_failure=True)
    assert place.found(report, "header-moved")
    assert {line.mark for line in report.lines} >= {Mark.GOOD, Mark.BAD}


def test_another_failure_is_told_and_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLVMGATE_CACHE", str(tmp_path / "cache"))
    plan = (_F, _F, "api-changed", _F, "header-moved", _F, "api-changed-reverted", _F)
    miniature = create(tmp_path / "llvm-project", commits=plan)
    llvm = {"supplier": "source", "repository": str(miniature.repository)}
    place = Place(miniature, load_config(create_downstream(tmp_path, miniature, llvm=llvm).config))
    report = place.search(cheap=False)
    # Where api-changed is in effect and header-moved is not yet, everything fails for another reason.
    assert report.outline.ending is SearchEnding.RANGE
    assert [commit.sha for commit in report.culprits] == list(miniature.order[3:6])
    assert [line for line in report.lines if line.unrelated]
    assert "unrelated at" in "\n".join(report_lines(report))


def test_what_the_bad_end_shows_beside_the_finding_does_not_hide_it(place: Place) -> None:
    bad = place.miniature.before("target-renamed")
    report = place.search("", bad, finding=("tablegen", "Variable not defined: 'NoSideEffect'"), cheap=False)
    assert place.found(report, "td-renamed")
    assert any("not for this" in line.reason and line.mark is Mark.GOOD for line in report.lines)


def test_of_several_configurations_the_one_that_shows_the_least_besides_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLVMGATE_CACHE", str(tmp_path / "cache"))
    miniature = create(tmp_path / "llvm-project", commits=(_F, "hlo-header-moved", _F, _F, "accessors-removed"))
    llvm = {"supplier": "source", "repository": str(miniature.repository)}
    place = Place(miniature, load_config(create_downstream(tmp_path, miniature, llvm=llvm).config))
    report = place.search(configuration="", finding=("api-removed", "mlir::tiny::AddOp::lhs"))
    assert place.found(report, "accessors-removed")
    assert report.outline.wanted.nodes == ("static-mhlo_off::build",)


@pytest.mark.parametrize(("meaning", "culprit"), [("good", "td-renamed"), ("bad", "header-moved")])
def test_another_failure_is_treated_as_asked(place: Place, meaning: str, culprit: str) -> None:
    report = place.search(
        "",
        place.miniature.before("target-renamed"),
        finding=("tablegen", "Variable not defined: 'NoSideEffect'"),
        unrelated=Mark(meaning),
    )
    assert place.found(report, culprit)


def test_a_broken_llvm_leaves_an_honest_range(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLVMGATE_CACHE", str(tmp_path / "cache"))
    plan = (*(_F,) * 6, "llvm-broken", *(_F,) * 9, "header-moved", *(_F,) * 3, "llvm-fixed", *(_F,) * 6)
    miniature = create(tmp_path / "llvm-project", commits=plan)
    llvm = {"supplier": "source", "repository": str(miniature.repository)}
    place = Place(miniature, load_config(create_downstream(tmp_path, miniature, llvm=llvm).config))
    report = place.search(restart=True)
    assert (report.outline.ending, report.exit_code) == (SearchEnding.RANGE, 125)
    assert report.last_good.sha == miniature.before("llvm-broken")
    assert report.first_bad.sha == miniature.sha("llvm-fixed")
    assert [commit.sha for commit in report.culprits] == list(miniature.order[7:22])
    assert report.outline.assumed
    assert "cannot be judged" in "\n".join(report_lines(report))


def test_what_broke_llvm_itself(place: Place) -> None:
    report = place.search("", place.miniature.order[11], stages=("llvm",))
    assert place.found(report, "llvm-broken")
    assert [each.how for each in report.followers] == ["fixed"]
    place.search("", place.miniature.order[11], stages=("llvm",), configuration="", restart=True)
    first, *others = place.oracle.asked
    assert len(first[1].configurations) == 4
    assert {len(request.configurations) for _, request in others} == {1}


def test_what_was_reverted_later_is_told(place: Place) -> None:
    report = place.search("", place.miniature.order[3])
    assert place.found(report, "api-changed")
    assert [(each.how, each.sha) for each in report.followers] == [
        ("reverted", place.miniature.sha("api-changed-reverted"))
    ]
    assert "reverted by" in "\n".join(report_lines(report))


def test_the_good_end_shows_it_already(place: Place) -> None:
    report = place.search("header-moved", place.miniature.order[18])
    assert report.outline.ending is SearchEnding.ALREADY_BAD
    assert report.exit_code == 3


def test_an_end_that_cannot_be_judged(place: Place) -> None:
    report = place.search("", place.miniature.order[10])
    assert report.outline.ending is SearchEnding.UNTESTABLE
    assert report.exit_code == 125
    assert "LLVM itself is broken" in "\n".join(report_lines(report))


def test_a_good_bad_end(place: Place) -> None:
    report = place.search("", place.miniature.order[7])
    assert (report.outline.ending, report.exit_code) == (SearchEnding.NOT_BAD, 1)


def test_a_failing_machine_stops_the_search_and_it_goes_on_later(place: Place) -> None:
    ends = {place.miniature.base, place.miniature.head}
    report = place.search(trouble=lambda sha: "" if sha in ends else "the disk is full", cheap=False)
    assert report.outline.ending is SearchEnding.STOPPED
    assert len(place.oracle.asked) == 5
    assert "disk is full" in "\n".join(report_lines(report))
    assert place.found(place.search(cheap=False), "target-renamed")
    assert not ends.intersection(place.oracle.shas)  # they are known


def test_an_end_that_the_machine_spoilt_is_probed_again(place: Place) -> None:
    spoilt = place.search(trouble=lambda _: "the disk is full")
    assert spoilt.outline.ending is SearchEnding.UNTESTABLE
    assert place.found(place.search(), "target-renamed")


def test_what_only_the_machine_spoilt_is_tried_once_more(place: Place) -> None:
    before = place.miniature.before("target-renamed")

    def trouble(sha: str) -> str:
        return "killed" if sha == before and place.oracle.shas.count(sha) == 1 else ""

    assert place.found(place.search(trouble=trouble), "target-renamed")
    assert place.oracle.shas.count(before) == 2
    always = place.search(trouble=lambda sha: "killed" if sha == before else "", restart=True)
    assert always.outline.ending is SearchEnding.RANGE
    assert [commit.sha for commit in always.culprits] == [before, place.miniature.sha("target-renamed")]
    assert place.oracle.shas.count(before) == 2


def test_bounded_runs_go_on_where_the_last_one_ended(place: Place) -> None:
    probes = 0
    for _ in range(20):
        report = place.search(cheap=False, limit=1)
        probes += len(place.oracle.asked)
        assert len(place.oracle.asked) <= 2
        if report.outline.ending is not SearchEnding.STOPPED:
            break
    assert place.found(report, "target-renamed")
    assert probes <= report.naive + 1  # one of them hit the stretch where LLVM is broken


def test_the_state_survives_a_torn_file_and_another_tree(place: Place) -> None:
    bisect = place.bisect()
    oracle = Oracle(place.miniature, place.config)
    bisect.run(oracle.launch, oracle.wait)
    path = bisect.path
    assert load_sealed(SearchState, place.config.root, path) is not None
    path.write_text(path.read_text()[:100])
    assert load_sealed(SearchState, place.config.root, path) is None
    assert place.bisect().state.steps == ()


def test_a_state_that_the_tree_brings_along_is_not_believed(place: Place) -> None:
    bisect = place.bisect()
    oracle = Oracle(place.miniature, place.config)
    bisect.run(oracle.launch, oracle.wait)
    plain = json.loads(bisect.path.read_text())
    assert plain.pop("seal")
    bisect.path.write_text(json.dumps(plain, indent=1) + "\n")
    assert place.bisect().state.steps == ()


def test_replaying_a_log_probes_nothing_that_it_tells(place: Place, tmp_path: Path) -> None:
    first = place.bisect(cheap=False)
    oracle = Oracle(place.miniature, place.config)
    report = first.run(oracle.launch, oracle.wait)
    log = tmp_path / "bisect.log"
    log.write_text("".join(f"{line}\n" for line in log_lines(report)))
    said = read_log(log)
    assert len(said) == len(oracle.shas)
    again = place.search(cheap=False, said=said, restart=True)
    assert place.oracle.asked == []
    assert again.first_bad == report.first_bad
    assert again.outline.ending is SearchEnding.FOUND
    kept = load_sealed(SearchState, place.config.root, first.path)
    assert kept is not None
    assert kept.steps == ()  # what a log says is about one finding, and for this run


def test_a_finding_is_looked_for_although_a_log_says_what_is_bad(place: Place) -> None:
    said = ((place.miniature.head, Mark.BAD), (place.miniature.base, Mark.GOOD))
    report = place.search(said=said, finding=("cmake-target-missing", "MLIRTosa"))
    assert place.found(report, "target-renamed")


def test_what_is_said_of_a_commit_the_range_does_not_have_is_told(place: Place) -> None:
    report = place.search(said=(("0123456", Mark.SKIP),))
    assert place.found(report, "target-renamed")
    assert "ignored: 0123456 is no commit of this range" in place.told


def test_git_s_own_log_is_understood(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(
        "git bisect start '--first-parent'\n# status: waiting for both good and bad commits\n"
        f"# good: [{'a' * 40}] title\ngit bisect good {'a' * 40}\n"
        f"git bisect skip {'b' * 40}\ngit bisect bad {'c' * 40}\n"
    )
    assert read_log(log) == (("a" * 40, Mark.GOOD), ("b" * 40, Mark.SKIP), ("c" * 40, Mark.BAD))
    log.write_text("nonsense\n")
    with pytest.raises(GateError, match="expected a line like"):
        read_log(log)
    with pytest.raises(GateError, match="cannot be read"):
        read_log(tmp_path / "none")


def test_two_at_a_time_stop_what_is_decided(place: Place) -> None:
    report = place.search(count=2, cheap=False)
    assert place.found(report, "target-renamed")
    assert report.outline.stopped == len(place.oracle.stopped) > 0
    judged = {line.commit.sha for line in report.lines}
    assert judged == set(place.oracle.shas) - set(place.oracle.stopped)


def test_too_little_memory_means_one_at_a_time(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_llvmgate.bisect.whole_search.free_memory", lambda: 1.0)
    report = place.search(count=2, cheap=False)
    assert place.found(report, "target-renamed")
    assert place.oracle.stopped == []


def test_a_list_of_commits_instead_of_a_history(place: Place) -> None:
    order = place.miniature.order
    report = place.search(over=(order[0], order[7], order[15], order[18]), any_failure=True)
    assert report.first_bad.sha == order[18]
    assert report.last_good.sha == order[15]
    with pytest.raises(RevisionError, match="two or more"):
        place.bisect(over=(order[0],))


def test_only_commits_that_an_llvm_is_supplied_for_are_tried(place: Place, tmp_path: Path) -> None:
    order = place.miniature.order
    for index in (0, 6, 14, 18, 20):
        (tmp_path / "llvms" / order[index]).mkdir(parents=True)
    llvm = replace(place.config.llvm, supplier="prefix", prefix=f"{tmp_path}/llvms/{{sha}}")
    place.config = replace(place.config, llvm=llvm)
    report = place.search("", order[20], any_failure=True)
    assert set(place.oracle.shas) <= {order[index] for index in (0, 6, 14, 18, 20)}
    assert report.outline.ending is SearchEnding.RANGE
    assert [commit.sha for commit in report.culprits] == list(order[15:19])


def test_json_has_everything_and_the_field_s_shape(place: Place) -> None:
    report = place.search()
    data = json.loads(json.dumps(report_data(report)))
    assert data["ending"] == "found"
    assert data["first_bad"]["title"].startswith("[mlir]")
    failed, number = data["recent"]["failed"]
    assert failed == {"sha1": report.first_bad.sha, "date": report.first_bad.date}
    assert data["probes"][number - 1]["commit"]["sha"] == report.first_bad.sha
    assert data["recent"]["succeeded"][0]["sha1"] == report.last_good.sha
    assert data["counts"]["naive_probes"] == 7
    assert data["commits"] == len(PLAN)


@pytest.mark.parametrize(
    ("good", "bad", "words"),
    [("header-moved", "initial", "comes before"), ("initial", "initial", "nothing to search")],
)
def test_ends_that_leave_nothing_to_search(place: Place, good: str, bad: str, words: str) -> None:
    with pytest.raises(RevisionError, match=words):
        place.bisect(good, bad)


def test_progress_tells_what_is_left(place: Place) -> None:
    place.search(cheap=False)
    assert any("commits left, about" in line and " s" in line for line in place.told)


@pytest.mark.parametrize(
    ("text", "ends"), [("", ("", "")), ("a..b", ("a", "b")), ("a..", ("a", "")), ("..b", ("", "b"))]
)
def test_ranges(text: str, ends: tuple[str, str]) -> None:
    assert command.parse_range(text) == ends


@pytest.mark.parametrize("text", ["abc", "a...b"])
def test_what_is_no_range(text: str) -> None:
    with pytest.raises(GateError, match=r"expected GOOD\.\.BAD"):
        command.parse_range(text)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--configuration", "nope"], 4, "no configuration 'nope'"),
        (["--stage", "nope"], 4, "no stage 'nope'"),
        (["--finding", "nope"], 4, "expected CLASS:IDENTIFIER"),
        (["--skip", "nope"], 4, "expected 7 to 40"),
        (["--over", "a,b", "c..d"], 4, "expected no GOOD"),
        (["0123456..nope", "--any"], 4, "no commit|no LLVM commit"),
        (["--unrelated", "nope"], 2, "invalid choice"),
    ],
)
def test_wrong_input(
    place: Place, arguments: list[str], code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        found = main(["bisect", "-C", str(place.config.root), *arguments])
    except SystemExit as error:
        found = error.code  # type: ignore[assignment]
    assert found == code
    import re

    assert re.search(words, capsys.readouterr().err)
