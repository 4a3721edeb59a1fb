"""Kinship that the register tells for certain. It is added, and taken back only where the register contradicts it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils import timezone

from tsunagu_web.intake.batches import in_batches
from tsunagu_web.people.models import Kinship, Source
from tsunagu_web.people.register import Kin, Member, kin_for_certain


def write(found: Iterable[Member], today: dt.date) -> None:
    """Adds what is new. Somebody who moves out stays kin; two people of one household who are no longer told to be
    kin there were entered wrongly, and are not known as such from today on."""
    told = list(found)
    certain = set(kin_for_certain(told))
    house_of = {m.person_id: m.household for m in told if m.household}
    wrong: list[int] = []
    # What staff ended stays ended, though the register goes on telling it.
    present = Kinship.objects.filter(known_to__isnull=True)
    for pk, person, relative, kind, source in present.values_list("pk", "person_id", "relative_id", "kind", "source"):
        kin = Kin(person, relative, kind)
        lives_together = person in house_of and house_of[person] == house_of.get(relative)
        if kin in certain:
            certain.discard(kin)
        elif source == Source.REGISTER and lives_together:
            wrong.append(pk)
    for batch in in_batches(wrong):
        Kinship.objects.filter(pk__in=batch).update(known_to=today)
    now = timezone.now()
    Kinship.objects.bulk_create(
        [
            Kinship(person_id=k.person_id, relative_id=k.relative_id, kind=k.kind, known_from=today, entered_at=now)
            for k in sorted(certain)
        ],
        batch_size=1_000,
    )
