"""Households of a run against those known: who came, who left, whose relation changed. Nothing known is deleted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from tsunagu_web.intake.batches import in_batches
from tsunagu_web.people.models import Membership, Source
from tsunagu_web.people.register import HEAD, Member


def write(found: Iterable[Member], *, on: dt.date, today: dt.date) -> None:
    """Writes the difference between the register's memberships in force and the run's.

    Somebody has left a household when the run names another one for them, or names the household without them.
    Whose household the run does not know, and who is in a household it does not speak of, stays as before.
    """
    told = list(found)
    now = {(m.person_id, m.household): m for m in told if m.household}
    unknown = {m.person_id for m in told if not m.household}
    persons, households = {person for person, _ in now}, {household for _, household in now}
    over: list[int] = []
    new: list[Membership] = []
    known: set[str] = set()
    present = Membership.objects.filter(known_to__isnull=True, valid_to__isnull=True)
    for row in present.iterator(chunk_size=5_000):
        known |= {row.person_id, row.household}
        same = now.pop((row.person_id, row.household), None)
        if row.source == Source.STAFF:
            continue
        has_left = row.person_id not in unknown and (row.person_id in persons or row.household in households)
        if same is not None and same.relation != row.relation:
            over.append(row.pk)
            new.append(_membership(same, row.valid_from, today))
        elif same is None and has_left:
            over.append(row.pk)
            new.append(_membership(Member(row.person_id, row.household, row.relation), row.valid_from, today, until=on))
    for member in now.values():
        # Since when is known only where person or household had been looked at before.
        since = on if member.person_id in known or member.household in known else None
        new.append(_membership(member, since, today))
    for batch in in_batches(over):
        Membership.objects.filter(pk__in=batch).update(known_to=today)
    Membership.objects.bulk_create(new, batch_size=1_000)


def _membership(member: Member, since: dt.date | None, today: dt.date, *, until: dt.date | None = None) -> Membership:
    return Membership(
        person_id=member.person_id,
        household=member.household,
        relation=member.relation,
        is_head=member.relation == HEAD,
        valid_from=since,
        valid_to=until,
        known_from=today,
    )
