"""What goes with an answer: which request and agreement it answers, what it holds, and the hash of its bytes.

Both ends read it: the holder writes it beside what passed the gate, the requester holds the answer against it, against
its own request, and against its own copy of the agreement.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from tsunagu.errors import PurposeError, SourceError
from tsunagu.purposes.agreement import LINKING, Cohort, SharingAgreement, read_cohort
from tsunagu.purposes.canonical import canonical, read_object
from tsunagu.purposes.gate import Released
from tsunagu.purposes.grant import MOST_ANSWERS
from tsunagu.purposes.linked_forms import PARTS
from tsunagu.purposes.request import Asked, DataRequest, read_asked
from tsunagu.purposes.streams import most_bytes, read_stream
from tsunagu.purposes.strict import HASH, IDENTIFIER, Part
from tsunagu.purposes.tokens import KeyMark, joined_by, period_of
from tsunagu.records.answer_tables import ANSWERS
from tsunagu.records.shapes import TableShape

FORM = "tsunagu-answer-2"
#: Tables of an answer by which records are linked: a few for each extract of a holder.
_MOST_TABLES = 1_000
_WORDS = re.compile(r"[^\x00-\x1f\x7f]{1,300}")


@dataclass(frozen=True)
class AnswerManifest:
    """What an answer says of itself.

    question   of the request (DataRequest.question); the same for whoever asked it in this period
    left_out   ids that were asked for and are not agreed
    sha256     of the payload, an Arrow IPC stream of `rows` rows
    attempt    which answer of the period it is, from 1; a later one takes the place of those before it
    made_with  the key of its tokens, by which whoever joins it finds that another's was made with another one
    """

    question: str
    agreement: str
    agreement_sha256: str
    granularity: str
    answered: tuple[Asked, ...]
    left_out: tuple[str, ...]
    cohort: Cohort
    on: date
    period: str
    rows: int
    sha256: str
    made_with: KeyMark
    attempt: int = 1


def manifest_of(released: Released) -> AnswerManifest:
    """The manifest of an answer that passed the gate."""
    grant = released.grant
    return AnswerManifest(
        question=grant.question,
        agreement=grant.agreement.id,
        agreement_sha256=grant.agreement.hash,
        granularity=grant.agreement.granularity,
        answered=tuple(Asked(one.id, one.version, one.sha256) for one in grant.wanted),
        left_out=grant.left_out,
        cohort=grant.cohort,
        on=grant.on,
        period=grant.period,
        rows=released.rows,
        sha256=released.sha256,
        made_with=released.made_with,
        attempt=grant.attempt,
    )


def manifest_bytes(manifest: AnswerManifest) -> bytes:
    """The manifest as it is signed and sent."""
    return canonical(
        {
            "form": FORM,
            "question": manifest.question,
            "agreement": manifest.agreement,
            "agreement_sha256": manifest.agreement_sha256,
            "granularity": manifest.granularity,
            "answered": [{"id": one.id, "version": one.version, "sha256": one.sha256} for one in manifest.answered],
            "left_out": list(manifest.left_out),
            "cohort": {"age_from": manifest.cohort.age_from, "age_to": manifest.cohort.age_to},
            "on": manifest.on.isoformat(),
            "period": manifest.period,
            "rows": manifest.rows,
            "sha256": manifest.sha256,
            "attempt": manifest.attempt,
            "made_with": {"of": manifest.made_with.of, "mark": manifest.made_with.mark},
        }
    )


def read_manifest(data: bytes) -> AnswerManifest:
    """The manifest in a message; SourceError names every mistake."""
    part = Part(read_object(data, "answer"), "", [])
    part.choice("form", (FORM,))
    made = AnswerManifest(
        question=part.match("question", HASH, "a hash"),
        agreement=part.match("agreement", IDENTIFIER, "an identifier"),
        agreement_sha256=part.match("agreement_sha256", HASH, "a hash"),
        granularity=part.choice("granularity", ANSWERS),
        answered=part.parts("answered", read_asked),
        left_out=part.texts("left_out", IDENTIFIER),
        cohort=part.part("cohort", read_cohort),
        on=part.day("on"),
        period=part.text("period"),
        rows=part.whole("rows", 0, 100_000_000),
        sha256=part.match("sha256", HASH, "a hash"),
        made_with=part.part("made_with", _made_with),
        attempt=part.whole("attempt", 1, MOST_ANSWERS),
    )
    part.done()
    if part.mistakes:
        listed = "\n  ".join(part.mistakes)
        raise SourceError(f"the answer's manifest cannot be read\n  {listed}", where="answer", to_do="Ask again.")
    return made


def _made_with(part: Part) -> KeyMark:
    return KeyMark(
        of=part.match("of", _WORDS, "what a key is of", empty=True),
        mark=part.match("mark", HASH, "the mark of a key", empty=True),
    )


def received(manifest: AnswerManifest, payload: bytes, request: DataRequest, copy: SharingAgreement) -> pa.Table:
    """The table of an answer, once it is what was asked for and no more than the requester's own copy says.

    raises  PurposeError where it is another answer or more than agreed; what was not agreed may not be kept either
    """
    wanted = {(one.id, one.version, one.sha256) for one in copy.wanted}
    answered = {(one.id, one.version, one.sha256) for one in manifest.answered}
    asked = {(one.id, one.version, one.sha256) for one in request.wanted}
    for is_so, what in (
        (manifest.question == request.question, "it answers another question"),
        (manifest.agreement_sha256 == copy.hash == request.agreement_sha256, "it is under another version"),
        (manifest.granularity == copy.granularity, "it is of another granularity"),
        (answered <= wanted & asked, "it holds what was not asked for, or is not agreed"),
        (manifest.on == request.on, "it is of another day"),
        (manifest.period == period_of(request.on, copy.cadence), "it is of another period"),
        (manifest.rows <= copy.rows_at_most, "it has more rows than agreed"),
        (_is_of_agreed_key(manifest, copy), "it was made with a key of another join set or purpose"),
        (hashlib.sha256(payload).hexdigest() == manifest.sha256, "its bytes are not the ones it was sent with"),
    ):
        if not is_so:
            raise _not_taken(what, copy)
    require_room(len(payload), manifest, copy)
    shape = ANSWERS[copy.granularity]
    is_linking = copy.granularity in LINKING
    table = _read(payload, shape, _MOST_TABLES if is_linking else manifest.rows, copy)
    rows = sum(table.column("rows").to_pylist()) if is_linking else table.num_rows
    if rows != manifest.rows:
        raise _not_taken("it has another number of rows than it says", copy)
    if is_linking:
        parts = PARTS[copy.granularity]
        if not set(table.column("part").to_pylist()) <= set(parts):
            raise _not_taken("it holds a table that was not asked for", copy)
        parts_in(table, copy)  # so that one that is not taken is refused, and logged, as the whole is
        return table
    named = set(table.column("item" if copy.granularity == "item" else "indicator").unique().to_pylist())
    if not named <= {one.id for one in manifest.answered}:
        raise _not_taken("its rows are of something that was not asked for", copy)
    return table


def _is_of_agreed_key(manifest: AnswerManifest, copy: SharingAgreement) -> bool:
    """Whether its tokens are of the set that was agreed. With which key of it they were made, others' answers tell."""
    if copy.granularity in LINKING:
        return True
    return bool(manifest.made_with.mark) and manifest.made_with.of == joined_by(
        copy.join_set, copy.purpose, manifest.period
    )


def parts_in(table: pa.Table, copy: SharingAgreement) -> dict[tuple[str, str], pa.Table]:
    """(holder, part) -> table, of a PARTS_ANSWER that was received; PurposeError where one has another shape."""
    found = {}
    named = table.drop_columns(["stream"]).to_pylist()
    for row, stream in zip(named, table.column("stream"), strict=True):
        shape = PARTS[copy.granularity][row["part"]]
        one = _read(stream.as_buffer(), shape, row["rows"], copy)
        if one.num_rows != row["rows"]:
            raise _not_taken("one of its tables is not the one it says", copy)
        found[row["holder"], row["part"]] = one
    return found


def require_room(size: int, manifest: AnswerManifest, copy: SharingAgreement) -> None:
    """PurposeError where a payload is larger than the rows that it says, and that are agreed, can be."""
    if size > most_bytes(min(manifest.rows, copy.rows_at_most)):
        raise _not_taken("it is larger than its rows can be", copy)


def _read(data: bytes | pa.Buffer, shape: TableShape, most_rows: int, copy: SharingAgreement) -> pa.Table:
    try:
        table = read_stream(data, shape.schema, most_rows)
    except SourceError as error:
        raise _not_taken(error.what, copy) from error
    empty = [one.name for one in shape.columns if not one.may_be_null and table.column(one.name).null_count]
    if empty:
        raise _not_taken(f"it says nothing where it must: {', '.join(empty)}", copy)
    return table


def _not_taken(what: str, copy: SharingAgreement) -> PurposeError:
    return PurposeError(
        f"the answer was not taken: {what}",
        where=copy.id,
        to_do="Nothing of it was kept. Compare both copies with: tsunagu agreement show FILE, and ask again.",
    )
