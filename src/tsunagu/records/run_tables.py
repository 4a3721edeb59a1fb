"""Tables of a run folder: the only thing between pipeline and desk."""

from __future__ import annotations

import pyarrow as pa

from tsunagu.records.shapes import BITS, DAY, NUMBER, TEXT, WHOLE, YES_NO, Column, TableShape
from tsunagu.records.stage_tables import PERSONS, QUARANTINE, REVIEW

RECORDS = TableShape(
    name="records",
    row="record read",
    columns=(
        Column("holder", TEXT, "the department: the extract's directory"),
        Column("file", TEXT, "path below the extracts folder"),
        Column("row", WHOLE, "physical line where the record starts"),
        Column(
            "record_key",
            TEXT,
            "key as the source file declares it, NFKC, parts without leading zeros",
            null="the key cell is damaged",
        ),
        Column("person_id", TEXT, "the person"),
        Column("match_weight", BITS, "evidence in bits", null="decided by a number, or stands alone"),
        Column("decided_by", TEXT, "which rule or model decided"),
    ),
    order=("file", "row"),
)

FACTS = TableShape(
    name="facts",
    row="agreed fact of a noticed child",
    columns=(
        Column("person_id", TEXT, "the person"),
        Column("item", TEXT, "catalogue id"),
        Column("label", TEXT, "what within the item", null="the item has none"),
        Column("value", TEXT, "coded value in the catalogue's words", null="numeric, or not known"),
        Column("number", NUMBER, "numeric value in the item's unit", null="coded, or not known"),
        Column("state", TEXT, "known | unknown | set_aside"),
        Column("holder", TEXT, "the department"),
        Column("as_of", DAY, "the delivery's as-of date"),
        Column("valid_from", DAY, "first day the value speaks of", null="unknown or since always"),
        Column("valid_to", DAY, "last day or end", null="open, or the item has no end"),
        Column("file", TEXT, "path below the extracts folder"),
        Column("row", WHOLE, "physical line"),
    ),
    order=("person_id", "item", "valid_from", "label", "file", "row"),
)

IDENTITIES = TableShape(
    name="identities",
    row="noticed child, or member of such a child's household; with names, encrypted at rest",
    columns=(
        Column("person_id", TEXT, "the person"),
        Column("household_id", TEXT, "household number", null="unknown"),
        Column("is_noticed", YES_NO, "a noticed child (else a member of the household)"),
        Column("relation", TEXT, "続柄 as the register has it", null="unknown"),
        Column("name", TEXT, "name as the register writes it", null="no register row"),
        Column("kana", TEXT, "reading in full-width katakana", null="not written"),
        Column("alias", TEXT, "通称名", null="none registered"),
        Column("birth_date", DAY, "birth date", null="unknown"),
        Column("sex", TEXT, "1 male, 2 female", null="unknown"),
        Column("school", TEXT, "school code", null="not in a municipal school"),
        Column("school_name", TEXT, "name of that school", null="not in a municipal school"),
        Column("grade", WHOLE, "1-9 pupils, 0 or less pre-school, 10-12 high-school age", null="birth date unknown"),
        Column("class_name", TEXT, "組", null="not in a municipal school"),
        Column("address", TEXT, "address", null="suppressed or not known; the two look the same on purpose"),
    ),
    order=("person_id",),
)

INDICATORS = TableShape(
    name="indicators",
    row="child in scope and indicator",
    columns=(
        Column("person_id", TEXT, "the child"),
        Column("indicator", TEXT, "id in the criteria file"),
        Column("number", NUMBER, "value on known facts", null="coded, missing or not applicable"),
        Column("text", TEXT, "coded value on known facts", null="numeric, missing or not applicable"),
        Column(
            "number_at_worst", NUMBER, "value with every unknown read as the worst", null="coded, or no worst given"
        ),
        Column("text_at_worst", TEXT, "the same for a coded value", null="numeric, or no worst given"),
        Column("state", TEXT, "known | missing (in whole or part) | not_applicable"),
        Column("as_of", DAY, "the day the indicator was computed for"),
    ),
    order=("person_id", "indicator"),
)

JUDGMENTS = TableShape(
    name="judgments",
    row="child in scope, criteria set and judgment (one of them `overall`)",
    columns=(
        Column("person_id", TEXT, "the child"),
        Column("criteria", TEXT, "id and version of the criteria file, id@version"),
        Column("judgment", TEXT, "judgment id, or `overall`"),
        Column("level", TEXT, "0, 1, 2, U (cannot tell), NA; for `overall` the criteria file's own names"),
        Column("at_least", TEXT, "level with every unknown read as harmless"),
        Column("at_most", TEXT, "level with every unknown read as the worst"),
        Column("waiting_for", pa.list_(TEXT), "codes of missing items, sorted; empty when nothing is missing"),
    ),
    order=("person_id", "criteria", "judgment"),
)

NOTICES = TableShape(
    name="notices",
    row="child noticed",
    columns=(
        Column("person_id", TEXT, "the child"),
        Column("criteria", TEXT, "id@version"),
        Column("level", TEXT, "overall level"),
        Column("at_most", TEXT, "overall level if the missing items turn out badly"),
        Column("rank", WHOLE, "order of the level in the criteria file, 1 is first"),
        Column("first_reason", TEXT, "code of the main reason", null="no sign holds on known facts"),
        Column("is_known_before", YES_NO, "noticed in the previous run too"),
        Column("school", TEXT, "school code", null="not in a municipal school"),
    ),
    order=("person_id",),
)

REASONS = TableShape(
    name="reasons",
    row="reason of a child in scope: a sign that holds, or a missing item",
    columns=(
        Column("person_id", TEXT, "the child"),
        Column("kind", TEXT, "sign | missing"),
        Column("code", TEXT, "code of the sign, or of the missing item (without ?)"),
        Column("judgment", TEXT, "judgment it belongs to"),
        Column("indicator", TEXT, "indicator the value comes from"),
        Column("number", NUMBER, "value", null="coded, or missing"),
        Column("text", TEXT, "coded value", null="numeric, or missing"),
        Column("threshold", NUMBER, "number the value was compared with", null="no number in the rule"),
        Column("window_from", DAY, "first day of the window", null="no window"),
        Column("window_to", DAY, "last day of the window", null="no window"),
        Column(
            "at",
            DAY,
            "the day, month or year that decided (e.g. the month with the most absences)",
            null="no single one",
        ),
        Column(
            "series",
            pa.list_(TEXT),
            "the values behind it for a small picture, `2026-09=11`, `2026-07=?`; at most 24, oldest first",
        ),
        Column("source", TEXT, "holder of the facts, comma-separated where several"),
        Column("row_keys", pa.list_(TEXT), "the rows it rests on, file#row, sorted"),
    ),
    order=("person_id", "kind", "code", "indicator"),
)

#: A reason inside a row; its fields are those of REASONS, and null where they are null there.
REASON_PARTS = pa.list_(
    pa.struct(
        [
            pa.field(column.name, column.type)
            for column in REASONS.columns
            if column.name not in ("person_id", "judgment")
        ]
    )
)

ENTITLEMENTS = TableShape(
    name="entitlements",
    row="child and programme that the family may be eligible for and is not known to receive",
    columns=(
        Column("person_id", TEXT, "the child"),
        Column("programme", TEXT, "id of the programme file"),
        Column("version", TEXT, "version of that file"),
        Column("finding", TEXT, "may_be_eligible | cannot_tell; never that somebody is eligible"),
        Column("waiting_for", pa.list_(TEXT), "codes of missing items, sorted; empty when nothing is missing"),
        Column(
            "to_ask",
            pa.list_(TEXT),
            "codes of what no record holds and somebody must ask, sorted; Receipt: whether it is received already",
        ),
        Column("reasons", REASON_PARTS, "the rules that hold and the missing items, with the columns of reasons"),
        Column("as_of", DAY, "the day the rules were asked about"),
    ),
    order=("person_id", "programme"),
)

OFFER_NAMES = TableShape(
    name="offer_names",
    row="child of entitlements of whom a rule holds on known records; for offering support alone, encrypted",
    columns=(
        Column("person_id", TEXT, "the child"),
        Column("household_id", TEXT, "household number", null="unknown"),
        Column("name", TEXT, "name as the register writes it", null="no register row"),
        Column("kana", TEXT, "reading in full-width katakana", null="not written"),
        Column("birth_date", DAY, "birth date", null="unknown"),
        Column("grade", WHOLE, "1-9 pupils, 0 or less pre-school, 10-12 high-school age", null="birth date unknown"),
        Column("school", TEXT, "school code", null="not in a municipal school"),
        Column("school_name", TEXT, "name of that school", null="not in a municipal school"),
        Column(
            "letter",
            YES_NO,
            "only this household lives at its address, which is known and not protected; no does not tell which it is",
        ),
    ),
    order=("person_id",),
)

ADDRESSES = TableShape(
    name="addresses",
    row="address, now or before, of a noticed child or a member of the household, hidden or not; sealed apart",
    columns=(
        Column("person_id", TEXT, "the person"),
        Column("kind", TEXT, "current | previous"),
        Column("address", TEXT, "address as the register or the list of protections writes it"),
        Column("valid_from", DAY, "day of moving in", null="not recorded"),
        Column("valid_to", DAY, "day of moving out", null="lives there, or not recorded"),
    ),
    order=("person_id", "kind", "valid_from", "valid_to", "address"),
)

RESIDENCES = TableShape(
    name="residences",
    row="registered person, and household or address where the person lives or lived; sealed apart",
    columns=(
        Column("person_id", TEXT, "the person"),
        Column("register_key", TEXT, "宛名番号 without leading zeros", null="the number is damaged"),
        Column("tie", TEXT, "household:number or place:address in its compared form", null="none is known"),
        Column("is_current", YES_NO, "on the day of the run (else before, or as another register has it)"),
        Column("is_flagged", YES_NO, "the register's lagging copy of the protection says so"),
        Column(
            "listed_until",
            DAY,
            "last day of the protection as the run read the list, 9999-12-31 without an end; a copy, it can only add",
            null="not on the list on the day of the run",
        ),
    ),
    order=("person_id", "register_key", "tie"),
)

OTHER_PARTIES = TableShape(
    name="other_parties",
    row="protected person, and other party (相手方) as the list names them; sealed apart",
    columns=(
        Column("person_id", TEXT, "the protected person"),
        Column("name", TEXT, "name of the other party as written"),
        Column("kana", TEXT, "reading of the resident who is meant", null="no resident, or more than one, is meant"),
        Column("address", TEXT, "address of the other party as written", null="not written"),
        Column("other_id", TEXT, "the resident who is meant", null="no resident has this name and address"),
    ),
    order=("person_id", "name", "address", "other_id"),
)

REVIEW_RECORDS = TableShape(
    name="review_records",
    row="record of a doubtful pair, and pair: what link review shows of it; encrypted at rest, for no other use",
    columns=(
        Column("pair", TEXT, "mark of the pair, the same in every run under one key"),
        Column("side", TEXT, "left | right, as in review"),
        Column("number", TEXT, "mark of holder and record key"),
        Column("said", TEXT, "mark of what the record says of the person"),
        Column("content", TEXT, "mark of all that a decision about the pair rests on"),
        Column("question", TEXT, "why a person must look, as in review"),
        Column("agrees", TEXT, "fields that agree, comma-separated names; never the address"),
        Column("differs", TEXT, "fields that differ, comma-separated names; never the address"),
        Column("address", TEXT, "agrees | differs | not_known; not_known too where one of the two is protected"),
        Column("holder", TEXT, "the department"),
        Column("person_id", TEXT, "person the record now belongs to"),
        Column("name", TEXT, "name as written", null="not written"),
        Column("kana", TEXT, "reading in full-width katakana", null="not written"),
        Column("alias", TEXT, "通称名", null="none registered"),
        Column("birth_date", DAY, "birth date as this record has it", null="not written or not readable"),
        Column("sex", TEXT, "1 male, 2 female", null="unknown"),
        Column("school_name", TEXT, "name of the school", null="not written, or one of the two is protected"),
        Column("grade", WHOLE, "grade as this record has it", null="not written"),
    ),
    order=("pair", "side"),
)

SCHOOL_PUPILS = TableShape(
    name="school_pupils",
    row="pupil of a municipal school, noticed or not: the class list of the school boards; encrypted, for no other use",
    columns=(
        Column("person_id", TEXT, "the pupil"),
        Column("school", TEXT, "school code"),
        Column("school_name", TEXT, "name of that school", null="the roster does not name it"),
        Column("grade", WHOLE, "1-9"),
        Column("class_name", TEXT, "組", null="the roster does not say"),
        Column("class_number", WHOLE, "number in class (出席番号)", null="the roster does not say"),
        Column("name", TEXT, "name as the school's roster writes it", null="not written"),
        Column("kana", TEXT, "reading in full-width katakana", null="not written"),
    ),
    order=("school", "grade", "class_name", "class_number", "person_id"),
)

SCHOOL_RECORDS = TableShape(
    name="school_records",
    row="record of a school about one of its pupils, for the school boards; encrypted, for no other use",
    columns=(
        Column("person_id", TEXT, "the pupil"),
        Column("item", TEXT, "catalogue id: attendance, lateness, infirmary, tests, mood"),
        Column("at", DAY, "the day, or the first day of the month or year", null="the day cannot be read"),
        Column("value", TEXT, "coded value in the catalogue's words", null="numeric, none, or not known"),
        Column("number", NUMBER, "numeric value in the item's unit", null="coded, none, or not known"),
        Column("state", TEXT, "known | unknown | set_aside"),
    ),
    order=("person_id", "item", "at", "state", "value", "number"),
)

SCHOOL_DAYS = TableShape(
    name="school_days",
    row="school and day on which there was school, or may have been; encrypted with the tables it explains",
    columns=(
        Column("school", TEXT, "school code"),
        Column("day", DAY, "the day"),
        Column("is_known", YES_NO, "somebody has a record of that day (else a weekday that may be a day off)"),
        Column("has_attendance", YES_NO, "the school's daily attendance speaks of that day: no row means present"),
        Column("has_mood", YES_NO, "somebody answered the daily mood on that day"),
    ),
    order=("school", "day"),
)

PLAIN_TABLES: tuple[TableShape, ...] = (
    RECORDS,
    QUARANTINE,
    REVIEW,
    PERSONS,
    FACTS,
    INDICATORS,
    JUDGMENTS,
    NOTICES,
    REASONS,
    ENTITLEMENTS,
)
#: Encrypted with the key of the names.
ENCRYPTED_TABLES: tuple[TableShape, ...] = (
    IDENTITIES,
    REVIEW_RECORDS,
    SCHOOL_PUPILS,
    SCHOOL_RECORDS,
    SCHOOL_DAYS,
    OFFER_NAMES,
)
#: Of those, the ones of the school boards; empty in a run without a school, absent from one made before they were.
SCHOOL_TABLES: tuple[TableShape, ...] = (SCHOOL_PUPILS, SCHOOL_RECORDS, SCHOOL_DAYS)
#: Sealed with the address key, which is another one than the key of the names; absent from a run made without it.
SEALED_TABLES: tuple[TableShape, ...] = (ADDRESSES, RESIDENCES, OTHER_PARTIES)
