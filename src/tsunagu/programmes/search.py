# ruff: noqa: S608 - this module writes SQL; no value of a person stands in the text.
"""Who may be eligible for support and is not known to receive it: persons and facts in, ENTITLEMENTS out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from tsunagu.engines.duck import workbench
from tsunagu.indicators import sql_text as sql
from tsunagu.programmes.merge import merged, name_in_all
from tsunagu.programmes.programme import ELIGIBLE, EXCLUDED, NOT_GRANTED, RECEIVED, Programme
from tsunagu.records.catalogue import Catalogue
from tsunagu.records.run_tables import ENTITLEMENTS
from tsunagu.screening.screen import Screened, screen


@dataclass(frozen=True)
class Found:
    """ENTITLEMENTS, and how many of a programme's children there are by finding.

    counts  by programme id; `neither` counts the others it is offered to; without `may_be_eligible` where no record
            says who receives it, and without `not_granted` where none says whose application was turned down, since
            that is found of nobody then
    """

    entitlements: pa.Table
    counts: Mapping[str, Mapping[str, int]]


def search(
    persons: pa.Table, facts: pa.Table, programmes: Sequence[Programme], catalogue: Catalogue, on: date
) -> Found:
    """PERSONS and PERSON_FACTS asked about the programmes in force on a day; nothing else is changed by it.

    catalogue  the items the programmes may read; must be the one they were loaded with
    """
    if not programmes:
        return Found(ENTITLEMENTS.empty(), {})
    screened = screen(persons, facts, merged(programmes, on), catalogue, on, with_indicators=False)
    return _found(screened, programmes, on)


def to_offer(entitlements: pa.Table) -> frozenset[str]:
    """The children of ENTITLEMENTS of whom a rule holds on known records: whoever only might fit if a record that is
    missing said so is named to nobody."""
    return frozenset(row["person_id"] for row in entitlements.to_pylist() if holds(row["reasons"]))


def holds(reasons: Sequence[Mapping[str, object]]) -> bool:
    """Whether one of a finding's reasons is a rule that holds, not only an item that is missing."""
    return any(reason["kind"] == "sign" for reason in reasons)


def _found(screened: Screened, programmes: Sequence[Programme], on: date) -> Found:
    with workbench() as bench:
        bench.put("judgments", screened.judgments)
        bench.put("reasons", screened.reasons)
        bench.put("offered", _offered(programmes))
        bench.run(_SAID)
        entitlements = bench.table(_entitlements(on))
        rows = bench.rows("SELECT programme, finding, count(*) FROM said GROUP BY ALL")
    counted = {(programme, finding): int(str(count)) for programme, finding, count in rows}
    counts = {
        programme.id: {finding: counted.get((programme.id, finding), 0) for finding in _findings(programme)}
        for programme in programmes
    }
    return Found(ENTITLEMENTS.sorted(entitlements), counts)


def _findings(programme: Programme) -> list[str]:
    """What can be found of a child by this programme."""
    sure = ["may_be_eligible"] if programme.holds_receipt else []
    return [*sure, "cannot_tell", *(["not_granted"] if programme.holds_refusals else []), "neither"]


def _offered(programmes: Sequence[Programme]) -> pa.Table:
    """One row a programme: the names of its questions among those of all, and what must be asked."""
    return pa.table(
        {
            "programme": [p.id for p in programmes],
            "version": [p.version for p in programmes],
            "eligible": [name_in_all(p, ELIGIBLE) for p in programmes],
            "excluded": [name_in_all(p, EXCLUDED) for p in programmes],
            "received": [name_in_all(p, RECEIVED) for p in programmes],
            "not_granted": [name_in_all(p, NOT_GRANTED) for p in programmes],
            "holds_receipt": [p.holds_receipt for p in programmes],
            "before_name": [len(name_in_all(p, "")) + 1 for p in programmes],
            "to_ask": pa.array([sorted(a.code for a in p.to_ask) for p in programmes], pa.list_(pa.string())),
        }
    )


# What programme.finding says of one child, for all of them.
_SAID = """CREATE TABLE said AS
SELECT e.person_id, o.*, e.waiting_for,
  CASE WHEN e.at_most = '0' OR x.at_least > '0' OR r.at_least > '0' THEN 'neither'
    WHEN n.at_least > '0' THEN 'not_granted'
    WHEN e.at_least > '0' AND o.holds_receipt AND r.at_most = '0' AND coalesce(x.at_most, '0') = '0'
      AND coalesce(n.at_most, '0') = '0'
      THEN 'may_be_eligible'
    ELSE 'cannot_tell' END AS finding
FROM judgments e JOIN offered o ON e.judgment = o.eligible
LEFT JOIN judgments x ON x.person_id = e.person_id AND x.judgment = o.excluded
LEFT JOIN judgments r ON r.person_id = e.person_id AND r.judgment = o.received
LEFT JOIN judgments n ON n.person_id = e.person_id AND n.judgment = o.not_granted
WHERE e.level <> 'NA'"""


def _entitlements(on: date) -> str:
    return f"""SELECT s.person_id, s.programme, s.version, s.finding,
  list_transform(s.waiting_for, lambda c: substring(c, s.before_name)) AS waiting_for,
  s.to_ask,
  coalesce(list({{
    'kind': w.kind, 'code': substring(w.code, s.before_name), 'indicator': substring(w.indicator, s.before_name),
    'number': w.number, 'text': w.text, 'threshold': w.threshold,
    'window_from': w.window_from, 'window_to': w.window_to, 'at': w."at",
    'series': w.series, 'source': w.source, 'row_keys': w.row_keys
  }} ORDER BY w.kind, w.code, w.indicator) FILTER (w.kind IS NOT NULL), []) AS reasons,
  {sql.day(on)} AS as_of
FROM said s LEFT JOIN reasons w ON w.person_id = s.person_id AND w.judgment = s.eligible
WHERE s.finding IN ('may_be_eligible', 'cannot_tell')
GROUP BY s.person_id, s.programme, s.version, s.finding, s.waiting_for, s.to_ask, s.before_name"""
