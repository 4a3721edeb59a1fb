"""What link review shows of a doubtful pair, and what neither it nor anybody may learn of a protected address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tsunagu.linkage.marks import Marks
from tsunagu.records.decided_pairs import MarkedPair
from tsunagu.records.run_tables import REVIEW_RECORDS
from tsunagu.records.stage_tables import REVIEW
from tsunagu.suppression.spread import Suppressed
from tsunagu.text.kana import katakana

_ADDRESS = "address"
_CELLS = ("record_id", "name", "kana", "alias", "birth_date", "sex", "school", "grade")


def without_places(review: pa.Table, pairs: Sequence[MarkedPair], suppressed: Suppressed) -> pa.Table:
    """REVIEW in which no row tells whether the address of a protected person agrees, in words or in its weight.

    pairs  the rows' marks, in the rows' order
    """
    rows = review.to_pylist()
    for row, pair in zip(rows, pairs, strict=True):
        if _is_hidden(row, suppressed):
            row |= {name: _without_address(row[name]) for name in ("agrees", "differs")}
            if row["match_weight"] is not None:
                row["match_weight"] = round(row["match_weight"] - pair.place_weight, 3)
    return REVIEW.sorted(pa.Table.from_pylist(rows, schema=REVIEW.schema))


def review_records(
    *,
    records: pa.Table,
    review: pa.Table,
    pairs: Sequence[MarkedPair],
    suppressed: Suppressed,
    school_names: Mapping[str, str],
    marks: Marks,
) -> pa.Table:
    """REVIEW_RECORDS of the pairs, two rows each.

    records     SOURCE_RECORDS
    suppressed  a pair with one of them carries no school and no word about the address
    """
    wanted = sorted({record for pair in pairs for record in (pair.left_record, pair.right_record)})
    chosen = records.filter(pc.is_in(records.column("record_id"), pa.array(wanted, pa.int32())))
    cells = {row["record_id"]: row for row in chosen.select(list(_CELLS)).to_pylist()}
    rows: list[dict[str, Any]] = []
    for row, pair in zip(review.to_pylist(), pairs, strict=True):
        is_hidden = _is_hidden(row, suppressed)
        about = {
            "pair": pair.pair,
            "question": pair.question,
            "agrees": _without_address(pair.agrees),
            "differs": _without_address(pair.differs),
            "address": "not_known" if is_hidden else _address(pair),
        }
        about["content"] = marks.content(pair.left, pair.right, *(about[w] for w in ("question", "agrees", "differs")))
        for side, record, mark in (("left", pair.left_record, pair.left), ("right", pair.right_record, pair.right)):
            written = cells[record]
            school = None if is_hidden else written["school"]
            rows.append(
                {
                    **about,
                    "side": side,
                    "number": mark.number,
                    "said": mark.said,
                    "holder": row[f"{side}_holder"],
                    "person_id": row[f"{side}_person_id"],
                    **{name: written[name] for name in ("name", "alias", "birth_date", "sex", "grade")},
                    "kana": katakana(written["kana"]) if written["kana"] else None,
                    "school_name": school_names.get(school, school) if school else None,
                }
            )
    return REVIEW_RECORDS.sorted(pa.Table.from_pylist(rows, schema=REVIEW_RECORDS.schema))


def _is_hidden(row: Mapping[str, Any], suppressed: Suppressed) -> bool:
    return suppressed.hides(row["left_person_id"]) or suppressed.hides(row["right_person_id"])


def _address(pair: MarkedPair) -> str:
    return next((word for word in ("agrees", "differs") if _ADDRESS in _fields(getattr(pair, word))), "not_known")


def _without_address(named: str) -> str:
    return ",".join(name for name in _fields(named) if name != _ADDRESS)


def _fields(named: str) -> Iterable[str]:
    return named.split(",") if named else ()
