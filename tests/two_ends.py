"""Two ends of one agreement, each with a log of its own, without a network between them."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nodes
from agreements import CONTENT, KEYS, signed
from answered import KEY, a_request, a_school, mutated
from tsunagu.errors import SourceError, TsunaguError
from tsunagu.purposes.agreement import SharingAgreement
from tsunagu.purposes.canonical import canonical
from tsunagu.purposes.request import DataRequest, read_request
from tsunagu_node.answering import Handler, Verified
from tsunagu_node.inquiry import Inquiry
from tsunagu_node.log import Log
from tsunagu_node.office import Office
from tsunagu_node.opening import Answered
from tsunagu_node.refusals import of_error, read_refusal
from tsunagu_node.replying import replies_of

NOON = dt.datetime(2026, 10, 1, 3, 0, tzinfo=dt.UTC)  # in Japan


@dataclass
class Between:
    """What carries a request and what comes back, without a network; refusals as they are written on the wire."""

    handler: Handler
    folder: Path

    def clock(self) -> dt.datetime:
        return NOON

    def ask(self, holder: str, agreement: str, request_id: str, body: bytes) -> Answered:
        signature = nodes.a_signature(organisation=CONTENT["requester"], agreement=agreement, request_id=request_id)
        verified = Verified(
            CONTENT["requester"], agreement, request_id, body, NOON, signature, "POST", "https://h/answers"
        )
        try:
            reply = self.handler(verified)
        except TsunaguError as error:
            refused = of_error(error)
            raise read_refusal(refused.body(), status=refused.status, where=holder, proved=True) from error
        payload = self.folder / "arrived"
        payload.write_bytes(b"".join(reply.payload))
        return Answered(reply.manifest, payload, reply.size, nodes.a_signature(organisation=holder))


@dataclass
class Ends:
    agreement: SharingAgreement
    holder: Log
    centre: Log
    inquiry: Inquiry

    def last(self, log: Log, before: int) -> dict[str, Any]:
        found: dict[str, Any] = [json.loads(row.body) for row in log.rows(before)][-1]
        return found


@contextlib.contextmanager
def two_ends(folder: Path) -> Iterator[Ends]:
    """A holder who answers, and a centre that asks."""
    agreement = signed()
    holder, centre = Log(folder / "holder.sqlite3", b"s" * 64), Log(folder / "centre.sqlite3", b"r" * 64)
    office = Office(lambda: {agreement.id: agreement}, lambda _: KEYS, a_school(), lambda _: KEY, holder)
    between: Any = Between(replies_of(office), folder)
    yield Ends(agreement, holder, centre, Inquiry(between, centre))
    holder.close()
    centre.close()


def readable(agreement: SharingAgreement, seed: int) -> Iterator[DataRequest]:
    """Changed requests that can still be read, each under an id of its own; the first and each fiftieth is right."""
    draw, number = random.Random(seed), 0
    while True:
        with suppress(SourceError, TypeError):
            number += 1
            if number % 50 == 1:
                yield a_request(agreement, id=f"{number:032x}")
                continue
            yield replace(read_request(canonical(mutated(agreement, draw))), id=f"{number:032x}")
