"""For a holder without an inbound port: looks into others' mailboxes, answers what waits there, brings the replies."""

from __future__ import annotations

from dataclasses import dataclass

from tsunagu.errors import EngineError, TsunaguError
from tsunagu_node.answering import Answering
from tsunagu_node.asking import Asking
from tsunagu_node.messages import Request
from tsunagu_node.refusals import PASSING, STATUS, Refused
from tsunagu_node.signed import Signature

_LATER = frozenset(STATUS[code] for code in PASSING)


@dataclass(frozen=True)
class Round:
    """One look. answered: replies that were brought; left: what stays there for the next look, each by its reason."""

    answered: int
    left: tuple[TsunaguError, ...]


def look_once(peer: str, asking: Asking, answering: Answering) -> Round:
    """Answers all that waits for this organisation at another's mailbox.

    raises  TsunaguError where the mailbox itself cannot be read; what goes wrong with one request stops no other
    """
    answered = 0
    left: list[TsunaguError] = []
    for request, body in asking.waiting(peer):
        try:
            signature = _signed_by(peer, request, answering)
            answer = answering.answer(request, signature, body)
            if answer.response.status_code == STATUS["failed"]:
                raise EngineError("this node could not answer it", where=peer, to_do="The line above says why.")
            if answer.response.status_code in _LATER:
                raise Refused("being_answered", "the answer is not ready", where=peer, to_do="Look again in a moment.")
            asking.bring(peer, signature.request_id, answer)
            answered += 1
        except TsunaguError as error:
            left.append(error)
    return Round(answered, tuple(left))


def _signed_by(peer: str, request: Request, answering: Answering) -> Signature:
    """The signature of a request that waited; Refused, and noted, where it is not the peer's."""
    try:
        signature = answering.verify(request)
        if signature.organisation != peer:
            raise Refused("bad_signature", "somebody else signed this request", where=peer, to_do="Tell its people.")
    except TsunaguError as error:
        answering.noted(None, error, peer)
        raise
    return signature
