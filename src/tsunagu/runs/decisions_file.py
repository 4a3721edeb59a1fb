"""The file by which decisions about doubtful pairs go from the desk to the next run: marks and verdicts, nothing else.

Its seal finds damage, not a forger: whoever signs it off records its hash in the desk's log, and the run's manifest
names the same hash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tsunagu.errors import PurposeError, SourceError, StateError
from tsunagu.records.decided_pairs import VERDICTS, DecidedPair, RecordMark
from tsunagu.runs.folder import canonical_json

FORMAT = "tsunagu-link-decisions-1"
_MARK = 64


@dataclass(frozen=True)
class DecisionsFile:
    """The decisions of a file, and the hash of its bytes."""

    decisions: tuple[DecidedPair, ...]
    sha256: str


def decisions_bytes(decisions: Iterable[DecidedPair], *, marks: str) -> bytes:
    """The file's bytes; the same decisions give the same bytes.

    marks  tells the key under which the marks were made (linkage.marks.Marks.check)
    """
    rows = [
        [d.pair, d.left.number, d.left.said, d.right.number, d.right.said, d.verdict]
        for d in sorted(decisions, key=lambda d: d.pair)
    ]
    body = {"format": FORMAT, "marks": marks, "decisions": rows}
    return canonical_json({**body, "seal": _seal(body)})


def read_decisions(path: Path, *, marks: str) -> DecisionsFile:
    """The decisions of a file.

    raises  SourceError without a file, StateError when it is damaged, PurposeError when it was made under another key
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(
            f"the file of decisions cannot be read ({type(error).__name__})",
            where=str(path),
            to_do="Name the file that the desk wrote: link-decisions --out FILE.",
        ) from error
    body = _body(data, path)
    if body["marks"] != marks:
        raise PurposeError(
            "the decisions were made about a run under another key",
            where=str(path),
            to_do="Name the key of the run that the desk shows: --key FILE.",
        )
    decisions = tuple(_decision(row, path) for row in body["decisions"])
    if len({d.pair for d in decisions}) != len(decisions):
        raise _damaged(path)
    return DecisionsFile(decisions, hashlib.sha256(data).hexdigest())


def _body(data: bytes, path: Path) -> dict[str, Any]:
    try:
        whole = json.loads(data)
    except ValueError as error:
        raise _damaged(path) from error
    if not isinstance(whole, dict) or set(whole) != {"format", "marks", "decisions", "seal"}:
        raise _damaged(path)
    seal = whole.pop("seal")
    if whole["format"] != FORMAT or seal != _seal(whole) or not isinstance(whole["decisions"], list):
        raise _damaged(path)
    return whole


def _decision(row: Any, path: Path) -> DecidedPair:
    if not isinstance(row, list) or len(row) != 6 or not all(isinstance(cell, str) for cell in row):
        raise _damaged(path)
    pair, left, left_said, right, right_said, verdict = row
    if verdict not in VERDICTS or any(len(mark) != _MARK for mark in row[:5]):
        raise _damaged(path)
    return DecidedPair(pair, RecordMark(left, left_said), RecordMark(right, right_said), verdict)


def _seal(body: dict[str, Any]) -> str:
    return hashlib.sha256(canonical_json(body)).hexdigest()


def _damaged(path: Path) -> StateError:
    return StateError(
        "this is not a file of decisions as the desk writes it",
        where=str(path),
        to_do="Write it again at the desk: link-decisions --out FILE.",
    )
