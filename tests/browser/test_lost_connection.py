"""The back button after what was recorded, and no connection while a form is sent: nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
LogIn = Callable[[str], Page]
SAID = "母と電話で話した。来週、学校で会う。"


@pytest.fixture
def child(log_in: LogIn, width: int) -> str:
    """The address of a child's page; one child for each width, since what is recorded stays."""
    page = log_in("worker")
    return str(page.locator("a.name").nth(10 if width == 1280 else 11).get_attribute("href"))


def send_without_connection(page: Page, button: str) -> None:
    """Sends while nothing answers, and comes back once something does, as the browser's own page offers."""
    page.context.set_offline(True)
    page.get_by_role("button", name=button).click()
    page.wait_for_url("chrome-error://**")
    page.context.set_offline(False)
    page.go_back()


def test_the_back_button_shows_what_was_recorded(page: Page, child: str) -> None:
    """Whoever goes back finds it in the list, and not an old page that asks for it again."""
    page.goto(child)
    page.get_by_label("経過を見る").check()
    page.get_by_label("メモ").fill(SAID)
    page.get_by_role("button", name="判断を記録する").click()
    expect(page.get_by_role("status").filter(has_text="判断を記録しました。")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("listitem").filter(has_text=SAID).first).to_be_visible()


def test_a_note_survives_a_lost_connection(page: Page, child: str) -> None:
    page.goto(f"{child}notes/")
    page.get_by_role("textbox", name="メモ", exact=True).fill(SAID)
    send_without_connection(page, "メモを記録する")
    expect(page.get_by_role("textbox", name="メモ", exact=True)).to_have_value(SAID)
    page.get_by_role("button", name="メモを記録する").click()
    expect(page.get_by_role("status").filter(has_text="メモを記録しました。")).to_be_visible()


def test_an_assessment_survives_a_lost_connection(page: Page, child: str) -> None:
    page.goto(f"{child}assessments/")
    page.get_by_role("button", name="始める：共通の見立て").click()
    page.locator("label[for=a-wish-said]").click()
    page.locator("#t-wish").fill("朝、起こしてほしい")
    send_without_connection(page, "ここまでを保存する")
    expect(page.locator("#t-wish")).to_have_value("朝、起こしてほしい")
    page.get_by_role("button", name="ここまでを保存する").click()
    expect(page.get_by_role("status")).to_have_text("ここまでを保存しました。読めるのは自分だけです。")
    expect(page.locator("#t-wish")).to_have_value("朝、起こしてほしい")


def test_what_the_back_button_brings_back_is_not_recorded_twice(page: Page, child: str) -> None:
    """The browser puts typed words into the new page: sent again, they are told to be recorded already."""
    said = "祖母と話した。週末に家を訪ねる。"
    decide = page.get_by_role("button", name="判断を記録する")
    page.goto(child)
    page.get_by_label("すでに支援").check()
    page.get_by_label("メモ").fill(said)
    decide.click()
    expect(page.get_by_role("status").filter(has_text="判断を記録しました。")).to_be_visible()
    page.go_back()
    assert page.get_by_label("メモ").input_value() == said, "the control: this browser brings typed words back"
    decide.click()
    expect(page.get_by_role("status").filter(has_text="すでにご自身で記録しています。")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text=said)).to_have_count(1)
