"""A case goes from one city's desk to another's in a real browser: looked at, sent, taken on, closed; clean to axe.

Between the desks it is carried by the two cities' nodes, as people run them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from carrying_nodes import CarryingNodes
from clean import LEAVING, check, settled
from playwright.sync_api import Browser, BrowserContext, Page, expect
from served import Desk, a_desk

from builders import ATestPerson, a_child, a_household, a_run
from canary import hits
from handing import HINODE, MIZUNO
from municipalities import NAMES, a_list
from nodes import wait_until
from tsunagu.handover.store import Handover, HandoverStore
from tsunagu.handover.working_days import japan_day
from tsunagu.runs.crypt import create_key, read_key
from two_worlds import HIDDEN
from two_worlds import a_list as a_list_of_protections

pytestmark = pytest.mark.browser
# The case under way, with what the pages record of it: those pages have walks of their own. A child for each width.
WORKED = """
import datetime as dt, uuid
from django.utils import timezone
from tsunagu_web.access.reach import the_program
from tsunagu_web.access.terms import Label
from tsunagu_web.accounts.models import Staff
from tsunagu_web.cases.models import Child
from tsunagu_web.cases.services import open_case
from tsunagu_web.duties.viewers import viewer_of
from tsunagu_web.notes.services import Written, write_note
from tsunagu_web.tasks.services import Asked, set_task
with the_program():
    worker = Staff.objects.get(login="worker")
    viewer = viewer_of(worker, "case_support")
    for child in Child.objects.filter(pk__in={children}):
        open_case(child, viewer)
        child.refresh_from_db()
        for words in ("朝の支度を手伝うと、登校できる日がふえた。", "転居先は若葉五丁目12番地の4と聞いた。"):
            write_note(child, viewer, Written(words, Label.INTERNAL, None, uuid.uuid4()))
        due = timezone.localdate() + dt.timedelta(days=10)
        set_task(child, viewer, Asked("新しい学校と打ち合わせる", worker.pk, due, uuid.uuid4()))
"""
# Whoever is at a desk, signed in without the two factors, whose pages have a walk of their own.
SIGNED_IN = """
import sys
sys.path[:0] = {paths}
from signed_in import signed_in
from tsunagu_web.accounts.models import Staff
from django.conf import settings
for login in ("worker", "supervisor"):
    client = signed_in(Staff.objects.get(login=login), "case_support")
    print(login, client.cookies[settings.SESSION_COOKIE_NAME].value)
"""
# Where the family lives now, as somebody at the receiver writes it down.
NOTED = """
import uuid
from tsunagu_web.access.reach import the_program
from tsunagu_web.access.terms import Label
from tsunagu_web.accounts.models import Staff
from tsunagu_web.cases.models import Child
from tsunagu_web.duties.viewers import viewer_of
from tsunagu_web.notes.services import Written, write_note
with the_program():
    viewer = viewer_of(Staff.objects.get(login="worker"), "case_support")
    write_note(Child.objects.get(pk="{child}"), viewer, Written("{words}", Label.INTERNAL, None, uuid.uuid4()))
"""
HERE = Path(__file__).parent
SHOTS = HERE.parents[1] / "build" / "screenshots"
FAMILIES = {
    1280: a_household(a_child("例川 あおい", "レイカワ アオイ", household="1")),
    390: a_household(a_child("例本 みお", "レイモト ミオ", household="2")),
}
# Families that fled: the sender's register has the first address that is hidden, the receiver's the second.
PROTECTED = {
    1280: a_household(a_child("例森 けん", "レイモリ ケン"), household="3", adult="例森 ふゆ"),
    390: a_household(a_child("例林 りく", "レイバヤシ リク"), household="4", adult="例林 なつ"),
}
ELSEWHERE = a_child("例田 そら", "レイタ ソラ", household="9")


@dataclass
class City:
    """A desk with its file of hand-overs, and the cookies of its people."""

    id: str
    home: Path
    desk: Desk
    store: HandoverStore
    path: Path
    key: Path
    sessions: dict[str, str]

    def sent(self) -> str:
        """The one hand-over that waits here to be carried."""
        [id] = [one.id for one in self.store.outgoing(_today()) if one.state == "queued"]
        return id

    def waits_for(self, id: str, state: str) -> None:
        """Until it stands so in this city's file."""
        wait_until(lambda: any(one.id == id and one.state == state for one in self._all()))

    def _all(self) -> list[Handover]:
        return [*self.store.outgoing(_today()), *self.store.incoming(_today())]


@pytest.fixture(scope="module")
def cities(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[dict[str, City]]:
    """Two desks, each with a database and a file of its own."""
    with ExitStack() as stack:
        made = {}
        for own in (HINODE, MIZUNO):
            home = tmp_path_factory.mktemp(own)
            people = [p for family in FAMILIES.values() for p in family] if own == HINODE else [ELSEWHERE]
            told = _run_with_protected(home, people, HIDDEN[own == MIZUNO])
            told["TSUNAGU_HANDOVER"] = str(a_list(home, own, people=("supervisor", "worker")))
            desk = stack.enter_context(a_desk(home, migrated, more=told))
            paths = [str(HERE.parent / "web"), str(HERE.parent)]
            lines = desk.command("shell", "-v", "0", "-c", SIGNED_IN.format(paths=paths))
            sessions = dict(line.split() for line in lines.splitlines() if line.startswith(("worker ", "supervisor ")))
            path, key = home / own / "h.sqlite3", home / "desk" / "handovers.key"
            made[own] = City(own, home, desk, HandoverStore(path, read_key(key), own), path, key, sessions)
        children = [family[0].person_id for families in (FAMILIES, PROTECTED) for family in families.values()]
        made[HINODE].desk.command("shell", "-c", WORKED.format(children=children))
        yield made


def _run_with_protected(home: Path, people: list[ATestPerson], address: str) -> dict[str, str]:
    """A run with these people, and with the families that fled at this address; the settings of a desk with it."""
    key, listed = home / "address.key", home / "list.csv"
    create_key(key)
    protected = [replace(one, address=address) for family in PROTECTED.values() for one in family]
    a_list_of_protections(listed, *((mother.resident_no, "") for _child, mother in PROTECTED.values()))
    a_run(home / "run", *people, *protected, address_key=read_key(key))
    return {"TSUNAGU_ADDRESS_KEY": str(key), "TSUNAGU_SUPPRESSION_LIST": str(listed)}


@pytest.fixture(scope="module")
def carriers(cities: dict[str, City], tmp_path_factory: pytest.TempPathFactory) -> CarryingNodes:
    kept = {own: (city.path, city.key) for own, city in cities.items()}
    return CarryingNodes(tmp_path_factory.mktemp("nodes"), kept)


@pytest.fixture
def serve(carriers: CarryingNodes) -> Iterator[Callable[[str], None]]:
    """Starts the node of a city, which runs until the end of the test."""
    with ExitStack() as stack:
        yield lambda own: stack.enter_context(carriers.serving(own))


@pytest.fixture
def at(cities: dict[str, City], browser: Browser, width: int) -> Iterator[Callable[..., Page]]:
    """A page of a desk, opened by somebody there; every picture of it is kept."""
    contexts: list[BrowserContext] = []

    def opened(city: str, login: str, language: str = "ja") -> Page:
        desk = cities[city].desk
        size = {"width": width, "height": 900 if width > 500 else 844}
        context = browser.new_context(viewport=size, locale="ja-JP", timezone_id="Asia/Tokyo", base_url=desk.address)
        context.add_init_script(LEAVING)
        cookies = {"tsunagu_session": cities[city].sessions[login], "django_language": language}
        context.add_cookies([{"name": name, "value": value, "url": desk.address} for name, value in cookies.items()])
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def looked_at(width: int) -> Callable[[Page, str], None]:
    def kept(page: Page, name: str) -> None:
        check(page, width)
        SHOTS.mkdir(parents=True, exist_ok=True)
        settled(page).screenshot(path=SHOTS / f"{name}-{width}.png", full_page=True)

    return kept


def test_a_case_is_handed_over_and_taken_on(
    at: Callable[..., Page],
    cities: dict[str, City],
    serve: Callable[[str], None],
    looked_at: Callable[[Page, str], None],
    width: int,
) -> None:
    child = FAMILIES[width][0]
    worker = at(HINODE, "worker")
    worker.goto(f"/children/{child.person_id}/transfers/")
    looked_at(worker, "transfers-1-none")
    worker.get_by_role("link", name="移管を準備する").click()
    expect(worker.locator("main input[type=checkbox]:checked, main input[type=radio]:checked")).to_have_count(0)
    worker.get_by_label("どの市町村へ").select_option(label=NAMES[MIZUNO])
    worker.get_by_label("通常の移管").check()
    worker.get_by_label("受理した理由").fill("五月から欠席が続いていた。")
    worker.get_by_label("いまの様子").fill("若葉五丁目12番地の4に引っ越す。")
    worker.get_by_label("急ぐこと").fill("転居先での登校の見守り")
    for part in ("世帯(名前、続柄、生年月日)", "メモ(封をしたものを除く)", "終わっていないタスク"):
        worker.get_by_label(part).check()
    looked_at(worker, "transfers-2-form")
    worker.get_by_role("button", name="送る内容を見る").click()
    expect(worker.get_by_text("住所らしいものが入っています。")).to_be_visible()
    check(worker, width)
    worker.get_by_label("いまの様子").fill("週に二日、登校している。")
    worker.get_by_role("button", name="送る内容を見る").click()
    expect(worker.get_by_role("heading", name="送る内容(そのまま)")).to_be_visible()
    expect(worker.get_by_text("朝の支度を手伝うと、登校できる日がふえた。")).to_be_visible()
    expect(worker.get_by_text("入れなかった記録: 1件")).to_be_visible()
    assert "12番地" not in worker.content()
    expect(worker.get_by_role("button", name="このまま送る")).to_have_count(0)
    looked_at(worker, "transfers-3-prepared")

    boss = at(HINODE, "supervisor")
    boss.goto("/transfers/")
    looked_at(boss, "transfers-4-waiting")
    boss.get_by_role("link", name=child.name).click()
    boss.get_by_role("button", name="このまま送る").click()
    expect(boss.get_by_text("引き受けられるまでは、当センターが責任を持ちます。")).to_be_visible()
    looked_at(boss, "transfers-5-sent")
    worker.goto(f"/children/{child.person_id}/transfers/1/")
    expect(worker.get_by_text("まだ受け取られていません")).to_be_visible()
    expect(worker.get_by_text("あと5開庁日")).to_be_visible()

    id = cities[HINODE].sent()
    serve(HINODE)
    cities[HINODE].waits_for(id, "offered")
    worker.reload()
    expect(worker.get_by_text("まだ受け取られていません")).to_be_visible()
    serve(MIZUNO)
    cities[HINODE].waits_for(id, "stored")
    worker.reload()
    expect(worker.get_by_text("届きました。まだだれも引き受けていません")).to_be_visible()
    check(worker, width)

    there = at(MIZUNO, "supervisor")
    there.goto("/transfers/")
    assert child.name not in there.content()
    looked_at(there, "transfers-6-came")
    waiting = there.get_by_role("row").filter(has_text="引き受けを待っています")
    waiting.get_by_role("link", name=NAMES[HINODE]).click()
    expect(there.get_by_role("heading", name=f"{NAMES[HINODE]}からのケース")).to_be_visible()
    assert child.name not in there.content()
    looked_at(there, "transfers-7-cover")
    colleague = at(MIZUNO, "worker")
    colleague.goto("/transfers/")
    expect(colleague.get_by_role("heading", name="ほかの市町村から")).to_be_visible()
    assert "引き受けを待っています" not in colleague.content(), "nobody chose this colleague yet"
    there.get_by_role("main").get_by_label("主担当").first.check()
    there.get_by_role("button", name="開ける人を記録する").click()
    expect(there.get_by_text("開ける人を記録しました。")).to_be_visible()
    there.get_by_role("link", name="届いた内容を開く").click()
    expect(there.get_by_text("朝の支度を手伝うと、登校できる日がふえた。")).to_be_visible()
    looked_at(there, "transfers-8-contents")
    there.get_by_role("button", name="こどもを引き受ける").click()
    there.get_by_label("この机にまだいないこども").check()
    there.get_by_label("主担当", exact=True).select_option(index=1)
    there.get_by_role("button", name="こどもを引き受ける").click()
    expect(there.get_by_text("こどもを引き受け、ケースを受理しました。")).to_be_visible()
    expect(there.get_by_role("heading", name=f"{NAMES[HINODE]}からの移管")).to_be_visible()
    looked_at(there, "transfers-9-received")

    cities[HINODE].waits_for(id, "sealed")
    worker.reload()
    expect(worker.get_by_text("移管先で引き受けられました")).to_be_visible()
    worker.get_by_label("移管済みとしてケースを終える").check()
    worker.get_by_label("理由").fill("引継ぎの会議を終えた。")
    looked_at(worker, "transfers-10-accepted")
    worker.get_by_role("button", name="手続を記録する").click()
    expect(worker.get_by_text("手続を記録しました。")).to_be_visible()
    boss.goto(f"/children/{child.person_id}/transfers/1/")
    expect(boss.get_by_role("heading", name="送った内容(そのまま)")).to_be_visible()
    looked_at(boss, "transfers-11-remainder")

    for city, path, name in (
        (HINODE, boss.url, "transfers-en-remainder"),
        (MIZUNO, there.url, "transfers-en-received"),
        (MIZUNO, "/transfers/", "transfers-en-list"),
    ):
        english = at(city, "supervisor", "en")
        english.goto(path)
        expect(english.locator("html")).to_have_attribute("lang", "en")
        looked_at(english, name)


def test_where_a_protected_family_lives_is_not_learnt_by_who_hands_it_over(
    at: Callable[..., Page],
    cities: dict[str, City],
    carriers: CarryingNodes,
    looked_at: Callable[[Page, str], None],
    width: int,
) -> None:
    child, told = PROTECTED[width][0], []
    worker, boss = at(HINODE, "worker"), at(HINODE, "supervisor")

    def reads(page: Page, words: str) -> None:
        expect(page.get_by_text(words).first).to_be_visible()
        told.append(page.content().encode())

    worker.goto(f"/children/{child.person_id}/transfers/new/")
    reads(worker, "限定移管になり、ファイルは付けられません。")
    worker.get_by_label("どの市町村へ").select_option(label=NAMES[MIZUNO])
    worker.get_by_label("限定移管").check()
    for login in ("supervisor", "worker"):
        worker.get_by_label(f"{NAMES[MIZUNO]} {login} さん").check()
    worker.get_by_label("受理した理由").fill("五月から欠席が続いていた。")
    worker.get_by_label("いまの様子").fill("週に二日、登校している。")
    for part in ("世帯(名前、続柄、生年月日)", "メモ(封をしたものを除く)"):
        worker.get_by_label(part).check()
    looked_at(worker, "transfers-restricted-1-form")
    worker.get_by_role("button", name="送る内容を見る").click()
    reads(worker, "入れなかった記録: 1件")
    boss.goto(f"/children/{child.person_id}/transfers/1/")
    boss.get_by_role("button", name="このまま送る").click()
    reads(boss, "引き受けられるまでは、当センターが責任を持ちます。")
    worker.reload()
    reads(worker, "まだ受け取られていません")
    id = cities[HINODE].sent()
    with carriers.serving(MIZUNO), carriers.serving(HINODE):
        cities[HINODE].waits_for(id, "stored")
    worker.reload()
    reads(worker, "届きました。まだだれも引き受けていません")

    there = at(MIZUNO, "supervisor")
    there.goto(f"/transfers/in/{id}/")
    expect(there.get_by_text("限定移管(指定した二人だけ)")).to_be_visible()
    expect(there.get_by_role("link", name="届いた内容を開く")).to_have_count(0)
    expect(there.locator("main input[name=readers]")).to_have_count(2)
    for reader in there.locator("main input[name=readers]").all():
        reader.check()
    looked_at(there, "transfers-restricted-2-readers")
    there.get_by_role("button", name="開ける人を記録する").click()
    there.get_by_role("link", name="届いた内容を開く").click()
    there.get_by_label(child.name).check()
    there.get_by_label("主担当", exact=True).select_option(index=1)
    there.get_by_role("button", name="こどもを引き受ける").click()
    expect(there.get_by_text("こどもを引き受け、ケースを受理しました。")).to_be_visible()
    there.goto(f"/children/{child.person_id}/")
    expect(there.get_by_role("heading", level=1)).to_contain_text(child.name)
    assert hits(HIDDEN[1], there.content().encode()) == [], "not on a page of its own city either"
    cities[MIZUNO].desk.command("shell", "-c", NOTED.format(child=child.person_id, words=f"いまは{HIDDEN[1]}にいる。"))

    with carriers.serving(MIZUNO), carriers.serving(HINODE):
        cities[HINODE].waits_for(id, "sealed")
    worker.reload()
    reads(worker, "移管先で引き受けられました")
    worker.get_by_label("移管済みとしてケースを終える").check()
    worker.get_by_label("理由").fill("引継ぎの会議を終えた。")
    worker.get_by_role("button", name="手続を記録する").click()
    reads(worker, "手続を記録しました。")
    boss.reload()
    reads(boss, "送った内容(そのまま)")
    for words in (*HIDDEN, *(address[3:6] for address in HIDDEN)):
        assert hits(words, told) == []
    assert hits(HIDDEN[1], [cities[HINODE].home, carriers.folder / HINODE]) == [], "in no byte of the sender's"
    assert hits(HIDDEN[1], cities[MIZUNO].home), "the same search finds it where it is known"


def _today() -> date:
    return japan_day(datetime.now(UTC))
