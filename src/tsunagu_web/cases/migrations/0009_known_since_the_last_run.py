"""What the desk holds came with the last intake: its facts have been known since then, earlier ones were not kept."""

import datetime as dt

from django.db import migrations
from django.db.models import F, Max


def know_since(apps, editor):
    run, fact = apps.get_model("cases", "Run"), apps.get_model("cases", "Fact")
    apps.get_model("cases", "Child").objects.update(known_from=F("first_noticed_on"))
    for case in apps.get_model("cases", "Case").objects.order_by("number").iterator(chunk_size=1_000):
        apps.get_model("cases", "Child").objects.filter(pk=case.child_id).update(case=case)
    last = run.objects.filter(is_current=True).first()
    if last is None:
        return
    # The desk counts its days in Japan, nine hours before UTC.
    day = last.taken_in_at.astimezone(dt.timezone(dt.timedelta(hours=9))).date()
    apps.get_model("cases", "Taking").objects.create(run=last, day=day)
    fact.objects.update(known_from=day)
    latest = fact.objects.values_list("holder").annotate(latest=Max("as_of")).order_by()
    last.as_of = {holder: as_of.isoformat() for holder, as_of in latest}
    last.save()


def forget(apps, editor):
    """Before, the desk held the facts of the last run only; the others go, as they went at each intake."""
    apps.get_model("cases", "Fact").objects.filter(known_to__isnull=False).delete()
    apps.get_model("cases", "Child").objects.update(case=None)


class Migration(migrations.Migration):
    dependencies = [("cases", "0008_known_times")]
    operations = [migrations.RunPython(know_since, forget)]
