"""What a node does with a verified request: log that it was asked, decide by its own copy, answer through the gate.

The entry that something was asked is on the disk before anything is read for it; the entry that it was answered is in
the transaction that keeps the answer.
"""

from __future__ import annotations

import logging
import threading
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tsunagu.audit.entry import Entry
from tsunagu.errors import EngineError, PurposeError, SourceError, StateError
from tsunagu.purposes import advice
from tsunagu.purposes.agreement import LINKING, SharingAgreement
from tsunagu.purposes.answering import Holdings, Source, answer
from tsunagu.purposes.canonical import hash_of
from tsunagu.purposes.gate import History, Released
from tsunagu.purposes.grant import MOST_ANSWERS, Grant, Refusal, grant
from tsunagu.purposes.manifest import manifest_bytes, manifest_of
from tsunagu.purposes.request import DataRequest, read_request
from tsunagu.purposes.signatures import findings
from tsunagu.purposes.tokens import NO_KEY, PERIODS, JoinKey, KeyMark, join_mark, period_of
from tsunagu_node.answered_runs import run_of
from tsunagu_node.log import Evidence, Log, ToldBefore, moment, object_of
from tsunagu_node.own_heads import PEERS_NEEDED, OwnHeads
from tsunagu_node.refusals import Refused

#: Refusals for the holder's log, and what whoever asked can do.
_OF_ITS_LOG = {
    "not_witnessed": "Ask the people who run it to find its witnesses again.",
    "log_differs": "Tell the audit office, and the people who run it.",
}
#: Refusals that pass by themselves: another day, the next period.
_NOT_NOW = frozenset(
    {"already_answered", "another_day", "answered_often", "not_brought_in", "not_in_force", "not_linked_yet"}
)
#: Granularities whose answers depend on no other agreement's.
_BY_THEMSELVES = frozenset({"item", "indicator"})
#: Agreements share so many turns: what a header names is not to grow a table. Two that share one wait for each other.
_TURNS = 64
_JAPAN = timedelta(hours=9)
_log = logging.getLogger(__name__)


class Unreadable(SourceError):
    """What was sent is no request: whoever sent it can mend that, unlike a file of this holder's own."""


class _NotGranted(PurposeError):
    """Refused by the holder's own copy."""


class _NotGrantedNow(StateError):
    """The same, until another day or period."""


def _basis(source: Source, given: Grant, key: JoinKey | None, round_mark: KeyMark) -> str:
    """What an answer is computed of and with, in one hash: with a key that was put right it is another one."""
    mark = join_mark(key, given.period) if key is not None else NO_KEY
    used = round_mark if given.agreement.granularity in LINKING else mark
    return hash_of({"source": source.sha256, "key": used.mark})


def japan_day(at: datetime) -> date:
    """The day of a moment in Japan: the day by which agreements hold."""
    return (at + _JAPAN).date()


@dataclass(frozen=True)
class Sent:
    """A request whose signature was found right.

    sender  who signed; agreement, id: as its headers say; evidence: what is kept of the signature
    """

    sender: str
    agreement: str
    id: str
    body: bytes
    at: datetime
    evidence: Evidence


@dataclass(frozen=True)
class Told:
    """What may be sent: a manifest and its payload, both as they were kept."""

    manifest: bytes
    payload: bytes


@dataclass(frozen=True)
class Office:
    """One holder's answers.

    copies  agreement id -> the holder's own copy, newest version; asked each time, so that an ended one ends at once
    keys    agreement -> side -> key by the directory
    join_keys  agreement -> the key of its join set and purpose; None where this holder was not given it
    today      moment -> day by which agreements and periods are decided
    peers_needed  of how many peers the log needs a countersignature that is not older than seven days; 0: of none
    """

    copies: Callable[[], Mapping[str, SharingAgreement]]
    keys: Callable[[SharingAgreement], Mapping[str, Ed25519PublicKey]]
    holdings: Holdings
    join_keys: Callable[[SharingAgreement], JoinKey | None]
    log: Log
    today: Callable[[datetime], date] = japan_day
    peers_needed: int = PEERS_NEEDED
    _turns: tuple[threading.Lock, ...] = field(
        default_factory=lambda: tuple(threading.Lock() for _ in range(_TURNS)), repr=False
    )
    _together: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def handle(self, sent: Sent) -> Told:
        """The answer; PurposeError or StateError say why there is none. Either is in the log before this returns.

        Of one agreement one at a time, so that one question has one answer; another's goes on beside it.

        raises  EngineError where something of this holder's own is amiss: then it is no fault of who asks, whatever
                kind of error it is here
        """
        with self._turns[zlib.crc32(sent.agreement.encode("utf-8")) % _TURNS]:
            try:
                return self._handled(sent)
            except (Unreadable, _NotGranted, _NotGrantedNow, Refused):
                raise
            except StateError as error:
                # As that nothing was brought in yet: time may mend it, and this holder's people can.
                self._note(sent, "refused", {"request": sent.id, "why": "not_now"})
                _log.warning("%s was not answered under %s: %s", sent.sender, object_of(sent.agreement), error)
                to_do = f"This is for the people of the holder: {error.to_do}" if error.to_do else ""
                raise StateError(error.what, where=error.where, to_do=to_do) from error
            except PurposeError as error:
                raise EngineError(error.what, where=error.where, to_do=error.to_do) from error

    def _handled(self, sent: Sent) -> Told:
        self.log.append(self._entry(sent, "asked", {"request": sent.id}, "none"), sent.evidence)
        try:
            request = read_request(sent.body)
        except SourceError as error:
            self._note(sent, "refused", {"request": sent.id, "why": "unreadable"})
            raise Unreadable(error.what, where=error.where, to_do=error.to_do) from error
        if (request.id, request.agreement) != (sent.id, sent.agreement):
            raise self._refused(sent, Refusal("another_party"))
        standing = OwnHeads(self.log).standing(sent.at, self.peers_needed)
        if standing in ("stopped", "differs"):
            raise self._refused(sent, Refusal("not_witnessed" if standing == "stopped" else "log_differs"))
        today = self.today(sent.at)
        copy = self.copies().get(request.agreement)
        given = grant(
            request,
            copy,
            sent_by=sent.sender,
            today=today,
            is_relied_on=copy is not None and self._is_relied_on(copy, today),
            definitions=self.holdings.definitions(),
            answered=self.log.answered(request.agreement),
        )
        if isinstance(given, Refusal):
            raise self._refused(sent, given, self._advice(given, request, copy, today))
        return self._answered(sent, request, given, today)

    def _answered(self, sent: Sent, request: DataRequest, given: Grant, today: date) -> Told:
        """What was told before to the same question, byte for byte, until it would be computed of something else."""
        agreement = given.agreement
        source = self.holdings.source(given)
        given = replace(given, basis=_basis(source, given, self.join_keys(agreement), self.holdings.round_mark()))
        if agreement.cadence in PERIODS and period_of(source.on, agreement.cadence) != given.period:
            # Answered by the extracts of another period, this one would be used up.
            to_do = advice.not_brought_in(agreement, source, given.on, today)
            raise self._refused(sent, Refusal("not_brought_in"), to_do)
        before = self.log.told_in(agreement.id, given.period)
        last = next((one for one in reversed(before) if one.question == given.question), None)
        if last is not None and last.basis == given.basis and source.is_made:
            kept = self._kept(sent, request, given, last)
            if kept is not None:
                return kept
        return self._made(sent, request, replace(given, attempt=len(before) + 1), before)

    def _advice(self, refusal: Refusal, request: DataRequest, copy: SharingAgreement | None, today: date) -> str:
        if copy is None or refusal.code not in ("already_answered", "another_day"):
            return advice.to_do(refusal.code)
        if refusal.code == "another_day":
            return advice.another_day(copy, today)
        before = self.log.told_in(copy.id, period_of(request.on, copy.cadence))
        if not before:
            return advice.to_do(refusal.code)
        last = before[-1]
        return advice.already_answered(copy, advice.Answered(last.on, japan_day(last.at)), request.on)

    def _kept(self, sent: Sent, request: DataRequest, given: Grant, last: ToldBefore) -> Told | None:
        kept = self.log.answer_kept(given.agreement.id, given.period, last.attempt)
        if kept is None:
            return None
        who: dict[str, str | int] = {
            "asked_by": request.asked_by,
            **({"reason": request.reason} if request.named else {}),
        }
        self._note(sent, "answered_again", {"request": sent.id, "question": given.question, **who})
        return Told(*kept)

    def _made(self, sent: Sent, request: DataRequest, given: Grant, before: Sequence[ToldBefore]) -> Told:
        """What is computed now. The gate holds counts against other agreements' counts of the day, and names against
        all who were named in the period, and linkage keeps what it numbered: of these one at a time in all, until it is
        kept."""
        alone = given.agreement.granularity not in _BY_THEMSELVES or given.agreement.about == "named"
        with self._together if alone else nullcontext():
            return self._computed(sent, request, given, before)

    def _computed(self, sent: Sent, request: DataRequest, given: Grant, before: Sequence[ToldBefore]) -> Told:
        released = answer(given, self.holdings, self.join_keys(given.agreement), self._history(given))
        if isinstance(released, Refusal):
            raise self._refused(sent, released, reason=request.reason)
        last = next((one for one in reversed(before) if one.question == given.question), None)
        if last is not None and (last.sha256, last.mark) == (released.sha256, released.made_with.mark):
            # What was corrected changed nothing that is told: so nothing is told, and nothing counts.
            kept = self._kept(sent, request, given, last)
            if kept is not None:
                return kept
        self._require_room(sent, released, before)
        detail: dict[str, str | int] = {
            "request": sent.id,
            "question": given.question,
            "agreement_sha256": given.agreement.hash,
            "asked_by": request.asked_by,
            "rows": released.rows,
            "payload_sha256": released.sha256,
            **({"attempt": given.attempt} if given.attempt > 1 else {}),
        }
        if released.named is not None:
            detail |= {"reason": request.reason, "run": given.on.isoformat(), **released.named.counts()}
        self.log.keep(released, self._entry(sent, "answered", detail, given.agreement.purpose))
        self.log.forget_payloads(given.agreement.id, given.period)
        return Told(manifest_bytes(manifest_of(released)), released.payload)

    def _history(self, given: Grant) -> History:
        before = self.log.history(given.agreement.id, given.on.isoformat())
        if given.agreement.about != "named":
            return before
        run = run_of(given, self.copies().values(), self.log)
        return replace(before, run=run, named=self.log.named(given.agreement, given.period))

    def _require_room(self, sent: Sent, released: Released, before: Sequence[ToldBefore]) -> None:
        """Of one period there are so many answers; of persons by name no more rows in all than one answer may have."""
        agreement, given = released.grant.agreement, released.grant
        if len(before) >= MOST_ANSWERS:
            to_do = advice.answered_often(agreement, len(before), before[-1].on)
            raise self._refused(sent, Refusal("answered_often"), to_do)
        told = sum(one.rows for one in before)
        if agreement.about == "named" and told + released.rows > agreement.rows_at_most:
            raise self._refused(sent, Refusal("too_many_rows"), advice.rows_named(agreement, told, given.on))

    def _is_relied_on(self, copy: SharingAgreement, today: date) -> bool:
        return not any(finding.stops for finding in findings(copy, self.keys(copy), today))

    def _refused(self, sent: Sent, refusal: Refusal, to_do: str = "", reason: str = "") -> PurposeError | StateError:
        """What is raised, once it is logged. reason: that the request states for names."""
        detail: dict[str, str | int] = {"request": sent.id, "why": refusal.code, **refusal.counts}
        if reason and refusal.counts:
            detail["reason"] = reason
        self._note(sent, "refused", detail)
        if refusal.code in _OF_ITS_LOG:
            return Refused(refusal.code, refusal.what, to_do=_OF_ITS_LOG[refusal.code])
        kind = _NotGrantedNow if refusal.code in _NOT_NOW else _NotGranted
        return kind(refusal.what, where=refusal.code, to_do=to_do or advice.to_do(refusal.code))

    def _note(self, sent: Sent, action: str, detail: Mapping[str, str | int]) -> None:
        self.log.append(self._entry(sent, action, detail, "none"))

    def _entry(self, sent: Sent, action: str, detail: Mapping[str, str | int], purpose: str) -> Entry:
        return Entry(
            at=moment(sent.at),
            actor=f"org:{sent.sender}",
            role="requester",
            action=action,
            object=object_of(sent.agreement),
            purpose=purpose,
            detail=detail,
        )
