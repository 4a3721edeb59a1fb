"""Lists, a conference with its minutes and tasks, the ledger, and a case that two people close; clean to axe."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from clean import check
from playwright.sync_api import Page, expect
from served import purpose

pytestmark = pytest.mark.browser
LogIn = Callable[[str], Page]
Shoot = Callable[[str], None]


def a_candidate(page: Page) -> str:
    """Makes a child whom nobody has decided on a support candidate; gives the address of the child's page."""
    page.goto("/children/?which=unassigned")
    page.locator("table.list a.name").first.click()
    page.get_by_label("支援候補にする").check()
    page.get_by_role("button", name="判断を記録する").click()
    expect(page.get_by_text("判断を記録しました。")).to_be_visible()
    return page.url.partition("#")[0]


def test_lists_are_narrowed_kept_and_taken_together(log_in: LogIn, shoot: Shoot, width: int) -> None:
    page = log_in("worker")
    purpose(page, "早期支援の確認")
    page.goto("/children/?which=unassigned")
    expect(page.locator(".levels [aria-current]").first).to_be_in_viewport(ratio=0.99)
    if width == 390:
        label = page.locator("td.unknowns").first.evaluate("td => getComputedStyle(td, '::before').height")
        assert float(label.removesuffix("px")) < 30, "the label of a row stands on one line"
    check(page, width)
    shoot("lists-1-undecided")
    page.goto("/children/?council=no&which=unassigned")
    page.get_by_label("一覧の名前").fill(f"未登録で未判断 {width}")
    page.get_by_role("button", name="保存する").click()
    expect(page.get_by_text("一覧を保存しました。")).to_be_visible()
    expect(page.get_by_role("link", name=f"未登録で未判断 {width}")).to_be_visible()
    page.locator("input[name=person]").last.check()
    page.get_by_label("理由").fill("学校と様子を確かめる")
    shoot("lists-2-together")
    check(page, width)
    page.get_by_role("button", name="この日まで経過を見る").click()
    expect(page.get_by_text("1人について記録しました。")).to_be_visible()


def test_a_conference_from_its_call_to_the_ledger(log_in: LogIn, shoot: Shoot, width: int) -> None:
    page = log_in("worker")
    purpose(page, "早期支援の確認")
    a_candidate(page)
    page.get_by_role("link", name="会議", exact=True).first.click()
    check(page, width)
    page.get_by_label("日", exact=True).fill((dt.date.today() + dt.timedelta(days=2)).isoformat())  # noqa: DTZ011
    page.get_by_label("場所").fill("市役所 会議室3")
    # By keyboard alone: the office is opened, the next stop is its first person.
    office = page.locator("#call ~ form summary").first
    office.focus()
    if not page.locator("#call ~ form details").first.evaluate("one => one.open"):
        page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    asked = page.locator("#call ~ form input[name=staff]:checked")
    expect(asked).to_have_count(1)
    name = page.locator("#call ~ form .opt:has(input:checked)").inner_text().partition("（")[0]
    check(page, width)
    shoot("conference-0-call")
    page.get_by_role("button", name="会議を招集する").click()
    expect(page.get_by_text("会議を招集しました。")).to_be_visible()
    expect(page.locator("#attend ~ ul")).to_contain_text(name)
    shoot("conference-1-suggested")
    check(page, width)
    page.locator("input[name=person]").first.check()
    page.get_by_role("button", name="議題に載せる").first.click()
    expect(page.get_by_text("議題を変更しました。")).to_be_visible()
    page.get_by_label("次に行うこと").select_option("hold")
    page.get_by_role("button", name="手続を記録する").click()
    expect(page.get_by_text("手続を記録しました。")).to_be_visible()
    page.locator("ol.history a").first.click()
    check(page, width)
    page.get_by_label("決めたこと").fill("学校が毎朝の様子を見る。センターは来週訪問する。")
    page.get_by_label("行うこと").first.fill("家庭を訪問する")
    page.get_by_role("button", name="議事録を記録する").click()
    expect(page.get_by_text("タスクには、内容・担当する人・期限の三つが要ります。")).to_be_visible()
    shoot("conference-2-minutes")
    check(page, width)
    page.get_by_label("担当する人").first.select_option(index=1)
    page.get_by_label("期限").first.fill((dt.date.today() + dt.timedelta(days=7)).isoformat())  # noqa: DTZ011
    page.get_by_role("button", name="議事録を記録する").click()
    expect(page.get_by_text("議事録を記録しました。")).to_be_visible()
    shoot("conference-3-held")
    check(page, width)
    page.get_by_label("次に行うこと").select_option("record")
    page.get_by_role("button", name="手続を記録する").click()
    expect(page.get_by_text("手続を記録しました。")).to_be_visible()
    page.goto("/tasks/?whose=team")
    expect(page.get_by_text("家庭を訪問する").first).to_be_visible()
    shoot("tasks-1-team")
    check(page, width)
    purpose(page, "ケースの支援")
    page.goto("/ledger/")
    shoot("ledger")
    check(page, width)
    purpose(page, "早期支援の確認")


def test_a_case_is_closed_by_two_and_opened_again(log_in: LogIn, shoot: Shoot, width: int) -> None:
    page = log_in("worker")
    purpose(page, "早期支援の確認")
    child = a_candidate(page)
    purpose(page, "ケースの支援")
    page.goto(f"{child}case/")
    page.get_by_label("ケースの終結を提案する").check()
    page.get_by_label("理由", exact=True).fill("三か月、欠席がない。本人も大丈夫と話した。")
    page.get_by_role("button", name="手続を記録する").click()
    expect(page.get_by_text("終結が提案されています。")).to_be_visible()
    shoot("case-1-proposed")
    check(page, width)
    purpose(page, "早期支援の確認")

    page = log_in("supervisor")
    purpose(page, "ケースの支援")
    page.goto(f"{child}case/")
    page.get_by_label("ケースを終結する").check()
    page.get_by_label("理由", exact=True).fill("会議で確かめた。")
    page.get_by_role("button", name="手続を記録する").click()
    expect(page.get_by_text("手続を記録しました。")).to_be_visible()
    page.get_by_label("ケースを再開する").check()
    page.get_by_label("理由", exact=True).fill("また欠席が続いている。")
    shoot("case-2-closed")
    check(page, width)
    page.get_by_role("button", name="手続を記録する").click()
    expect(page.get_by_text("再開した")).to_be_visible()
    purpose(page, "早期支援の確認")
