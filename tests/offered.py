"""Invented children whose families may be offered support, as a run brings them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import pyarrow as pa

from builders import CITY, ATestPerson, a_child, some_words
from tsunagu.programmes.load import load_programme
from tsunagu.records.run_tables import OFFER_NAMES
from tsunagu.sources.loading import load_catalogue
from tsunagu.wording.vocabulary import programme_words

ON = dt.date(2026, 9, 30)
AID, MEDICAL = "school_aid", "single_parent_medical"
MAY, ASK = "may_be_eligible", "cannot_tell"
_REASONS = {AID: ("A1", "assistance", 1, None), MEDICAL: ("A1", "allowance", None, "full")}


@dataclass(frozen=True)
class ATestOffered:
    """person: who may be offered something; they need not be noticed. letter: whether the run found that one may go.

    found    programme and finding
    is_sure  a rule holds; else only a missing item says that one might
    """

    person: ATestPerson
    found: tuple[tuple[str, str], ...] = ((AID, MAY),)
    letter: bool = True
    is_sure: bool = True

    @property
    def id(self) -> str:
        return self.person.person_id


def an_offered(name: str = "例川 あおい", kana: str = "レイカワ アオイ", **changes: Any) -> ATestOffered:
    """A child who was not noticed, unless a level is given."""
    own = {k: changes.pop(k) for k in ("found", "letter", "is_sure") if k in changes}
    return ATestOffered(replace(a_child(name, kana, **{"level": None, "reasons": (), **changes})), **own)


def offer_tables(offered: Sequence[ATestOffered]) -> dict[str, pa.Table]:
    """OFFER_NAMES as the run seals it."""
    rows = [
        {**{name: getattr(o.person, name) for name in _SAME}, "household_id": o.person.household, "letter": o.letter}
        for o in offered
        if o.is_sure
    ]
    return {OFFER_NAMES.name: pa.Table.from_pylist(rows, schema=OFFER_NAMES.schema)}


_SAME = ("person_id", "name", "kana", "birth_date", "grade", "school", "school_name")


def entitlements_of(offered: Sequence[ATestOffered]) -> list[dict[str, Any]]:
    """Rows of ENTITLEMENTS."""
    rows = []
    for one in offered:
        for programme, finding in one.found:
            code, indicator, number, text = _REASONS[programme]
            kind, code = ("sign", code) if one.is_sure else ("missing", "M1")
            reason = {"kind": kind, "code": code, "indicator": indicator, "number": number, "text": text}
            reason |= {"source": "seiho", "series": [], "row_keys": []}
            said = {"programme": programme, "version": "2026.1.0", "finding": finding, "as_of": ON}
            rows.append({"person_id": one.id, **said, "waiting_for": [], "to_ask": ["Q1"], "reasons": [reason]})
    return rows


@lru_cache(maxsize=1)
def offer_words() -> dict[str, Any]:
    """The words of a run that looked for both programmes."""
    read = load_catalogue(CITY)
    found = {}
    for name in ("school-aid", "single-parent-medical"):
        programme = load_programme(CITY / "programmes" / f"{name}.toml", read.items)
        found[programme.id] = programme_words(programme, programme.criteria(ON), read)
    return {**some_words(), "programmes": found}
