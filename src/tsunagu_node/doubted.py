"""Holders whose answers are in doubt: this node keeps an alarm about their log, and says so before anybody is asked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

from tsunagu.audit.entry import Entry
from tsunagu.errors import StateError
from tsunagu.purposes.agreement import SharingAgreement
from tsunagu.purposes.waiting_answers import Doubt
from tsunagu_node.alarms import Alarm, alarms_in, lines_of
from tsunagu_node.log import moment
from tsunagu_node.node import Node, operator

#: Alarms that say that a log is another than the one that was signed; the others are told, and stop nobody.
STOPS = frozenset({"edited", "forked", "rolled_back", "rewritten", "cut"})


def doubts_of(
    node: Node, agreements: Iterable[SharingAgreement], said: Callable[[str], object]
) -> dict[str, tuple[Doubt, ...]]:
    """Organisation -> alarms about its log, of those that are about to be asked; each is told, and logged where it is
    passed over.

    raises  StateError where one of them stops and nobody has given a reason to go on (node.despite)
    """
    holders = {one.holder for one in agreements}
    found = [one for one in alarms_in(node.log) if one.log in holders]
    stops = [one for one in found if one.kind in STOPS]
    if stops and not node.despite:
        listed = "".join(f"\n  since {line}" for line in lines_of(stops))
        raise StateError(
            f"nobody was asked: logs of those who would answer are not what was signed{listed}",
            where=str(node.file.folder),
            to_do="Ask the people of each log named, and the audit office: an alarm does not go away. To use their "
            "answers all the same, say why with --despite-alarms REASON; the run keeps it for ever.",
        )
    for line in lines_of(found):
        said(f"warning: a log of those who answer has an alarm, since {line}")
    for log in sorted({one.log for one in stops}):
        _note(node, log, [one for one in stops if one.log == log])
    return {log: tuple(_doubt(node, one) for one in found if one.log == log) for log in {one.log for one in found}}


def _doubt(node: Node, alarm: Alarm) -> Doubt:
    row = 0 if alarm.kind == "contradicts" else alarm.row  # there it is a row of the other log, or none
    return Doubt(alarm.kind, row, alarm.seen_by, alarm.at, node.despite if alarm.kind in STOPS else "")


def _note(node: Node, log: str, alarms: list[Alarm]) -> None:
    """That a person goes on. The log takes no sentence: the reason stands in the run, and its hash here."""
    detail: dict[str, str | int] = {
        "why": alarms[0].kind,
        "row": alarms[0].row,
        "alarms": len(alarms),
        "reason_sha256": hashlib.sha256(node.despite.encode("utf-8")).hexdigest(),
    }
    now = moment(node.clock())
    node.log.append(Entry(now, operator(), "requester", "despite_alarm", f"log:{log}", "none", detail=detail))
