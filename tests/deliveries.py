"""Small deliveries of invented people, written as departments write them, and what the reader makes of them."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from tsunagu.records.catalogue import Catalogue
from tsunagu.sources import Delivery, load_catalogue, load_sources, read_delivery
from tsunagu.sources.reading import FileAccount
from tsunagu.sources.spec import CitySources

CITY = Path(__file__).parent.parent / "examples" / "hinode-city"
ON = date(2026, 9, 30)

ATTENDANCE = "shukketsu/出欠月集計_R08.csv"
ATTENDANCE_HEADER = [
    "学校コード",
    "年度",
    "月",
    "学年",
    "組",
    "番号",
    "児童生徒番号",
    "氏名",
    "授業日数",
    "出席停止・忌引",
    "欠席日数",
    "遅刻",
    "早退",
    "更新日時",
]
REGISTER = "jumin/JUKI_KIHON.csv"
REGISTER_HEADER = [
    "宛名番号",
    "世帯番号",
    "氏名",
    "氏名カナ",
    "通称名",
    "生年月日",
    "性別",
    "続柄",
    "世帯主氏名",
    "住所",
    "方書",
    "住民となった日",
    "最終異動事由",
    "最終異動日",
    "消除日",
    "国籍",
    "支援措置区分",
    "備考",
]


@cache
def city() -> tuple[CitySources, Catalogue]:
    """The example city's files, read once."""
    return load_sources(CITY), load_catalogue(CITY)


def attendance_row(number: int = 1, *, month: object = 4, absent: object = 0, name: str = "森　あおい") -> list[str]:
    """One pupil's month; the pupil's number is 00010000 plus the given one."""
    pupil = f"{10_000 + number:08}"
    seat = ["001101", "2026", str(month), "3", "1", str(number)]
    return [*seat, pupil, name, "20", "0", str(absent), "0", "0", "2026/5/2 16:16"]


def register_row(number: int = 1, *, born: str = "H28.04.02", name: str = "森　葵") -> list[str]:
    """One resident; the number is 0050000000 plus the given one."""
    key = f"{50_000_000 + number:010}"
    home = "瑞野市若葉五丁目12番地の4"
    return [key, "005796047", name, "ﾓﾘ ｱｵｲ", "", born, "2", "子", "森　樹", home, *[""] * 8]


def as_csv(header: Sequence[str], rows: Iterable[Sequence[str]], *, delimiter: str = ",", end: str = "\r\n") -> str:
    """CSV text, quoted where it must be."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def as_slip(lines: Mapping[str, tuple[str, int]], *, as_of: str = "2026-09-30") -> str:
    """A slip: path -> (encoding stated, rows)."""
    rows = [[path, path.split("/")[0], encoding, str(count), as_of] for path, (encoding, count) in lines.items()]
    return as_csv(["ファイル", "所管", "文字コード", "明細件数", "抽出基準日"], rows)


def as_zip(members: Mapping[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as container:
        for name, content in members.items():
            container.writestr(name, content)
    return out.getvalue()


def delivered(
    folder: Path, files: Mapping[str, bytes | str], *, slip: str | None = None, on: date | None = ON
) -> Delivery:
    """Writes the files (text as UTF-8) and reads them with the example city's sources."""
    if slip is not None:
        files = {**files, "送付票.csv": slip}
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    sources, catalogue = city()
    return read_delivery(folder, sources, catalogue, on)


def account_of(delivery: Delivery, path: str) -> FileAccount:
    return next(a for a in delivery.accounts if a.file == path)


def records_of(delivery: Delivery, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(r[c] for c in columns) for r in delivery.records.select(list(columns)).to_pylist()]


def facts_of(delivery: Delivery, item: str) -> list[dict[str, Any]]:
    """Facts of one item with the record's key and row."""
    records = {r["record_id"]: r for r in delivery.records.to_pylist()}
    return [
        {**fact, "key": records[fact["record_id"]]["record_key"], "row": records[fact["record_id"]]["row"]}
        for fact in delivery.facts.to_pylist()
        if fact["item"] == item
    ]


def set_aside(delivery: Delivery) -> list[tuple[int, str, str, str]]:
    """Row, column, scope and kind of everything in the quarantine."""
    return [(q["row"], q["column"], q["scope"], q["kind"]) for q in delivery.quarantine.to_pylist()]
