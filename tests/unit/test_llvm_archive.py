"""The supplier ``archive``, against a server that does what servers do."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import resource
import stat
import subprocess
import tarfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.errors import SupplyError
from pytest_llvmgate.llvm import download, unpacking
from pytest_llvmgate.llvm.download import Transfer
from pytest_llvmgate.llvm.suppliers import at_hand, identities, supply
from pytest_llvmgate.llvm.supply import Request, Supply
from pytest_llvmgate.llvm.unpacking import unpack
from pytest_llvmgate.model import Revision
from tests.support.configs import load
from tests.support.llvm_installs import llvm_files, mlir_files
from tests.support.programs import UNPACKS, needs
from tests.support.web_server import Answer, Server, endless, send

pytestmark = UNPACKS

SHA = "ca7933e47d3a3451d81e72ac174dcb5aa28b59d1"
TAG = "llvmorg-22.1.8"
FILES = llvm_files(SHA) | mlir_files()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LLVMGATE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def tar(top: str = "", mode: str = "w:gz", more: Iterable[tarfile.TarInfo] = ()) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, text in FILES.items():
            info = tarfile.TarInfo(top + name)
            info.size = len(text)
            info.mode = 0o755 if name.startswith("bin/") else 0o644
            archive.addfile(info, io.BytesIO(text.encode()))
        for info in more:
            archive.addfile(info)
    return out.getvalue()


def config(directory: Path, archive: str, more: str = "") -> Config:
    return load(directory, f"[llvm]\nsupplier = 'archive'\nderive = false\narchive = '{archive}'\n{more}")


def pinned(data: bytes) -> str:
    return f"sha256 = {{ {SHA} = '{hashlib.sha256(data).hexdigest()}' }}\n"


def get(asked: Config, directory: Path, timeout: float = 30.0, flavour: str = "static") -> Supply:
    candidate = Revision(sha=SHA, name=TAG)
    log = directory / "llvm.log"
    return supply(asked, Request(candidate=candidate, flavour=flavour, log=log, timeout=timeout, on_wait=print))


def refusal(asked: Config, directory: Path) -> str:
    with pytest.raises(SupplyError) as caught:
        get(asked, directory)
    return str(caught.value)


def test_an_archive_is_fetched_once(tmp_path: Path, server: Server) -> None:
    data = tar()
    server.files["/llvm-ca7933e4-22.1.8-static-box.tar.gz"] = data
    asked = config(
        tmp_path, server.url + "/llvm-{sha8}-{version}-{flavour}-{platform}.tar.gz", "platform = 'box'\n" + pinned(data)
    )
    first = get(asked, tmp_path)
    assert (first.origin, first.was_there, first.prefix.revision) == ("archive (fetched)", False, SHA)
    second = get(asked, tmp_path)
    assert (second.origin, second.was_there, second.prefix) == ("archive (from the cache)", True, first.prefix)
    assert len(server.asked) == 1
    assert at_hand(asked, Revision(sha=SHA, name=TAG), "static") == first.prefix
    tagged = replace(asked, llvm=replace(asked.llvm, tags={TAG: SHA}))
    assert at_hand(tagged, Revision(sha=SHA), "static") == first.prefix


@pytest.mark.parametrize("mode", ["w:gz", "w:bz2", "w:xz", "w"])
@pytest.mark.parametrize("top", ["", "LLVM-22.1.8-Linux-X64/", "a/b/c/"])
def test_every_compression_and_nested_top_directories(tmp_path: Path, mode: str, top: str) -> None:
    (tmp_path / "llvm.tar").write_bytes(tar(top, mode))
    prefix = get(config(tmp_path, "llvm.tar"), tmp_path).prefix
    assert prefix.revision == SHA
    assert os.access(prefix.llvm_root / "bin/mlir-tblgen", os.X_OK)


@needs("zstd")
def test_zstandard(tmp_path: Path) -> None:
    packed = subprocess.run(["zstd", "-qc"], input=tar("x/", "w"), capture_output=True, check=True).stdout
    (tmp_path / "llvm.tar.zst").write_bytes(packed)
    assert get(config(tmp_path, "llvm.tar.zst"), tmp_path).prefix.revision == SHA
    (tmp_path / "torn.tar.zst").write_bytes(packed[: len(packed) // 2])
    assert "cannot be unpacked" in refusal(config(tmp_path, "torn.tar.zst"), tmp_path)


def test_a_zip_keeps_programs_and_links(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "llvm.zip", "w") as archive:
        for name, text in FILES.items():
            info = zipfile.ZipInfo(f"top/{name}")
            info.external_attr = (0o100755 if name.startswith("bin/") else 0o100644) << 16
            archive.writestr(info, text)
        link = zipfile.ZipInfo("top/bin/tblgen")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "mlir-tblgen")
    root = get(config(tmp_path, "llvm.zip"), tmp_path).prefix.llvm_root
    assert os.access(root / "bin/mlir-tblgen", os.X_OK)
    assert (root / "bin/tblgen").readlink() == Path("mlir-tblgen")


# The server


def test_a_torn_transfer_is_taken_up_where_it_broke(tmp_path: Path, server: Server) -> None:
    data = tar()

    def torn(handler: BaseHTTPRequestHandler) -> None:
        start = handler.headers.get("Range")
        if start is None:
            send(handler, data[:100], length=len(data))
        else:
            send(handler, data[int(start[6:-1]) :], status=206)

    server.files["/a.tar.gz"] = torn
    assert get(config(tmp_path, server.url + "/a.tar.gz", pinned(data)), tmp_path).prefix.revision == SHA
    assert server.asked == ["/a.tar.gz", "/a.tar.gz bytes=100-"]


def test_a_server_that_knows_no_ranges_starts_again(tmp_path: Path, server: Server) -> None:
    data = tar()

    def torn_once(handler: BaseHTTPRequestHandler) -> None:
        server.files["/a.tar.gz"] = data
        send(handler, data[:100], length=len(data))

    server.files["/a.tar.gz"] = torn_once
    assert get(config(tmp_path, server.url + "/a.tar.gz", pinned(data)), tmp_path).prefix.revision == SHA


def test_a_server_that_is_busy_is_asked_again(tmp_path: Path, server: Server) -> None:
    data = tar()

    def busy(handler: BaseHTTPRequestHandler) -> None:
        server.files["/a.tar.gz"] = data
        handler.send_response(503)
        handler.send_header("Retry-After", "0")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    server.files["/a.tar.gz"] = busy
    assert get(config(tmp_path, server.url + "/a.tar.gz", pinned(data)), tmp_path).prefix.revision == SHA
    assert len(server.asked) == 2


def test_what_is_not_there_is_not_asked_for_twice(tmp_path: Path, server: Server) -> None:
    said = refusal(config(tmp_path, server.url + "/{sha}.tar.xz", pinned(b"")), tmp_path)
    assert said.startswith(f"{server.url}/{SHA}.tar.xz: 404 Not Found\n    -> nobody has published this LLVM there")
    assert len(server.asked) == 1


def test_a_redirection_is_followed(tmp_path: Path, server: Server) -> None:
    data = tar()

    def elsewhere(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", f"{server.url}/b.tar.gz")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    server.files |= {"/a.tar.gz": elsewhere, "/b.tar.gz": data}
    assert get(config(tmp_path, server.url + "/a.tar.gz", pinned(data)), tmp_path).prefix.revision == SHA


def test_a_server_that_stalls_is_given_up(tmp_path: Path, server: Server) -> None:
    silence = threading.Event()

    def say_nothing(handler: BaseHTTPRequestHandler) -> None:
        silence.wait(10)
        handler.close_connection = True

    server.files["/a"] = say_nothing
    started = time.monotonic()
    with pytest.raises(SupplyError, match="could not be fetched: timed out"):
        Transfer(url=f"{server.url}/a", deadline=time.monotonic() + 1, on_wait=print, stall=0.2).fetch(
            tmp_path / "a", 1000
        )
    silence.set()
    assert time.monotonic() - started < 8


def test_a_length_that_is_a_lie_is_noticed(tmp_path: Path, server: Server) -> None:
    server.files["/a"] = lambda handler: send(handler, b"abc", length=50)
    with pytest.raises(SupplyError, match=r"expected 50 bytes, received 3|IncompleteRead"):
        Transfer(url=f"{server.url}/a", deadline=time.monotonic() + 0.5, on_wait=print).fetch(tmp_path / "a", 1000)


def test_no_server(tmp_path: Path) -> None:
    with pytest.raises(SupplyError, match=r"http://127.0.0.1:9/x could not be fetched: .*refused"):
        Transfer(url="http://127.0.0.1:9/x?token=1", deadline=time.monotonic(), on_wait=print).fetch(
            tmp_path / "x", 1000
        )


def test_a_password_in_a_url_is_neither_used_nor_shown(tmp_path: Path) -> None:
    with pytest.raises(SupplyError) as caught:
        Transfer(url="https://user:secret@example.org/x", deadline=time.monotonic(), on_wait=print).fetch(
            tmp_path / "x", 1000
        )
    assert str(caught.value).startswith("https://example.org/x was given with a user's name in front")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("answer", [endless, lambda handler: send(handler, b"abc", length=10**18)])
def test_no_more_is_fetched_than_was_expected(tmp_path: Path, server: Server, answer: Answer) -> None:
    server.files["/a"] = answer
    with pytest.raises(SupplyError, match="/a: expected at most 250,000 bytes, found more"):
        Transfer(url=f"{server.url}/a", deadline=time.monotonic() + 20, on_wait=print).fetch(tmp_path / "a", 250_000)
    assert not (tmp_path / "a").exists()
    assert len(server.asked) == 1


def test_a_torn_transfer_is_not_taken_up_beyond_what_was_expected(tmp_path: Path, server: Server) -> None:
    (tmp_path / "a").write_bytes(b"x" * 900)
    server.files["/a"] = lambda handler: send(handler, b"y" * 200, status=206)
    with pytest.raises(SupplyError, match="expected at most 1,000 bytes"):
        Transfer(url=f"{server.url}/a", deadline=time.monotonic() + 20, on_wait=print).fetch(tmp_path / "a", 1000)


@pytest.mark.parametrize(
    ("name", "value"),
    [("Content-Length", "9" * 5000), ("Content-Length", "\xb2"), ("Retry-After", "\xb2"), ("Retry-After", "9" * 5000)],
)
def test_a_header_that_counts_nothing(
    tmp_path: Path, server: Server, name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "_TRIES", 1)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(503 if name == "Retry-After" else 200)
        handler.send_header(name, value)
        handler.end_headers()
        handler.close_connection = True

    server.files["/a"] = answer
    with suppress(SupplyError):
        Transfer(url=f"{server.url}/a", deadline=time.monotonic() + 20, on_wait=print).fetch(tmp_path / "a", 1000)


@pytest.mark.parametrize("to", ["ftp://[::1]/x", "file:///etc/passwd", "http://[::1/x", "http://\xb2.\xb3/", "data:,x"])
def test_a_redirection_to_nothing_that_is_fetched(
    tmp_path: Path, server: Server, to: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "_TRIES", 1)

    def elsewhere(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", to)
        handler.end_headers()
        handler.close_connection = True

    server.files["/a"] = elsewhere
    with pytest.raises(SupplyError, match=r"redirect|could not be fetched|not allowed|302"):
        Transfer(url=f"{server.url}/a", deadline=time.monotonic() + 20, on_wait=print).fetch(tmp_path / "a", 1000)
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/x", "data://x,abc", "x://y", "http://[::1/x", "http://", "https:///x"]
)
def test_a_url_that_nothing_is_fetched_from(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "_TRIES", 1)
    said = refusal(config(tmp_path, url, pinned(b"")), tmp_path)
    assert "expected a URL" in said or "could not be fetched" in said


@pytest.mark.parametrize("kind", ["a named pipe", "a device", "a link to a device"])
def test_what_has_no_end_is_no_archive(tmp_path: Path, kind: str) -> None:
    if kind == "a named pipe":
        os.mkfifo(tmp_path / "a.tar")
    elif kind == "a link to a device":
        (tmp_path / "a.tar").symlink_to("/dev/zero")
    said = refusal(config(tmp_path, "/dev/zero" if kind == "a device" else "a.tar"), tmp_path)
    assert f"expected a file, found {kind.removeprefix('a link to ')}" in said


# The checksum


def test_a_checksum_beside_the_archive(tmp_path: Path, server: Server) -> None:
    data = tar()
    digest = hashlib.sha256(data).hexdigest()
    server.files |= {"/a.tar.gz": data, "/a.tar.gz.sha256": f"{'0' * 64}  other.tar.gz\n{digest} *a.tar.gz\n".encode()}
    asked = config(tmp_path, server.url + "/a.tar.gz", "checksum = '{archive}.sha256'\n")
    assert get(asked, tmp_path).prefix.revision == SHA


def test_a_wrong_checksum_leaves_nothing(tmp_path: Path, server: Server, cache: Path) -> None:
    server.files["/a.tar.gz"] = tar()
    said = refusal(config(tmp_path, server.url + "/a.tar.gz", pinned(b"other")), tmp_path)
    assert f"expected the SHA-256 {hashlib.sha256(b'other').hexdigest()} of a.tar.gz, found " in said
    assert [path for path in cache.rglob("*") if path.is_file() and "lock" not in str(path)] == []


def test_plain_http_without_a_checksum_is_refused(tmp_path: Path, server: Server) -> None:
    server.files["/a.tar.gz"] = tar()
    assert "would come by http, and nothing says what it should be" in refusal(
        config(tmp_path, server.url + "/a.tar.gz"), tmp_path
    )


def test_a_checksum_file_without_one(tmp_path: Path, server: Server) -> None:
    server.files |= {"/a.tar.gz": tar(), "/sums": b"<html>sign in</html>"}
    said = refusal(config(tmp_path, server.url + "/a.tar.gz", f"checksum = '{server.url}/sums'\n"), tmp_path)
    assert "llvmgate.toml: expected the SHA-256 of a.tar.gz in sums, found none" in said


def test_a_checksum_without_end(tmp_path: Path, server: Server) -> None:
    server.files |= {"/a.tar.gz": tar(), "/sums": endless}
    said = refusal(config(tmp_path, server.url + "/a.tar.gz", f"checksum = '{server.url}/sums'\n"), tmp_path)
    assert "expected at most 1,048,576 bytes" in said


# What an archive may hold


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


@pytest.mark.parametrize(
    "evil",
    [
        member("../outside"),
        member("lib/../../outside"),
        member("link", tarfile.SYMTYPE, "/etc/passwd"),
        member("link", tarfile.SYMTYPE, "../../outside"),
        member("hard", tarfile.LNKTYPE, "../outside"),
        member("disk", tarfile.BLKTYPE),
        member("pipe", tarfile.FIFOTYPE),
    ],
    ids=lambda info: f"{info.name}-{info.type!r}-{info.linkname}",
)
def test_what_leaves_the_archive_is_refused(tmp_path: Path, evil: tarfile.TarInfo) -> None:
    (tmp_path / "llvm.tar.gz").write_bytes(tar(more=(evil,)))
    assert refusal(config(tmp_path, "llvm.tar.gz"), tmp_path).startswith("llvm.tar.gz is refused: ")
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize("name", ["../outside", "/outside", "a/../../outside", "..\\outside"])
def test_a_zip_that_leaves_its_directory_is_refused(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(name, "x")
    (tmp_path / "to").mkdir()
    with pytest.raises(SupplyError, match="outside of the archive"):
        unpack(tmp_path / "a.zip", tmp_path / "to", "a.zip", timeout=60)


def zip_of(path: Path, *members: tuple[str, str, bool]) -> Path:
    """Name, text, and whether it is a link there."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, text, is_link in members:
            info = zipfile.ZipInfo(name)
            info.external_attr = (stat.S_IFLNK | 0o777) << 16 if is_link else 0
            archive.writestr(info, text)
    return path


@pytest.mark.parametrize(
    "members",
    [
        [("a/link", "../../../etc", True)],
        [("link", "/etc", True)],
        [("a", "b/..", True), ("b", ".", True)],
        [("a", "b/..", True), ("b", ".", True), ("a/outside", "x", False)],
        [("d/x", "x", False), ("l", "d", True), ("l/y", "y", False)],
        [("top/x", "x", False), ("top/link", "../other", True)],
    ],
)
def test_links_in_a_zip_lead_nowhere_else(tmp_path: Path, members: list[tuple[str, str, bool]]) -> None:
    directory = tmp_path / "to"
    directory.mkdir()
    with pytest.raises(SupplyError, match=r"a\.zip"):
        unpack(zip_of(tmp_path / "a.zip", *members), directory, "a.zip", timeout=60)
    assert not (tmp_path / "outside").exists()
    assert all(path.resolve().is_relative_to(directory.resolve()) for path in directory.rglob("*"))


@pytest.mark.parametrize(
    "evil",
    [
        [member("d", tarfile.SYMTYPE, "lib"), member("d/x")],
        [member("d", tarfile.SYMTYPE, "lib"), member("hard", tarfile.LNKTYPE, "d/libLLVMCore.a")],
        [member("./d", tarfile.SYMTYPE, "lib"), member("lib/../d/x")],
    ],
)
def test_nothing_in_an_archive_lies_behind_its_links(tmp_path: Path, evil: list[tarfile.TarInfo]) -> None:
    (tmp_path / "llvm.tar.gz").write_bytes(tar(more=evil))
    assert "lies behind a link" in refusal(config(tmp_path, "llvm.tar.gz"), tmp_path)


def test_a_link_that_leaves_with_the_wrapping_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "llvm.tar.gz").write_bytes(tar(top="top/", more=[member("top/link", tarfile.SYMTYPE, "../other")]))
    assert "the link link leaves it" in refusal(config(tmp_path, "llvm.tar.gz"), tmp_path)


def test_an_archive_with_thousands_of_levels_is_refused(tmp_path: Path) -> None:
    (tmp_path / "llvm.tar.gz").write_bytes(tar(more=[member("a/" * 3000 + "b")]))
    assert "cannot be unpacked" in refusal(config(tmp_path, "llvm.tar.gz"), tmp_path)


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", ("a", "x", False))
    flags = path.read_bytes().replace(b"PK\x03\x04\x14\x00\x00", b"PK\x03\x04\x14\x00\x01")
    path.write_bytes(flags.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"))
    (tmp_path / "to").mkdir()
    with pytest.raises(SupplyError, match="encrypted"):
        unpack(path, tmp_path / "to", "a.zip", timeout=60)


def header(name: str, kind: bytes, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT)


def sparse_map(directory: Path) -> bytes:
    """A map that says of itself that it has no end."""
    head = tarfile.TarInfo("x")
    head.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "x"}
    head.size = 8 << 30
    return head.tobuf(tarfile.PAX_FORMAT) + f"{10**12}\n".encode()


SWELLING: dict[str, tuple[Callable[[Path], bytes], bytes, int]] = {
    "a name": (lambda _: header("././@LongLink", tarfile.GNUTYPE_LONGNAME, 4 << 30), b"x", 4 << 30),
    "an extended header": (lambda _: header("x", tarfile.XHDTYPE, 4 << 30), b"x", 4 << 30),
    "a sparse map": (sparse_map, b"0\n", 4 << 30),
}
"""What goes into memory: how it begins, what follows over and over, and how many bytes of that."""


@pytest.mark.parametrize("what", SWELLING)
def test_an_archive_that_swells_in_memory_is_refused(tmp_path: Path, what: str) -> None:
    start, more, size = SWELLING[what]
    block = gzip.compress(more * (16 << 20), 1)
    with (tmp_path / "a.tar.gz").open("wb") as out:
        out.write(gzip.compress(start(tmp_path)))
        for _ in range(size // len(more) // (16 << 20)):
            out.write(block)  # gzip's members follow each other (RFC 1952)
    (tmp_path / "to").mkdir()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(SupplyError, match=r"it takes more than 1 GiB of memory|time-out"):
        unpack(tmp_path / "a.tar.gz", tmp_path / "to", "a.tar.gz", timeout=5)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_an_archive_of_more_than_a_disk_has_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "LARGEST_INSTALL", 50 << 20)
    (tmp_path / "to").mkdir()
    zeros = bytes(20 << 20)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for number in range(3):
            packed.writestr(str(number), zeros)
    with tarfile.open(tmp_path / "a.tgz", "w:gz") as archive:
        for number in range(3):
            info = tarfile.TarInfo(str(number))
            info.size = len(zeros)
            archive.addfile(info, io.BytesIO(zeros))
    for name in ("a.zip", "a.tgz"):
        with pytest.raises(SupplyError, match="unpacked it has more than 0 GiB"):
            unpack(tmp_path / name, tmp_path / "to", name, timeout=60)


def test_an_archive_of_very_many_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MOST_MEMBERS", 1000)
    one = tarfile.TarInfo("x").tobuf(tarfile.USTAR_FORMAT)
    (tmp_path / "a.tgz").write_bytes(gzip.compress(one * 1001, 1))
    (tmp_path / "to").mkdir()
    with pytest.raises(SupplyError, match="more than 1,000 members"):
        unpack(tmp_path / "a.tgz", tmp_path / "to", "a.tgz", timeout=60)


def test_unpacking_ends_when_its_time_is_over(tmp_path: Path) -> None:
    (tmp_path / "a.tgz").write_bytes(tar())
    (tmp_path / "to").mkdir()
    with pytest.raises(SupplyError, match="stopped after its time-out of 0 s"):
        unpack(tmp_path / "a.tgz", tmp_path / "to", "a.tgz", timeout=0)


@pytest.mark.parametrize("data", [b"", b"no archive", b"\x1f\x8b garbage", b"PK\x03\x04 torn", tar()[:400]])
def test_what_is_no_archive(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "llvm.tar.gz").write_bytes(data)
    assert "llvm.tar.gz cannot be unpacked: " in refusal(config(tmp_path, "llvm.tar.gz"), tmp_path)


def test_an_archive_of_something_else(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("README"))
    (tmp_path / "llvm.tar.gz").write_bytes(out.getvalue())
    assert "found no LLVMConfig.cmake" in refusal(config(tmp_path, "llvm.tar.gz"), tmp_path)


@pytest.mark.parametrize(
    "other",
    [
        {"archive": "https://example.org/{tag}.tar.gz", "tag": "llvmorg-23.1.0"},
        {"archive": "https://example.org/{version}.tar.gz", "tag": "llvmorg-23.1.0"},
        {"archive": "https://example.org/{tag}.tar.gz", "tag": TAG, "sha256": {TAG: "b" * 64}},
        {"archive": "llvm.tar.gz", "tag": TAG, "place": "elsewhere"},
    ],
    ids=str,
)
def test_what_another_configuration_would_fetch_is_another_entry(tmp_path: Path, other: dict[str, Any]) -> None:
    def key(place: str, archive: str, tag: str, sha256: dict[str, str]) -> dict[str, str]:
        (tmp_path / place).mkdir()
        digests = "".join(f"[llvm.sha256]\n'{name}' = '{digest}'\n" for name, digest in sha256.items())
        asked = config(tmp_path / place, archive, digests)
        [found] = identities(asked, Revision(sha=SHA, name=tag), "static", None)
        return found

    own = key("a", other["archive"], TAG, {})
    assert key(other.get("place", "b"), other["archive"], other["tag"], other.get("sha256", {})) != own


def test_another_commit_than_it_says(tmp_path: Path) -> None:
    (tmp_path / "llvm.tar.gz").write_bytes(tar())
    other = "b" * 40
    asked = Request(
        candidate=Revision(sha=other), flavour="static", log=tmp_path / "log", timeout=9.0, on_wait=lambda _: None
    )
    with pytest.raises(SupplyError, match=f"expected an LLVM of revision {other}, found {SHA}"):
        supply(config(tmp_path, "llvm.tar.gz"), asked)


def test_a_template_that_needs_a_tag(tmp_path: Path) -> None:
    asked = Request(
        candidate=Revision(sha=SHA), flavour="static", log=tmp_path / "log", timeout=9.0, on_wait=lambda _: None
    )
    with pytest.raises(SupplyError, match=r"needs a tag, and ca7933e47d3a has none in \[llvm.tags\]"):
        supply(config(tmp_path, "{tag}.tar.xz"), asked)
