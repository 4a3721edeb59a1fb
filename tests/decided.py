"""Decisions about doubtful pairs, made as a person at the desk makes them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tsunagu.linkage.marks import Marks
from tsunagu.records.decided_pairs import DecidedPair, MarkedPair, RecordMark
from tsunagu.runs.decisions_file import decisions_bytes


def decided(pair: MarkedPair, verdict: str) -> DecidedPair:
    return DecidedPair(pair.pair, pair.left, pair.right, verdict)  # type: ignore[arg-type]  # a wrong one on purpose too


def decided_rows(rows: Iterable[dict[str, Any]], verdict: str, question: str) -> list[DecidedPair]:
    """Decisions about the pairs of REVIEW_RECORDS with that question."""
    sides: dict[str, dict[str, RecordMark]] = {}
    for row in rows:
        if row["question"] == question:
            sides.setdefault(row["pair"], {})[row["side"]] = RecordMark(row["number"], row["said"])
    return [DecidedPair(pair, both["left"], both["right"], verdict) for pair, both in sides.items()]  # type: ignore[arg-type]


def a_decisions_file(path: Path, decisions: Iterable[DecidedPair], key: bytes) -> Path:
    path.write_bytes(decisions_bytes(decisions, marks=Marks(key).check))
    return path
