"""A desk as full as a city's, for plans and benchmarks: invented rows, written set by set on SQLite and PostgreSQL.

Give     fill(size): everything; staff come back so that a caller can sign them in.
Promises the same rows for the same size; every constraint of the tables holds; the log is one chain.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import large_desk_rows as rows
from django.db import connection, transaction
from django.utils import timezone
from large_desk_rows import Size, child_id
from set_based import indexes_afterwards, insert, said

from builders import ON, some_words
from tsunagu.audit.chain import EMPTY, head_of, seal
from tsunagu.audit.entry import Entry
from tsunagu_web.access.models import Conflict, Duty, Grant, Team
from tsunagu_web.access.reach import the_program
from tsunagu_web.access.table import DUTIES, PURPOSES
from tsunagu_web.access.terms import Role, Scope
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.models import Event
from tsunagu_web.cases.models import Case, Child, Decision, Fact, Judgment, Reason, Run
from tsunagu_web.people.models import Membership, Person
from tsunagu_web.search.models import Posting
from tsunagu_web.search.services import count_anew

__all__ = ["Size", "child_id", "fill"]
SEAL = "0" * 63 + "1"


def fill(size: Size, progress: Callable[[str], None] = lambda _what: None) -> list[Staff]:
    """Writes everything into an empty desk and gives its staff; the indexes are made after the rows."""
    with the_program():
        return _fill(size, progress)


def _fill(size: Size, progress: Callable[[str], None]) -> list[Staff]:
    staff = _staff(size)
    words = {**some_words(), "schools": {str(101 + n): f"例第{n + 1}小学校" for n in range(size.schools)}}
    Run.objects.create(seal=SEAL, on=ON, taken_in_at=timezone.now(), is_current=True, words=words, manifest={})
    with transaction.atomic(), indexes_afterwards(Fact, Person, Child, Reason, Judgment, Membership, Posting):
        rows.lists(size)
        progress("persons")
        rows.persons(size)
        progress("children")
        rows.children(size)
        progress("facts")
        rows.facts(size)
        progress("search")
        rows.search(size)
        progress("indexes")
    _cases()
    _access(size, staff)
    progress("log")
    _log(size, staff)
    count_anew()
    return staff


def _staff(size: Size) -> list[Staff]:
    """Lead workers and supervisors of the teams, and one in six for the schools; nobody signs in with a password."""
    Team.objects.bulk_create(
        Team(
            key=f"team-{t}", name=f"第{t + 1}チーム", schools=[str(101 + s) for s in range(t, size.schools, size.teams)]
        )
        for t in range(size.teams)
    )
    roles = [*[Role.LEAD_WORKER] * 6, Role.SUPERVISOR, Role.SUPERVISOR, Role.VICE_PRINCIPAL, Role.SCHOOL_SOCIAL_WORKER]
    made = [
        Staff(
            login=f"staff{n}", password="!", name=f"職員{n}", role=roles[n // 10 % 10], department="こども家庭センター"
        )
        for n in range(size.staff)
    ]
    made = Staff.objects.bulk_create(made)
    for n, person in enumerate(made):
        teams = {Role.LEAD_WORKER: 1 + n % 2, Role.SUPERVISOR: 3}.get(Role(person.role), 0)
        school = Scope.SCHOOL in DUTIES[Role(person.role)]
        keys = [str(101 + n % size.schools)] if school else [f"team-{(n + t * 7) % size.teams}" for t in range(teams)]
        kind = Scope.SCHOOL if school else Scope.TEAM
        Duty.objects.bulk_create(Duty(staff=person, kind=kind, key=key, starts_on=ON) for key in keys)
    return made


def _cases() -> None:
    lead = "(SELECT min(d.staff_id) FROM access_duty AS d WHERE d.key = c.team)"
    uuid = "CAST(lpad(to_hex(CAST(substr(c.person_id, 2) AS integer)), 32, '0') AS uuid)"
    form = uuid if connection.vendor == "postgresql" else "printf('%032x', CAST(substr(c.person_id, 2) AS integer))"
    reason = "CASE WHEN c.state = 'not_now' THEN 'explained' ELSE '' END"
    insert(
        Decision,
        f"FROM cases_child AS c WHERE c.decisions_made = 1 AND {lead} IS NOT NULL",
        child_id="c.person_id",
        number="1",
        outcome="c.state",
        until="c.due_on",
        reason=reason,
        note=said("家庭訪問をした。"),
        level="c.level",
        run_id=said(SEAL),
        form=form,
        by_id=lead,
        at=said(timezone.now()),
    )
    insert(
        Case,
        f"FROM cases_child AS c WHERE c.case_state = 'open' AND {lead} IS NOT NULL",
        child_id="c.person_id",
        number="1",
        team="c.team",
        lead_id=lead,
        opened_on=said(ON),
    )
    own = "(SELECT k.id FROM cases_case AS k WHERE k.child_id = cases_child.person_id)"
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE cases_child SET case_id = {own} WHERE case_state = 'open'")


def _access(size: Size, staff: list[Staff]) -> None:
    now = timezone.now()
    whole = [s for s in staff if Scope.TEAM in DUTIES[Role(s.role)]]
    Grant.objects.bulk_create(
        Grant(
            staff=whole[n % len(whole)],
            person_id=child_id(1 + n * 101 % size.children),
            purpose=PURPOSES[Role(whole[n % len(whole)].role)][n % 2],
            basis=Grant.Basis.CONFERENCE,
            starts_at=now - dt.timedelta(days=n % 60),
            ends_at=now + dt.timedelta(days=30),
            granted_by=whole[(n + 1) % len(whole)],
        )
        for n in range(size.grants)
    )
    Conflict.objects.bulk_create(
        Conflict(
            staff=staff[n % len(staff)],
            person_id=child_id(1 + n * 211 % size.children),
            kind=Conflict.Kind.OWN_FAMILY,
            entered_by=staff[(n + 1) % len(staff)],
            entered_at=now,
        )
        for n in range(size.conflicts)
    )


def _log(size: Size, staff: list[Staff]) -> None:
    """A chain like one that pages write: half of them lists with 25 children."""
    head, events, start = EMPTY, [], timezone.now() - dt.timedelta(days=90)
    for n in range(size.log):
        who = staff[n % len(staff)]
        at = (start + dt.timedelta(seconds=30 * n)).astimezone(dt.UTC)
        shown = tuple(child_id(1 + (n * 13 + k) % size.children) for k in range(25 if n % 2 else 1))
        entry = Entry(
            at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            who.actor,
            who.role,
            "view",
            "worklist" if n % 2 else "child",
            "early_support",
            shown,
            {"shown": len(shown)},
        )
        row = seal(entry, head)
        head = head_of(row)
        events.append(
            Event(
                number=row.number,
                body=row.body,
                hash=row.hash,
                at=at,
                actor=entry.actor,
                action=entry.action,
                object=entry.object,
            )
        )
    Event.objects.bulk_create(events, batch_size=2_000)
