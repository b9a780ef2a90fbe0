"""``llvmgate cache push`` and ``pull``: a store between machines, as directories and servers really are."""

from __future__ import annotations

import json
import os
import random
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

import pytest_llvmgate.llvm.download as download_module
import pytest_llvmgate.llvm.store as store_module
from pytest_llvmgate.cli.main import main
from pytest_llvmgate.llvm.prefix_cache import Cache, entry_key, read_marker
from tests.support.llvm_installs import llvm_files, mlir_files, write
from tests.support.programs import UNPACKS
from tests.support.web_server import Answer, Server, endless, send

pytestmark = UNPACKS

SHA = "ca7933e47d3a3451d81e72ac174dcb5aa28b59d1"
IDENTITY = {"supplier": "source", "sha": SHA, "flavour": "static"}
KEY = entry_key(IDENTITY)


@pytest.fixture(autouse=True)
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of a kilobyte, so that there are several; and a server is asked four times without a pause."""
    monkeypatch.setattr(store_module, "_PART", 1024)
    monkeypatch.setattr(download_module, "_LONGEST_PAUSE", 0.0)
    monkeypatch.setattr(download_module, "_STALL", 0.3)
    use(tmp_path / "here", monkeypatch)


def use(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    monkeypatch.setenv("LLVMGATE_CACHE", str(directory))
    return Cache(directory)


def made(directory: Path) -> Path:
    """An entry of this machine's cache with a program, a link and some kilobytes that no compression makes small."""

    def make(path: Path) -> None:
        write(path, llvm_files(SHA) | mlir_files())
        (path / "bin/mlir-tblgen").chmod(0o755)
        (path / "lib/libLLVM.so.22").write_bytes(random.Random(0).randbytes(5000))
        (path / "lib/libLLVM.so").symlink_to("libLLVM.so.22")

    return Cache(directory / "here").provide(IDENTITY, make, on_wait=print).path


def files(store: Path) -> set[str]:
    return {str(path.relative_to(store)) for path in store.rglob("*") if path.is_file()}


def test_an_entry_goes_from_one_machine_to_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = made(tmp_path)
    assert main(["cache", "push", str(tmp_path / "store")]) == 0
    assert f"{KEY}: " in capsys.readouterr().out
    there = use(tmp_path / "there", monkeypatch)
    assert main(["cache", "pull", str(tmp_path / "store")]) == 0
    assert f"{KEY}: brought, compared equal" in capsys.readouterr().out
    found = there.find(IDENTITY)
    assert found is not None
    assert found.info == read_marker(entry)
    assert os.access(found.path / "bin/mlir-tblgen", os.X_OK)
    assert (found.path / "lib/libLLVM.so").readlink() == Path("libLLVM.so.22")
    assert [each for each in (there.root / "downloads").rglob("*") if each.is_file()] == []
    assert main(["cache", "verify"]) == 0


def test_the_same_over_http(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path)
    monkeypatch.setenv("LLVMGATE_STORE_TOKEN", "secret-word")
    assert main(["cache", "push", f"{server.url}/llvm", KEY]) == 0
    assert server.put[-1] == f"/llvm/{KEY}.json"
    assert len(server.put) >= 5
    there = use(tmp_path / "there", monkeypatch)
    assert main(["cache", "pull", f"{server.url}/llvm", KEY]) == 0
    assert there.find(IDENTITY) is not None
    assert server.credentials == {"Bearer secret-word"}


def test_what_is_there_is_not_sent_again(tmp_path: Path, server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    made(tmp_path)
    assert main(["cache", "push", server.url, KEY]) == 0
    server.put.clear()
    assert main(["cache", "push", server.url, KEY]) == 0
    assert server.put == []
    assert capsys.readouterr().out.endswith("it was there\n")
    assert main(["cache", "push", server.url, KEY, "--again"]) == 0
    assert len(server.put) >= 5


def test_a_torn_upload_names_nothing_and_the_next_goes_on(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made(tmp_path)

    def tear(handler: BaseHTTPRequestHandler) -> None:
        data = handler.rfile.read(int(handler.headers["Content-Length"]))
        server.files[handler.path] = data[:100]
        send(handler, b"", status=201)

    server.on_put = tear
    assert main(["cache", "push", server.url, KEY]) == 4
    assert "1024 bytes were put, and 100 are there" in capsys.readouterr().err
    assert f"/{KEY}.json" not in server.files
    use(tmp_path / "there", monkeypatch)
    assert main(["cache", "pull", server.url, KEY]) == 1
    assert capsys.readouterr().out == f"{KEY}: the store has none\n"
    use(tmp_path / "here", monkeypatch)
    server.on_put = None
    assert main(["cache", "push", server.url, KEY]) == 0
    use(tmp_path / "there", monkeypatch)
    assert main(["cache", "pull", server.url, KEY]) == 0


def test_a_push_that_was_interrupted_sends_the_rest(tmp_path: Path, server: Server) -> None:
    made(tmp_path)

    def refuse_the_third(handler: BaseHTTPRequestHandler) -> None:
        data = handler.rfile.read(int(handler.headers["Content-Length"]))
        if len(server.put) == 2:
            send(handler, b"", status=507)
            return
        server.files[handler.path] = data
        server.put.append(handler.path)
        send(handler, b"", status=201)

    server.on_put = refuse_the_third
    assert main(["cache", "push", server.url, KEY]) == 4
    first = set(server.put)
    server.on_put = None
    assert main(["cache", "push", server.url, KEY]) == 0
    assert not first & set(server.put[2:])


def test_a_pull_that_broke_off_goes_on(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path)
    main(["cache", "push", server.url, KEY])
    last = server.put[-2]
    data = server.files[last]
    assert isinstance(data, bytes)
    server.files[last] = lambda handler: send(handler, data[:10], length=len(data))
    there = use(tmp_path / "there", monkeypatch)
    assert main(["cache", "pull", server.url, KEY]) == 1
    server.files[last] = data
    server.asked.clear()
    assert main(["cache", "pull", server.url, KEY]) == 0
    assert [asked for asked in server.asked if "/parts/" in asked] == [f"{last} bytes=10-"]
    assert there.find(IDENTITY) is not None


def stall(handler: BaseHTTPRequestHandler) -> None:
    threading.Event().wait(0.6)
    handler.close_connection = True


def redirect(handler: BaseHTTPRequestHandler) -> None:
    if handler.command == "PUT":
        handler.rfile.read(int(handler.headers["Content-Length"]))
    handler.send_response(307)
    handler.send_header("Location", "/elsewhere")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def refuse(code: int) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        send(handler, b"", status=code)

    return answer


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (refuse(403), "it is only to be read"),
        (refuse(405), "this server takes no PUT"),
        (refuse(413), "the server wants smaller files"),
        (refuse(503), "503 Service Unavailable"),
        (refuse(507), "the store is full"),
        (redirect, "nothing is put there unasked"),
        (stall, "could not be put"),
    ],
)
def test_a_server_that_does_not_take_it(
    tmp_path: Path, server: Server, answer: Answer, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made(tmp_path)
    server.on_put = answer
    assert main(["cache", "push", server.url, KEY]) == 4
    said = capsys.readouterr().err
    assert words in said
    assert "Traceback" not in said
    assert server.files == {}


@pytest.mark.parametrize("code", [401, 500, 503])
def test_a_server_that_gives_nothing(
    tmp_path: Path, server: Server, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    server.files[f"/{KEY}.json"] = refuse(code)
    assert main(["cache", "pull", server.url, KEY]) != 0
    assert f"{KEY}.json" in capsys.readouterr().err


def test_a_server_is_read_no_further_than_it_said(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made(tmp_path)
    main(["cache", "push", server.url, KEY])
    there = use(tmp_path / "there", monkeypatch)
    description, part = f"/{KEY}.json", server.put[0]
    whole = server.files[description]
    server.files[description] = endless
    assert main(["cache", "pull", server.url, KEY]) == 1
    assert f"{KEY}.json: expected at most 4,194,304 bytes, found more" in capsys.readouterr().err
    server.files |= {description: whole, part: endless}
    assert main(["cache", "pull", server.url, KEY]) == 1
    assert f"{part}: expected at most 1,024 bytes, found more" in capsys.readouterr().err
    assert there.find(IDENTITY) is None


def test_a_store_that_describes_more_than_anybody_has_room_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(store_module, "LARGEST_ARCHIVE", 100_000)
    made(tmp_path)
    main(["cache", "push", str(tmp_path / "store")])
    described(tmp_path / "store", parts=[{"sha256": "a" * 64, "size": 1000}] * 101)
    use(tmp_path / "there", monkeypatch)
    assert main(["cache", "pull", str(tmp_path / "store"), KEY]) == 1
    assert "has 101,000 bytes packed, and at most 100,000 are fetched" in capsys.readouterr().err


def test_a_redirection_brings_the_file_and_tells_the_other_server_no_secret(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(tmp_path)
    main(["cache", "push", server.url, KEY])
    part = server.put[0]
    server.files["/elsewhere"] = server.files[part]
    server.files[part] = redirect
    seen: list[str] = []
    data = server.files["/elsewhere"]
    assert isinstance(data, bytes)

    def elsewhere(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.headers.get("Authorization", ""))
        send(handler, data)

    server.files["/elsewhere"] = elsewhere
    monkeypatch.setenv("LLVMGATE_STORE_TOKEN", "secret-word")
    there = use(tmp_path / "there", monkeypatch)
    assert main(["cache", "pull", server.url, KEY]) == 0
    assert there.find(IDENTITY) is not None
    assert seen == [""]


def test_a_part_that_is_damaged_is_never_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made(tmp_path)
    store = tmp_path / "store"
    main(["cache", "push", str(store)])
    part = max((store / "parts").iterdir(), key=lambda path: path.stat().st_size)
    *whole, last = part.read_bytes()
    part.write_bytes(bytes([*whole, last ^ 1]))  # another byte, whatever it was
    there = use(tmp_path / "there", monkeypatch)
    assert main(["cache", "pull", str(store)]) == 1
    assert f"expected the SHA-256 {part.name} of parts/{part.name}, found " in capsys.readouterr().err
    assert there.find(IDENTITY) is None
    use(tmp_path / "here", monkeypatch)
    assert main(["cache", "push", str(store), "--again"]) == 0
    use(tmp_path / "there", monkeypatch)
    assert main(["cache", "pull", str(store)]) == 0


def described(store: Path, **changed: object) -> None:
    path = store / f"{KEY}.json"
    data = json.loads(path.read_text())
    data["entry"] |= changed.pop("entry", {})  # type: ignore[arg-type]
    path.write_text(json.dumps(data | changed))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"format": 9}, "is stored in the format 9"),
        ({"parts": [{"sha256": "../../etc/passwd", "size": 5}]}, "names parts of"),
        ({"parts": [{"sha256": "a" * 64, "size": 5}]}, "the store lacks a part"),
        ({"parts": []}, "cannot be unpacked"),
        ({"entry": {"manifest": "0" * 64}}, "expected files of the manifest 000000000000"),
        ({"entry": {"key": "other"}}, "has something else under"),
        ({"entry": {"identity": {"sha": "b" * 40}}}, "has something else under"),
        ({"parts": 7}, "does not describe"),
    ],
)
def test_a_description_that_is_none(
    tmp_path: Path,
    changed: dict[str, object],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    made(tmp_path)
    main(["cache", "push", str(tmp_path / "store")])
    described(tmp_path / "store", **changed)
    there = use(tmp_path / "there", monkeypatch)
    assert main(["cache", "pull", str(tmp_path / "store"), KEY]) == 1
    assert words in capsys.readouterr().err
    assert there.find(IDENTITY) is None


def test_a_store_that_holds_another_commit_than_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made(tmp_path)
    other = "b" * 40
    key = entry_key(IDENTITY | {"sha": other})
    main(["cache", "push", str(tmp_path / "store")])
    text = (tmp_path / f"store/{KEY}.json").read_text().replace(SHA, other).replace(KEY, key)
    (tmp_path / f"store/{key}.json").write_text(text)
    use(tmp_path / "there", monkeypatch)
    assert main(["cache", "pull", str(tmp_path / "store"), key]) == 1
    assert f"expected revision {other}, found {SHA}" in capsys.readouterr().err


def test_a_push_from_an_empty_cache_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache", "push", str(tmp_path / "store")]) == 0
    assert capsys.readouterr().out.startswith("nothing to push: ")


def test_a_damaged_entry_is_not_pushed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (made(tmp_path) / "lib/libLLVM.so.22").write_bytes(b"")
    assert main(["cache", "push", str(tmp_path / "store"), KEY]) == 4
    assert "lib/libLLVM.so.22 has changed" in capsys.readouterr().err
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize("leads", ["/usr/lib/llvm-22/lib/libLLVM.so", "../../../elsewhere", "./libLLVM.so.22"])
def test_an_entry_that_leans_on_this_machine_is_not_pushed(
    tmp_path: Path, leads: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def make(path: Path) -> None:
        write(path, llvm_files(SHA) | mlir_files())
        (path / "lib/libother.so").symlink_to(leads)

    Cache(tmp_path / "here").provide(IDENTITY, make, on_wait=print)
    assert main(["cache", "push", str(tmp_path / "store"), KEY]) == 4
    assert f"lib/libother.so leads to {leads}" in capsys.readouterr().err
    assert main(["cache", "push", str(tmp_path / "store")]) == 0
    assert f"{KEY}: left out: " in capsys.readouterr().out


@pytest.mark.parametrize("key", ["../../etc/passwd", "", "a/b", "x" * 300])
def test_a_key_that_is_none(tmp_path: Path, key: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache", "pull", str(tmp_path), key]) == 4
    assert "is no key" in capsys.readouterr().err


def test_a_key_that_is_not_in_the_cache(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache", "push", str(tmp_path), "nothing"]) == 4
    assert "nothing is not in the cache" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("store", "words"),
    [
        ("http://example.org/llvm", "by http anybody on the way can change what comes"),
        ("ftp://example.org/llvm", "expected a directory or a URL of https, found ftp"),
        ("https://user:secret@example.org/llvm", "was given with a user's name in front"),
        ("http://127.0.0.1:1", "cannot say what it has"),
        ("/nowhere/at/all", "there is no store at /nowhere/at/all"),
    ],
)
def test_a_store_that_is_none(store: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    key = [KEY] if "user" in store else []
    assert main(["cache", "pull", store, *key]) in {1, 4}
    said = capsys.readouterr().err
    assert words in said
    assert "secret" not in said


@pytest.fixture
def small_store(tmp_path: Path) -> Iterator[Path]:
    """A file system of 16 KiB."""
    store = tmp_path / "store"
    store.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(store)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("needs the right to mount a small file system")
    yield store
    subprocess.run(["umount", "--lazy", store], check=False)


def test_a_full_store_says_so_and_goes_on_when_there_is_room(
    tmp_path: Path, small_store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made(tmp_path)
    assert main(["cache", "push", str(small_store), KEY]) == 4
    assert f"the store {small_store} is full: No space left on device" in capsys.readouterr().err
    before = files(small_store)
    assert all(name.startswith("parts/") and not name.endswith(".tmp") for name in before)
    subprocess.run(["mount", "-o", "remount,size=1m", small_store], check=True)
    assert main(["cache", "push", str(small_store), KEY]) == 0
    assert before < files(small_store)


def test_a_store_that_is_read_only_serves_and_takes_nothing(
    tmp_path: Path, small_store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made(tmp_path)
    subprocess.run(["mount", "-o", "remount,size=1m", small_store], check=True)
    main(["cache", "push", str(small_store), KEY])
    subprocess.run(["mount", "-o", "remount,ro", small_store], check=True)
    assert main(["cache", "push", str(small_store), KEY, "--again"]) == 4
    assert f"the store {small_store} cannot be written: Read-only file system" in capsys.readouterr().err
    there = use(tmp_path / "there", monkeypatch)
    assert main(["cache", "pull", str(small_store), KEY]) == 0
    assert there.find(IDENTITY) is not None
