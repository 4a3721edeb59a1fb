"""One pair as its page shows it: a row for each field, both sides in pieces, and a word for each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tsunagu_web.cases import days
from tsunagu_web.cases.words import Words, holder_name
from tsunagu_web.link_review.marking import Compared, compare
from tsunagu_web.link_review.models import LinkDecision, LinkPair, Verdict
from tsunagu_web.link_review.queries import Opened

WORDS: Mapping[str, Promise] = {
    "agrees": _("agrees"),
    "other_form": _("agrees in other forms of the characters"),
    "differs": _("differs"),
    "not_known": _("not known"),
}
FIELDS: Mapping[str, Promise] = {
    "surname": _("Family name"),
    "given": _("Given name"),
    "birth": _("Birth date"),
    "sex": _("Sex"),
    "address": _("Address"),
    "guardian": _("Guardian"),
    "resident_no": _("Resident number"),
    "login_id": _("Login"),
    "seat": _("Seat in class"),
    "own_number": _("The department's own number"),
}
_SEXES: Mapping[str, Promise] = {"1": _("male"), "2": _("female")}


# In which rows of the table the comparison's fields stand.
_ROWS_OF: Mapping[str, tuple[str, ...]] = {
    "surname": ("name", "kana"),
    "given": ("name", "kana"),
    "birth": ("birth_date",),
    "sex": ("sex",),
}


@dataclass(frozen=True)
class FieldRow:
    """One field of both records; key: the record's own name of it."""

    name: Promise
    compared: Compared
    key: str

    @property
    def word(self) -> Promise:
        return WORDS[self.compared.word]


def rows_of(opened: Opened) -> list[FieldRow]:
    """The fields that both records can say something of; one that neither says is left out."""
    left, right = opened.side("left"), opened.side("right")
    rows = [
        FieldRow(name, compare(text(left), text(right)), key)
        for key, name, text in (
            ("name", _("Name"), lambda side: side["name"]),
            ("kana", _("Reading"), lambda side: side["kana"]),
            ("alias", _("Second name"), lambda side: side["alias"]),
            ("birth_date", _("Birth date"), lambda side: _day(side["birth_date"])),
            ("sex", _("Sex"), lambda side: str(_SEXES[side["sex"]]) if side["sex"] in _SEXES else None),
            ("school_name", _("School"), lambda side: side["school_name"]),
            ("grade", _("Grade"), lambda side: days.grade_words(side["grade"]) if side["grade"] is not None else None),
        )
    ]
    return [row for row in rows if row.compared.left or row.compared.right]


def unlike_the_table(opened: Opened, rows: Sequence[FieldRow]) -> list[Promise | str]:
    """Fields of which the comparison says other than the table.

    The linkage compares all records of both persons and takes the best of them, and a name that reads alike or a day
    with one wrong digit does not differ for it; the table sets one record beside one other, as written.
    """
    words = {row.key: row.compared.word for row in rows}
    agrees = {f for f in opened.agrees if f in _ROWS_OF and not _stands(words, f, "agrees", "other_form")}
    differs = {f for f in opened.differs if f in _ROWS_OF and not _stands(words, f, "differs")}
    return _names([field for field in FIELDS if field in agrees | differs])


def _stands(words: Mapping[str, str], field: str, *said: str) -> bool:
    return any(words.get(row) in said for row in _ROWS_OF[field])


@dataclass(frozen=True)
class Listed:
    """One pair in words, without anybody's name. children: ids of its persons whose page the viewer may open."""

    pair: LinkPair
    holders: tuple[str, str]
    agrees: list[Promise | str]
    differs: list[Promise | str]
    children: list[str]


def listed_rows(found: Sequence[Opened], words: Words, children: Mapping[str, list[str]]) -> list[Listed]:
    return [
        Listed(
            opened.pair,
            (holder_name(words, opened.holders[0]), holder_name(words, opened.holders[1])),
            _names(opened.agrees),
            _names(opened.differs),
            children.get(opened.pair.pair, []),
        )
        for opened in found
    ]


def standing(pair: LinkPair, history: Sequence[LinkDecision]) -> LinkDecision | None:
    """The decision that holds of the pair as it now stands; None while it is open."""
    last = history[0] if history else None
    is_open = last is None or last.verdict == Verdict.TAKEN_BACK or last.content != pair.content
    return None if is_open else last


def _names(fields: Sequence[str]) -> list[Promise | str]:
    return [FIELDS.get(field, field) for field in fields]


def _day(written: str | None) -> str | None:
    return days.long_day(dt.date.fromisoformat(written)) if written else None
