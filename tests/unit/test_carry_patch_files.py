"""What a patch says it changes, and which patches are refused before git sees them."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_llvmgate.carry.patch_files import BadPatchError, file_changes

PLAIN = "--- a/lib/A.cpp\n+++ b/lib/A.cpp\n@@ -1,2 +1,2 @@\n x\n-old\n+new\n"
MAIL = f"From {'1' * 40} Mon Sep 17 00:00:00 2001\nSubject: [PATCH] x\n\n---\n lib/A.cpp | 2 +-\n\n"
TWO = "diff --git a/m.sh b/m.sh\nold mode 100644\nnew mode 100755\ndiff --git a/n b/o\nrename from n\nrename to o\n"


def refusal(text: str) -> str:
    with pytest.raises(BadPatchError) as caught:
        file_changes(text.encode(), "p.patch")
    return str(caught.value)


@pytest.mark.parametrize("text", [PLAIN, f"{MAIL}diff --git a/lib/A.cpp b/lib/A.cpp\n{PLAIN}-- \n2.39.5\n"])
def test_the_files_and_hunks_of_a_patch(text: str) -> None:
    (change,) = file_changes(text.encode(), "p.patch")
    assert (change.path, len(change.hunks)) == ("lib/A.cpp", 1)
    assert change.alone(0).endswith(b"@@ -1,2 +1,2 @@\n x\n-old\n+new\n")


def test_modes_and_renames_count_without_a_hunk() -> None:
    assert [change.paths for change in file_changes(TWO.encode(), "p")] == [["m.sh", "m.sh"], ["n", "o"]]


def test_what_looks_like_a_header_inside_a_hunk_is_a_line() -> None:
    text = "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n--- a/../../y\n+++ b/../../y\n z\n"
    assert [change.paths for change in file_changes(text.encode(), "p")] == [["x", "x"]]


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc/passwd", ".git/config", "sub/.GIT/hooks/x", "a//b", "./x"])
def test_a_path_that_leads_elsewhere_is_refused(path: str) -> None:
    prefix = "" if path.startswith("/") else "b/"
    told = refusal(f"--- /dev/null\n+++ {prefix}{path}\n@@ -0,0 +1 @@\n+x\n")
    assert told.startswith("p.patch:1: expected ")


def test_a_quoted_path_is_read_as_git_means_it() -> None:
    assert "'.git/config'" in refusal('--- /dev/null\n+++ "b/\\056git/config"\n@@ -0,0 +1 @@\n+x\n')


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "found no change in it"),
        ("Subject: nothing\n\nno diff\n", "found no change in it"),
        ("diff --git a/x b/x\nindex 1..2 100644\nGIT binary patch\n", "found a binary one"),
        ("diff --git a/x b/x\nBinary files a/x and b/x differ\n", "found a binary one"),
        ("diff --git a/x b/x\nnew file mode 120000\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+/etc\n", "a symbolic link"),
        (
            "diff --git a/x b/x\nnew file mode 0120000 \n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+/etc\n",
            "a symbolic link",
        ),
        ("diff --git a/x b/x\nindex 1..2 160000\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n", "a submodule"),
        ("--- a/x\n+++ b/x\n@@ -1,9 +1,9 @@\n a\n", "the patch ends in it"),
        ("--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\nwhat\n", "expected a line of a hunk"),
    ],
)
def test_what_no_patch_may_be_is_refused(text: str, what: str) -> None:
    assert what in refusal(text)


HUNK = "@@ -1 +1 @@\n-a\n+b"
PIECES = (
    *(f"--- {old}\n+++ {new}\n{HUNK}" for old, new in (("a/x", "b/x"), ("a/x", "b/.git/y"), ("a/../y", "b/y"))),
    *(f"diff --git a/{name} b/{name}\nold mode 100644\nnew mode 100755" for name in ("x", ".git/x", "s/../../x")),
    f"--- /dev/null\n+++ b/new\n@@ -0,0 +1,2 @@\n+a\n+{HUNK}",
    "diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc",
    "diff --git a/n b/o\nsimilarity index 100%\nrename from n\nrename to o",
    'diff --git "a/y" "b/y"\nnew file mode 100644',
    *("diff --git a/x b/x", "diff --git a/x b/y", "--- a/x", "+++ b/x", "--- /dev/null", "+++ /dev/null"),
    *('+++ "b/\\056git/config"', "new file mode 100644", "deleted file mode 100644", "index 1234567..89abcde 160000"),
    *("rename from x", "rename to ../y", HUNK, " a", "-a", "+b", "", "junk", "-- ", "\\ No newline at end of file"),
)


@settings(max_examples=150)
@given(st.lists(st.sampled_from(PIECES), max_size=6))
def test_whatever_git_would_touch_has_been_seen(lines: list[str]) -> None:
    """A patch that is let through names every file that git finds in it, and git makes no link of it."""
    content = "".join(f"{line}\n" for line in lines).encode()
    try:
        seen = {path for change in file_changes(content, "p") for path in change.paths}
    except BadPatchError:
        return
    done = subprocess.run(
        ["git", "apply", "--numstat", "--summary", "-z", "-"], input=content, capture_output=True, check=False, cwd="/"
    )
    if done.returncode == 0:
        listing, _, summary = done.stdout.decode().rpartition("\0")
        found = {entry.split("\t")[2] for entry in listing.split("\0") if entry.count("\t") == 2}
        assert found <= seen | {"dev/null"}  # what git makes of a rename to nothing
        assert "120000" not in summary
