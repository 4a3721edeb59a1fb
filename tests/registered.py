"""An invented register of a hundred children, and agreements by which it names some of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from agreements import ON, an_agreement, signed
from answered import CHILDREN, KEY, School, child
from tsunagu.purposes.agreement import SharingAgreement
from tsunagu.purposes.gate import History
from tsunagu.purposes.grant import Grant, Refusal, grant
from tsunagu.purposes.linked_forms import (
    IDENTITY,
    identity_definitions,
    linking_definitions,
    resident_definitions,
)
from tsunagu.purposes.named import Run
from tsunagu.purposes.request import DataRequest
from tsunagu.purposes.tokens import Tokens
from tsunagu.records.answer_tables import RESIDENTS
from tsunagu.records.keyed_tables import KEYED_ANSWERS, KEYED_FORMS, KEYED_NEIGHBOURS, KEYED_SIGNATURES
from tsunagu.records.stage_tables import PERSON_FACTS

NAMES = {"name": "text", "address": "text", "birth_date": "at", "household": "text"}
EXTRACTS = ("shukketsu", "gakumu")


#: What the holder told before: it answered in the run of whoever is asked about here.
OF_ALL = History(run=Run(ids=frozenset(child(n) for n in range(CHILDREN))))


def token(n: int) -> bytes:
    return next(Tokens(KEY, "2026-10").of([child(n)]))


@dataclass
class Register(School):
    """Of child n: a name, an address, a birth date; every two children share a household. Child 5 is protected."""

    told: list[Collection[str]] = field(default_factory=list)

    def definitions(self) -> Mapping[tuple[str, str], str]:
        return {**identity_definitions(IDENTITY), **linking_definitions(EXTRACTS), **resident_definitions()}

    def households(self, ids: Collection[str], on: dt.date) -> Collection[str]:
        return {child(int(id[1:]) ^ lives) for id in ids for lives in (0, 1)}

    def identity(self, fields: Collection[str], ids: Collection[str], on: dt.date) -> pa.Table:
        self.told.append(ids)
        rows = []
        for id in ids:
            values: dict[str, Any] = {
                "name": f"名{id}",
                "address": f"住{id}",
                "birth_date": on,
                "household": f"H{int(id[1:]) // 2}",
            }
            for name in fields:
                row: dict[str, Any] = {"person_id": id, "item": name, NAMES[name]: values[name], "state": "known"}
                rows.append({**row, "holder": "jumin", "file": "a", "row": 1})
        return PERSON_FACTS.sorted(pa.Table.from_pylist(rows, schema=PERSON_FACTS.schema))

    def keyed(self, extracts: Collection[str], on: dt.date) -> Mapping[tuple[str, str], pa.Table]:
        made = {"signatures": KEYED_SIGNATURES, "forms": KEYED_FORMS, "neighbours": KEYED_NEIGHBOURS}
        return {(extract, part): shape.empty() for extract in extracts for part, shape in made.items()}

    def residents(self, columns: Collection[str], cohort: Any, requester: str, on: dt.date) -> Any:
        if requester != "child-centre":
            return None
        row = {
            "link_id": "L1",
            "birth_date": on,
            "sex": "1",
            "household": "H1",
            "resident_from": on,
            "resident_until": on,
        }
        told = {name: value for name, value in row.items() if name in (*columns, "link_id")}
        return {
            ("residents", "residents"): pa.Table.from_pylist([told], schema=RESIDENTS.schema),
            ("shukketsu", "answers"): KEYED_ANSWERS.empty(),
        }


def agreed(definitions: Mapping[tuple[str, str], str], **changed: Any) -> SharingAgreement:
    wanted = [{"id": i, "version": v, "sha256": h, "values": []} for (i, v), h in definitions.items()]
    return signed(an_agreement(wanted=wanted, rounding="none", **changed))


def about_names(*fields: str, **changed: Any) -> SharingAgreement:
    changed = {"named_per_mille": 60, "rows_at_most": 5_000, **changed}
    return agreed(identity_definitions(fields), granularity="item", about="named", **changed)


def granted(agreement: SharingAgreement, request: DataRequest, holder: Register) -> Grant | Refusal:
    return grant(
        request,
        agreement,
        sent_by=agreement.requester,
        today=ON,
        is_relied_on=True,
        definitions=holder.definitions(),
        answered={},
    )
