"""A support plan from an empty form to approval and paper, by keyboard where a form is filled; clean at both widths."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from clean import check
from playwright.sync_api import Page, expect
from sample_people import some_people
from served import Desk, purpose

pytestmark = pytest.mark.browser
LogIn = Callable[[str], Page]
Shoot = Callable[[str], None]
# The case after its assessment, whose pages have a walk of their own.
ASSESSED = """
from tsunagu_web.access.reach import the_program
from tsunagu_web.accounts.models import Staff
from tsunagu_web.cases.models import Child
from tsunagu_web.cases.services import open_case
from tsunagu_web.duties.viewers import viewer_of
from tsunagu_web.steps.services import take
with the_program():
    viewer = viewer_of(Staff.objects.get(login="worker"), "case_support")
    case = open_case(Child.objects.get(pk="{child}"), viewer)
    for step in ("assess", "plan"):
        take(case, viewer, step, seen=case.revision)
"""


def test_a_plan_is_written_approved_and_printed(
    log_in: LogIn, shoot: Shoot, width: int, page: Page, desk: Desk
) -> None:
    child = [p for p in some_people() if p.level and p.school == "102"][0 if width > 500 else 1]
    desk.command("shell", "-c", ASSESSED.format(child=child.person_id))
    purpose(log_in("worker"), "ケースの支援")
    page.goto(f"/children/{child.person_id}/plans/")
    shoot("plan-1-none")
    check(page, width)
    page.get_by_role("link", name="プランを書く").click()
    page.get_by_role("button", name="プランを記録する").press("Enter")
    # The browser itself asks for the days.
    expect(page.locator("input:invalid").first).to_be_focused()
    page.get_by_label("最初の日").first.fill("2026-11-01")
    page.get_by_label("最後の日").first.fill("2027-04-30")
    page.get_by_label("次の見直し").fill("2027-02-20")
    page.get_by_label("こどもの言葉（話したとおり）").fill("学校に行きたいけど、朝がつらい。")
    page.get_by_label("保護者の言葉（話したとおり）").fill("夜の仕事を減らしたい。")
    page.get_by_label("何をめざすか").first.fill("朝、起きられるようになる")
    page.get_by_label("どんな支援").first.fill("週に一度、家のことを手伝う")
    page.get_by_label("種別").first.select_option(label="子育て世帯訪問支援")
    page.get_by_label("だれが担うか").first.fill("子育て支援課")
    page.get_by_role("button", name="欄を増やす").press("Enter")
    expect(page.get_by_label("何をめざすか")).to_have_count(4)
    expect(page.get_by_label("だれが担うか").first).to_have_value("子育て支援課")
    shoot("plan-2-form")
    check(page, width)
    page.get_by_role("button", name="プランを記録する").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("足りないところ")
    expect(page.locator(".row .problem")).to_have_count(1)
    shoot("plan-3-incomplete")
    check(page, width)
    page.get_by_label("最初の日").nth(1).fill("2026-11-01")
    page.get_by_role("button", name="プランを記録する").press("Enter")
    expect(page.get_by_role("heading", level=2).first).to_contain_text("下書き")
    shoot("plan-4-draft")
    check(page, width)
    page.get_by_role("button", name="承認に出す").press("Enter")
    expect(page.get_by_role("heading", level=2).first).to_contain_text("提出済み")
    where = page.url

    purpose(page, "早期支援の確認")
    purpose(log_in("supervisor"), "ケースの支援")
    page.goto(where)
    shoot("plan-5-approval")
    check(page, width)
    page.get_by_role("button", name="承認する").press("Enter")
    expect(page.get_by_role("heading", level=2).first).to_contain_text("承認済み")
    shoot("plan-6-approved")
    check(page, width)
    with page.expect_download() as taken:
        page.get_by_role("link", name="保護者用の写し（PDF）").click()
    assert re.fullmatch(r"support-plan-\d+-guardian\.pdf", taken.value.suggested_filename)
    page.goto(f"/children/{child.person_id}/plans/")
    shoot("plan-7-list")
    check(page, width)
    purpose(page, "早期支援の確認")
