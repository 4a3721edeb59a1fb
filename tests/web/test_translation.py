"""Japanese is complete: every sentence of code and templates has its translation, none is doubtful, and the compiled
catalogue is the written one."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog

DESK = Path(__file__).parents[2] / "src" / "tsunagu_web"
PO = DESK / "locale" / "ja" / "LC_MESSAGES" / "django.po"
_TRANSLATE = re.compile(r"{%\s*translate\s+(?:\"([^\"]+)\"|'([^']+)')")
_BLOCK = re.compile(r"{%\s*blocktranslate[^%]*%}(.*?){%\s*endblocktranslate\s*%}", re.DOTALL)
_DEFAULT = re.compile(r"_\(\"([^\"]+)\"\)")
_CODE = re.compile(r"\b(?:_|gettext_lazy)\(\s*\"([^\"]+)\"\s*\)")


def catalogue() -> Catalog:
    return pofile.read_po(io.BytesIO(PO.read_bytes()), locale="ja")


def sentences() -> set[str]:
    found: set[str] = set()
    for path in DESK.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        found |= {a or b for a, b in _TRANSLATE.findall(text)} | set(_DEFAULT.findall(text))
        found |= {re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", inner) for inner in _BLOCK.findall(text)}
    for path in DESK.rglob("*.py"):
        if "migrations" not in path.parts:
            found |= set(_CODE.findall(path.read_text(encoding="utf-8")))
    return found


def test_every_sentence_is_translated() -> None:
    known = catalogue()
    asked = sentences()
    assert len(asked) > 150, "the search for sentences finds them"
    assert sorted(s for s in asked if not (known.get(s) and known.get(s).string)) == []


def test_none_is_doubtful_or_left_over() -> None:
    known = catalogue()
    assert [m.id for m in known if m.id and (m.fuzzy or not m.string)] == []
    assert not known.fuzzy
    assert not known.obsolete
    assert sorted(str(m.id) for m in known if m.id and m.id not in sentences()) == []


def test_gaps_are_the_same_in_both_languages() -> None:
    gap = re.compile(r"%\((\w+)\)")
    # A date is written in another calendar: its gaps are chosen from those the code gives for a day.
    days = {"day", "month", "month_name", "year", "era"}
    for message in catalogue():
        given, used = set(gap.findall(str(message.id))), set(gap.findall(str(message.string)))
        assert used <= given or used <= days, message.id
        assert given <= used or given <= days, message.id


def test_one_wording_says_what_is_hidden() -> None:
    said = [str(m.id) for m in catalogue() if re.search("hidden for", str(m.id), re.IGNORECASE)]
    assert len(said) > 5, "the test has sentences to look at"
    assert [s for s in said if not s.lower().endswith("hidden for your role and purpose")] == []
    assert [m.id for m in catalogue() if m.id in said and "権限により非表示" not in str(m.string)] == []


def test_the_compiled_catalogue_is_the_written_one() -> None:
    made = io.BytesIO()
    mofile.write_mo(made, catalogue())
    if os.environ.get("UPDATE_TRANSLATIONS"):
        PO.with_suffix(".mo").write_bytes(made.getvalue())
    told = "run: UPDATE_TRANSLATIONS=1 pytest tests/web/test_translation.py"
    assert PO.with_suffix(".mo").read_bytes() == made.getvalue(), told
