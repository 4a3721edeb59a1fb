"""Answers on their way from a requester's node to a run: a folder for its owner only, removed when the run is done.

For each agreement ID.json, the requester's own copy under which it asked, ID.arrow, the table that was received, and
ID.mark, with which key its tokens were made.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from tsunagu.errors import EngineError, SourceError, StateError
from tsunagu.purposes.agreement import SharingAgreement, as_mapping, read_agreement
from tsunagu.purposes.canonical import canonical, read_object
from tsunagu.purposes.tokens import NO_KEY, KeyMark
from tsunagu.records.answer_tables import ANSWERS


@dataclass(frozen=True)
class WaitingAnswer:
    """One answer.

    table      in the shape of the agreement's granularity; it was held against the copy when it came
    made_with  the key of its tokens
    """

    agreement: SharingAgreement
    table: pa.Table
    made_with: KeyMark = NO_KEY


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
        except (OSError, pa.ArrowInvalid) as error:
            raise SourceError(
                f"an answer cannot be read ({type(error).__name__})", where=str(path), to_do="Ask the holders again."
            ) from error
        made_with = KeyMark(str(mark.get("of")), str(mark.get("mark")))
        found.append(WaitingAnswer(agreement, ANSWERS[agreement.granularity].check(table), made_with))
    return found


def _own(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
