"""From a verified request to a reply: the one place in which something becomes a reply.

What is replied is what the office told, and the office tells what passed the gate, now or when it was asked before.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from tsunagu.audit.entry import Entry
from tsunagu.errors import SourceError
from tsunagu_node.answering import Handler, Note, Reply, Verified, utc_now
from tsunagu_node.log import Evidence, Log, moment, object_of
from tsunagu_node.office import Office, Sent
from tsunagu_node.refusals import Refused
from tsunagu_node.signed import Signature


def replies_of(office: Office) -> Handler:
    """The function that transport asks: an office's answers, with the request's signature kept as evidence."""

    def handle(verified: Verified) -> Reply:
        signature = verified.signature
        evidence = Evidence(verified.method, verified.url, verified.body, signature.inputs, signature.value)
        sent = Sent(verified.sender, verified.agreement, verified.request_id, verified.body, verified.at, evidence)
        try:
            told = office.handle(sent)
        except SourceError as error:
            raise Refused("malformed", error.what, to_do="Write the request as the reference says.") from error
        return Reply.of(told.manifest, told.payload)

    return handle


def notes_in(log: Log, clock: Callable[[], datetime] = utc_now) -> Note:
    """What transport refuses, in the node's own log: by whom where that is known, and with which code."""

    def note(signature: Signature | None, refused: Refused) -> None:
        log.append(
            Entry(
                at=moment(clock()),
                actor=f"org:{signature.organisation}" if signature else "unknown",
                role="peer" if signature else "unknown",
                action="refused",
                object=object_of(signature.agreement) if signature else "message",
                purpose="none",
                detail={"why": refused.code} | ({"request": signature.request_id} if signature else {}),
            )
        )

    return note
