"""A referral from the first field to the answer of another role: what was looked at is what is read; clean to axe."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from clean import check
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
LogIn = Callable[[str], Page]
Shoot = Callable[[str], None]
ASKED = "放課後に安心して過ごせる場所を、一緒に探してほしい。"


def test_a_referral_is_looked_at_sent_accepted_and_done(log_in: LogIn, shoot: Shoot, width: int) -> None:
    page = log_in("worker")
    page.goto("/children/")
    page.get_by_role("link", name="例川 あおい").click()
    page.get_by_role("link", name="照会・つなぎ", exact=True).click()
    page.get_by_role("link", name="照会を用意する").click()
    check(page, width)
    partner = page.locator("#id_to optgroup[label='外部支援団体'] option").first.get_attribute("value")
    page.get_by_label("相手", exact=True).select_option(partner)
    page.get_by_label("依頼する内容").fill(ASKED)
    page.get_by_label("こどもの希望").fill("友だちと一緒に過ごしたい。")
    page.get_by_role("textbox", name="利用目的").fill("放課後の居場所の支援のため")
    expect(page.locator("main input[type=checkbox]:checked")).to_have_count(0)
    page.locator("main input[type=checkbox][value=name]").check()
    page.get_by_label("法令上の根拠").select_option("consent_69_2_1")
    shoot("referral-1-prepare")
    page.get_by_role("button", name="渡す内容を確かめる").click()
    expect(page.get_by_text("この根拠に当たる理由を書いてください。")).to_be_visible()
    check(page, width)
    page.get_by_label("根拠に当たる理由").fill("保護者と本人の同意書がある。")
    page.get_by_role("button", name="渡す内容を確かめる").click()
    expect(page.get_by_role("heading", name="渡す内容（このまま渡します）")).to_be_visible()
    looked_at = page.locator("table.leaving").inner_html()
    assert ASKED in looked_at
    assert "例川 あおい" in looked_at
    assert "小学校" not in looked_at, "nobody chose it"
    check(page, width)
    shoot("referral-2-preview")
    page.get_by_role("button", name="このまま送る").click()
    expect(page.get_by_text("照会を送りました。")).to_be_visible()
    check(page, width)

    page = log_in("partner")
    page.get_by_role("link", name="自分への照会").click()
    check(page, width)
    shoot("referral-3-mine")
    page.locator("main table a").last.click()
    assert page.locator("table.leaving").inner_html() == looked_at
    check(page, width)
    page.get_by_label("引き受ける").check()
    page.get_by_role("button", name="手続を記録する").click()
    expect(page.get_by_text("手続を記録しました。")).to_be_visible()
    page.get_by_label("あなたの返答").fill("来週の水曜に、見学に来られます。")
    page.get_by_role("button", name="返答を記録する").click()
    expect(page.get_by_text("来週の水曜に、見学に来られます。")).to_be_visible()
    shoot("referral-4-received")
    check(page, width)
    page.get_by_label("完了を知らせる").check()
    page.get_by_label("理由").fill("居場所が決まった。")
    page.get_by_role("button", name="手続を記録する").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("自分への照会")

    page = log_in("worker")
    page.goto("/children/")
    page.get_by_role("link", name="例川 あおい").click()
    page.get_by_role("link", name="照会・つなぎ", exact=True).click()
    shoot("referral-5-list")
    check(page, width)
    page.locator("main table a").first.click()
    expect(page.get_by_text("居場所が決まった。")).to_be_visible()
    assert page.locator("table.leaving").inner_html() == looked_at
    shoot("referral-6-done")
    check(page, width)
