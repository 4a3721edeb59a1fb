"""An invented holder with a hundred children, and requests under the agreement of `agreements`."""

from __future__ import annotations

import copy
import datetime as dt
import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from agreements import CONTENT, ON
from tsunagu.purposes.agreement import Cohort, SharingAgreement
from tsunagu.purposes.answering import Source
from tsunagu.purposes.grant import Grant, Refusal, grant
from tsunagu.purposes.request import Asked, DataRequest, as_mapping
from tsunagu.purposes.tokens import NO_KEY, KeyMark, LinkKey, join_key
from tsunagu.records.run_tables import INDICATORS
from tsunagu.records.stage_tables import PERSON_FACTS

KEY = join_key(LinkKey(b"k" * 32), CONTENT["join_set"], CONTENT["purpose"])
CHILDREN = 100
DEFINITIONS = {("absent_total", "2026.1.0"): "a" * 64, ("late_total", "2026.1.0"): "b" * 64}


def child(n: int) -> str:
    return f"C{n:03}"


def age_of(n: int) -> int:
    return 6 + n % 10


class OnlyIndicators:
    """A holder that links nothing and names nobody. brought: changes where its extracts are brought in anew."""

    brought = "first"

    def source(self, grant: Grant) -> Source:
        return Source(grant.on, grant.on, self.brought)

    def households(self, ids: Collection[str], on: dt.date) -> Collection[str]:
        return ids

    def identity(self, fields: Collection[str], ids: Collection[str], on: dt.date) -> pa.Table:
        return PERSON_FACTS.empty()

    def keyed(self, extracts: Collection[str], on: dt.date) -> Mapping[tuple[str, str], pa.Table]:
        return {}

    def round_mark(self) -> KeyMark:
        return NO_KEY

    def residents(
        self, columns: Collection[str], cohort: Cohort, requester: str, on: dt.date
    ) -> Mapping[tuple[str, str], pa.Table] | None:
        return None


@dataclass
class School(OnlyIndicators):
    """Holdings: child n was absent n days, late n % 20, the last ten are not known; child 5's address is protected."""

    absent: Mapping[int, int]
    moved_away: Collection[int] = ()

    def definitions(self) -> Mapping[tuple[str, str], str]:
        return DEFINITIONS

    def children(self, cohort: Cohort, on: dt.date) -> Collection[str]:
        here = [n for n in range(CHILDREN) if n not in self.moved_away]
        return [child(n) for n in here if cohort.age_from <= age_of(n) <= cohort.age_to]

    def protected(self, on: dt.date) -> Collection[str]:
        return [child(5)]

    def facts(self, items: Collection[str], on: dt.date) -> pa.Table:
        rows: list[dict[str, Any]] = []
        for n, days in self.absent.items():
            row: dict[str, Any] = dict.fromkeys(PERSON_FACTS.names)
            row |= {"person_id": child(n), "item": "absent_total", "state": "known", "number": Decimal(days)}
            rows.append({**row, "at": dt.date(2026, 9, 1), "holder": "school", "file": "a.csv", "row": n + 2})
        table = pa.Table.from_pylist(rows, schema=PERSON_FACTS.schema)
        return table.filter(pc.is_in(table.column("item"), pa.array(sorted(items), pa.string())))

    def indicators(self, ids: Collection[str], on: dt.date) -> pa.Table:
        rows: list[dict[str, Any]] = []
        for n in range(CHILDREN):
            known = n < CHILDREN - 10
            for id, days in (("absent_total", self.absent.get(n, 0)), ("late_total", n % 20)):
                if id in ids:
                    row: dict[str, Any] = dict.fromkeys(INDICATORS.names)
                    row |= {"person_id": child(n), "indicator": id, "as_of": on}
                    row |= {"state": "known" if known else "missing", "number": Decimal(days) if known else None}
                    rows.append({**row, "number_at_worst": Decimal(days) if known else Decimal(99)})
        return pa.Table.from_pylist(rows, schema=INDICATORS.schema)


def a_school(**changed: Any) -> School:
    return School(**{"absent": {n: n for n in range(CHILDREN)}, **changed})


def a_request(under: SharingAgreement, /, **changed: Any) -> DataRequest:
    made = DataRequest(
        id="0" * 32,
        agreement=under.id,
        agreement_sha256=under.hash,
        requester=under.requester,
        holder=under.holder,
        purpose=under.purpose,
        granularity=under.granularity,
        wanted=tuple(Asked(one.id, one.version, one.sha256) for one in under.wanted),
        cohort=under.cohort,
        on=ON,
        asked_by="staff:12",
    )
    if changed.get("named"):
        changed = {"reason": "notices", **changed}
    return replace(made, **changed)


def granted(request: DataRequest, copy: SharingAgreement | None, **changed: Any) -> Grant | Refusal:
    given: dict[str, Any] = {
        "sent_by": CONTENT["requester"],
        "today": ON,
        "is_relied_on": True,
        "definitions": DEFINITIONS,
        "answered": {},
    }
    return grant(request, copy, **{**given, **changed})


def mutated(agreement: SharingAgreement, draw: random.Random) -> dict[str, Any]:
    """A valid request with one to four of its values changed, left out, doubled or exchanged."""
    made: dict[str, Any] = copy.deepcopy(as_mapping(a_request(agreement)))
    for _ in range(draw.randint(1, 4)):
        key = draw.choice(sorted(made))
        how = draw.randrange(5)
        if how == 0:
            made.pop(key)
        elif how == 1:
            made[f"{key}_"] = made[key]
        elif key == "wanted" and isinstance(made[key], list):
            asked = {"id": draw.choice(("absent_total", "late_total", "exam_marks")), "version": "2026.1.0"}
            made[key] = [*made[key][: draw.randrange(3)], {**asked, "sha256": draw.choice("abc") * 64}]
        elif key == "cohort" and how < 4:
            made[key] = {"age_from": draw.randrange(-1, 26), "age_to": draw.randrange(-1, 26)}
        elif key == "named" and how < 4:
            made[key] = [draw.choice("0123456789abcdef") * 64] * draw.randrange(2)
        elif key == "on":
            made[key] = (ON + dt.timedelta(draw.randrange(-40, 40))).isoformat()
        else:
            made[key] = draw.choice(("", None, 1, True, [], {}, "item", "aggregate", "police", "0" * 64, "A-2026-014"))
    return made
