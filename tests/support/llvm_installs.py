"""Installs of LLVM and MLIR that hold nothing but what the gate and CMake look at, and wheels of them."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path

_CHECKS = """\
list(APPEND {prefix}_targets {target} )
list(APPEND {prefix}_files_for_{target} "${{_IMPORT_PREFIX}}/{file}" )
"""


def export_file(files: Mapping[str, str], *, prefix: str = "_cmake_import_check") -> str:
    """An export file that checks for files: target to path below the install prefix."""
    return "".join(_CHECKS.format(prefix=prefix, target=target, file=file) for target, file in files.items())


def llvm_files(sha: str | None, *, lib: str = "lib", version: str = "22.1.8") -> dict[str, str]:
    """The files of an LLVM, by path below its prefix."""
    header = f'#define LLVM_REVISION "{sha}"\n' if sha is not None else "#undef LLVM_REVISION\n"
    return {
        f"{lib}/cmake/llvm/LLVMConfig.cmake": (
            f"set(LLVM_PACKAGE_VERSION {version})\n"
            'set(LLVM_BUILD_TYPE "Release")\n'
            "set(LLVM_ENABLE_RTTI OFF)\nset(LLVM_ENABLE_ASSERTIONS ON)\nset(LLVM_SOMETHING_ELSE 1)\n"
        ),
        f"{lib}/cmake/llvm/LLVMExports-release.cmake": export_file({"LLVMCore": f"{lib}/libLLVMCore.a"}),
        f"{lib}/libLLVMCore.a": "",
        "include/llvm/Support/VCSRevision.h": f'{header}#define LLVM_REPOSITORY "https://example.org"\n',
    }


def mlir_files(*, lib: str = "lib") -> dict[str, str]:
    """The files of an MLIR, by path below its prefix."""
    return {
        f"{lib}/cmake/mlir/MLIRConfig.cmake": "",
        f"{lib}/cmake/mlir/MLIRTargets-release.cmake": export_file({"mlir-tblgen": "bin/mlir-tblgen"}),
        "bin/mlir-tblgen": "",
    }


def write(directory: Path, files: Mapping[str, str]) -> Path:
    """Write files below a directory, and return the directory."""
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return directory


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def wheel(directory: Path, name: str, version: str, files: Mapping[str, str]) -> Path:
    """A wheel that holds just those files (binary distribution format, PyPA specifications)."""
    info = f"{name}-{version}.dist-info"
    path = directory / f"{name}-{version}-py3-none-any.whl"
    metadata = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Dist: unwanted\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    contents = {**files, **metadata}
    record = "".join(f"{each},{_digest(text)},{len(text)}\n" for each, text in contents.items()) + f"{info}/RECORD,,\n"
    directory.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for each, text in {**contents, f"{info}/RECORD": record}.items():
            archive.writestr(each, text)
    return path
