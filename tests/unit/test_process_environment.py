"""Commands that a change brings along cannot speak as the CI."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import pytest_llvmgate
from pytest_llvmgate.process.environment import command_environment
from pytest_llvmgate.stages.build_tools import build_environment
from tests.support.gated import Gated

HIDDEN = [
    "GITHUB_STEP_SUMMARY",
    "GITHUB_ENV",
    "GITHUB_PATH",
    "GITHUB_OUTPUT",
    "GITHUB_STATE",
    "GITHUB_TOKEN",
    "GH_TOKEN",
    "GH_ENTERPRISE_TOKEN",
    "ACTIONS_RUNTIME_TOKEN",
    "ACTIONS_RUNTIME_URL",
    "ACTIONS_CACHE_URL",
    "ACTIONS_RESULTS_URL",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_URL",
    "INPUT_TOKEN",
    "CI_JOB_TOKEN",
    "CI_JOB_JWT",
    "CI_JOB_JWT_V2",
    "CI_REGISTRY_PASSWORD",
    "CI_DEPLOY_PASSWORD",
    "CI_REPOSITORY_URL",
    "CI_DEPENDENCY_PROXY_PASSWORD",
    "DOCKER_AUTH_CONFIG",
    "SYSTEM_ACCESSTOKEN",
    "ENDPOINT_AUTH_X",
    "BUILDKITE_AGENT_ACCESS_TOKEN",
    "BUILDKITE_ENV_FILE",
    "CIRCLE_OIDC_TOKEN_V2",
    "BASH_ENV",
    "TEAMCITY_BUILD_PROPERTIES_FILE",
    "CIRRUS_ENV",
    "BITBUCKET_STEP_OIDC_TOKEN",
    "DRONE_NETRC_PASSWORD",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "NPM_TOKEN",
    "TWINE_PASSWORD",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "OPENAI_API_KEY",
    "SSH_PRIVATE_KEY",
    "COSIGN_PASSWORD",
    "CODECOV_TOKEN",
    "GPG_PASSPHRASE",
]
SEEN = [
    "PATH",
    "HOME",
    "CC",
    "CXX",
    "CXXFLAGS",
    "CI",
    "GITHUB_ACTIONS",
    "GITHUB_SHA",
    "GITHUB_WORKSPACE",
    "GITLAB_CI",
    "CCACHE_DIR",
    "TOKENIZERS_PARALLELISM",
    "SSH_AUTH_SOCK",
    "http_proxy",
    "KEYBOARD",
    "LLVMGATE_CACHE",
    "CMAKE_PREFIX_PATH",
    "PYTHONPATH",
    "XAUTHORITY",
    "MONKEY_KEYS",
]


@pytest.mark.parametrize("name", HIDDEN)
def test_tokens_and_the_files_of_steps_are_hidden(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "x")
    assert name not in build_environment({})


@pytest.mark.parametrize("name", ["COLUMNS", "LINES", "GCC_COLORS", "VERBOSE"])
def test_what_changes_the_messages_of_one_process_alone_is_left_out(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "80")
    assert name not in build_environment({})


@pytest.mark.parametrize("name", SEEN)
def test_what_a_build_needs_is_seen(name: str) -> None:
    assert command_environment({name: "x"}) == {name: "x"}


def test_no_check_command_sees_them(gated: Gated, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    summary = tmp_path / "summary"
    for name in ("GITHUB_STEP_SUMMARY", "GITHUB_ENV", "CI_JOB_TOKEN"):
        monkeypatch.setenv(name, str(summary))
    text = (gated.root / "llvmgate.toml").read_text()
    gated.configure(text.replace('[["cmake",', '[["cmake", "-E", "environment"], ["cmake",'))
    gated.run("--llvm-sha=pinned", "-k", "static-mhlo_off").assert_outcomes(passed=4, deselected=14)
    log = gated.log("static-mhlo_off", "check").read_text()
    assert "PATH=" in log
    assert str(summary) not in log
    assert "passes: 4 of 4" in summary.read_text()


def test_every_command_is_given_its_environment() -> None:
    """What is not is a process of the gate itself, or one of a build that has its environment already."""
    package = Path(pytest_llvmgate.__file__).parent
    found = set()
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            is_start = isinstance(node, ast.Call) and ast.unparse(node.func) in {"subprocess.run", "subprocess.Popen"}
            if is_start and "env" not in {word.arg for word in node.keywords}:  # type: ignore[attr-defined]
                found.add(path.relative_to(package).as_posix())
    assert found == {"llvm/extracting.py", "stages/compile_once.py"}


def test_no_command_is_given_the_whole_environment() -> None:
    """But what is the gate's own: git, a session of its own that tries a candidate, compilers in a build."""
    package = Path(pytest_llvmgate.__file__).parent
    found = set()
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            parts = (
                node.values
                if isinstance(node, ast.Dict)
                else [node.iter]
                if isinstance(node, ast.comprehension)
                else []
            )
            if any(ast.unparse(part).removesuffix(".items()") == "os.environ" for part in parts):
                found.add(path.relative_to(package).as_posix())
    assert found == {"git/process.py", "roll/gating.py", "stages/compile_once.py"}
