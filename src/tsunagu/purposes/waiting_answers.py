"""Answers on their way from a requester's node to a run: a folder for its owner only, removed when the run is done.

For each agreement ID.json, the requester's own copy under which it asked, ID.arrow, the table that was received,
ID.mark, with which key its tokens were made, and ID.doubt, what was known against its holder's log.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa

from tsunagu.errors import EngineError, SourceError, StateError
from tsunagu.purposes.agreement import SharingAgreement, as_mapping, read_agreement
from tsunagu.purposes.canonical import canonical, read_object
from tsunagu.purposes.tokens import NO_KEY, KeyMark
from tsunagu.records.answer_tables import ANSWERS


@dataclass(frozen=True)
class Doubt:
    """That the log of an answer's holder is not what was signed, as the requester's node keeps it.

    kind   of the alarm, as `rewritten`; row: from which on, 0 where it cannot be told
    seen_by  whose signed head it contradicts; since: the moment, UTC
    despite  why the answer is used all the same, as a person wrote it; "" where the alarm does not stop a run
    """

    kind: str
    row: int
    seen_by: str
    since: str
    despite: str = ""

    @property
    def said(self) -> str:
        """The alarm in words, with the reason that was given."""
        place = f", from row {self.row:,} on" if self.row else ""
        used = f"; used all the same: {self.despite}" if self.despite else ""
        return f"{self.kind}{place}, as {self.seen_by} knows it, since {self.since}{used}"


@dataclass(frozen=True)
class WaitingAnswer:
    """One answer.

    table      in the shape of the agreement's granularity; it was held against the copy when it came
    made_with  the key of its tokens
    doubts     alarms about its holder's log; none where there is no alarm
    """

    agreement: SharingAgreement
    table: pa.Table
    made_with: KeyMark = NO_KEY
    doubts: tuple[Doubt, ...] = ()


def write_answers(folder: Path, answers: Iterable[WaitingAnswer]) -> None:
    """Writes the folder; StateError where it is there already, EngineError where it cannot be written."""
    try:
        folder.mkdir(mode=0o700, parents=True)
        for one in answers:
            text = json.dumps(as_mapping(one.agreement), ensure_ascii=False, indent=2) + "\n"
            _own(folder / f"{one.agreement.id}.json", text.encode("utf-8"))
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, one.table.schema) as stream:
                stream.write_table(one.table)
            _own(folder / f"{one.agreement.id}.arrow", bytes(sink.getvalue()))
            _own(folder / f"{one.agreement.id}.mark", canonical({"of": one.made_with.of, "mark": one.made_with.mark}))
            doubts = {"doubts": [asdict(doubt) for doubt in one.doubts]}
            _own(folder / f"{one.agreement.id}.doubt", canonical(doubts))
    except FileExistsError as error:
        raise StateError("the folder is there already", where=str(folder), to_do="Name another one.") from error
    except OSError as error:
        raise EngineError(
            f"the answers cannot be written ({type(error).__name__})", where=str(folder), to_do="Check the disk."
        ) from error


def read_answers(folder: Path) -> list[WaitingAnswer]:
    """The answers of a folder, by agreement; SourceError where one cannot be read."""
    found = []
    for path in sorted(folder.glob("*.json")):
        agreement = read_agreement(path.read_bytes(), path.name)
        try:
            table = pa.ipc.open_stream(path.with_suffix(".arrow").read_bytes()).read_all()
            mark = read_object(path.with_suffix(".mark").read_bytes(), str(path))
            doubted = json.loads(path.with_suffix(".doubt").read_bytes())
        except (OSError, ValueError) as error:
            raise SourceError(
                f"an answer cannot be read ({type(error).__name__})", where=str(path), to_do="Ask the holders again."
            ) from error
        made_with = KeyMark(str(mark.get("of")), str(mark.get("mark")))
        doubts = tuple(Doubt(**one) for one in doubted["doubts"])
        found.append(WaitingAnswer(agreement, ANSWERS[agreement.granularity].check(table), made_with, doubts))
    return found


def _own(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
