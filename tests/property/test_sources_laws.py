"""Laws of the reader: whatever way the same rows are written, the same facts come out, and no row is lost."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

import deliveries as d
from tsunagu.sources import Delivery

SETTINGS = settings(max_examples=40, deadline=None)
ENCODINGS = (
    "utf-8",
    "utf-8-sig",
    "cp932",
    "euc_jp",
    "iso2022_jp_ext",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "shift_jis_2004",
)
# Signs that every one of those encodings can write.
names = st.text(st.sampled_from("森林谷川田中山本高橋佐藤葵樹花凛蓮アオイモリたにはな々ー"), min_size=2, max_size=8)
counts = st.lists(st.integers(0, 20), min_size=1, max_size=12)
days = st.dates(date(2005, 1, 1), date(2026, 9, 30))


def read(files: dict[str, bytes | str], slip: str | None = None) -> Delivery:
    with tempfile.TemporaryDirectory() as folder:
        return d.delivered(Path(folder), files, slip=slip)


def absences(delivery: Delivery) -> list[tuple[object, ...]]:
    return [(f["key"], f["at"], f["number"], f["state"]) for f in d.facts_of(delivery, "absent_days")]


def rows_of(found: Sequence[int]) -> list[list[str]]:
    return [d.attendance_row(n, absent=absent) for n, absent in enumerate(found, start=1)]


def adds_up(delivery: Delivery) -> bool:
    """The accounts name every record, and every data row is a record of the table."""
    for account in delivery.accounts:
        account.require_sum()
    data = sum(a.data_rows for a in delivery.accounts if a.status == "read")
    return data == len(delivery.records)


@SETTINGS
@given(counts, st.lists(names, min_size=12, max_size=12), st.sampled_from(ENCODINGS), st.sampled_from(ENCODINGS))
def test_the_encoding_changes_nothing_whatever_the_slip_says(
    found: list[int], called: list[str], encoding: str, stated: str
) -> None:
    rows = [d.attendance_row(n, absent=a, name=called[n - 1]) for n, a in enumerate(found, start=1)]
    text = d.as_csv(d.ATTENDANCE_HEADER, rows)
    got = read({d.ATTENDANCE: text.encode(encoding)}, d.as_slip({d.ATTENDANCE: (stated, len(rows))}))
    plain = read({d.ATTENDANCE: text})
    assert absences(got) == absences(plain)
    assert d.records_of(got, "name") == [(row[7],) for row in rows]


@SETTINGS
@given(counts, st.permutations(range(14)), st.sampled_from(",\t;|"), st.sampled_from(["\n", "\r\n", "\r"]))
def test_the_order_of_columns_the_delimiter_and_line_ends_change_nothing(
    found: list[int], order: list[int], delimiter: str, end: str
) -> None:
    header = [d.ATTENDANCE_HEADER[i] for i in order]
    rows = [[row[i] for i in order] for row in rows_of(found)]
    text = d.as_csv(header, rows, delimiter=delimiter, end=end)
    assert absences(read({d.ATTENDANCE: text})) == absences(
        read({d.ATTENDANCE: d.as_csv(d.ATTENDANCE_HEADER, rows_of(found))})
    )


@SETTINGS
@given(
    st.lists(st.text(st.sampled_from('森"," ,\n\t;|=@+-\'１あ\u2028'), max_size=12), min_size=1, max_size=8),
    st.booleans(),
)
def test_any_text_in_a_quoted_cell_is_kept(texts: list[str], crlf: bool) -> None:
    rows = [d.register_row(n, name=text) for n, text in enumerate(texts, start=1)]
    got = read({d.REGISTER: d.as_csv(d.REGISTER_HEADER, rows, end="\r\n" if crlf else "\n")})
    assert d.records_of(got, "name", "record_key") == [(row[2].strip() or None, row[0].lstrip("0")) for row in rows]


@SETTINGS
@given(counts, st.data())
def test_a_stray_quote_costs_one_row(found: list[int], data: st.DataObject) -> None:
    rows = rows_of(found)
    hit = data.draw(st.integers(0, len(rows) - 1))
    cell = data.draw(st.integers(0, 13))
    lines = [",".join(d.ATTENDANCE_HEADER)]
    for n, row in enumerate(rows):
        lines.append(",".join(('"' + c) if (n, i) == (hit, cell) else c for i, c in enumerate(row)))
    got = read({d.ATTENDANCE: "\r\n".join([*lines, ""])})
    whole = absences(read({d.ATTENDANCE: d.as_csv(d.ATTENDANCE_HEADER, rows)}))
    left = absences(got)
    assert [f for n, f in enumerate(left) if n != hit] == [f for n, f in enumerate(whole) if n != hit]
    assert left[hit][3] == "set_aside"
    assert d.set_aside(got) == [(hit + 2, "", "row", "unclosed_quote")]
    assert adds_up(got)


@SETTINGS
@given(counts, st.data())
def test_a_row_cut_anywhere_costs_that_row_only(found: list[int], data: st.DataObject) -> None:
    rows = rows_of(found)
    hit = data.draw(st.integers(0, len(rows) - 1))
    lines = [",".join(row) for row in rows]
    last_cell = lines[hit].rindex(",")
    lines[hit] = lines[hit][: data.draw(st.integers(1, last_cell))]
    got = read({d.ATTENDANCE: "\n".join([",".join(d.ATTENDANCE_HEADER), *lines])})
    whole = absences(read({d.ATTENDANCE: d.as_csv(d.ATTENDANCE_HEADER, rows)}))
    left = absences(got)
    assert [f for n, f in enumerate(left) if n != hit] == [f for n, f in enumerate(whole) if n != hit]
    key, at, number, state = left[hit]
    assert (number, state) == (None, "set_aside")
    assert key in (None, whole[hit][0])
    assert at in (None, whole[hit][1])
    assert adds_up(got)


@SETTINGS
@given(
    counts,
    st.lists(
        st.tuples(
            st.sampled_from(["", "," * 13, "合計,,,,,,,,,,12", ",小　計", "*** 計 ***,3", "HEAD"]), st.integers(0, 12)
        ),
        max_size=6,
    ),
)
def test_totals_headings_and_blanks_anywhere_change_nothing(found: list[int], noise: list[tuple[str, int]]) -> None:
    head = ",".join(d.ATTENDANCE_HEADER)
    lines = [",".join(row) for row in rows_of(found)]
    for text, at in noise:
        lines.insert(at, head if text == "HEAD" else text)
    got = read({d.ATTENDANCE: "\r\n".join([head, *lines, ""])})
    assert absences(got) == absences(read({d.ATTENDANCE: d.as_csv(d.ATTENDANCE_HEADER, rows_of(found))}))
    assert d.set_aside(got) == []
    account = d.account_of(got, d.ATTENDANCE)
    assert account.records == len(lines) + 1
    assert adds_up(got)


def _forms(day: date) -> list[str]:
    """Every way a department writes this day."""
    era, name, first = ("R", "令和", 2018) if day >= date(2019, 5, 1) else ("H", "平成", 1988)
    year, digit = day.year - first, "5" if era == "R" else "4"
    serial = str((day - date(1899, 12, 30)) // timedelta(days=1))
    words = f"{name}{'元' if year == 1 else year}年{day.month}月{day.day}日"
    wide = words.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    return [
        day.isoformat(),
        f"{day:%Y/%m/%d}",
        f"{day.year}/{day.month}/{day.day}",
        f"{day:%Y%m%d}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{era}{year}.{day.month}.{day.day}",
        f"{era}{year:02}/{day.month:02}/{day.day:02}",
        f"{era}{year:2}.{day.month:2}.{day.day:2}",
        f"{digit}{year:02}{day:%m%d}",
        f"{day.isoformat()} 00:00:00",
        words,
        wide,
        serial,
    ]


@SETTINGS
@given(days, st.integers(0, 12))
def test_a_birth_date_is_the_same_in_every_form(day: date, form: int) -> None:
    row = d.register_row(1, born=_forms(day)[form])
    assert d.records_of(read({d.REGISTER: d.as_csv(d.REGISTER_HEADER, [row])}), "birth_date") == [(day,)]


@SETTINGS
@given(counts, st.integers(1, 12))
def test_a_line_in_another_encoding_is_rescued_by_itself(found: list[int], hit: int) -> None:
    rows = rows_of(found)
    lines = [",".join(d.ATTENDANCE_HEADER), *(",".join(row) for row in rows)]
    for own, other in (("cp932", "utf-8"), ("utf-8", "cp932"), ("euc_jp", "utf-8")):
        data = b"\r\n".join(
            line.encode(other if n == min(hit, len(rows)) else own) for n, line in enumerate([*lines, ""])
        )
        got = read({d.ATTENDANCE: data})
        assert d.records_of(got, "name") == [(row[7],) for row in rows]
        assert d.account_of(got, d.ATTENDANCE).encoding == own
        assert d.account_of(got, d.ATTENDANCE).rescued_lines == 1


@SETTINGS
@given(st.binary(max_size=600))
def test_any_bytes_whatever_end_with_an_account(noise: bytes) -> None:
    got = read(
        {
            d.ATTENDANCE: noise,
            "school_roster/oneroster_2026.zip": noise,
            "gakuryoku/学力調査_R08.xlsx": b"PK\x03\x04" + noise,
        }
    )
    assert adds_up(got)
    assert {a.status for a in got.accounts} <= {"read", "set_aside", "missing"}


@SETTINGS
@given(counts, st.binary(max_size=60), st.integers(0, 400))
def test_noise_inside_a_file_loses_no_other_row(found: list[int], noise: bytes, at: int) -> None:
    noise = noise.replace(b"\r", b"").replace(b"\n", b"")
    text = d.as_csv(d.ATTENDANCE_HEADER, rows_of(found)).encode("cp932")
    start = text.index(b"\r\n") + 2
    place = start + at % (len(text) - start)
    line = text[start:place].count(b"\r\n")
    if text[place - 1 : place + 1] == b"\r\n":
        place, line = place + 1, line + 1
    got = read({d.ATTENDANCE: text[:place] + noise + text[place:]})
    whole = absences(read({d.ATTENDANCE: text}))
    kept = [f for f in absences(got) if f in whole]
    assert all(fact in kept for n, fact in enumerate(whole) if n != line)
    assert adds_up(got)


@SETTINGS
@given(counts)
def test_reading_twice_gives_the_same_tables(found: list[int]) -> None:
    files: dict[str, bytes | str] = {d.ATTENDANCE: d.as_csv(d.ATTENDANCE_HEADER, rows_of(found)), "x/y.bin": b"\x00"}
    one, two = read(files), read(files)
    assert one.records.equals(two.records)
    assert one.facts.equals(two.facts)
    assert one.quarantine.equals(two.quarantine)
