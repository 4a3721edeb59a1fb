"""What did not come: whose silence may not be read as no, and one sentence for each file that could not be used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from tsunagu.errors import SourceError
from tsunagu.records.stage_tables import PERSON_FACTS
from tsunagu.sources.delivery import Delivery
from tsunagu.sources.reading import FileAccount
from tsunagu.sources.spec import CitySources, SourceSpec
from tsunagu.text.dates import read_fiscal_year

RESIDENCE = "residence"

# Reasons the reader gives for a file it set aside, in words; {file} stands before each.
_REASONS = {
    "empty_file": "the file is empty",
    "no_header": "no line of the file shows the header words that are known",
    "broken_container": "the container (zip or spreadsheet) is damaged",
    "no_permission": "the file may not be opened",
    "repeated_file": "the file came twice, byte for byte; it was read once",
    "not_a_container": "a zip was expected here and this is none",
    "unexpected_container": "the zip holds more than the one file",
    "member_missing": "the zip has no such member",
    "too_large": "the file is larger than the reader allows",
    "no_sheet": "the workbook has no sheet of the expected name",
}


@dataclass(frozen=True)
class Absence:
    """An item of which nothing is known, though its holder was asked.

    at    the first days that are unknown; (None,): every day
    file  the file or folder that did not come, for the evidence
    """

    item: str
    at: tuple[date | None, ...]
    file: str


def absences(sources: CitySources, delivery: Delivery, on: date) -> list[Absence]:
    """Items whose every file is missing or could not be read, and fiscal years a promised file was to cover.

    A register that came without a child says no. One that did not come says nothing about anybody.
    """
    found = []
    for spec in sources.tables():
        mine = [account for account in delivery.accounts if account.spec == spec.id or _would_match(spec, account)]
        unread = [account for account in mine if _is_lost(account)]
        read_years = {_year(spec, account) for account in mine if account.status in ("read", "reference")}
        for item in sorted({fact.item for fact in spec.facts}):
            if _carried_elsewhere(sources, delivery, spec, item):
                continue
            if not read_years:
                found.append(Absence(item, (None,), unread[0].file if unread else f"{spec.holder}/"))
                continue
            for account in unread:
                year = _year(spec, account)
                if year is not None and year not in read_years:
                    found.append(Absence(item, _days_of(year, on, spec, item), account.file))
    return found


def with_absences(person_facts: pa.Table, persons: pa.Table, absent: list[Absence]) -> pa.Table:
    """PERSON_FACTS with one unknown fact for every person and every day that an absent file leaves unknown."""
    people = persons.column("person_id").to_pylist()
    tables = [person_facts]
    for one in absent:
        count = len(people) * len(one.at)
        columns: dict[str, object] = {
            "person_id": [person for person in people for _ in one.at],
            "item": [one.item] * count,
            "at": list(one.at) * len(people),
            "state": ["unknown"] * count,
            "holder": [one.file.split("/")[0]] * count,
            "file": [one.file] * count,
            "row": [0] * count,
        }
        arrays = [
            pa.array(columns[field.name], field.type) if field.name in columns else pa.nulls(count, field.type)
            for field in PERSON_FACTS.schema
        ]
        tables.append(pa.Table.from_arrays(arrays, schema=PERSON_FACTS.schema))
    return PERSON_FACTS.sorted(pa.concat_tables(tables))


def require_register(sources: CitySources, delivery: Delivery) -> None:
    """SourceError when the residents' register did not come: without it nobody is known to live here."""
    if not is_item_readable(sources, delivery, RESIDENCE):
        raise SourceError(
            "the residents' register did not come or could not be read, so nobody is known to live here",
            where=", ".join(sorted(s.holder for s in sources.tables() if _carries(s, RESIDENCE))),
            to_do="Ask the holder for it and run again. Nothing was written.",
        )


def is_item_readable(sources: CitySources, delivery: Delivery, item: str) -> bool:
    """Whether at least one file with the item was read and none of its files was set aside or is missing."""
    carriers = {spec.id for spec in sources.tables() if _carries(spec, item)}
    mine = [account for account in delivery.accounts if account.spec in carriers]
    return any(account.status == "read" for account in mine) and not any(_is_lost(account) for account in mine)


def file_sentences(delivery: Delivery) -> list[str]:
    """One sentence for every file that could not be used: what, and what follows from it."""
    lines = []
    promised = {a.holder for a in delivery.accounts if a.status == "missing" and a.reason == "promised_by_the_slip"}
    for account in delivery.accounts:
        if account.status == "missing" and account.reason != "promised_by_the_slip" and account.holder in promised:
            continue  # the file that the slip names says it already
        if account.status == "missing":
            why = "the slip promises it" if account.reason == "promised_by_the_slip" else "the city expects it"
            lines.append(
                f"{account.file}: did not come, though {why}. What it holds is unknown. Ask the holder for it."
            )
        elif account.status == "set_aside":
            why = _REASONS.get(account.reason, account.reason.replace("_", " "))
            lines.append(f"{account.file}: {why}. What it holds is unknown. Ask the holder to send it again.")
        elif account.status == "not_understood":
            lines.append(f"{account.file}: no source of the city describes it; nothing of it was read. See sources/.")
    notes = {
        "no_slip": "There is no delivery slip (送付票): nobody can tell whether every file and row came.",
        "slip_days_differ": "The delivery slip names more than one as-of date; the latest counts.",
    }
    lines += [
        notes.get(note, f"The delivery slip could not be read ({note.removeprefix('slip_')}).")
        for note in delivery.notes
    ]
    return lines


def _is_lost(account: FileAccount) -> bool:
    # A file that came twice is set aside the second time; nothing of it is lost.
    return account.status in ("missing", "set_aside") and account.reason != "repeated_file"


def _carries(spec: SourceSpec, item: str) -> bool:
    return any(fact.item == item for fact in spec.facts)


def _carried_elsewhere(sources: CitySources, delivery: Delivery, spec: SourceSpec, item: str) -> bool:
    others = {s.id for s in sources.tables() if s.id != spec.id and _carries(s, item)}
    return any(account.spec in others and account.status == "read" for account in delivery.accounts)


def _would_match(spec: SourceSpec, account: FileAccount) -> bool:
    return not account.spec and spec.pattern.fullmatch(account.file.split("!")[0]) is not None


def _year(spec: SourceSpec, account: FileAccount) -> int | None:
    match = spec.pattern.fullmatch(account.file.split("!")[0])
    written = match.groupdict().get("year") if match else None
    return read_fiscal_year(written) if written else None


def _days_of(year: int, on: date, spec: SourceSpec, item: str) -> tuple[date | None, ...]:
    """The first days of a fiscal year's periods, up to the day: the year itself, or each of its months."""
    is_yearly = all(fact.at == "year" for fact in spec.facts if fact.item == item)
    months = [date(year + (n > 8), (n + 3) % 12 + 1, 1) for n in range(12)]
    return (date(year, 4, 1),) if is_yearly else tuple(m for m in months if m <= on)
