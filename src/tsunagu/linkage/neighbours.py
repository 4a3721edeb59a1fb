"""Values near a value, so that nearness can be seen by equality: what stands in for edit distance over tokens.

Two values are near when one's `own` meets the other's `own` or `moved`. `own` is the value, and the value with a sign
left open (a substitution); `moved` is the value with signs taken away or changed about (what was left out, added or
written in another order). For readings only those are kept whose Jaro-Winkler similarity, sign by sign, is above the
limit of the clear text.
"""

# ruff: noqa: S608 - every text is built from this package's own constants, never from data

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import pyarrow as pa

from tsunagu.engines.duck import Workbench
from tsunagu.linkage.compare import NEAR, NEAR_LATIN
from tsunagu.text.variants import WILDCARD

# Stands in no name: a sign that was left open.
_OPEN = "\x7f"
# The engine's similarity counts bytes, of which a kana has three, two of them nearly always the same. Here a sign of a
# reading is one byte, so that similarity is of signs.
_ONE_BYTE = {0x30A1 + i: 0x20 + i for i in range(0x5F)}
_DAYS_PER_YEAR = 365.25
#: Values and what is near them: value -> (own, moved).
Near = dict[str, tuple[list[str], list[str]]]


@dataclass(frozen=True)
class Kind:
    """One kind of nearness.

    column  column of keyed_forms whose values have neighbours (of keyed_signatures for an age)
    own     how many tokens `own` always has; `moved` likewise
    """

    column: str
    own: int
    moved: int


#: Lengths are such that few names have more neighbours; what is beyond them is left out.
KINDS = {
    "surname_kana": Kind("surname_kana", 10, 64),
    "given_kana": Kind("given_kana", 10, 64),
    "latin": Kind("latin", 32, 64),
    "surname_slip": Kind("surname", 6, 0),
    "given_slip": Kind("given", 6, 0),
    "surname_unread": Kind("surname", 1, 15),
    "given_unread": Kind("given", 1, 15),
    "birth_slip": Kind("birth", 8, 0),
    "birth_parts": Kind("birth", 3, 1),
    "age": Kind("age", 52, 0),
}


def neighbours(bench: Workbench, kind: str, values: Sequence[str]) -> Near:
    """What is near each value of one kind; births as YYYYMMDD, ages as `years|YYYY-MM-DD`."""
    if kind in ("surname_kana", "given_kana", "latin"):
        return _similar(bench, values, NEAR_LATIN if kind == "latin" else NEAR)
    ways = {"slip": _slips, "unread": _unread, "parts": _parts_of_birth, "age": _months_of_age}
    of = ways["slip" if kind == "birth_slip" else kind.rpartition("_")[2]]
    return {value: of(value) for value in values}


def heads(value: str) -> list[str]:
    """Every beginning of a value, itself as well."""
    return [value[: size + 1] for size in range(len(value))]


def _similar(bench: Workbench, values: Sequence[str], above: float) -> Near:
    """Readings and names in Latin letters, by the similarity that the table engine itself computes."""
    rows = [
        (value, other, value.translate(_ONE_BYTE), other.translate(_ONE_BYTE), is_own, place)
        for value in values
        for is_own, others in ((True, _opened(value)), (False, _moved(value)))
        for place, other in enumerate(dict.fromkeys(others))
    ]
    names = ("value", "other", "one_byte", "other_one_byte", "is_own", "place")
    kinds = (*[pa.string()] * 4, pa.bool_(), pa.int32())
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    table = {name: pa.array(c, kind) for name, c, kind in zip(names, columns, kinds, strict=True)}
    bench.put("possible_neighbours", pa.table(table))
    near: Near = {value: ([value], []) for value in values}
    for value, other, is_own in bench.rows(
        "SELECT value, other, is_own FROM possible_neighbours"
        f" WHERE jaro_winkler_similarity(one_byte, other_one_byte) > {above!r} ORDER BY value, is_own, place"
    ):
        near[str(value)][0 if is_own else 1].append(str(other))
    bench.run("DROP TABLE possible_neighbours")
    return near


def _opened(value: str) -> list[str]:
    return [value[:i] + _OPEN + value[i + 1 :] for i in range(len(value))]


def _shortened(value: str) -> list[str]:
    return [value[:i] + value[i + 1 :] for i in range(len(value))]


def _moved(value: str) -> Iterable[str]:
    """The commonest slips first, since what is beyond a row's length is left out."""
    shorter = _shortened(value)
    yield from shorter
    yield from (value[:i] + value[i + 1] + value[i] + value[i + 2 :] for i in range(len(value) - 1))
    yield from heads(value)[:-1]
    for once in shorter:
        yield from _shortened(once)
    for once in shorter:
        yield from _opened(once)


def _slips(value: str) -> tuple[list[str], list[str]]:
    """One sign left open; of a single sign nothing would be left."""
    return (_opened(value) if len(value) > 1 else []), []


def _unread(value: str) -> tuple[list[str], list[str]]:
    """A value with signs nobody could read meets every value that it may be."""
    places = range(len(value))
    most = len(value) if len(value) <= 4 else 1
    masks = [
        "".join(WILDCARD if i in open_ else sign for i, sign in enumerate(value))
        for size in range(1, most + 1)
        for open_ in combinations(places, size)
    ]
    return ([value] if WILDCARD in value else []), list(dict.fromkeys(masks))


def _parts_of_birth(birth: str) -> tuple[list[str], list[str]]:
    """Two of year, month and day; and the date with month and day changed about."""
    year, month, day = birth[:4], birth[4:6], birth[6:]
    return [f"{year}-{month}", f"{year}..{day}", f"{month}-{day}"], [year + day + month]


def _months_of_age(age: str) -> tuple[list[str], list[str]]:
    """The months of birth that fit an age as written, which may be a year off, as people speak."""
    years, _, written = age.partition("|")
    on = dt.date.fromisoformat(written)
    first = on - dt.timedelta(days=int((int(years) + 2.5) * _DAYS_PER_YEAR))
    last = on - dt.timedelta(days=int((int(years) - 1.5) * _DAYS_PER_YEAR))
    begin, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    return [f"{m // 12:04}-{m % 12 + 1:02}" for m in range(begin, end + 1)], []
