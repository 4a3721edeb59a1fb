"""Readable test people and runs. Everybody here is invented; each builder's defaults make one plausible thing."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from tsunagu.records.run_tables import ENCRYPTED_TABLES, PLAIN_TABLES, SEALED_TABLES
from tsunagu.runs.crypt import create_key, read_key
from tsunagu.runs.folder import write_run
from tsunagu.screening.load import load_criteria
from tsunagu.sources.loading import load_catalogue, load_holders, load_municipality
from tsunagu.suppression.spread import household_tie, place_tie
from tsunagu.wording.vocabulary import vocabulary

CITY = Path(__file__).parents[1] / "examples" / "hinode-city"
ON = dt.date(2026, 9, 30)
A_PURPOSE = {"id": "early-support", "ja": "早期支援のための確認", "en": "Early support", "ledger": "R8-014"}
CRITERIA = "three-judgments@2026.2"
LEVELS = {"重点支援": 1, "予防的支援": 2, "見守り": 3, "判定保留": 4}


@dataclass(frozen=True)
class ATestReason:
    code: str
    kind: str = "sign"
    judgment: str = "noncognitive"
    indicator: str = "absent_worst_month"
    number: Decimal | None = None
    text: str | None = None
    threshold: Decimal | None = None
    at: dt.date | None = None
    series: tuple[str, ...] = ()
    source: str = "shukketsu"


@dataclass(frozen=True)
class ATestFact:
    item: str
    valid_from: dt.date | None
    value: str | None = None
    number: Decimal | None = None
    label: str | None = None
    state: str = "known"
    valid_to: dt.date | None = None
    holder: str = "shukketsu"
    as_of: dt.date | None = None  # the day of the run where left out


@dataclass(frozen=True)
class ATestPerson:
    person_id: str
    name: str
    kana: str
    alias: str | None = None
    birth_date: dt.date | None = dt.date(2016, 5, 12)
    sex: str = "2"
    household: str = "41207"
    relation: str = "子"
    school: str | None = "102"
    school_name: str | None = "瑞野市立第二小学校"
    grade: int | None = 5
    class_name: str | None = "1"
    address: str | None = "瑞野市若葉5丁目12-4"
    level: str | None = "予防的支援"  # None: a member of the household who was not noticed
    at_most: str | None = None
    judgments: tuple[tuple[str, str, str], ...] = (
        ("poverty", "0", "0"),
        ("academic", "0", "0"),
        ("noncognitive", "2", "2"),
    )
    first_reason: str | None = "N1a"
    reasons: tuple[ATestReason, ...] = ()
    facts: tuple[ATestFact, ...] = field(default=())
    former: tuple[str, ...] = ()  # former addresses
    ties: tuple[str, ...] = ()  # further households and addresses, now or before
    is_flagged: bool = False  # 支援措置区分 of the register
    listed_until: dt.date | None = None  # on the list as the run read it
    is_registered: bool = True
    other_party: tuple[str, str] | None = None  # name, and the person who is meant ("" where nobody is found)

    @property
    def resident_no(self) -> str:
        """The number of the residents' register, without leading zeros."""
        return str(int(self.person_id[1:10], 16))

    @property
    def is_noticed(self) -> bool:
        return self.level is not None


@dataclass(frozen=True)
class ATestPair:
    """Two records that may be one child, as a run brings them to link review."""

    left: dict[str, Any]
    right: dict[str, Any]
    question: str = "weak"
    agrees: str = "surname,birth"
    differs: str = "given"
    address: str = "not_known"


def an_id(seed: object) -> str:
    """A person id in the form the linkage gives."""
    return "P" + hashlib.sha256(str(seed).encode()).hexdigest()[:16]


def a_child(name: str = "例川 あおい", kana: str = "レイカワ アオイ", **changes: Any) -> ATestPerson:
    """A pupil of grade 5, absent for eleven days in September; the address is there to be left out."""
    if "reasons" not in changes:
        changes["reasons"] = (many_absences(),)
    return replace(ATestPerson(changes.pop("person_id", an_id(name)), name, kana), **changes)


def a_household(
    *children: ATestPerson, household: str = "41207", adult: str = "例川 さくら"
) -> tuple[ATestPerson, ...]:
    """The children and one adult who lives with them."""
    parent = ATestPerson(
        an_id(adult),
        adult,
        "レイカワ サクラ",
        birth_date=dt.date(1988, 2, 3),
        relation="世帯主",
        household=household,
        school=None,
        school_name=None,
        grade=None,
        class_name=None,
        level=None,
        reasons=(),
        facts=(ATestFact("tax_class", dt.date(2026, 4, 1), value="exempt", holder="zeimu"),),
    )
    return (*[replace(child, household=household) for child in children], parent)


def many_absences(days: int = 11) -> ATestReason:
    return ATestReason(
        "N1a",
        number=Decimal(days),
        threshold=Decimal(10),
        at=dt.date(2026, 9, 1),
        series=("2026-04=1", "2026-05=0", "2026-06=2", "2026-07=4", f"2026-09={days}"),
    )


def unpaid_fees() -> ATestReason:
    return ATestReason(
        "P5",
        judgment="poverty",
        indicator="unpaid_months",
        number=Decimal(3),
        threshold=Decimal(2),
        series=("2026-04=0", "2026-05=1", "2026-06=1", "2026-07=0", "2026-09=1"),
        source="kyushoku",
    )


def on_the_register() -> ATestReason:
    return ATestReason(
        "N4a", indicator="council_protection", text="protection", at=dt.date(2026, 4, 1), source="youtaikyo"
    )


def public_assistance() -> ATestReason:
    return ATestReason(
        "P1", judgment="poverty", indicator="assistance", text="yes", at=dt.date(2025, 6, 1), source="seiho"
    )


def tax_unknown() -> ATestReason:
    return ATestReason("P4", kind="missing", judgment="poverty", indicator="tax_class", source="zeimu")


def survey_unknown() -> ATestReason:
    return ATestReason("N2", kind="missing", indicator="scales", source="shitsumonshi")


def absences(*days: int | None, until: dt.date = dt.date(2026, 9, 1)) -> tuple[ATestFact, ...]:
    """One fact per month, the last one in `until`; None is a month nobody knows."""
    facts = []
    for back, number in enumerate(reversed(days)):
        total = until.year * 12 + until.month - 1 - back
        month = dt.date(total // 12, total % 12 + 1, 1)
        known = number is not None
        facts.append(
            ATestFact(
                "absent_days", month, number=Decimal(number) if known else None, state="known" if known else "unknown"
            )
        )
    return tuple(reversed(facts))


def a_run(
    out: Path,
    *people: ATestPerson,
    on: dt.date = ON,
    key: Path | None = None,
    words: dict[str, Any] | None = None,
    address_key: bytes | None = None,
    also_registered: Sequence[ATestPerson] = (),
    doubtful: Sequence[ATestPair] = (),
    schools: Mapping[str, pa.Table] | None = None,
    inputs: Mapping[str, Any] | None = None,
    entitlements: Sequence[str] = (),
    offers: Sequence[Any] = (),
) -> Path:
    """Writes a run folder with these people and gives its path; the key lies beside it unless one is named.

    address_key      makes the sealed tables too
    also_registered  residents who are neither noticed nor live with anybody who is
    doubtful         pairs for link review
    schools          tables of the school boards (pupils.school_tables)
    inputs           what the manifest says of each file; nothing of any where left out
    entitlements     person ids, noticed or not, who may be eligible for school aid, and whom the run does not name
    offers           children whose families may be offered support (offered.an_offered); `words` must know of it
    """
    key = key or out.parent / "run.key"
    if not key.exists():
        create_key(key)
    noticed = [p for p in people if p.is_noticed]
    tables = {shape.name: shape.empty() for shape in PLAIN_TABLES}
    tables["notices"] = _table("notices", [_notice(p) for p in noticed])
    tables["judgments"] = _table("judgments", [row for p in noticed for row in _judgments(p)])
    tables["reasons"] = _table("reasons", [_reason(p, r) for p in noticed for r in p.reasons])
    tables["facts"] = _table("facts", [_fact(p, f, n, on) for p in people for n, f in enumerate(p.facts)])
    # Here and not above: the children of offers are built by what this module makes.
    from offered import entitlements_of, offer_tables, offer_words

    found = [*(_entitlement(id, on) for id in entitlements), *entitlements_of(offers)]
    tables["entitlements"] = _table("entitlements", found)
    at_the_desk = {p.person_id for p in people}
    unnoticed = [o.person for o in offers if o.id not in at_the_desk]
    write_run(
        out,
        plain=tables,
        identities=pa.Table.from_pylist([_identity(p) for p in people], schema=ENCRYPTED_TABLES[0].schema),
        vocabulary=words or (offer_words() if offers else some_words()),
        manifest={"on": on.isoformat(), "purpose": A_PURPOSE, "marks": "0" * 16, "inputs": dict(inputs or {})},
        key=read_key(key),
        apart={"review_records": _doubtful(doubtful), **(schools or {}), **(offer_tables(offers) if offers else {})},
        sealed=_sealed([*people, *unnoticed], also_registered),
        address_key=address_key,
    )
    return out


def _entitlement(person_id: str, on: dt.date) -> dict[str, Any]:
    said = {"programme": "school_aid", "version": "2026.1.0", "finding": "may_be_eligible", "as_of": on}
    reason = {"kind": "sign", "code": "A1", "indicator": "assistance", "source": "seiho", "series": [], "row_keys": []}
    return {"person_id": person_id, **said, "waiting_for": [], "to_ask": ["Q1"], "reasons": [reason]}


def a_mark(seed: object) -> str:
    """A mark in the form the linkage gives; the real ones need a key."""
    return hashlib.sha256(str(seed).encode()).hexdigest()


def _doubtful(pairs: Sequence[ATestPair]) -> pa.Table:
    shape = ENCRYPTED_TABLES[1]
    nothing = {name: None for name in shape.names}
    rows = []
    for pair in pairs:
        both = (pair.left, pair.right)
        about = {name: getattr(pair, name) for name in ("question", "agrees", "differs", "address")}
        about |= {"pair": a_mark([side["name"] for side in both]), "content": a_mark(both)}
        for name, side in zip(("left", "right"), both, strict=True):
            marks = {"number": a_mark(("number", side["name"])), "said": a_mark(side)}
            rows.append({**nothing, "holder": "jumin", "person_id": an_id(side["name"]), **about, **marks,
                         "side": name, **side})  # fmt: skip
    return pa.Table.from_pylist(rows, schema=shape.schema)


def _table(name: str, rows: Sequence[dict[str, Any]]) -> pa.Table:
    shape = next(t for t in PLAIN_TABLES if t.name == name)
    return pa.Table.from_pylist(list(rows), schema=shape.schema)


def _notice(p: ATestPerson) -> dict[str, Any]:
    assert p.level is not None
    return {
        "person_id": p.person_id,
        "criteria": CRITERIA,
        "level": p.level,
        "at_most": p.at_most or p.level,
        "rank": LEVELS[p.level],
        "first_reason": p.first_reason,
        "is_known_before": False,
        "school": p.school,
    }


def _judgments(p: ATestPerson) -> list[dict[str, Any]]:
    waiting = sorted(r.code for r in p.reasons if r.kind == "missing")
    rows = [
        {
            "judgment": judgment,
            "level": level,
            "at_least": "0" if level == "U" else level,
            "at_most": at_most,
            "waiting_for": [r.code for r in p.reasons if r.kind == "missing" and r.judgment == judgment],
        }
        for judgment, level, at_most in p.judgments
    ]
    rows.append(
        {
            "judgment": "overall",
            "level": p.level,
            "at_least": p.level,
            "at_most": p.at_most or p.level,
            "waiting_for": waiting,
        }
    )
    return [{"person_id": p.person_id, "criteria": CRITERIA, **row} for row in rows]


def _reason(p: ATestPerson, r: ATestReason) -> dict[str, Any]:
    return {
        "person_id": p.person_id,
        "kind": r.kind,
        "code": r.code,
        "judgment": r.judgment,
        "indicator": r.indicator,
        "number": r.number,
        "text": r.text,
        "threshold": r.threshold,
        "window_from": None,
        "window_to": None,
        "at": r.at,
        "series": list(r.series),
        "source": r.source,
        "row_keys": ["shukketsu/出欠月集計_R08.csv#12"],
    }


def _fact(p: ATestPerson, f: ATestFact, place: int, on: dt.date) -> dict[str, Any]:
    return {
        "person_id": p.person_id,
        "item": f.item,
        "label": f.label,
        "value": f.value,
        "number": f.number,
        "state": f.state,
        "holder": f.holder,
        "as_of": f.as_of or on,
        "valid_from": f.valid_from,
        "valid_to": f.valid_to,
        "file": f"{f.holder}/file.csv",
        "row": place + 2,
    }


def _sealed(people: Sequence[ATestPerson], also_registered: Sequence[ATestPerson]) -> dict[str, pa.Table]:
    residents = [p for p in (*people, *also_registered) if p.is_registered]
    rows = {
        "addresses": [
            {"person_id": p.person_id, "kind": kind, "address": address}
            for p in people
            for kind, written in (("current", (p.address,)), ("previous", p.former))
            for address in written
            if address
        ],
        "residences": [
            {
                "person_id": p.person_id,
                "register_key": p.resident_no,
                "tie": tie,
                "is_current": tie in now,
                "is_flagged": p.is_flagged,
                "listed_until": p.listed_until,
            }
            for p in residents
            for now in [{household_tie(p.household or ""), place_tie(p.address or "")}]
            for tie in sorted(now | {place_tie(a) for a in p.former} | set(p.ties))
        ],
        "other_parties": [
            {"person_id": p.person_id, "name": p.other_party[0], "other_id": p.other_party[1] or None}
            for p in residents
            if p.other_party
        ],
    }
    return {shape.name: pa.Table.from_pylist(rows[shape.name], schema=shape.schema) for shape in SEALED_TABLES}


def _identity(p: ATestPerson) -> dict[str, Any]:
    return {
        "person_id": p.person_id,
        "household_id": p.household,
        "is_noticed": p.is_noticed,
        "relation": p.relation,
        "name": p.name,
        "kana": p.kana,
        "alias": p.alias,
        "birth_date": p.birth_date,
        "sex": p.sex,
        "school": p.school,
        "school_name": p.school_name,
        "grade": p.grade,
        "class_name": p.class_name,
        "address": p.address,
    }


@lru_cache(maxsize=1)
def some_words() -> dict[str, Any]:
    """The words a run of the example city brings."""
    catalogue = load_catalogue(CITY)
    return vocabulary(
        load_criteria(CITY / "criteria" / "three-judgments.toml", catalogue.items),
        catalogue,
        load_holders(CITY),
        schools={"102": "瑞野市立第二小学校", "201": "瑞野市立第一中学校"},
        municipality=load_municipality(CITY),
    )
