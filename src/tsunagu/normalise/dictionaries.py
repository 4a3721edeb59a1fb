"""Distinct values folded once: a dictionary table from the written value to its compared forms.

A delivery repeats the same name every month; folding distinct values in Python and joining the dictionary back in
the table engine is two orders of magnitude cheaper than folding rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass

import pyarrow as pa

from tsunagu.normalise.addresses import fold_address
from tsunagu.normalise.names import Name, fold_name, split_name
from tsunagu.text.kana import is_kana, kana_key, katakana, sound_of_key

NAME_DICTIONARY = pa.schema(
    [
        ("written", pa.string()),
        ("name_key", pa.string()),
        ("surname", pa.string()),
        ("given", pa.string()),
        ("script", pa.string()),
        ("name_kana", pa.string()),
        ("name_sound", pa.string()),
        ("surname_kana", pa.string()),
        ("given_kana", pa.string()),
        ("surname_sound", pa.string()),
        ("given_sound", pa.string()),
        ("is_partial", pa.bool_()),
        ("order_sex", pa.string()),
        ("birth_order", pa.int32()),
    ]
)
KANA_DICTIONARY = pa.schema(
    [
        ("written", pa.string()),
        ("kana_key", pa.string()),
        ("surname_kana", pa.string()),
        ("given_kana", pa.string()),
        ("sound", pa.string()),
        ("surname_sound", pa.string()),
        ("given_sound", pa.string()),
    ]
)
ADDRESS_DICTIONARY = pa.schema(
    [("written", pa.string()), ("address_key", pa.string()), ("town", pa.string()), ("numbers", pa.string())]
)


@dataclass(frozen=True)
class Surnames:
    """Surname keys that are known from elsewhere: in kanji, and readings in kana.

    Only asked whether they hold one, so that they may be known without being readable.
    """

    kanji: Container[str] = ()
    kana: Container[str] = ()


NONE_ELSEWHERE = Surnames()


def name_dictionary(written: Iterable[str], elsewhere: Container[str] = ()) -> pa.Table:
    """NAME_DICTIONARY of distinct written names; empty keys are null.

    surname and given hold kanji only; a part written in kana stands in surname_kana or given_kana, and a name in
    Latin letters in name_key alone.
    Names written without a space are split by the surnames that occur with a space in the same values, or that
    are known from `elsewhere`.
    """
    values = sorted(set(written))
    names = [fold_name(v) for v in values]
    seen = Counter(n.surname for n in names if n.surname and n.given and n.script == "kanji")
    names = [split_name(n, _Either(seen, elsewhere)) for n in names]
    rows = [_name_row(n) for n in names]
    columns = list(zip(*rows, strict=True)) if rows else [()] * (len(NAME_DICTIONARY) - 1)
    return pa.table([values, *columns], schema=NAME_DICTIONARY)


def kana_dictionary(written: Iterable[str], surnames: Iterable[str] = (), elsewhere: Container[str] = ()) -> pa.Table:
    """KANA_DICTIONARY of distinct written readings; empty keys are null.

    surnames   kana keys of surnames known from names; with those written with a space here, and those known from
               `elsewhere`, they split readings that were written without one
    """
    values = sorted(set(written))
    forms = [katakana(v) for v in values]
    here = {kana_key(f.partition(" ")[0]) for f in forms if " " in f} | set(surnames)
    known = _Either(here, elsewhere)
    remembered: dict[str, tuple[str | None, ...]] = {}
    rows: list[tuple[str | None, ...]] = []
    for form in forms:
        row = remembered.get(form)
        if row is None:
            row = remembered[form] = _kana_row(form, known)
        rows.append(row)
    columns = list(zip(*rows, strict=True)) if rows else [()] * 6
    return pa.table([values, *columns], schema=KANA_DICTIONARY)


def address_dictionary(written: Iterable[str], municipality: str = "") -> pa.Table:
    """ADDRESS_DICTIONARY of distinct written addresses; empty keys are null."""
    values = sorted(set(written))
    folded = [fold_address(v, municipality) for v in values]
    return pa.table(
        [
            values,
            [a.key or None for a in folded],
            [a.town or None for a in folded],
            [a.numbers or None for a in folded],
        ],
        schema=ADDRESS_DICTIONARY,
    )


@dataclass(frozen=True)
class _Either:
    """What one of two holds."""

    one: Container[str]
    other: Container[str]

    def __contains__(self, key: object) -> bool:
        return key in self.one or key in self.other


def _split_kana(key: str, known: Container[str]) -> tuple[str, str]:
    for size in range(min(len(key) - 2, 8), 1, -1):
        if key[:size] in known:
            return key[:size], key[size:]
    return "", ""


def _kana_row(form: str, known: Container[str]) -> tuple[str | None, ...]:
    words = [kana_key(p) for p in form.split(" ") if p]
    key = "".join(words)
    surname, given = (words[0], "".join(words[1:])) if len(words) > 1 else _split_kana(key, known)
    sounds = (sound_of_key(key), sound_of_key(surname), sound_of_key(given))
    return (key or None, surname or None, given or None, *(s or None for s in sounds))


def _name_row(name: Name) -> tuple[str | bool | int | None, ...]:
    """One row of NAME_DICTIONARY less the written value; a part in kana is a reading, whatever the other part is."""
    key, surname, given, script, sound, is_partial, order_sex, birth_order = name
    surname_kana = surname if surname and script != "latin" and is_kana(surname) else None
    given_kana = given if given and script != "latin" and is_kana(given) else None
    return (
        key or None,
        surname if script == "kanji" and surname and not surname_kana else None,
        given if script == "kanji" and given and not given_kana else None,
        script,
        sound or None,
        sound_of_key(sound) if sound else None,
        surname_kana,
        given_kana,
        sound_of_key(surname_kana) if surname_kana else None,
        sound_of_key(given_kana) if given_kana else None,
        is_partial,
        order_sex or None,
        birth_order,
    )
