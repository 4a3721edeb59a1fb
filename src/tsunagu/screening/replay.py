"""From stored reasons back to signs: a level must follow from the reason rows alone, with no other data at hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from tsunagu.indicators.history import Value
from tsunagu.screening.criteria import Criteria
from tsunagu.screening.reference import holds


def signs_from(criteria: Criteria, reasons: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Signs that hold on the values of one child's reason rows (REASONS); rows of missing items say nothing.

    What is not in the rows is not known here, and what is not known never holds.
    """
    values: dict[str, Value] = {i.id: None for i in criteria.indicators}
    for row in reasons:
        if row["kind"] == "sign":
            values[row["indicator"]] = row["text"] if row["number"] is None else Fraction(row["number"])
    return frozenset(sign.code for sign in criteria.signs if holds(sign.when, values))
