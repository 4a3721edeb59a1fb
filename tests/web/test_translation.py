"""Japanese is complete: every sentence of code and templates has its translation, none is doubtful, and the compiled
catalogue is the written one."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog, Message
from django.template import Context, Template
from django.utils.translation import override

from tsunagu_web.cases.templatetags.desk import days_left, days_over, years

DESK = Path(__file__).parents[2] / "src" / "tsunagu_web"
PO = DESK / "locale" / "ja" / "LC_MESSAGES" / "django.po"
_TRANSLATE = re.compile(r"{%\s*translate\s+(?:\"([^\"]+)\"|'([^']+)')")
_BLOCK = re.compile(r"{%\s*blocktranslate[^%]*%}(.*?){%\s*endblocktranslate\s*%}", re.DOTALL)
_DEFAULT = re.compile(r"_\(\"([^\"]+)\"\)")
_PLURAL = re.compile(r"{%\s*plural\s*%}")
_COUNTED = re.compile(r"\bngettext\(\s*\"([^\"]+)\",\s*\"([^\"]+)\"")
_CODE = re.compile(r"\b(?:_|gettext_lazy)\(\s*\"([^\"]+)\"\s*\)")


def catalogue() -> Catalog:
    return pofile.read_po(io.BytesIO(PO.read_bytes()), locale="ja")


# A sentence, or for what is counted the one for one thing and the one for several.
Sentence = str | tuple[str, ...]


def sentences() -> set[Sentence]:
    found: set[Sentence] = set()
    for path in DESK.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        found |= {a or b for a, b in _TRANSLATE.findall(text)} | set(_DEFAULT.findall(text))
        found |= {_sentence(re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", inner)) for inner in _BLOCK.findall(text)}
    for path in DESK.rglob("*.py"):
        if "migrations" not in path.parts:
            text = path.read_text(encoding="utf-8")
            found |= set(_CODE.findall(text)) | set(_COUNTED.findall(text))
    return found


def _sentence(inner: str) -> Sentence:
    one, *several = _PLURAL.split(inner)
    return (one, *several) if several else one


def _strings(message: Message | None) -> tuple[str, ...]:
    """The Japanese; of what is counted as well, which has one form there."""
    if message is None:
        return ("",)
    return message.string if isinstance(message.string, tuple) else (str(message.string),)


def test_every_sentence_is_translated() -> None:
    known = catalogue()
    asked = sentences()
    assert len(asked) > 150, "the search for sentences finds them"
    assert sorted(str(s) for s in asked if not all(_strings(known.get(s)))) == []


def test_none_is_doubtful_or_left_over() -> None:
    known = catalogue()
    assert [m.id for m in known if m.id and (m.fuzzy or not all(_strings(m)))] == []
    assert not known.fuzzy
    assert not known.obsolete
    asked = sentences()
    assert sorted(str(m.id) for m in known if m.id and m.id not in asked) == []


def test_what_is_counted_reads_right_for_one() -> None:
    """English has two forms; a sentence that counts things in the plural has its singular beside it."""
    counts = re.compile(r"%\((?:n|age|months|count)\)[sd] (?:older )?(?:\w+s|children)\b")
    assert len([m for m in catalogue() if isinstance(m.id, tuple) and counts.search(m.id[1])]) > 10
    assert [m.id for m in catalogue() if isinstance(m.id, str) and counts.search(m.id)] == []
    page = (DESK / "worklist" / "templates" / "worklist" / "found.html").read_text(encoding="utf-8")
    block = re.search(r"{% blocktranslate count .+?{% endblocktranslate %}", page)[0]  # type: ignore[index]

    def found(n: int) -> str:
        of_the_page = {"listed": {"page": {"paginator": {"count": n}}}}
        return Template("{% load i18n %}" + block).render(Context(of_the_page))

    with override("en"):
        assert [years(1), years(2), days_left(1), days_over(-2)] == ["1 year", "2 years", "1 day left", "2 days over"]
        assert [found(n) for n in (0, 1, 2)] == ["0 children found", "1 child found", "2 children found"]
    with override("ja"):
        assert [years(1), years(2)] == ["1歳", "2歳"]
        assert [found(n) for n in (1, 2)] == ["1 人見つかりました", "2 人見つかりました"]


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
