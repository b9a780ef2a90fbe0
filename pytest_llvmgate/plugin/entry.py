"""What pytest loads in every session. A session without ``--llvm-sha`` must not notice: imports nothing of the gate."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, Final

import pytest

from pytest_llvmgate.plugin.option_names import ACTIVE, FORMS, JUNIT_PROPERTIES, OPTION

if TYPE_CHECKING:
    from pytest_llvmgate.plugin.llvm_build import LlvmBuild

_FIXTURE: Final = "llvm_build"
_NEED_A_CANDIDATE: Final = frozenset(
    f"--llvm-{name}" for name in ("config", "baseline", "verdicts", "pins", "rerun", *FORMS)
)
"""The gate's options beside ``--llvm-sha``; a test compares."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the gate's options."""
    group = parser.getgroup("llvmgate", "LLVM gate (pytest-llvmgate)")
    group.addoption(
        "--llvm-sha",
        metavar="SHA",
        default=None,
        help="gate this LLVM commit: a full or short SHA, a tag, or 'pinned' for what this tree is pinned to",
    )
    group.addoption("--llvm-config", metavar="PATH", default=None, help="the configuration (default: llvmgate.toml)")
    group.addoption(
        "--llvm-baseline",
        metavar="SHA",
        default=None,
        help="the LLVM commit that the target branch is on (default: read from the branch's own pins)",
    )
    group.addoption(
        "--llvm-verdicts",
        metavar="STORE",
        default=None,
        help="where the target branch's own verdicts are: a file, a directory or a URL; see llvmgate report --record",
    )
    group.addoption(
        "--llvm-pins",
        choices=("candidate", "agree"),
        default="candidate",
        help="what pins must equal: the candidate, or each other (to try a candidate on a tree that is not bumped)",
    )
    for name, what in FORMS.items():
        group.addoption(f"--llvm-{name}", metavar="FILE", default=None, help=f"write {what}")
    parser.addini(
        JUNIT_PROPERTIES,
        default="testcase",
        help="where --junitxml has the gate's properties: 'testcase', or 'testsuite' for readers that refuse that",
    )
    group.addoption("--llvm-rerun", action="store_true", help="run every stage again, whatever is recorded")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """Before pytest captures, which fails on a standard stream that is closed."""
    if getattr(early_config.known_args_namespace, OPTION, None) is not None:
        from pytest_llvmgate.standard_streams import open_what_is_closed

        open_what_is_closed()
    return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Wake the gate when a candidate is given."""
    if config.getoption(OPTION) is None:
        _refuse_options_alone(config)
        return
    from pytest_llvmgate.errors import GateError
    from pytest_llvmgate.platform_facts import expect_gate

    try:
        expect_gate()
    except GateError as error:
        raise pytest.UsageError(str(error)) from error
    from pytest_llvmgate.plugin.active import activate

    activate(config)


def _refuse_options_alone(config: pytest.Config) -> None:
    """A command line that asks for a verdict and names no candidate would be green without a gate. What ``addopts`` say
    stands there for the sessions that have one.
    """
    given = [str(word).partition("=")[0] for word in config.invocation_params.args]
    if alone := [word for word in dict.fromkeys(given) if word in _NEED_A_CANDIDATE]:
        raise pytest.UsageError(
            f"{', '.join(alone)}: expected a candidate, found none, so nothing would be gated\n"
            "    -> add --llvm-sha=SHA, or --llvm-sha=pinned for what this tree is pinned to"
        )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test that asks for ``llvm_build`` once per configuration."""
    if _FIXTURE not in metafunc.fixturenames:
        return
    gate: Any = metafunc.config.pluginmanager.get_plugin(ACTIVE)
    names = gate.configuration_names() if gate else ["no-candidate"]
    metafunc.parametrize(_FIXTURE, names, ids=names, indirect=True, scope="session")


@pytest.fixture(scope="session")
def llvm_build(request: pytest.FixtureRequest) -> LlvmBuild:
    """A built configuration of the downstream against the candidate; see ``LlvmBuild`` for what it holds."""
    gate: Any = request.config.pluginmanager.get_plugin(ACTIVE)
    if gate is None:
        pytest.skip("needs a candidate: --llvm-sha=SHA")
    build: LlvmBuild = gate.build(request.param)
    return build


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """``-n auto``: as many workers as there are groups that can run side by side, at most two per core."""
    if config.getoption(OPTION) is None:
        return None
    from pytest_llvmgate.plugin.scheduling import worker_count

    return worker_count(config)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep the stages of a configuration together and in order."""
    if config.getoption(OPTION) is None:
        return None
    from pytest_llvmgate.plugin.scheduling import GateScheduling

    return GateScheduling(config, log)


for _hook in (pytest_xdist_auto_num_workers, pytest_xdist_make_scheduler):
    pytest.hookimpl(optionalhook=True, tryfirst=True)(_hook)
