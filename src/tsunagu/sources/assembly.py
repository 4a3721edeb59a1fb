"""Puts the tables of single files together: one numbering of records over all files, one quarantine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from tsunagu.records.shapes import TEXT, WHOLE, TableShape
from tsunagu.records.stage_tables import QUARANTINE, SOURCE_FACTS, SOURCE_RECORDS
from tsunagu.sources.containers import FileFault
from tsunagu.sources.reading import FileAccount
from tsunagu.sources.tables import SetAside, TableResult


@dataclass
class ReadFile:
    """One file (or member of a container) with its account; no result when nothing could be read."""

    account: FileAccount
    result: TableResult | None = None
    aside: list[SetAside] = field(default_factory=list)


def fault_of(account: FileAccount, fault: FileFault, *, status: str = "set_aside") -> ReadFile:
    """A file set aside as a whole, with its one reason."""
    account.status, account.reason = status, fault.kind
    kind = fault.kind if status == "set_aside" else status
    return ReadFile(account, aside=[SetAside(0, "", "file", kind, "")])


def assemble(files: Sequence[ReadFile]) -> tuple[pa.Table, pa.Table, pa.Table]:
    """SOURCE_RECORDS, SOURCE_FACTS and QUARANTINE of files that are already in the order of their paths."""
    records, facts = [SOURCE_RECORDS.empty()], [SOURCE_FACTS.empty()]
    aside: list[tuple[str, str, SetAside]] = []
    base = 0
    for file in files:
        holder, name = file.account.holder, file.account.file
        aside += [(holder, name, one) for one in file.aside]
        # A reference file (a roster's orgs) is read and says nothing of a person.
        if file.result is not None:
            aside += [(holder, name, one) for one in file.result.aside]
        if file.result is None or file.account.status == "reference":
            continue
        own = file.result.records
        own = own.append_column("holder", pa.repeat(pa.scalar(holder, TEXT), len(own)))
        own = own.append_column("file", pa.repeat(pa.scalar(name, TEXT), len(own)))
        records.append(_numbered(own, SOURCE_RECORDS, base))
        facts.append(_numbered(file.result.facts, SOURCE_FACTS, base))
        base += len(own)
    return (
        pa.concat_tables(records),
        _sorted_facts(facts),
        QUARANTINE.sorted(_quarantine(aside)),
    )


def _numbered(table: pa.Table, shape: TableShape, base: int) -> pa.Table:
    at = table.column_names.index("record_id")
    return shape.check(table.set_column(at, "record_id", pc.add(table.column("record_id"), base).cast(WHOLE)))


def _sorted_facts(parts: list[pa.Table]) -> pa.Table:
    # Record ids grow from file to file, so sorting each part sorts the whole.
    return pa.concat_tables([SOURCE_FACTS.sorted(part) for part in parts])


def _quarantine(aside: list[tuple[str, str, SetAside]]) -> pa.Table:
    return pa.table(
        {
            "holder": pa.array([holder for holder, _, _ in aside], TEXT),
            "file": pa.array([file for _, file, _ in aside], TEXT),
            "row": pa.array([one.row for _, _, one in aside], WHOLE),
            "column": pa.array([one.column.strip() for _, _, one in aside], TEXT),
            "scope": pa.array([one.scope for _, _, one in aside], TEXT),
            "kind": pa.array([one.kind for _, _, one in aside], TEXT),
            "form": pa.array([one.form for _, _, one in aside], TEXT),
        }
    )
