"""Reading an installed LLVM, and refusing one that is half or another."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_llvmgate.config.settings import RevisionRule
from pytest_llvmgate.errors import EXIT_USAGE, SupplyError
from pytest_llvmgate.llvm.prefix import (
    ToolchainPrefix,
    distribution_prefixes,
    install_root,
    read_prefix,
    verify_revision,
)
from tests.support.llvm_installs import export_file, llvm_files, mlir_files, write

SHA = "ca7933e47d3a3451d81e72ac174dcb5aa28b59d1"
OTHER = "b708aea0bc7127adf4ec643660699c8bcdde1273"


def test_llvm_and_mlir_in_one_prefix(tmp_path: Path) -> None:
    prefix = read_prefix(write(tmp_path, llvm_files(SHA) | mlir_files()))
    assert prefix == ToolchainPrefix(
        llvm_dir=tmp_path / "lib/cmake/llvm",
        mlir_dir=tmp_path / "lib/cmake/mlir",
        revision=SHA,
        settings={
            "LLVM_PACKAGE_VERSION": "22.1.8",
            "LLVM_BUILD_TYPE": "Release",
            "LLVM_ENABLE_RTTI": "OFF",
            "LLVM_ENABLE_ASSERTIONS": "ON",
        },
    )
    assert (prefix.llvm_root, prefix.mlir_root, prefix.version) == (tmp_path, tmp_path, "22.1.8")


def test_llvm_and_mlir_side_by_side_as_in_the_wheels(tmp_path: Path) -> None:
    write(tmp_path / "llvm", llvm_files(SHA))
    write(tmp_path / "mlir", mlir_files())
    prefix = read_prefix(tmp_path)
    assert (prefix.llvm_root, prefix.mlir_root) == (tmp_path / "llvm", tmp_path / "mlir")
    assert prefix.revision == SHA


def test_lib64(tmp_path: Path) -> None:
    prefix = read_prefix(write(tmp_path, llvm_files(SHA, lib="lib64") | mlir_files(lib="lib64")))
    assert prefix.llvm_dir == tmp_path / "lib64/cmake/llvm"
    assert prefix.llvm_root == install_root(prefix.mlir_dir or Path()) == tmp_path


def test_an_llvm_without_mlir(tmp_path: Path) -> None:
    prefix = read_prefix(write(tmp_path, llvm_files(SHA)))
    assert prefix.mlir_dir is None
    assert prefix.mlir_root == tmp_path


def test_debians_layout(tmp_path: Path) -> None:
    """Headers behind a symbolic link, no revision, and no checks for what is in other packages."""
    root = write(tmp_path / "usr/lib/llvm-19", llvm_files(None, version="19.1.7"))
    (root / "include").rename(tmp_path / "usr/include")
    (root / "include").mkdir()
    (root / "include/llvm").symlink_to("../../../include/llvm")
    exports = (
        export_file({"LLVMCore": "lib/libLLVMCore.a"})
        + "#list(APPEND _cmake_import_check_targets mlir-opt )\n"
        + '##list(APPEND _cmake_import_check_files_for_mlir-opt "${_IMPORT_PREFIX}/bin/mlir-opt" )\n'
        + "list(APPEND _cmake_import_check_targets omptarget )\n"
        + '#list(APPEND _cmake_import_check_files_for_omptarget "${_IMPORT_PREFIX}/lib/libomptarget.so" )\n'
        + "#list(APPEND _cmake_import_check_targets LTO )\n"
        + 'list(APPEND _cmake_import_check_files_for_LTO "${_IMPORT_PREFIX}/lib/libLTO.so" )\n'
    )
    write(root, {"lib/cmake/llvm/LLVMExports-release.cmake": exports})
    prefix = read_prefix(root)
    assert (prefix.revision, prefix.version) == ("", "19.1.7")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (f'#define LLVM_REVISION "{SHA}"', SHA),
        (f'  #  define LLVM_REVISION "{SHA}" // x', SHA),
        (f'#define LLVM_REPOSITORY "x"\n#define LLVM_REVISION "{SHA[:12]}"', SHA[:12]),
        ('#define LLVM_REVISION ""', ""),
        ("#undef LLVM_REVISION", ""),
        (f'// #define LLVM_REVISION "{SHA}"', ""),
        (f'#define CLANG_REVISION "{SHA}"', ""),
        ("\udcff", ""),
    ],
)
def test_the_revision_that_an_install_records(tmp_path: Path, header: str, expected: str) -> None:
    write(tmp_path, llvm_files(None))
    (tmp_path / "include/llvm/Support/VCSRevision.h").write_bytes(header.encode("utf-8", "surrogateescape"))
    assert read_prefix(tmp_path).revision == expected


def test_an_install_without_the_header_records_none(tmp_path: Path) -> None:
    write(tmp_path, llvm_files(SHA))
    (tmp_path / "include/llvm/Support/VCSRevision.h").unlink()
    assert read_prefix(tmp_path).revision == ""


# What is refused


def test_no_such_directory(tmp_path: Path) -> None:
    with pytest.raises(SupplyError, match=f"expected an installed LLVM at {tmp_path}/x, found no such directory"):
        read_prefix(tmp_path / "x")


def test_a_file_is_no_prefix(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    with pytest.raises(SupplyError, match=f"expected an installed LLVM at {tmp_path}/x, found a file"):
        read_prefix(tmp_path / "x")


def test_a_directory_without_an_llvm(tmp_path: Path) -> None:
    with pytest.raises(SupplyError) as caught:
        read_prefix(write(tmp_path, mlir_files()))
    assert str(caught.value) == (
        f"expected an installed LLVM at {tmp_path}, found no LLVMConfig.cmake"
        " (in {.,llvm}/lib/cmake/llvm and {.,llvm}/lib64/cmake/llvm)\n"
        "    -> install LLVM with its CMake package (ninja install, or the -dev package of a distribution)"
    )
    assert caught.value.exit_code == EXIT_USAGE


@pytest.mark.parametrize("gone", ["lib/libLLVMCore.a", "bin/mlir-tblgen"])
def test_half_an_install(tmp_path: Path, gone: str) -> None:
    write(tmp_path, llvm_files(SHA) | mlir_files())
    (tmp_path / gone).unlink()
    with pytest.raises(SupplyError, match=f"found half of one: 1 files .* absent: {tmp_path}/{gone}") as caught:
        read_prefix(tmp_path)
    assert caught.value.problems[0].where in {f"{tmp_path}/lib/cmake/llvm", f"{tmp_path}/lib/cmake/mlir"}


@pytest.mark.parametrize("prefix", ["_cmake_import_check", "_IMPORT_CHECK"])
def test_the_checks_of_every_cmake(tmp_path: Path, prefix: str) -> None:
    exports = export_file({f"L{number}": f"lib/l{number}.a" for number in range(5)}, prefix=prefix)
    exports = (
        exports.replace("_files_for", "_FILES_FOR").replace("_targets", "_TARGETS") if "IMP" in prefix else exports
    )
    write(tmp_path, llvm_files(SHA) | {"lib/cmake/llvm/LLVMExports-release.cmake": exports})
    with pytest.raises(SupplyError, match=r"5 files that .*/lib/l0.a, .*/lib/l1.a, .*/lib/l2.a and 2 more"):
        read_prefix(tmp_path)


def test_an_object_librarys_files_are_a_list(tmp_path: Path) -> None:
    exports = export_file({"obj.X": "lib/a.o;${_IMPORT_PREFIX}/lib/b.o"})
    write(tmp_path, llvm_files(SHA) | {"lib/cmake/llvm/LLVMExports-release.cmake": exports, "lib/a.o": ""})
    with pytest.raises(SupplyError, match=f"1 files .* absent: {tmp_path}/lib/b.o"):
        read_prefix(tmp_path)


def test_several_files_of_one_target(tmp_path: Path) -> None:
    exports = (
        "list(APPEND _cmake_import_check_targets X )\n"
        'list(APPEND _cmake_import_check_files_for_X "${_IMPORT_PREFIX}/lib/x.so" "${_IMPORT_PREFIX}/lib/x.lib" )\n'
    )
    write(tmp_path, llvm_files(SHA) | {"lib/cmake/llvm/LLVMExports-release.cmake": exports})
    with pytest.raises(SupplyError, match="2 files"):
        read_prefix(tmp_path)


# The revision


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "llvm-install"


def verify(root: Path, revision: str | None, rule: RevisionRule = RevisionRule.RECORDED, *, name: str = "") -> str:
    return verify_revision(read_prefix(write(root, llvm_files(revision))), SHA, rule, name=name)


def test_trust_does_not_go_against_the_commit_that_the_configuration_gives_the_release(root: Path) -> None:
    install = read_prefix(write(root, llvm_files(None, version="22.1.8")))
    tagged = {"llvmorg-21.1.2": SHA, "llvmorg-22.1.8": OTHER}
    with pytest.raises(SupplyError, match=rf"found 22.1.8, which is {OTHER[:12]} by \[llvm.tags\]"):
        verify_revision(install, SHA, RevisionRule.UNRECORDED, tagged=tagged.items())
    assert verify_revision(install, OTHER, RevisionRule.UNRECORDED, tagged=tagged.items())


@pytest.mark.parametrize("recorded", [SHA, SHA.upper(), SHA[:12], SHA[:7]])
@pytest.mark.parametrize("rule", RevisionRule)
def test_the_candidate_itself_needs_no_remark(root: Path, recorded: str, rule: RevisionRule) -> None:
    assert verify(root, recorded, rule) == ""


def test_the_whole_of_what_is_recorded_counts(root: Path) -> None:
    with pytest.raises(SupplyError, match=f"found {SHA[:39]}0"):
        verify(root, f"{SHA[:39]}0")


@pytest.mark.parametrize("recorded", [OTHER, OTHER[:12]])
@pytest.mark.parametrize("rule", RevisionRule)
def test_another_revision_is_refused_whatever_the_rule(root: Path, recorded: str, rule: RevisionRule) -> None:
    with pytest.raises(SupplyError) as caught:
        verify(root, recorded, rule)
    assert str(caught.value) == (
        f"{root}/include/llvm/Support/VCSRevision.h: expected an LLVM of revision {SHA}, found {recorded}\n"
        f"    -> point [llvm] at an install of {SHA[:12]}, or ask for --llvm-sha={OTHER[:12]}"
    )


@pytest.mark.parametrize("recorded", [SHA[:6], "r377015", "++20260101+ca7933e47d3a", SHA + "0", f"{SHA} "])
def test_what_is_no_sha_is_another_revision(root: Path, recorded: str) -> None:
    with pytest.raises(SupplyError, match=r"found .*\n    -> point \[llvm\] at an install of ca7933e47d3a$"):
        str(verify(root, recorded))
    with pytest.raises(SupplyError) as caught:
        verify(root, recorded)
    assert "--llvm-sha" not in str(caught.value)


def test_an_unrecorded_revision_is_refused(root: Path) -> None:
    with pytest.raises(SupplyError) as caught:
        verify(root, None)
    assert str(caught.value) == (
        f"{root}/include/llvm/Support/VCSRevision.h: expected an LLVM of revision {SHA},"
        " found an install that records none\n"
        '    -> use an install that was built from git, or accept this one with revision = "unrecorded" in [llvm]'
    )


def test_an_unrecorded_revision_is_taken_on_trust_where_the_config_says_so(root: Path) -> None:
    assert verify(root, None, RevisionRule.UNRECORDED) == (
        "the install records no revision; taken on trust (llvm.revision = 'unrecorded')"
    )


@pytest.mark.parametrize("tag", ["llvmorg-19.1.7", "llvmorg-22.1.0", "llvmorg-22.1.0-rc3"])
def test_trust_does_not_go_against_the_version_that_a_tag_names(root: Path, tag: str) -> None:
    with pytest.raises(SupplyError) as caught:
        verify(root, None, RevisionRule.UNRECORDED, name=tag)
    wanted = tag.removeprefix("llvmorg-").removesuffix("-rc3")
    assert str(caught.value).startswith(
        f"{root}/lib/cmake/llvm/LLVMConfig.cmake: expected LLVM {wanted}, as {tag} says, found 22.1.8\n"
    )


@pytest.mark.parametrize("tag", ["llvmorg-22.1.8", "llvmorg-22.1.8-rc1", "llvmorg-23-init", "nightly-19.1.7", ""])
def test_a_tag_of_the_same_version_or_that_names_none_is_taken_on_trust(root: Path, tag: str) -> None:
    assert "taken on trust" in verify(root, None, RevisionRule.UNRECORDED, name=tag)


def test_the_llvms_of_a_distribution_are_found_in_order(tmp_path: Path) -> None:
    for name in ("llvm-9", "llvm-22", "llvm-19"):
        package = tmp_path / name / "lib/cmake/llvm"
        package.mkdir(parents=True)
        (package / "LLVMConfig.cmake").touch()
    (tmp_path / "llvm-23/lib").mkdir(parents=True)  # without its -dev package
    assert [root.name for root in distribution_prefixes(tmp_path)] == ["llvm-9", "llvm-19", "llvm-22"]
