from __future__ import annotations

import datetime
import tomllib
from pathlib import Path

import pytest

from pytest_llvmgate.config.holds import (
    affected_by,
    as_toml,
    expired_holds,
    free_configurations,
    hold_for,
)
from pytest_llvmgate.config.settings import Config, Configuration, Hold, PinSpec

TODAY = datetime.date(2026, 6, 1)
MHLO = PinSpec(name="mhlo", component="third_party/mhlo", file="v.txt", only={"mhlo": ("on",)})
OWN = PinSpec(name="llvm-project", file="clone.sh")


def configuration(linkage: str, mhlo: str) -> Configuration:
    return Configuration(name=f"{linkage}-mhlo_{mhlo}", options={"linkage": linkage, "mhlo": mhlo}, flavour="default")


ALL = tuple(configuration(linkage, mhlo) for linkage in ("static", "shared") for mhlo in ("on", "off"))


def config(*holds: Hold) -> Config:
    return Config(path=Path("/x/llvmgate.toml"), pins=(OWN, MHLO), configurations=ALL, holds=holds)


def hold(days: int = 10, **changes: object) -> Hold:
    until = TODAY + datetime.timedelta(days=days)
    return Hold(until=until, reason="not there yet", line=7, **changes)  # type: ignore[arg-type]


def held(group: str, stage: str, *holds: Hold) -> bool:
    return hold_for(config(*holds), group, stage, today=TODAY) is not None


def test_without_holds_nothing_is_held() -> None:
    assert not held("shared-mhlo_on", "build")


def test_a_hold_on_configurations_holds_every_stage_of_them() -> None:
    on = hold(configurations={"mhlo": ("on",)})
    assert held("shared-mhlo_on", "configure", on)
    assert held("static-mhlo_on", "check", on)
    assert not held("static-mhlo_off", "build", on)


def test_a_hold_on_stages_holds_those_alone() -> None:
    check = hold(configurations={"linkage": ("shared",)}, stages=("check",))
    assert held("shared-mhlo_on", "check", check)
    assert not held("shared-mhlo_on", "build", check)
    assert not held("static-mhlo_on", "check", check)


def test_a_hold_on_a_pin_holds_no_build() -> None:
    pin = hold(pins=("mhlo",))
    assert held("pins", "mhlo", pin)
    assert not held("pins", "llvm-project", pin)
    assert not held("shared-mhlo_on", "build", pin)


def test_a_pin_is_held_with_all_the_configurations_that_it_matters_to() -> None:
    assert held("pins", "mhlo", hold(configurations={"mhlo": ("on",)}))
    assert not held("pins", "mhlo", hold(configurations={"mhlo": ("on",), "linkage": ("shared",)}))
    assert not held("pins", "mhlo", hold(configurations={"mhlo": ("on",)}, stages=("check",)))
    assert not held("pins", "llvm-project", hold(configurations={"mhlo": ("on",)}))


def test_what_is_unknown_is_not_held() -> None:
    assert not held("no-such-configuration", "build", hold())
    assert not held("pins", "no-such-pin", hold(configurations={"mhlo": ("on",)}))


@pytest.mark.parametrize(("days", "text"), [(10, "10 days left"), (1, "1 day left"), (0, "its last day is today")])
def test_an_excuse_says_how_long_it_counts(days: int, text: str) -> None:
    found = hold_for(config(hold(days)), "shared-mhlo_on", "build", today=TODAY)
    assert found is not None
    assert not found.expired
    assert text in found.excuse()
    assert found.excuse().endswith("not there yet")


def test_an_expired_hold_names_owner_issue_and_place() -> None:
    late = hold(-1, owner="@ada", issue="openxla/stablehlo#1")
    found = hold_for(config(late), "shared-mhlo_on", "build", today=TODAY)
    assert found is not None
    assert found.expired
    assert found.complaint() == (
        "the hold in llvmgate.toml:7 expired 1 day ago (2026-05-31; @ada, openxla/stablehlo#1): not there yet"
    )


def test_a_hold_of_nobody() -> None:
    found = hold_for(config(hold(-3)), "shared-mhlo_on", "build", today=TODAY)
    assert found is not None
    assert "3 days ago" in found.complaint()
    assert "nobody named" in found.complaint()


def test_what_passes_although_held_asks_for_its_removal() -> None:
    found = hold_for(config(hold()), "shared-mhlo_on", "build", today=TODAY)
    assert found is not None
    assert found.farewell() == "passes although it is held until 2026-06-11: remove the hold in llvmgate.toml:7"


def test_of_several_holds_the_longest_counts() -> None:
    found = hold_for(config(hold(-1), hold(5), hold(2)), "shared-mhlo_on", "build", today=TODAY)
    assert found is not None
    assert found.days_left == 5


def test_expired_holds_are_listed() -> None:
    assert [one.days_left for one in expired_holds(config(hold(-1), hold(5)), today=TODAY)] == [-1]


def test_who_is_affected_by_a_pin_and_who_is_free_of_it() -> None:
    assert [one.name for one in affected_by(config(), MHLO)] == ["static-mhlo_on", "shared-mhlo_on"]
    assert [one.name for one in free_configurations(config(), [MHLO])] == ["static-mhlo_off", "shared-mhlo_off"]
    assert free_configurations(config(), [OWN]) == ()


def test_a_hold_as_toml_reads_back() -> None:
    text = as_toml(reason='waits for "x"\\', until=TODAY, pins=["mhlo"], configurations={"mhlo": ("on",)})
    assert tomllib.loads(text) == {
        "hold": [
            {
                "pins": ["mhlo"],
                "configurations": {"mhlo": ["on"]},
                "until": TODAY,
                "reason": 'waits for "x"\\',
            }
        ]
    }
