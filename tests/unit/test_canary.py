"""The scanner finds its needle in every form it promises; otherwise a test that finds nothing would prove nothing."""

from __future__ import annotations

import base64
import gzip
import io
import json
import sqlite3
import unicodedata
import urllib.parse
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pypdf
import pytest
import weasyprint

from canary import ENCODINGS, hits

NEEDLE = "瑞野市星影台３丁目７７-5"
AROUND = "<p>住所：{}</p>\n"


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("form", ["as it is", "NFKC"])
def test_in_every_encoding(encoding: str, form: str) -> None:
    text = NEEDLE if form == "as it is" else unicodedata.normalize("NFKC", NEEDLE)
    assert hits(NEEDLE, AROUND.format(text).encode(encoding))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "cp932", "euc_jp"])
@pytest.mark.parametrize("before", ["", "a", "ab", "abc", "abcd"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_in_base64_at_every_offset(encoding: str, before: str, encode: object) -> None:
    raw = before.encode() + NEEDLE.encode(encoding) + b" and more"
    assert hits(NEEDLE, b"x=" + encode(raw))  # type: ignore[operator]


def test_in_escaped_forms() -> None:
    assert hits(NEEDLE, json.dumps({"a": NEEDLE}).encode())
    assert hits(NEEDLE, urllib.parse.quote(NEEDLE).encode())
    assert hits(NEEDLE, urllib.parse.quote(NEEDLE.encode("cp932")).lower().encode())
    assert hits(NEEDLE, NEEDLE.encode().hex().upper().encode())
    assert hits(NEEDLE, "".join(f"&#{ord(c)};" for c in NEEDLE).encode())


def test_in_containers_and_containers_within(tmp_path: Path) -> None:
    table = pa.table({"a": ["x", NEEDLE]})
    pq.write_table(table, tmp_path / "t.parquet", compression="zstd")
    pyarrow.feather.write_feather(table, tmp_path / "t.arrow", compression="zstd")
    with zipfile.ZipFile(tmp_path / "z.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.csv", NEEDLE.encode("cp932"))
        archive.write(tmp_path / "t.parquet", "t.parquet")
    (tmp_path / "z.zip.gz").write_bytes(gzip.compress((tmp_path / "z.zip").read_bytes()))
    for name in ("t.parquet", "t.arrow", "z.zip", "z.zip.gz"):
        assert hits(NEEDLE, tmp_path / name), name
    assert len([h for h in hits(NEEDLE, tmp_path / "z.zip") if "t.parquet!cells" in h]) >= 1


def test_in_a_pdf_whose_text_is_numbers_of_glyphs(tmp_path: Path) -> None:
    pdf = weasyprint.HTML(string=f"<p style='width: 5em'>住所：{NEEDLE}</p>").write_pdf()
    assert NEEDLE.encode() not in pdf
    assert any("text" in place for place in hits(NEEDLE, pdf))
    with zipfile.ZipFile(tmp_path / "z.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.pdf", pdf)
    assert hits(NEEDLE, tmp_path / "z.zip")


@pytest.mark.parametrize("where", ["attached", "title"])
def test_in_what_a_pdf_carries_beside_its_pages(where: str) -> None:
    writer, written = pypdf.PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    if where == "attached":
        writer.add_attachment("a.csv", NEEDLE.encode("cp932"))
    else:
        writer.add_metadata({"/Title": NEEDLE})
    writer.write(written)
    assert hits(NEEDLE, written.getvalue())


def test_in_a_database_its_log_and_a_file_name(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "d.sqlite3") as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE t (a)")
        database.execute("INSERT INTO t VALUES (?)", (NEEDLE,))
        database.commit()
        assert any(h.startswith("d.sqlite3-wal") for h in hits(NEEDLE, tmp_path))
    database.close()
    (tmp_path / f"{NEEDLE}.txt").write_text("")
    assert any("(name)" in h for h in hits(NEEDLE, tmp_path))


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(bytes(range(256)) * 100)
    buffer = io.BytesIO()
    pq.write_table(pa.table({"a": ["瑞野市星影町３丁目７７-5", "星影台"]}), buffer)
    assert hits(NEEDLE, [tmp_path, buffer.getvalue(), b"PK\x03\x04 no zip", b"PAR1 no parquet"]) == []
