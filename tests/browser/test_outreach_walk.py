"""From an absence at the door to a decision, in a real browser: contact, rules, sight, the clock."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from clean import check, settled
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_from_nobody_at_home_to_a_decision(
    log_in: Callable[[str], Page], shoot: Callable[[str], None], width: int
) -> None:
    page = log_in("worker")
    page.goto("/children/")
    # One child for each width, since what is recorded stays.
    child = str(page.locator("a.name").nth(5 if width == 1280 else 6).get_attribute("href"))
    page.goto(child)
    page.locator("input[value=candidate]").check()
    page.locator("#decide ~ form button").click()
    settled(page)
    page.goto(f"{child}outreach/")
    page.get_by_label("方法").select_option("letter")
    page.get_by_label("結果").select_option("left_note")
    page.get_by_role("button", name="連絡を記録する").click()
    expect(page.get_by_text("手紙を出してよいと記録した人が、まだいません", exact=False)).to_be_visible()
    check(page, width)
    page.locator("summary", has_text="記録する").first.click()
    page.get_by_label("手紙を出してよいか").select_option("no")
    page.get_by_label("差出人や件名で、学校や部署の名を出してよいか").select_option("no")
    page.get_by_label("知られてはいけない人").fill("同居の祖父")
    page.locator("#rule ~ details button").click()
    settled(page)
    for note in ("門灯はついていた", "返事がなかった"):
        page.get_by_label("方法").select_option("visit")
        page.get_by_label("結果").select_option("absent")
        page.get_by_label("メモ").last.fill(note)
        page.get_by_role("button", name="連絡を記録する").click()
        expect(page.get_by_text(note)).to_be_visible()
    check(page, width)
    shoot("outreach")
    page.get_by_role("link", name="続けて会えない").click()
    check(page, width)
    shoot("reassessment")
    page.goto("/reassessments/")
    check(page, width)
    shoot("reassessments-due")
    page.goto("/sight/")
    expect(page.get_by_text("記録なし").first).to_be_visible()
    check(page, width)
    shoot("not-seen")
    page.goto(f"{child}sight/")
    page.get_by_label("場所", exact=True).select_option("school")
    page.get_by_label("こどもの様子").fill("友だちと笑っていた")
    page.get_by_label("けがやあざ").select_option("none")
    page.locator("#confirm ~ form button").click()
    expect(page.get_by_text("友だちと笑っていた")).to_be_visible()
    check(page, width)
    shoot("sight")
    page.goto(f"{child}outreach/")
    page.get_by_role("link", name="続けて会えない").click()
    page.get_by_label("変える必要はない").check()
    page.get_by_label("理由", exact=True).fill("学校で目視確認ができた")
    page.get_by_role("button", name="判断を記録する").click()
    expect(page.get_by_text("学校で目視確認ができた")).to_be_visible()
