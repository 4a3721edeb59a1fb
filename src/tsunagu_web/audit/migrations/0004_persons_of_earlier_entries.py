"""Fills the list of persons from the entries that are there; a body that cannot be read names nobody."""

import json

from django.db import migrations

BATCH = 2_000


def fill(apps, editor):
    event, person = apps.get_model("audit", "Event"), apps.get_model("audit", "EventPerson")
    last = 0
    while found := list(event.objects.filter(number__gt=last).order_by("number").values_list("number", "body")[:BATCH]):
        made = [
            person(event_id=number, person_id=name[:80])
            for number, body in found
            for name in dict.fromkeys(persons_of(body))
        ]
        person.objects.bulk_create(made, ignore_conflicts=True)
        last = found[-1][0]


def persons_of(body):
    try:
        return [str(name) for name in json.loads(body)["persons"]]
    except (ValueError, KeyError, TypeError):
        return []


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_persons_salts_and_heads")]
    # Back: the table goes with the migration before.
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
