"""Judges a stretch of rows that do not simply follow each other: which are genuine, and what happened to the others.

Every row names the hash of the one before. So the row after the stretch says which row is the genuine one before it,
and so on backwards; where a signed head covers a row, its print says it directly.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from tsunagu.audit.chain import Head
from tsunagu.audit.claims import Claim
from tsunagu.audit.truth import Truth


@dataclass
class Found:
    """What is known of the stretch.

    faults     (row, kind, how many rows), without the rows of `late`
    late       intact rows that do not belong here: put in, or moved from far away
    place_of   for each of those, by identity, the number at which it stands
    wanted     hashes that rows which are missing must have, where it is known
    end        the last row of the stretch that the next one must follow; None when nothing in it can be followed
    shift      by how much the stored numbers differ at the end
    is_astray  the stretch ends on rows that are whole in themselves, but not the ones of the heads
    """

    faults: list[tuple[int, str, int]] = field(default_factory=list)
    late: list[Claim] = field(default_factory=list)
    place_of: dict[int, int] = field(default_factory=dict)
    wanted: dict[int, str] = field(default_factory=dict)
    end: Head | None = None
    shift: int = 0
    is_astray: bool = False


def judge(rows: list[Claim], start: Head, truth: Truth, *, shift: int, is_end: bool) -> Found:
    """What happened in these rows, which come after `start`.

    is_end  the log ends with them; otherwise they end with rows that follow each other again
    """
    found = Found(shift=shift)
    genuine, wanted = _genuine(rows, start, truth)
    last = max((claim.number for claim in genuine.values()), default=start.rows)
    if not is_end:
        last = max(last, rows[-1].number)
    missing = _gaps({claim.number for claim in genuine.values()}, start.rows + 1, last)
    changed, surplus = _pair(rows, genuine, missing, shift, is_end=is_end, end=last)
    _judge_order(rows, genuine, found, start)
    _judge_changed(rows, changed, truth, found)
    _judge_surplus(rows, genuine, surplus, found, start)
    gone = [part for first, end in missing for part in _gaps({n for n in changed if first <= n <= end}, first, end)]
    found.faults += [(first, "removed", end - first + 1) for first, end in gone]
    found.wanted = {number: name for number, name in wanted.items() if _is_in(number, gone)}
    _judge_numbers(rows, genuine, found, sum(end - first + 1 for first, end in gone), shift)
    found.faults.sort(key=lambda fault: fault[0])
    _find_end(rows, genuine, changed, truth, found, max([last, *changed]))
    return found


def _genuine(rows: list[Claim], start: Head, truth: Truth) -> tuple[dict[int, Claim], dict[int, str]]:
    """The rows that are what was written, by identity; and the hash that each row must have, where it is known."""
    intact = [claim for claim in rows if claim.is_intact and claim.number > start.rows]
    by_hash = {claim.hash: claim for claim in intact}
    genuine = {id(claim): claim for claim in intact if truth.agrees(claim.number, claim.hash)}
    wanted: dict[int, str] = {}
    # Beyond the heads: from the last row backwards along what each names as the one before.
    open_rows = _plausible([claim for claim in intact if truth.print_of(claim.number) is None], start)
    place = {id(claim): n for n, claim in enumerate(rows)}
    below = max((claim.number for claim in open_rows), default=0) + 1
    while True:
        # What a genuine row names as the one before it is known: another row of that number is a forged one.
        anchors = [c for c in open_rows if c.number < below and wanted.get(c.number, c.hash) == c.hash]
        if not anchors:
            break
        claim = max(anchors, key=lambda c: (c.number, _depth(c, by_hash, start), place[id(c)]))
        step: Claim | None = claim
        while step is not None and truth.print_of(step.number) is None and step.number > start.rows:
            genuine[id(step)] = step
            below = step.number
            wanted[step.number - 1] = step.previous
            former = by_hash.get(step.previous)
            step = former if former is not None and former.number == step.number - 1 else None
    for claim in genuine.values():
        wanted.setdefault(claim.number - 1, claim.previous)
    return genuine, wanted


def _plausible(rows: list[Claim], start: Head) -> list[Claim]:
    """Without a row of a high number that belongs to less than what comes after it: it was put in, others not taken."""
    by_hash = {claim.hash: claim for claim in rows}
    leader: dict[str, str] = {claim.hash: claim.hash for claim in rows}

    def first(name: str) -> str:
        while leader[name] != name:
            leader[name] = name = leader[leader[name]]
        return name

    for claim in rows:
        former = by_hash.get(claim.previous)
        if former is not None and former.number == claim.number - 1:
            leader[first(claim.hash)] = first(former.hash)
    reach: dict[str, int] = {}
    for claim in rows:
        name = first(claim.hash)
        reach[name] = reach.get(name, 0) + 1 + (len(rows) if claim.previous == start.hash else 0)
    kept: list[Claim] = []
    strongest: dict[str, int] = {}  # of what comes later in the log: the least number of each group
    for claim in reversed(rows):
        mine = first(claim.hash)
        if not any(n < claim.number and reach[name] > reach[mine] for name, n in strongest.items()):
            kept.append(claim)
            strongest[mine] = min(claim.number, strongest.get(mine, claim.number))
    return kept[::-1]


def _depth(claim: Claim, by_hash: dict[str, Claim], start: Head) -> int:
    """How far the chain goes back from a row inside the stretch; reaching its start counts most."""
    depth = 0
    step: Claim | None = claim
    while step is not None and depth < 64:
        depth += 1
        if step.previous == start.hash:
            return depth + 64
        former = by_hash.get(step.previous)
        step = former if former is not None and former.number == step.number - 1 else None
    return depth


def _pair(
    rows: list[Claim],
    genuine: dict[int, Claim],
    missing: list[tuple[int, int]],
    shift: int,
    *,
    is_end: bool,
    end: int,
) -> tuple[dict[int, Claim], list[Claim]]:
    """Rows that are not genuine: those that stand for a missing row (by its number), and those beyond."""
    changed: dict[int, Claim] = {}
    surplus: list[Claim] = []
    following = end
    for claim in rows:
        if id(claim) in genuine:
            continue
        numbers = [claim.number, claim.stored - shift, claim.stored]
        if not claim.is_intact:
            numbers = [claim.stored - shift, claim.stored, claim.number]
        number = next((n for n in numbers if n not in changed and _is_in(n, missing)), None)
        if number is None and is_end and numbers[0] == following + 1:
            number = following = following + 1  # the last rows of the log, edited: no genuine one comes after them
        if number is None:
            surplus.append(claim)
        else:
            changed[number] = claim
    return changed, surplus


def _judge_order(rows: list[Claim], genuine: dict[int, Claim], found: Found, start: Head) -> None:
    highest = start.rows
    for claim in rows:
        if id(claim) not in genuine:
            continue
        if claim.number < highest:
            found.faults.append((claim.number, "reordered", 1))
        highest = max(highest, claim.number)


def _judge_changed(rows: list[Claim], changed: dict[int, Claim], truth: Truth, found: Found) -> None:
    """Edited, or re-chained: rows that follow each other, and that only the heads' prints show."""
    after = {id(a): b for a, b in pairwise(rows)}
    before = {id(b): a for a, b in pairwise(rows)}
    stretch: list[Claim] = []
    for number in sorted(changed):
        claim = changed[number]
        former, later = before.get(id(claim)), after.get(id(claim))
        is_linked = claim.is_intact and (former is None or claim.previous == former.hash)
        goes_on = later is None or later.previous == claim.hash
        if stretch and stretch[-1] is former and is_linked:
            row, kind, count = found.faults[-1]
            found.faults[-1] = (row, kind, count + 1)
        elif is_linked and goes_on and truth.print_of(number) is not None:
            kind = "forked" if claim.at > truth.signed_at(number) else "rewritten"
            found.faults.append((number, kind, 1))
        else:
            found.faults.append((number, "edited", 1))
            stretch = []
            continue
        stretch.append(claim)


def _judge_surplus(
    rows: list[Claim], genuine: dict[int, Claim], surplus: list[Claim], found: Found, start: Head
) -> None:
    here = start.rows
    extra = {id(claim) for claim in surplus}
    for claim in rows:
        if id(claim) in genuine:
            here = max(here, claim.number)
        elif id(claim) in extra:
            # A forged row with a number of its own takes that number; else it is told by where it stands.
            place = claim.number if claim.number in (here, here + 1) else here + 1
            if claim.is_intact:
                found.late.append(claim)
                found.place_of[id(claim)] = place
            else:
                found.faults.append((place, "inserted", 1))


def _judge_numbers(rows: list[Claim], genuine: dict[int, Claim], found: Found, gone: int, shift: int) -> None:
    """A genuine row's stored number is its own, or moved with the rows that were taken out or put in before it."""
    moved = any(kind == "reordered" for _row, kind, _count in found.faults)
    put_in = len(rows) - len(genuine)
    for claim in rows:
        if id(claim) not in genuine:
            continue
        difference = claim.stored - claim.number
        is_moved = -gone - put_in <= difference - shift <= put_in and (gone or put_in)
        if difference in (found.shift, 0) or is_moved:
            found.shift = difference
        elif not moved:
            found.faults.append((claim.number, "edited", 1))


def _find_end(
    rows: list[Claim],
    genuine: dict[int, Claim],
    changed: dict[int, Claim],
    truth: Truth,
    found: Found,
    last: int,
) -> None:
    tail = rows[-1]
    if id(tail) in genuine or tail in changed.values():
        found.end = Head(max(tail.number, last) if tail.is_intact else last, tail.hash)
        found.is_astray = tail.is_intact and truth.agrees(tail.number, tail.hash) is False
        if found.is_astray:
            found.shift = tail.stored - tail.number
    else:
        found.end = Head(last, tail.hash)


def _gaps(present: set[int], first: int, last: int) -> list[tuple[int, int]]:
    """The numbers from `first` to `last` that are not present, as stretches: a forged number may be very large."""
    gaps: list[tuple[int, int]] = []
    for number in [*sorted(n for n in present if first <= n <= last), last + 1]:
        if number > first:
            gaps.append((first, number - 1))
        first = number + 1
    return gaps


def _is_in(number: int, stretches: list[tuple[int, int]]) -> bool:
    return any(first <= number <= end for first, end in stretches)
