"""What the child said with a decision, what a note's version changed, and a task handed on, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from clean import check
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_the_child_is_heard_and_what_changes_is_seen(
    log_in: Callable[[str], Page], shoot: Callable[[str], None], width: int
) -> None:
    page = log_in("worker")
    page.goto("/children/")
    # One child for each width, since what is recorded stays.
    child = str(page.locator("a.name").nth(12 if width == 1280 else 13).get_attribute("href"))
    page.goto(child)
    page.get_by_label("すでに支援").check()
    page.get_by_label("聞けた", exact=True).check()
    page.get_by_role("button", name="判断を記録する").click()
    expect(page.get_by_text("こどもの言葉や望み、または、聞けていない理由を書いてください。")).to_be_visible()
    page.get_by_label("こどもの言葉や望み").fill("朝、起こしてほしい")
    check(page, width)
    shoot("voice-form")
    page.get_by_role("button", name="判断を記録する").click()
    expect(page.get_by_role("listitem").filter(has_text="朝、起こしてほしい")).to_be_visible()
    check(page, width)
    shoot("voice")

    page.goto(f"{child}notes/")
    page.get_by_role("textbox", name="メモ", exact=True).fill("母と電話で話した。来週また話す。")
    page.get_by_role("button", name="メモを記録する").click()
    page.get_by_role("link", name="このメモを開く").first.click()
    page.get_by_role("textbox", name="メモ", exact=True).fill("母と学校で話した。来週また話す。")
    page.get_by_role("button", name="変更を記録する").click()
    page.get_by_role("link", name="第2版で変わったところ").click()
    expect(page.locator("del")).to_contain_text("電話")
    expect(page.locator("ins")).to_contain_text("学校")
    check(page, width)
    shoot("changes")

    page.goto(f"{child}tasks/")
    field, typed = page.get_by_label("行うこと"), "学" * 370
    field.fill(typed)
    expect(page.get_by_text("あと30文字書けます。")).to_be_visible()
    field.press("End")
    page.keyboard.insert_text("校" * 33)
    expect(page.get_by_text("3文字多すぎます。書いたものは切られません。")).to_be_visible()
    page.get_by_role("button", name="タスクを立てる").click()
    expect(page.get_by_text("3文字多すぎます（いま403文字、ここに入るのは400文字まで）")).to_be_visible()
    expect(field).to_have_value(typed + "校" * 33)
    check(page, width)
    shoot("too-long")
    field.fill("学校に電話する")
    page.get_by_role("button", name="タスクを立てる").click()
    page.locator("summary", has_text="ほかの人に引き継ぐ").click()
    page.locator("details").get_by_label("理由").fill("異動のため")
    check(page, width)
    shoot("hand-on")
    page.get_by_role("button", name="タスクを引き継ぐ").click()
    expect(page.get_by_role("status").filter(has_text="タスクを引き継ぎました。")).to_be_visible()
