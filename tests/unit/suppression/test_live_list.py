"""The list at each display: trusted when whole, fresh, quiet and understood in every row; else everybody is hidden."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from tsunagu.suppression.live_list import LiveList, list_bytes, understood

NOW = dt.datetime(2026, 11, 25, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=9)))
HEADER = "管理番号,宛名番号,氏名,区分,開始日,終了日,状態,相手方氏名,相手方住所,前住所,備考"
ROWS = (
    "00101,0056738521,例田　みどり,本人,R7.2.16,R8.2.16,終了,例村　剛,瑞野市例1-1,瑞野市例2-2,",
    "00102,0056738521,例田　みどり,本人,R8.3.29,R9.3.28,継続,例村　剛,瑞野市例1-1,瑞野市例2-2,延長",
    "00102,0172344238,例田　はる,併せて支援,R8.3.29,R9.3.28,継続,,,瑞野市例2-2,延長",
)


def _read(path: Path, *lines: str, encoding: str = "cp932", end: str = "\r\n", age_s: float = 600) -> LiveList:
    path.write_bytes("".join(line + end for line in lines).encode(encoding))
    return _again(path, age_s=age_s)


def _again(path: Path, *, age_s: float = 600) -> LiveList:
    os.utime(path, (NOW.timestamp() - age_s, NOW.timestamp() - age_s))
    return _as_displayed(path)


def _as_displayed(path: Path | None) -> LiveList:
    data, distrust = list_bytes(path, now=NOW, oldest=dt.timedelta(hours=24))
    return LiveList((), distrust) if distrust else understood(data, NOW.date())


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig"])
def test_rows_in_force_today_are_read(tmp_path: Path, encoding: str) -> None:
    got = _read(tmp_path / "list.csv", HEADER, *ROWS, encoding=encoding)
    assert (got.distrust, got.numbers) == ("", {"56738521", "172344238"})
    assert [row.other_party for row in got.rows] == ["例村　剛", ""]


def test_a_plain_list_with_resident_number_from_and_to(tmp_path: Path) -> None:
    rows = ["0056738521,2026-03-29,2027-03-28", "17,,", "18,2025-01-01,2025-12-31", "19,2026-12-01,99999999"]
    got = _read(tmp_path / "list.csv", "resident_no,from,to", *rows, encoding="utf-8", end="\n")
    assert (got.distrust, got.numbers) == ("", {"56738521", "17"})


def test_a_list_in_which_nobody_stands_hides_nobody(tmp_path: Path) -> None:
    assert _read(tmp_path / "list.csv", HEADER).is_trusted


@pytest.mark.parametrize(
    "row",
    [
        "00103,00567X8521,例田　みどり,本人,R8.3.29,R9.3.28,継続,,,,",  # a number with a letter
        "00103,,例田　みどり,本人,R8.3.29,R9.3.28,継続,,,,",
        "00103,5.67E+07,例田　みどり,本人,R8.3.29,R9.3.28,継続,,,,",
        "00103,0056738521,例田　みどり,本人,R8.2.30,R9.3.28,継続,,,,",  # no such day
        "00103,0056738521,例田　みどり,本人,R8.3.29,来年,継続,,,,",
        "00103,0056738521,例田　みどり,本人,R9.3.29,R8.3.28,継続,,,,",  # ends before it begins
        "00103,0056738521,例田　みどり,本人,99999999,R9.3.28,継続,,,,",
        "00103,0056738521,例田　みどり,本人,R8.3.29",  # cut short
        "00103,0056738521,例田　みどり,本人,R8.3.29,R9.3.28,継続,,,,,,もう一つ",
        HEADER,  # a second header in the middle: somebody joined two lists
    ],
)
def test_one_row_that_is_not_understood_hides_everybody(tmp_path: Path, row: str) -> None:
    assert _read(tmp_path / "list.csv", HEADER, *ROWS, row).distrust == "bad_row"


def test_a_list_that_is_missing_unreadable_or_not_set(tmp_path: Path) -> None:
    assert _as_displayed(None).distrust == "not_set"
    assert _as_displayed(tmp_path / "no.csv").distrust == "missing"
    assert _as_displayed(tmp_path).distrust == "unreadable"
    path = tmp_path / "list.csv"
    for damaged in (b"\xff\xfe\x00", "宛名番号,開始日,終了日\n".encode("utf-16"), b"resident_no,from,to\n1\x00,,\n"):
        path.write_bytes(damaged)
        assert _again(path).distrust == "unreadable"
    for other in (b"", b"name,address\n"):
        path.write_bytes(other)
        assert _again(path).distrust in ("no_header", "half_written")


def test_a_list_older_than_a_day_or_from_tomorrow(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    assert _read(path, HEADER, *ROWS, age_s=24 * 3600 - 1).is_trusted
    assert _again(path, age_s=24 * 3600 + 1).distrust == "old"
    assert _again(path, age_s=-600).distrust == "from_ahead"


def test_a_list_that_is_being_written(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    whole = "".join(line + "\r\n" for line in (HEADER, *ROWS)).encode("cp932")
    assert _read(path, HEADER, *ROWS, age_s=1).distrust == "being_written"
    # Cut anywhere but at the end of a line, it is seen at once; at the end of a line, by the moments since the write.
    ends = {i + 1 for i, b in enumerate(whole) if b in b"\r\n"}
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        expected = _again(path).is_trusted
        assert expected == (cut in ends), cut
        assert _again(path, age_s=0).is_trusted is False


def test_meguro_the_list_of_ended_cases_is_never_taken_for_the_list(tmp_path: Path) -> None:
    """Meguro 2025: a copied list of ended cases was applied to somebody who had applied again."""
    ended = _read(tmp_path / "支援措置終了者一覧_2026年6月作成.csv", HEADER, ROWS[0])
    assert ended.distrust == "ended_list"
    both = _read(tmp_path / "list.csv", HEADER, ROWS[0], ROWS[1])
    assert "56738521" in both.numbers, "an ended row of the same person takes nothing away"
