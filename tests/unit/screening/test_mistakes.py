"""Every mistake in a criteria file is found before an engine runs: its line, what was read, the nearest valid text."""

from __future__ import annotations

from pathlib import Path

import pytest

from screening_cases import CRITERIA_FILE, the_catalogue, the_criteria
from tsunagu.errors import CriterionError
from tsunagu.screening.load import check_criteria, load_criteria

TEXT = CRITERIA_FILE.read_text(encoding="utf-8")
RULES = TEXT.partition("\n[[expect]]")[0]  # its cases would say what a changed rule gives otherwise

# (what is written, what it becomes, part of the message, part of the hint); the mistake stands in the changed line.
MISTAKES = [
    ('id = "assistance"\nlabel', 'id = "Assistance"\nlabel', "'Assistance' is not a name here", "small letters"),
    ('item = "assistance" }', 'item = "asistance" }', "'item' is 'asistance'", "did you mean 'assistance'?"),
    ('item = "assistance" }', 'item = "school_aid" }', "'item' is 'school_aid'", "known: "),
    ('kind = "in_period", item = "assistance"', 'kind = "in_periods", item = "assistance"', "in_periods", "in_period"),
    (
        'kind = "months_max", item = "absent_days"',
        'kind = "months_max", item = "school_fee"',
        "school_fee",
        "absent_days",
    ),
    ('texts = ["unpaid"]', 'texts = ["unpayed"]', "'texts' holds 'unpayed'", "did you mean 'unpaid'?"),
    (
        'months = { calendar = 6 }, no_row = "unknown" }\nunknown_as = "unpaid"',
        'months = { calendar = 0 }, no_row = "unknown" }\nunknown_as = "unpaid"',
        "'calendar' is 0",
        "1 to 24",
    ),
    (
        'population = "preschool"\nunknown_as = "not_seen"',
        'population = "prescool"\nunknown_as = "not_seen"',
        "'population' is 'prescool'",
        "did you mean 'preschool'?",
    ),
    ('unknown_as = "protected"', 'unknown_as = "refuse"', "'unknown_as' is 'refuse'", "did you mean 'refused'?"),
    ("unknown_as = 60\n", "unknown_as = 4\n", "no sign holds then", "the worst value"),
    ("unknown_as = 9\n", "unknown_as = 3\n", "no sign holds then", "the worst value"),
    ("within = 12 }\nforget_after = 12", "within = 13 }\nforget_after = 12", "reaches 13 months back", "at least 13"),
    ('minus = "score" }', 'minus = "school_aid" }', "'school_aid' is no plain number", "score"),
    ('minus = "score" }', 'minus = "scor" }', "'minus' is 'scor'", "did you mean 'score'?"),
    (
        '"taxed", "unknown", "per_capita", "exempt"]',
        '"taxed", "per_capita", "exempt"]',
        "where 'unknown' stands",
        "put",
    ),
    (
        '"taxed", "unknown", "per_capita", "exempt"]',
        '"taxed", "unknown", "per_capita"]',
        "'exempt' is neither",
        "one of",
    ),
    ('{ label = "水痘1", month = 12 }', '{ label = "水痘2", month = 12 }', "'水痘2' is due twice", "write it once"),
    ("answers_at_least = 10", "answers_at_least = 41", "more than the 40 dates", "no child"),
    ('code = "P5"\njudgment = "poverty"\nwhen', 'code = "P2b"\njudgment = "poverty"\nwhen', "'P2b' is there twice", ""),
    (
        'judgment = "noncognitive"\ngroup = "mood"',
        'judgment = "noncognitve"\ngroup = "mood"',
        "noncognitve",
        "did you mean 'noncognitive'?",
    ),
    (
        'when = { indicator = "unpaid_months", at_least = 2 }',
        'when = { indicator = "unpaid", at_least = 2 }',
        "'indicator' is 'unpaid'",
        "did you mean 'unpaid_months'?",
    ),
    (
        'when = { indicator = "unpaid_months", at_least = 2 }',
        'when = { indicator = "unpaid_months", atleast = 2 }',
        "'atleast' has no meaning here",
        "did you mean 'at_least'?",
    ),
    (
        'when = { indicator = "unpaid_months", at_least = 2 }',
        'when = { indicator = "unpaid_months", at_least = "2" }',
        "'at_least' is a text",
        "a number is due",
    ),
    (
        'when = { indicator = "unpaid_months", at_least = 2 }',
        'when = { indicator = "unpaid_months", below = 2 }',
        "counts what is known so far",
        "at_least",
    ),
    (
        'when = { indicator = "school_aid", is = "protected" }',
        'when = { indicator = "school_aid", is = "protect" }',
        "is never 'protect'",
        "did you mean 'protected'?",
    ),
    (
        'when = { indicator = "school_aid", is = "protected" }',
        'when = { indicator = "school_aid", at_least = 1 }',
        "compared with 'at_least'",
        "'is' with a code",
    ),
    ("at_least = 40, below = 45", "at_least = 45, below = 40", "no number can meet these bounds", "lower bound"),
    ("{at}に{value}日欠席しました", "{at}に{days}日欠席しました", "the gap '{days}' cannot be filled", "known: "),
    (
        'when = { indicator = "notifications", at_least = 1 }',
        'when = { indicator = "assistance", at_least = 1 }',
        "towards neglect or abuse",
        "never a suspicion",
    ),
    (
        'indicators = ["tax_class"]',
        'indicators = ["taxclass"]',
        "'indicators' holds 'taxclass'",
        "did you mean 'tax_class'?",
    ),
    ('["P3a", "P4a"], ["P2b", "P4a"]', '["P3a", "P4a"], ["P2b", "P4c"]', "there is no sign 'P4c'", "P4a"),
    ('any = [["A2"], ["A3"]] }', 'any = [["A2"], ["N1a"]] }', "'N1a' belongs to another judgment", ""),
    ("groups = 2 }", "groups = 8 }", "asks for 8 groups, and there are 7", "7 at most"),
    ('any = [["P1"], ["P2a"]', 'any = [[], ["P2a"]', "not a list of signs", "lists such as"),
    ('tone = "watch"', 'tone = "red"', "'tone' is 'red'", "watch"),
    ("judgments = 2, at_least = 1 }", "judgments = 4, at_least = 1 }", "'judgments' is 4", "1 to 3"),
    ("judgments = 2, at_least = 1 }", "judgments = 2, atleast = 1 }", "'atleast' has no meaning here", "at_least"),
    ("effective = 2026-04-01", 'effective = "2026-04-01"', "'effective' is a text", "a date such as"),
    ('approved_by = "瑞野市こども支援会議（例）"', 'approved_by = ""', "'approved_by' is empty", "a text is due"),
    ("except = [8]", "except = [13]", "not a month", "1 to 12"),
    ("grade = { to = 12 }", "grade = { to = 21 }", "'to' is 21", "-6 to 12"),
    ('"P5", "P6", "P4a", "P1"', '"P5", "P6", "P4a", "P1", "P1"', "'weight' holds 'P1' twice", "write it once"),
]


@pytest.mark.parametrize(("written", "becomes", "message", "hint"), MISTAKES, ids=[m[2][:40] for m in MISTAKES])
def test_a_mistake_is_named_with_its_line(tmp_path: Path, written: str, becomes: str, message: str, hint: str) -> None:
    assert TEXT.count(written) >= 1
    text = TEXT.replace(written, becomes, 1)
    file = tmp_path / "criteria.toml"
    file.write_text(text, encoding="utf-8")
    _, mistakes = check_criteria(file, the_catalogue().items)
    found = [m for m in mistakes if message in m.what]
    assert found, [m.text("criteria.toml") for m in mistakes]
    start = TEXT[: TEXT.index(written)].count("\n") + 1
    lines = range(start, start + becomes.count("\n") + 1)
    assert any(m.line in lines for m in found), (found, list(lines))
    assert any(hint in m.nearest for m in found)


WHOLE_TABLE = [
    # a worse case must never be less urgent
    (
        'any = [{ sign = "N4a" }, { judgments = 2, at_least = 2 }]',
        "any = [{ judgments = 3, at_least = 2 }]",
        None,
    ),
    ("any = [{ judgments = 1, at_least = 1 }]", "any = [{ judgments = 3, at_least = 2 }]", "have no row, such as"),
    (
        "any = [{ judgments = 1, at_least = 1 }]",
        "any = [{ judgments = 2, at_least = 1 }]",
        "never the first that holds",
    ),
]


@pytest.mark.parametrize(("written", "becomes", "message"), WHOLE_TABLE)
def test_the_overall_table_has_no_gap_and_no_dead_row(
    tmp_path: Path, written: str, becomes: str, message: str | None
) -> None:
    file = tmp_path / "criteria.toml"
    file.write_text(RULES.replace(written, becomes, 1), encoding="utf-8")
    _, mistakes = check_criteria(file, the_catalogue().items)
    said = [m.what for m in mistakes]
    assert (not said) if message is None else any(message in what for what in said), said


def test_a_worse_case_is_never_less_urgent(tmp_path: Path) -> None:
    # The first two rows change places: two judgments at level 2 would then fall to the lower name.
    swapped = (
        TEXT.replace('name = "重点支援"', 'name = "仮"', 1)
        .replace('name = "見守り"', 'name = "重点支援"', 1)
        .replace("any = [{ judgments = 1, at_least = 1 }]", "any = [{ judgments = 3, at_least = 0 }]", 1)
    )
    file = tmp_path / "criteria.toml"
    file.write_text(swapped, encoding="utf-8")
    _, mistakes = check_criteria(file, the_catalogue().items)
    assert mistakes


def test_the_example_has_no_mistake() -> None:
    assert check_criteria(CRITERIA_FILE, the_catalogue().items)[1] == []
    assert the_criteria().name == "three-judgments@2026.1.0"


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "nothing is written in this file"),
        (b"[criteria]\nid = \n", "not TOML"),
        ('[criteria]\nlabel = "判"\n'.encode("cp932"), "not UTF-8"),
        (b"[[sign]]\ncode = 3\n", "'code' is a whole number"),
        (b"sign = 3\n", "'sign' is a whole number"),
        (b"[signs]\n", "'[signs]' has no meaning here"),
    ],
)
def test_a_broken_file_gives_one_clear_error(tmp_path: Path, content: bytes, part: str) -> None:
    file = tmp_path / "criteria.toml"
    file.write_bytes(content)
    with pytest.raises(CriterionError) as error:
        load_criteria(file, the_catalogue().items)
    assert part in error.value.message()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CriterionError, match="cannot be opened"):
        load_criteria(tmp_path / "none.toml", the_catalogue().items)
