"""Invented work of the last months for a demonstration: decisions, cases, notes, grants, through the services that
people use, so that log and chain are as real as theirs.

Never for a desk with anybody's true record: everything written here is made up.
"""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count

from django.db import transaction
from django.utils import timezone

from tsunagu_web.access.models import INTAKE_TEAM, Duty, Grant, Team
from tsunagu_web.access.terms import CaseState, Label, Purpose, Role, Scope
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.services import append
from tsunagu_web.cases.models import Case, Child, Decision, NotNowReason, Run, State
from tsunagu_web.cases.services import Assignment, Wish, assign_case, decide
from tsunagu_web.duties.services import give_access, review_emergency, take_emergency_access
from tsunagu_web.duties.viewers import viewer_of
from tsunagu_web.intake.batches import in_batches
from tsunagu_web.notes.services import Written, write_note

SEED = 20260930
LOGIN = "demo-"  # how the login of everybody begins who is made here; nobody signs in with it
_MONTHS = dt.timedelta(days=120)
_BATCH = 200
_MOST_TEAMS, _LEADS, _TEAMS_OF_A_SUPERVISOR = 40, 3, 3
_CHILDREN_OF_A_TEAM = 400
# Of the children without a case, so many in a hundred were decided about otherwise.
_OTHERWISE = ((State.WATCH, 8), (State.NOT_NOW, 6), (State.SUPPORTED, 2))
_EMERGENCIES, _REVIEWED = 4, 3

_REASONS = (
    "学級担任から話を聞いた。家庭の様子をもう少し知りたい。",
    "本人と短く話した。困っていることはないと言う。来月また会う。",
    "保護者と電話で話した。相談してみたいとのこと。",
    "学校と情報を合わせた。支援を始めてよいと考える。",
)
_NOTES = (
    "家庭訪問をした。母親が在宅。最近は朝起きられる日が増えたとのこと。",
    "学校で担任と面談した。給食はよく食べている。休み時間は友だちと過ごしている。",
    "電話で保護者と話した。手続きの書類を一緒に確かめる約束をした。",
    "本人と放課後に会った。好きな本の話をした。眠れない日があると言う。",
    "窓口で制度の案内を渡した。申請するかどうかは家で相談するとのこと。",
    "ケース会議で共有した。学校は見守り、センターは月に一度の訪問を続ける。",
    "スクールソーシャルワーカーから連絡。登校の様子は落ち着いている。",
    "保健師と同行訪問した。健診の日程を伝えた。",
)


@dataclass(frozen=True)
class Act:
    """Something somebody did at a moment. Each knows whether it was done before."""

    at: dt.datetime
    do: Callable[[], object]


@dataclass(frozen=True)
class Crew:
    """Who works for a team: lead workers, and the supervisor of several teams. Each with the viewer they act as."""

    leads: tuple[Viewer, ...]
    supervisor: Viewer


def is_there(run: Run) -> bool:
    """Whether a history of this run was written to its end."""
    return bool(Decision.objects.filter(form=_form("end", run.seal)).exists())


def make_teams() -> Mapping[str, Crew]:
    """Teams by school with their staff; children without a case go to their school's team, as in the next intake."""
    schools = sorted(set(Child.objects.exclude(school="").values_list("school", flat=True)))
    listed = Child.objects.filter(is_listed=True).count()
    number = max(1, min(_MOST_TEAMS, len(schools), listed // _CHILDREN_OF_A_TEAM))
    for n in range(number):
        of_team = schools[n::number]
        fields = {"name": f"第{n + 1}チーム", "schools": of_team}
        team, _made = Team.objects.update_or_create(key=f"area-{n + 1}", defaults=fields)
        Child.objects.filter(school__in=of_team, case_state=CaseState.NOTICED).update(team=team.key)
    keys = [INTAKE_TEAM, *(f"area-{n + 1}" for n in range(number))]
    numbers = count(1)
    supervisors: dict[str, Viewer] = {}
    for group in in_batches(keys, _TEAMS_OF_A_SUPERVISOR):
        viewer = _staff(next(numbers), Role.SUPERVISOR, group)
        supervisors |= dict.fromkeys(group, viewer)
    return {
        key: Crew(tuple(_staff(next(numbers), Role.LEAD_WORKER, [key]) for _ in range(_LEADS)), supervisors[key])
        for key in keys
    }


def write(run: Run, crews: Mapping[str, Crew], cases: int, progress: Callable[[int, int], None]) -> int:
    """Makes the acts in the order of their days, some hundred in one transaction; gives how many there are."""
    acts = plan(run, crews, cases)
    for done, batch in enumerate(in_batches(acts, _BATCH)):
        with transaction.atomic():
            for act in batch:
                with _as_if_at(act.at):
                    act.do()
        progress(min((done + 1) * _BATCH, len(acts)), len(acts))
    return len(acts)


def plan(run: Run, crews: Mapping[str, Crew], cases: int) -> list[Act]:
    """Everything that happened, oldest first; the same children and the same acts for the same run."""
    children = list(Child.objects.filter(is_listed=True, team__in=crews).order_by("pk"))
    drawn = random.Random(f"{SEED} {run.seal}")
    with_case = {child.pk for child in drawn.sample(children, min(cases, len(children)))}
    now = timezone.now().replace(microsecond=0)
    # Nobody decides before the day of which the run speaks, unless that day is still to come.
    first = timezone.make_aware(dt.datetime.combine(run.on, dt.time(9)))
    start = max(first, now - _MONTHS) if first < now - dt.timedelta(days=14) else now - _MONTHS
    days = _Days(start, now - dt.timedelta(days=2))
    acts: list[Act] = []
    for child in children:
        own = random.Random(f"{SEED} {child.pk}")
        crew = crews[child.team]
        if child.pk in with_case:
            acts += _a_case(child, run, crew, own, days)
        elif (outcome := _outcome(own)) is not None:
            acts += _decided(child, run, own.choice(crew.leads), outcome, own, days.some(own))
    acts += _emergencies(children, list(crews.values()), drawn, days)
    acts.sort(key=lambda act: act.at)
    if children:
        # The last act of all is the mark that the history is whole.
        last = next((c for c in children if c.pk not in with_case), children[0])
        wish = _wish(State.WATCH, now + dt.timedelta(days=30), drawn, form=_form("end", run.seal))
        acts.append(Act(now - dt.timedelta(days=1), partial(_decide, last, run, crews[last.team].leads[0], wish)))
    return acts


@dataclass(frozen=True)
class _Days:
    start: dt.datetime
    end: dt.datetime

    def some(self, own: random.Random) -> dt.datetime:
        """A moment of a working day's hours."""
        whole = self.start + (self.end - self.start) * own.random()
        day = whole - dt.timedelta(days=max(timezone.localtime(whole).weekday() - 4, 0))
        hour = timezone.localtime(day).replace(hour=own.randrange(9, 17), minute=own.randrange(60))
        return min(max(hour, self.start), self.end)

    def after(self, moment: dt.datetime, days: int) -> dt.datetime:
        return min(moment + dt.timedelta(days=days), self.end)


def _a_case(child: Child, run: Run, crew: Crew, own: random.Random, days: _Days) -> Iterator[Act]:
    at = days.some(own)
    lead = own.choice(crew.leads)
    yield from _decided(child, run, lead, State.CANDIDATE, own, at)
    if own.random() < 0.3:
        other = own.choice(crew.leads)
        kind = own.choice([Case.Kind.SUPPORT, Case.Kind.SUPPORT, Case.Kind.PROTECTION])
        yield Act(days.after(at, own.randrange(1, 6)), partial(_assign, child, crew.supervisor, other, kind))
    for n in range(own.choice([0, 1, 1, 2, 3])):
        text = own.choice(_NOTES)
        written_at = days.after(at, own.randrange(2, 60))
        yield Act(written_at, partial(_note, child, lead, text, _form("note", child.pk, n), written_at))
    if own.random() < 0.05:
        until = days.end + dt.timedelta(days=own.randrange(5, 40))
        yield Act(days.after(at, 7), partial(_grant, child, crew.supervisor, own.choice(crew.leads), until))


def _decided(
    child: Child, run: Run, lead: Viewer, outcome: State, own: random.Random, at: dt.datetime
) -> Iterator[Act]:
    wish = _wish(outcome, at + dt.timedelta(days=own.randrange(20, 90)), own, form=_form("decision", child.pk))
    yield Act(at, partial(_decide, child, run, lead, wish))


def _emergencies(children: Sequence[Child], crews: Sequence[Crew], drawn: random.Random, days: _Days) -> Iterator[Act]:
    for n, child in enumerate(children[:: max(len(children) // _EMERGENCIES, 1)][:_EMERGENCIES]):
        by = crews[n % len(crews)]
        at = days.some(drawn)
        taken = partial(
            take_emergency_access, by.leads[0], child.pk, "夜間に本人から電話があり、居場所を確かめるため。"
        )
        yield Act(at, taken)
        if n < _REVIEWED:
            reviewer = crews[(n + 1) % len(crews)].supervisor
            yield Act(days.after(at, 1), partial(_review, child, by.leads[0], reviewer))


def _decide(child: Child, run: Run, viewer: Viewer, wish: Wish) -> None:
    child.refresh_from_db()
    if not Decision.objects.filter(form=wish.form).exists():
        append(action="view", object="child", staff=viewer, purpose=viewer.purpose, persons=[child.pk])
        decide(child, viewer, run, Wish(**{**vars(wish), "seen": child.decisions_made}))


def _note(child: Child, viewer: Viewer, text: str, form: uuid.UUID, at: dt.datetime) -> None:
    child.refresh_from_db()
    if child.case_state == CaseState.OPEN:
        write_note(child, viewer, Written(text, Label.INTERNAL, timezone.localdate(at), form))


def _assign(child: Child, viewer: Viewer, lead: Viewer, kind: Case.Kind) -> None:
    case = Case.objects.filter(child=child, state=CaseState.OPEN, revision=1).first()
    if case is not None:
        assign_case(case, viewer, Assignment(case.team, lead.staff_id, kind, seen=1))


def _grant(child: Child, viewer: Viewer, to: Viewer, until: dt.datetime) -> None:
    if not Grant.objects.filter(person_id=child.pk, staff_id=to.staff_id).exists():
        staff = Staff.objects.get(pk=to.staff_id)
        basis = Grant.Basis.CONFERENCE
        give_access(viewer, child.pk, staff, purpose=Purpose.CASE_SUPPORT, basis=basis, ends_at=until)


def _review(child: Child, taker: Viewer, reviewer: Viewer) -> None:
    found = Grant.objects.filter(person_id=child.pk, staff_id=taker.staff_id, basis=Grant.Basis.EMERGENCY, review="")
    for grant in found.exclude(staff_id=reviewer.staff_id):
        review_emergency(reviewer, grant, Grant.Review.JUSTIFIED, "連絡の記録と合っている。")


def _outcome(own: random.Random) -> State | None:
    drawn = own.randrange(100)
    for outcome, share in _OTHERWISE:
        if drawn < share:
            return outcome
        drawn -= share
    return None


def _wish(outcome: State, until: dt.datetime, own: random.Random, *, form: uuid.UUID) -> Wish:
    return Wish(
        outcome=outcome,
        until=timezone.localdate(until) if outcome == State.WATCH else None,
        reason=own.choice(NotNowReason.values) if outcome == State.NOT_NOW else "",
        note=own.choice(_REASONS) if own.random() < 0.7 else "",
        seen=0,
        form=form,
    )


def _form(*parts: object) -> uuid.UUID:
    """The form's mark of an act, the same at every start."""
    return uuid.uuid5(uuid.NAMESPACE_URL, " ".join(["tsunagu-demo", str(SEED), *map(str, parts)]))


def _staff(number: int, role: Role, teams: Sequence[str]) -> Viewer:
    login = f"{LOGIN}{number}"
    known = Staff.objects.filter(login=login).first()
    staff = known or Staff.objects.create(login=login, name=f"職員{number}", role=role, department="こども家庭センター")
    since = timezone.localdate() - _MONTHS
    staff.duties.all().delete()
    Duty.objects.bulk_create(Duty(staff=staff, kind=Scope.TEAM, key=key, starts_on=since) for key in teams)
    return viewer_of(staff, Purpose.EARLY_SUPPORT)


@contextmanager
def _as_if_at(moment: dt.datetime) -> Iterator[None]:
    """The services ask what time it is; here they are told the moment of the act."""
    asked = timezone.now
    timezone.now = lambda: moment
    try:
        yield
    finally:
        timezone.now = asked
