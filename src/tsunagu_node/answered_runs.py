"""Of whom a node answered in a run, read from its own ledger: whoever it names must be among them.

The holder of indicators knows to which tokens it answered. The register's holder answers no indicators; it told those
who do of whom they were to answer. Both are kept until the next period is answered, as they were sent.
"""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from tsunagu.purposes.agreement import SharingAgreement
from tsunagu.purposes.grant import Grant
from tsunagu.purposes.manifest import parts_in, read_manifest
from tsunagu.purposes.named import Run
from tsunagu.purposes.tokens import period_of
from tsunagu_node.log import Log


def run_of(given: Grant, copies: Iterable[SharingAgreement], log: Log) -> Run | None:
    """The run of the day and purpose that names are asked for; None where nothing was answered in it.

    copies  the holder's own
    """
    tokens: set[bytes] = set()
    ids: set[str] = set()
    found = False
    for copy in copies:
        if not _is_of_the_run(copy, given):
            continue
        table = _answered(copy, given, log)
        if table is None:
            continue
        found = True
        if copy.granularity == "indicator":
            tokens |= set(table.column("token").unique().to_pylist())
        else:
            told = (one for (_, part), one in parts_in(table, copy).items() if part == "residents")
            ids |= {id for one in told for id in one.column("link_id").to_pylist()}
    return Run(frozenset(tokens), frozenset(ids)) if found else None


def _is_of_the_run(copy: SharingAgreement, given: Grant) -> bool:
    named = given.agreement
    if (copy.holder, copy.purpose) != (named.holder, named.purpose):
        return False
    if copy.granularity == "indicator":
        # Other tokens than these are not the requester's to join with the names.
        joined = (copy.requester, copy.join_set, period_of(given.on, copy.cadence))
        return joined == (named.requester, named.join_set, given.period)
    return copy.granularity == "residents"


def _answered(copy: SharingAgreement, given: Grant, log: Log) -> pa.Table | None:
    """What was answered under an agreement for the very day; None where nothing was."""
    kept = log.answer_kept(copy.id, period_of(given.on, copy.cadence))
    if kept is None or read_manifest(kept[0]).on != given.on:
        return None
    with pa.ipc.open_stream(kept[1]) as stream:
        return stream.read_all()
