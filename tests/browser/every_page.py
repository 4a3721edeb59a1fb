"""A program of the tests, run in a desk's environment: fills it with one of everything, signs everybody in, and prints
as JSON the pages there are, who may open each, and the cookie of each person under each purpose."""

# ruff: noqa: E402 (Django first)
from __future__ import annotations

import json
import re
import sys
import uuid

import django

django.setup()

from django.conf import settings
from django.core.signals import request_finished
from django.test import Client
from django.test.utils import setup_test_environment
from django.utils import timezone
from planned import a_sheet
from routes import all_routes
from signed_in import signed_in
from test_assessment import begun, recorded
from test_notes import a_note
from test_referrals import asking
from test_sent_twice import AOI, CHILD, in_order

from handed_over import OtherCity
from handed_over import asking as handing_over
from handing import HINODE
from tsunagu_web.access import reach
from tsunagu_web.access.models import INTAKE_TEAM
from tsunagu_web.access.policy import Policy
from tsunagu_web.access.reach import the_program
from tsunagu_web.access.table import PURPOSES, permits_of
from tsunagu_web.access.terms import Purpose, Role, Scope
from tsunagu_web.accounts.models import Staff
from tsunagu_web.duties.middleware import SESSION_KEY


def staff(role: Role = Role.LEAD_WORKER, login: str | None = None) -> Staff:
    """The demonstration's account of a role; one of another login is made."""
    known = Staff.objects.filter(**({"login": login} if login else {"role": role})).order_by("pk").first()
    if known:
        return known
    made = Staff.objects.create(login=login or role.value, password="x", name="職員Z", role=role, department="支援課")
    if role is Role.LEAD_WORKER:
        made.duties.create(kind=Scope.TEAM, key=INTAKE_TEAM, starts_on=timezone.localdate())
    return made


def open_as(role: Role = Role.LEAD_WORKER, purpose: str = "") -> Client:
    client = signed_in(staff(role))
    session = client.session
    session[SESSION_KEY] = purpose or PURPOSES[role][0]
    session.save()
    return client


def one_of_everything() -> None:
    """Whatever the pages can record, in order; then what is still being written or waits for somebody."""
    other = OtherCity(settings.ENVIRONMENT.handover.parent, HINODE)
    for one in in_order(open_as, staff, other):
        answer = open_as(one.role, one.purpose).post(one.url, one.again())
        assert answer.status_code == 302, (one.route, answer.status_code)
    lead = open_as(purpose=Purpose.CASE_SUPPORT)
    open_as(Role.SUPERVISOR, Purpose.CASE_SUPPORT).post(f"{CHILD}case/step/", _kept_open())
    lead.post(f"{CHILD}notes/write/", a_note())
    assert lead.post(f"{CHILD}transfers/new/", handing_over(to=HINODE)).status_code == 302
    other.hand_over(work="case:14")
    recorded(lead)
    begun(lead)
    plan = lead.post(f"{CHILD}plans/new/", a_sheet(reason="改めて")).headers["Location"]
    assert lead.post(f"{plan}edit/", a_sheet(seen=1)).status_code == 302
    centre = open_as(purpose=Purpose.PROTECTION)
    for began in ("/notifications/new/", f"{CHILD}notifications/1/sheet/begin/"):
        assert centre.post(began, {"form": str(uuid.uuid4())}).status_code == 302, began
    for is_sent in (True, False):
        referral = lead.post(
            f"{CHILD}referrals/new/", asking(staff(Role.PARTNER), asked=f"見学の案内 {is_sent}")
        ).headers["Location"]
        looked = lead.get(referral).context["sending"].initial
        if is_sent:
            assert lead.post(f"{referral}send/", {**looked, "form": str(uuid.uuid4())}).status_code == 302


def _kept_open() -> dict[str, object]:
    from test_conferences import a_step

    from tsunagu_web.cases.models import Case

    return a_step("keep_open", Case.objects.get(child_id=AOI).revision, "もう少し続ける")


def pages() -> list[dict[str, object]]:
    """Every address that answers a look: its form as a pattern, and the roles with the purposes that may open it."""
    found = []
    for route in all_routes():
        if not route.takes("GET"):
            continue
        policy, who = route.policy, []
        if isinstance(policy, Policy):
            who = [
                (role.value, purpose.value)
                for role, purposes in PURPOSES.items()
                for purpose in purposes
                if any(permits_of(role, purpose, policy.thing, policy.action, form) for form in policy.forms)
            ]
        pattern = re.sub(r"<[^>]+>", "[^/]+", route.path)
        found.append({"path": route.path, "pattern": f"^/{pattern}$", "who": who, "is_public": not who})
    return found


def sessions() -> dict[str, str]:
    """The cookie of each role under each of its purposes."""
    made = {}
    for role, purposes in PURPOSES.items():
        for purpose in purposes:
            client = open_as(role, purpose)
            made[f"{role.value} {purpose.value}"] = client.cookies[settings.SESSION_COOKIE_NAME].value
    return made


def _go_on(**_signal: object) -> None:
    """A request ends with nothing open; this program goes on as the program after its own."""
    reach._remember(reach.EVERYTHING)


with the_program():
    request_finished.connect(_go_on)
    setup_test_environment()
    one_of_everything()
    sys.stdout.write(json.dumps({"pages": pages(), "sessions": sessions()}))
