"""sccache's distributed mode: a scheduler and two servers on this machine compile what the gate does not share."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.support.gated import Gated
from tests.support.programs import require
from tests.unit.test_plugin_farm import free_port, gate, project

SCHEDULER = """\
public_addr = "127.0.0.1:{port}"
client_auth = {{ type = "token", token = "of-clients" }}
server_auth = {{ type = "jwt_hs256", secret_key = "{key}" }}
"""
SERVER = """\
cache_dir = "{place}/toolchains"
public_addr = "{address}"
scheduler_url = "http://127.0.0.1:{port}"
builder = {{ type = "overlay", build_dir = "{place}/build", bwrap_path = "{bwrap}" }}
scheduler_auth = {{ type = "jwt_token", token = "{token}" }}
"""
CLIENT = """\
[cache.disk]
dir = "{place}/cache"
[dist]
scheduler_url = "http://127.0.0.1:{port}"
toolchains = []
auth = {{ type = "token", token = "of-clients" }}
"""


@pytest.fixture
def farm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The servers' addresses. sccache finds the farm by its environment."""
    if os.geteuid() != 0:
        pytest.skip("the servers mount overlays, which takes root")
    dist, bwrap, port = require("sccache-dist"), require("bwrap"), free_port()
    key = words(dist, "auth", "generate-jwt-hs256-key")
    addresses = [f"127.0.0.1:{free_port()}" for _ in range(2)]
    files = {"scheduler": SCHEDULER.format(port=port, key=key)}
    for number, address in enumerate(addresses):
        token = words(dist, "auth", "generate-jwt-hs256-server-token", "--secret-key", key, "--server", address)
        place = tmp_path / f"server{number}"
        place.mkdir()
        files[f"server{number}"] = SERVER.format(place=place, address=address, port=port, bwrap=bwrap, token=token)
    (tmp_path / "client.toml").write_text(CLIENT.format(place=tmp_path, port=port))
    monkeypatch.setenv("SCCACHE_CONF", str(tmp_path / "client.toml"))
    monkeypatch.setenv("SCCACHE_SERVER_PORT", str(free_port()))
    logs: list[Path] = []
    with ExitStack() as stack:
        for name, text in files.items():
            (tmp_path / f"{name}.toml").write_text(text)
            logs.append(stack.enter_context(running(dist, name.rstrip("01"), tmp_path / f"{name}.toml")))
        wait_for(2, logs)
        yield addresses
        subprocess.run(["sccache", "--stop-server"], capture_output=True, check=False)


def words(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@contextmanager
def running(program: str, role: str, config: Path) -> Iterator[Path]:
    """A daemon, while the block lasts; its log."""
    log, env = config.with_suffix(".log"), os.environ | {"SCCACHE_NO_DAEMON": "1", "SCCACHE_LOG": "info"}
    with log.open("wb") as sink:
        daemon = subprocess.Popen([program, role, "--config", str(config)], stdout=sink, stderr=sink, env=env)
    try:
        yield log
    finally:
        daemon.terminate()
        daemon.wait()


def wait_for(servers: int, logs: list[Path]) -> None:
    for _ in range(60):
        told = json.loads(words("sccache", "--dist-status"))
        if "SchedulerStatus" in told and told["SchedulerStatus"][1]["num_servers"] == servers:
            return
        subprocess.run(["sccache", "--stop-server"], capture_output=True, check=False)
        time.sleep(0.5)
    pytest.fail(f"the farm does not come up: {told}; {[log.read_text()[-500:] for log in logs]}")


def test_the_farm_compiles_what_configurations_do_not_share(gated: Gated, farm: list[str]) -> None:
    project(gated, 'jobs = 4\nlauncher = "sccache"')
    assert " passes: " in gate(gated, "-k", "build")
    shown = words("sccache", "--show-stats")
    compiled = {
        address: int(count) for address, count in re.findall(r"^ +(127\.0\.0\.1:\d+) +(\d+)$", shown, re.MULTILINE)
    }
    assert compiled.keys() <= set(farm)
    assert sum(compiled.values()) == 3, shown  # one.cpp once, two.cpp for each size
    assert re.search(r"Failed distributed compilations +0$", shown, re.MULTILINE), shown
