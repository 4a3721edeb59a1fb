"""Similar past cases and the estimate in a real browser: after the own view, in words and counts, never a share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from centres import a_centre
from clean import check, settled
from playwright.sync_api import Page, expect
from served import Desk, a_desk, purpose

from builders import a_child, a_household, a_run
from tsunagu.guidance.load_sheet import standard_sheet

pytestmark = pytest.mark.browser
LogIn = Callable[[str], Page]
Shoot = Callable[[str], None]
CENTRE, FIRST = "児童相談所の援助と保護", "早期支援の確認"
# A child for each width, so that each walk has its own.
CHILDREN = {1280: ("例川 あおい", "れいかわ"), 390: ("例本 みお", "れいもと")}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Desk]:
    """A centre's desk with its past cases and an estimate that is switched on."""
    home = tmp_path_factory.mktemp("beside-desk")
    a_run(
        home / "run",
        *a_household(a_child()),
        a_child("例本 みお", "レイモト ミオ", household="7"),
        key=home / "run.key",
    )
    with a_desk(home, migrated, more=a_centre(home)) as serves:
        yield serves


def test_what_stands_beside_the_floor(log_in: LogIn, shoot: Shoot, width: int, page: Page) -> None:
    name, reading = CHILDREN[width]
    log_in("worker")
    purpose(page, CENTRE)
    page.goto("/notifications/")
    page.get_by_role("button", name="通告を受ける").click()
    page.get_by_label("見たこと・聞いたこと（通告した人の言葉で）").fill("朝、一人で歩いていた")
    page.get_by_label("近隣・知人").check()
    page.get_by_label("ネグレクト").check()
    page.get_by_label("名前の読み").press_sequentially(reading)
    page.get_by_role("radio", name=re.compile(name)).check()
    page.get_by_label("伝えてはいけない").check()
    page.get_by_role("button", name="通告を記録する").click()
    page.get_by_role("link", name="緊急度の見立て").click()
    page.get_by_role("button", name="見立てに答える").click()
    for question in standard_sheet().questions:
        if question.opened_by is None:
            page.locator(f"label[for=s-{question.id}-absent]").click()
    page.locator("label[for=s-past_reports-present]").click()
    page.locator("label[for=g-past_reports-1]").click()
    page.locator("#f-past_reports").fill("これまでの記録")
    page.get_by_role("button", name="見立てを記録する").click()
    expect(page.get_by_role("heading", name="先に、自分の見方")).to_be_visible()
    expect(page.get_by_text("似た過去の事例")).to_have_count(0)
    expect(page.get_by_text("見立ての参考")).to_have_count(0)
    page.get_by_label(re.compile("^C ")).check()
    page.get_by_label("そう考える根拠").fill("これまでの記録を読んだ")
    page.get_by_role("button", name="自分の見方を記録する").click()
    expect(page.get_by_role("heading", name="似た過去の事例")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("一時保護した"))).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("家庭で重い被害が確かめられた"))).to_be_visible()
    page.locator("details.more summary").first.click()
    expect(page.get_by_text("ここで答えた見立てがまだ少なく")).to_be_visible()
    assert not re.search(r"[0-9] ?[%％]", page.locator("main").inner_text())
    shoot("beside-1-similar")
    check(page, width)
    page.get_by_role("link", name="何から作ったか").click()
    expect(page.get_by_role("heading", name="何を見込むか")).to_be_visible()
    shoot("beside-2-card")
    check(page, width)
    page.go_back()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Similar past cases")).to_be_visible()
    check(page, width)
    page.get_by_role("button", name="日本語").click()
    settled(page)
    purpose(page, FIRST)
