from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llvmgate.upstream.reverts import Reference, bare_title, number_of, read_claims

S = "4c923afe18f553f36fe85de180acd63044eb6a5a"
R = "82ec37f4a3e9619668502d95f0f614d7e99bac00"


def shas(references: tuple[Reference, ...]) -> list[str]:
    return [one.sha for one in references if one.sha]


def numbers(references: tuple[Reference, ...]) -> list[str]:
    return [one.number for one in references if one.number]


def titles(references: tuple[Reference, ...]) -> list[str]:
    return [one.title for one in references if one.title]


# The shapes below are those of real histories: CIRCT, IREE, torch-mlir and LLVM itself.


def test_git_own_words() -> None:
    claims = read_claims(
        'Revert "[mlir] Change a thing (#10526)" (#10738)', f"This reverts commit {S}.\n\nIt broke bots."
    )
    assert shas(claims.undoes) == [S]
    assert numbers(claims.undoes) == ["10526"]
    assert titles(claims.undoes) == ["[mlir] Change a thing"]
    assert not claims.redoes


def test_github_own_words() -> None:
    claims = read_claims('Revert "build: manually update a version" (#4271)', "Reverts llvm/torch-mlir#4246")
    assert numbers(claims.undoes) == ["4246"]


@pytest.mark.parametrize(
    "body",
    [
        f"This reverts commit {S}.",
        f"This reverts commit {S} because it broke a build.",
        f"this reverts commit {S[:9]}",
        f"This also reverts commit {S}.  After that, this",
        f"Reverts {S}",
        f"* Revert the change\n\nThis reverts commits {S}\n",
        f"This reverts commit llvm/llvm-project@{S}.",
    ],
)
def test_a_sha_that_is_taken_back(body: str) -> None:
    found = shas(read_claims("Revert a change", body).undoes)
    assert len(found) == 1
    assert S.startswith(found[0])


def test_several_at_once() -> None:
    body = f"This reverts commits {S} and {R[:12]}."
    assert shas(read_claims("Revert recent changes", body).undoes) == [S, R[:12]]
    body = f"This reverts commit {S}.\nThis reverts commit {R}.\n"
    assert shas(read_claims("Revert two changes", body).undoes) == [S, R]


def test_the_titles_that_a_squashed_branch_lists() -> None:
    body = 'Revert "First thing"\n\nRevert "Second thing (#12)"\n'
    assert titles(read_claims("Revert unsquashed commits", body).undoes)[1:] == ["First thing", "Second thing"]


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Reland a thing", f"It was reverted in {S}."),
        ("[LLHD] Run a pass per slot", f"The previous attempt was reverted in {S}, since then it is better."),
        ("Integrate LLVM", f"Reverted {S}: it broke the Bazel build."),
        ("Add a reverter", "revert if needed; can be reverted once it is mended"),
        ("Adapt", "commit to deal with some revert/reapply cycles"),
        ("A rollback of patterns is no longer requested", "no rollback any more"),
    ],
)
def test_prose_takes_nothing_back(title: str, body: str) -> None:
    assert not read_claims(title, body).undoes


@pytest.mark.parametrize(
    "title",
    [
        'Reapply "[mlir] Change a thing" (#9342)',
        'Reland "[mlir] Change a thing (#9000)"',
        'Re-land "[mlir] Change a thing." (#2515)',
        "[Reland] [mlir] Change a thing (#9964)",
        "[mlir] Reland change a thing",
        "Recommit [mlir] Change a thing (#2152)",
        'Revert "Revert "[mlir] Change a thing (#9751)" (#10083)" (#10122)',
        "Unrevert #1724 (#1737)",
    ],
)
def test_what_brings_back(title: str) -> None:
    claims = read_claims(title, f"This reverts commit {R} with a fix.")
    assert not claims.undoes
    assert shas(claims.redoes) == [R]


def test_the_revert_of_a_reland_takes_back() -> None:
    claims = read_claims('Revert "Reapply "[lsp] Make it injectable" (#9342)"', f"This reverts commit {S} due to CI.")
    assert shas(claims.undoes) == [S]
    assert titles(claims.undoes) == ['Reapply "[lsp] Make it injectable"']
    assert not claims.redoes


def test_a_reland_named_in_the_body_only() -> None:
    claims = read_claims("[LLHD] Run Mem2Reg per slot (#10321)", "Reapply commit bcc1685c with an additional fix.")
    assert shas(claims.redoes) == ["bcc1685c"]
    assert numbers(read_claims("[X] Import handles", "Re-lands #9077 which was reverted.").redoes) == ["9077"]


def test_a_part() -> None:
    claims = read_claims("[OM] Fix a warning", "This partially reverts commit ed0d9cc5534e which did too much.")
    assert claims.partial
    assert shas(claims.undoes) == ["ed0d9cc5534e"]
    assert read_claims("Partially revert #1688 in favour of another style (#1698)", "").partial


def test_what_another_message_said_is_not_said_here() -> None:
    body = f"This reverts commit {S}.\n\nOriginal commit message:\n\n> This reverts commit {R}.\n"
    assert shas(read_claims('Reland "A thing"', body).redoes) == [S]


def test_a_mended_build_names_what_broke_it() -> None:
    claims = read_claims(f"[Analysis] Fix the BUILD_SHARED_LIBS build after {S[:12]} (#12)", "")
    assert shas(claims.mends) == [S[:12]]
    assert numbers(read_claims("[Support] Fix the build after #100123 (#100200)", "").mends) == ["100123"]
    assert shas(read_claims("[mlir] Link the dialect", f"Shared builds need it. Fixes {S}.").mends) == [S]


def test_a_mended_test_is_no_mended_build() -> None:
    assert not read_claims("[mlir] Fix a comment after #100123", "Fixes #12.")


def test_an_ordinary_message_claims_nothing() -> None:
    assert not read_claims("[mlir] Add a pass (#1)", "It folds constants. See #2 and " + S)


def test_titles() -> None:
    assert bare_title("[mlir]  A thing (#1) (#2)") == "[mlir] A thing"
    assert number_of("[mlir] A thing (#1) (#2)") == "2"
    assert number_of("A thing") == ""


WORDS = st.text(alphabet="abcdefg XYZ[]:'.-_", min_size=3, max_size=40).map(lambda text: f"Q{text}q")
HEX = st.text(alphabet="0123456789abcdef", min_size=7, max_size=40)


@given(title=WORDS, layers=st.lists(st.sampled_from(["Revert", "Reapply", "Reland"]), min_size=1, max_size=6), sha=HEX)
def test_layers_decide_the_direction(title: str, layers: list[str], sha: str) -> None:
    whole = title
    for verb in reversed(layers):
        whole = f'{verb} "{whole}"'
    claims = read_claims(whole, f"This reverts commit {sha}.")
    goes = layers.count("Revert") % 2 == 1
    assert shas(claims.undoes if goes else claims.redoes) == [sha]
    assert not (claims.redoes if goes else claims.undoes)


@given(title=WORDS, number=st.integers(min_value=1, max_value=999_999))
def test_a_quoted_title_is_found_whole(title: str, number: int) -> None:
    claims = read_claims(f'Revert "{title} (#{number})" (#{number + 3})', "")
    assert number_of(f"x (#{number})") in numbers(claims.undoes)
    assert bare_title(title) in titles(claims.undoes)


@given(title=st.text(max_size=200), body=st.text(max_size=2000))
def test_any_text_can_be_read(title: str, body: str) -> None:
    claims = read_claims(title, body)
    for one in (*claims.undoes, *claims.redoes, *claims.mends):
        assert [bool(one.sha), bool(one.number), bool(one.title)].count(True) == 1


@pytest.mark.parametrize(
    "body",
    [
        "reverts " + "abcdef0 and " * 60_000,
        "reverts commit " * 40_000,
        'Revert "' * 50_000,
        "partially " * 50_000,
        "#1, " * 100_000,
        "[" * 100_000,
        "original " * 60_000,
        " " * 300_000,
    ],
)
def test_hostile_messages_take_no_time(body: str) -> None:
    started = time.process_time()
    read_claims(body, body)
    assert time.process_time() - started < 1.5


@pytest.mark.parametrize("verb", ["Automated rollback of", "Rollback of", "Roll back", "Revert"])
@pytest.mark.parametrize("what", [f"commit {S}", S, f"{S[:12]}."])
def test_a_title_that_names_the_commit_itself(verb: str, what: str) -> None:
    """As the histories have it that a robot exports."""
    (found,) = shas(read_claims(f"{verb} {what}", "PiperOrigin-RevId: 1").undoes)
    assert S.startswith(found)


def test_a_rollback_of_a_title() -> None:
    assert titles(read_claims("Rollback of [mlir] Foo bar", "").undoes) == ["[mlir] Foo bar"]
