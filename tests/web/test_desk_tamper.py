"""The same random acts against the stored log of a real desk: each row is named, and without heads some go unseen."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from django.conf import settings
from django.db import connection, transaction

from audit_logs import KEY, a_log, heads_of, tampering
from tsunagu.audit.chain import SealedRow
from tsunagu.audit.shelf import PUBLIC_KEY, store_head
from tsunagu.keys import public_text
from tsunagu_web.audit.checking import Proof, check_log
from tsunagu_web.audit.models import Event, EventPerson

ACTS = 60


def put_in_place(rows: Sequence[SealedRow]) -> None:
    """The whole log written anew by its owner: the triggers are gone, columns and persons are as the bodies say."""
    Event.objects.all()._raw_delete(Event.objects.db)
    EventPerson.objects.all()._raw_delete(Event.objects.db)
    events, persons = [], []
    for row in rows:
        try:
            body = json.loads(row.body)
        except ValueError:
            body = {"at": "2026-10-01T00:00:00+00:00", "actor": "", "action": "", "object": "", "persons": []}
        copies = {name: body[name] for name in ("actor", "action", "object")}
        at = dt.datetime.fromisoformat(body["at"])
        events.append(Event(number=row.number, body=row.body, hash=row.hash, at=at, **copies))
        persons += [EventPerson(event_id=row.number, person_id=person) for person in body["persons"]]
    Event.objects.bulk_create(events)
    EventPerson.objects.bulk_create(persons)


def without_triggers() -> None:
    with connection.cursor() as cursor:
        names = [
            (f"{table}_no_{act}" if connection.vendor == "sqlite" else f"{table}_no_change ON {table}")
            for table in ("audit_event", "audit_eventperson")
            for act in (("update", "delete") if connection.vendor == "sqlite" else ("change",))
        ]
        on = "" if connection.vendor == "sqlite" else " ON audit_event"
        for name in [*names, f"audit_event_persons{on}"]:
            cursor.execute(f"DROP TRIGGER {name}")


def test_each_act_against_the_stored_log_is_named_by_its_row(
    desk: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_triggers()
    dice = Random(8)
    unseen = 0
    for number in range(ACTS):
        log = a_log(dice.randint(5, 60))
        ends = sorted(dice.sample(range(2, len(log) + 1), 3))
        folder = tmp_path / str(number)
        for place, head in enumerate(heads_of(log, *ends), start=1):
            store_head(folder, head, place)
        (folder / PUBLIC_KEY).write_text(public_text(KEY.public_key()))
        act = tampering(dice, log, ends[-1])
        rows = act.log
        if act.name in ("moved", "inserted"):
            rows = [SealedRow(place, row.body, row.hash) for place, row in enumerate(rows, start=1)]
        with transaction.atomic():
            put_in_place(rows)
            found = check_log(Proof(folder=folder, key=folder / PUBLIC_KEY)).verdict.faults
            monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, heads=tmp_path / "none"))
            alone = check_log(Proof()).verdict
            monkeypatch.undo()
            transaction.set_rollback(True)
        assert [(fault.row, fault.of) for fault in found[:1]] == [(act.named[0][0], "row")], act.name
        kinds = [(fault.row, fault.kind.replace("forked", "rewritten"), fault.rows) for fault in found]
        assert kinds == [(row, kind.replace("forked", "rewritten"), count) for row, kind, count in act.named], act.name
        assert alone.is_whole == act.unseen, f"{act.name}: the control without heads"
        unseen += act.unseen
    assert unseen > ACTS // 5
