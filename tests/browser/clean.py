"""What every page must be, on a desk's screen and on a phone; and when a page has settled, so that it can be asked."""

from __future__ import annotations

import re
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, Page

# What axe leaves out unless it is asked: the size of targets, which WCAG 2.2 AA wants.
OPTIONS = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
# A form that was sent or a link that was followed says so until the page that comes has taken this one's place: the
# browser itself begins to go only a moment later, and in that moment nothing else can tell.
LEAVING = """(() => {
  const goes = (event) => { if (!event.defaultPrevented) window.isLeaving = true; };
  window.addEventListener('submit', goes);
  window.addEventListener('click', (event) => {
    const link = event.target.closest && event.target.closest('a[href]');
    if (!link || link.download || link.target === '_blank') return;
    if (!link.hash || link.href.split('#')[0] !== location.href.split('#')[0]) goes(event);
  });
})()"""
_SETTLED = "() => !window.isLeaving && document.readyState === 'complete' && document.documentElement !== null"
# What Playwright says when a page goes while it is asked. Nothing that axe finds is among it.
_WENT_AWAY = ("Execution context was destroyed", "Frame was detached", "Cannot read properties of null")
_TRIES = 3


def settled(page: Page) -> Page:
    """The page once what was clicked has brought its page and that page is whole. Nothing that is wrong is waited away.

    A caller who expects a heading or a sentence afterwards waits by that, and needs this not.
    """
    page.wait_for_function(_SETTLED)
    page.wait_for_load_state()
    return page


def faults(page: Page) -> Any:
    """What axe finds in the settled page; asked again only where the page went away while it was asked."""
    for _again in range(_TRIES - 1):
        settled(page)
        try:
            return Axe().run(page, options=OPTIONS)
        except Error as error:
            if not any(words in error.message for words in _WENT_AWAY):
                raise
    return Axe().run(settled(page), options=OPTIONS)


def check(page: Page, width: int) -> None:
    """No fault that axe knows; nothing wider than the screen; targets high enough; no type below 14 px."""
    found = faults(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page scrolls sideways"
    small = page.evaluate(
        """() => [...document.querySelectorAll('body *')]
            .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
            .filter(e => e.getClientRects().length && parseFloat(getComputedStyle(e).fontSize) < 14)
            .map(e => e.tagName + ' ' + e.textContent.trim().slice(0, 20))"""
    )
    assert small == [], "type below 14 px"
    low = page.evaluate(
        """() => [...document.querySelectorAll('button, select, input, .btn, .nav a, .opt > label')]
            .filter(e => !['hidden', 'radio', 'checkbox'].includes(e.type))
            .filter(e => e.getClientRects().length && e.getBoundingClientRect().height < 43.5)
            .map(e => e.tagName + ' ' + (e.textContent || e.name).trim().slice(0, 20))"""
    )
    assert low == [], "targets below 44 px"


def to_main_page(page: Page, name: str) -> None:
    """Follows a link of the main pages, and opens the group it stands in where the role has more than fit."""
    main = page.get_by_role("navigation", name="主な画面")
    link = page.get_by_role("link", name=re.compile(f"^{name}"), include_hidden=True)
    closed = main.locator("details:not([open])").filter(has=link)
    if closed.count():
        closed.locator("summary").click()
    main.locator(link).click()
    settled(page)
