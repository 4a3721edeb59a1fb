"""What another municipality hands over: who may open it, taking the child on, or not, and its case at this desk.

Nothing of the child is in the database before somebody accepts. From the acceptance on this office is responsible, and
whatever fails afterwards is done by asking again: the contents are destroyed last.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, replace
from hashlib import sha256

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from tsunagu.handover.document import CaseDocument, HandedChild
from tsunagu.handover.package import Opened
from tsunagu.handover.reading import document_bytes
from tsunagu.handover.store import Handover
from tsunagu.handover.working_days import japan_day
from tsunagu_web.access.models import Duty
from tsunagu_web.access.querysets import visible_to
from tsunagu_web.access.reach import the_program, widen
from tsunagu_web.access.terms import Action, CaseState, Label, Purpose, Role, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.services import append
from tsunagu_web.cases.models import Case, Child
from tsunagu_web.cases.search import searched_of
from tsunagu_web.cases.services import follow
from tsunagu_web.duties.services import NotPossible
from tsunagu_web.notes import scan
from tsunagu_web.notes.kinds import Refused, kind_of
from tsunagu_web.notes.services import attach
from tsunagu_web.people.models import Person, Source, id_by_hand
from tsunagu_web.search.models import Kind
from tsunagu_web.search.services import index_document
from tsunagu_web.steps.services import begin
from tsunagu_web.transfers.models import Received
from tsunagu_web.transfers.offices import Office, account_of, official, store_of

_SEXES = {"male": "1", "female": "2", "unknown": ""}
#: Nothing of a run: a child who came with a case was noticed by nobody's criteria here.
_NO_NOTICE = {"level": "", "level_at_most": "", "level_rank": 99, "strength": 0, "is_known_before": False}


#: How long a hand-over that was decided stands in the list.
LISTED_FOR = dt.timedelta(days=30)


@dataclass(frozen=True)
class Acceptance:
    """Who is to lead the case, in which team; child: who the child is here, "" for nobody of this desk yet."""

    team: str
    lead_id: int
    child: str


def incoming(found: Office, staff: Staff) -> list[Handover]:
    """What is for this person: named by the manifest, or chosen as a reader here. What waits longest stands first."""
    came = [one for one in store_of(found).incoming(japan_day(timezone.now())) if is_for(one, staff)]
    return sorted(came, key=lambda one: one.state not in ("receiving", "stored", "accepted"))


def shown_in_the_list(one: Handover) -> bool:
    """What waits for somebody, and what was decided not long ago; older ones stay in the file and the log."""
    waits = one.state in ("receiving", "stored", "accepted")
    return waits or timezone.now() - one.changed_at < LISTED_FOR


def is_for(one: Handover, staff: Staff) -> bool:
    return _is_named(one, staff) or account_of(staff) in one.readers


def may_decide(one: Handover, staff: Staff) -> bool:
    """Whether this person may choose readers, accept and decline: a supervisor whom the manifest names, and of a
    restricted one either of the two."""
    return _is_named(one, staff) and (staff.role == Role.SUPERVISOR or one.manifest.kind == "restricted")


def may_open(one: Handover, staff: Staff) -> bool:
    """Whether the contents can be opened by them now. Of a restricted one readers are chosen first."""
    if one.state == "receiving" or not one.has_contents:
        return False
    if one.readers:
        return account_of(staff) in one.readers
    return one.manifest.kind == "ordinary" and _is_named(one, staff)


def opened(found: Office, one: Handover, staff: Staff) -> Opened:
    """Document and files; both logs have it before they are read."""
    return store_of(found).open(one.id, official(staff), timezone.now())


def possible_readers(one: Handover) -> list[Staff]:
    """Who of this office can be chosen: workers of the centre; of a restricted one those whom it names."""
    staff = Staff.objects.filter(is_active=True, role__in=(Role.SUPERVISOR, Role.LEAD_WORKER)).order_by("name", "pk")
    if one.manifest.kind == "ordinary":
        return list(staff)
    return [each for each in staff if f"account:{account_of(each)}" in one.manifest.recipients]


def choose_readers(found: Office, one: Handover, viewer: Viewer, staff: Staff, readers: list[Staff]) -> None:
    """Says who may open it; whoever chooses an ordinary one can go on reading it."""
    accounts = [account_of(each) for each in readers]
    if one.manifest.kind == "ordinary":
        accounts.append(account_of(staff))
    if set(accounts) == set(one.readers):
        return
    with transaction.atomic():
        _log(viewer, one, "choose_readers")
        store_of(found).choose_readers(one.id, accounts, official(staff), timezone.now())


def known_children(viewer: Viewer, child: HandedChild) -> list[Child]:
    """Children of this desk, within the viewer's duty, who were born on that day: one of them may be this child."""
    mine = list(_within_duty(viewer).filter(person__birth_date=child.born_on).select_related("person"))
    alike = {_plain(child.name), _plain(child.kana), *map(_plain, child.other_names)}
    return sorted(mine, key=lambda one: not {_plain(one.person.name), _plain(one.person.kana)} & alike)


def possible_leads(viewer: Viewer) -> list[tuple[str, Staff]]:
    """(team, worker) of the viewer's teams, by name."""
    today = timezone.localdate()
    rows = Duty.objects.filter(kind="team", key__in=sorted(viewer.teams), starts_on__lte=today).exclude(
        ends_on__lt=today
    )
    rows = rows.filter(staff__is_active=True, staff__role__in=(Role.LEAD_WORKER, Role.SUPERVISOR))
    return [(row.key, row.staff) for row in rows.select_related("staff").order_by("staff__name", "key")]


def accept(found: Office, one: Handover, viewer: Viewer, staff: Staff, wish: Acceptance) -> Received:
    """Takes the child on: the acceptance, a case with a number of this desk's own, the record as it came, its files.

    The same again gives what it made, and does what an earlier try did not come to.
    raises  NotPossible where the case cannot be made here; StateError where it was declined, withdrawn or has ended
    """
    made = Received.objects.filter(handover=one.id).select_related("case").first()
    if made is None or one.has_contents:
        came = opened(found, one, staff)
        _require_files(came)
        if made is None:
            _require_possible(viewer, wish)
        if one.state == "stored":
            store_of(found).accept(one.id, official(staff), timezone.now())
        made = made or _case_of(found, one, viewer, came.document, wish)
        _attach(made, viewer, came)
        if store_of(found).get(one.id, japan_day(timezone.now())).state == "accepted":
            store_of(found).seal(one.id, official(staff), timezone.now())
    return made


def decline(found: Office, one: Handover, viewer: Viewer, staff: Staff, reason: str) -> None:
    """Does not take the child on; the sender stays responsible and is told why by the code."""
    with transaction.atomic():
        _log(viewer, one, "decline", reason=reason)
        store_of(found).decline(one.id, official(staff), timezone.now(), reason)


def _within_duty(viewer: Viewer) -> QuerySet[Child]:
    """Children whom the viewer may open by duty, noticed only or with a case: a child who moved here may be either, and
    would be there twice where one of the two purposes alone was asked."""
    both = [viewer, replace(viewer, purpose=Purpose.EARLY_SUPPORT.value, granted=frozenset())]
    found: QuerySet[Child] = Child.objects.none()
    for one in both:
        widen(one, Thing.CHILD, Action.VIEW)
        found = found | visible_to(one, Child.objects.all())
    return found


def _is_named(one: Handover, staff: Staff) -> bool:
    return official(staff).is_among(one.manifest.recipients)


def _require_files(came: Opened) -> None:
    """Everything that came can be kept here; NotPossible before anything is accepted."""
    for file in came.files:
        try:
            kind_of(file.data)
            scan.require_clean(file.data)
        except Refused as error:
            raise NotPossible("file_refused") from error


def _require_possible(viewer: Viewer, wish: Acceptance) -> None:
    if wish.team not in viewer.teams or wish.lead_id not in {
        s.pk for team, s in possible_leads(viewer) if team == wish.team
    }:
        raise NotPossible("no_lead")
    if wish.child:
        child = _within_duty(viewer).filter(pk=wish.child).first()
        if child is None:
            raise NotPossible("no_child")
        if child.case_state == CaseState.OPEN:
            raise NotPossible("has_case")


def _case_of(found: Office, one: Handover, viewer: Viewer, document: CaseDocument, wish: Acceptance) -> Received:
    # Of no team yet, the new child is in nobody's reach.
    with transaction.atomic(), the_program():
        child = Child.objects.select_for_update(of=("self",)).get(pk=wish.child) if wish.child else None
        child = child or _new_child(viewer, one, document.child, wish)
        case = Case.objects.create(
            child=child,
            number=Case.objects.filter(child=child).count() + 1,
            team=wish.team,
            lead_id=wish.lead_id,
            opened_on=timezone.localdate(),
        )
        follow(case)
        begin(case, viewer)
        made = Received.objects.create(
            child=child,
            case=case,
            handover=one.id,
            sender=one.peer,
            sender_name=found.name_of(one.peer),
            body=document_bytes(document).decode(),
            by_id=viewer.staff_id,
            at=timezone.now(),
        )
        _log(viewer, one, "accept", made)
    return made


def _new_child(viewer: Viewer, one: Handover, came: HandedChild, wish: Acceptance) -> Child:
    today = timezone.localdate()
    id = id_by_hand(_mark(one, "child"))
    person = Person.objects.create(
        person_id=id,
        source=Source.STAFF,
        name=came.name.replace("　", " "),
        kana=came.kana.replace("　", " "),
        alias=(came.other_names or ("",))[0].replace("　", " "),
        birth_date=came.born_on,
        sex=_SEXES[came.sex],
        known_from=today,
        entered_by_id=viewer.staff_id,
    )
    child = Child.objects.create(
        person=person,
        is_listed=False,
        kana=person.kana,
        team=wish.team,
        first_noticed_on=today,
        known_from=today,
        **_NO_NOTICE,
    )
    index_document(Kind.PERSON, person.pk, searched_of(person))
    return child


def _attach(made: Received, viewer: Viewer, came: Opened) -> None:
    child = Child.objects.get(pk=made.child_id)
    for place, file in enumerate(came.files):
        form = _mark(made, f"file {place}")
        attach(child, viewer, name=file.name[:120], content=file.data, label=Label.SENSITIVE, form=form)


def _mark(of: Handover | Received, what: str) -> uuid.UUID:
    """The same mark for the same thing of a hand-over, so that what is done again is done once."""
    id = of.handover if isinstance(of, Received) else of.id
    return uuid.UUID(bytes=sha256(f"{id} {what}".encode()).digest()[:16])


def _log(viewer: Viewer, one: Handover, action: str, made: Received | None = None, **detail: str) -> None:
    append(
        action=action,
        object="transfer",
        staff=viewer,
        purpose=viewer.purpose,
        persons=[made.child_id] if made else [],
        detail={"handover": one.id, **detail},
        content=made,
    )


def _plain(name: str) -> str:
    return "".join(name.split())
