"""What the browser tests know of the desk that serves them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

PASSWORD = "only for the test run"


@dataclass(frozen=True)
class Desk:
    """A desk that serves.

    secrets   of the authenticator app, by login
    command   runs one of the desk's commands and gives what it printed
    sessions  cookies of those who have signed in, by login
    """

    address: str
    secrets: dict[str, str]
    command: Callable[..., str]
    sessions: dict[str, list[Any]] = field(default_factory=dict)


def purpose(page: Page, name: str) -> None:
    """Picks another purpose. The session is one for all tests of a person: a test ends with the first purpose again."""
    page.goto("/purpose/")
    page.get_by_label(name).check()
    page.get_by_role("button", name="進む").click()
    page.wait_for_url(lambda url: "/purpose/" not in url)


def session_of(page: Page) -> list[Any]:
    """The cookie with which this browser is signed in."""
    return [cookie for cookie in page.context.cookies() if cookie["name"] == "tsunagu_session"]
