"""Requests that were changed at random: what the holder's log says of each, the requester's says too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tsunagu.errors import TsunaguError
from two_ends import Ends, readable, two_ends

SAME = {"answered": "received", "answered_again": "received"}


@pytest.fixture
def ends(tmp_path: Path) -> Iterator[Ends]:
    with two_ends(tmp_path) as made:
        yield made


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
