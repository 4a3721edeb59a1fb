"""Every write of the desk, sent twice and sent late: one effect, and whoever was slower is told.

No address is listed by hand as known: a new one that takes a form fails here until it has its row.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from planned import a_sheet
from planned import a_step as plan_step
from routes import Route, all_routes
from test_assessment import concluding, filled
from test_conferences import a_call, a_step, minutes
from test_history import correction
from test_kin import YES_NO, a_change, a_grandmother
from test_link_review import a_decision as link_decision
from test_notes import a_note
from test_outreach import a_contact, a_rule, a_sight
from test_reassessment import a_decision as again_decided
from test_referrals import asking
from test_tasks import a_wish
from test_worklist_lists import together

from builders import ATestPair, a_child, a_household, an_id
from tsunagu_web.access.models import INTAKE_TEAM, Conflict, Grant
from tsunagu_web.access.terms import Label, Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.addresses.models import ReleaseRequest
from tsunagu_web.assessment.models import Assessment
from tsunagu_web.cases.models import Case
from tsunagu_web.conferences.models import AgendaItem, Conference
from tsunagu_web.link_review.models import LinkDecision, LinkPair
from tsunagu_web.notes.models import Attachment, Note
from tsunagu_web.outreach.models import Contact, Reassessment, SightConfirmation
from tsunagu_web.people.models import Kinship
from tsunagu_web.plans.models import SupportPlan
from tsunagu_web.referrals.models import Referral
from tsunagu_web.tasks.models import Task
from tsunagu_web.worklist.models import SavedFilter

AOI, SORA, ELSEWHERE = an_id("例川 あおい"), an_id("例田 ソラ"), an_id("例本 みお")
CHILD = f"/children/{AOI}/"
EARLY, SUPPORT = "early_support", "case_support"
Browser, People = Callable[..., Client], Callable[..., Staff]

# What a post asks without writing, and one's own account, whose tests are of factors and sessions.
NO_WRITES = {
    "children/search/": "what is searched for stays out of the address",
    "children/export/": "a file is given",
    "notes/search/": "what is searched for stays out of the address",
    "addresses/show/": "shows once, and is recorded each time",
    "log/verify/": "verifies",
    "log/head/": "signs the head as it stands",
    "access-check/": "asks what somebody may see",
    "links/decisions-file/": "a file is given",
    "purpose/": "picks the purpose of this session",
    "language/": "picks the language",
    "api/v1/children/search/": "what is searched for stays out of the address",
}
OWN_ACCOUNT = ("login/", "logout/", "account/")


@dataclass(frozen=True)
class Write:
    """One form as a page sends it. late: what the same words say in a new form that has not seen the change."""

    route: str
    role: Role
    purpose: str
    url: str
    data: Callable[[], dict[str, Any]]
    late: int | None = 409


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the desk, without its log and its sessions."""
    kept = (m for a in apps.get_app_configs() if a.name.startswith("tsunagu_web.") for m in a.get_models())
    tables = (m for m in kept if m._meta.app_label not in ("audit",) and m.__name__ != "SignIn")
    return {m._meta.label: sorted(m._base_manager.values_list(), key=repr) for m in tables}


def _form(**words: object) -> Callable[[], dict[str, Any]]:
    return lambda: dict(words)


def in_order(open_as: Browser, staff: People) -> Iterator[Write]:
    """The work with one child, each form made after what came before it."""

    def write(route: str, data: dict[str, Any], role: Role = Role.LEAD_WORKER, purpose: str = SUPPORT, **more: Any) -> Write:
        numbers = iter(more.pop("numbers", ()))
        path = "/".join(
            AOI if part == "<person:person_id>" else str(next(numbers)) if part.startswith("<") else part
            for part in route.split("/")
        )
        return Write(route, role, purpose, more.pop("url", f"/{path}"), _form(**data), **more)

    def of_child(route: str, data: dict[str, Any], role: Role = Role.LEAD_WORKER, purpose: str = SUPPORT, **more: Any) -> Write:
        return write(f"children/<person:person_id>/{route}", data, role, purpose, **more)

    boss, number = Role.SUPERVISOR, "<int:number>/"
    today, week = timezone.localdate(), timezone.localdate() + dt.timedelta(days=7)
    form = lambda: str(uuid.uuid4())  # noqa: E731  # shorter than its name

    yield of_child("decide/", {"outcome": "candidate", "seen": 0, "form": form()}, purpose=EARLY)
    yield write("children/watch/", together(SORA, until=week.isoformat()), purpose=EARLY, late=None)
    yield write("children/lists/", {"which": "mine", "name": "自分", "team": ""}, purpose=EARLY, late=None)
    yield write(f"children/lists/{number}forget/", {}, purpose=EARLY, numbers=[SavedFilter.objects.get().pk], late=None)
    lead = {"team": INTAKE_TEAM, "lead": staff().pk}
    yield write("children/assign/", together(AOI, **lead), boss, late=None)
    yield of_child("case/assign/", {**lead, "kind": "protection", "seen": Case.objects.get().revision}, boss)

    yield of_child("kin/add/", a_grandmother(), late=None)
    kin = Kinship.objects.get(kind="grandparent")
    yield of_child(f"kin/{number}change/", a_change(kin, has_custody="no"), numbers=[kin.pk], late=None)
    yield of_child("history/correct/", correction(), late=None)
    yield of_child("notes/write/", a_note(), late=None)
    note = Note.objects.get()
    yield of_child(f"notes/{number}edit/", a_note("不在だった", seen=1), numbers=[note.pk])
    file = SimpleUploadedFile("記録.pdf", b"%PDF-1.4 invented", content_type="application/pdf")
    yield of_child("attachments/", {"file": file, "label": int(Label.INTERNAL), "form": form()}, late=None)
    attached = Attachment.objects.get()
    yield of_child(f"attachments/{number}label/", {"label": int(Label.SENSITIVE), "seen": 1}, numbers=[attached.pk])

    lead_worker = open_as(purpose=SUPPORT)
    yield of_child("assessments/begin/", {"form": "common-assessment"}, late=None)
    yield of_child("assessments/draft/discard/", {}, late=None)
    whole = filled(lead_worker)
    yield of_child("assessments/draft/save/", whole)
    whole = {**whole, **lead_worker.get(f"{CHILD}assessments/draft/").context["own"].initial}
    own = {"own_judgment": "support", "own_grounds": "本人が、朝ごはんがないと話した"}
    yield of_child("assessments/draft/record/", {**whole, **own})
    assessed = Assessment.objects.get()
    yield of_child(f"assessments/{number}conclude/", concluding(lead_worker, assessed.number), numbers=[assessed.number])

    yield of_child("plans/new/", a_sheet(), late=None)
    plan = SupportPlan.objects.get()
    yield of_child(f"plans/{number}edit/", a_sheet(seen=1), numbers=[plan.pk])
    for name, role in (("submit", Role.LEAD_WORKER), ("return", boss), ("submit", Role.LEAD_WORKER), ("approve", boss)):
        plan.refresh_from_db()
        yield of_child(f"plans/{number}{name}/", plan_step(plan.revision, "見直す"), role, numbers=[plan.pk])
    plan.refresh_from_db()
    yield of_child(f"plans/{number}end/", plan_step(plan.revision, "終わった"), numbers=[plan.pk])
    yield of_child("plans/new/", a_sheet(reason="改めて"), late=None)
    plan = SupportPlan.objects.latest("pk")
    yield of_child(f"plans/{number}withdraw/", plan_step(plan.revision, "やめる"), numbers=[plan.pk])

    yield of_child("outreach/contact/", a_contact(), late=None)
    contact = Contact.objects.get()
    yield of_child(f"outreach/contact/{number}take-back/", {"why": "別の家だった"}, numbers=[contact.pk], late=None)
    yield of_child("outreach/rule/", a_rule())
    yield of_child("sight/confirm/", a_sight(), late=None)
    sight = SightConfirmation.objects.get()
    yield of_child(f"sight/{number}take-back/", {"why": "きょうだいだった"}, numbers=[sight.pk], late=None)
    yield of_child("reassessments/start/", {"words": "母が入院した", "form": form()}, late=None)
    again = Reassessment.objects.get()
    yield of_child(f"reassessments/{number}decide/", again_decided(again), numbers=[again.pk])

    yield of_child("tasks/add/", a_wish(staff()), late=None)
    task = Task.objects.get()
    yield of_child(f"tasks/{number}step/", a_step("finish", task.revision), numbers=[task.pk])

    yield write("conferences/call/", a_call(staff(Role.VICE_PRINCIPAL)), late=None)
    meeting = Conference.objects.get()
    yield write(f"conferences/{number}agenda/", {"person": AOI, "why": "new_case"}, numbers=[meeting.pk], late=None)
    yield write(f"conferences/{number}step/", a_step("hold", 1), numbers=[meeting.pk])
    item = AgendaItem.objects.get()
    yield write(f"conferences/{number}items/<int:item>/write/", minutes(), numbers=[meeting.pk, item.pk])

    partner = staff(Role.PARTNER)
    yield of_child("referrals/new/", asking(partner), late=None)
    sent = Referral.objects.get()
    looked = dict(open_as(purpose=SUPPORT).get(f"{CHILD}referrals/{sent.pk}/").context["send"].initial)
    yield of_child(f"referrals/{number}edit/", asking(partner, seen=1, asked="居場所を探してほしい"), numbers=[sent.pk])
    looked = dict(open_as(purpose=SUPPORT).get(f"{CHILD}referrals/{sent.pk}/").context["send"].initial)
    yield of_child(f"referrals/{number}send/", looked, numbers=[sent.pk])
    sent.refresh_from_db()
    yield write(f"referrals/{number}step/", a_step("accept", sent.revision), Role.PARTNER, numbers=[sent.pk])
    yield write(f"referrals/{number}reply/", {"text": "見学に来られます", "form": form()}, Role.PARTNER, numbers=[sent.pk], late=None)
    sent.refresh_from_db()
    yield of_child(f"referrals/{number}step/", a_step("break_off", sent.revision, "断られた"), numbers=[sent.pk])

    case = Case.objects.get()
    yield of_child("case/step/", a_step("propose_closing", case.revision, "落ち着いた"))

    pair = LinkPair.objects.get()
    yield write("links/<slug:pair>/decide/", link_decision(pair), Role.ANALYST, "", numbers=[pair.pk])
    decision = LinkDecision.objects.get()
    back = f"links/decided/{number}take-back/"
    yield write(back, {"form": form()}, Role.ANALYST, "", numbers=[decision.pk])

    ask = {"reason": "safety", "need": "安否の確認のため訪問する", "form": form()}
    yield of_child("address/", ask, late=None)
    request = ReleaseRequest.objects.first()
    key = request.pk if request else 0
    yield write("addresses/answer/", {"key": key, "agrees": "yes"}, boss, late=None)

    why = {"reason": "学校から、家に帰れないと聞いた。今日のうちに会う。"}
    emergency = "children/<person:person_id>/emergency/"
    yield write(emergency, why, url=f"/children/{ELSEWHERE}/emergency/", late=None)
    opened = Grant.objects.filter(basis="emergency").first()
    yield write(f"emergencies/{number}", {"review": "justified"}, boss, EARLY, numbers=[opened.pk if opened else 0], late=None)
    grant = {"staff": staff(Role.GUIDANCE_CENTRE_SUPERVISOR).login, "purpose": "protection", "basis": "referral"}
    yield of_child("access/give/", {**grant, "until": week.isoformat()}, boss, late=None)
    given = Grant.objects.filter(basis="referral", person_id=AOI).latest("pk")
    yield of_child(f"access/{number}end/", {}, boss, numbers=[given.pk], late=None)
    block = {"staff": staff(Role.CLASS_TEACHER).login, "person": SORA, "kind": "own_family"}
    yield write("conflicts/enter/", block, Role.PRIVACY_OFFICER, "", late=None)
    yield write(f"conflicts/{number}end/", {}, Role.PRIVACY_OFFICER, "", numbers=[Conflict.objects.get().pk], late=None)
    assert today


def takes_forms(route: Route) -> bool:
    """Whether the address answers a post at all."""
    return route.policy is not None


def test_all(intake: Callable[..., object], as_role: Browser, staff: People) -> None:
    pair = ATestPair({"name": "例林 ゆい"}, {"name": "例林 由衣"})
    others = (a_child("例田 ソラ", "レイタ ソラ", household="6"), a_child("例本 みお", "レイモト ミオ", household="7", school="201"))
    intake(*a_household(a_child()), *others, doubtful=[pair])
    for one in in_order(as_role, staff):
        client, before = as_role(one.role, purpose=one.purpose), everything()
        data = one.data()
        answers = [client.post(one.url, _fresh(data))]
        first = everything()
        answers.append(client.post(one.url, _fresh(data)))
        second = everything()
        third = client.post(one.url, _fresh({**data, **({"form": str(uuid.uuid4())} if "form" in data else {})}))
        print(one.route, [a.status_code for a in answers], "EFFECT" if first != before else "NONE", "same" if first == second else [k for k in first if first[k]!=second[k]], third.status_code, "same" if everything() == first else [k for k in first if first[k]!=everything()[k]])


def _fresh(data: dict[str, Any]) -> dict[str, Any]:
    """The same form again: a file is read from its beginning."""
    for value in data.values():
        if isinstance(value, SimpleUploadedFile):
            value.seek(0)
    return data
