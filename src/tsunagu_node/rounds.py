"""What a node does once a period: asks under its agreements, has records linked, and hands answers to a run."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa

from tsunagu.errors import EngineError, StateError
from tsunagu.purposes.agreement import SharingAgreement
from tsunagu.purposes.manifest import parts_in
from tsunagu.purposes.one_key import require_one_key
from tsunagu.purposes.request import DataRequest
from tsunagu.purposes.tokens import PERIODS, KeyMark, period_of
from tsunagu.purposes.waiting_answers import Doubt, WaitingAnswer, write_answers
from tsunagu_node.doubted import doubts_of
from tsunagu_node.inquiry import Taken
from tsunagu_node.linking import Linking
from tsunagu_node.node import Node

#: Seconds between two looks at whether a holder who polls has brought its reply.
_BETWEEN_LOOKS = 0.5
Said = Callable[[str], object]


@dataclass(frozen=True)
class Asked:
    """One inquiry, and what was received."""

    agreement: SharingAgreement
    request: DataRequest
    taken: Taken


def ask_all(
    node: Node,
    agreements: Iterable[SharingAgreement],
    on: date,
    *,
    named: Iterable[bytes] = (),
    reason: str = "",
    patience: float = 600.0,
    said: Said = lambda _: None,
) -> list[Asked]:
    """Asks under each agreement, and waits for the holders who poll.

    named     tokens of the persons asked about, where the agreements are about named ones; reason: why, of named.STATED
    patience  seconds to wait for these; EngineError where one has not brought its reply by then
    said      called with a line for each answer
    """
    names = tuple(named)
    inquiry, found = node.inquiry(), []
    left: list[tuple[SharingAgreement, DataRequest]] = []
    for agreement in agreements:
        request = node.request(agreement, on, names, reason)
        if node.polls(agreement.holder):
            inquiry.leave(request)
            left.append((agreement, request))
            continue
        found.append(Asked(agreement, request, inquiry.ask(agreement, request)))
        said(f"{agreement.id}: {agreement.holder} has answered{_anew(found[-1])}")
    until = time.monotonic() + patience
    while left:
        for agreement, request in list(left):
            taken = inquiry.collect(agreement, request)
            if taken is not None:
                left.remove((agreement, request))
                found.append(Asked(agreement, request, taken))
                said(f"{agreement.id}: {agreement.holder} has brought its answer{_anew(found[-1])}")
        if left and time.monotonic() > until:
            raise EngineError(
                "a holder who fetches its requests has not brought its answer",
                where=", ".join(sorted(agreement.id for agreement, _ in left)),
                to_do="Ask its people whether the node runs, and what its console says; then ask again. What has come "
                "stays agreed and logged.",
            )
        if left:
            time.sleep(_BETWEEN_LOOKS)
    return found


def _anew(asked: Asked) -> str:
    """That an answer takes the place of one before it, or is about others by name than that one."""
    manifest = asked.taken.manifest
    return "" if manifest.attempt == 1 else f", its answer number {manifest.attempt} of {manifest.period}"


def link(node: Node, on: date, *, joins_few: Collection[str] = (), said: Said = lambda _: None) -> dict[str, int]:
    """One node's step of a round of linkage; counts for a person.

    At the register's holder: asks every holder for its records as tokens, links them, keeps what was found.
    At any other: fetches what was found of its records, with the residents, and keeps its snapshot.

    joins_few  extracts of which people have seen for themselves that few records are of the register
    """
    if node.linking is None:
        raise StateError(
            "this node has no key of a round of linkage",
            where=str(node.file.keys),
            to_do="Put the file *.groupkey there that the keeper of the link key gave you.",
        )
    kind = "linkage" if node.linking.is_register else "residents"
    agreements = node.relied_on((kind,), on)
    if not agreements and not node.linking.is_register:
        raise StateError(
            "no agreement lets this node fetch its links",
            where=str(node.file.agreements),
            to_do="Agree on `residents` with the register's holder.",
        )
    _require_brought_in(node, agreements, on)
    asked = ask_all(node, agreements, on, said=said)
    if node.linking.is_register:
        return _link_all(node.linking, asked, on, joins_few)
    told = parts_in(asked[0].taken.table, asked[0].agreement)
    made = node.linking.settle(told, on)
    return {"persons": made.persons.num_rows, "records": made.links.num_rows, "facts": made.facts.num_rows}


def gather(node: Node, on: date, out: Path, *, said: Said = lambda _: None) -> int:
    """Asks every holder for the indicators agreed, and writes the answers for a run; how many there are."""
    agreements = node.relied_on(("indicator",), on)
    if not agreements:
        raise StateError(
            "no agreement lets this node ask for indicators",
            where=str(node.file.agreements),
            to_do="Agree on them first: tsunagu agreement new.",
        )
    doubts = doubts_of(node, agreements, said)
    asked = ask_all(node, agreements, on, said=said)
    _write(out, asked, doubts)
    return len(asked)


def names(node: Node, on: date, tokens: Iterable[bytes], out: Path, *, reason: str, said: Said = lambda _: None) -> int:
    """Asks for the names of these persons and of nobody else, and writes the answers for a run.

    reason  one of named.STATED; it goes along in the signed request, and into the logs of both ends
    """
    wanted = list(tokens)
    agreements = node.relied_on(("item",), on, about="named") if wanted else []
    doubts = doubts_of(node, agreements, said)
    asked = ask_all(node, agreements, on, named=wanted, reason=reason, said=said)
    _write(out, asked, doubts)
    return len(asked)


def _require_brought_in(node: Node, agreements: Iterable[SharingAgreement], on: date) -> None:
    """StateError before anybody is asked, where this node has no extracts of the period of the day."""
    days = node.store.brought_days()
    own = max((day for day in days if day <= on), default=None)
    if own is None or any(period_of(own, one.cadence) != period_of(on, one.cadence) for one in _of_periods(agreements)):
        there = f"the newest are of {days[-1]}; use --on {days[-1]}, or bring" if days else "bring"
        raise StateError(
            f"this node has brought in no extracts for {on}",
            where=str(node.file.folder),
            to_do=f"See which day is meant: {there} in those of {on}: tsunagu node import. Nobody was asked.",
        )


def _of_periods(agreements: Iterable[SharingAgreement]) -> list[SharingAgreement]:
    return [one for one in agreements if one.cadence in PERIODS]


def _link_all(linking: Linking, asked: Iterable[Asked], on: date, joins_few: Collection[str]) -> dict[str, int]:
    """What every holder sent, linked; nothing where one of them used another round's key."""
    sent: dict[str, dict[tuple[str, str], pa.Table]] = {}
    marks: list[tuple[str, KeyMark]] = []
    for one in asked:
        parts = parts_in(one.taken.table, one.agreement)
        sent.setdefault(one.agreement.holder, {}).update(parts)
        extracts = ", ".join(sorted({extract for extract, _ in parts})) or "nothing"
        marks.append((f"{one.agreement.holder} ({extracts})", one.taken.manifest.made_with))
    linking.require_of_this_round(marks)
    return linking.link_all(sent, on, joins_few)


def _write(out: Path, asked: Iterable[Asked], doubts: Mapping[str, tuple[Doubt, ...]]) -> None:
    """Answers for a run, where they can be joined."""
    answers = [
        WaitingAnswer(
            one.agreement, one.taken.table, one.taken.manifest.made_with, doubts.get(one.agreement.holder, ())
        )
        for one in asked
    ]
    for joined in {one.made_with.of for one in answers}:
        require_one_key((one.agreement, one.made_with) for one in answers if one.made_with.of == joined)
    write_answers(out, answers)


@contextmanager
def opened(node: Node) -> Iterator[Node]:
    """The node until the end of the block; its files are closed then."""
    try:
        yield node
    finally:
        for name in ("log", "mailbox"):
            if name in node.__dict__:
                getattr(node, name).close()


def counted(counts: Mapping[str, int]) -> str:
    """Counts in one line."""
    return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items())
