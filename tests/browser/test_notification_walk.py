"""A notification in a real browser, from the telephone to the papers.

Typed and kept at every key, the sheet, the own view before the floor, similar cases and the estimate, the meeting,
protection with its clocks, and an absence that asks for a new assessment.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from centres import a_centre
from clean import check, settled, to_main_page
from playwright.sync_api import Page, expect
from pypdf import PdfReader
from served import Desk, a_desk, purpose

from builders import ATestPerson, a_child, a_household, a_run, absences
from fixed import ROOT

pytestmark = pytest.mark.browser
LogIn = Callable[[str], Page]
Shoot = Callable[[str], None]
CENTRE, FIRST = "児童相談所の援助と保護", "早期支援の確認"
# A child for each width, so that each walk has its own.
CHILDREN = {1280: ("例川 あおい", "れいかわ"), 390: ("例本 みお", "れいもと")}
SAID = "毎晩、大きな音と泣き声が聞こえる。例沢さんも聞いたと話している。"
NOTIFIER = "例丘 太郎"
SHOTS = ROOT / "build" / "screenshots"
#: Of each width, the day of the run that brings the absences of its child.
NEXT = {1280: dt.date(2026, 10, 31), 390: dt.date(2026, 11, 30)}


def _children(*absent: str) -> tuple[ATestPerson, ...]:
    """Both children and an adult; of those who are named, eight days absent in October."""

    def facts(name: str) -> tuple[object, ...]:
        return absences(1, 2, 8, until=dt.date(2026, 10, 1)) if name in absent else absences(1, 2)

    one, other = "例川 あおい", "例本 みお"
    return (
        *a_household(a_child(facts=facts(one))),
        a_child(other, "レイモト ミオ", household="7", facts=facts(other)),
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the desk's files lie."""
    return tmp_path_factory.mktemp("notification-desk")


@pytest.fixture(scope="module")
def desk(home: Path, migrated: Path) -> Iterator[Desk]:
    """A centre's desk with its past cases and an estimate that is switched on."""
    a_run(home / "run", *_children(), key=home / "run.key")
    with a_desk(home, migrated, more=a_centre(home)) as serves:
        yield serves


def _kept(page: Page) -> None:
    expect(page.locator("[data-status]")).to_have_text(re.compile("に保存しました"))


def test_a_notification_from_the_first_word_to_the_papers(
    log_in: LogIn, shoot: Shoot, width: int, page: Page, desk: Desk, home: Path
) -> None:
    name, reading = CHILDREN[width]
    log_in("worker")
    purpose(page, CENTRE)
    to_main_page(page, "通告")
    check(page, width)
    page.get_by_role("button", name="通告を受ける").click()
    check(page, width)
    account = page.get_by_label("見たこと・聞いたこと（通告した人の言葉で）")
    account.press_sequentially(SAID)
    page.get_by_label("近隣・知人").check()
    _kept(page)
    # A browser that is gone takes nothing along: the page opened anew has every word.
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    expect(account).to_have_value(SAID)
    expect(page.get_by_label("近隣・知人")).to_be_checked()
    # Without a connection the page says so, goes on taking words, and sends them once there is one again.
    page.context.set_offline(True)
    page.get_by_label("話に出てくるほかの人").press_sequentially("例沢さん")
    expect(page.locator("[data-status]")).to_contain_text("まだ保存していません")
    page.context.set_offline(False)
    _kept(page)
    # Killed in the middle of a word, the desk has what was typed before, and takes the rest when it is there again.
    account.press("Control+End")
    account.press_sequentially("父の声")
    desk.kill()
    account.press_sequentially("も聞こえる。")
    expect(page.locator("[data-status]")).to_contain_text("まだ保存していません")
    desk.start()
    _kept(page)
    page.reload()
    expect(account).to_have_value(f"{SAID}父の声も聞こえる。")
    page.get_by_label("心理的虐待").check()
    page.get_by_label("名前の読み").press_sequentially(reading)
    found = page.get_by_role("radio", name=re.compile(name))
    expect(found).to_be_visible()
    found.check()
    page.get_by_label("伝えてはいけない").check()
    page.get_by_label("通告した人の名前").press_sequentially(NOTIFIER)
    _kept(page)
    shoot("notification-1-typed")
    check(page, width)
    page.reload()
    expect(page.get_by_role("radio", name=re.compile(name))).to_be_checked()
    expect(page.get_by_label("話に出てくるほかの人")).to_have_value("例沢さん")
    page.get_by_role("button", name="通告を記録する").click()
    expect(page.get_by_role("status").first).to_contain_text("48時間以内に")
    expect(page.locator("mark")).to_have_text("例沢さん")
    expect(page.get_by_text(NOTIFIER)).to_have_count(0)
    shoot("notification-2-recorded")
    check(page, width)
    _answer_the_sheet(page, width, shoot)
    address_of_it = page.url
    _step(page, "緊急度を決める", "夜ごとに続いている", urgency="A")
    _step(page, "安全確認を始める")
    _hear_and_meet(page, desk, width, shoot)
    log_in("supervisor")
    purpose(page, CENTRE)
    page.goto(address_of_it)
    # What the worker decided stands beside the own view alone.
    expect(page.get_by_text("見立てへの自分の見方を記録すると").first).to_be_visible()
    page.get_by_role("link", name="受理会議", exact=True).click()
    page.get_by_label("確認する", exact=True).check()
    page.get_by_role("button", name="確認を記録する").click()
    expect(page.get_by_text("確認済み").first).to_be_visible()
    shoot("notification-5-confirmed")
    check(page, width)
    purpose(page, FIRST)
    log_in("worker")
    purpose(page, CENTRE)
    page.goto(address_of_it)
    _step(page, "ケースにする", "支援を集める")
    expect(page.get_by_text("ケースにした").first).to_be_visible()
    shoot("notification-3-case")
    _read_the_papers(page, name)
    check(page, width)
    _be_absent(log_in, desk, home, width, name, shoot)
    page.goto(address_of_it)
    page.get_by_role("link", name="通告した人を確かめる").click()
    check(page, width)
    page.get_by_label("必要な理由").fill("いつから聞こえたかを確かめる")
    page.get_by_label(re.compile("待てません")).check()
    page.get_by_role("button", name="通告した人を確かめる").click()
    check(page, width)
    page.get_by_role("button", name="通告した人を一度だけ見る").click()
    expect(page.get_by_text(NOTIFIER)).to_be_visible()
    shoot("notification-4-notifier")
    check(page, width)
    purpose(page, FIRST)


def test_a_second_person_looks_at_the_emergency_in_english_too(log_in: LogIn, width: int, page: Page) -> None:
    log_in("supervisor")
    purpose(page, CENTRE)
    page.goto("/notifiers/waiting/")
    check(page, width)
    page.get_by_role("button", name="必要だった").first.click()
    expect(page.get_by_role("status").first).to_be_visible()
    page.goto("/notifications/")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="Take a notification")).to_be_visible()
    check(page, width)
    page.get_by_role("button", name="日本語").click()
    settled(page)
    purpose(page, FIRST)


def _answer_the_sheet(page: Page, width: int, shoot: Shoot) -> None:
    """The first minutes; a branch that opens; the own view before anything of the rules; then floor and view."""
    page.get_by_role("link", name="緊急度の見立て").click()
    page.get_by_role("button", name="見立てに答える").click()
    check(page, width)
    page.locator("label[for=s-injury-absent]").click()
    branch = page.locator("#q-infant_moves")
    expect(branch).to_be_hidden()
    page.locator("label[for=s-injury-present]").click()
    page.locator("label[for=s-young-present]").click()
    page.locator("label[for=g-young-2]").click()
    expect(branch).to_be_visible()
    page.locator("label[for=g-injury-1]").click()
    page.locator("label[for=e-injury-1]").click()
    page.locator("label[for=p-injury-forearm]").click()
    page.locator("#f-injury").press_sequentially("近隣の人")
    page.locator("#f-young").press_sequentially("近隣の人")
    _kept(page)
    page.reload()
    expect(page.locator("#p-injury-forearm")).to_be_checked()
    expect(page.locator("#f-injury")).to_have_value("近隣の人")
    expect(branch).to_be_visible()
    # An answer may close a branch, so what is unanswered is asked for anew each time.
    unanswered = page.locator("fieldset.question:visible:not(:has(input[type=radio]:checked))")
    while unanswered.count():
        unanswered.first.locator("label", has_text="ない").first.click()
    _kept(page)
    shoot("sheet-1-answered")
    check(page, width)
    page.get_by_role("button", name="見立てを記録する").click()
    expect(page.get_by_role("heading", name="先に、自分の見方")).to_be_visible()
    for later in ("答えから出ること", "似た過去の事例", "見立ての参考"):
        expect(page.get_by_text(later)).to_have_count(0)
    shoot("sheet-2-own-view")
    check(page, width)
    page.get_by_label(re.compile("^B ")).check()
    page.get_by_label("そう考える根拠").fill("毎晩の声を近隣の人が聞いている")
    page.get_by_role("button", name="自分の見方を記録する").click()
    expect(page.get_by_role("heading", name="答えから出ること")).to_be_visible()
    expect(page.get_by_role("heading", name="似た過去の事例")).to_be_visible()
    expect(page.get_by_role("heading", name="見立ての参考")).to_be_visible()
    assert not re.search(r"[0-9] ?[%％]", page.locator("main").inner_text()), "no share stands for a risk"
    shoot("sheet-3-floor")
    check(page, width)
    page.get_by_label(re.compile("^A ")).check()
    page.get_by_label("はじめと違う理由、下限より低い理由").select_option("reconsidered")
    page.get_by_role("button", name="見方を記録する", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("緊急度を決められます")


def _send_to_a_killed_desk(page: Page, desk: Desk, button: str) -> None:
    """Kills the desk under a form that is filled in, sends it in vain, and comes back once the desk is there again."""
    desk.kill()
    page.get_by_role("button", name=button).click()
    page.wait_for_url("chrome-error://**")
    desk.start()
    page.go_back()


def _hear_and_meet(page: Page, desk: Desk, width: int, shoot: Shoot) -> None:
    """The meeting asks for the child's own view; it is recorded, protection is begun, and its clocks run."""
    page.get_by_role("link", name="受理会議", exact=True).click()
    check(page, width)
    page.get_by_role("link", name=re.compile("先にこどもの意見を記録する")).click()
    check(page, width)
    page.get_by_label("一時保護の開始").check()
    page.get_by_label("聞けた").check()
    page.get_by_label(re.compile("^こどもの言葉")).fill("夜がこわいと話した")
    _send_to_a_killed_desk(page, desk, "こどもの意見を記録する")
    expect(page.get_by_label(re.compile("^こどもの言葉"))).to_have_value("夜がこわいと話した")
    expect(page.get_by_label("聞けた")).to_be_checked()
    page.get_by_role("button", name="こどもの意見を記録する").click()
    page.get_by_label("一時保護所").check()
    page.get_by_label("親権者等の意に反する").check()
    page.get_by_label("一時保護が必要な理由").fill("夜ごとに続いている")
    _send_to_a_killed_desk(page, desk, "一時保護を記録する")
    expect(page.get_by_label("一時保護が必要な理由")).to_have_value("夜ごとに続いている")
    expect(page.get_by_label("親権者等の意に反する")).to_be_checked()
    page.get_by_role("button", name="一時保護を記録する").click()
    expect(page.get_by_text("一時保護状を請求する").first).to_be_visible()
    shoot("protection-1-clocks")
    check(page, width)
    page.get_by_role("link", name="通告", exact=True).last.click()
    page.get_by_role("link", name=re.compile("^通告 1")).click()
    page.get_by_role("link", name="受理会議", exact=True).click()
    page.get_by_label(re.compile("緊急にその場で開いた")).check()
    page.get_by_label("待てなかった理由").fill("今夜も続くおそれがある")
    page.get_by_label("ほかの出席者（1行に一人）").fill("例所長")
    page.get_by_label("わかっていたこと").fill("毎晩の声を近隣の人が聞いている")
    page.get_by_label("すぐに一時保護する").check()
    page.get_by_label("理由", exact=True).fill("下限が求めている")
    shoot("notification-3-meeting")
    _send_to_a_killed_desk(page, desk, "会議を記録する")
    expect(page.get_by_label("わかっていたこと")).to_have_value("毎晩の声を近隣の人が聞いている")
    expect(page.get_by_label("すぐに一時保護する")).to_be_checked()
    page.get_by_role("button", name="会議を記録する").click()
    expect(page.get_by_role("status").first).to_contain_text("受理会議を記録しました")
    check(page, width)
    page.get_by_role("link", name="通告のページへ").click()


def _read_the_papers(page: Page, name: str) -> None:
    """Every paper that the page offers: one entry, and nothing of it typed again; none says who notified."""
    here = page.url
    links = page.locator("a[href*='/papers/']")
    kinds = [link.inner_text() for link in links.all()]
    assert len(kinds) == 3, kinds
    for kind in kinds:
        _read(page, kind, name)
    page.get_by_role("link", name="一時保護", exact=True).first.click()
    _read(page, "一時保護状請求書（PDF）", name)
    page.goto(here)


def _read(page: Page, kind: str, name: str) -> None:
    with page.expect_download() as paper:
        page.get_by_role("link", name=kind, exact=True).first.click()
    data = Path(paper.value.path()).read_bytes()
    (SHOTS / f"paper-{kind}.pdf").write_bytes(data)
    said = "".join(one.extract_text() for one in PdfReader(io.BytesIO(data)).pages).replace("\n", "")
    assert name.replace(" ", "") in said.replace(" ", ""), kind
    assert NOTIFIER not in said, kind
    page.reload()  # a download leaves the page where it is


def _be_absent(log_in: LogIn, desk: Desk, home: Path, width: int, name: str, shoot: Shoot) -> None:
    """The next run brings more days absent: the child's page and whoever leads ask for a new assessment."""
    earlier = [children for at, (children, _) in CHILDREN.items() if NEXT[at] < NEXT[width]]
    a_run(home / f"next-{width}", *_children(name, *earlier), on=NEXT[width], key=home / "run.key")
    desk.command("intake", str(home / f"next-{width}"), "--key", str(home / "run.key"))
    page = log_in("worker")
    purpose(page, FIRST)
    page.goto("/")
    page.get_by_role("link", name="再アセスメントを待つ").click()
    page.get_by_role("link", name=name).first.click()
    expect(page.get_by_role("main").get_by_text(re.compile("再アセスメント")).first).to_be_visible()
    page.goto("/reassessments/")
    expect(page.get_by_text(name).first).to_be_visible()
    shoot("reassessment-by-absence")
    check(page, width)
    # Whoever answers for the team finds it without looking for it.
    log_in("supervisor")
    purpose(page, FIRST)
    page.goto("/reassessments/")
    expect(page.get_by_text(name).first).to_be_visible()
    log_in("worker")
    purpose(page, CENTRE)


def _step(page: Page, step: str, reason: str = "", *, urgency: str = "") -> None:
    page.get_by_label(step, exact=True).check()
    if urgency:
        page.get_by_label("緊急度の区分").select_option(urgency)
    if reason:
        page.get_by_label("理由", exact=True).fill(reason)
    page.get_by_role("button", name="手続を記録する").click()
    expect(page.get_by_role("status").first).to_have_text("手続を記録しました。")
