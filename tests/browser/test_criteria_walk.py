"""The editor of criteria in a real browser: a limit moves, counts follow, a draft is kept, and two approve it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from clean import check, settled, to_main_page
from playwright.sync_api import Page, expect
from served import Desk, a_desk

from criteria_world import a_run_with_criteria

pytestmark = pytest.mark.browser
LogIn = Callable[[str], Page]
Shoot = Callable[[str], None]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Desk]:
    """A desk whose run carries criteria that can be tried."""
    home = tmp_path_factory.mktemp("criteria-desk")
    a_run_with_criteria(home / "run", key=home / "run.key")
    with a_desk(home, migrated) as serves:
        yield serves


def would(page: Page, code: str) -> object:
    return page.locator(f'[data-part="c-{code}"] dd').nth(1)


def test_a_limit_moves_a_draft_is_kept_and_two_approve(log_in: LogIn, shoot: Shoot, width: int, page: Page) -> None:
    log_in("analyst")
    to_main_page(page, "判定基準")
    expect(page.get_by_role("heading", level=1)).to_contain_text("判定基準")
    expect(would(page, "N1a")).to_have_text("20")
    shoot("criteria-1-editor")
    check(page, width)
    # Counts follow while the number is typed, without leaving the page; what has focus keeps it.
    field = page.locator('input[name="N1a.0"]')
    field.fill("7")
    expect(would(page, "N1a")).to_have_text("32")
    expect(field).to_be_focused()
    expect(page.locator('[data-part="near"] li').first).to_be_visible()
    assert page.url.endswith("/criteria/")
    shoot("criteria-2-moved")
    check(page, width)
    # The same by the button, as without a script.
    page.get_by_role("button", name="この数で数える").click()
    page.wait_for_url(lambda url: "/criteria/try/" in url)
    expect(would(page, "N1a")).to_have_text("32")
    page.get_by_role("button", name="下書きをつくる").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("下書きをつくる")
    expect(page.get_by_role("heading", name="書き換わる判定例")).to_be_visible()
    check(page, width)
    page.get_by_label("適用を始める日").fill("2027-04-01")
    page.get_by_label("数を変える理由").fill("早めに気づくため")
    shoot("criteria-3-prepare")
    page.get_by_role("button", name="下書きを保存する").click()
    expect(page.get_by_text("下書きを保存しました。")).to_be_visible()
    shoot("criteria-4-draft")
    check(page, width)
    address = settled(page).url
    for login in ("manager", "supervisor"):
        log_in(login)
        page.goto(address)
        page.get_by_role("button", name="承認する", exact=True).click()
        expect(page.get_by_text("下書きを承認しました。")).to_be_visible()
    expect(page.get_by_text("2人が承認済み")).to_be_visible()
    shoot("criteria-5-approved")
    check(page, width)
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Draft of version")
    check(page, width)
    page.goto("/criteria/")
    shoot("criteria-6-english")
    check(page, width)
    page.get_by_role("button", name="日本語").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("判定基準")


def test_without_a_script_the_button_counts(log_in: LogIn, width: int, page: Page) -> None:
    log_in("analyst")
    page.route("**/desk/criteria.js", lambda route: route.abort())
    page.goto("/criteria/")
    page.locator('input[name="N1a.0"]').fill("7")
    page.get_by_role("button", name="この数で数える").click()
    expect(would(page, "N1a")).to_have_text("32")
