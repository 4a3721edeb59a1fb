"""Programme files: what they say together, dated parameters, and every mistake with its line and the nearest text."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from screening_cases import CITY, the_catalogue
from tsunagu.cli.commands import app
from tsunagu.errors import CriterionError
from tsunagu.programmes.load import check_programme, load_programme, load_programmes
from tsunagu.programmes.programme import Programme, finding, programmes_in_force
from tsunagu.screening.criteria import Comparison
from tsunagu.screening.reference import Judged

FILES = sorted((CITY / "programmes").glob("*.toml"))
AID = CITY / "programmes" / "school-aid.toml"
YES, NO, PERHAPS, NOT_ASKED = Judged(1, 1), Judged(0, 0), Judged(0, 1), Judged(None, None)


def _aid() -> str:
    return AID.read_text(encoding="utf-8")


def _mistakes(text: str, tmp_path: Path) -> list[str]:
    file = tmp_path / "aid.toml"
    file.write_text(text, encoding="utf-8")
    return [mistake.text(file.name) for mistake in check_programme(file, the_catalogue().items)[1]]


@pytest.mark.parametrize(
    ("eligible", "received", "excluded", "found"),
    [
        (YES, NO, None, "may_be_eligible"),
        (YES, NO, NO, "may_be_eligible"),
        (YES, NO, PERHAPS, "cannot_tell"),
        (YES, NO, YES, "none"),
        (YES, PERHAPS, None, "cannot_tell"),
        (YES, YES, None, "receives"),
        (YES, YES, YES, "none"),
        (YES, None, None, "cannot_tell"),
        (PERHAPS, NO, None, "cannot_tell"),
        (PERHAPS, PERHAPS, PERHAPS, "cannot_tell"),
        (PERHAPS, None, None, "cannot_tell"),
        (PERHAPS, YES, None, "receives"),
        (PERHAPS, NO, YES, "none"),
        (NO, NO, None, "none"),
        (NO, PERHAPS, PERHAPS, "none"),
        (NO, YES, None, "none"),
        (NOT_ASKED, NOT_ASKED, None, "none"),
    ],
)
def test_what_the_answers_say_together(
    eligible: Judged, received: Judged | None, excluded: Judged | None, found: str
) -> None:
    asked = {"eligible": eligible, "received": received, "excluded": excluded}
    assert finding({question: judged for question, judged in asked.items() if judged is not None}) == found


@pytest.mark.parametrize(
    ("eligible", "received", "refusal", "excluded", "found"),
    [
        (YES, NO, YES, None, "not_granted"),
        (PERHAPS, PERHAPS, YES, NO, "not_granted"),
        (YES, NO, NO, NO, "may_be_eligible"),
        (YES, NO, PERHAPS, None, "cannot_tell"),
        (YES, YES, YES, None, "receives"),
        (YES, NO, YES, YES, "none"),
        (NO, NO, YES, None, "none"),
    ],
)
def test_an_application_that_was_turned_down_is_a_finding_of_its_own(
    eligible: Judged, received: Judged, refusal: Judged, excluded: Judged | None, found: str
) -> None:
    asked = {"eligible": eligible, "received": received, "not_granted": refusal, "excluded": excluded}
    assert finding({question: judged for question, judged in asked.items() if judged is not None}) == found


def test_the_example_city_describes_eight_programmes_whose_cases_hold() -> None:
    programmes = load_programmes(FILES, the_catalogue().items)
    assert {p.label.ja for p in programmes} == {
        "就学援助",
        "児童扶養手当",
        "ひとり親家庭等医療費助成",
        "養育支援訪問",
        "子育て世帯訪問支援",
        "ショートステイ",
        "学習支援",
        "特別児童扶養手当",
    }
    assert sum(p.cases for p in programmes) >= 120
    assert {p.id for p in programmes if p.holds_receipt} == {"school_aid", "rearing_allowance"}
    assert {p.id for p in programmes if p.holds_refusals} == {"school_aid"}
    assert all(("Receipt" in {a.code for a in p.to_ask}) != p.holds_receipt for p in programmes)
    assert all(p.law and p.run_by.ja and p.apply.ja and p.approved_by for p in programmes)


def test_a_parameter_has_the_value_of_the_day() -> None:
    support = load_programme(CITY / "programmes" / "learning-support.toml", the_catalogue().items)
    assert _limit(support, "score", dt.date(2027, 3, 31)) == Decimal(45)
    assert _limit(support, "score", dt.date(2027, 4, 1)) == Decimal(48)
    aid = load_programme(AID, the_catalogue().items)
    assert [day for day, _ in aid.editions] == [dt.date(2026, 4, 1)]
    assert _limit(aid, "unpaid", dt.date(2026, 4, 1)) == Decimal(2)


def _limit(programme: Programme, indicator: str, on: dt.date) -> object:
    found: list[object] = []

    def look(when: object) -> None:
        if isinstance(when, Comparison):
            found.extend(value for _, value in when.tests if when.indicator == indicator)
        else:
            for part in when.parts:  # type: ignore[attr-defined]
                look(part)

    for sign in programme.criteria(on).signs:
        look(sign.when)
    return found[0]


def test_the_version_in_force_is_the_latest_to_have_taken_effect() -> None:
    now = load_programme(AID, the_catalogue().items)
    later = replace(now, version="2027.1.0", supersedes="2026.1.0", effective=dt.date(2027, 4, 1))
    assert programmes_in_force((later, now), dt.date(2026, 3, 31)) == ()
    assert programmes_in_force((later, now), dt.date(2026, 4, 1)) == (now,)
    assert programmes_in_force((later, now), dt.date(2027, 3, 31)) == (now,)
    assert programmes_in_force((later, now), dt.date(2027, 4, 1)) == (later,)


def _line(text: str, words: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), start=1) if words in line)


@pytest.mark.parametrize(
    ("was", "now", "at", "says"),
    [
        ('"$unpaid_months"', '"$unpaid_month"', '"$unpaid_month" }', "did you mean '$unpaid_months'"),
        ('at_least = "$unpaid_months"', "at_least = 2", 'id = "unpaid_months"', "'unpaid_months' is used by nothing"),
        ("value = 2\n", "value = 2026-01-01\n", "value = 2026-01-01", "neither a number nor a code"),
        ("value = 2\n", 'value = "two"\n', 'value = "two"', "'value' is a text (a number is due, since 'at_least'"),
        ("value = 2\n", "value = 70\n", "value = 70", "'unpaid' can never meet this"),
        ("value = 2\n", "value = 2.5\nvalues = 3\n", "values = 3", "did you mean 'value'"),
        ("[received]", "[recieved]", "[recieved]", "did you mean 'received'"),
        ('indicator = "refusal", is = "refused"', 'indicator = "refusl", is = "refused"', "refusl", "'refusal'"),
        ('unknown_as = "refused"', 'unknown_as = "protected"', 'unknown_as = "protected"', "no sign holds then"),
        ('is = "refused"', 'is = "refuse"', '"refuse"', "did you mean 'refused'"),
        ('{ indicator = "tax", is = "exempt" }', '{ indicator = "tax", is = "exemt" }', "exemt", "'exempt'"),
        ('offered_to = "pupil"', 'offered_to = "pupils"', 'offered_to = "pupils"', "did you mean 'pupil'"),
        ("grade = { from = 1, to = 9 }", "grade = { from = 1 }", 'offered_to = "pupil"', "has no oldest grade"),
        ("生活保護を受給しています", "就学援助の対象です", "就学援助の対象です", "'sentence' says '対象です'"),
        ("年度の途中でも受け付けます", "必ずもらえます", "必ずもらえます", "'apply' says '必ず'"),
        ('code = "A2"', 'code = "A1"', 'code = "A1"', "'A1' is there twice"),
        ('id = "school_aid"', 'id = "School aid"', 'id = "School aid"', "is not a name here"),
        ('code = "Q2"', 'code = "Q1"', 'code = "Q1"', "'Q1' is there twice"),
        ('indicators = ["unpaid"]', 'indicators = ["tax"]', 'unknown_as = "unpaid"', "no [[missing]] lists it"),
        ('finding = "cannot_tell"', 'finding = "cant_tell"', 'finding = "cant_tell"', "did you mean 'cannot_tell'"),
        ('finding = "cannot_tell"', 'finding = "none"', "", "the finding is cannot_tell (expected: none)"),
        ('rules = ["A1"]', 'rules = ["A3"]', 'rules = ["A3"]', "'rules' are A1 (expected: A3)"),
        ('missing = ["M3"]', "missing = []", "", "'missing' are M3 (expected: none)"),
        ("on = 2026-09-30", "on = 2026-03-31", "on = 2026-03-31", "when the programme takes effect"),
        ('unknown_as = "semi_protected"\n', "", "[[indicator]]", "an unknown one would be read as a no"),
        ("unknown_as = 1\n", "", "[[indicator]]", "an unknown one would be read as a no"),
        ('at_least = "$unpaid_months"', 'equals = "$unpaid_months"', "[[indicator]]", "an [[excluded]] from"),
        ('unknown_as = "full"\n', 'unknown_as = "suspended"\n', 'unknown_as = "suspended"', "no sign holds then"),
        ('law = ["学校', 'laws = ["学校', 'laws = ["学校', "did you mean 'law'"),
        ("school_fee = {", "school_fees = {", "school_fees = {", "did you mean 'school_fee'"),
    ],
)
def test_a_mistake_is_told_at_its_line_with_the_nearest_text(
    was: str, now: str, at: str, says: str, tmp_path: Path
) -> None:
    assert was in _aid()
    text = _aid().replace(was, now, 1)
    said = [mistake for mistake in _mistakes(text, tmp_path) if says in mistake]
    assert said, _mistakes(text, tmp_path)
    if at:
        lines = [n for n, line in enumerate(text.splitlines(), start=1) if at in line]
        assert {int(re.split("[: ]", mistake)[1]) for mistake in said} <= set(lines), said


_TWO = """[[parameter]]
id = "unpaid_months"
value = {value}
from = {since}
reference = "例"

[school_months]"""


def _with_two(value: object, since: str) -> str:
    return _aid().replace("[school_months]", _TWO.format(value=value, since=since), 1)


@pytest.mark.parametrize(
    ("value", "since", "at", "says"),
    [
        (3, "2026-04-01", "from = 2026-04-01", "'unpaid_months' has two values from the same day"),
        # Replaced before the programme takes effect.
        (3, "2025-04-01", "from = 2025-04-01", "the value of 'unpaid_months' from 2025-04-01 can never hold"),
        # A later value is told at its own line too, and not at the rule's.
        ('"many"', "2027-04-01", 'value = "many"', "'value' is a text (a number is due, since 'at_least' names it)"),
        (12, "2027-04-01", "value = 12", "'unpaid' can never meet this (it gives whole numbers from 0 to 6)"),
    ],
)
def test_a_mistake_in_a_parameter_is_told_at_its_own_line(
    value: object, since: str, at: str, says: str, tmp_path: Path
) -> None:
    text = _with_two(value, since)
    (said,) = _mistakes(text, tmp_path)
    assert says in said
    assert int(re.split("[: ]", said)[1]) in [n for n, line in enumerate(text.splitlines(), start=1) if line == at]


@pytest.mark.parametrize(
    ("value", "says"),
    [(1, "'value' is a number (a code is due, since 'is' names it)"), ('"exemt"', "'tax' is never 'exemt'")],
)
def test_a_mistake_in_a_code_that_is_a_parameter_is_told_there(value: object, says: str, tmp_path: Path) -> None:
    text = _aid().replace('{ indicator = "tax", is = "exempt" }', '{ indicator = "tax", is = "$lowest" }', 1)
    text = text.replace("[school_months]", _TWO.format(value=value, since="2026-04-01"), 1)
    text = text.replace(f'id = "unpaid_months"\nvalue = {value}', f'id = "lowest"\nvalue = {value}')
    (said,) = (mistake for mistake in _mistakes(text, tmp_path) if says in mistake)
    assert said.startswith(f"aid.toml:{_line(text, f'value = {value}')} ")


def test_a_value_that_holds_later_or_from_before_the_first_day_is_no_mistake(tmp_path: Path) -> None:
    assert _mistakes(_with_two(3, "2027-04-01"), tmp_path) == []
    assert _mistakes(_aid().replace("from = 2026-04-01\nreference", "from = 2020-04-01\nreference"), tmp_path) == []


def test_a_file_without_anything_in_it_is_told_in_one_sentence(tmp_path: Path) -> None:
    for text in ("", "\n", "# まだ何も書いていない\n"):
        assert _mistakes(text, tmp_path) == [
            "aid.toml: nothing is written in this file (write what it is to say, or remove it)"
        ]


def test_a_parameter_without_a_value_on_the_first_day_is_told(tmp_path: Path) -> None:
    text = _aid().replace("from = 2026-04-01", "from = 2026-10-01")
    said = _mistakes(text, tmp_path)
    assert any("has its first value from 2026-10-01 (one from 2026-04-01)" in mistake for mistake in said), said


@pytest.mark.parametrize(
    ("received", "eligible", "says"),
    [
        # A family whose decision cannot be read would be told that it does without.
        ("refused", "semi_protected", "'decision' is unknown as semi_protected, which never says 'received'"),
        # A family whose decision cannot be read would not be looked at.
        ("semi_protected", "refused", "which never says 'eligible'"),
    ],
)
def test_an_unknown_must_be_able_to_answer_each_question(
    received: str, eligible: str, says: str, tmp_path: Path
) -> None:
    semi, instead = (f'{{ indicator = "decision", is = "{code}" }}' for code in ("semi_protected", received))
    text = _aid().replace(semi, instead, 1)
    text = text.replace('{ indicator = "assistance", equals = 1 }', f'{{ indicator = "decision", is = "{eligible}" }}')
    text = text.replace('indicators = ["assistance", "allowance"]', 'indicators = ["allowance"]')
    start = text.index('[[indicator]]\nid = "assistance"')
    text = text[:start] + text[text.index("[[indicator]]", start + 1) :]
    said = _mistakes(re.sub(r"\n\[\[expect\]\](?s:.*)", "", text) + _ONE_CASE, tmp_path)
    assert [mistake for mistake in said if says in mistake], said


_ONE_CASE = """
[[expect]]
case = "対象の外"
on = 2026-09-30
born = 2020-06-01
finding = "none"
"""


def test_who_receives_is_either_recorded_or_asked(tmp_path: Path) -> None:
    both = _aid().replace("[received]\n", '[received]\nto_ask = { ja = "受けているか", en = "whether received" }\n')
    assert any("'to_ask' stands beside 'when'" in mistake for mistake in _mistakes(both, tmp_path))
    start = _aid().index("[received]")
    neither = _aid()[: start + len("[received]\n")] + _aid()[_aid().index("# ----", start) :]
    assert any("neither 'when' nor 'to_ask'" in mistake for mistake in _mistakes(neither, tmp_path))
    nothing = _aid()[:start] + _aid()[_aid().index("# ----", start) :]
    assert any("'[received]' is missing" in mistake for mistake in _mistakes(nothing, tmp_path))


def test_a_file_that_is_no_toml_is_told_at_its_line(tmp_path: Path) -> None:
    text = _aid().replace('version = "2026.1.0"', 'version = "2026.1.0', 1)
    line = _line(text, 'version = "2026.1.0')
    assert [m.partition(" ")[0] for m in _mistakes(text, tmp_path)] == [f"aid.toml:{line}:"]


def test_every_mistake_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    text = _aid().replace('is = "refused"', 'is = "refuse"', 1).replace("grade = { from = 1, to = 9 }", "", 1)
    text = text.replace('"$unpaid_months"', '"$unpaid"', 1)
    said = _mistakes(text, tmp_path)
    assert len(said) == len(set(said)) >= 2
    file = tmp_path / "aid.toml"
    with pytest.raises(CriterionError, match=r"\d mistakes in the programme"):
        load_programme(file, the_catalogue().items)


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        ("", "", "stands in school-aid.toml too"),
        ('version = "2026.1.0"', 'version = "2026.2.0"', "takes effect on the same day"),
        ("except = [8]", "except = [8, 3]", "'school_months' differ"),
    ],
)
def test_files_that_contradict_each_other_are_refused(was: str, now: str, says: str, tmp_path: Path) -> None:
    other = tmp_path / "again.toml"
    other.write_text(_aid().replace(was, now, 1) if was else _aid(), encoding="utf-8")
    with pytest.raises(CriterionError, match=says):
        load_programmes([AID, other], the_catalogue().items)


def test_check_tells_the_mistakes_of_every_programme_file(tmp_path: Path) -> None:
    folder = tmp_path / "city"
    shutil.copytree(CITY, folder)
    for name, was, now in (
        ("school-aid.toml", 'is = "refused"', 'is = "refuse"'),
        ("short-stay.toml", 'finding = "none"', 'finding = "receives"'),
    ):
        file = folder / "programmes" / name
        text = file.read_text(encoding="utf-8")
        assert was in text
        file.write_text(text.replace(was, now, 1), encoding="utf-8")
    said = CliRunner().invoke(app, ["check", str(folder)])
    assert said.exit_code != 0
    assert "school-aid.toml:" in said.output
    assert "short-stay.toml:" in said.output
    assert "expected: receives" in said.output
