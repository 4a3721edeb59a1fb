"""A made-up city hall in rows: staff of every role with duties, grants and blocks, begun, running and ended; children
in any team, school, classroom and state. What each may open is worked out here from the rows, by plain dicts."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field

from django.utils import timezone

from builders import an_id
from tsunagu_web.access.models import Conflict, Duty, Grant
from tsunagu_web.access.table import PURPOSES
from tsunagu_web.access.terms import CaseState, Purpose, Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.cases.models import Child
from tsunagu_web.people.models import Membership, Person

TEAMS, SCHOOLS = ("t1", "t2", "t3", "t4"), ("101", "102", "201")
CLASSROOMS = tuple(f"{school}:{grade}:1" for school in SCHOOLS for grade in (1, 5))

# Said once more, in words of its own: by which tie each role reaches the page of a child.
TIE = {
    "lead_worker": "team",
    "supervisor": "team",
    "public_health_nurse": "team",
    "school_social_worker": "school",
    "vice_principal": "school",
    "school_nurse": "school",
    "counsellor": "school",
    "class_teacher": "classroom",
    "overall_manager": "grant only",
    "guidance_centre_supervisor": "grant only",
    "partner": "grant only",
}
_WORKING = {"noticed", "open"}
STATES = {
    ("lead_worker", "early_support"): _WORKING,
    ("lead_worker", "case_support"): {"open", "closed"},
    ("supervisor", "early_support"): _WORKING,
    ("supervisor", "case_support"): {"open", "closed", "transferred"},
    # Whoever offers support opens no child's page meanwhile, in whatever state.
    ("lead_worker", "offering"): set(),
    ("supervisor", "offering"): set(),
    # A notification may come of a child whose case is closed.
    ("lead_worker", "protection"): {"noticed", "open", "closed"},
    ("supervisor", "protection"): {"noticed", "open", "closed"},
    ("partner", "case_support"): {"open"},
    ("overall_manager", "oversight"): {"noticed", "open", "closed", "transferred"},
    ("guidance_centre_supervisor", "protection"): {"noticed", "open", "closed", "transferred"},
}


@dataclass
class Rows:
    """What was written to the database, kept as plain values beside it."""

    now: dt.datetime
    staff: dict[int, dict[str, str]] = field(default_factory=dict)
    children: dict[str, dict[str, str]] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)
    duties: list[dict[str, object]] = field(default_factory=list)
    grants: list[dict[str, object]] = field(default_factory=list)
    conflicts: list[dict[str, object]] = field(default_factory=list)

    def may_open(self, staff: int, child: str) -> bool:
        """Whether a tie is in force between the two, and no block."""
        who, about = self.staff[staff], self.children[child]
        tie = TIE.get(who["role"])
        if tie is None or about["case_state"] not in STATES.get((who["role"], who["purpose"]), _WORKING):
            return False
        return child not in self._kept_from(staff) and (
            (tie != "grant only" and (tie, about[tie]) in self._held_by(staff))
            or (child, who["purpose"]) in self._granted_to(staff)
        )

    def has_any_tie(self, staff: int, child: str) -> bool:
        """Whether any duty or grant in force, for any purpose, joins the two."""
        about = self.children[child]
        held = {(kind, about[kind]) for kind in ("team", "school", "classroom")} & self._held_by(staff)
        return bool(held) or child in {person for person, _ in self._granted_to(staff)}

    def _held_by(self, staff: int) -> set[tuple[object, object]]:
        today = timezone.localdate(self.now)
        return {
            (d["kind"], d["key"])
            for d in self.duties
            if d["staff"] == staff and d["starts_on"] <= today and (d["ends_on"] is None or d["ends_on"] >= today)
        }

    def _granted_to(self, staff: int) -> set[tuple[object, object]]:
        return {
            (g["person_id"], g["purpose"])
            for g in self.grants
            if g["staff"] == staff and g["starts_at"] <= self.now < g["ends_at"]
        }

    def _kept_from(self, staff: int) -> set[object]:
        named = {c["person_id"] for c in self.conflicts if c["staff"] == staff and c["ended_at"] is None}
        homes = {self.members[person] for person in named if self.members.get(person)}
        return named | {person for person, home in self.members.items() if home in homes}


def populate(seed: int, *, staff: int, children: int) -> Rows:
    draw = random.Random(seed)
    rows = Rows(timezone.now())
    _children(draw, rows, children)
    _staff(draw, rows, staff)
    for number in rows.staff:
        _ties(draw, rows, number)
    Person.objects.bulk_create(Person(person_id=person, known_from=rows.now.date()) for person in rows.members)
    Child.objects.bulk_create(
        Child(
            person_id=person,
            is_listed=True,
            level="見守り",
            level_at_most="見守り",
            level_rank=3,
            strength=0,
            is_known_before=False,
            first_noticed_on=rows.now.date(),
            known_from=rows.now.date(),
            **about,
        )
        for person, about in rows.children.items()
    )
    # A block holds for those who lived together once as well.
    Membership.objects.bulk_create(
        Membership(
            person_id=person,
            household=home,
            known_from=rows.now.date(),
            valid_to=rows.now.date() if draw.random() < 0.2 else None,
        )
        for person, home in rows.members.items()
        if home
    )
    Duty.objects.bulk_create(Duty(staff_id=d["staff"], **_without(d)) for d in rows.duties)
    Grant.objects.bulk_create(
        Grant(staff_id=g["staff"], granted_by_id=g["staff"], basis="emergency", reason="made up", **_without(g))
        for g in rows.grants
    )
    Conflict.objects.bulk_create(
        Conflict(staff_id=c["staff"], kind="own_family", entered_at=rows.now, **_without(c)) for c in rows.conflicts
    )
    return rows


def _without(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if name != "staff"}


def _children(draw: random.Random, rows: Rows, how_many: int) -> None:
    for n in range(how_many):
        person = an_id(f"child {n}")
        classroom = draw.choice(("", *CLASSROOMS))
        rows.children[person] = {
            "team": draw.choice(TEAMS),
            "school": classroom.split(":")[0],
            "classroom": classroom,
            "case_state": draw.choice(CaseState.values),
        }
        # Some live alone, some together, each home with an adult whom the desk does not list as a child.
        rows.members[person] = draw.choice(("", f"home {n // 3}"))
        rows.members[an_id(f"adult {n // 3}")] = f"home {n // 3}"


def _staff(draw: random.Random, rows: Rows, how_many: int) -> None:
    roles = list(Role)
    for n in range(how_many):
        role = roles[n % len(roles)]
        new = Staff.objects.create(login=f"made-up-{n}", name="職員", role=role)
        rows.staff[new.pk] = {"role": role.value, "purpose": draw.choice(PURPOSES[role]).value}


def _ties(draw: random.Random, rows: Rows, staff: int) -> None:
    """Duties of every kind whatever the role: what a role cannot hold must open nothing either."""
    today, day, hour = timezone.localdate(rows.now), dt.timedelta(days=1), dt.timedelta(hours=1)
    times = [(today - 9 * day, None), (today, today), (today - 9 * day, today - day), (today + day, None)]
    for kind, keys in (("team", TEAMS), ("school", SCHOOLS), ("classroom", CLASSROOMS)):
        for key in draw.sample(keys, 2):
            starts, ends = draw.choice(times)
            rows.duties.append({"staff": staff, "kind": kind, "key": key, "starts_on": starts, "ends_on": ends})
    spans = [(-hour, hour), (-hour, 30 * day), (-2 * hour, -hour), (hour, 2 * hour)]
    for person in draw.sample(sorted(rows.children), 40):
        begins, ends = draw.choice(spans)
        own = rows.staff[staff]["purpose"]
        purpose = own if draw.random() < 0.7 else draw.choice(Purpose.values)
        rows.grants.append(
            {
                "staff": staff,
                "person_id": person,
                "purpose": purpose,
                "starts_at": rows.now + begins,
                "ends_at": rows.now + ends,
            }
        )
    for person in draw.sample(sorted(rows.members), 12):
        ended = rows.now if draw.random() < 0.3 else None
        rows.conflicts.append({"staff": staff, "person_id": person, "ended_at": ended})
