"""School boards in a real browser: the class, one pupil, and the thresholds of the school."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from clean import check, settled
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
LogIn = Callable[[str], Page]
Shoot = Callable[[str], None]


def test_a_vice_principal_reads_a_class_a_pupil_and_sets_thresholds(
    log_in: LogIn, shoot: Shoot, width: int, page: Page
) -> None:
    log_in("viceprincipal")
    page.get_by_role("link", name="学級ボード").click()
    expect(page.get_by_role("row").filter(has_text="小5")).to_have_count(2)
    shoot("boards-1-classes")
    check(page, width)
    page.get_by_role("link", name="小5 1組").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("小5 1組")
    expect(page.locator("tbody .number")).to_have_text([str(n) for n in range(1, 13)])
    expect(page.get_by_text("3日続けて欠席（9月28日〜9月30日）")).to_be_visible()
    expect(page.get_by_text("変化：晴れ（9月29日）から雷（9月30日）へ")).to_be_visible()
    expect(page.get_by_text("あいだの1日は、わかっていません。")).to_be_visible()
    shoot("boards-2-class")
    check(page, width)
    page.locator("tbody").get_by_role("link", name="例川 あおい").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("例川 あおい")
    expect(page.locator("svg.axis:visible")).to_have_count(1)
    page.get_by_text("同じ内容を表で").click()
    expect(page.get_by_role("row", name="令和8年7月")).to_contain_text("不明")
    shoot("boards-3-pupil")
    check(page, width)
    page.get_by_role("link", name="標準の目安").or_(page.get_by_role("link", name="学校の目安")).click()
    row = page.get_by_role("row").filter(has_text="欠席")
    row.get_by_label("授業日で続けて何日").fill("4")
    shoot("boards-4-thresholds")
    check(page, width)
    page.get_by_role("button", name="学校の目安にする").click()
    expect(page.get_by_text("学校の目安を決めました。")).to_be_visible()
    page.get_by_role("navigation", name="主な画面").get_by_role("link", name="学級ボード").click()
    page.get_by_role("link", name="小5 1組").click()
    expect(page.get_by_text("3日続けて欠席")).to_have_count(0)
    # As it was, for whoever walks next.
    page.get_by_role("link", name="学校の目安").click()
    page.get_by_role("row").filter(has_text="欠席").get_by_label("授業日で続けて何日").fill("3")
    page.get_by_role("button", name="学校の目安にする").click()
    expect(page.get_by_text("学校の目安を決めました。")).to_be_visible()


def test_in_english_too(log_in: LogIn, width: int, page: Page) -> None:
    log_in("teacher")
    page.goto("/boards/")
    page.get_by_role("button", name="English").click()
    page.locator("tbody").get_by_role("link").first.click()
    expect(page.get_by_text("Absent 3 days in a row (28 Sep to 30 Sep)")).to_be_visible()
    check(page, width)
    page.locator("tbody").get_by_role("link").first.click()
    check(page, width)
    page.get_by_role("button", name="日本語").click()
    settled(page)
