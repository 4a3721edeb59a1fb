"""Whatever somebody with full rights does to a log: signed heads name the row; without them some goes unseen."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from audit_logs import ACTS, KEY, a_log, heads_of, rolled_back, tampering
from tsunagu.audit.chain import head_of
from tsunagu.audit.heads import sound_heads
from tsunagu.audit.verify import Fault, verify

QUICK, DEEP = 60, 1_000


def _named(faults: tuple[Fault, ...]) -> list[tuple[int, str, int]]:
    return [(fault.row, fault.kind, fault.rows) for fault in faults]


def _each_act_is_named_by_its_row(times: int) -> Counter[str]:
    dice = Random(20261125)
    done: Counter[str] = Counter()
    for _ in range(times):
        log = a_log(dice.randint(3, 150))
        ends = sorted(dice.sample(range(2, len(log) + 1), dice.randint(1, min(6, len(log) - 1))))
        heads, faults = sound_heads(heads_of(log, *ends), KEY.public_key())
        assert faults == []
        assert verify(log, heads=heads).is_whole
        act = tampering(dice, log, ends[-1])
        named = _named(verify(act.log, heads=heads).faults)
        if act.name == "re-chained without a row" and act.named[0][0] in ends:
            # The next row moved up into the last place under a head, and was written after it: so does a fork look.
            named = [(row, kind.replace("forked", "rewritten"), rows) for row, kind, rows in named]
        assert named == act.named, act.name
        assert verify(act.log).is_whole == act.unseen, f"{act.name}: the control without heads"
        done[act.name] += 1
    return done


def test_each_act_is_named_by_its_row() -> None:
    assert sum(_each_act_is_named_by_its_row(QUICK).values()) == QUICK


@pytest.mark.deep
def test_each_of_a_thousand_acts_is_named_by_its_row() -> None:
    done = _each_act_is_named_by_its_row(DEEP)
    assert len(done) == len(ACTS)
    assert min(done.values()) > DEEP // len(ACTS) // 2


def test_everything_put_back_is_named_by_a_head_kept_elsewhere() -> None:
    dice = Random(7)
    for _ in range(QUICK):
        log = a_log(dice.randint(5, 80))
        ends = sorted(dice.sample(range(1, len(log) + 1), 3))
        heads = heads_of(log, *ends)
        keep = dice.randint(1, 2)
        older, fewer = rolled_back(log, heads, keep)
        assert verify(older, heads=fewer).is_whole, "the control: nothing on this machine shows it"
        named = verify(older, head_of(log[ends[2] - 1]), fewer).faults
        gone = ends[2] - ends[keep - 1]
        first = ends[keep - 1] + 1
        assert named == (Fault(first, "rolled_back", gone, "head"), Fault(first, "rolled_back", gone))
