"""A delivery of the example city: the same for the same seed, complete, and honest about its damage."""

import csv
import hashlib
import io
import json
import zipfile
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from tsunagu.errors import SourceError, StateError
from tsunagu.example_city import write_example_city


def _hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _rows(path: Path, codec: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode(codec), newline="")))


@pytest.mark.parametrize("faults", ["none", "usual", "heavy"])
def test_equal_arguments_give_byte_equal_files(tmp_path: Path, faults: str) -> None:
    for name in ("first", "second"):
        write_example_city(tmp_path / name, children=90, seed=5, months=6, faults=faults)  # type: ignore[arg-type]
    first, second = _hashes(tmp_path / "first"), _hashes(tmp_path / "second")
    assert first == second
    assert len(first) > 40


def test_another_seed_gives_another_city(tmp_path: Path) -> None:
    for seed in (1, 2):
        write_example_city(tmp_path / str(seed), children=60, seed=seed, months=6)
    path = "extracts/jumin/JUKI_KIHON.csv"
    assert (tmp_path / "1" / path).read_bytes() != (tmp_path / "2" / path).read_bytes()


def test_damage_does_not_change_the_people(tmp_path: Path) -> None:
    """Faults strike the files; the truth about persons and facts is that of the clean city."""
    for faults in ("none", "heavy"):
        write_example_city(tmp_path / faults, children=90, seed=5, months=6, faults=faults)  # type: ignore[arg-type]
    for name in ("persons.csv", "households.csv", "facts_monthly.csv", "facts_tax.csv", "facts_health.csv"):
        assert (tmp_path / "none" / "truth" / name).read_bytes() == (tmp_path / "heavy" / "truth" / name).read_bytes()


def test_every_holder_of_the_layout_hands_over_its_files(clean_city: Path) -> None:
    found = {str(path.relative_to(clean_city / "extracts")) for path in (clean_city / "extracts").rglob("*.*")}
    for year in ("R07", "R08"):
        for name in ("zeimu/課税区分_{}.csv", "jifu/児童扶養手当_{}.csv", "gakumu/学齢簿_{}.csv",
                     "shukketsu/出欠月集計_{}.csv",
                     "kyushoku/学校徴収金_{}.csv", "hokenshitsu/保健室来室記録_{}.csv", "gakuryoku/学力調査_{}.xlsx",
                     "shitsumonshi/質問紙_{}.tsv", "shugaku_enjo/就学援助認定_{}.csv"):  # fmt: skip
            assert name.format(year) in found
    assert {"送付票.csv", "jumin/JUKI_KIHON.csv", "jumin/JUKI_IDO.csv", "shien_sochi/支援措置対象者一覧.csv",
            "seiho/生活保護受給者台帳.csv", "school_roster/oneroster_2025.zip", "school_roster/oneroster_2026.zip",
            "boshi/乳幼児健診.csv", "boshi/予防接種.csv", "boshi/産婦_EPDS.csv", "shogai/手帳交付台帳.csv",
            "kaigo/要介護認定.csv", "kosoudan/相談通告受付簿.csv", "youtaikyo/要対協進行管理台帳.csv",
            "kokoro/東小学校_心の天気.csv", "hoiku/保育所在籍児童_202609.csv"} <= found  # fmt: skip


def test_the_slip_counts_the_rows_of_each_file(clean_city: Path) -> None:
    slip = _table(clean_city / "extracts" / "送付票.csv")
    assert {row["抽出基準日"] for row in slip} == {"2026-09-30"}
    for row in slip:
        path = clean_city / "extracts" / row["ファイル"].split("!")[0]
        if path.suffix == ".csv" and row["文字コード"] in ("cp932", "utf-8", "utf-8-sig"):
            total = sum("合計" in cells for cells in _rows(path, row["文字コード"]))
            assert len(_rows(path, row["文字コード"])) - 1 - total == int(row["明細件数"]), row["ファイル"]


def test_column_order_and_words_change_between_years(clean_city: Path) -> None:
    first = _rows(clean_city / "extracts" / "gakumu" / "学齢簿_R07.csv", "utf-8")[0]
    second = _rows(clean_city / "extracts" / "gakumu" / "学齢簿_R08.csv", "utf-8")[0]
    assert first != second
    assert "氏名" in first
    assert "児童生徒氏名" in second


def test_the_files_say_what_the_truth_says(clean_city: Path) -> None:
    """Absences of the attendance file, joined through the roster, are those of facts_monthly."""
    with zipfile.ZipFile(clean_city / "extracts" / "school_roster" / "oneroster_2026.zip") as book:
        users = list(csv.DictReader(io.StringIO(book.read("users.csv").decode())))
    numbers = {row["sourcedId"]: row["identifier"] for row in users if row["identifier"]}
    person_of = {
        numbers[row["record_key"]]: row["person_id"]
        for row in _table(clean_city / "truth" / "records.csv")
        if row["record_key"] in numbers
    }
    lines = _rows(clean_city / "extracts" / "shukketsu" / "出欠月集計_R08.csv", "cp932")
    head = lines[0]
    number, month, absent = head.index("児童生徒番号"), head.index("月"), head.index("欠席日数")
    written = {(person_of[row[number]], f"2026-{int(row[month]):02}", row[absent]) for row in lines[1:]}
    truth = {
        (row["person_id"], row["month"], row["absent"])
        for row in _table(clean_city / "truth" / "facts_monthly.csv")
        if row["month"] >= "2026-04"
    }
    assert written == truth
    assert len(truth) > 300


def test_dates_and_encodings_can_be_chosen_per_file(tmp_path: Path) -> None:
    write_example_city(
        tmp_path, children=60, seed=3, months=6, faults="none",
        encodings={"jumin/*": "utf-16", "boshi/*": "euc_jp"}, dates={"jumin/JUKI_KIHON.csv": "iso"},
    )  # fmt: skip
    rows = _rows(tmp_path / "extracts" / "jumin" / "JUKI_KIHON.csv", "utf-16")
    born = rows[0].index("生年月日")
    assert all(date.fromisoformat(row[born]) for row in rows[1:])
    assert _rows(tmp_path / "extracts" / "boshi" / "予防接種.csv", "euc_jp")[0][0] == "母子番号"


def test_an_encoding_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="Choose one of"):
        write_example_city(tmp_path, children=10, seed=1, encodings={"jumin/*": "latin-9"})


def test_too_few_months_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        write_example_city(tmp_path, children=10, seed=1, months=1)


def test_two_cities_never_mix_in_one_folder(tmp_path: Path) -> None:
    write_example_city(tmp_path, children=20, seed=1, months=3)
    with pytest.raises(StateError, match="already holds"):
        write_example_city(tmp_path, children=20, seed=2, months=3)


def test_progress_is_told_to_the_end(tmp_path: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    write_example_city(tmp_path, children=30, seed=1, months=3, progress=lambda *step: steps.append(step))
    assert [step[1] for step in steps] == list(range(len(steps)))
    assert steps[-1][1] == steps[-1][2]


def test_counts_and_summary_agree(heavy_city: Path) -> None:
    summary = json.loads((heavy_city / "truth" / "summary.json").read_text(encoding="utf-8"))
    assert summary["children"] == 400
    assert summary["bad_rows"] == len(_table(heavy_city / "truth" / "bad_rows.csv"))
    assert summary["lost_facts"] == len(_table(heavy_city / "truth" / "lost.csv"))
    assert summary["records"] == len(_table(heavy_city / "truth" / "records.csv"))
    judged = Counter(row["overall"] for row in _table(heavy_city / "truth" / "judgments.csv"))
    assert summary["judgments"] == dict(judged)


def test_a_clean_city_has_totals_only(clean_city: Path) -> None:
    assert {row["kind"] for row in _table(clean_city / "truth" / "bad_rows.csv")} == {"total_row"}
    assert _table(clean_city / "truth" / "lost.csv") == []


def test_a_heavily_damaged_city_has_every_family_of_damage(heavy_city: Path) -> None:
    rows = _table(heavy_city / "truth" / "bad_rows.csv")
    assert {row["disposition"] for row in rows} == {"ignore", "read", "read_value_unknown", "either", "quarantine"}
    assert len({row["kind"] for row in rows}) >= 20
    assert _table(heavy_city / "truth" / "lost.csv")


def test_one_person_has_one_id_and_every_record_a_person(heavy_city: Path) -> None:
    persons = _table(heavy_city / "truth" / "persons.csv")
    ids = [row["person_id"] for row in persons]
    assert len(ids) == len(set(ids))
    assert len({row["atena"] for row in persons}) == len(persons)
    assert {row["person_id"] for row in _table(heavy_city / "truth" / "records.csv")} <= set(ids)
