"""Every page of the desk in a real Chromium, clean to axe by WCAG 2.2 AA, for whoever may open it.

Nothing is listed by hand but what is no page: a new page that no link leads to fails here, and one with a fault too.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from clean import LEAVING, check
from playwright.sync_api import Browser, BrowserContext
from served import Desk, a_desk

from builders import a_run, an_id
from handing import MIZUNO
from municipalities import a_list
from offered import an_offered
from three_children import a_doubtful_pair, three_children

pytestmark = pytest.mark.browser
HERE = Path(__file__).parent
WIDTH = 390
# What answers a look and is no page that is read: files, other programs' answers, and what leads elsewhere.
NO_PAGES = {
    "": "leads to the first page of the role",
    "children/<person:person_id>/plans/<int:number>/pdf/<str:reader>/": "a file",
    "children/<person:person_id>/attachments/<int:number>/": "a file",
    "log/head/": "a file",
    "transfers/in/<slug:handover>/files/<int:place>/": "a file",
    "offers/<person:person_id>/letter/": "a file",
    "children/<person:person_id>/notifications/<int:number>/papers/<slug:kind>/": "a file",
    "children/<person:person_id>/protection/<int:number>/warrant/": "a file",
}
# Steps of signing in and of one's own factors, each of which needs the one before: test_signing_in walks through them.
# And what answers programs.
# The boards need a run with a school's tables, which this one has not yet: test_boards_walk asks their pages.
# The editor needs a run that carries its criteria: test_criteria_walk opens each of its pages, in both languages.
ELSEWHERE_WALKED = ("login/", "account/", "api/", "boards/", "pupils/", "criteria/")

AOI, ELSEWHERE = an_id("例川 あおい"), an_id("例本 みお")
# Where somebody begins: the first page, a child out of reach, and a form whose link goes once a draft is there.
BEGINS = ("/", f"/children/{ELSEWHERE}/emergency/", f"/children/{AOI}/plans/new/")


@dataclass
class Everything:
    """A desk with one of everything, the pages it has, and the session of each role under each purpose."""

    desk: Desk
    pages: list[dict[str, Any]]
    sessions: dict[str, str]

    def page_of(self, address: str) -> str | None:
        return next((page["path"] for page in self.pages if re.match(page["pattern"], address)), None)


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Everything]:
    home = tmp_path_factory.mktemp("every-page")
    a_run(home / "run", *three_children(), doubtful=[a_doubtful_pair()], offers=[an_offered()])
    more = {"TSUNAGU_HANDOVER": str(a_list(home, MIZUNO)), "TSUNAGU_GUIDANCE_CENTRE": "yes"}
    with a_desk(home, migrated, more=more) as desk:
        paths = [str(HERE), str(HERE.parent), str(HERE.parent / "web"), str(HERE.parents[1] / "src")]
        told = {
            **desk.environment,
            "PYTHONPATH": os.pathsep.join(paths),
            "DJANGO_SETTINGS_MODULE": "tsunagu_web.settings",
        }
        command = [sys.executable, str(HERE / "every_page.py")]
        done = subprocess.run(command, env=told, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        yield Everything(desk, **json.loads(done.stdout))


@pytest.fixture(scope="module")
def first_reached(everything: Everything, browser: Browser) -> dict[str, dict[str, str]]:
    """By role and purpose: the pages it is the first to be led to, each with an address."""
    known: set[str] = set()
    found = {}
    # Those who see most begin, so that the others have little left to follow.
    for who, session in sorted(everything.sessions.items(), key=lambda one: not one[0].endswith("case_support")):
        with _signed_in(everything, browser, session) as context:
            found[who] = _followed(everything, context, known)
        known |= set(found[who])
    return found


@pytest.fixture(scope="module")
def reached(everything: Everything, browser: Browser) -> dict[str, dict[str, str]]:
    """By role and purpose: every page that links lead to from where it begins, each with an address."""
    found = {}
    for who, session in everything.sessions.items():
        with _signed_in(everything, browser, session) as context:
            found[who] = _followed(everything, context, set())
    return found


def _signed_in(everything: Everything, browser: Browser, session: str, language: str = "ja") -> BrowserContext:
    size = {"width": WIDTH, "height": 844}
    context = browser.new_context(viewport=size, locale="ja-JP", base_url=everything.desk.address)
    context.add_init_script(LEAVING)
    cookies = {"tsunagu_session": session, "django_language": language}
    context.add_cookies([{"name": k, "value": v, "url": everything.desk.address} for k, v in cookies.items() if v])
    return context


def _followed(everything: Everything, context: BrowserContext, known: set[str]) -> dict[str, str]:
    """What links lead to and is not known yet."""
    found: dict[str, str] = {}
    waiting = list(BEGINS)
    while waiting:
        address = waiting.pop(0)
        answer = context.request.get(address)
        here = urlsplit(answer.url).path
        page = everything.page_of(here)
        if page is None or page in found or not answer.ok or "html" not in answer.headers["content-type"]:
            continue
        found[page] = here
        links = re.findall(r'href="(/[^"#?]*)', answer.text())
        ahead = {link: everything.page_of(link) for link in dict.fromkeys(links)}
        waiting += [link for link, name in ahead.items() if name and name not in found and not _is_skipped(name, known)]
    return {page: address for page, address in found.items() if page not in known}


def _is_skipped(page: str, known: set[str]) -> bool:
    """A list shows everybody another part of itself; one row's page leads where it led before."""
    return page in known and "<" in page


def faults_of(everything: Everything, browser: Browser, who: str, addresses: list[str], language: str) -> list[str]:
    """The pages with a fault, each with what axe says of it."""
    wrong = []
    with _signed_in(everything, browser, everything.sessions.get(who, ""), language) as context:
        page = context.new_page()
        for address in addresses:
            page.goto(address)
            try:
                check(page, WIDTH)
                assert page.locator("html").get_attribute("lang") == language
            except AssertionError as fault:
                wrong.append(f"{address} as {who} in {language}: {fault}")
    return wrong


def test_links_lead_to_every_page_somebody_may_open(
    everything: Everything, first_reached: dict[str, dict[str, str]]
) -> None:
    led_to = {page for pages in first_reached.values() for page in pages}
    every = {page["path"] for page in everything.pages if not page["path"].startswith(ELSEWHERE_WALKED)}
    assert every - led_to - set(NO_PAGES) == set()


def test_every_page_is_clean(
    everything: Everything, first_reached: dict[str, dict[str, str]], browser: Browser
) -> None:
    """Each page once, for the first who is led to it."""
    wrong = [
        fault
        for who, pages in first_reached.items()
        for fault in faults_of(everything, browser, who, list(pages.values()), "ja")
    ]
    assert wrong == []


@pytest.mark.deep
@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_is_clean_for_everybody(
    everything: Everything, reached: dict[str, dict[str, str]], browser: Browser, language: str
) -> None:
    wrong = [
        fault
        for who, pages in reached.items()
        for fault in faults_of(everything, browser, who, list(pages.values()), language)
    ]
    assert wrong == []
    print(f"{sum(map(len, reached.values()))} pages of {len(reached)} roles and purposes in {language}")  # noqa: T201
