"""Charts of the page of numbers in a real browser: drawn from the table under them, or not there at all."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from clean import check
from playwright.sync_api import Browser, Page, expect
from served import Desk, a_desk
from standing_children import runs_of

from fixed import ROOT

pytestmark = pytest.mark.browser
HERE = Path(__file__).parent
LogIn = Callable[[str], Page]
Shoot = Callable[[str], None]
# What the page's policy refused, also where the script caught the refusal and said nothing.
REFUSALS = """window.refusals = [];
addEventListener('securitypolicyviolation', (event) => window.refusals.push(event.effectiveDirective));"""
KINDS = ["split", "steps", "marks", "loads", "ages"]


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Desk]:
    """A desk in whose page of numbers there is much to draw; in place of the one of the other walks."""
    home = tmp_path_factory.mktemp("standing")
    *before, _last = runs_of(home)
    with a_desk(home, migrated, city=ROOT / "examples" / "hinode-city", before=before) as serves:
        told = {**serves.environment, "DJANGO_SETTINGS_MODULE": "tsunagu_web.settings"}
        command = [sys.executable, str(HERE / "standing_world.py")]
        done = subprocess.run(command, env=told, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        yield serves


@pytest.fixture
def standing(log_in: LogIn, page: Page) -> Iterator[Page]:
    """The page of numbers as a supervisor reads it; it fails on any word in the browser's console and on
    anything that the page's policy refused."""
    wrong: list[str] = []
    page.on("console", lambda m: wrong.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    log_in("supervisor")
    page.add_init_script(REFUSALS)
    page.goto("/standing/")
    yield page
    assert (wrong, page.evaluate("window.refusals")) == ([], [])


def test_every_chart_is_drawn_and_clean(standing: Page, width: int, shoot: Shoot) -> None:
    expect(standing.locator("figure.chart[data-drawn]")).to_have_count(len(KINDS))
    for kind in KINDS:
        expect(standing.locator(f"figure[data-chart={kind}] svg").first).to_be_visible()
    check(standing, width)
    shoot("standing-charts")


def test_what_is_drawn_are_the_cells_of_the_table(standing: Page) -> None:
    """Every number written into the chart of the steps stands in its row of the table, and so does the length."""
    expect(standing.locator("figure[data-chart=steps][data-drawn]")).to_be_visible()
    assert steps_drawn(standing) == steps_told(standing)
    told = [cells for cells in steps_told(standing).values() if cells]
    assert len(told) == 2, "two months are many enough to be told"


def test_control_another_cell_makes_another_chart(standing: Page, width: int) -> None:
    """The chart has no numbers of its own: a cell that tells nothing is drawn as not told, and never as nothing."""
    steps = standing.locator("figure[data-chart=steps]")
    expect(steps.locator("path[stroke-dasharray='3,2']")).to_have_count(2)
    before = steps_drawn(standing)
    standing.evaluate(
        """() => { const row = document.querySelector('#furthest-table tbody tr');
        for (const cell of [...row.cells].slice(2)) if (cell.textContent.trim() === '16') cell.textContent = '-'; }"""
    )
    standing.set_viewport_size({"width": width - 40, "height": 800})
    expect(steps.locator("text").filter(has_text="16")).to_have_count(0)
    after = steps_drawn(standing)
    assert after != before
    assert after == steps_told(standing)
    expect(steps.locator("path[stroke-dasharray='3,2']")).to_have_count(2)


@pytest.fixture
def elsewhere(browser: Browser, desk: Desk, log_in: LogIn, width: int) -> Iterator[Callable[..., Page]]:
    """Opens the page of numbers in a browser of its own, in the supervisor's session."""
    cookies = log_in("supervisor").context.cookies()
    opened = []

    def opens(**how: bool) -> Page:
        size = {"width": width, "height": 800}
        context = browser.new_context(viewport=size, locale="ja-JP", base_url=desk.address, **how)
        opened.append(context)
        context.add_cookies(cookies)
        page = context.new_page()
        page.add_init_script(REFUSALS)
        page.goto("/standing/")
        return page

    yield opens
    for context in opened:
        context.close()


def test_control_code_made_of_text_is_refused_here(elsewhere: Callable[..., Page]) -> None:
    """Why the formulas of the charts are interpreted: code made of text is refused, even where it is caught."""
    page = elsewhere()
    expect(page.locator("figure[data-chart=steps][data-drawn]")).to_be_visible()
    error = page.evaluate(
        """() => new Promise((done) => {
            const tried = document.body.appendChild(document.createElement('button'));
            tried.onclick = () => {
                try { new vega.View(vega.parse({ signals: [{ name: 'a', update: '1 + 1' }] })); done(''); }
                catch (error) { done(error.name); }
            };
            setTimeout(() => tried.click());
        })"""
    )
    assert error == "EvalError"
    assert page.evaluate("window.refusals") == ["script-src"], "and a page that is refused something would be found"


def test_without_a_script_the_tables_stand_alone(elsewhere: Callable[..., Page]) -> None:
    page = elsewhere(java_script_enabled=False)
    expect(page.locator("main table")).to_have_count(len(KINDS))
    expect(page.locator("figure.chart")).to_have_count(len(KINDS))
    expect(page.locator("figure.chart:visible")).to_have_count(0)


def test_a_picture_has_words_and_is_printed(standing: Page) -> None:
    for kind in KINDS:
        picture = standing.locator(f"figure[data-chart={kind}]").get_by_role("img")
        expect(picture).to_have_attribute("aria-label", re.compile("同じ内容が下の表にあります。$"))
        expect(picture).to_have_count(1)
    standing.emulate_media(media="print", reduced_motion="reduce")
    expect(standing.locator("figure.chart svg:visible").first).to_be_visible()
    expect(standing.locator("figure.chart:visible")).to_have_count(len(KINDS))


def test_an_overall_manager_reads_the_city_in_english(log_in: LogIn, page: Page, width: int) -> None:
    log_in("manager")
    page.goto("/standing/")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("How the work stands")
    expect(page.locator("figure[data-chart=ages][data-drawn]")).to_be_visible()
    expect(page.locator("figure[data-chart=loads]")).to_have_count(0)
    check(page, width)
    page.get_by_role("button", name="日本語").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("支援の進み具合")


def steps_told(page: Page) -> dict[str, list[str]]:
    """Of each month the numbers above none that the table tells, from the last step to the first, and what is left."""
    told: dict[str, list[str]] = {}
    for row in page.locator("#furthest-table tbody tr").all():
        month, total, *cells = (text.strip() for text in row.locator("th, td").all_text_contents())
        if not total.isdecimal():
            told[month] = []
            continue
        *known, elsewhere = cells
        numbers = [n for n in (*reversed(known), elsewhere) if n.isdecimal() and n != "0"]
        left = int(total) - sum(map(int, numbers))
        told[month] = [*numbers, *([f"({left})"] if left else [])]
    return told


def steps_drawn(page: Page) -> dict[str, list[str]]:
    """The same, from the lengths of what is drawn."""
    return page.evaluate(  # type: ignore[no-any-return]  # what the script below gives
        """() => {
        const rows = [...document.querySelectorAll('#furthest-table tbody tr')];
        const bars = [...document.querySelectorAll('figure[data-chart=steps] .mark-rect path')]
            .map((path) => ({ box: path.getBBox(), at: path.getCTM(), dash: path.getAttribute('stroke-dasharray') }));
        const tops = [...new Set(bars.map(({ box }) => Math.round(box.y)))].sort((a, b) => a - b);
        const most = Math.max(...rows.map((row) => Number(row.cells[1].textContent) || 0));
        const widest = Math.max(...tops.map((top) => bars.filter(({ box }) => Math.round(box.y) === top)
            .reduce((sum, { box }) => sum + box.width, 0)));
        const found = {};
        let place = 0;
        for (const row of rows) {
            const isTold = /^\\d+$/.test(row.cells[1].textContent.trim());
            const here = isTold ? bars.filter(({ box }) => Math.round(box.y) === tops[place]) : [];
            if (isTold) place += 1;
            found[row.cells[0].textContent.trim()] = here.sort((a, b) => a.box.x - b.box.x).map(({ box, dash }) => {
                const n = Math.round((box.width / widest) * most);
                return dash === '3,2' ? `(${n})` : String(n);
            });
        }
        return found;
    }"""
    )
