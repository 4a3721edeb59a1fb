"""Who was made a support candidate before cases existed gets the case that the decision would open today."""

import datetime as dt

from django.db import migrations


def open_cases(apps, editor):
    child, case = apps.get_model("cases", "Child"), apps.get_model("cases", "Case")
    decision = apps.get_model("cases", "Decision")
    for row in child.objects.filter(state="candidate").order_by("pk").iterator(chunk_size=1_000):
        last = decision.objects.filter(child=row).order_by("-number").first()
        # The desk counts its days in Japan, nine hours before UTC.
        opened_on = last.at.astimezone(dt.timezone(dt.timedelta(hours=9))).date()
        case.objects.create(child=row, number=1, team=row.team, lead_id=last.by_id, opened_on=opened_on)
    child.objects.filter(state="candidate").update(case_state="open")


def close_none(apps, editor):
    """Back before cases every child is as noticed; the cases go with their table."""
    apps.get_model("cases", "Case").objects.all().delete()
    apps.get_model("cases", "Child").objects.update(case_state="noticed")


class Migration(migrations.Migration):
    dependencies = [("cases", "0006_cases_of_children")]
    operations = [migrations.RunPython(open_cases, close_none)]
