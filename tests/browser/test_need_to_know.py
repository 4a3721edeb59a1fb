"""One child outside somebody's duty, opened in an emergency: who asks, who is told, who proves it afterwards.

Sign-in with a code, purpose, list, child, emergency, review, the auditor's view; clean to axe at both widths.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from clean import check, to_main_page
from playwright.sync_api import Page, expect
from sample_people import some_people
from served import PASSWORD, Desk, session_of

from tsunagu.cli.totp import code_of

pytestmark = pytest.mark.browser
LogIn = Callable[[str], Page]
Shoot = Callable[[str], None]
ELSEWHERE = next(person for person in some_people() if person.school == "201")
_CODE_LASTS_S = 30
WHY = "学校から、家に帰れないと聞いた。今日のうちに会う。"


def give_login(page: Page, desk: Desk, login: str, password: str) -> None:
    """By the pages, from the first one; a code opens the desk once, so the one after the last is waited for."""
    page.goto("/login/")
    page.get_by_label("ログイン名").fill(login)
    page.get_by_label("パスワード").fill(password)
    page.get_by_role("main").get_by_role("button", name="ログイン").click()
    if login in desk.sessions:
        time.sleep(_CODE_LASTS_S - time.time() % _CODE_LASTS_S)
    page.get_by_label("認証アプリのコード").fill(code_of(desk.secrets[login], at=int(time.time())))
    page.get_by_role("button", name="進む").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("利用目的を選ぶ")


def test_a_child_outside_the_duty_is_opened_once_and_everybody_entitled_sees_that(
    log_in: LogIn, shoot: Shoot, width: int, page: Page, desk: Desk
) -> None:
    give_login(page, desk, "socialworker", PASSWORD)
    shoot("emergency-1-purpose")
    check(page, width)
    page.locator("input[name=purpose]").first.check()
    page.get_by_role("button", name="進む").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("気づきのあったこども")
    desk.sessions["socialworker"] = session_of(page)
    expect(page.get_by_role("link", name=ELSEWHERE.name)).to_have_count(0)
    shoot("emergency-2-list")
    check(page, width)
    page.locator("a.name", has_text="例川 あおい").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("例川 あおい")
    shoot("emergency-3-child")
    check(page, width)

    page.goto(f"/children/{ELSEWHERE.person_id}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("担当の範囲に、このこどもは見つかりません")
    assert ELSEWHERE.name not in page.content()
    shoot("emergency-4-refused")
    check(page, width)
    page.get_by_role("link", name="緊急時の閲覧").click()
    page.get_by_label("待てない理由").fill(WHY)
    shoot("emergency-5-reason")
    check(page, width)
    page.get_by_role("button", name="記録して開く").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(ELSEWHERE.name)
    shoot("emergency-6-opened")
    check(page, width)

    log_in("supervisor")
    to_main_page(page, "緊急時の閲覧")
    row = page.get_by_role("row").filter(has_text=ELSEWHERE.person_id).first
    expect(row).to_contain_text(WHY)
    assert ELSEWHERE.name not in page.content(), "whoever reviews reads a number"
    shoot("emergency-7-review")
    check(page, width)
    row.get_by_label("メモ").fill("学校に確かめた。")
    row.get_by_role("button", name="必要だった", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="確認の結果を記録しました。")).to_be_visible()
    page.goto(f"/children/{ELSEWHERE.person_id}/access/")
    shoot("emergency-8-access")
    check(page, width)
    page.get_by_role("button", name="今すぐ終える").first.click()
    expect(page.get_by_role("status").filter(has_text="閲覧の許可を終えました。")).to_be_visible()

    log_in("socialworker")
    page.goto(f"/children/{ELSEWHERE.person_id}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("担当の範囲に、このこどもは見つかりません")

    log_in("auditor")
    lines = page.get_by_role("row").filter(has_text="緊急時の閲覧を開始")
    expect(lines.first).to_contain_text(ELSEWHERE.person_id)
    expect(lines.first).to_contain_text("職員G")
    assert ELSEWHERE.name not in page.content()
    shoot("emergency-9-log")
    check(page, width)
    page.get_by_role("button", name="記録全体を検証する").click()
    expect(page.get_by_text("記録は完全です")).to_be_visible()
    page.goto("/log/signals/")
    shoot("emergency-10-signals")
    check(page, width)
