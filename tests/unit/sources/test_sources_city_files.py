"""A city's files: every mistake is named with its file, its line and the nearest valid word."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import deliveries as d
from tsunagu.errors import SourceError
from tsunagu.sources import load_catalogue, load_holders, load_municipality, load_sources

Edit = Callable[[str, str, str], Path]


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    """The example city with one text replaced in one file."""

    def edit(file: str, old: str, new: str) -> Path:
        folder = tmp_path / "city"
        for part in ("holders", "catalogue", "sources"):
            shutil.copytree(d.CITY / part, folder / part)
        shutil.copy(d.CITY / "municipality.toml", folder)
        place = folder / file
        text = place.read_text(encoding="utf-8")
        assert old in text
        place.write_text(text.replace(old, new, 1), encoding="utf-8")
        return folder

    return edit


def test_the_example_city_is_read() -> None:
    holders, catalogue, sources = load_holders(d.CITY), load_catalogue(d.CITY), load_sources(d.CITY)
    assert load_municipality(d.CITY).ja == "瑞野市"
    assert {item.holder for item in catalogue.items.values()} <= holders.keys()
    assert {spec.holder for spec in sources.tables()} == holders.keys()
    used = {fact.item for spec in sources.tables() for fact in spec.facts} | {"roster"}
    assert used == catalogue.items.keys()


@pytest.mark.parametrize(
    ("file", "old", "new", "where", "what", "to_do"),
    [
        ("sources/school.toml", 'as = "month"', 'as = "moth"', "sources/school.toml, line 3", "'moth'", "month"),
        (
            "sources/school.toml",
            'item = "school_aid"',
            'item = "school_ade"',
            "sources/school.toml",
            "'school_ade'",
            "school_aid",
        ),
        (
            "sources/school.toml",
            "recorded_at =",
            "recorded_on =",
            "sources/school.toml",
            "'recorded_on'",
            "recorded_at",
        ),
        (
            "sources/school.toml",
            'at_most = "school_days"',
            'at_most = "days"',
            "sources/school.toml",
            "'days'",
            "school_days",
        ),
        ("sources/school.toml", '"paid", "未納"', '"payed", "未納"', "sources/school.toml", "'payed'", "paid"),
        ("sources/school.toml", '"@grade"', '"@grades"', "sources/school.toml", "'grades'", "grade"),
        ("sources/school.toml", 'holder = "gakumu"', 'holder = "gakuma"', "sources/school.toml", "'gakuma'", "gakumu"),
        ("sources/school.toml", 'key = "{pupil_no}"', 'key = "{pupil}"', "sources/school.toml", "'pupil'", "pupil_no"),
        ("sources/school.toml", "_{year}", "_{years}", "sources/school.toml", "'years'", "year"),
        ("sources/school.toml", "most = 9", 'most = "x"', "sources/school.toml", "must be a number", ""),
        ("sources/school.toml", "required = true", 'required = "yes"', "sources/school.toml", "true or false", ""),
        (
            "catalogue/welfare.toml",
            'direction = "need"',
            'direction = "needs"',
            "catalogue/welfare.toml, line 1",
            "'needs'",
            "need",
        ),
        (
            "catalogue/welfare.toml",
            "freshness_days = 45",
            'freshness_days = "45"',
            "catalogue/welfare.toml",
            "whole number",
            "",
        ),
        ("catalogue/welfare.toml", 'en = "School expense aid"\n', "", "catalogue/welfare.toml", "'en'", ""),
        ("catalogue/welfare.toml", 'id = "report"', 'id = "school_aid"', "catalogue/welfare.toml", "defined twice", ""),
        ("holders/departments.toml", "[[holder]]", "[[holder]", "holders/departments.toml", "not valid TOML", ""),
        ("municipality.toml", "code =", "kode =", "municipality.toml", "'kode'", "code"),
    ],
)
def test_a_mistake_is_named(edited: Edit, file: str, old: str, new: str, where: str, what: str, to_do: str) -> None:
    folder = edited(file, old, new)
    with pytest.raises(SourceError) as error:
        load_sources(folder)
    assert error.value.where.startswith(where)
    assert what in error.value.what
    assert to_do in error.value.to_do


def test_the_line_is_the_one_with_the_mistake(edited: Edit) -> None:
    folder = edited("sources/school.toml", 'as = "month"', 'as = "moth"')
    lines = (folder / "sources/school.toml").read_text(encoding="utf-8").splitlines()
    number = next(n for n, line in enumerate(lines, start=1) if '"moth"' in line)
    with pytest.raises(SourceError) as error:
        load_sources(folder)
    assert error.value.where == f"sources/school.toml, line {number}"


def test_a_file_in_another_encoding_is_named(tmp_path: Path, edited: Edit) -> None:
    folder = edited("municipality.toml", "瑞野市", "瑞野市")
    place = folder / "municipality.toml"
    place.write_bytes(place.read_text(encoding="utf-8").encode("cp932"))
    with pytest.raises(SourceError, match="not UTF-8"):
        load_sources(folder)


def test_a_folder_that_is_no_city_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="missing"):
        load_municipality(tmp_path)
    with pytest.raises(SourceError, match="no holders/"):
        load_holders(tmp_path)
