"""Dated parameters of a programme file: read, put into the conditions that name them, told where they never hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from tsunagu.indicators.mistakes import FITTING, Part, fits, nearest
from tsunagu.programmes.programme import Parameter

ID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
#: By sign (its place among all of the file) and a word that its mistakes are looked for by: the parameter's place.
Places = dict[tuple[int, str], int]


def read_parameters(parts: Iterable[Part], effective: date) -> tuple[Parameter, ...]:
    """Every [[parameter]]; a mistake where a value has no fitting form, or can hold on no day from `effective` on."""
    found: list[Parameter] = []
    read = list(parts)
    for part in read:
        id = part.text("id")
        if id and not ID.fullmatch(id):
            part.wrong(f"'{id}' is not a name here", "small letters, digits and single _", "id")
        value = part.raw("value")
        if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
            part.wrong("'value' is neither a number nor a code", 'such as 2 or "exempt"', "value")
            value = 0
        elif not isinstance(value, str) and not fits(Decimal(value)):
            part.wrong(f"'value' is {str(value)[:40]}", FITTING, "value")
            value = 0
        since = part.day("from")
        if any(p.id == id and p.since == since for p in found):
            part.wrong(f"'{id}' has two values from the same day", "another day, or one value", "from")
        found.append(Parameter(id, value if isinstance(value, str) else Decimal(value), since, part.text("reference")))
        part.done()
    for part, parameter in zip(read, found, strict=True):
        later = [p.since for p in found if p.id == parameter.id and parameter.since < p.since <= effective]
        if later:
            what = f"the value of '{parameter.id}' from {parameter.since} can never hold"
            why = f"the one from {max(later)} replaces it, and the programme takes effect on {effective}"
            part.wrong(what, f"{why}; remove it, the version before keeps it", "from")
    return tuple(found)


def names_of(written: object) -> set[str]:
    """Ids of the parameters that a part of the file names."""
    if isinstance(written, dict):
        return {name for value in written.values() for name in names_of(value)}
    if isinstance(written, list):
        return {name for value in written for name in names_of(value)}
    return {written[1:]} if isinstance(written, str) and written.startswith("$") else set()


@dataclass(frozen=True)
class Limits:
    """What a condition may name on a day.

    parts   the [[parameter]] tables, as many and in the same order, for mistakes in a value
    places  filled while conditions are read, so that a mistake in a limit is told where its figure is written
    """

    indicators: list[str]
    parameters: Sequence[Parameter]
    parts: Sequence[Part]
    on: date
    places: Places = field(default_factory=dict)

    def resolved(self, part: Part, sign: int) -> object:
        """The `when` of a part with each "$id" as the parameter's value on the day. sign: its place among all."""
        return self._within(part.raw("when"), part, sign, "when")

    def _within(self, written: object, part: Part, sign: int, operator: str) -> object:
        if isinstance(written, dict):
            return {key: self._within(value, part, sign, key) for key, value in written.items()}
        if isinstance(written, list):
            return [self._within(value, part, sign, operator) for value in written]
        if not isinstance(written, str) or not written.startswith("$"):
            return written
        known = [(place, p) for place, p in enumerate(self.parameters) if f"${p.id}" == written]
        so_far = [(place, p) for place, p in known if p.since <= self.on]
        if not known:
            names = [f"${p.id}" for p in self.parameters]
            part.wrong(f"there is no parameter '{written}'", nearest(written, names), "when", written)
        elif not so_far:
            first = min(p.since for _, p in known)
            part.wrong(f"'{written}' has its first value from {first}", f"one from {self.on}", "when", written)
        else:
            place, parameter = max(so_far, key=lambda found: found[1].since)
            return self._value(place, parameter, sign, operator)
        return _harmless(operator)

    def _value(self, place: int, parameter: Parameter, sign: int, operator: str) -> object:
        value = parameter.value
        if isinstance(value, str) != (operator == "is"):
            is_due = "a code" if operator == "is" else "a number"
            what = f"'value' is {'a text' if isinstance(value, str) else 'a number'}"
            self.parts[place].wrong(what, f"{is_due} is due, since '{operator}' names it", "value")
            return _harmless(operator)
        self.places[sign, operator] = place
        if isinstance(value, str):
            self.places[sign, value] = place
        return int(value) if isinstance(value, Decimal) and value == int(value) else value


def _harmless(operator: str) -> object:
    return "-" if operator == "is" else 1
