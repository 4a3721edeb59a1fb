"""Arguments that several verbs of the command line share."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer


def day(written: str) -> dt.date:
    """The day as it is written on the command line."""
    form = "write it as YYYY-MM-DD with two digits for month and day, for example 2026-09-30."
    try:
        found = dt.datetime.strptime(written, "%Y-%m-%d").date()  # noqa: DTZ007  # a day has no zone
    except ValueError:
        raise typer.BadParameter(f"'{written}' is no day; {form}") from None
    if written != found.isoformat():
        raise typer.BadParameter(f"'{written}' is not in the form wanted, which is {found.isoformat()}; {form}")
    return found


CityFolder = Annotated[Path, typer.Argument(help="The city folder, for example examples/hinode-city.")]
FinishedRun = Annotated[Path, typer.Argument(metavar="RUN", help="A finished run folder.")]
CityOfRun = Annotated[Path, typer.Option(help="The city folder: its catalogue and criteria.")]
MadeWith = Annotated[
    Path | None,
    typer.Option("--criteria", help="The criteria file the run was made with, where the city has a later one."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
DeskFolder = Annotated[
    Path, typer.Option("--folder", help="Where the desk keeps its own files.", envvar="TSUNAGU_DESK")
]
