"""What every page must be, on a desk's screen and on a phone."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def check(page: Page, width: int) -> None:
    """No fault that axe knows; nothing wider than the screen; targets high enough; no type below 14 px."""
    found = Axe().run(page)
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
