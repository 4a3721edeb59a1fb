"""Requests that were changed at random: what the holder's log says of each, the requester's says too."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

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
SAME = {"answered": "received", "answered_again": "received"}


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


@pytest.fixture
def ends(tmp_path: Path) -> Iterator[Ends]:
    agreement = signed()
    holder, centre = Log(tmp_path / "holder.sqlite3", b"s" * 64), Log(tmp_path / "centre.sqlite3", b"r" * 64)
    office = Office(lambda: {agreement.id: agreement}, lambda _: KEYS, a_school(), lambda _: KEY, holder)
    between: Any = Between(replies_of(office), tmp_path)
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


def test_of_changed_requests_every_end_stands_in_both_logs(ends: Ends) -> None:
    counted = Counter[str]()
    requests = readable(ends.agreement, 7)
    for _ in range(600):
        before = ends.holder.head().rows, ends.centre.head().rows
        with suppress(TsunaguError):
            ends.inquiry.ask(ends.agreement, next(requests))
        holder, centre = ends.last(ends.holder, before[0]), ends.last(ends.centre, before[1])
        assert centre["action"] == SAME.get(holder["action"], "refused")
        assert centre["detail"].get("why") == holder["detail"].get("why")
        assert centre["detail"]["request"] == holder["detail"]["request"]
        counted[holder["detail"].get("why", holder["action"])] += 1
    assert {"answered", "answered_again", "another_version", "another_party", "nothing_agreed"} <= counted.keys()
    assert counted["answered"] == 1


def test_control_a_refusal_that_the_requester_does_not_log_is_seen(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tsunagu_node.inquiry._why", lambda _error: {"why": "failed", "proved": "no"})
    with pytest.raises(AssertionError):
        test_of_changed_requests_every_end_stands_in_both_logs(ends)
