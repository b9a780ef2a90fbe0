"""Holds: which agreed exception applies to a stage or a pin, how long it still does, and whose it is.

The rule is the transient protocol of a bump. LLVM may move before a component has; the configurations without the
component stay required, and the debt has a date:

* a held failure is an expected failure, with the hold's reason and the days left;
* a held thing that passes asks for the hold to be removed;
* an expired hold excuses nothing, and the failure names its owner and issue.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pytest_llvmgate.config.settings import Config, Configuration, Hold, PinSpec, Selector
from pytest_llvmgate.config.toml_lines import array_table
from pytest_llvmgate.model import PINS_GROUP
from pytest_llvmgate.wording import counted


@dataclass(frozen=True, kw_only=True)
class Held:
    """A hold as it applies to one stage or pin on a day."""

    hold: Hold
    days_left: int
    """0 on its last day; negative when it has expired."""
    where: str
    """``file:line`` of the hold."""

    @property
    def expired(self) -> bool:
        """Whether it excuses nothing any more."""
        return self.days_left < 0

    @property
    def responsible(self) -> str:
        """Owner and issue, as far as the hold names them."""
        return ", ".join(part for part in (self.hold.owner, self.hold.issue) if part) or "nobody named"

    def excuse(self) -> str:
        """One line for an expected failure: the reason, and how long it counts."""
        left = {0: "its last day is today", 1: "1 day left"}.get(self.days_left, f"{self.days_left} days left")
        return f"held until {self.hold.until} ({left}): {self.hold.reason}"

    def complaint(self) -> str:
        """One line for a failure whose hold has expired."""
        ago = -self.days_left
        days = counted(ago, "day")
        return (
            f"the hold in {self.where} expired {days} ago ({self.hold.until}; {self.responsible}): {self.hold.reason}"
        )

    def farewell(self) -> str:
        """One line for a held thing that passes."""
        return f"passes although it is held until {self.hold.until}: remove the hold in {self.where}"


def hold_for(config: Config, group: str, stage: str, *, today: datetime.date | None = None) -> Held | None:
    """The hold that applies to a stage of a configuration, or (group ``pins``) to a pin of that name.

    Of several the one that lasts longest; an expired one only where no other applies.
    """
    held = [standing(hold, config, today=today) for hold in config.holds if _applies(hold, config, group, stage)]
    return max(held, key=lambda one: one.days_left, default=None)


def holds_of_parts(config: Config, group: str, stage: str, *, today: datetime.date | None = None) -> tuple[Held, ...]:
    """The holds that cover some causes or tests of a stage, and not the rest of it."""
    return tuple(
        standing(hold, config, today=today)
        for hold in config.holds
        if hold.is_of_parts and _is_about(hold, config, group, stage)
    )


def standing(hold: Hold, config: Config, *, today: datetime.date | None = None) -> Held:
    """A hold on a day (default: today)."""
    day = today or datetime.date.today()
    return Held(hold=hold, days_left=(hold.until - day).days, where=config.where(hold.line))


def expired_holds(config: Config, *, today: datetime.date | None = None) -> tuple[Held, ...]:
    """The holds that have ended and are still in the configuration."""
    return tuple(held for hold in config.holds if (held := standing(hold, config, today=today)).expired)


def _applies(hold: Hold, config: Config, group: str, stage: str) -> bool:
    if hold.is_of_parts:
        return False
    if group == PINS_GROUP:
        return _holds_pin(hold, config, stage)
    is_of_pins_alone = hold.pins and not hold.configurations and not hold.stages
    return not is_of_pins_alone and _is_about(hold, config, group, stage)


def _is_about(hold: Hold, config: Config, group: str, stage: str) -> bool:
    configuration = next((one for one in config.configurations if one.name == group), None)
    if configuration is None or not configuration.selected_by(hold.configurations):
        return False
    return not hold.stages or stage in hold.stages


def _holds_pin(hold: Hold, config: Config, name: str) -> bool:
    """A pin is held by name, or because it matters only to configurations that are held altogether."""
    if hold.pins:
        return name in hold.pins
    pin = next((one for one in config.pins if one.name == name), None)
    if pin is None or not pin.only or not hold.configurations or hold.stages:
        return False
    affected = affected_by(config, pin)
    return bool(affected) and all(one.selected_by(hold.configurations) for one in affected)


def affected_by(config: Config, pin: PinSpec) -> tuple[Configuration, ...]:
    """The configurations that matter when this pin disagrees."""
    return tuple(one for one in config.configurations if one.selected_by(pin.only))


def free_configurations(config: Config, pins: Iterable[PinSpec]) -> tuple[Configuration, ...]:
    """The configurations that none of ``pins`` affects: what can be green while those pins disagree."""
    names = {one.name for pin in pins for one in affected_by(config, pin)}
    return tuple(one for one in config.configurations if one.name not in names)


def as_toml(
    *, reason: str, until: datetime.date, pins: Sequence[str] = (), configurations: Selector | None = None
) -> str:
    """A ``[[hold]]`` table to paste into the configuration."""
    values = {"pins": pins, "configurations": configurations, "until": until, "reason": reason.replace("\n", " ")}
    return array_table("hold", values)
