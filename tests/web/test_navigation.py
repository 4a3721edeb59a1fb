"""The way to the main pages: whoever may open one has its link, and nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from tsunagu_web.access.table import PURPOSES
from tsunagu_web.access.terms import Role
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases import navigation as module
from tsunagu_web.cases.navigation import navigation

LINK = re.compile(r'<a href="([^"]+)"')


def _viewer(role: Role, **more: int) -> Viewer:
    return replace(Viewer(1, "staff:1", role, PURPOSES[role][0]), **more)


@pytest.mark.parametrize("role", Role)
def test_a_link_leads_to_a_page_that_opens_and_no_page_that_opens_lacks_one(
    role: Role, as_role: Callable[..., Client]
) -> None:
    client = as_role(role)
    linked = set(LINK.findall(navigation(_viewer(role), "")))
    for page in module._PAGES:
        opened = client.get(reverse(page.to)).status_code == 200
        assert opened == (reverse(page.to) in linked), page.to


def test_groups_close_only_where_there_is_more_than_fits() -> None:
    few, many = navigation(_viewer(Role.AUDITOR), ""), navigation(_viewer(Role.SUPERVISOR), "")
    assert len(LINK.findall(few)) <= 7
    assert "<details" not in few
    assert len(LINK.findall(many)) > 7
    assert many.count("<details") == 3
    for group in re.findall(r"<details.*?</details>", many):
        assert group.count("<a ") > 1, "one link alone needs no group"


def test_a_closed_group_says_that_the_page_is_in_it_and_what_waits() -> None:
    with override("ja"):
        shown = navigation(_viewer(Role.SUPERVISOR, reviews_waiting=2), "duties:emergencies")
    [group] = [one for one in re.findall(r"<details.*?</details>", shown) if "緊急時の閲覧" in one]
    summary, inside = group.split("</summary>")
    assert 'aria-current="true"' in summary
    assert "確認前 2件" in summary
    assert 'aria-current="page"' in inside
    assert "確認前 2件" in inside
    assert shown.count("aria-current") == 2, "and no other page is marked"


def test_a_page_below_marks_the_one_above_it() -> None:
    with override("ja"):
        shown = navigation(_viewer(Role.LEAD_WORKER, reminders_new=1), "cases:child")
    assert f'<a href="{reverse("worklist:list")}" aria-current="true">' in shown
    assert "未読1件" in shown


def test_words_follow_the_language_of_the_page() -> None:
    viewer = _viewer(Role.SUPERVISOR)
    with override("ja"):
        japanese = navigation(viewer, "")
    with override("en"):
        english = navigation(viewer, "")
    assert "集計" in japanese
    assert "集計" not in english
    assert "Figures" in english
