"""From a task that a colleague gives to its page by a reminder, mail, and a closing that says what ends with it."""

from __future__ import annotations

from collections.abc import Callable

from clean import check, settled
from playwright.sync_api import Page, expect
from served import Desk, purpose


def test_from_a_reminder_to_its_matter(
    desk: Desk, log_in: Callable[[str], Page], shoot: Callable[[str], None], width: int
) -> None:
    page = log_in("worker")
    purpose(page, "早期支援の確認")
    page.goto("/children/")
    # One child for each width, since what is recorded stays.
    child = str(page.locator("a.name").nth(9 if width == 1280 else 10).get_attribute("href"))
    page.goto(child)
    page.locator("input[value=candidate]").check()
    page.locator("#decide ~ form button").click()
    settled(page)
    page = log_in("supervisor")
    purpose(page, "ケースの支援")
    page.goto(f"{child}tasks/")
    page.locator("textarea[name=what]").fill("学校での様子を担任に聞く")
    owner = page.locator("select[name=owner] option", has_text="主担当").first.get_attribute("value")
    page.locator("select[name=owner]").select_option(owner)
    page.get_by_role("button", name="タスクを立てる").click()
    desk.command("make-round")
    page = log_in("worker")
    page.goto("/reminders/")
    expect(page.get_by_text("タスクが割り当てられました").first).to_be_visible()
    check(page, width)
    shoot("reminders")
    page.get_by_role("link", name="メールでのお知らせ").click()
    check(page, width)
    shoot("reminders-by-mail")
    page.goto("/reminders/")
    page.get_by_role("button", name="ページを開く").first.click()
    expect(page.get_by_text("学校での様子を担任に聞く")).to_be_visible()
    page.goto("/reminders/?which=settled")
    check(page, width)
    purpose(page, "ケースの支援")
    page.goto(f"{child}case/")
    page.get_by_label("ケースの終結を提案する").check()
    page.get_by_label("理由", exact=True).fill("落ち着いて登校している")
    page.locator("#next ~ form button").click()
    settled(page)
    page = log_in("supervisor")
    purpose(page, "ケースの支援")
    page.goto(f"{child}case/")
    expect(page.get_by_text("終わっていないタスク: 1")).to_be_visible()
    check(page, width)
    shoot("closing-a-case")
    page.get_by_label("ケースを終結する").check()
    page.get_by_label("理由", exact=True).fill("会議で確かめた")
    page.locator("#next ~ form button").click()
    settled(page)
    page.goto(f"{child}tasks/")
    expect(page.get_by_text("取りやめ").first).to_be_visible()
    purpose(page, "早期支援の確認")
    purpose(log_in("worker"), "早期支援の確認")
