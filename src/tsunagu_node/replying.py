"""From a verified request to a reply: the one place in which something becomes a reply.

What is replied is what the office told, and the office tells what passed the gate, now or when it was asked before.
"""

from __future__ import annotations

from tsunagu_node.answering import Handler, Reply, Verified
from tsunagu_node.log import Evidence
from tsunagu_node.office import Office, Sent, Unreadable
from tsunagu_node.refusals import Refused


def replies_of(office: Office) -> Handler:
    """The function that transport asks: an office's answers, with the request's signature kept as evidence."""

    def handle(verified: Verified) -> Reply:
        signature = verified.signature
        evidence = Evidence(verified.method, verified.url, verified.body, signature.inputs, signature.value)
        sent = Sent(verified.sender, verified.agreement, verified.request_id, verified.body, verified.at, evidence)
        try:
            told = office.handle(sent)
        except Unreadable as error:
            raise Refused("malformed", error.what, to_do="Write the request as the reference says.") from error
        return Reply.of(told.manifest, told.payload)

    return handle
