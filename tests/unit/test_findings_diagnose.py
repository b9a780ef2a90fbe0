"""The front door: a log in, ranked root causes out."""

from __future__ import annotations

import gzip
import lzma
from pathlib import Path

from pytest_llvmgate.findings import DiagnosisContext, diagnose
from pytest_llvmgate.model import Layer

UNIT = b"""[1/3] Building CXX object lib/Foo/CMakeFiles/Foo.dir/foo.cpp.o
FAILED: [code=1] lib/Foo/CMakeFiles/Foo.dir/foo.cpp.o
/usr/bin/c++ -I/home/user/p/include -o lib/Foo/CMakeFiles/Foo.dir/foo.cpp.o -c /home/user/p/lib/Foo/foo.cpp
/home/user/p/lib/Foo/foo.cpp: In function 'int top(mlir::Value)':
/home/user/p/lib/Foo/foo.cpp:7:5: error: 'class mlir::Value' has no member named 'dyn_cast'
    7 |   v.dyn_cast<mlir::OpResult>();
      |     ^~~~~~~~
/home/user/p/lib/Foo/foo.cpp:7:28: error: expected primary-expression before '>' token
    7 |   v.dyn_cast<mlir::OpResult>();
      |                            ^
[2/3] Building CXX object lib/Foo/CMakeFiles/Foo.dir/bar.cpp.o
ninja: build stopped: cannot make progress due to previous errors.
"""


def test_a_removed_member_is_one_finding_at_the_users_line():
    (finding,) = diagnose([UNIT]).findings
    assert (finding.kind, finding.identifier) == ("api-removed", "mlir::Value::dyn_cast")
    assert str(finding.locations[0]) == "lib/Foo/foo.cpp:7:5"
    assert finding.layer is Layer.DOWNSTREAM
    assert finding.log_line == 5


def test_what_is_beyond_the_errors_that_are_told_apart_is_said():
    lines = "".join(
        f"/home/user/p/a.cpp:{n}:1: error: 'name{n}x' was not declared in this scope\n" for n in range(4100)
    )
    assert any("100 further errors beyond the first 4,000" in said for said in diagnose([lines.encode()]).hidden)


def test_errors_at_the_same_line_are_follow_ons():
    diagnosis = diagnose([UNIT])
    assert diagnosis.errors == 2
    assert [line.number for line in diagnosis.error_lines] == [5]


def test_edges_that_were_not_reached_are_said():
    diagnosis = diagnose([UNIT])
    assert diagnosis.edges is not None
    assert diagnosis.edges.not_reached == 1
    assert "1 of 3 build edges were not reached" in diagnosis.hidden[0]


def test_edges_of_what_cmake_fetches_are_not_those_of_the_build():
    log = (
        b"[1/9] Creating directories for 'googletest-populate'\n[1/9] Performing download step (git clone)\n"
        b"FAILED: [code=1] googletest-populate-prefix/src/googletest-populate-stamp/googletest-populate-download\n"
        b"fatal: unable to access 'https://example.org/googletest.git/': Could not resolve host: example.org\n"
        b"ninja: build stopped: subcommand failed.\n"
        b"CMake Error at /usr/share/cmake-3.25/Modules/FetchContent.cmake:1624 (message):\n"
        b"  Build step for googletest failed: 1\nCall Stack (most recent call first):\n"
        b"  CMakeLists.txt:9 (FetchContent_MakeAvailable)\n\n\n-- Configuring incomplete, errors occurred!\n"
    )
    diagnosis = diagnose([log])
    assert diagnosis.findings
    assert not any("not reached" in said for said in diagnosis.hidden)
    outer = log + b"[4/9] Linking CXX executable x\nninja: build stopped: subcommand failed.\n"
    assert any("not reached" in said for said in diagnose([outer]).hidden)


def test_warnings_and_errors_of_passed_edges_are_no_findings():
    log = UNIT.replace(b"FAILED: [code=1] lib", b"note of a tool: lib").replace(b"ninja: build stopped", b"done")
    assert diagnose([log]).findings == ()


def test_exit_status_zero_means_no_findings():
    assert diagnose([UNIT], context=DiagnosisContext(exit_code=0)).findings == ()


def test_portions_of_any_size_give_the_same_answer():
    whole = diagnose([UNIT])
    assert diagnose([UNIT[i : i + 7] for i in range(0, len(UNIT), 7)]) == whole


def test_compressed_files_are_read_by_their_content(tmp_path: Path):
    plain = diagnose([UNIT]).findings[0].key
    for name, data in {"a.log": UNIT, "b": gzip.compress(UNIT), "c": lzma.compress(UNIT)}.items():
        path = tmp_path / name
        path.write_bytes(data)
        assert diagnose(path).findings[0].key == plain


def test_an_edge_that_nobody_understands_shows_its_own_output():
    log = (
        b"[1/2] Generating x\nFAILED: [code=3] x\ncd /b && gen x\nthe moon is wrong\n"
        b"[2/2] Building y\nninja: build stopped: x.\n"
    )
    (finding,) = diagnose([log]).findings
    assert finding.kind == "unrecognised"
    assert finding.evidence == ("the moon is wrong",)
    assert "not recognised" in finding.headline


def test_a_known_failure_with_an_empty_log_is_still_a_finding():
    (finding,) = diagnose([b""], context=DiagnosisContext(exit_code=1)).findings
    assert finding.kind == "unrecognised"


def test_an_empty_log_alone_says_nothing():
    assert diagnose([b""]).findings == ()
