from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from git_kit import A, B, C, Repo

from pytest_llvmgate.config.settings import Config, HopSpec, LlvmSpec, PinSpec, WheelSet
from pytest_llvmgate.errors import ConfigError, RepositoryError, RevisionError
from pytest_llvmgate.pins.read import check_specs, read_pins
from pytest_llvmgate.pins.reading import PinReading

DIRECT = PinSpec(name="llvm-project", file="utils/clone-mlir.sh")
INDIRECT = PinSpec(name="mhlo", component="third_party/mhlo", file="build_tools/llvm_version.txt")


def clone_script(sha: str) -> str:
    return f"git clone https://example.org/llvm-project\ncd llvm-project && git checkout {sha} && cd ..\n"


@pytest.fixture
def component(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "mhlo")
    made.commit({"build_tools/llvm_version.txt": f"{A}\n"})
    return made


@pytest.fixture
def repo(tmp_path: Path, component: Repo) -> Repo:
    made = Repo(tmp_path / "repo")
    made.write({"utils/clone-mlir.sh": clone_script(A)})
    made.git("add", "utils")
    made.add_submodule(component, "third_party/mhlo")
    made.commit()
    return made


def config(repo: Repo, *pins: PinSpec, file: str = "llvmgate.toml") -> Config:
    return Config(path=repo.path / file, pins=pins)


def read(repo: Repo, *pins: PinSpec, commit: str | None = None) -> PinReading:
    (reading,) = read_pins(config(repo, *pins), commit=commit)
    return reading


def test_a_direct_pin_is_read_from_the_work_tree(repo: Repo) -> None:
    repo.write({"utils/clone-mlir.sh": clone_script(B)})
    reading = read(repo, DIRECT)
    assert (reading.sha, str(reading.location), reading.hops) == (B, "utils/clone-mlir.sh:2", ())
    assert reading.is_direct


def test_a_direct_pin_at_a_commit(repo: Repo) -> None:
    repo.write({"utils/clone-mlir.sh": clone_script(B)})
    assert read(repo, DIRECT, commit="HEAD").sha == A
    assert read(repo, DIRECT, commit=repo.head[:10]).sha == A


def test_a_commit_that_is_not_there(repo: Repo) -> None:
    with pytest.raises(RevisionError, match="no commit"):
        read(repo, DIRECT, commit="no-such-branch")


def test_a_component_is_read_at_the_commit_that_the_gitlink_names(repo: Repo) -> None:
    reading = read(repo, INDIRECT)
    assert reading.sha == A
    assert str(reading.location) == "third_party/mhlo/build_tools/llvm_version.txt:1"
    (hop,) = reading.hops
    assert (hop.what, hop.where.path, hop.commit) == (
        "gitlink",
        "third_party/mhlo",
        repo.git("rev-parse", ":third_party/mhlo"),
    )
    assert hop.url.endswith("/mhlo")
    assert not reading.is_direct
    assert reading.warnings == ()


def test_a_staged_gitlink_counts(repo: Repo, component: Repo) -> None:
    moved = component.commit({"build_tools/llvm_version.txt": f"{B}\n"})
    Repo.at(repo.path / "third_party/mhlo").git("fetch", "-q", "origin")
    repo.git("update-index", "--cacheinfo", f"160000,{moved},third_party/mhlo")
    assert read(repo, INDIRECT).sha == B
    assert read(repo, INDIRECT, commit="HEAD").sha == A


def test_a_checkout_that_stands_elsewhere_is_reported(repo: Repo) -> None:
    inner = Repo.at(repo.path / "third_party/mhlo")
    inner.commit({"build_tools/llvm_version.txt": f"{B}\n"})
    reading = read(repo, INDIRECT)
    assert reading.sha == A
    (warning,) = reading.warnings
    assert f"the checkout stands at {inner.head[:12]}" in warning.message
    assert "git submodule update third_party/mhlo" in str(warning.hint)


def test_an_edited_file_in_the_checkout_is_reported(repo: Repo) -> None:
    repo.write({"third_party/mhlo/build_tools/llvm_version.txt": f"{B}\n"})
    reading = read(repo, INDIRECT)
    assert reading.sha == A
    assert [warning.message for warning in reading.warnings] == ["the checkout's file is not the committed one"]


def test_a_baseline_is_not_compared_with_the_checkout(repo: Repo) -> None:
    Repo.at(repo.path / "third_party/mhlo").commit({"build_tools/llvm_version.txt": f"{B}\n"})
    assert read(repo, INDIRECT, commit="HEAD").warnings == ()


def test_an_uninitialised_submodule_gets_the_command(repo: Repo, tmp_path: Path) -> None:
    repo.git("clone", "-q", str(repo.path), str(tmp_path / "clone"))
    reading = read(Repo.at(tmp_path / "clone"), INDIRECT)
    assert reading.sha is None
    assert reading.problem is not None
    assert "third_party/mhlo is not initialised" in reading.problem.message
    assert reading.problem.hint == "git submodule update --init third_party/mhlo"


def test_a_gitlink_to_a_commit_that_was_never_fetched(repo: Repo) -> None:
    repo.git("update-index", "--cacheinfo", f"160000,{C},third_party/mhlo")
    reading = read(repo, INDIRECT)
    assert reading.problem is not None
    assert "is not in its clone" in reading.problem.message
    assert reading.problem.hint == f"git -C third_party/mhlo fetch origin {C}"


def test_a_file_that_the_component_does_not_have(repo: Repo) -> None:
    reading = read(repo, replace(INDIRECT, file="nothing.txt", reader="sha-file"))
    assert reading.problem is not None
    assert "there is no such file at commit" in reading.problem.message
    assert reading.problem.where == "third_party/mhlo/nothing.txt"


def test_a_file_that_was_deleted_can_be_restored(repo: Repo) -> None:
    (repo.path / "utils/clone-mlir.sh").unlink()
    reading = read(repo, DIRECT)
    assert reading.problem is not None
    assert reading.problem.hint == "git checkout HEAD -- utils/clone-mlir.sh"


def test_a_file_that_never_was(repo: Repo) -> None:
    reading = read(repo, PinSpec(name="x", file="none.sh"))
    assert reading.problem is not None
    assert "correct 'file'" in str(reading.problem.hint)


def test_a_link_out_of_the_repository_is_not_followed(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "outside.sh").write_text(clone_script(A))
    (repo.path / "link.sh").symlink_to(tmp_path / "outside.sh")
    reading = read(repo, PinSpec(name="x", file="link.sh"))
    assert reading.problem is not None
    assert "leads out of the repository" in reading.problem.message


@pytest.mark.parametrize("path", ["../repo2/x.sh", "/etc/x.sh", "a/../../x.sh"])
def test_paths_out_of_the_repository_are_refused(repo: Repo, path: str) -> None:
    reading = read(repo, PinSpec(name="x", file=path))
    assert reading.problem is not None
    assert "not a path inside the repository" in reading.problem.message


def test_a_binary_file(repo: Repo) -> None:
    (repo.path / "x.sh").write_bytes(b"\xff\xfe")
    reading = read(repo, PinSpec(name="x", file="x.sh"))
    assert reading.problem is not None
    assert "is not UTF-8 text" in reading.problem.message


def test_a_directory_is_no_file(repo: Repo) -> None:
    reading = read(repo, PinSpec(name="x", file="utils", reader="sha-file"))
    assert reading.problem is not None
    assert "cannot be read" in reading.problem.message


def test_a_file_without_a_commit(repo: Repo) -> None:
    repo.write({"x.sh": "make\n"})
    reading = read(repo, PinSpec(name="x", file="x.sh"))
    assert reading.problem is not None
    assert "found no commit" in reading.problem.message


def test_two_commits_in_one_file_are_no_pin(repo: Repo) -> None:
    repo.write({"x.sh": f"git checkout {A}\ngit checkout {B}\n"})
    reading = read(repo, PinSpec(name="x", file="x.sh"))
    assert reading.problem is not None
    assert "names 2 different commits: aaaaaaaaaaaa in line 1, bbbbbbbbbbbb in line 2" in reading.problem.message


def test_the_same_commit_twice_is_one_pin_in_two_places(repo: Repo) -> None:
    repo.write({"x.sh": f"git checkout {A}\ngit checkout {A}\n"})
    reading = read(repo, PinSpec(name="x", file="x.sh"))
    assert reading.sha == A
    assert [str(place) for place in reading.duplicates] == ["x.sh:2"]


def test_a_file_whose_name_says_nothing_needs_a_reader(repo: Repo) -> None:
    repo.write({"PINNED": A})
    reading = read(repo, PinSpec(name="x", file="PINNED"))
    assert reading.problem is not None
    assert "add reader = one of gitlink" in str(reading.problem.hint)
    assert read(repo, PinSpec(name="x", file="PINNED", reader="sha-file")).sha == A


def test_a_gitlink_is_a_pin(repo: Repo) -> None:
    repo.commit(links={"externals/llvm-project": A})
    for spec in (
        PinSpec(name="x", file="externals/llvm-project", reader="gitlink"),
        PinSpec(name="x", file="externals/llvm-project"),
        PinSpec(name="x", component="externals/llvm-project"),
    ):
        for commit in (None, "HEAD"):
            reading = read(repo, spec, commit=commit)
            assert (reading.sha, reading.is_direct, reading.location.line) == (A, True, None)


def test_a_file_is_no_gitlink(repo: Repo) -> None:
    reading = read(repo, PinSpec(name="x", file="utils/clone-mlir.sh", reader="gitlink"))
    assert reading.problem is not None
    assert "expected a gitlink" in reading.problem.message


def test_a_gitlink_is_no_file(repo: Repo) -> None:
    reading = read(repo, PinSpec(name="x", file="third_party/mhlo", reader="sha-file"))
    assert reading.problem is not None
    assert "is a gitlink" in reading.problem.message


def test_a_gitlink_inside_a_component(repo: Repo, component: Repo) -> None:
    moved = component.commit(links={"externals/llvm-project": B})
    Repo.at(repo.path / "third_party/mhlo").git("fetch", "-q", "origin")
    repo.git("update-index", "--cacheinfo", f"160000,{moved},third_party/mhlo")
    reading = read(repo, PinSpec(name="x", component="third_party/mhlo", file="externals/llvm-project"))
    assert (reading.sha, len(reading.hops), reading.is_direct) == (B, 1, False)


def test_a_component_of_a_component(repo: Repo, component: Repo, tmp_path: Path) -> None:
    deepest = Repo(tmp_path / "deepest")
    deepest.commit({"llvm_version.txt": C})
    component.add_submodule(deepest, "deep")
    component.commit()
    inner = Repo.at(repo.path / "third_party/mhlo")
    inner.git("pull", "-q", "origin", "main")
    inner.git("submodule", "--quiet", "update", "--init")
    repo.git("add", "third_party/mhlo")
    reading = read(repo, PinSpec(name="x", component="third_party/mhlo/deep", file="llvm_version.txt"))
    assert reading.sha == C
    assert [str(hop.where) for hop in reading.hops] == ["third_party/mhlo", "third_party/mhlo/deep"]


def test_a_vendored_directory_is_a_component(repo: Repo) -> None:
    repo.write({"vendored/stablehlo/llvm_version.txt": B})
    reading = read(repo, PinSpec(name="x", component="vendored/stablehlo", file="llvm_version.txt"))
    assert (reading.sha, reading.is_direct) == (B, False)
    assert [hop.what for hop in reading.hops] == ["vendored directory"]


def test_a_component_that_is_not_there_suggests_one_that_is(repo: Repo) -> None:
    reading = read(repo, replace(INDIRECT, component="third_party/mlho"))
    assert reading.problem is not None
    assert "neither a gitlink nor a directory" in reading.problem.message
    assert reading.problem.hint == "did you mean 'third_party/mhlo'?"


def test_a_configuration_below_the_repositorys_top(repo: Repo) -> None:
    repo.write({"sub/clone.sh": clone_script(C), "sub/llvmgate.toml": ""})
    (reading,) = read_pins(config(repo, PinSpec(name="x", file="clone.sh"), file="sub/llvmgate.toml"))
    assert (reading.sha, str(reading.location)) == (C, "clone.sh:2")


def test_outside_a_repository(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="is not in a git repository"):
        read_pins(Config(path=tmp_path / "llvmgate.toml", pins=(DIRECT,)))


def test_an_unknown_reader_is_found_before_reading(repo: Repo) -> None:
    spec = PinSpec(name="x", file="a", reader="git-chekout", line=7)
    (problem,) = check_specs(config(repo, spec))
    assert problem.where == "llvmgate.toml:7"
    assert problem.hint == "did you mean 'git-checkout'?"
    with pytest.raises(ConfigError, match="expected reader to be one of"):
        read_pins(config(repo, spec))


SHA = "12345678" * 5


@pytest.mark.parametrize("text", ["llvmorg-22.1.8", SHA[:9], SHA[:9].upper()])
@pytest.mark.parametrize(
    "llvm",
    [
        LlvmSpec(tags={"llvmorg-22.1.8": SHA}),
        LlvmSpec(wheels=(WheelSet(revision=SHA, tag="llvmorg-22.1.8", requirements=()),)),
    ],
)
def test_tags_and_short_shas_resolve_by_the_configurations_tables(repo: Repo, text: str, llvm: LlvmSpec) -> None:
    repo.write({"x.sh": f"git checkout {text}\n"})
    settings = replace(config(repo, PinSpec(name="x", file="x.sh")), llvm=llvm)
    (reading,) = read_pins(settings)
    assert (reading.text, reading.sha) == (text, SHA)


def test_a_short_sha_that_fits_two_commits_of_the_tables_stays_unresolved(repo: Repo) -> None:
    repo.write({"x.sh": f"git checkout {SHA[:9]}\n"})
    llvm = LlvmSpec(tags={"a": SHA, "b": SHA[:-1] + "0"})
    (reading,) = read_pins(replace(config(repo, PinSpec(name="x", file="x.sh")), llvm=llvm))
    assert reading.sha is None


def test_a_clone_of_llvm_resolves_the_rest(repo: Repo, tmp_path: Path) -> None:
    llvm = Repo(tmp_path / "llvm-project")
    commit = llvm.commit()
    repo.write({"x.sh": f"git checkout {commit[:8]}\n"})
    settings = replace(config(repo, PinSpec(name="x", file="x.sh")), llvm=LlvmSpec(repository="../llvm-project"))
    assert read_pins(settings)[0].sha == commit


def test_a_clone_that_cannot_tell_leaves_a_warning(repo: Repo, tmp_path: Path) -> None:
    Repo(tmp_path / "llvm-project").commit()
    repo.write({"x.sh": "git checkout abcdef123\n"})
    settings = replace(config(repo, PinSpec(name="x", file="x.sh")), llvm=LlvmSpec(repository="../llvm-project"))
    (reading,) = read_pins(settings)
    assert reading.sha is None
    assert "no commit 'abcdef123'" in reading.warnings[0].message


def test_without_any_table_an_abbreviation_stays_unresolved(repo: Repo) -> None:
    repo.write({"x.sh": "git checkout abcdef123\n"})
    reading = read(repo, PinSpec(name="x", file="x.sh"))
    assert (reading.text, reading.sha, reading.problem, reading.short) == ("abcdef123", None, None, "abcdef123")


@pytest.fixture
def triton(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "triton")
    made.commit({"cmake/llvm-hash.txt": A})
    return made


def by_hash_file(**changes: str) -> PinSpec:
    hop = HopSpec(file="triton-hash.txt", repository="../triton", url="https://example.org/triton")
    return PinSpec(name="llvm", file="cmake/llvm-hash.txt", through=(replace(hop, **changes),))


def test_a_file_may_name_the_next_repositorys_commit(repo: Repo, triton: Repo) -> None:
    repo.write({"triton-hash.txt": triton.head})
    triton.commit({"cmake/llvm-hash.txt": B})
    reading = read(repo, by_hash_file())
    assert (reading.sha, str(reading.location), reading.is_direct) == (A, "../triton/cmake/llvm-hash.txt:1", False)
    (hop,) = reading.hops
    assert (hop.what, str(hop.where), hop.commit) == ("file", "triton-hash.txt:1", repo_commit(triton, "HEAD~"))


def repo_commit(repo: Repo, name: str) -> str:
    return repo.git("rev-parse", name)


def test_a_hop_may_need_a_key(repo: Repo, triton: Repo) -> None:
    repo.write({"workspace.bzl": f'OTHER = "{B}"\nTRITON_COMMIT = "{triton.head}"\n'})
    assert read(repo, by_hash_file(file="workspace.bzl", key="TRITON_COMMIT")).sha == A


def test_a_hop_without_a_clone_gets_the_command(repo: Repo) -> None:
    repo.write({"triton-hash.txt": C})
    reading = read(repo, by_hash_file())
    assert reading.problem is not None
    assert "triton-hash.txt:1 names the commit cccccccccccc" in reading.problem.message
    assert reading.problem.hint == "git clone https://example.org/triton ../triton"


def test_a_hop_to_a_commit_that_the_clone_does_not_have(repo: Repo, triton: Repo) -> None:
    repo.write({"triton-hash.txt": C})
    reading = read(repo, by_hash_file())
    assert reading.problem is not None
    assert "no commit 'cccc" in reading.problem.message


def test_two_hops_by_files(repo: Repo, triton: Repo, tmp_path: Path) -> None:
    shared = Repo(tmp_path / "shared")
    shared.commit({"triton-hash.txt": triton.head})
    repo.write({"shared-hash.txt": shared.head})
    first = HopSpec(file="shared-hash.txt", repository="../shared")
    spec = replace(by_hash_file(), through=(first, *by_hash_file().through))
    reading = read(repo, spec)
    assert reading.sha == A
    assert [str(hop.where) for hop in reading.hops] == ["shared-hash.txt:1", "../shared/triton-hash.txt:1"]


def test_a_hop_inside_a_component(repo: Repo, component: Repo, triton: Repo) -> None:
    moved = component.commit({"triton-hash.txt": triton.head})
    Repo.at(repo.path / "third_party/mhlo").git("fetch", "-q", "origin")
    repo.git("update-index", "--cacheinfo", f"160000,{moved},third_party/mhlo")
    reading = read(repo, replace(by_hash_file(), component="third_party/mhlo"))
    assert (reading.sha, [hop.what for hop in reading.hops]) == (A, ["gitlink", "file"])


def test_a_reader_that_lacks_what_it_needs(repo: Repo) -> None:
    (problem,) = check_specs(config(repo, PinSpec(name="x", file="a", reader="regex", line=3)))
    assert problem.message == "pin 'x': the reader 'regex' needs 'pattern'"


@pytest.mark.parametrize("pattern", ["(", "no group", "(?P<other>x)"])
def test_a_pattern_that_cannot_work(repo: Repo, pattern: str) -> None:
    spec = PinSpec(name="x", file="f", reader="regex", pattern=pattern)
    (problem,) = check_specs(config(repo, spec))
    assert "expected pattern to " in problem.message
    hop = HopSpec(file="f", repository="../x", pattern=pattern)
    assert len(check_specs(config(repo, PinSpec(name="x", file="f", through=(hop,))))) == 1


def test_a_loop_of_links_is_no_file(repo: Repo) -> None:
    for name, target in (("a.txt", "b.txt"), ("b.txt", "a.txt")):
        (repo.path / name).symlink_to(target)
    reading = read(repo, PinSpec(name="x", file="a.txt", reader="sha-file"))
    assert reading.problem is not None
