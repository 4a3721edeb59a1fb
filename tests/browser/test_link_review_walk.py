"""Link review in a real browser: the list, two records side by side, a decision, and taking it back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from clean import check, settled
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
LogIn = Callable[[str], Page]
Shoot = Callable[[str], None]


def test_an_analyst_compares_decides_and_takes_back(log_in: LogIn, shoot: Shoot, width: int, page: Page) -> None:
    log_in("analyst")
    page.goto("/links/")
    expect(page.get_by_role("heading", level=1)).to_have_text("名寄せの確認")
    expect(page.get_by_text("確認待ち 3 組")).to_be_visible()
    expect(page.get_by_text("渡邉")).to_have_count(0)
    shoot("links-1-list")
    check(page, width)
    page.get_by_role("row").filter(has_text="姓・名・性別").get_by_role("link", name="見比べる").click()
    expect(page.locator("mark").first).to_have_text("邉")
    expect(page.get_by_role("cell", name="字体だけがちがう")).to_be_visible()
    shoot("links-2-pair")
    check(page, width)
    page.get_by_role("button", name="同じこども").click()
    expect(page.locator("select[name=why]")).to_be_focused()
    page.get_by_label("よりどころ").select_option("typing")
    page.get_by_role("button", name="同じこども").click()
    expect(page.get_by_text("判断を記録しました。")).to_be_visible()
    expect(page.get_by_text("確認待ち 2 組")).to_be_visible()
    page.get_by_role("link", name="判断した組").click()
    shoot("links-3-decided")
    check(page, width)
    page.get_by_role("button", name="取り消す").first.click()
    expect(page.get_by_text("判断を取り消しました。")).to_be_visible()
    page.get_by_role("link", name="確認待ち").click()
    expect(page.get_by_text("確認待ち 3 組")).to_be_visible()


def test_in_english_too(log_in: LogIn, width: int, page: Page) -> None:
    log_in("analyst")
    page.goto("/links/")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Link review")
    check(page, width)
    page.get_by_role("link", name="Compare").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("One child or two")
    check(page, width)
    page.get_by_role("button", name="日本語").click()
    settled(page)
