"""Deriving a shared LLVM from a static one: export files, bonds between archives, and small real links."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pytest_llvmgate.config.user_cache import cache_root
from pytest_llvmgate.errors import SupplyError
from pytest_llvmgate.llvm.bonds import read_bonds
from pytest_llvmgate.llvm.exports import Imported, private, read_exports, rewrite
from pytest_llvmgate.llvm.prefix import read_prefix
from pytest_llvmgate.llvm.prefix_cache import Cache
from pytest_llvmgate.llvm.suppliers import at_hand, identities, supply
from pytest_llvmgate.llvm.supply import Request, Supply
from pytest_llvmgate.llvm.upkeep import faults, items
from pytest_llvmgate.model import Revision
from pytest_llvmgate.stages.build_tools import toolchain_on_path
from tests.support.configs import load

SHA = "ca7933e47d3a3451d81e72ac174dcb5aa28b59d1"
HEAD = 'set(CMAKE_IMPORT_FILE_VERSION 1)\nget_filename_component(_IMPORT_PREFIX "${CMAKE_CURRENT_LIST_FILE}" PATH)\n'

# Export files as CMake writes them


def target(name: str, kind: str, links: str = "") -> str:
    properties = f'set_target_properties({name} PROPERTIES\n  INTERFACE_LINK_LIBRARIES "{links}"\n)\n' if links else ""
    return f"# Create imported target {name}\nadd_library({name} {kind} IMPORTED)\n\n{properties}\n"


def place(name: str, file: str, *, soname: str = "") -> str:
    what = (
        f'  IMPORTED_SONAME_RELEASE "{soname}"\n' if soname else '  IMPORTED_LINK_INTERFACE_LANGUAGES_RELEASE "CXX"\n'
    )
    first, last = ("", what) if soname else (what, "")
    return (
        f'# Import target "{name}" for configuration "Release"\n'
        f"set_property(TARGET {name} APPEND PROPERTY IMPORTED_CONFIGURATIONS RELEASE)\n"
        f"set_target_properties({name} PROPERTIES\n{first}"
        f'  IMPORTED_LOCATION_RELEASE "${{_IMPORT_PREFIX}}/lib/{file}"\n{last}  )\n\n'
        f"list(APPEND _cmake_import_check_targets {name} )\n"
        f'list(APPEND _cmake_import_check_files_for_{name} "${{_IMPORT_PREFIX}}/lib/{file}" )\n\n'
    )


def names(*targets: str) -> str:
    return f"foreach(_cmake_expected_target IN ITEMS {' '.join(targets)})\nendforeach()\n"


def package(directory: Path, name: str, *texts: str) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / f"{name}.cmake").write_text(HEAD + texts[0])
    (directory / f"{name}-release.cmake").write_text(HEAD + "".join(texts[1:]))
    return directory


def test_what_an_export_says_of_a_library(tmp_path: Path) -> None:
    text = (
        target("A", "STATIC", "rt;-lpthread;\\$<LINK_ONLY:B>;C") + target("B", "SHARED") + target("I", "INTERFACE", "A")
    )
    package(tmp_path, "X", text, place("A", "libA.a"), place("B", "libB.so.1", soname="libB.so.1"))
    found = read_exports(tmp_path, Path("/p"))
    assert list(found) == ["A", "B", "I"]
    assert found["A"].links == ("rt", "-lpthread", "$<LINK_ONLY:B>", "C")
    assert (found["A"].location, found["A"].is_static) == (Path("/p/lib/libA.a"), True)
    assert (found["B"].soname, found["B"].is_static) == ("libB.so.1", False)
    assert (found["I"].links, found["I"].location) == (("A",), None)
    assert [private(entry) for entry in ("$<LINK_ONLY:B>", "B", "$<BUILD_INTERFACE:B>")] == ["B", None, None]


def test_an_archive_becomes_a_shared_library() -> None:
    shared = Imported(
        name="A", type="SHARED", location=Path("lib/libA.so"), soname="libA.so", links=("C",), needs=("D", "E")
    )
    text = rewrite(target("A", "STATIC", "C;D") + place("A", "libA.a"), {"A": shared}, frozenset())
    assert text == target("A", "SHARED", "C") + place("A", "libA.so", soname="libA.so").replace(
        "PROPERTIES\n  IMPORTED_LOC",
        'PROPERTIES\n  IMPORTED_LINK_DEPENDENT_LIBRARIES_RELEASE "D;E"\n  IMPORTED_LOC',
    )


def test_nothing_to_hand_on_leaves_no_properties() -> None:
    shared = Imported(name="A", type="SHARED", location=Path("lib/libA.so"), soname="libA.so", links=(), needs=())
    assert rewrite(target("A", "STATIC", "D"), {"A": shared}, frozenset()) == target("A", "SHARED")


def test_a_library_of_libraries_goes_and_nobody_names_it() -> None:
    text = names("A", "LLVM", "LLVMX") + target("A", "INTERFACE", "LLVM;LLVMX") + target("LLVM", "SHARED")
    text += place("LLVM", "libLLVM.so", soname="libLLVM.so") + target("B", "INTERFACE", "\\$<LINK_ONLY:LLVM>")
    found = rewrite(text, {}, frozenset({"LLVM"}))
    rest = names("A", "LLVMX") + target("A", "INTERFACE", "LLVMX")
    assert found.startswith(rest)
    assert found.endswith(target("B", "INTERFACE"))
    assert "libLLVM.so" not in found


# Archives


def archive(path: Path, code: str, *flags: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    source = path.with_suffix(".c")
    source.write_text(code)
    subprocess.run(["gcc", "-O0", *(flags or ("-fPIC",)), "-c", source, "-o", path.with_suffix(".o")], check=True)
    subprocess.run(["ar", "qcs", path, path.with_suffix(".o")], check=True)
    source.unlink()
    path.with_suffix(".o").unlink()
    return path


def test_who_needs_whom_and_who_hides(tmp_path: Path) -> None:
    hidden = '__attribute__((visibility("hidden"))) '
    found = read_bonds(
        {
            "base": archive(tmp_path / "base.a", "int base(void) { return 1; }"),
            "info": archive(tmp_path / "info.a", f"{hidden}int info(void) {{ return 1; }}"),
            "desc": archive(tmp_path / "desc.a", f"int info(void); {hidden}int desc(void) {{ return info(); }}"),
            "gen": archive(tmp_path / "gen.a", "int desc(void), base(void); int gen(void) { return desc() + base(); }"),
            "own": archive(tmp_path / "own.a", "static int f(void) { return 1; } int own(void) { return f(); }"),
        }
    )
    assert found.needs == {"base": (), "info": (), "desc": ("info",), "gen": ("base", "desc"), "own": ()}
    assert found.families == (("desc", "gen", "info"),)


# Small installs, relinked for real


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLVMGATE_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


def install(root: Path, *flags: str, dylib: bool = False) -> Path:
    """LLVMSupport links LLVMDemangle; MLIRIR links MLIRSupport, which links LLVM's."""
    codes = {
        "LLVMDemangle": "int demangle(void) { return 1; }",
        "LLVMSupport": "int demangle(void); int table[2] = {1, 2}; int support(void) { return demangle() + table[0]; }",
        "MLIRSupport": "int support(void); int msupport(void) { return support(); }",
        "MLIRIR": "int msupport(void); int demangle(void); int ir(void) { return msupport() + demangle(); }",
    }
    for name, code in codes.items():
        archive(root / f"lib/lib{name}.a", code, *flags)
    llvm, mlir = root / "lib/cmake/llvm", root / "lib/cmake/mlir"
    of_llvm = "LLVM" if dylib else "LLVMSupport;LLVMDemangle"
    package(
        llvm,
        "LLVMExports",
        target("LLVMDemangle", "STATIC")
        + target("LLVMSupport", "STATIC", "m;LLVMDemangle")
        + (target("LLVM", "SHARED") if dylib else ""),
        *(place(name, f"lib{name}.a") for name in ("LLVMDemangle", "LLVMSupport")),
        place("LLVM", "libLLVM.so", soname="libLLVM.so") if dylib else "",
    )
    (root / "lib/libLLVM.so").write_text("")
    package(
        mlir,
        "MLIRTargets",
        target("MLIRSupport", "STATIC", of_llvm) + target("MLIRIR", "STATIC", f"MLIRSupport;{of_llvm}"),
        *(place(name, f"lib{name}.a") for name in ("MLIRSupport", "MLIRIR")),
    )
    (llvm / "LLVMConfig.cmake").write_text(
        "set(LLVM_PACKAGE_VERSION 22.1.8)\nset(LLVM_ENABLE_SHARED_LIBS OFF)\nset(LLVM_LINK_LLVM_DYLIB ON)\n"
        "set(LLVM_AVAILABLE_LIBS LLVMDemangle;LLVMSupport;LLVM)\n"
    )
    (mlir / "MLIRConfig.cmake").write_text('set(MLIR_EXPORTED_TARGETS "MLIRSupport;MLIRIR")\n')
    headers = root / "include/llvm"
    (headers / "Support").mkdir(parents=True)
    (headers / "Support/VCSRevision.h").write_text(f'#define LLVM_REVISION "{SHA}"\n')
    (headers / "Config").mkdir()
    (headers / "Config/llvm-config.h").write_text(
        "/* #undef LLVM_BUILD_SHARED_LIBS */\n#define LLVM_BUILD_LLVM_DYLIB\n"
    )
    return root


def ask(directory: Path, prefix: str, **changes: Any) -> Supply:
    asked = load(directory, f"[llvm]\nsupplier = 'prefix'\nprefix = '{prefix}'\n")
    return supply(asked, request_for(directory, **changes))


def request_for(directory: Path, **changes: Any) -> Request:
    return Request(
        **{
            "candidate": Revision(sha=SHA),
            "flavour": "shared",
            "log": directory / "llvm.log",
            "timeout": 120.0,
            "on_wait": lambda _: None,
            "toolchain": partial(toolchain_on_path, 2),
        }
        | changes
    )


def needed(library: Path) -> list[str]:
    text = subprocess.run(["readelf", "-d", library], capture_output=True, text=True, check=True).stdout
    return [line.split("[")[1].rstrip("]") for line in text.splitlines() if "(NEEDED)" in line and "c.so" not in line]


def test_from_the_users_prefix(tmp_path: Path) -> None:
    root = install(tmp_path / "llvm")
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    found = ask(tmp_path, str(root))
    assert found.origin == "derived from prefix llvm"
    assert found.remark == (
        "derived from the static flavour: 4 libraries relinked; other than a true one: whether LINK_LIBS of 1 "
        "libraries say PUBLIC (taken so; without a keyword a true shared LLVM offers less)"
    )
    shared = found.prefix.llvm_root
    offers = {
        name: library
        for part in ("llvm", "mlir")
        for name, library in read_exports(shared / "lib/cmake" / part, shared).items()
    }
    assert {name: library.links for name, library in offers.items()} == {
        "LLVMDemangle": (),
        "LLVMSupport": (),
        "MLIRSupport": (),
        "MLIRIR": ("MLIRSupport", "LLVMSupport", "LLVMDemangle"),
    }
    assert "libMLIRSupport.so" in needed(shared / "lib/libMLIRIR.so")
    assert offers["MLIRSupport"].needs == ("LLVMSupport", "LLVMDemangle")
    assert not list(shared.glob("lib/*.a"))
    assert found.prefix.settings["LLVM_LINK_LLVM_DYLIB"] == "OFF"
    assert "#define LLVM_BUILD_SHARED_LIBS" in (shared / "include/llvm/Config/llvm-config.h").read_text()
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before
    again = ask(tmp_path, str(root))
    assert (again.origin, again.remark) == ("derived (from the cache) from prefix llvm", found.remark)
    asked = load(tmp_path, f"[llvm]\nsupplier = 'prefix'\nprefix = '{root}'\n")
    assert at_hand(asked, Revision(sha=SHA), "shared") == again.prefix


def test_an_install_that_changed_is_derived_again(tmp_path: Path) -> None:
    root = install(tmp_path / "llvm")
    first = ask(tmp_path, str(root)).prefix
    archive(root / "lib/libLLVMDemangle.a", "int demangle(void) { return 22; }")
    assert ask(tmp_path, str(root)).prefix != first


def test_an_install_of_no_known_revision_is_derived_once_whatever_commit_it_is_taken_for(tmp_path: Path) -> None:
    root = install(tmp_path / "llvm")
    (root / "include/llvm/Support/VCSRevision.h").write_text("#undef LLVM_REVISION\n")
    asked = load(tmp_path, f"[llvm]\nsupplier = 'prefix'\nprefix = '{root}'\nrevision = 'unrecorded'\n")
    for sha, how in ((SHA, "derived from"), ("2" * 40, "derived (from the cache) from")):
        found = supply(asked, request_for(tmp_path, candidate=Revision(sha=sha)))
        assert found.origin == f"{how} prefix llvm"
        assert at_hand(asked, Revision(sha=sha), "shared", trusted=True) == found.prefix
    (entry,) = items(Cache(cache_root()))
    assert faults(entry) == ()


def test_what_is_taken_from_a_library_of_libraries_is_read_from_the_symbols(tmp_path: Path) -> None:
    shared = ask(tmp_path, str(install(tmp_path / "llvm", dylib=True))).prefix.llvm_root
    offers = read_exports(shared / "lib/cmake/mlir", shared)
    assert offers["MLIRIR"].links == ("MLIRSupport", "LLVMDemangle")
    assert offers["MLIRSupport"].needs == ("LLVMSupport",)
    assert "LLVM" not in read_exports(shared / "lib/cmake/llvm", shared)
    assert "set(LLVM_AVAILABLE_LIBS LLVMDemangle;LLVMSupport)" in (
        (shared / "lib/cmake/llvm/LLVMConfig.cmake").read_text().replace(";)", ")")
    )


def test_objects_that_are_not_position_independent(tmp_path: Path) -> None:
    root = install(tmp_path / "llvm", "-fno-pic")
    with pytest.raises(SupplyError, match="the objects in its archives are not position-independent") as caught:
        ask(tmp_path, str(root))
    assert "set derive = false in [llvm]" in str(caught.value)


def test_a_library_that_lacks_a_link_is_told(tmp_path: Path) -> None:
    root = install(tmp_path / "llvm")
    exports = root / "lib/cmake/llvm/LLVMExports.cmake"
    exports.write_text(exports.read_text().replace("m;LLVMDemangle", "m"))
    with pytest.raises(SupplyError, match="nothing on their link lines defines demangle"):
        ask(tmp_path, str(root))


def of_a_distribution(root: Path, *, needs: str = "LLVMTool", entry: str = "llvmgate-no-such-library") -> Path:
    """As Debian installs it: an archive that lies in another package, one that wants what is not installed."""
    install(root, dylib=True)
    exports = root / "lib/cmake/llvm/LLVMExports.cmake"
    places = root / "lib/cmake/llvm/LLVMExports-release.cmake"
    archive(root / "lib/libLLVMTool.a", "int elsewhere(void); int tool(void) { return elsewhere(); }")
    archive(root / "lib/libLLVMToolUser.a", "int tool(void); int user(void) { return tool(); }")
    archive(root / "lib/libLLVMExtensions.a", "int polly(void); int extensions(void) { return polly(); }")
    more = target("Polly", "STATIC") + target("LLVMExtensions", "STATIC", "Polly")
    more += target("LLVMTool", "STATIC", entry) + target("LLVMToolUser", "STATIC", "LLVMTool;LLVMExtensions")
    exports.write_text(exports.read_text() + more)
    checked = place("Polly", "libPolly.a").replace("list(", "#list(")
    with places.open("a") as stream:
        stream.write(
            checked + "".join(place(f"LLVM{each}", f"libLLVM{each}.a") for each in ("Tool", "ToolUser", "Extensions"))
        )
    targets = root / "lib/cmake/mlir/MLIRTargets.cmake"
    targets.write_text(targets.read_text() + 'foreach(_target "LLVM" "LLVMTool" "LLVMSupport" )\nendforeach()\n')
    if needs != "LLVMTool":
        archive(
            root / f"lib/lib{needs}.a",
            "int elsewhere(void); int demangle(void); int support(void) { return elsewhere() + demangle(); }",
        )
        exports.write_text(exports.read_text().replace("m;LLVMDemangle", f"m;LLVMDemangle;{entry}"))
    return root


def test_what_nobody_needs_and_does_not_link_is_left_out_and_told(tmp_path: Path) -> None:
    found = ask(tmp_path, str(of_a_distribution(tmp_path / "llvm")))
    assert "LLVMExtensions, LLVMTool, LLVMToolUser left out: nothing else needs them" in found.remark
    shared = found.prefix.llvm_root
    text = "".join(path.read_text() for path in shared.rglob("lib/cmake/*/*.cmake"))
    assert not re.search(r"^(?!#).*(LLVMTool|LLVMExtensions|Polly)", text, re.MULTILINE)
    assert 'foreach(_target "LLVMSupport" )' in text
    assert "libLLVMSupport.so" in needed(shared / "lib/libMLIRSupport.so")


@pytest.mark.parametrize("entry", ["llvmgate-no-such-library", "zstd::llvmgate_nowhere"])
def test_all_that_is_missing_is_told_at_once_where_it_is_needed(tmp_path: Path, entry: str) -> None:
    root = of_a_distribution(tmp_path / "llvm", needs="LLVMSupport", entry=entry)
    with pytest.raises(SupplyError) as caught:
        ask(tmp_path, str(root))
    text = str(caught.value)
    assert f"missing on this machine: {entry}" in text
    assert "archives that this LLVM names and does not have: Polly" in text
    assert "nothing on their link lines defines elsewhere" in text
    if entry.startswith("zstd") and shutil.which("apt-get"):
        assert "apt-get install libpolly-22-dev libzstd-dev" in text


def test_a_library_that_is_missing_and_not_used_is_no_matter(tmp_path: Path) -> None:
    root = install(tmp_path / "llvm")
    exports = root / "lib/cmake/llvm/LLVMExports.cmake"
    exports.write_text(exports.read_text().replace("m;LLVMDemangle", "m;llvmgate-no-such-library;X::Y;LLVMDemangle"))
    assert "4 libraries relinked" in ask(tmp_path, str(root)).remark


def test_a_try_that_failed_is_taken_up(tmp_path: Path) -> None:
    root = of_a_distribution(tmp_path / "llvm", needs="LLVMSupport")
    with pytest.raises(SupplyError):
        ask(tmp_path, str(root))
    (first,) = (tmp_path / "cache").rglob("libLLVMDemangle.so")
    made = first.stat().st_mtime_ns
    with pytest.raises(SupplyError):
        ask(tmp_path, str(root))
    assert first.stat().st_mtime_ns == made


def test_parts_of_the_dylib_of_mlir_are_read_from_the_symbols_as_well(tmp_path: Path) -> None:
    root = install(tmp_path / "llvm", dylib=True)
    targets = root / "lib/cmake/mlir/MLIRTargets.cmake"
    targets.write_text(targets.read_text().replace("MLIRSupport;LLVM", "LLVM;MLIR") + target("MLIR", "SHARED"))
    with (root / "lib/cmake/mlir/MLIRTargets-release.cmake").open("a") as stream:
        stream.write(place("MLIR", "libMLIR.so", soname="libMLIR.so"))
    (root / "lib/libMLIR.so").write_text("")
    shared = ask(tmp_path, str(root)).prefix.llvm_root
    assert set(needed(shared / "lib/libMLIRIR.so")) == {"libMLIRSupport.so", "libLLVMDemangle.so"}


def test_a_dylib_that_comes_through_another_library_counts(tmp_path: Path) -> None:
    root = install(tmp_path / "llvm", dylib=True)
    archive(root / "lib/libMLIRCAPI.a", "int ir(void), msupport(void); int capi(void) { return ir() + msupport(); }")
    targets = root / "lib/cmake/mlir/MLIRTargets.cmake"
    text = targets.read_text().replace("MLIRSupport;LLVM", "LLVM;MLIR")
    targets.write_text(text + target("MLIRCAPI", "STATIC", "MLIRIR;LLVM") + target("MLIR", "SHARED"))
    with (root / "lib/cmake/mlir/MLIRTargets-release.cmake").open("a") as stream:
        stream.write(place("MLIRCAPI", "libMLIRCAPI.a") + place("MLIR", "libMLIR.so", soname="libMLIR.so"))
    (root / "lib/libMLIR.so").write_text("")
    shared = ask(tmp_path, str(root)).prefix.llvm_root
    assert set(needed(shared / "lib/libMLIRCAPI.so")) == {"libMLIRIR.so", "libMLIRSupport.so"}


def test_a_prefix_that_the_user_supplies_for_the_flavour_is_taken(tmp_path: Path) -> None:
    for flavour in ("static", "shared"):
        install(tmp_path / flavour)
    found = ask(tmp_path, f"{tmp_path}/{{flavour}}")
    assert (found.origin, found.prefix.llvm_root) == ("prefix shared", tmp_path / "shared")
    shutil.rmtree(tmp_path / "shared")
    assert ask(tmp_path, f"{tmp_path}/{{flavour}}").origin == "derived from prefix static"


def test_nothing_is_derived_where_the_configuration_forbids_it(tmp_path: Path) -> None:
    root = install(tmp_path / "llvm")
    assert ask(tmp_path, f"{root}'\nderive = false # '").prefix == read_prefix(root)


def test_wheels_that_say_which_flavours_they_serve(tmp_path: Path) -> None:
    def suppliers_of(flavours: str) -> list[str]:
        wheels = f"[[llvm.wheels]]\nrevision = '{SHA}'\nrequirements = ['x==1']\n{flavours}\n"
        asked = load(tmp_path, f"[llvm]\nsupplier = 'wheels'\n{wheels}")
        return [each["supplier"] for each in identities(asked, Revision(sha=SHA), "shared", None)]

    assert suppliers_of("") == ["derived"]
    assert suppliers_of("flavours = ['static']") == ["derived"]
    assert suppliers_of("flavours = ['static', 'shared']") == ["wheels"]
    assert suppliers_of("flavours = ['dylib']") == []
