"""From axes and single configurations to the list of configurations that the gate builds."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from pytest_llvmgate.config.settings import Configuration, Selector
from pytest_llvmgate.config.shapes import Spot, suggestion
from pytest_llvmgate.config.toml_lines import KeyPath
from pytest_llvmgate.model import GROUPS

DEFAULT_FLAVOUR: Final = "default"
_DEFAULT_CONFIGURATION: Final = "default"
_RESERVED_NAMES: Final = GROUPS
"""Groups of tests that are not configurations."""
_SWITCH_WORDS: Final = frozenset({"on", "off", "yes", "no", "true", "false", "0", "1", "with", "without"})
"""Options that say nothing without their axis: ``mhlo_on``, not ``on``."""

_MOST_CONFIGURATIONS: Final = 500
"""A session's tests are some multiple of it, and each needs a build directory."""
_MOST_COMBINATIONS: Final = 20_000
_FEWER: Final = f"at most {_MOST_CONFIGURATIONS} can be gated"
_EXCLUDE: Final = "rule some out with 'only' keys or [[exclude]]"
_LONGEST_NAME: Final = 200
"""Characters; file systems take 255 for a directory's name."""
_TAKEN_NAMES: Final = frozenset(
    {"objects", "verdict.json", "lock", "logs", "records", "progress", "owner", "llvmgate-fix"}
)
"""What the gate calls its own files where those of a configuration have the configuration's name."""

Choice = Mapping[str, str]
"""Axis name to option name."""


class Expansion:
    """The axes of a checked document, expanded. Complaints go to the spots, as everywhere in loading."""

    def __init__(self, data: Mapping[str, Any], spot: Callable[..., Spot], line: Callable[[KeyPath], int]) -> None:
        self._data = data
        self._spot = spot
        self._line = line
        self._tables: Mapping[str, Mapping[str, Any]] = data.get("axes", {})
        self._named: dict[str, tuple[str, int]] = {}
        self.axes: Mapping[str, tuple[str, ...]] = {axis: tuple(options) for axis, options in self._tables.items()}

    def configurations(self) -> tuple[Configuration, ...]:
        """All configurations, in the order of the file: the last axis varies fastest, single ones come last."""
        if not self._axes_are_sound():
            return ()
        made = [*self._combinations(), *self._singles()]
        if not made and "build" in self._data:
            made = [self._configuration(_DEFAULT_CONFIGURATION, {}, {}, ("build",))]
        return tuple(replace(configuration, index=index) for index, configuration in enumerate(made))

    def check_selector(self, selector: Selector, spot: Spot) -> None:
        """Complain about axes and options that do not exist."""
        for axis, options in selector.items():
            if axis not in self.axes:
                spot.child(axis).complain(f"no axis is named {axis!r}", suggestion(axis, self.axes))
                continue
            for option in options:
                if option not in self.axes[axis]:
                    hint = suggestion(option, self.axes[axis])
                    spot.child(axis).complain(f"the axis {axis!r} has no option {option!r}", hint)

    def _axes_are_sound(self) -> bool:
        before = len(self._spot().problems)
        for axis, options in self._tables.items():
            if not options:
                hint = f'add one, e.g. [axes.{axis}] on = {{ cmake = {{ MY_OPTION = "ON" }} }}'
                self._spot("axes", axis).complain("this axis has no options", hint)
            for option, table in options.items():
                self.check_selector(table.get("only", {}), self._spot("axes", axis, option, "only"))
        for index, excluded in enumerate(self._data.get("exclude", ())):
            self.check_selector(excluded, self._spot("exclude", index))
        return len(self._spot().problems) == before

    def _combinations(self) -> Iterator[Configuration]:
        if not self.axes or not self._is_walkable():
            return
        choices = (dict(zip(self.axes, options, strict=True)) for options in itertools.product(*self.axes.values()))
        kept = [choice for choice in choices if self._allowed(choice)]
        for axis, options in self.axes.items():
            for option in options:
                if not any(choice[axis] == option for choice in kept):
                    self._spot("axes", axis, option).complain(
                        "this option is in no configuration: the 'only' keys and [[exclude]] rule out all combinations",
                        "loosen one of them, or remove the option",
                    )
        if len(kept) > _MOST_CONFIGURATIONS:
            self._spot("axes").complain(f"the axes make {len(kept):,} configurations; {_FEWER}", _EXCLUDE)
            return
        for choice in kept:
            axis, option = next(iter(choice.items()))
            yield self._configuration(self._name(choice), choice, {}, ("axes", axis, option))

    def _is_walkable(self) -> bool:
        """Known before anything is expanded: ten axes of ten options are more than any machine holds."""
        count = math.prod(map(len, self.axes.values()))
        if count > _MOST_COMBINATIONS:
            self._spot("axes").complain(
                f"the axes have {count:,} combinations; {_FEWER}"
                if count < 10**30
                else f"too many combinations; {_FEWER}",
                f"of at most {_MOST_COMBINATIONS:,} combinations, 'only' keys and [[exclude]] choose; beyond that, name"
                " single ones as [[configuration]]",
            )
        return count <= _MOST_COMBINATIONS

    def _allowed(self, choice: Choice) -> bool:
        if any(_matches(choice, excluded) for excluded in self._data.get("exclude", ())):
            return False
        return all(_matches(choice, self._tables[axis][option].get("only", {})) for axis, option in choice.items())

    def _singles(self) -> Iterator[Configuration]:
        for index, table in enumerate(self._data.get("configuration", ())):
            place: KeyPath = ("configuration", index)
            options = table.get("options", {})
            before = len(self._spot().problems)
            self.check_selector({axis: (option,) for axis, option in options.items()}, self._spot(*place, "options"))
            if len(self._spot().problems) == before:
                yield self._configuration(table["name"], options, table, place)

    def _name(self, choice: Choice) -> str:
        """``shared-mhlo_on``: an option's own name where that says enough, else with its axis."""
        taken = [option for options in self.axes.values() for option in options]
        return "-".join(
            f"{axis}_{option}" if option.lower() in _SWITCH_WORDS or taken.count(option) > 1 else option
            for axis, option in choice.items()
        )

    def _configuration(self, name: str, choice: Choice, own: Mapping[str, Any], place: KeyPath) -> Configuration:
        tables = [self._tables[axis][option] for axis, option in choice.items()]
        spot = self._spot(*place)
        self._check_name(name, self._line(place), spot)
        build = self._data.get("build", {})
        flavours = dict.fromkeys(table["flavour"] for table in tables if "flavour" in table)
        if len(flavours) > 1 and "flavour" not in own:
            spot.complain(f"the options of {name!r} ask for different flavours: {', '.join(flavours)}")
        for what in ("cmake", "env"):
            _complain_of_contradictions(what, tables, own, spot)
        return Configuration(
            name=name,
            options=dict(choice),
            flavour=own.get("flavour") or next(iter(flavours), DEFAULT_FLAVOUR),
            cmake=_merged("cmake", build, tables, own),
            env=_merged("env", build, tables, own),
            line=self._line(place),
        )

    def _check_name(self, name: str, line: int, spot: Spot) -> None:
        if name in _RESERVED_NAMES:
            spot.complain(f"{name!r} is a group of the gate's own tests; name the configuration otherwise")
        elif name.lower() in _TAKEN_NAMES or name.endswith("."):
            spot.complain(f"{name!r} cannot be a configuration's directory; name the configuration otherwise")
        elif len(name) > _LONGEST_NAME:
            spot.complain(f"expected a name of at most {_LONGEST_NAME} characters, found {len(name)}: {name[:40]}...")
        folded = name.lower()  # names become directories, and some file systems fold case
        if folded in self._named:
            other, first = self._named[folded]
            spot.complain(f"the name {name!r} is taken by the configuration {other!r} of line {first}")
        self._named.setdefault(folded, (name, line))


def _matches(choice: Choice, selector: Selector) -> bool:
    return all(choice.get(axis) in options for axis, options in selector.items())


def _merged(
    what: str, build: Mapping[str, Any], tables: list[Mapping[str, Any]], own: Mapping[str, Any]
) -> dict[str, str]:
    """Values of [build], then of the options, then the configuration's own: the later ones win."""
    merged: dict[str, tuple[str, str]] = {}
    for layer in (build, *tables, own):
        for name, value in layer.get(what, {}).items():
            merged[_variable(name)] = (name, value)
    return dict(merged.values())


def _complain_of_contradictions(what: str, tables: list[Mapping[str, Any]], own: Mapping[str, Any], spot: Spot) -> None:
    """Two options may not contradict each other, unless the configuration itself settles it."""
    settled = {_variable(name) for name in own.get(what, {})}
    first: dict[str, str] = {}
    for table in tables:
        for name, value in table.get(what, {}).items():
            known = first.setdefault(_variable(name), value)
            if known != value and _variable(name) not in settled:
                spot.complain(f"two options set {_variable(name)}: to {known!r} and to {value!r}")


def _variable(name: str) -> str:
    """``BUILD_SHARED_LIBS:BOOL`` is the variable ``BUILD_SHARED_LIBS``."""
    return name.partition(":")[0]
