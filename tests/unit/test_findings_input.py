"""What a log may be handed over as: files, archives whole and torn, pipes, devices, endless lines."""

from __future__ import annotations

import codecs
import gzip
import lzma
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pytest_llvmgate.cli.main import main
from pytest_llvmgate.findings import diagnose
from pytest_llvmgate.findings.lines import MOST_OF_LINE, blocks

ERROR = b"/a/b.cpp:3:1: error: 'x' is not a member of 'llvm'\n"


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
@pytest.mark.parametrize("cut", [0.2, 0.9, 0.999])
def test_what_came_before_a_tear_is_read_and_the_tear_is_told(tmp_path: Path, pack: object, cut: float) -> None:
    packed = pack(ERROR + os.urandom(400_000).hex().encode() + b"\n")  # type: ignore[operator]
    (tmp_path / "a").write_bytes(packed[: int(len(packed) * cut)])
    found = diagnose(tmp_path / "a")
    assert [each.identifier for each in found.findings] == ["llvm::x"]
    assert "torn or damaged" in found.hidden[0]


def test_a_torn_archive_is_no_success(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(os.urandom(1000).hex().encode())[:-40])
    assert main(["explain", str(tmp_path / "a.gz")]) == 0
    said = capsys.readouterr().out
    assert "no failure found in what is there" in said
    assert "torn or damaged" in " ".join(said.split())


@pytest.mark.parametrize("at", [3, 12, 200])
def test_garbage_in_an_archive_is_no_traceback(tmp_path: Path, at: int) -> None:
    packed = bytearray(gzip.compress(ERROR * 50 + os.urandom(5000)))
    packed[at : at + 9] = b"\xff" * 9
    (tmp_path / "a").write_bytes(packed)
    assert diagnose(tmp_path / "a").hidden


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress])
def test_a_pipe_is_read_once(tmp_path: Path, pack: object) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=lambda: path.write_bytes(pack(ERROR * 3)))  # type: ignore[operator]
    writer.start()
    assert diagnose(path).lines == 3
    writer.join()


def test_standard_input_by_its_path(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest_llvmgate", "explain", "/dev/stdin"]
    done = subprocess.run(command, input=ERROR, capture_output=True, check=True, timeout=60)
    assert b"1 line, 1 error" in done.stdout


def test_a_device_is_no_log(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "/dev/zero"]) == 4
    assert "expected a file or a pipe, found a device" in capsys.readouterr().err


def test_a_byte_order_mark_belongs_to_no_path() -> None:
    [finding] = diagnose([codecs.BOM_UTF8 + ERROR]).findings
    assert finding.locations[0].path == "/a/b.cpp"


def test_an_endless_line_keeps_its_head_and_its_tail() -> None:
    [block] = blocks([b"first\n" + b"a" + b"x" * 900_000 + b"z\nlast\n"])
    first, long, last, _ = block.split(b"\n")
    assert (first, last) == (b"first", b"last")
    assert len(long) < MOST_OF_LINE + 10
    assert (long[:1], long[-1:]) == (b"a", b"z")
