"""Every write of the desk, sent twice and sent late: one effect, and whoever was slower is told.

No address is listed by hand as known: a new one that takes a form fails here until it has its row.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from planned import a_sheet
from planned import a_step as plan_step
from routes import all_routes
from test_assessment import concluding, filled, marks
from test_boards import a_wish as thresholds
from test_conferences import a_call, a_step, minutes
from test_guidance_centre_notification import a_meeting, page_of
from test_guidance_centre_notification import a_step as notification_step
from test_guidance_centre_notification import filled as filled_in
from test_history import correction
from test_kin import a_change, a_grandmother
from test_link_review import a_decision as link_decision
from test_notes import a_note
from test_outreach import a_contact, a_rule, a_sight
from test_reassessment import a_decision as again_decided
from test_referrals import asking
from test_tasks import a_wish, handing
from test_worklist_lists import together

from builders import an_id
from handed_over import OtherCity, here, set_up
from handed_over import asking as handing_over
from handing import HINODE, MIZUNO
from offered import an_offered
from three_children import a_doubtful_pair, three_children
from tsunagu.handover.working_days import japan_day
from tsunagu_web.access.models import INTAKE_TEAM, Conflict, Grant
from tsunagu_web.access.terms import Label, Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.addresses.models import ReleaseRequest
from tsunagu_web.assessment.models import Assessment
from tsunagu_web.cases.models import Case
from tsunagu_web.conferences.models import AgendaItem, Conference
from tsunagu_web.guidance_centre.models import Notification, NotifierRequest
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
EARLY, SUPPORT, CENTRE = "early_support", "case_support", "protection"
Browser, People = Callable[..., Client], Callable[..., Staff]

# What a post asks without writing. One's own account, one's own reminders and the criteria, which are of no child, have
# tests of their own, and what programs send is tested with the API, which writes through the same services.
NO_WRITES = {
    "children/search/": "what is searched for stays out of the address",
    "children/export/": "a file is given",
    "notes/search/": "what is searched for stays out of the address",
    "addresses/show/": "shows once, and is recorded each time",
    "notifiers/show/": "shows once, and is recorded each time",
    "notifications/drafts/<int:number>/find/": "what is searched for stays out of the address",
    "children/<person:person_id>/notifications/<int:number>/sheet/branches/": "asks which questions the answers open",
    "log/verify/": "verifies",
    "log/<int:number>/words/": "shows words, and is recorded each time",
    "access-check/": "asks what somebody may see",
    "links/decisions-file/": "a file is given",
    "purpose/": "picks the purpose of this session",
    "language/": "picks the language",
}
ELSEWHERE_TESTED = ("login/", "logout/", "account/", "api/", "reminders/", "criteria/")
# Where a form takes what somebody typed; other words with the same mark are told, and stay on the page.
TYPED = (
    "note",
    "text",
    "what",
    "reason",
    "agreed",
    "own_grounds",
    "grounds",
    "asked",
    "need",
    "child_words",
    "name",
    "words",
    "why",
)
OTHER_WORDS = "前とは違う言葉で書いた"
# The answers to a second click: what was recorded is shown, or why there is nothing more to record.
TOLD = {302, 404, 409, 410, 422}


@dataclass(frozen=True)
class Write:
    """One form as a page sends it.

    late  the answer to the same words in a new form that has not seen the change; None where that is another entry
    """

    route: str
    role: Role
    purpose: str
    url: str
    data: dict[str, Any]
    late: int | None = 409

    def again(self, **changes: object) -> dict[str, Any]:
        """The same form; changes only in fields it has. A file is read from its beginning."""
        for value in self.data.values():
            if isinstance(value, SimpleUploadedFile):
                value.seek(0)
        return {**self.data, **{name: value for name, value in changes.items() if name in self.data}}


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the desk, without its log (with the words that were searched for) and its sessions, and how every
    hand-over stands."""
    kept = (m for a in apps.get_app_configs() if a.name.startswith("tsunagu_web.") for m in a.get_models())
    tables = (m for m in kept if m._meta.app_label != "audit" and m.__name__ not in ("SignIn", "SearchTerms"))
    today = japan_day(timezone.now())
    listed = [*here().outgoing(today), *here().incoming(today)]
    handovers = [(one.id, one.state, one.readers, one.has_contents) for one in listed]
    return {m._meta.label: sorted(m._base_manager.values_list(), key=repr) for m in tables} | {"handovers": handovers}  # type: ignore[dict-item]  # rows as well


def in_order(open_as: Browser, staff: People, city: OtherCity) -> Iterator[Write]:
    """The work with one child, each form made after what came before it."""

    def write(
        route: str, data: dict[str, Any], role: Role = Role.LEAD_WORKER, purpose: str = SUPPORT, **more: Any
    ) -> Write:
        numbers = iter(more.pop("numbers", ()))
        path = "/".join(
            AOI if part == "<person:person_id>" else str(next(numbers)) if part.startswith("<") else part
            for part in route.split("/")
        )
        return Write(route, role, purpose, more.pop("url", f"/{path}"), data, **more)

    def of_child(
        route: str, data: dict[str, Any], role: Role = Role.LEAD_WORKER, purpose: str = SUPPORT, **more: Any
    ) -> Write:
        return write(f"children/<person:person_id>/{route}", data, role, purpose, **more)

    boss, number = Role.SUPERVISOR, "<int:number>/"
    week = timezone.localdate() + dt.timedelta(days=7)
    form = lambda: str(uuid.uuid4())  # noqa: E731  # shorter than its name

    yield of_child("decide/", {"outcome": "candidate", "seen": 0, "form": form()}, purpose=EARLY)
    yield write("children/watch/", together(SORA, until=week.isoformat()), purpose=EARLY, late=None)
    yield write("children/lists/", {"which": "mine", "name": "自分", "team": ""}, purpose=EARLY, late=None)
    yield write(f"children/lists/{number}forget/", {}, purpose=EARLY, numbers=[SavedFilter.objects.get().pk], late=None)
    team, other = {"team": INTAKE_TEAM}, staff(Role.LEAD_WORKER, login="other").pk
    yield write("children/assign/", together(AOI, lead=f"{INTAKE_TEAM}:{other}"), boss, late=None)
    seen = Case.objects.get().revision
    yield of_child("case/assign/", {**team, "lead": staff().pk, "kind": "protection", "seen": seen}, boss)

    yield of_child("kin/add/", a_grandmother(), late=None)
    kin = Kinship.objects.filter(kind="grandparent").latest("pk")
    yield of_child(f"kin/{number}change/", a_change(kin, has_custody="no"), numbers=[kin.pk], late=None)
    yield of_child("history/correct/", correction(), late=None)
    yield of_child("notes/write/", a_note(), late=None)
    note = Note.objects.earliest("pk")
    yield of_child(f"notes/{number}edit/", a_note("不在だった", seen=1), numbers=[note.pk])
    file = SimpleUploadedFile("記録.pdf", b"%PDF-1.4 invented", content_type="application/pdf")
    yield of_child("attachments/", {"file": file, "label": int(Label.INTERNAL), "form": form()}, late=None)
    attached = Attachment.objects.earliest("pk")
    yield of_child(f"attachments/{number}label/", {"label": int(Label.SENSITIVE), "seen": 1}, numbers=[attached.pk])

    lead_worker = open_as(purpose=SUPPORT)
    yield of_child("assessments/begin/", {"form": "common-assessment"}, late=None)
    whole = marks(lead_worker)
    yield of_child("assessments/draft/discard/", {**whole, "sure": "yes"})
    whole = filled(lead_worker)
    yield of_child("assessments/draft/save/", whole)
    whole = {**whole, **lead_worker.get(f"{CHILD}assessments/draft/").context["own"].initial}
    own = {"own_judgment": "support", "own_grounds": "本人が、朝ごはんがないと話した"}
    yield of_child("assessments/draft/record/", {**whole, **own})
    assessed = Assessment.objects.earliest("pk")
    yield of_child(
        f"assessments/{number}conclude/", concluding(lead_worker, assessed.number), numbers=[assessed.number]
    )

    yield of_child("plans/new/", a_sheet(), late=None)
    plan = SupportPlan.objects.earliest("pk")
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
    contact = Contact.objects.earliest("pk")
    yield of_child(f"outreach/contact/{number}take-back/", {"reason": "別の家だった"}, numbers=[contact.pk], late=None)
    yield of_child("outreach/rule/", a_rule())
    yield of_child("sight/confirm/", a_sight(), late=None)
    sight = SightConfirmation.objects.earliest("pk")
    yield of_child(f"sight/{number}take-back/", {"reason": "きょうだいだった"}, numbers=[sight.pk], late=None)
    yield of_child("reassessments/start/", {"reason": "母が入院した", "form": form()}, late=None)
    again = Reassessment.objects.earliest("pk")
    yield of_child(f"reassessments/{number}decide/", again_decided(again), numbers=[again.pk])

    yield of_child("tasks/add/", a_wish(staff()), late=None)
    task = Task.objects.earliest("pk")
    yield of_child(f"tasks/{number}hand-on/", handing(staff(), task.revision), numbers=[task.pk])
    task.refresh_from_db()
    yield of_child(f"tasks/{number}step/", a_step("finish", task.revision), numbers=[task.pk])

    yield write("conferences/call/", a_call(staff(Role.VICE_PRINCIPAL)), late=None)
    meeting = Conference.objects.earliest("pk")
    yield write(f"conferences/{number}agenda/", {"person": AOI, "why": "new_case"}, numbers=[meeting.pk], late=None)
    yield write(f"conferences/{number}step/", a_step("hold", 1), numbers=[meeting.pk])
    item = AgendaItem.objects.earliest("pk")
    yield write(f"conferences/{number}items/<int:item>/write/", minutes(), numbers=[meeting.pk, item.pk])

    partner = staff(Role.PARTNER)
    yield of_child("referrals/new/", asking(partner), late=None)
    sent = Referral.objects.earliest("pk")
    looked = dict(open_as(purpose=SUPPORT).get(f"{CHILD}referrals/{sent.number}/").context["sending"].initial) | {
        "form": form()
    }
    yield of_child(
        f"referrals/{number}edit/", asking(partner, seen=1, asked="居場所を探してほしい"), numbers=[sent.number]
    )
    looked = dict(open_as(purpose=SUPPORT).get(f"{CHILD}referrals/{sent.number}/").context["sending"].initial) | {
        "form": form()
    }
    yield of_child(f"referrals/{number}send/", looked, numbers=[sent.number])
    sent.refresh_from_db()
    yield write(f"referrals/{number}step/", a_step("accept", sent.revision), Role.PARTNER, numbers=[sent.pk])
    yield write(
        f"referrals/{number}reply/",
        {"text": "見学に来られます", "form": form()},
        Role.PARTNER,
        numbers=[sent.pk],
        late=None,
    )
    sent.refresh_from_db()
    yield of_child(f"referrals/{number}step/", a_step("break_off", sent.revision, "断られた"), numbers=[sent.number])

    yield from _handing_over(of_child, open_as)
    came, in_it = city.hand_over(), "transfers/in/<slug:handover>/"
    yield write(f"{in_it}readers/", {"readers": [staff(boss).pk]}, boss, numbers=[came], late=None)
    taken_on = {"lead": f"{INTAKE_TEAM}:{staff().pk}", "child": "new"}
    yield write(f"{in_it}accept/", taken_on, boss, numbers=[came], late=None)
    came = city.hand_over(work="case:13")
    yield write(f"{in_it}decline/", {"reason": "not_resident"}, boss, numbers=[came], late=None)

    yield from _notified(write, open_as, staff)

    case = Case.objects.get(child_id=AOI)
    yield of_child("case/step/", a_step("propose_closing", case.revision, "落ち着いた"))

    yield write("boards/thresholds/set/", thresholds(absence_in_row=4), Role.VICE_PRINCIPAL, "")

    refused = {"lines": f"{AOI}.school_aid", "seen": f"{AOI}.school_aid=0", "act": "turn_down", "form": form()}
    refused["reason"] = "いまは要らないとのこと"
    yield write("offers/<person:person_id>/record/", refused, purpose="offering")

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
    yield write(
        f"emergencies/{number}", {"review": "justified"}, boss, EARLY, numbers=[opened.pk if opened else 0], late=None
    )
    grant = {"staff": staff(Role.GUIDANCE_CENTRE_SUPERVISOR).login, "purpose": "protection", "basis": "referral"}
    yield of_child("access/give/", {**grant, "until": week.isoformat()}, boss, late=None)
    given = Grant.objects.filter(basis="referral", person_id=AOI).latest("pk")
    yield of_child(f"access/{number}end/", {}, boss, numbers=[given.pk], late=None)
    block = {"staff": staff(Role.CLASS_TEACHER).login, "person": SORA, "kind": "own_family"}
    yield write("conflicts/enter/", block, Role.PRIVACY_OFFICER, "", late=None)
    yield write(f"conflicts/{number}end/", {}, Role.PRIVACY_OFFICER, "", numbers=[Conflict.objects.get().pk], late=None)


def _handing_over(of_child: Callable[..., Write], open_as: Browser) -> Iterator[Write]:
    boss, number = Role.SUPERVISOR, "<int:number>/"

    def looked() -> dict[str, Any]:
        page = open_as(boss, purpose=SUPPORT).get(f"{CHILD}transfers/1/")
        return {name: page.context["sending"][name].value() for name in ("print", "seen", "form")}

    def marks(step: str) -> dict[str, Any]:
        form = open_as(purpose=SUPPORT).get(f"{CHILD}transfers/1/").context["step"]
        named = {name: form[name].value() for name in ("seen", "form", "ends")}
        return {"step": step, "reason": "転居がとりやめになった", **named}

    yield of_child("transfers/new/", handing_over(to=HINODE))
    yield of_child(f"transfers/{number}edit/", handing_over(to=HINODE, seen=1, why="欠席が続いた"), numbers=[1])
    yield of_child(f"transfers/{number}send/", looked(), boss, numbers=[1])
    yield of_child(f"transfers/{number}step/", marks("withdraw"), numbers=[1])
    yield of_child(f"transfers/{number}step/", marks("take_back"), numbers=[1])


def _notified(write: Callable[..., Write], open_as: Browser, staff: People) -> Iterator[Write]:
    """A notification typed, discarded, typed again and recorded; a step; who notified, opened by two and by one."""
    worker, number, of_it = open_as(purpose=CENTRE), "<int:number>/", "children/<person:person_id>/notifications/"
    who, in_it, ask = (Role.LEAD_WORKER, CENTRE), "notifications/drafts/<int:number>/", f"{of_it}<int:number>/notifier/"

    def need(**more: str) -> dict[str, str]:
        return {"need": "いつから聞こえたかを確かめる", "form": str(uuid.uuid4()), **more}

    yield write("notifications/new/", {"form": str(uuid.uuid4())}, *who, late=None)
    typed = filled_in(page_of(worker))
    yield write(f"{in_it}save/", typed, *who, numbers=[1])
    typed = {**page_of(worker), "sure": "yes"}
    yield write(f"{in_it}discard/", typed, *who, numbers=[1], late=None)
    worker.post("/notifications/new/", {"form": str(uuid.uuid4())})
    yield write(f"{in_it}record/", filled_in(page_of(worker)), *who, numbers=[1], late=None)
    one, in_it = Notification.objects.get(), f"{of_it}{number}sheet/"
    yield write(f"{in_it}begin/", {}, *who, numbers=[1], late=None)
    marks = {
        field.name: str(field.value())
        for field in worker.get(f"/children/{AOI}/notifications/1/sheet/").context["marks"]
    }
    answers = {"s-fear": "present", "f-fear": "近隣の人", **marks}
    yield write(f"{in_it}save/", {**answers, "turn": "1"}, *who, numbers=[1], late=None)
    yield write(f"{in_it}record/", {**answers, "turn": "2"}, *who, numbers=[1])
    view = {"urgency": "AA", "grounds": "毎晩の声を聞いている", "form": str(uuid.uuid4())}
    yield write(f"{of_it}{number}urgency/own/", view, *who, numbers=[1])
    view = {**view, "form": str(uuid.uuid4())}
    yield write(f"{of_it}{number}urgency/after/", view, *who, numbers=[1])
    yield write(f"{of_it}{number}step/", notification_step(one, "decide_urgency", urgency="AA"), *who, numbers=[1])
    yield write(f"{of_it}{number}meeting/record/", a_meeting(), *who, numbers=[1])
    answer = {"number": 1, "seen": 1, "form": str(uuid.uuid4()), "step": "confirm_meeting"}
    yield write(f"{of_it}{number}meeting/answer/", answer, Role.SUPERVISOR, CENTRE, numbers=[1])
    today, of_it = timezone.localdate().isoformat(), "children/<person:person_id>/protection/"
    said = {"about": "beginning", "outcome": "heard", "words": "夜がこわい", "heard_on": today}
    yield write(f"{of_it}hearing/", {**said, "form": str(uuid.uuid4())}, *who, late=None)
    said = {"began_at": f"{today}T00:00", "shelter": "centre", "consent": "against", "reason": "続けて危ない"}
    yield write(f"{of_it}begin/", {**said, "form": str(uuid.uuid4())}, *who)
    said = {"step": "ask_warrant", "on": today, "reason": "書類を出した", "seen": "1", "form": str(uuid.uuid4())}
    yield write(f"{of_it}{number}step/", said, *who, numbers=[1])
    yield write(ask, need(), *who, numbers=[1], late=None)
    asked = {"key": str(NotifierRequest.objects.latest("requested_at").pk)}
    yield write("notifiers/answer/", {**asked, "agrees": "yes"}, Role.SUPERVISOR, CENTRE, late=None)
    yield write(ask, need(is_emergency="on"), *who, numbers=[1], late=None)
    taken = {"key": str(NotifierRequest.objects.get(is_emergency=True).pk)}
    yield write("notifiers/review/", {**taken, "found": "justified"}, Role.SUPERVISOR, CENTRE, late=None)


@pytest.fixture
def city(intake: Callable[..., object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OtherCity:
    """With a hand-over that came from another city."""
    intake(*three_children(), doubtful=[a_doubtful_pair()], offers=[an_offered()])
    set_up(tmp_path, monkeypatch, MIZUNO)
    return OtherCity(tmp_path, HINODE)


def test_every_write_has_one_effect_and_whoever_was_slower_is_told(
    city: OtherCity, as_role: Browser, staff: People
) -> None:
    auditor, wrong, asked, changed = as_role(Role.AUDITOR), [], set(), set()
    for one in in_order(as_role, staff, city):
        asked.add(one.route)
        assert auditor.post(one.url, one.again()).status_code == 403, f"{one.route}: who may not"
        client, before = as_role(one.role, purpose=one.purpose), everything()
        first = client.post(one.url, one.again())
        after = everything()
        if first.status_code != 302 or after == before:
            wrong.append(f"{one.route}: not accepted ({first.status_code})")
        second = client.post(one.url, one.again())
        if second.status_code not in TOLD or everything() != after:
            wrong.append(f"{one.route}: written twice ({second.status_code})")
        typed = next((name for name in TYPED if not str(one.data.get(name, "")).isascii()), None)
        if typed and "form" in one.data:
            other = client.post(one.url, one.again(**{typed: OTHER_WORDS}))
            is_told = other.status_code in (409, 410) and OTHER_WORDS in other.content.decode()
            if not is_told or everything() != after:
                wrong.append(f"{one.route}: other words with a used mark are lost ({other.status_code})")
            changed.add(one.route)
        if one.late is None:
            continue
        late = client.post(one.url, one.again(form=str(uuid.uuid4())))
        if late.status_code != one.late or everything() != after:
            wrong.append(f"{one.route}: whoever was slower is not told ({late.status_code})")
    assert wrong == [], "\n".join(wrong)
    assert len(changed) > 20, "most forms take words"
    known = {route.path for route in all_routes() if route.takes("POST")}
    assert {path for path in known if not path.startswith(ELSEWHERE_TESTED)} == asked | set(NO_WRITES)
