"""Support to offer in a real browser: a family is read, told by letter, and what came of it is recorded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from clean import check, settled, to_main_page
from playwright.sync_api import Page, expect
from served import Desk, a_desk, purpose

from builders import a_child, a_run
from offered import AID, ASK, MAY, MEDICAL, an_offered
from tsunagu.runs.crypt import create_key, read_key
from two_worlds import a_list

pytestmark = pytest.mark.browser
LogIn = Callable[[str], Page]
Shoot = Callable[[str], None]
IN_THREE_DAYS = (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=3)).isoformat()
OFFERING, FIRST = "申請の案内", "早期支援の確認"
# A family for each width, so that each walk has its own.
FAMILIES = {1280: ("例川 あおい", "例川 ソラ"), 390: ("例本 みお", "例本 れん")}
_KANA = {
    "例川 あおい": "レイカワ アオイ",
    "例川 ソラ": "レイカワ ソラ",
    "例本 みお": "レイモト ミオ",
    "例本 れん": "レイモト レン",
}
HIDDEN = an_offered("例森 けん", "レイモリ ケン", household="3", address="瑞野市若葉2丁目2-2")


def _offers() -> list[object]:
    made: list[object] = [HIDDEN]
    for width, (older, younger) in FAMILIES.items():
        home = {"household": str(width), "address": f"瑞野市若葉1丁目{width}"}
        small = {"school": None, "school_name": None, "grade": -1, "birth_date": dt.date(2021, 4, 2)}
        made.append(an_offered(older, _KANA[older], found=((AID, MAY), (MEDICAL, ASK)), **home))
        made.append(an_offered(younger, _KANA[younger], found=((MEDICAL, ASK),), **home, **small))
    return made


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Desk]:
    """A desk with addresses; one family's is on the register's list of protections."""
    home = tmp_path_factory.mktemp("offers-desk")
    create_key(home / "address.key")
    a_list(home / "list.csv", (HIDDEN.person.resident_no, ""))
    noticed = a_child("例谷 れん", "レイタニ レン", household="9", address="瑞野市若葉9丁目9-9")
    key = read_key(home / "address.key")
    a_run(home / "run", noticed, offers=_offers(), key=home / "run.key", address_key=key)  # type: ignore[arg-type]
    more = {"TSUNAGU_ADDRESS_KEY": str(home / "address.key"), "TSUNAGU_SUPPRESSION_LIST": str(home / "list.csv")}
    with a_desk(home, migrated, more=more) as serves:
        yield serves


def _record(page: Page, lines: list[str], act: str) -> None:
    for line in lines:
        page.get_by_label(line, exact=True).check()
    page.get_by_label(act, exact=True).check()


def test_a_family_is_told_by_letter_and_applies(log_in: LogIn, shoot: Shoot, width: int, page: Page) -> None:
    older, younger = FAMILIES[width]
    log_in("worker")
    purpose(page, OFFERING)
    to_main_page(page, "案内する支援")
    expect(page.get_by_role("heading", level=1)).to_have_text("案内する支援")
    expect(page.get_by_role("row").filter(has_text=older)).to_contain_text(younger)
    shoot("offers-1-list")
    check(page, width)
    page.get_by_role("link", name=older).click()
    expect(page.get_by_text("「就学援助」の対象になる可能性があります").first).to_be_visible()
    shoot("offers-2-family")
    check(page, width)
    # What no record tells is asked first.
    medical = f"{older}：ひとり親家庭等医療費助成"
    _record(page, [medical], "案内のしかたを決める")
    page.get_by_label("方法（予定を決めるとき）").select_option("letter")
    page.get_by_label("日（予定を決めるとき）").fill(IN_THREE_DAYS)
    page.get_by_role("button", name="記録する").click()
    expect(page.get_by_role("alert").first).to_contain_text("先に担当窓口に確かめてください")
    expect(page.get_by_label(medical, exact=True)).to_be_checked()
    check(page, width)
    _record(page, [], "担当窓口に、受けていないことを確かめた")
    page.get_by_role("button", name="記録する").click()
    expect(page.get_by_role("status")).to_have_text("記録しました。")
    _record(page, [f"{older}：就学援助", medical], "案内のしかたを決める")
    page.get_by_label("方法（予定を決めるとき）").select_option("letter")
    page.get_by_label("日（予定を決めるとき）").fill(IN_THREE_DAYS)
    page.get_by_role("button", name="記録する").click()
    expect(page.get_by_text("（手紙）").first).to_be_visible()
    shoot("offers-3-planned")
    check(page, width)
    with page.expect_download() as letter:
        page.get_by_role("link", name="手紙をつくる（PDF）").click()
    assert Path(letter.value.path()).read_bytes().startswith(b"%PDF")
    letter.value.save_as(Path(__file__).parents[2] / "build" / "screenshots" / f"offer-letter-{width}.pdf")
    for act in ("家庭に案内した", "家庭が申請した"):
        _record(page, [f"{older}：就学援助"], act)
        page.get_by_role("button", name="記録する").click()
        expect(page.get_by_role("status")).to_have_text("記録しました。")
    page.get_by_text("これまでの記録").first.click()
    shoot("offers-4-applied")
    check(page, width)
    purpose(page, FIRST)


def test_a_protected_family_is_told_by_hand_and_in_english_too(
    log_in: LogIn, shoot: Shoot, width: int, page: Page
) -> None:
    log_in("worker")
    purpose(page, OFFERING)
    page.goto(f"/offers/{HIDDEN.id}/")
    expect(page.get_by_text("住所は表示できません。")).to_be_visible()
    ways = page.get_by_label("方法（予定を決めるとき）").locator("option")
    expect(ways).to_have_text(["---", "電話", "窓口などで会ったときに手渡す"])
    shoot("offers-5-by-hand")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_text("No letter goes to this family.")).to_be_visible()
    check(page, width)
    page.get_by_role("navigation").get_by_role("link", name="Support to offer").first.click()
    check(page, width)
    page.get_by_role("button", name="日本語").click()
    settled(page)
    purpose(page, FIRST)
