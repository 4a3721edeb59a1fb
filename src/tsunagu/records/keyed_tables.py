"""Tables by which the holders of a link group are linked: tokens in place of everything that is written.

They go to the register's holder alone. A record is named by a number that means nothing outside its holder.
"""

from __future__ import annotations

import pyarrow as pa

from tsunagu.records.answer_tables import TOKEN
from tsunagu.records.shapes import TEXT, WHOLE, YES_NO, Column, TableShape

_NUMBER = Column("number", WHOLE, "which identity of this holder; 0-based, in the order of a keyed hash")
_NOT_SAID = "the records do not say"


def _tokens(**meanings: str) -> tuple[Column, ...]:
    return tuple(Column(name, TOKEN, f"token of {meaning}", null=_NOT_SAID) for name, meaning in meanings.items())


KEYED_SIGNATURES = TableShape(
    name="keyed_signatures",
    row="identity that a holder's records carry: a month of rows that say the same is one",
    columns=(
        _NUMBER,
        *_tokens(
            resident_no="宛名番号",
            household_no="世帯番号 of the residents' register",
            pupil_no="児童生徒番号",
            login_id="ログインID",
            local_no="the holder's own number",
            own_key="the record key less its year; the token of 宛名番号 where it is that",
            seat="school, year, class and number in class together",
            school="the school code",
            fiscal_year="the fiscal year",
            grade="the grade",
            birth_date="the birth date",
            age="an age and the day it was written down, together",
            guardian_resident_no="宛名番号 of the guardian",
            guardian_birth_date="the guardian's birth date",
        ),
        Column("is_named", YES_NO, "whether a name is written"),
        Column("place", WHOLE, "place among the identities of one number of this holder, the commonest first; 0-based"),
    ),
    order=("number",),
)

KEYED_FORMS = TableShape(
    name="keyed_forms",
    row="identity and name by which it is compared; an alias and a second guardian give further rows",
    columns=(
        _NUMBER,
        *_tokens(
            name_key="the whole name",
            latin="the whole name in Latin letters",
            surname="the surname in kanji",
            given="the given name in kanji",
            kana_key="the whole reading",
            surname_kana="the surname's reading",
            given_kana="the given name's reading",
            sound="how the whole name sounds",
            surname_sound="how the surname sounds",
            given_sound="how the given name sounds",
            birth="the birth date",
            sex="the sex",
            address_key="town and house numbers",
            numbers="house numbers, where they are long enough to tell houses apart",
            town="the town",
            guardian="the guardian's whole name",
            guardian_given="the guardian's given name",
            order_sex="the sex that 「長男」 tells",
            birth_order="the place that 「長男」 tells",
        ),
        Column("is_partial", YES_NO, "a pet name, a surname with 「長男」, or one part only"),
    ),
    order=("number", "name_key", "kana_key", "surname", "given", "guardian"),
)

KEYED_NEIGHBOURS = TableShape(
    name="keyed_neighbours",
    row="value of one kind, and the values near it; every row of a kind has as many tokens as any other",
    columns=(
        Column("kind", TEXT, "linkage.neighbours.KINDS"),
        Column("value", TOKEN, "token of the value"),
        Column("own", pa.list_(TOKEN), "the value with signs left open; filled up with tokens of nothing"),
        Column("moved", pa.list_(TOKEN), "the value with signs taken away or changed about; filled up likewise"),
    ),
    order=("kind", "value"),
)

KEYED_SENT = TableShape(
    name="keyed_sent",
    row="an extract as it was sent to be linked: the one row says which",
    columns=(Column("sha256", TEXT, "hash of the tables that were sent, of which what was found is the answer"),),
    order=("sha256",),
)

KEYED_ANSWERS = TableShape(
    name="keyed_answers",
    row="identity of a holder: whether it is a person of the register",
    columns=(
        _NUMBER,
        Column("state", TEXT, "linked | doubtful | not_found"),
        Column("link_id", TEXT, "link id of the person", null="not linked"),
    ),
    order=("number",),
)
