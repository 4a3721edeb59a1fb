"""A desk that really serves, and a real Chromium in front of it.

Without Chromium the tests say how to get it; with CI=true they fail instead of being left out.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from clean import LEAVING, settled
from playwright.sync_api import Browser, Page, sync_playwright
from sample_people import some_pairs, some_people, some_pupils
from served import PASSWORD, Desk, a_desk, session_of

from builders import a_run
from pupils import school_tables
from tsunagu.cli.totp import code_of

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "build" / "screenshots"
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Desk]:
    """A desk that serves an invented run, with one account per role."""
    home = tmp_path_factory.mktemp("desk")
    a_run(home / "run", *some_people(), doubtful=some_pairs(), schools=school_tables(some_pupils()))
    with a_desk(home, migrated) as serves:
        yield serves


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium, found on the machine."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        told = "no Chromium is installed; on Debian: apt-get install chromium fonts-noto-cjk"
        if os.environ.get("CI") == "true":
            pytest.fail(told)
        # Only on a developer's machine without it: with CI=true the line above has failed.
        pytest.skip(told)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(params=[1280, 390], ids=["desk", "phone"])
def width(request: pytest.FixtureRequest) -> int:
    """The width of the screen in pixels."""
    return int(request.param)


@pytest.fixture
def page(browser: Browser, width: int, desk: Desk) -> Iterator[Page]:
    """A page that fails the test on any request to elsewhere, any console error and any blocked style or script."""
    size = {"width": width, "height": 900 if width > 500 else 844}
    context = browser.new_context(viewport=size, locale="ja-JP", timezone_id="Asia/Tokyo", base_url=desk.address)
    context.add_init_script(LEAVING)
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("request", lambda r: None if r.url.startswith(desk.address) else wrong.append(f"request to {r.url}"))
    opened.on("console", lambda m: wrong.append(f"console: {m.text}") if "Content Security Policy" in m.text else None)
    yield opened
    context.close()
    assert wrong == []


@pytest.fixture
def log_in(page: Page, desk: Desk) -> Callable[[str], Page]:
    """Signs in as worker, supervisor, viceprincipal or auditor and picks the role's first purpose, by the pages.

    A code works once and lasts half a minute, so the second test of a person goes on in the session of the first.
    """

    def as_login(login: str) -> Page:
        page.context.clear_cookies(name="tsunagu_session")  # whoever is here goes, and stays signed in elsewhere
        if login in desk.sessions:
            page.context.add_cookies(desk.sessions[login])
            page.goto("/")
        else:
            page.goto("/login/")
            page.get_by_label("ログイン名").fill(login)
            page.get_by_label("パスワード").fill(PASSWORD)
            page.get_by_role("main").get_by_role("button", name="ログイン").click()
            page.get_by_label("認証アプリのコード").fill(code_of(desk.secrets[login], at=int(time.time())))
            page.get_by_role("button", name="進む").click()
            page.wait_for_url(lambda url: "/login/" not in url and "/purpose/" in url)
            page.locator("input[name=purpose]").first.check()
            page.get_by_role("button", name="進む").click()
            page.wait_for_url(lambda url: "/purpose/" not in url)
            desk.sessions[login] = session_of(page)
        assert "/login/" not in page.url
        return page

    return as_login


@pytest.fixture
def shoot(page: Page, width: int) -> Callable[[str], None]:
    """Keeps a picture of the whole page in build/screenshots."""

    def shot(name: str) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        settled(page).screenshot(path=SHOTS / f"{name}-{width}.png", full_page=True)

    return shot
