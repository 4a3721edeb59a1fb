"""A day on the command line: the one form is taken, and another one is told with the form wanted."""

from __future__ import annotations

import datetime as dt

import pytest
import typer

from tsunagu.cli.arguments import day
from tsunagu.text.tomlfile import nearest


def test_the_form_with_two_digits_is_read() -> None:
    assert day("2026-09-30") == dt.date(2026, 9, 30)


@pytest.mark.parametrize("written", ["2026-9-30", "2026-09-3"])
def test_single_digits_are_told_with_the_same_day_as_it_is_wanted(written: str) -> None:
    wanted = {"2026-9-30": "2026-09-30", "2026-09-3": "2026-09-03"}[written]
    with pytest.raises(typer.BadParameter, match=f"not in the form wanted, which is {wanted}; write it as YYYY-MM-DD"):
        day(written)


@pytest.mark.parametrize("written", ["2026-02-30", "20260930", "30.9.2026", "today", "2026-W40-3"])
def test_what_is_no_day_is_told_with_the_form_wanted(written: str) -> None:
    with pytest.raises(typer.BadParameter, match=f"'{written}' is no day; write it as YYYY-MM-DD"):
        day(written)


def test_where_no_word_is_known_none_is_promised() -> None:
    assert nearest("school", ()) == "There is none that could stand here; take it away."
    assert nearest("zzz", ("a", "b")) == "Known: a, b."
