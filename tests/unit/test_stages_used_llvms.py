"""Which LLVM a build uses is told by its command lines, whatever find_package found."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_llvmgate.cmake.file_api import read_codemodel, write_query
from pytest_llvmgate.llvm.prefix import read_prefix
from pytest_llvmgate.stages.used_llvms import UsedLlvms, used_llvms
from tests.support.toy import OTHER_SHA, SHA, make_llvm

ANOTHER = {
    "include": "target_include_directories(include PRIVATE ${O}/include)",
    "first": "target_include_directories(first PRIVATE ${O}/include ${C}/include)",
    "flags": 'set_target_properties(flags PROPERTIES COMPILE_FLAGS "-isystem ${O}/include -DX")',
    "option": "target_compile_options(option PRIVATE -I${O}/include)",
    "before-system": (
        "target_include_directories(before-system SYSTEM PRIVATE ${C}/include)\n"
        "target_compile_options(before-system PRIVATE -I${O}/include)"
    ),
    "shadow": "target_include_directories(shadow PRIVATE ${MANY}/include ${C}/include)",
    "many-linked": "target_link_libraries(many-linked ${MANY}/lib/libLLVMCore.a)",
    "archive": "target_link_libraries(archive ${O}/lib/libLLVMCore.a)",
    "by-name": "target_link_directories(by-name PRIVATE ${O}/lib)\ntarget_link_libraries(by-name -lLLVMCore)",
    "mixed": (
        "target_include_directories(mixed PRIVATE ${C}/include)\ntarget_link_libraries(mixed ${O}/lib/libLLVMCore.a)"
    ),
}
CANDIDATES = {
    "second": "target_include_directories(second PRIVATE ${C}/include ${O}/include)",
    "libclang": (
        "target_include_directories(libclang PRIVATE ${C}/include)\n"
        "target_link_libraries(libclang ${O}/lib/libclang.so)"
    ),
    "late": ("target_link_directories(late PRIVATE ${O}/lib ${C}/lib)\ntarget_link_libraries(late -lLLVMNew)"),
    "omp": "target_include_directories(omp PRIVATE ${C}/include)\ntarget_link_libraries(omp ${O}/lib/libomp.a)",
    "path": "target_include_directories(path PRIVATE ${C}/include)\ntarget_link_directories(path PRIVATE ${O}/lib)",
    "copy": "target_include_directories(copy PRIVATE ${COPY}/include)",
}
NONE = {
    "none": "",
    "many": "target_include_directories(many SYSTEM PRIVATE ${MANY}/include)",
    "too-long": f"target_include_directories(too-long PRIVATE /{'x' * 300})",
    "brought": "target_include_directories(brought PRIVATE third_party/llvm/include)",
}
ALL = ANOTHER | CANDIDATES | NONE


def _llvm(directory: Path, version: str, sha: str) -> Path:
    make_llvm(directory, sha, version=version)
    config = directory / "include/llvm/Config/llvm-config.h"
    config.parent.mkdir(parents=True)
    config.write_text(f'#define LLVM_VERSION_STRING "{version}"\n')
    for name in ("LLVMCore", "omp"):
        (directory / f"lib/lib{name}.a").write_bytes(b"!<arch>\n")
    return directory


@pytest.fixture(scope="module")
def used_by(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], UsedLlvms]:
    """What a target uses, as CMake itself tells: one project of them all."""
    top = tmp_path_factory.mktemp("used")
    candidate, other = _llvm(top / "candidate", "22.1.8", SHA), _llvm(top / "other", "16.0.6", OTHER_SHA)
    (candidate / "lib/libLLVMNew.a").write_bytes(b"!<arch>\n")
    shutil.copytree(candidate, top / "copy")
    many = _llvm(top / "conda/other", "16.0.6", OTHER_SHA)
    for header in ("png.h", "zlib.h"):
        (many / "include" / header).touch()
    _llvm(top / "project/third_party/llvm", "16.0.6", OTHER_SHA)
    (top / "project/main.c").write_text("int main(void) { return 0; }\n")
    lines = ["cmake_minimum_required(VERSION 3.20)", "project(p LANGUAGES C)"]
    lines += [
        f"set({name} {path})" for name, path in (("C", candidate), ("O", other), ("COPY", top / "copy"), ("MANY", many))
    ]
    lines += [f"add_executable({name} main.c)\n{body}" for name, body in ALL.items()]
    (top / "project/CMakeLists.txt").write_text("\n".join(lines))
    write_query(top / "build")
    subprocess.run(
        ["cmake", "-G", "Ninja", "-S", top / "project", "-B", top / "build"], check=True, capture_output=True
    )
    codemodel, prefix = read_codemodel(top / "build"), read_prefix(candidate)

    def judged(name: str) -> UsedLlvms:
        targets = tuple(target for target in codemodel.targets if target.name == name)
        return used_llvms(replace(codemodel, targets=targets), top / "build", prefix)

    return judged


@pytest.mark.parametrize("target", ANOTHER)
def test_another_llvm_that_is_used_is_named_with_its_version(used_by: Callable[[str], UsedLlvms], target: str) -> None:
    (sentence,) = used_by(target).others
    assert sentence.startswith(f"another LLVM than the candidate is used by {target}: ")
    assert sentence.endswith("/other (16.0.6)")


@pytest.mark.parametrize("target", CANDIDATES)
def test_what_comes_after_the_candidate_or_with_a_compiler_is_no_other_llvm(
    used_by: Callable[[str], UsedLlvms], target: str
) -> None:
    assert used_by(target) == UsedLlvms(is_candidate_used=True, others=())


@pytest.mark.parametrize("target", NONE)
def test_an_llvm_that_the_project_brings_is_its_own_business(used_by: Callable[[str], UsedLlvms], target: str) -> None:
    assert used_by(target) == UsedLlvms(is_candidate_used=False, others=())
