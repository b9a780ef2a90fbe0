"""HTML pages from templates."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import pytest_llvmgate
from pytest_llvmgate.page import page
from pytest_llvmgate.verdict.html import render
from tests.support.verdicts import failed, verdict

ROOT = Path(pytest_llvmgate.__file__).parents[1]


def test_what_is_not_asked_for_is_not_loaded() -> None:
    program = "import pytest_llvmgate.plugin.active, pytest_llvmgate.cli.report, sys; print('jinja2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "False\n"


def test_a_value_is_text_wherever_it_stands() -> None:
    evil = '"><script>alert(1)</script>\x1b[2J'
    row = dict.fromkeys(("build", "when", "commit", "title", "date", "mark", "reason"), evil)
    text = page("status", title=evil, sections={evil: [evil]}, rows=[row])
    assert "<script>" not in text
    assert "\x1b" not in text
    assert text.count("&lt;script&gt;") == 4 + 8  # a title is told twice, a mark is a class, too


def test_every_template_is_in_the_package() -> None:
    known = {path.name for path in (ROOT / "pytest_llvmgate/templates").iterdir()}
    assert known == {"verdict.html.jinja", "status.html.jinja"}
    assert '"templates/*.jinja"' in (ROOT / "pyproject.toml").read_text()


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../secret",
        ".llvmgate/../secret",
        ".llvmgate/link",
        ".llvmgate/out/secret",
        "secret",
        ".llvmgate/loop",
        ".llvmgate/fifo",
        ".llvmgate",
        f".llvmgate/{'x' * 5000}",
        ".llvmgate/\0",
    ],
)
def test_a_log_is_a_file_below_the_run_directory(tmp_path: Path, name: str) -> None:
    import os

    (tmp_path / "secret").write_text("root:x:0\n")
    runs = tmp_path / ".llvmgate"
    runs.mkdir()
    (runs / "link").symlink_to(tmp_path / "secret")
    (runs / "out").symlink_to(tmp_path)
    (runs / "loop").symlink_to(runs / "loop")
    os.mkfifo(runs / "fifo")
    text = render(verdict([failed("static-mhlo_on::build", log=name)]), root=tmp_path)
    assert "root:" not in text
    assert "<h2>Logs</h2>" not in text


def test_a_run_directory_that_is_a_link_holds_no_logs(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/a.log").write_text("root:x:0\n")
    (tmp_path / ".llvmgate").symlink_to("elsewhere")
    text = render(verdict([failed("static-mhlo_on::build", log=".llvmgate/a.log")]), root=tmp_path)
    assert "root:" not in text
