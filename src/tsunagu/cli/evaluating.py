"""The verbs that hold work against a truth: a run against a delivery's, guidance against a panel's."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from tsunagu.cli.arguments import AsJson, FinishedRun
from tsunagu.errors import StateError
from tsunagu.estimates.card import save_estimate as keep
from tsunagu.evaluation.case_folder import read_case_folder
from tsunagu.evaluation.guidance_report import evaluate_guidance
from tsunagu.evaluation.report import evaluate as evaluate_run
from tsunagu.guidance.load_sheet import load_sheet, standard_sheet
from tsunagu.runs.folder import open_run
from tsunagu.simulated_cases import write_simulated_cases


class RunUnlessNamed(TyperGroup):
    """`tsunagu evaluate RUN --truth ...`, as it was before there was anything else to evaluate, is `evaluate run`."""

    def parse_args(self, ctx, args):  # type: ignore[no-untyped-def]  # the types are typer's own, and private
        if args and args[0] not in self.commands and args[0] != "--help":
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=RunUnlessNamed, no_args_is_help=True, help="Figures against a truth: of a run, or of guidance.")


@app.command("run")
def run(
    run_folder: FinishedRun,
    truth: Annotated[Path, typer.Option(help="The truth folder of the same delivery.")],
    as_json: AsJson = False,
) -> None:
    """Figures of a run against a delivery whose truth is known.

    Example: tsunagu evaluate run runs/2026-09 --truth demo/3000/truth
    """
    figures = evaluate_run(open_run(run_folder), truth)
    typer.echo(json.dumps(figures.as_json(), ensure_ascii=False, indent=2) if as_json else "\n".join(figures.lines()))
    if not figures.is_all_right:
        raise typer.Exit(1)


@app.command("guidance")
def guidance(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER]", help="A folder of cases; with --simulate: where to keep them.")
    ] = None,
    simulate: Annotated[
        int | None, typer.Option(min=100, max=200_000, help="Simulate so many cases instead of reading them.")
    ] = None,
    seed: Annotated[int, typer.Option(help="With --simulate: equal seeds give equal cases.")] = 1,
    train: Annotated[
        int | None,
        typer.Option(min=0, help="So many of the first cases teach the estimate; left out: two of three."),
    ] = None,
    sheet: Annotated[Path | None, typer.Option(help="Another sheet of urgency than the standard one.")] = None,
    save_estimate: Annotated[
        Path | None, typer.Option(help="Keep the estimate and its cards in this folder; refused without lift.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """The acceptance protocol of guidance: every item with its bound. Ends with 1 when one is missed.

    Example: tsunagu evaluate guidance --simulate 7500 --seed 2 --train 5000
    """
    if (folder is None) and (simulate is None):
        raise typer.BadParameter("Name a folder of cases, or --simulate.")
    held = load_sheet(sheet) if sheet else standard_sheet()
    kept = folder or Path(tempfile.mkdtemp(prefix="tsunagu-cases-")) / "cases"
    try:
        if simulate is not None:
            write_simulated_cases(kept, simulate, seed)
        cases = read_case_folder(kept, held)
    finally:
        if folder is None:
            shutil.rmtree(kept.parent, ignore_errors=True)
    report = evaluate_guidance(cases, train=len(cases.cases) * 2 // 3 if train is None else train)
    typer.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=2) if as_json else "\n".join(report.lines()))
    if save_estimate is not None:
        if report.estimate is None:
            raise StateError("no estimate could be made", to_do="Why stands beside the items E1 and E2.")
        keep(report.estimate, save_estimate)
    if report.is_missed:
        raise typer.Exit(1)
