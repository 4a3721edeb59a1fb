"""A worker assesses a child in a browser: questions, own judgment, then the machine's level, then the conclusion.

Clean to axe at both widths; the level is on no page before the own judgment is recorded.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from clean import check, to_main_page
from playwright.sync_api import Page, expect
from sample_people import some_people

from tsunagu.casework.forms import standard_form

pytestmark = pytest.mark.browser
LogIn = Callable[[str], Page]
Shoot = Callable[[str], None]
CHILD = next(person for person in some_people() if person.name == "例川 あおい")
ALL_LEVELS = ("重点支援", "予防的支援", "判定保留")


def answer_all(page: Page) -> None:
    for item in standard_form().items():
        if not item.is_optional and not page.locator(f"input[name=a-{item.id}]:checked").count():
            page.locator(f"label[for=a-{item.id}-unknown]").click()


def test_the_own_judgment_comes_first(log_in: LogIn, shoot: Shoot, width: int) -> None:
    page = log_in("worker")
    page.goto(f"/children/{CHILD.person_id}/")
    page.get_by_role("link", name="見立て", exact=True).click()
    shoot("assessment-1-list")
    check(page, width)
    page.get_by_role("button", name="始める：共通の見立て").click()
    expect(page.get_by_text("ここでは、機械の区分と判定を示しません。")).to_be_visible()
    page.locator("label[for=a-wish-said]").click()
    page.locator("#t-wish").fill("朝、起こしてほしい")
    page.locator("label[for=a-injury-doubtful]").click()
    page.locator("#t-injury").fill("左のほほに青いあざ")
    page.get_by_role("button", name="ここまでを保存する").click()
    expect(page.get_by_role("status")).to_have_text("ここまでを保存しました。読めるのは自分だけです。")
    expect(page.locator("#t-injury")).to_have_value("左のほほに青いあざ")
    answer_all(page)
    page.get_by_role("button", name="見立てを記録する").click()
    # Where it is known from is missing, and so is the own judgment.
    expect(page.get_by_role("alert")).to_contain_text("答えがそろっていない質問が 1 件")
    shoot("assessment-2-incomplete")
    check(page, width)
    assert not [level for level in ALL_LEVELS if level in page.content()]
    page.locator("#s-injury").fill("担任から電話")
    page.get_by_text("支援が要る", exact=True).click()
    page.get_by_label("そう考える根拠").fill("あざの説明がつかない。朝の世話がない。")
    page.get_by_role("button", name="見立てを記録する").click()
    expect(page.get_by_role("heading", name="機械の区分")).to_be_visible()
    shoot("assessment-3-conclude")
    check(page, width)
    assert [level for level in ALL_LEVELS if level in page.content()]
    page.get_by_text("結論は、こどもの声に沿っている", exact=True).click()
    page.get_by_label("機械の区分、または自分の見立てと違うときは、その理由").select_option("known_more")
    page.get_by_role("button", name="結論を記録する").click()
    expect(page.get_by_text("左のほほに青いあざ")).to_be_visible()
    expect(page.get_by_text("朝、起こしてほしい")).to_be_visible()
    shoot("assessment-4-read")
    check(page, width)


def test_the_supervisor_reads_how_often_and_why(log_in: LogIn, shoot: Shoot, width: int) -> None:
    page = log_in("supervisor")
    to_main_page(page, "見立ての結論")
    expect(page.get_by_role("heading", level=1)).to_have_text("見立ての結論と機械の区分")
    shoot("assessment-5-overrides")
    check(page, width)
