"""The verbs that look at criteria and change nothing: checked, tried on a delivery, asked about one child."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path
from typing import Annotated

import typer

from tsunagu.casework.rules import load_rules
from tsunagu.cli.arguments import AsJson, CityFolder, CityOfRun, FinishedRun, MadeWith, day
from tsunagu.cli.progress import progress
from tsunagu.errors import StateError
from tsunagu.evaluation.backtest import backtest as backtest_of
from tsunagu.evaluation.curves import curve as curve_of
from tsunagu.evaluation.curves import stability as stability_of
from tsunagu.evaluation.explained import explained
from tsunagu.evaluation.plan import plan as plan_of
from tsunagu.evaluation.windows import short_data
from tsunagu.linkage.marks import Marks
from tsunagu.municipality import (
    City,
    all_criteria,
    all_programmes,
    check_city,
    criteria_files,
    load_city,
    require_approved,
)
from tsunagu.pipeline import Order, People, read_people
from tsunagu.runs.crypt import KEY_BYTES
from tsunagu.runs.folder import open_run
from tsunagu.screening.screen import screen
from tsunagu.sources.delivery import require_extracts


def check(
    city: CityFolder,
    extracts: Annotated[
        Path | None,
        typer.Option(help="A delivery: which indicators look further back than its data reaches is then told too."),
    ] = None,
    on: Annotated[
        dt.date | None, typer.Option(parser=day, metavar="YYYY-MM-DD", help="The as-of date of that delivery.")
    ] = None,
) -> None:
    """Reads every file of a city folder and reports every mistake.

    Example: tsunagu check examples/hinode-city
    """
    if (extracts is None) != (on is None):
        raise typer.BadParameter("--extracts and --on go together.")
    mistakes = check_city(city)
    for mistake in mistakes:
        typer.echo(mistake.message())
    if mistakes:
        raise typer.Exit(mistakes[0].exit_code)
    loaded = load_city(city)
    in_force = loaded.criteria
    typer.echo(f"The city folder is in order, and {in_force.cases} cases of the criteria {in_force.name} hold.")
    try:
        require_approved(city, loaded.criteria_path, in_force)
    except StateError as error:
        typer.echo(f"No run is made with them yet: {error.what}. {error.to_do}")
    for criteria in all_criteria(city):
        if criteria.name != in_force.name:
            typer.echo(f"Not in force: {criteria.name}, and {criteria.cases} cases of it hold.")
    for programme in all_programmes(city):
        typer.echo(f"Programme {programme.name}: {programme.cases} cases of it hold.")
    if extracts is not None and on is not None:
        for line in _beyond_the_data(city, extracts, on):
            typer.echo(line)


def plan(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The criteria file in force.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The criteria file that would take its place.")],
    city: Annotated[Path, typer.Option(help="The city folder: its catalogue, sources and lists.")],
    extracts: Annotated[Path, typer.Option(help="The folder with the departments' extracts.")],
    on: Annotated[dt.date, typer.Option(parser=day, metavar="YYYY-MM-DD", help="The as-of date of the delivery.")],
    force: Annotated[str, typer.Option(help="Reason to compare on a day other than the delivery's.")] = "",
    as_json: AsJson = False,
) -> None:
    """Who would enter, leave and stay with another version of the criteria: counts, never names.

    Example: tsunagu plan examples/hinode-city/criteria/three-judgments.toml
    examples/hinode-city/criteria/three-items.toml --city examples/hinode-city --extracts demo/3000/extracts
    --on 2026-09-30
    """
    loaded = load_city(city, tried=(old, new))
    people = _read(loaded, extracts, on, force, quiet=as_json)
    both = [(c, screen(people.linked.persons, people.facts, c, loaded.catalogue, on)) for c in loaded.tried]
    wards = loaded.municipality.wards
    compared = plan_of(both[0], both[1], facts=people.facts, lists=load_rules(city).no_mark_lists, on=on, wards=wards)
    typer.echo(json.dumps(compared.as_json(), ensure_ascii=False, indent=2) if as_json else "\n".join(compared.lines()))


def backtest(
    city: CityFolder,
    extracts: Annotated[Path, typer.Option(help="The folder with the departments' extracts.")],
    on: Annotated[dt.date, typer.Option(parser=day, metavar="YYYY-MM-DD", help="The as-of date of the delivery.")],
    back: Annotated[
        list[int] | None, typer.Option(min=1, max=60, help="A day so many months earlier; may be given several times.")
    ] = None,
    criteria: Annotated[Path | None, typer.Option(help="Another criteria file than the one in force.")] = None,
    force: Annotated[str, typer.Option(help="Reason to look from a day other than the delivery's.")] = "",
    as_json: AsJson = False,
) -> None:
    """What criteria would have said on past days, and who came on a list of concern afterwards: counts, never names.

    Example: tsunagu backtest examples/hinode-city --extracts demo/3000/extracts --on 2026-09-30 --back 6 --back 12
    """
    loaded, lists = load_city(city, criteria), load_rules(city).no_mark_lists
    if not lists:
        raise StateError(
            "this city names no list of concern",
            where=str(city / "casework.toml"),
            to_do="Name them as `lists` under [no_mark].",
        )
    people = _read(loaded, extracts, on, force, quiet=as_json)
    persons = people.linked.persons
    found = backtest_of(loaded.criteria, persons, people.facts, loaded.catalogue, lists, on, back or [6, 12])
    typer.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=2) if as_json else "\n".join(found.lines()))


def explain(
    run_folder: FinishedRun,
    child: Annotated[str, typer.Argument(metavar="CHILD", help="The child's person_id in the run.")],
    city: CityOfRun,
    criteria: MadeWith = None,
    english: Annotated[bool, typer.Option("--english", help="In English instead of Japanese.")] = False,
) -> None:
    """Why one child stands where it stands, why not higher, and the least difference that would raise the level.

    Example: tsunagu explain runs/2026-09 P0123456789abcdef --city examples/hinode-city
    """
    run = open_run(run_folder)
    held = load_city(city, criteria).criteria
    typer.echo("\n".join(explained(run, held, child, "en" if english else "ja")))


def curve(
    run_folder: FinishedRun,
    sign: Annotated[str, typer.Argument(metavar="SIGN", help="The sign's code, for example N1c.")],
    city: CityOfRun,
    criteria: MadeWith = None,
    steps: Annotated[int, typer.Option(min=1, max=50, help="So many steps to either side of the limit.")] = 5,
    limit: Annotated[
        int, typer.Option(min=1, help="Which limit of the sign moves, in the order written; the others are held.")
    ] = 1,
    as_json: AsJson = False,
) -> None:
    """How the lists would change as one limit of a sign moves: counts, never names.

    Example: tsunagu curve runs/2026-09 N1c --city examples/hinode-city
    """
    drawn = curve_of(open_run(run_folder), load_city(city, criteria).criteria, sign, steps, limit)
    typer.echo(json.dumps(drawn.as_json(), ensure_ascii=False, indent=2) if as_json else "\n".join(drawn.lines()))


def stability(
    run_folder: FinishedRun,
    city: CityOfRun,
    criteria: MadeWith = None,
    as_json: AsJson = False,
) -> None:
    """How many listed children keep their level when any one limit moves by one step.

    Example: tsunagu stability runs/2026-09 --city examples/hinode-city
    """
    kept = stability_of(open_run(run_folder), load_city(city, criteria).criteria)
    typer.echo(json.dumps(kept.as_json(), ensure_ascii=False, indent=2) if as_json else "\n".join(kept.lines()))


def _read(loaded: City, extracts: Path, on: dt.date, force: str, *, quiet: bool) -> People:
    """Everybody of a delivery. Nothing of it is kept, so the key that marks records is drawn and forgotten."""
    require_extracts(extracts)
    order = Order(extracts=extracts, on=on, out=extracts, key=os.urandom(KEY_BYTES), force_reason=force)
    with progress(quiet=quiet) as report:
        return read_people(loaded, order, report, Marks(order.key))


def _beyond_the_data(city: Path, extracts: Path, on: dt.date) -> list[str]:
    """What each set, in force or not, asks of days from which the delivery has nothing, at the lines of its signs."""
    files = criteria_files(city)
    loaded = load_city(city, tried=[path for path, _ in files])
    people = _read(loaded, extracts, on, "", quiet=False)
    said: list[str] = []
    for path, criteria in files:
        screened = screen(people.linked.persons, people.facts, criteria, loaded.catalogue, on)
        for reach in short_data(criteria, screened, people.facts, on):
            said += reach.lines(path)
    return said or ["No indicator looks further back than the data of this delivery."]
