"""The main journeys in a real Chromium, on a desk's screen and on a phone; every page clean to axe, and pictured."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from clean import check, to_main_page
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
LogIn = Callable[[str], Page]
Shoot = Callable[[str], None]
FORBIDDEN_AT_SCHOOL = (
    "生活保護",
    "課税",
    "要対協",
    "要保護",
    "健診",
    "予防接種",
    "福祉事務所",
    "児童扶養手当",
    "例川 さくら",
)


def test_the_lead_worker_finds_a_child_and_decides(log_in: LogIn, shoot: Shoot, width: int, page: Page) -> None:
    page.goto("/login/")
    check(page, width)
    shoot("login")
    log_in("worker")
    expect(page.get_by_role("heading", level=1)).to_have_text("気づきのあったこども")
    expect(page.get_by_role("region", name="利用目的")).to_contain_text("この閲覧は記録されます")
    check(page, width)
    shoot("worklist")
    page.get_by_label("氏名・ふりがな").fill("れいかわ あおい")
    page.get_by_role("button", name="検索").click()
    expect(page.get_by_text("1 人見つかりました")).to_be_visible()
    assert "れいかわ" not in page.url
    check(page, width)
    shoot("search")
    page.get_by_role("link", name="例川 あおい").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("例川 あおい")
    expect(page.get_by_text("令和8年9月（2026）に11日欠席しました")).to_be_visible()
    expect(page.get_by_text("住所：権限により非表示")).to_be_visible()
    check(page, width)
    shoot("child")
    page.get_by_label("今は支援しない").check()
    page.get_by_role("button", name="判断を記録する").click()
    expect(page.get_by_text("理由を選んでください。")).to_be_visible()
    check(page, width)
    shoot("child-form-again")
    page.get_by_label("経過を見る").check()
    said = f"担任に様子を聞く（{width}）。"
    page.get_by_label("メモ").fill(said)
    page.get_by_role("button", name="判断を記録する").click()
    expect(page.get_by_role("status").filter(has_text="判断を記録しました。")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text=said).first).to_be_visible()
    check(page, width)
    shoot("child-decided")
    page.goto("/children/?state=watch")
    expect(page.get_by_role("link", name="例川 あおい")).to_be_visible()
    shoot("worklist-watch")


def test_the_phone_reads_the_past_month_by_month(log_in: LogIn, page: Page, width: int) -> None:
    log_in("worker")
    page.get_by_role("link", name="例川 あおい").click()
    months = page.locator(".months")
    axis = page.locator(".lanes").first
    if width < 500:
        expect(months).to_be_visible()
        expect(axis).to_be_hidden()
        expect(months.get_by_role("listitem").filter(has_text="令和8年9月").first).to_contain_text("欠席日数 11日")
    else:
        expect(axis).to_be_visible()
        expect(months).to_be_hidden()
    page.locator("main details summary").first.click()
    expect(page.get_by_role("cell", name="11日").first).to_be_visible()
    check(page, width)


def test_the_vice_principal_sees_no_welfare_no_tax_no_health(
    log_in: LogIn, shoot: Shoot, width: int, page: Page
) -> None:
    log_in("viceprincipal")
    expect(page.get_by_role("link", name="例川 あおい")).to_be_visible()
    expect(page.get_by_role("link", name="REI TANAKA ALEJANDRA MARIA")).to_have_count(0)
    check(page, width)
    shoot("school-worklist")
    page.get_by_role("link", name="例川 あおい").click()
    expect(page.get_by_text("登校の様子", exact=False).first).to_be_visible()
    expect(page.get_by_text("理由：権限により非表示")).to_be_visible()
    text = page.content()
    assert [word for word in FORBIDDEN_AT_SCHOOL if word in text] == []
    check(page, width)
    shoot("school-child")
    page.goto("/log/")
    expect(page.get_by_role("heading", level=1)).to_have_text("この画面は担当の範囲外です")
    check(page, width)
    shoot("refused")


def test_the_supervisor_sees_the_overview_of_decisions(log_in: LogIn, shoot: Shoot, width: int, page: Page) -> None:
    log_in("supervisor")
    to_main_page(page, "判断")
    expect(page.get_by_role("heading", level=1)).to_have_text("判断")
    check(page, width)
    shoot("decisions")


def test_the_auditor_proves_the_log_and_opens_no_child(log_in: LogIn, shoot: Shoot, width: int, page: Page) -> None:
    log_in("auditor")
    expect(page.get_by_role("heading", level=1)).to_have_text("閲覧記録")
    assert "例川" not in page.content()
    check(page, width)
    shoot("log")
    page.get_by_role("button", name="記録全体を検証する").click()
    expect(page.get_by_text("記録は完全です")).to_be_visible()
    check(page, width)
    shoot("log-verified")
    page.goto("/children/")
    expect(page.get_by_role("heading", level=1)).to_have_text("この画面は担当の範囲外です")


def test_english_is_one_click_away(log_in: LogIn, shoot: Shoot, width: int, page: Page) -> None:
    log_in("worker")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Noticed children")
    check(page, width)
    shoot("worklist-en")
    page.get_by_role("link", name="例川 あおい").click()
    expect(page.get_by_text("Days absent in September 2026", exact=False).first).to_be_visible()
    check(page, width)
    shoot("child-en")


def test_a_keyboard_reaches_the_content_first(log_in: LogIn, page: Page) -> None:
    log_in("worker")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="本文へ移る")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_a_wrong_address_is_answered_in_plain_words(log_in: LogIn, shoot: Shoot, width: int, page: Page) -> None:
    log_in("worker")
    page.goto("/nothing/")
    expect(page.get_by_role("heading", level=1)).to_have_text("このページはありません")
    check(page, width)
    shoot("not-found")


def test_a_note_is_found_by_its_words(log_in: LogIn, shoot: Shoot, width: int, page: Page) -> None:
    log_in("worker")
    page.get_by_role("link", name="例川 あおい").click()
    page.get_by_role("link", name="メモと添付").click()
    page.get_by_role("textbox", name="メモ", exact=True).fill(f"家庭訪問をした。母は留守（{width}）")
    page.get_by_role("button", name="メモを記録する").click()
    expect(page.get_by_role("status").filter(has_text="メモを記録しました。")).to_be_visible()
    check(page, width)
    shoot("notes")
    page.goto("/children/")
    page.get_by_label("氏名・ふりがな").fill(f"かていほうもん {width}")
    page.get_by_role("button", name="メモをさがす").click()
    expect(page.get_by_text("0 件のメモが見つかりました")).to_be_visible()
    page.get_by_label("氏名・ふりがな").fill(f"訪問 {width}")
    page.get_by_role("button", name="メモをさがす").click()
    expect(page.get_by_text("1 件のメモが見つかりました")).to_be_visible()
    expect(page.get_by_role("link", name="例川 あおい")).to_be_visible()
    assert "訪問" not in page.url
    check(page, width)
    shoot("notes-found")
