"""The thread of a case in a real browser: from a notice to the support that arrived, to its closing, and open again.

Each room has a walk of its own in depth; here one child goes through all of them, at both widths, on one desk.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pypdf
import pytest
from clean import check, settled
from playwright.sync_api import Page, expect
from served import Desk, a_desk, purpose
from test_assessment_walk import answer_all

from builders import ATestPerson, a_child, a_household, a_run, absences, an_id, many_absences

pytestmark = pytest.mark.browser
LogIn = Callable[[str], Page]
Shoot = Callable[[str], None]
SEPTEMBER, OCTOBER = dt.date(2026, 9, 1), dt.date(2026, 10, 1)
# One child for each width, since what is recorded stays; and the day of the run that brings the child's new absences.
NAMES = {1280: ("例沢 こはる", "レイザワ コハル"), 390: ("例島 なぎ", "レイシマ ナギ")}
NEXT_RUN = {1280: dt.date(2026, 10, 31), 390: dt.date(2026, 11, 14)}
GOAL, HELP = "朝、起きられるようになる", "週に一度、家のことを手伝う"


def people(on: dt.date) -> list[ATestPerson]:
    """Both children and their families, as a run of that day knows them."""
    made: list[ATestPerson] = []
    for width, (name, kana) in NAMES.items():
        is_absent = on >= NEXT_RUN[width]
        facts = absences(1, 2, 9, until=OCTOBER) if is_absent else absences(0, 1, 2, until=SEPTEMBER)
        child = a_child(name, kana, household=f"5{width}", reasons=(many_absences(),), facts=facts)
        made += a_household(child, household=f"5{width}")
    return made


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("thread")


@pytest.fixture(scope="module")
def desk(home: Path, migrated: Path) -> Iterator[Desk]:
    """A desk of this module's own, since a second run is taken in while it serves."""
    a_run(home / "run", *people(dt.date(2026, 9, 30)))
    with a_desk(home, migrated) as serves:
        yield serves


def recorded(page: Page, words: str) -> None:
    expect(page.get_by_text(words).first).to_be_visible()


def decide_and_assess(page: Page, child: str) -> None:
    """A support candidate; own judgment first, then the machine's level, then the conclusion."""
    page.goto(child)
    page.get_by_label("支援候補にする").check()
    page.get_by_label("メモ").fill("担任から、朝の様子が気になると聞いた。")
    page.get_by_role("button", name="判断を記録する").click()
    recorded(page, "判断を記録しました。")
    purpose(page, "ケースの支援")
    page.goto(f"{child}assessments/")
    page.get_by_role("button", name="始める：共通の見立て").click()
    page.locator("label[for=a-wish-said]").click()
    page.locator("#t-wish").fill("朝、起こしてほしい")
    answer_all(page)
    page.get_by_text("支援が要る", exact=True).click()
    page.get_by_label("そう考える根拠").fill("朝の世話をする大人がいない日がある。")
    page.get_by_role("button", name="見立てを記録する").click()
    expect(page.get_by_role("heading", name="機械の区分")).to_be_visible()
    page.get_by_text("結論は、こどもの声に沿っている", exact=True).click()
    page.get_by_label("機械の区分、または自分の見立てと違うときは、その理由").select_option("known_more")
    page.get_by_role("button", name="結論を記録する").click()
    recorded(page, "朝、起こしてほしい")


def write_plan(page: Page, child: str) -> str:
    """A plan handed in for approval; gives its address."""
    page.goto(f"{child}plans/new/")
    for field in ("最初の日", "最後の日"):
        page.get_by_label(field).first.fill({"最初の日": "2026-12-01", "最後の日": "2027-05-31"}[field])
    page.get_by_label("次の見直し").fill("2027-03-01")
    page.get_by_label("こどもの言葉（話したとおり）").fill("朝、起こしてほしい。")
    page.get_by_label("何をめざすか").first.fill(GOAL)
    page.get_by_label("どんな支援").first.fill(HELP)
    page.get_by_label("種別").first.select_option(label="子育て世帯訪問支援")
    page.get_by_label("だれが担うか").first.fill("子育て支援課")
    page.get_by_label("最初の日").nth(1).fill("2026-12-01")
    page.get_by_role("button", name="プランを記録する").click()
    expect(page.get_by_role("heading", level=2).first).to_contain_text("下書き")
    page.get_by_role("button", name="承認に出す").click()
    expect(page.get_by_role("heading", level=2).first).to_contain_text("提出済み")
    expect(page.get_by_role("button", name="承認する")).to_have_count(0)
    return page.url


def approve_and_print(page: Page, plan: str) -> None:
    page.goto(plan)
    page.get_by_role("button", name="承認する").click()
    expect(page.get_by_role("heading", level=2).first).to_contain_text("承認済み")
    link = page.get_by_role("link", name="こども用の写し（PDF）").get_attribute("href")
    paper = page.request.get(str(link))
    assert paper.headers["content-type"] == "application/pdf"
    said = "".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(paper.body())).pages).replace("\n", "")
    shown = settled(page).locator("section.card").first.inner_text()
    for words in (GOAL, HELP, "子育て支援課"):
        assert words in said, "the paper says what the plan says"
        assert words in shown


def refer(page: Page, child: str, asked: str) -> None:
    page.goto(f"{child}referrals/new/")
    partner = page.locator("#id_to optgroup[label='外部支援団体'] option").first.get_attribute("value")
    page.get_by_label("相手", exact=True).select_option(partner)
    page.get_by_label("依頼する内容").fill(asked)
    page.get_by_role("textbox", name="利用目的").fill("放課後の居場所の支援のため")
    page.get_by_label("法令上の根拠").select_option("consent_69_2_1")
    page.get_by_label("根拠に当たる理由").fill("保護者と本人の同意書がある。")
    page.get_by_role("button", name="渡す内容を確かめる").click()
    page.get_by_role("button", name="このまま送る").click()
    recorded(page, "照会を送りました。")


def accept(page: Page, asked: str) -> None:
    page.goto("/referrals/")
    page.locator("main table a").last.click()
    recorded(page, asked)
    page.get_by_label("引き受ける").check()
    page.get_by_role("button", name="手続を記録する").click()
    recorded(page, "手続を記録しました。")


def visit(page: Page, child: str) -> None:
    """Nobody at home; then the child is seen at school."""
    page.goto(f"{child}outreach/")
    page.get_by_label("方法").select_option("visit")
    page.get_by_label("結果").select_option("absent")
    page.get_by_label("メモ").last.fill("門灯はついていた。返事がなかった。")
    page.get_by_role("button", name="連絡を記録する").click()
    recorded(page, "門灯はついていた。")
    page.goto(f"{child}sight/")
    page.get_by_label("場所", exact=True).select_option("school")
    page.get_by_label("こどもの様子").fill("友だちと笑っていた。")
    page.get_by_label("けがやあざ").select_option("none")
    page.locator("#confirm ~ form button").click()
    recorded(page, "友だちと笑っていた。")


def meet(page: Page, task: str) -> None:
    """A conference on the child, whose minutes become a task."""
    today = dt.date.today()  # noqa: DTZ011  # of the desk beside us
    page.goto("/conferences/")
    page.get_by_label("日", exact=True).fill((today + dt.timedelta(days=2)).isoformat())
    page.get_by_label("場所").fill("市役所 会議室3")
    page.get_by_role("button", name="会議を招集する").click()
    recorded(page, "会議を招集しました。")
    page.locator("input[name=person]").first.check()
    page.get_by_role("button", name="議題に載せる").first.click()
    recorded(page, "議題を変更しました。")
    page.get_by_label("次に行うこと").select_option("hold")
    page.get_by_role("button", name="手続を記録する").click()
    recorded(page, "手続を記録しました。")
    page.locator("ol.history a").first.click()
    page.get_by_label("決めたこと").fill("学校が毎朝の様子を見る。センターは来週訪問する。")
    page.get_by_label("行うこと").first.fill(task)
    page.get_by_label("担当する人").first.select_option(index=1)
    page.get_by_label("期限").first.fill((today + dt.timedelta(days=7)).isoformat())
    page.get_by_role("button", name="議事録を記録する").click()
    recorded(page, "議事録を記録しました。")


def look_again(page: Page) -> None:
    """The new run started the clock: somebody reads what changed and decides."""
    page.get_by_role("row").filter(has_text="欠席が増えた").get_by_role("link").first.click()
    recorded(page, "令和8年10月の欠席日数: 9")
    page.get_by_label("変える必要はない").check()
    page.get_by_label("理由", exact=True).fill("風邪で休んだ。学校で会えている。")
    page.get_by_role("button", name="判断を記録する").click()
    recorded(page, "風邪で休んだ。")


def step(page: Page, child: str, name: str, reason: str) -> None:
    page.goto(f"{child}case/")
    page.get_by_label(name).check()
    page.get_by_label("理由", exact=True).fill(reason)
    page.get_by_role("button", name="手続を記録する").click()
    recorded(page, reason)


def test_from_a_notice_to_support_and_back(
    log_in: LogIn, shoot: Shoot, width: int, page: Page, desk: Desk, home: Path
) -> None:
    name = NAMES[width][0]
    child, asked, task = f"/children/{an_id(name)}/", f"{name}さんの放課後の居場所", f"{name[3:]}さんの家を訪ねる"

    log_in("worker")
    page.get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    shoot("thread-1-notice")
    check(page, width)
    decide_and_assess(page, child)
    shoot("thread-2-assessed")
    check(page, width)
    plan = write_plan(page, child)

    purpose(log_in("supervisor"), "ケースの支援")
    approve_and_print(page, plan)
    shoot("thread-3-approved")
    check(page, width)

    log_in("worker")
    refer(page, child, asked)
    accept(log_in("partner"), asked)
    shoot("thread-4-accepted")
    check(page, width)

    log_in("worker")
    visit(page, child)
    shoot("thread-5-seen")
    meet(page, task)
    page.goto("/tasks/?whose=team")
    recorded(page, task)
    shoot("thread-6-tasks")

    a_run(home / f"run{width}", *people(NEXT_RUN[width]), on=NEXT_RUN[width], key=home / "run.key")
    desk.command("intake", str(home / f"run{width}"), "--key", str(home / "run.key"))
    page.goto("/reassessments/")
    recorded(page, name)
    shoot("thread-7-again")
    check(page, width)
    look_again(page)

    step(page, child, "ケースの終結を提案する", "三か月、困りごとがない。本人も大丈夫と話した。")
    expect(page.get_by_label("ケースを終結する")).to_have_count(0)
    log_in("supervisor")
    step(page, child, "ケースを終結する", "会議で確かめた。")
    shoot("thread-8-closed")
    check(page, width)
    step(page, child, "ケースを再開する", "また欠席が続いている。")
    recorded(page, "再開した")
    shoot("thread-9-reopened")
    check(page, width)
    for login in ("supervisor", "worker"):
        purpose(log_in(login), "早期支援の確認")
