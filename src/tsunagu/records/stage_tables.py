"""Tables between the stages: what each stage takes and gives, column by column.

The journey: SOURCE_RECORDS + SOURCE_FACTS + QUARANTINE (sources) -> LINKS + REVIEW (linkage) -> PERSONS +
PERSON_FACTS (linkage) -> INDICATORS (indicators) -> SIGNS, JUDGMENTS, REASONS (screening).

A record is one row of one file. A fact is one value a record carries about an item of the catalogue.
Text columns that identify people are kept as written; `tsunagu.normalise` makes the compared forms.
"""

from __future__ import annotations

from tsunagu.records.shapes import BITS, DAY, MOMENT, NUMBER, TEXT, WHOLE, YES_NO, Column, TableShape

_NOT_WRITTEN = "the file has no such column, or the cell is blank or unreadable"

SOURCE_RECORDS = TableShape(
    name="source_records",
    row="row of a file that was read, or set aside with cells that still tell whom it is about",
    columns=(
        Column("record_id", WHOLE, "running number over files (sorted by path) and rows; 0-based"),
        Column("holder", TEXT, "the department: the extract's directory, e.g. jumin"),
        Column("file", TEXT, "path below the extracts folder; `a.zip!b.csv` inside a container"),
        Column("row", WHOLE, "physical line where the record starts, 1-based (sheet row in a spreadsheet)"),
        Column(
            "record_key",
            TEXT,
            "key as the source file declares it, NFKC, parts without leading zeros",
            null="the key cell is blank, damaged or cut off",
        ),
        Column("state", TEXT, "read | repeated (identical row seen before) | set_aside"),
        Column("resident_no", TEXT, "宛名番号 of the person, NFKC, no leading zeros", null=_NOT_WRITTEN),
        Column("household_no", TEXT, "世帯番号 of the residents' register, no leading zeros", null=_NOT_WRITTEN),
        Column("pupil_no", TEXT, "児童生徒番号", null=_NOT_WRITTEN),
        Column("login_id", TEXT, "ログインID", null=_NOT_WRITTEN),
        Column(
            "local_no",
            TEXT,
            "holder's own person number where the record key is more than that "
            "(母子番号, sourcedId, 学齢簿番号, 台帳番号 …)",
            null=_NOT_WRITTEN,
        ),
        Column("school", TEXT, "school code without leading zeros, resolved from code or name", null=_NOT_WRITTEN),
        Column("fiscal_year", WHOLE, "fiscal year (April-March) the row speaks of", null="no year in row or file name"),
        Column("grade", WHOLE, "1-9 (junior high 7-9)", null=_NOT_WRITTEN),
        Column("class_name", TEXT, "組", null=_NOT_WRITTEN),
        Column("class_number", WHOLE, "number in class (出席番号)", null=_NOT_WRITTEN),
        Column("name", TEXT, "name as written", null=_NOT_WRITTEN),
        Column("kana", TEXT, "reading as written", null=_NOT_WRITTEN),
        Column("alias", TEXT, "通称名 as written", null=_NOT_WRITTEN),
        Column("birth_date", DAY, "birth date", null="not written, unreadable, impossible or in the future"),
        Column(
            "age_years",
            WHOLE,
            "age where the sender wrote an age in place of a birth date, years",
            null="no age written",
        ),
        Column("age_on", DAY, "day on which that age was written down", null="no age written"),
        Column("sex", TEXT, "1 male, 2 female", null="not written or an unknown code"),
        Column("relation", TEXT, "続柄 as written", null=_NOT_WRITTEN),
        Column("address", TEXT, "address as written", null=_NOT_WRITTEN),
        Column("previous_address", TEXT, "address before a move as written", null=_NOT_WRITTEN),
        Column("previous_household_no", TEXT, "世帯番号 before a move, no leading zeros", null=_NOT_WRITTEN),
        Column(
            "suppression_flag", TEXT, "支援措置区分 of the register, a copy that lags, as written", null=_NOT_WRITTEN
        ),
        Column(
            "other_party_name", TEXT, "相手方氏名: from whom an address is protected, as written", null=_NOT_WRITTEN
        ),
        Column("other_party_address", TEXT, "相手方住所 as written", null=_NOT_WRITTEN),
        Column("guardian_name", TEXT, "guardian, head of household or mother, as written", null=_NOT_WRITTEN),
        Column("guardian2_name", TEXT, "second guardian as written", null=_NOT_WRITTEN),
        Column("guardian_resident_no", TEXT, "宛名番号 of the guardian", null=_NOT_WRITTEN),
        Column("guardian_birth_date", DAY, "birth date of the guardian", null=_NOT_WRITTEN),
    ),
    order=("record_id",),
)

SOURCE_FACTS = TableShape(
    name="source_facts",
    row="value of one catalogue item in one record (repeated records give none)",
    columns=(
        Column("record_id", WHOLE, "the record that carries the value"),
        Column("item", TEXT, "catalogue id"),
        Column(
            "at",
            DAY,
            "first day the value speaks of: month's or fiscal year's first day, event day, start",
            null="unknown, or (for a period) open: since always",
        ),
        Column("until", DAY, "for a period: end day", null="open, or the item has no end"),
        Column(
            "label",
            TEXT,
            "what within the item: vaccine, kind of check-up, school of a mood file",
            null="the item has none, or it cannot be read",
        ),
        Column("text", TEXT, "coded value, in the catalogue's words", null="a number, or not known"),
        Column("number", NUMBER, "numeric value in the item's unit", null="a text, or not known"),
        Column(
            "state",
            TEXT,
            "known | unknown (cell blank, unreadable, impossible, unknown code) | "
            "set_aside (the row could not be read as a whole)",
        ),
        Column("recorded_at", MOMENT, "when the holder recorded the row", null="the file does not say"),
    ),
    order=("record_id", "item", "at", "label"),
)

QUARANTINE = TableShape(
    name="quarantine",
    row="row or value set aside; never the value itself",
    columns=(
        Column("holder", TEXT, "the department"),
        Column("file", TEXT, "path below the extracts folder"),
        Column("row", WHOLE, "physical line, 1-based; 0 when the whole file or column is meant"),
        Column("column", TEXT, "header word as written; empty when the whole row is meant"),
        Column("scope", TEXT, "row | value | column | file: what was set aside"),
        Column("kind", TEXT, "why: short_row, long_row, unclosed_quote, bad_date, future_date, unknown_code, …"),
        Column("form", TEXT, "form of the value (漢99年9月9日), empty for a row"),
    ),
    order=("file", "row", "column", "kind"),
)

LINKS = TableShape(
    name="links",
    row="record (read, repeated or set aside)",
    columns=(
        Column("record_id", WHOLE, "the record"),
        Column("person_id", TEXT, "stable identifier, the same for every record of one person"),
        Column(
            "match_weight", BITS, "evidence for the link in bits", null="decided by a number or the record stands alone"
        ),
        Column("decided_by", TEXT, "register | resident_no | pupil_no | … | name_birth | model | alone"),
    ),
    order=("record_id",),
)

REVIEW = TableShape(
    name="review",
    row="pair of records that a person must look at; joined only where a number of the holder says so",
    columns=(
        Column("left_holder", TEXT, "department of the first record"),
        Column("left_file", TEXT, "file of the first record"),
        Column("left_row", WHOLE, "row of the first record"),
        Column("left_person_id", TEXT, "person the first record now belongs to"),
        Column("right_holder", TEXT, "department of the second record"),
        Column("right_file", TEXT, "file of the second record"),
        Column("right_row", WHOLE, "row of the second record"),
        Column("right_person_id", TEXT, "person the second record now belongs to"),
        Column(
            "match_weight",
            BITS,
            "evidence in bits; without the address where one of the two is protected",
            null="a number says yes and the names say no, or a decision is asked about again",
        ),
        Column("agrees", TEXT, "fields that agree, comma-separated names, never values"),
        Column("differs", TEXT, "fields that differ, comma-separated names, never values"),
        Column(
            "question",
            TEXT,
            "why a person must look: number_contradicted | twins | namesakes | weak | against_decision "
            "| decisions_disagree",
        ),
    ),
    order=("left_file", "left_row", "right_file", "right_row"),
)

PERSONS = TableShape(
    name="persons",
    row="person",
    columns=(
        Column("person_id", TEXT, "stable identifier"),
        Column("register_key", TEXT, "宛名番号 without leading zeros", null="not in the residents' register"),
        Column("register_state", TEXT, "read | set_aside (row damaged) | absent"),
        Column(
            "birth_date", DAY, "register's birth date, else another register's", null="no readable birth date anywhere"
        ),
        Column("sex", TEXT, "1 male, 2 female", null="unknown"),
        Column("household_id", TEXT, "household number on the day of the run", null="unknown"),
        Column("resident_from", DAY, "住民となった日", null="since birth or not recorded"),
        Column("resident_until", DAY, "消除日: first day on which the person no longer lives here", null="lives here"),
        Column("school", TEXT, "school code of the current fiscal year", null="not in a municipal school"),
        Column(
            "in_scope", YES_NO, "whether the criteria look at this person", null="not yet decided (before screening)"
        ),
    ),
    order=("person_id",),
)

PERSON_FACTS = TableShape(
    name="person_facts",
    row="fact of a person: SOURCE_FACTS joined with LINKS and the record's place",
    columns=(
        Column("person_id", TEXT, "the person"),
        *[c for c in SOURCE_FACTS.columns if c.name != "record_id"],
        Column("holder", TEXT, "the department"),
        Column("file", TEXT, "path below the extracts folder"),
        Column("row", WHOLE, "physical line, 1-based"),
    ),
    order=("person_id", "item", "at", "label", "file", "row"),
)
