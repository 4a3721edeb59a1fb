"""Counts on the nameless table: each is that of a whole screening with the moved limits, and no row names a child."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from fixed import KEY, ON
from screening_cases import the_criteria
from tsunagu.evaluation.nameless import nameless_of
from tsunagu.evaluation.plan import plan
from tsunagu.evaluation.whatif import Trial
from tsunagu.linkage.marks import Marks
from tsunagu.municipality import City
from tsunagu.pipeline import Order, People, read_people
from tsunagu.runs.folder import RunFolder
from tsunagu.screening.carried import restored
from tsunagu.screening.criteria import Criteria
from tsunagu.screening.limits import with_limits
from tsunagu.screening.screen import Screened, screen

Moved = Mapping[tuple[str, tuple[int, ...]], Decimal]


@pytest.fixture(scope="module")
def people(sample: Path, city: City) -> People:
    order = Order(sample / "extracts", ON, sample / "none", KEY)
    return read_people(city, order, lambda stage, done, total: None, Marks(KEY))


@pytest.fixture(scope="module")
def screened_with(people: People, city: City) -> Callable[[Criteria], Screened]:
    """Everybody of the sample screened whole, with other criteria."""
    return lambda criteria: screen(people.linked.persons, people.facts, criteria, city.catalogue, ON)


@pytest.fixture(scope="module")
def trial(run: RunFolder) -> Trial:
    assert run.criteria is not None
    criteria, mistakes = restored(run.criteria)
    assert mistakes == []
    return Trial(nameless_of(run, criteria), criteria)


MOVES: list[Moved] = [
    {},
    {("N1a", (0,)): Decimal(7)},
    {("A2", (0,)): Decimal(38), ("A2", (1,)): Decimal("47.5")},
    {("N5", (0,)): Decimal("0.5"), ("P5", (0,)): Decimal(1), ("N1c", (0,)): Decimal(12)},
    {("P6", (0, 0)): Decimal(3)},
]


@pytest.mark.parametrize("moved", MOVES, ids=lambda m: " ".join(code for code, _path in m) or "in force")
def test_the_counts_are_those_of_a_whole_screening(
    moved: Moved, trial: Trial, screened_with: Callable[[Criteria], Screened]
) -> None:
    screened = screened_with(with_limits(the_criteria(), moved))
    counted = trial.counts(moved)
    overall = screened.judgments.filter(pc.equal(screened.judgments.column("judgment"), "overall"))
    levels = Counter(overall.column("level").to_pylist())
    assert {level: n for level, n in counted.levels.items() if n} == dict(levels)
    signs = screened.reasons.filter(pc.equal(screened.reasons.column("kind"), "sign"))
    held = Counter(
        code for _id, code in {*zip(*(signs.column(c).to_pylist() for c in ("person_id", "code")), strict=True)}
    )
    assert {code: n for code, n in counted.holds.items() if n} == dict(held)
    assert counted.in_scope == overall.num_rows


def test_the_plan_is_the_one_of_the_command_line(
    trial: Trial, people: People, screened_with: Callable[[Criteria], Screened]
) -> None:
    moved = MOVES[3]
    old, new = the_criteria(), with_limits(the_criteria(), moved)
    whole = plan((old, screened_with(old)), (new, screened_with(new)), facts=people.facts, lists=(), on=ON)
    said, expected = trial.plan(new, moved, ON).as_json(), whole.as_json()
    for group in expected["groups"].values():
        del group["list"]  # what lists know of a child is not in the nameless table
    assert {**said, "groups": None} == {**expected, "groups": None}
    for name, group in expected["groups"].items():
        assert said["groups"][name]["total"] == group["total"]


def test_no_row_says_whose_it_is(run: RunFolder, trial: Trial) -> None:
    """No person, no household, no number of a register, no day of birth; and the order is that of the contents."""
    assert run.criteria is not None
    table = nameless_of(run, restored(run.criteria)[0])
    persons = run.table("persons")
    told = {value for column in table.columns for value in column.to_pylist() if value is not None}
    for name in ("person_id", "register_key", "household_id"):
        own = {value for value in persons.column(name).to_pylist() if value}
        # A number of a household may happen to be a value such as 12; those of five digits and more may not.
        assert not {value for value in own & told if len(value) > 4}, name
    assert all(pa.types.is_string(field.type) for field in table.schema)
    rows = [tuple(value or "" for value in row.values()) for row in table.to_pylist()]
    assert rows == sorted(rows)
