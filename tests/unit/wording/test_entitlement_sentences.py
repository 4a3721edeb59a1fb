"""What staff read of a programme: it never says that somebody is eligible."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest

from screening_cases import CITY, a_town, the_catalogue
from tsunagu.programmes.load import load_programme, load_programmes
from tsunagu.programmes.search import search
from tsunagu.wording.sentences import entitlement_sentences, finding_sentence
from tsunagu.wording.vocabulary import programme_words

ON = dt.date(2026, 9, 30)
FILES = sorted((CITY / "programmes").glob("*.toml"))


@pytest.fixture(scope="module")
def said() -> tuple[dict[str, Any], list[dict[str, Any]]]:
    programmes = load_programmes(FILES, the_catalogue().items)
    words = {"programmes": {p.id: programme_words(p, p.criteria(ON), the_catalogue()) for p in programmes}}
    return words, search(*a_town(1, ON).tables(), programmes, the_catalogue(), ON).entitlements.to_pylist()


def test_a_finding_is_a_possibility_in_both_languages(said: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    words, rows = said
    by_finding = {row["finding"]: row for row in rows if row["programme"] == "school_aid"}
    sure, open_ = by_finding["may_be_eligible"], by_finding["cannot_tell"]
    assert finding_sentence(words, sure, "ja") == "「就学援助」の対象になる可能性があります"
    assert finding_sentence(words, sure, "en") == "May be eligible: School expense aid"
    assert finding_sentence(words, open_, "ja") == "「就学援助」の対象になる可能性があるか、確かめるまでわかりません"
    for row in rows:
        assert "可能性" in finding_sentence(words, row, "ja")
        assert "ay be eligible" in finding_sentence(words, row, "en")


def test_every_row_says_why_and_what_is_to_be_asked(said: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    words, rows = said
    assert len({row["programme"] for row in rows}) == 8
    for row in rows:
        for lang in ("ja", "en"):
            sentences = entitlement_sentences(words, row, lang)
            assert len(sentences) > len(row["to_ask"]), "a reason or a missing item beside what is to be asked"
            assert not [s for s in sentences if re.search(r"[{}]|^$", s)], "every gap is filled"
    asked = next(row for row in rows if row["programme"] == "short_stay")
    assert (
        entitlement_sentences(words, asked, "ja")[-1] == "ショートステイをすでに利用しているかを確かめる必要があります"
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_text_of_a_shipped_file_promises(path: Path) -> None:
    programme = load_programme(path, the_catalogue().items)
    words = str(programme_words(programme, programme.criteria(ON), the_catalogue()))
    assert not re.search(r"対象です|受給できます|受けられます|(is|are) eligible|entitled|!|！", words)
