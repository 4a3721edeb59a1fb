"""`tsunagu link`: two tables in, pairs out; wrong input is one clear message."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow.csv as pa_csv
import pytest

LEFT = """番号,氏名,カナ,生年月日
1,髙橋　あおい,タカハシ　アオイ,H30.4.5
2,例川 みどり,レイカワ ミドリ,H29.1.2
3,例山 そら,,H28.3.3
"""
RIGHT = """id,name,kana,born
a,例川みどり,ﾚｲｶﾜ ﾐﾄﾞﾘ,2017-01-02
b,高橋あおい,ﾀｶﾊｼ ｱｵｲ,2018-04-05
c,別人 だれか,ベツジン ダレカ,2001-01-01
"""
COLUMNS = """
[left]
name = "氏名"
kana = "カナ"
birth_date = "生年月日"
[right]
name = "name"
kana = "kana"
birth_date = "born"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "left.csv").write_bytes(LEFT.encode("cp932"))
    (tmp_path / "right.csv").write_text(RIGHT, encoding="utf-8")
    (tmp_path / "columns.toml").write_text(COLUMNS, encoding="utf-8")
    return tmp_path


def _link(folder: Path, left: str = "left.csv", columns: str = "columns.toml") -> subprocess.CompletedProcess[str]:
    program = "from tsunagu.cli import main; main()"
    words = ["link", left, "right.csv", "--columns", columns, "--out", "pairs.csv"]
    return subprocess.run(
        [sys.executable, "-c", program, *words], cwd=folder, capture_output=True, text=True, check=False
    )


def test_rows_of_one_child_are_found_and_strangers_are_not(folder: Path) -> None:
    done = _link(folder)
    assert done.returncode == 0, done.stderr
    pairs = pa_csv.read_csv(folder / "pairs.csv").to_pylist()
    assert [(p["left_row"], p["right_row"]) for p in pairs] == [(0, 1), (1, 0)]
    assert "2 pairs" in done.stdout


def test_no_name_stands_in_the_answer(folder: Path) -> None:
    _link(folder)
    assert "例川" not in (folder / "pairs.csv").read_text(encoding="utf-8")


def test_an_answer_is_not_overwritten(folder: Path) -> None:
    (folder / "pairs.csv").write_text("kept", encoding="utf-8")
    done = _link(folder)
    assert done.returncode == 3
    assert (folder / "pairs.csv").read_text(encoding="utf-8") == "kept"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("absent.csv", None, "no such file"),
        ("left.csv", b"", "no rows"),
        ("left.csv", b"a,a\n1,2\n", "same name"),
        ("left.csv", b"a,b\n1\n", "row 2"),
        ("left.csv", b"\x81\xff\xfe\x00\x9f", "encoding"),
        ("left.parquet", b"nonsense", "cannot be read"),
    ],
)
def test_a_bad_table_is_one_message(folder: Path, name: str, content: bytes | None, said: str) -> None:
    if content is not None:
        (folder / name).write_bytes(content)
    done = _link(folder, left=name)
    assert done.returncode == 3, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / "pairs.csv").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[left]\nname = '氏名'\n", "right"),
        ("[left]\nnama = '氏名'\n[right]\nname = 'name'\n", "Did you mean: name"),
        ("[left]\nname = 'x'\n[right]\nname = 'name'\n", "x"),
        ("[left", "TOML"),
    ],
)
def test_a_bad_columns_file_is_one_message(folder: Path, text: str, said: str) -> None:
    (folder / "columns.toml").write_text(text, encoding="utf-8")
    done = _link(folder)
    assert done.returncode == 3, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
