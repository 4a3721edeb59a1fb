"""What two sides have agreed: everything that one may ask of the other, in one file, and nothing by default.

An unknown key, an absent one and a value of another kind are mistakes, each named; a mistaken file is no agreement.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date

from tsunagu.errors import SourceError
from tsunagu.purposes.bands import mistake_in
from tsunagu.purposes.canonical import hash_of, read_object
from tsunagu.purposes.strict import HASH, IDENTIFIER, Part

GRANULARITIES = ("item", "indicator", "aggregate", "linkage", "residents")
#: Those by which records of a link group are linked: between a holder and the register's holder, without tokens.
LINKING = frozenset({"linkage", "residents"})
ABOUT = ("cohort", "named")
CADENCES = ("once", "daily", "weekly", "monthly", "yearly")
ROUNDINGS = ("none", "midpoint_6")
SUPPRESSIONS = ("withhold_address", "leave_out_person")
SIDES = ("holder", "requester")
#: The law that most agreements rest on, and the part of it that is for single occasions (Art. 69(2)).
PROTECTION_ACT = "個人情報の保護に関する法律"
FOR_ONCE = "69-2"
#: Counts below this many children are never agreed (reference: cells under ten name people).
LEAST_CELL = 10
#: Ages in whole years: of whom answers about children may be, and of whom records are linked.
OLDEST_CHILD, OLDEST = 24, 150

_PROVISION = re.compile(r"\d{1,3}(-\d{1,2}){0,2}")


@dataclass(frozen=True)
class LegalBasis:
    """Why it is allowed.

    provision   article, paragraph and item as numbers: `69-2-2`
    reference   where the decision is kept (a number in the ledger of uses, a minute)
    decided_by  who decided, decided_on when
    """

    law: str
    provision: str
    reference: str
    decided_by: str
    decided_on: date


@dataclass(frozen=True)
class Wanted:
    """One item or indicator that may be asked for, in one version.

    sha256  hash of its definition, so that another definition under the same name is another thing
    values  the bands or codes that may be answered; empty for an item that is answered as it is
    """

    id: str
    version: str
    sha256: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Cohort:
    """Of whom may be asked: residents from one age in whole years to another, both included."""

    age_from: int
    age_to: int


@dataclass(frozen=True)
class Signature:
    """That one side signed.

    key          name of the key (keys.name_of)
    page_sha256  hash of the page that was shown to whoever signed
    value        Ed25519 over side, page and content; base64
    """

    side: str
    key: str
    page_sha256: str
    value: str


@dataclass(frozen=True)
class SharingAgreement:
    """One version of an agreement.

    replaces          hash of the version before; empty in version 1
    holder, requester organisations, as the city's folder names them
    wanted            items or indicators, as the granularity says; of `linkage` the extracts that are linked, of
                      `residents` the register's columns
    about             cohort: everybody of it; named: those of it alone whose tokens the request names
    named_per_mille   of a thousand of whom the holder answered in a run, so many may be named in one period; 0 where
                      the agreement is about nobody by name
    rows_at_most      of one answer
    minimum_cell      counts of fewer children are not told; rounding: how the others are rounded
    retention_months  how long the requester may keep an answer
    onward_use        organisations to whom the requester may pass it on; empty: nobody
    roles             who may see it at the requester's
    suppression       what is done for a person whose address is protected
    join_set          agreements of one set and purpose name a child by the same token, so that their answers can be
                      joined; its own id where it is to be joined with none
    valid_from, valid_until  first and last day
    """

    id: str
    version: int
    replaces: str
    holder: str
    requester: str
    purpose: str
    legal_basis: tuple[LegalBasis, ...]
    granularity: str
    wanted: tuple[Wanted, ...]
    cohort: Cohort
    about: str
    named_per_mille: int
    cadence: str
    rows_at_most: int
    minimum_cell: int
    rounding: str
    retention_months: int
    onward_use: tuple[str, ...]
    roles: tuple[str, ...]
    suppression: str
    join_set: str
    valid_from: date
    valid_until: date
    signatures: tuple[Signature, ...] = ()

    @property
    def hash(self) -> str:
        """What a request and the next version name it by: the hash of its content, without signatures."""
        return hash_of(content_of(self))

    def holds_on(self, day: date) -> bool:
        """Whether the day lies within its validity; says nothing of signatures."""
        return self.valid_from <= day <= self.valid_until


def content_of(agreement: SharingAgreement) -> dict[str, object]:
    """What is signed, as plain JSON values: everything but the signatures."""
    return {f.name: _plain(getattr(agreement, f.name)) for f in fields(agreement) if f.name != "signatures"}


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, LegalBasis | Wanted | Cohort | Signature):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    return value


def as_mapping(agreement: SharingAgreement) -> dict[str, object]:
    """The whole file as plain JSON values, its keys in the order of the class."""
    return {**content_of(agreement), "signatures": _plain(agreement.signatures)}


def read_agreement(data: bytes, where: str) -> SharingAgreement:
    """The agreement in a file; SourceError names every mistake, and where it is not an agreement at all."""
    if all(not line.strip() or line.lstrip().startswith(b"#") for line in data.splitlines()):
        to_do = "Give an agreement as `tsunagu agreement new` writes it."
        raise SourceError("nothing is written in this file", where=where, to_do=to_do)
    part = Part(read_object(data, where), "", [])
    made = _agreement(part)
    if part.mistakes or made is None:
        listed = "\n  ".join(part.mistakes)
        count = "1 mistake" if len(part.mistakes) == 1 else f"{len(part.mistakes)} mistakes"
        raise SourceError(f"{count} in the agreement\n  {listed}", where=where, to_do="Correct each of them.")
    return made


def _agreement(part: Part) -> SharingAgreement | None:
    made = SharingAgreement(
        id=part.match("id", IDENTIFIER, "an identifier"),
        version=part.whole("version", 1, 10_000),
        replaces=part.match("replaces", HASH, "the hash of the version before", empty=True),
        holder=part.match("holder", IDENTIFIER, "an identifier"),
        requester=part.match("requester", IDENTIFIER, "an identifier"),
        purpose=part.match("purpose", IDENTIFIER, "an identifier"),
        legal_basis=part.parts("legal_basis", _legal_basis),
        granularity=part.choice("granularity", GRANULARITIES),
        wanted=part.parts("wanted", _wanted),
        cohort=part.part("cohort", read_cohort),
        about=part.choice("about", ABOUT),
        named_per_mille=part.whole("named_per_mille", 0, 1_000),
        cadence=part.choice("cadence", CADENCES),
        rows_at_most=part.whole("rows_at_most", 1, 100_000_000),
        minimum_cell=part.whole("minimum_cell", LEAST_CELL, 1_000),
        rounding=part.choice("rounding", ROUNDINGS),
        retention_months=part.whole("retention_months", 1, 240),
        onward_use=part.texts("onward_use", IDENTIFIER),
        roles=part.texts("roles", IDENTIFIER, some=True),
        suppression=part.choice("suppression", SUPPRESSIONS),
        join_set=part.match("join_set", IDENTIFIER, "an identifier"),
        valid_from=part.day("valid_from"),
        valid_until=part.day("valid_until"),
        signatures=part.parts("signatures", _signature, some=False),
    )
    part.done()
    if not part.mistakes:
        _fit(part, made)
    return made


def _fit(part: Part, made: SharingAgreement) -> None:
    """What each field alone does not show."""
    if (made.version == 1) != (made.replaces == ""):
        part.wrong("replaces", "names the version before, which version 1 alone does not have")
    if made.holder == made.requester:
        part.wrong("requester", "is the holder itself")
    if made.valid_from > made.valid_until:
        part.wrong("valid_until", "lies before valid_from")
    if made.cohort.age_from > made.cohort.age_to:
        part.wrong("cohort.age_to", "is below age_from")
    if made.granularity == "aggregate" and made.rounding == "none":
        part.wrong("rounding", f"must be {ROUNDINGS[1]} for counts: two exact counts give a child away")
    if made.about == "named" and made.granularity != "item":
        part.wrong("about", "names persons, which an agreement on items alone can do")
    if (made.about == "named") != (made.named_per_mille > 0):
        part.wrong("named_per_mille", "is from 1 to 1000 where persons are named, and 0 where nobody is")
    if made.granularity not in LINKING and made.cohort.age_to > OLDEST_CHILD:
        part.wrong("cohort.age_to", f"is above {OLDEST_CHILD}; others than children are for linkage alone")
    if made.granularity in ("indicator", "aggregate"):
        for place, one in enumerate(made.wanted):
            if len(one.values) < 2:
                part.wrong(f"wanted[{place + 1}].values", "names fewer than two bands that may be answered")
            elif mistake := mistake_in(one.values):
                part.wrong(f"wanted[{place + 1}].values", mistake)
    _once(part, "wanted", [one.id for one in made.wanted])
    _once(part, "signatures", [one.side for one in made.signatures])
    for side in (made.holder, made.requester):
        if side in made.onward_use:
            part.wrong("onward_use", f"names '{side}', which is a side of the agreement")


def _once(part: Part, key: str, names: Sequence[str]) -> None:
    for name in sorted({name for name in names if names.count(name) > 1}):
        part.wrong(key, f"'{name}' stands twice")


def _legal_basis(part: Part) -> LegalBasis:
    return LegalBasis(
        law=part.text("law"),
        provision=part.match("provision", _PROVISION, "article, paragraph and item such as 69-2-2"),
        reference=part.text("reference"),
        decided_by=part.text("decided_by"),
        decided_on=part.day("decided_on"),
    )


def _wanted(part: Part) -> Wanted:
    return Wanted(
        id=part.match("id", IDENTIFIER, "an identifier"),
        version=part.text("version"),
        sha256=part.match("sha256", HASH, "a hash of 64 hexadecimal digits"),
        values=part.texts("values"),
    )


def read_cohort(part: Part) -> Cohort:
    """An object of two ages."""
    return Cohort(age_from=part.whole("age_from", 0, OLDEST), age_to=part.whole("age_to", 0, OLDEST))


def _signature(part: Part) -> Signature:
    return Signature(
        side=part.choice("side", SIDES),
        key=part.match("key", re.compile(r"[0-9a-f]{16}"), "the name of a key"),
        page_sha256=part.match("page_sha256", HASH, "a hash of 64 hexadecimal digits"),
        value=part.match("value", re.compile(r"[A-Za-z0-9+/]{86}=="), "a signature"),
    )
