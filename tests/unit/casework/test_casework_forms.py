"""Forms of a city: read whole or refused with file, line and the nearest valid word; answers lack what they lack."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from pathlib import Path

import pytest

from builders import CITY
from tsunagu.casework.answers import NOT_ANSWERED, PROBLEMS, Answer, Problem, as_text, check_answers, of_text
from tsunagu.casework.choices import Choices, load_choices
from tsunagu.casework.forms import (
    KINDS,
    STANDARD,
    Form,
    as_json,
    in_force,
    load_form,
    load_forms,
    of_json,
    standard_form,
)
from tsunagu.errors import SourceError
from tsunagu.municipality import check_city

A_FORM = """
[form]
id = "visit"
version = "2026.1"
valid_from = 2026-04-01
title = { ja = "訪問", en = "Visit" }
source = { ja = "例", en = "Example" }

[[section]]
id = "child"
title = { ja = "こども", en = "The child" }

[[section.item]]
id = "injury"
kind = "risk"
ja = "けが"
en = "Injuries"
extent = [
  { id = "none", ja = "ない", en = "None" },
  { id = "grave", ja = "重い", en = "Grave" },
]

[[section.item]]
id = "wish"
kind = "voice"
ja = "どうしたいか"
en = "What the child wants"

[[section.item]]
id = "friend"
kind = "strength"
ja = "友だちがいる"
en = "Has a friend"

[[section.item]]
id = "met"
kind = "choice"
ja = "会えた人"
en = "Who was met"
choices = [
  { id = "child", ja = "こども", en = "The child" },
  { id = "nobody", ja = "だれも", en = "Nobody" },
]
optional = true

[[section.item]]
id = "next"
kind = "text"
ja = "次に"
en = "Next"
"""

WRITTEN = {
    "injury": Answer("grave", "左ほほ", "担任"),
    "wish": Answer("said", "ねむりたい"),
    "friend": Answer("partly"),
    "met": Answer("child"),
    "next": Answer("written", "来週また"),
}


@pytest.fixture
def form(tmp_path: Path) -> Form:
    return read(tmp_path, A_FORM)


def read(folder: Path, text: str) -> Form:
    path = folder / "visit.toml"
    path.write_text(text, encoding="utf-8")
    return load_form(path)


def test_a_form_is_read_whole(form: Form) -> None:
    assert (form.id, form.version, form.valid_from) == ("visit", "2026.1", dt.date(2026, 4, 1))
    assert [item.kind for item in form.items()] == ["risk", "voice", "strength", "choice", "text"]
    values = {item.id: item.values for item in form.items()}
    assert values["injury"] == ("none", "grave", "unknown")
    assert values["wish"] == ("said", "asked", "not_asked", "unknown")
    assert values["friend"] == ("yes", "partly", "no", "unknown")
    assert values["next"] == ("written", "unknown")


def test_a_kept_form_is_the_same_form(form: Form) -> None:
    for one in (form, standard_form()):
        assert of_json(json.loads(json.dumps(as_json(one)))) == one


@pytest.mark.parametrize(
    ("written", "instead", "message"),
    [
        ('kind = "risk"', 'kind = "risks"', r"line 15: kind 'risks' is not known\n  Did you mean: risk"),
        ('kind = "voice"', 'kind = "voice"\nextent = []', r"'extent' says nothing about an item of kind 'voice'"),
        ('id = "wish"', 'id = "injury"', r"the item 'injury' stands there twice"),
        ('{ id = "none",', '{ id = "unknown",', r"every item can be answered 'unknown' already"),
        ('{ id = "none",', '{ id = "grave",', r"the step of injury 'grave' stands there twice"),
        ('  { id = "grave", ja = "重い", en = "Grave" },\n', "", r"needs two steps at least; it has 1"),
        ('en = "Injuries"\n', "", r"'en' of injury is missing"),
        ('en = "Injuries"', 'en = " "', r"'en' of injury is empty"),
        ('id = "wish"', 'id = "Wish"', r"the id of \[\[section.item\]\] is 'Wish'"),
        ('"2026.1"', '"2"', r"the version of the form is '2'"),
        ("2026-04-01", '"2026-04-01"', r"'valid_from' of the form must be a day"),
        ("valid_from", "valid_form", r"setting in \[form\] 'valid_form' is not known\n  Did you mean: valid_from"),
        ("optional = true", "optional = 1", r"'optional' of met must be true or false"),
    ],
)
def test_a_mistake_names_its_place_and_the_nearest_word(
    written: str, instead: str, message: str, tmp_path: Path
) -> None:
    assert written in A_FORM
    with pytest.raises(SourceError, match=message) as caught:
        read(tmp_path, A_FORM.replace(written, instead, 1))
    assert caught.value.where.startswith("visit.toml")


def test_a_form_that_asks_nothing_or_too_much_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="asks nothing"):
        read(tmp_path, A_FORM.partition("[[section]]")[0])
    one = '\n[[section.item]]\nid = "item-{n}"\nkind = "strength"\nja = "a"\nen = "a"\n'
    with pytest.raises(SourceError, match="120 questions at most; this one asks 125"):
        read(tmp_path, A_FORM + "".join(one.format(n=n) for n in range(120)))


@pytest.mark.parametrize(
    ("item", "answer", "code"),
    [
        ("injury", None, "not_answered"),
        ("injury", Answer("", "何か", "担任"), "not_answered"),
        ("injury", Answer("no"), "not_a_step"),
        ("injury", Answer("grave", "左ほほ"), "source_missing"),
        ("injury", Answer("none"), ""),
        ("injury", Answer("unknown"), ""),
        ("wish", Answer("said"), "words_missing"),
        ("wish", Answer("asked"), ""),
        ("wish", Answer("not_asked", " "), "reason_missing"),
        ("wish", Answer("unknown"), ""),
        ("friend", Answer("maybe"), "not_a_step"),
        ("met", None, ""),
        ("met", Answer("grandmother"), "not_a_step"),
        ("next", Answer("written"), "text_missing"),
        ("next", Answer("unknown"), ""),
        ("next", Answer("written", "あ" * 2001), "too_long"),
        ("injury", Answer("grave", "", "あ" * 301), "too_long"),
        ("other", Answer("yes"), "not_in_the_form"),
    ],
)
def test_what_an_answer_lacks(item: str, answer: Answer | None, code: str, form: Form) -> None:
    answers = {**WRITTEN, item: answer} if answer else {k: v for k, v in WRITTEN.items() if k != item}
    assert check_answers(form, answers) == ((Problem(item, code),) if code else ())
    assert not code or code in PROBLEMS


def test_answers_come_back_as_they_were_given() -> None:
    assert of_text(as_text(WRITTEN)) == WRITTEN
    assert of_text(as_text({**WRITTEN, "more": NOT_ANSWERED})) == WRITTEN
    assert as_text(dict(reversed(WRITTEN.items()))) == as_text(WRITTEN)


def test_the_latest_version_that_has_begun_is_in_force(form: Form, tmp_path: Path) -> None:
    newer = read(tmp_path, A_FORM.replace("2026.1", "2027.1").replace("2026-04-01", "2027-04-01"))
    day = dt.date(2027, 4, 1)
    assert in_force((newer, form), day - dt.timedelta(days=1)) == (form,)
    assert in_force((form, newer), day) == (newer,)
    assert in_force((form, newer), dt.date(2026, 3, 31)) == ()


def test_a_city_uses_its_own_forms_or_the_standard_one(tmp_path: Path) -> None:
    assert load_forms(None) == load_forms(tmp_path) == (standard_form(),)
    assert [form.id for form in load_forms(CITY)] == ["first-visit"]
    folder = tmp_path / "forms"
    folder.mkdir()
    with pytest.raises(SourceError, match="holds no form"):
        load_forms(tmp_path)
    for name in ("a.toml", "b.toml"):
        (folder / name).write_text(A_FORM, encoding="utf-8")
    with pytest.raises(SourceError, match=r"'visit' version '2026\.1'"):
        load_forms(tmp_path)


def test_checking_a_city_reads_its_forms_and_choices(tmp_path: Path) -> None:
    import shutil

    city = tmp_path / "city"
    shutil.copytree(CITY, city)
    assert check_city(city) == []
    form = city / "forms" / "first-visit.toml"
    form.write_text(form.read_text(encoding="utf-8").replace('"strength"', '"strenght"'), encoding="utf-8")
    (city / "casework.toml").write_text("[assessment]\nown_judgement_first = true\n")
    told = [error.message() for error in check_city(city)]
    assert len(told) == 2
    assert "Did you mean: strength" in told[0]
    assert "Did you mean: own_judgment_first" in told[1]


def test_the_own_judgment_comes_first_where_a_city_says_nothing(tmp_path: Path) -> None:
    assert load_choices(None) == load_choices(tmp_path) == Choices(own_judgment_first=True)
    (tmp_path / "casework.toml").write_text("[assessment]\nown_judgment_first = false\n")
    assert load_choices(tmp_path) == Choices(own_judgment_first=False)


def test_a_telephone_that_cannot_be_dialled_is_said(tmp_path: Path) -> None:
    (tmp_path / "casework.toml").write_text('[office]\ntelephone = "0000-00-0000"\n')
    assert load_choices(tmp_path).telephone == "0000-00-0000"
    for wrong in ("at the counter", "0000 00", "-1"):
        (tmp_path / "casework.toml").write_text(f'[office]\ntelephone = "{wrong}"\n')
        with pytest.raises(SourceError, match="digits with hyphens"):
            load_choices(tmp_path)


def test_the_standard_form_asks_what_it_promises() -> None:
    form = standard_form()
    kinds = {kind: [item for item in form.items() if item.kind == kind] for kind in KINDS}
    assert len(kinds["risk"]) >= 20
    assert len(kinds["strength"]) >= 6
    assert all(not item.is_optional for item in (*kinds["risk"], *kinds["strength"], *kinds["voice"]))
    assert kinds["voice"]
    # Each step says what is seen; a bare word such as 'high' would be one more guess.
    assert all(len(item.steps) == 4 for item in kinds["risk"])
    assert form.sections[0].id == "voice", "the child is heard first"
    texts = [step.words.ja for item in kinds["risk"] for step in item.steps]
    assert not [text for text in texts if "%" in text or "点" in text]


def test_receiving_help_is_no_risk() -> None:
    """Law 5: a benefit is never a suspicion."""
    steps = [step for item in standard_form().items() for step in item.steps]
    assert not [step.id for step in steps if any(word in step.words.ja for word in ("生活保護", "手当", "援助"))]


def test_the_standard_form_is_written_as_it_is_read() -> None:
    written = tomllib.loads(STANDARD.read_text(encoding="utf-8"))
    assert sum(len(section["item"]) for section in written["section"]) == len(standard_form().items())
