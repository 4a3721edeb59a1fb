"""Progress on stderr: a moving bar for a person, plain lines where the output is a file or CI."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tsunagu.pipeline import Report


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Report]:
    """A function `report(stage, done, total)` that shows where the work is; total 0 means unknown."""
    if quiet:
        yield lambda stage, done, total: None
    elif sys.stderr.isatty():
        with _moving() as report:
            yield report
    else:
        yield _plain()


@contextmanager
def _moving() -> Iterator[Report]:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=False) as bar:
        tasks: dict[str, int] = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = int(bar.add_task(stage, total=total or None))
            task = next(t for t in bar.tasks if int(t.id) == tasks[stage])
            bar.update(task.id, completed=done, total=total or None)

        yield report


def _plain() -> Report:
    shown: set[str] = set()

    def report(stage: str, done: int, total: int) -> None:
        if stage not in shown:
            shown.add(stage)
            sys.stderr.write(f"{stage}\n")
            sys.stderr.flush()

    return report
