"""How the work stands, in a real browser: a supervisor reads it and goes on to a list that waits."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from clean import check, to_main_page
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
LogIn = Callable[[str], Page]
Shoot = Callable[[str], None]


def test_a_supervisor_reads_how_the_work_stands(log_in: LogIn, width: int, page: Page, shoot: Shoot) -> None:
    log_in("supervisor")
    to_main_page(page, "支援の進み具合")
    expect(page.get_by_role("heading", level=1)).to_have_text("支援の進み具合")
    expect(page.get_by_role("heading", name="支援がどこまで届いたか")).to_be_visible()
    check(page, width)
    shoot("standing")
    page.get_by_role("link", name="未完了のタスク").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("タスク")
