"""``llvmgate cache``: what lies in the machine's cache, what may go, and what is torn."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pytest_llvmgate.cli.main import main
from pytest_llvmgate.llvm.manifest import MARKER
from pytest_llvmgate.llvm.prefix_cache import BUILD_FILE, Cache, entry_key
from pytest_llvmgate.llvm.upkeep import Item, ItemKind, items, remove, to_prune
from tests.support.llvm_installs import write
from tests.support.toy import SHA as TOY_SHA
from tests.support.toy import make_workspace

SHA = "ca7933e47d3a3451d81e72ac174dcb5aa28b59d1"
_DAY = 86_400


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    monkeypatch.setenv("LLVMGATE_CACHE", str(tmp_path / "cache"))
    return Cache(tmp_path / "cache")


def fill(cache: Cache, flavour: str, *, age: float = 0.0, sha: str = SHA) -> Path:
    """An entry of another process, last used ``age`` days ago."""
    identity = {"supplier": "source", "sha": SHA, "flavour": flavour}
    program = (
        "import json, sys\nfrom pathlib import Path\nfrom pytest_llvmgate.llvm.prefix_cache import Cache\n"
        "from tests.support.llvm_installs import llvm_files, write\n"
        "Cache(Path(sys.argv[1])).provide(\n"
        "    json.loads(sys.argv[2]), lambda path: write(path, llvm_files(sys.argv[3])) and None, on_wait=print\n)\n"
    )
    command = [sys.executable, "-c", program, str(cache.root), json.dumps(identity), sha]
    subprocess.run(command, check=True, cwd=Path(__file__).parents[2])
    path = cache.root / "entries" / entry_key(identity)
    used = time.time() - age * _DAY
    os.utime(path / MARKER, (used, used))
    return path


def test_path(cache: Cache, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache", "path"]) == 0
    assert capsys.readouterr().out == f"{cache.root}\n"


def test_an_empty_cache(cache: Cache, capsys: pytest.CaptureFixture[str]) -> None:
    assert [main(["cache", action]) for action in ("list", "prune", "verify")] == [0, 0, 0]
    assert capsys.readouterr().out == (f"0 items, 0 B, {cache.root}\n0 B freed, 0 B left\n0 of 0 entries are whole\n")
    assert not cache.root.exists()


def test_list_tells_age_and_parts(cache: Cache, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = fill(cache, "static", age=3), fill(cache, "shared")
    assert main(["cache", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{new.name}  ")
    assert lines[0].endswith("used just now")
    assert f"    sha: {SHA}" in lines
    assert next(line for line in lines if line.startswith(old.name)).endswith("used 3 d ago")
    assert lines[-1].startswith("2 items, ")


def test_list_as_json(cache: Cache, capsys: pytest.CaptureFixture[str]) -> None:
    path = fill(cache, "static")
    assert main(["cache", "list", "--json"]) == 0
    (item,) = json.loads(capsys.readouterr().out)
    assert (item["key"], item["kind"], item["in_use"]) == (path.name, "entry", False)
    assert item["identity"] == {"supplier": "source", "sha": SHA, "flavour": "static"}
    assert item["size"] > 0


def test_a_hit_counts_as_a_use(cache: Cache) -> None:
    fill(cache, "static", age=3)
    identity = {"supplier": "source", "sha": SHA, "flavour": "static"}
    assert cache.find(identity)
    (item,) = items(cache)
    assert time.time() - item.used < _DAY
    assert item.in_use


# prune


def item(
    name: str, *, size: int = 10, used: float = 0.0, kind: ItemKind = ItemKind.ENTRY, in_use: bool = False
) -> Item:
    return Item(kind=kind, key=name, path=Path(name), size=size, used=used, in_use=in_use)


def pruned(*found: Item, max_size: int | None = None, older_than: float | None = None) -> list[str]:
    return [each.key for each in to_prune(found, max_size=max_size, older_than=older_than, now=100.0)]


def test_the_least_recently_used_go_first_and_no_more_than_needed() -> None:
    found = (item("new", used=3), item("old", used=1), item("middle", used=2))
    assert pruned(*found, max_size=20) == ["old"]
    assert pruned(*found, max_size=19) == ["old", "middle"]
    assert pruned(*found, max_size=30) == []


def test_what_is_in_use_stays_and_counts() -> None:
    assert pruned(item("used", in_use=True), item("free", used=9), max_size=10) == ["free"]
    assert pruned(item("used", in_use=True), max_size=0, older_than=0.0) == []


def test_what_is_old_goes() -> None:
    assert pruned(item("old", used=10), item("new", used=60), older_than=50.0) == ["old"]


def test_leftovers_always_go() -> None:
    assert pruned(item("left", kind=ItemKind.LEFTOVER), item("entry")) == ["left"]


def test_prune_removes_the_old(cache: Cache, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = fill(cache, "static", age=40), fill(cache, "shared", age=20)
    assert main(["cache", "prune", "--older-than", "30d", "--dry-run"]) == 0
    assert old.exists()
    assert f"would remove {old.name}" in capsys.readouterr().out
    assert main(["cache", "prune", "--older-than", "30d"]) == 0
    assert f"removed {old.name}" in capsys.readouterr().out
    assert (old.exists(), new.exists()) == (False, True)
    assert list((cache.root / "trash").iterdir()) == []


def test_prune_never_removes_what_another_process_uses(cache: Cache, capsys: pytest.CaptureFixture[str]) -> None:
    path = fill(cache, "static", age=40)
    program = (
        "import sys, time\nfrom pathlib import Path\nfrom pytest_llvmgate.llvm.prefix_cache import hold_around\n"
        "hold_around(Path(sys.argv[1]))\nprint('held', flush=True)\ntime.sleep(60)\n"
    )
    user = subprocess.Popen([sys.executable, "-c", program, str(path / "lib")], stdout=subprocess.PIPE, text=True)
    try:
        assert user.stdout is not None
        assert user.stdout.readline() == "held\n"
        assert main(["cache", "prune", "--max-size", "0"]) == 0
        assert path.exists()
        assert capsys.readouterr().out.endswith("left\nthe rest is in use\n")
    finally:
        user.kill()
        user.communicate()
    assert main(["cache", "prune", "--max-size", "0"]) == 0
    assert not path.exists()


def test_a_build_at_work_is_in_use_and_one_that_was_interrupted_is_not(cache: Cache) -> None:
    tree = cache.root / "building/key"
    tree.mkdir(parents=True)
    (tree / BUILD_FILE).write_text('{"key": "key"}')
    with cache.lock("key", pytest.fail):
        (found,) = items(cache)
        assert found.in_use
        assert not remove(cache, found)
    (found,) = items(cache)
    assert (found.kind, found.in_use) == (ItemKind.BUILDING, False)
    assert remove(cache, found)
    assert items(cache) == ()


def test_remains_of_a_killed_process_go_without_being_asked(cache: Cache) -> None:
    for place in ("partial/a", "trash/b.1", "entries/torn"):
        write(cache.root / place, {"file": "x"})
    assert {found.kind for found in items(cache)} == {ItemKind.LEFTOVER}
    assert main(["cache", "prune"]) == 0
    assert items(cache) == ()


@pytest.mark.parametrize("words", [["--max-size", "much"], ["--older-than", "30"], ["--older-than", "long"]])
def test_limits_that_say_nothing(cache: Cache, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["cache", "prune", *words])
    assert "expected a" in capsys.readouterr().err


# verify


def test_verify_finds_all_well(cache: Cache, capsys: pytest.CaptureFixture[str]) -> None:
    fill(cache, "static")
    assert main(["cache", "verify"]) == 0
    assert capsys.readouterr().out == "1 of 1 entries are whole\n"


def test_verify_finds_another_revision(cache: Cache, capsys: pytest.CaptureFixture[str]) -> None:
    path = fill(cache, "static", sha="1" * 40)
    assert main(["cache", "verify"]) == 1
    assert capsys.readouterr().out == (
        f"{path.name}: expected revision {SHA}, found {'1' * 40}\n0 of 1 entries are whole\n"
    )


def test_verify_finds_what_is_missing(cache: Cache, capsys: pytest.CaptureFixture[str]) -> None:
    path = fill(cache, "static")
    for library in path.glob("lib/*.a"):
        library.unlink()
    assert main(["cache", "verify"]) == 1
    assert "expected a whole install, found half of one" in capsys.readouterr().out


def test_verify_finds_an_entry_without_its_description(cache: Cache, capsys: pytest.CaptureFixture[str]) -> None:
    path = fill(cache, "static")
    (path / MARKER).write_text("{")
    assert main(["cache", "verify"]) == 1
    assert capsys.readouterr().out.startswith(f"{path.name}: torn")


def test_verify_finds_a_copy_under_another_name(cache: Cache, capsys: pytest.CaptureFixture[str]) -> None:
    path = fill(cache, "static")
    path.rename(path.with_name("copy"))
    assert main(["cache", "verify"]) == 1
    assert capsys.readouterr().out.startswith(f"copy: its description is that of {path.name}")


# key


def test_the_key_is_that_of_the_entry(cache: Cache, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "llvmgate.toml").write_text("[llvm]\nsupplier = 'source'\nrepository = 'llvm-project'\n")
    assert main(["cache", "key", "-C", str(tmp_path), SHA, "shared", "--parts"]) == 0
    first, *parts = capsys.readouterr().out.splitlines()
    assert first.startswith(f"source-{SHA[:12]}-shared-")
    assert f"    sha: {SHA}" in parts
    assert any(part.startswith("    compiler: ") for part in parts)


def test_the_key_of_what_the_tree_is_pinned_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = make_workspace(tmp_path)
    text = (root / "llvmgate.toml").read_text().replace('supplier = "prefix"', 'supplier = "source"')
    (root / "llvmgate.toml").write_text(text.replace('prefix = "../llvm"', 'repository = "../llvm"'))
    assert main(["cache", "key", "-C", str(root), "pinned", "static"]) == 0
    assert capsys.readouterr().out.startswith(f"source-{TOY_SHA[:12]}-static-")


def test_a_prefix_has_no_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = make_workspace(tmp_path)
    assert main(["cache", "key", "-C", str(root), SHA, "static"]) == 4
    assert "has no entry for it in the cache" in capsys.readouterr().err


def test_a_key_needs_a_configuration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / ".git").mkdir()
    assert main(["cache", "key", "-C", str(tmp_path), SHA, "static"]) == 4
    assert "there is no llvmgate.toml" in capsys.readouterr().err
