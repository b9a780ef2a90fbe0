"""What ``docs/pins.md`` says is so."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
from git_kit import A, Repo

from pytest_llvmgate.cli.main import main
from pytest_llvmgate.config.load import load_config
from pytest_llvmgate.config.settings import Config, PinSpec, Policy
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.moving.moves import prepare_bump
from pytest_llvmgate.pins.discover import discover_pins
from pytest_llvmgate.pins.read import check_specs
from pytest_llvmgate.pins.readers import BUILT_IN, Reader
from pytest_llvmgate.upstream.llvm_clone import Upstream

PAGE = (Path(__file__).parents[2] / "docs/pins.md").read_text(encoding="utf-8")


def blocks(info: str) -> list[str]:
    return re.findall(rf"^```{info}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("text", blocks("toml"))
def test_every_configuration_loads(text: str, tmp_path: Path) -> None:
    path = tmp_path / "llvmgate.toml"
    path.write_text(text, encoding="utf-8")
    assert check_specs(load_config(path)) == ()


def test_every_reader_is_listed_with_its_summary() -> None:
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (.+?) \| .+ \|$", PAGE.split("## Pins inside")[0], re.MULTILINE))
    del rows["gitlink"]
    assert rows == {reader.name: reader.summary for reader in BUILT_IN}


def test_every_policy_is_listed() -> None:
    table = PAGE.split("## What agreement means")[1].split("## What a clone")[0]
    assert re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE) == ["policy", *map(str, Policy)]


def test_every_kind_of_notice_is_listed() -> None:
    table = PAGE.split("## What is odd besides")[1].split("## Holds")[0]
    room = Path(__file__).parents[2] / "pytest_llvmgate/pins"
    source = "".join((room / name).read_text(encoding="utf-8") for name in ("detect.py", "check.py"))
    assert re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE) == list(
        dict.fromkeys(re.findall(r'kind="([a-z-]+)"', source))
    )


@pytest.mark.parametrize("command", ["pins", "bump", "plan", "align", "status"])
def test_every_option_named_exists(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert capsys.readouterr().out.startswith("usage:")


def test_the_example_of_a_reader_works() -> None:
    (code,) = blocks("python")
    names: dict[str, object] = {}
    exec(compile(textwrap.dedent(code), "docs/pins.md", "exec"), names)
    reader = names["reader"]
    assert isinstance(reader, Reader)
    (mention,) = reader.mentions(f"x llvm@{A} y", PinSpec(name="x"))
    assert (mention.text, mention.start) == (A, 7)


SHA, TAG = "1234567890abcdef1234567890abcdef12345678", "llvmorg-22.1.8"
FORMS = re.findall(r"^\| `([^`]+)` \| `([^`]+)` \| (rewrites.*|leaves.*|nothing.*) \|$", PAGE, re.MULTILINE)


def moved(root: Path, file: str, text: str, candidate: str) -> tuple[str, tuple[str, ...]]:
    """The file after a bump of the pins that are found in it, and the remarks."""
    repo = Repo(root)
    repo.commit({file: text})
    pins = tuple(one.spec for one in discover_pins(Repository.open(root)))
    config = Config(path=root / "llvmgate.toml", pins=pins)
    tag = candidate if candidate == TAG else ""
    bump = prepare_bump(config, candidate, upstream=Upstream(clones=()), tag=tag)
    return (bump.edits[0].after if bump.edits else text), bump.remarks


@pytest.mark.parametrize(("file", "form", "bump"), FORMS)
def test_every_form_is_read_and_moved_as_the_table_says(file: str, form: str, bump: str, tmp_path: Path) -> None:
    text = form.replace("<sha>", A).replace("<tag>", "llvmorg-21.1.8").replace("<version>", "21.1.8") + "\n"
    by_sha, remarks = moved(tmp_path / "a", file, text, SHA)
    by_tag, _ = moved(tmp_path / "b", file, text, TAG)
    if bump == "rewrites":
        assert by_sha == text.replace(A, SHA)
    elif bump.startswith("rewrites, to a tag"):
        assert (by_sha, by_tag) == (text.replace("llvmorg-21.1.8", SHA), text.replace("21.1.8", "22.1.8"))
    elif bump.startswith("rewrites"):
        assert (by_sha, by_tag) == (text, text.replace("21.1.8", "22.1.8"))
    else:
        assert (by_sha, by_tag) == (text, text)
        assert any("was left" in remark for remark in remarks) == bump.startswith("leaves")
