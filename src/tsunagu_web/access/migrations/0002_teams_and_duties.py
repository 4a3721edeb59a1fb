"""The intake team, and for the staff of before the duties that keep what they saw: the team, or their school."""

import datetime as dt

from django.db import migrations

OF_THE_CENTRE = ("lead_worker", "supervisor")


def give_duties(apps, editor):
    apps.get_model("access", "Team").objects.create(key="intake", name="受付")
    duty = apps.get_model("access", "Duty")
    for staff in apps.get_model("accounts", "Staff").objects.all():
        since = dt.date(staff.created_at.year, staff.created_at.month, staff.created_at.day)
        if staff.role in OF_THE_CENTRE:
            duty.objects.create(staff=staff, kind="team", key="intake", starts_on=since)
        elif staff.school:
            duty.objects.create(staff=staff, kind="school", key=staff.school, starts_on=since)


def give_schools_back(apps, editor):
    staff = apps.get_model("accounts", "Staff")
    for duty in apps.get_model("access", "Duty").objects.filter(kind="school", ends_on__isnull=True):
        staff.objects.filter(pk=duty.staff_id, role="vice_principal").update(school=duty.key)
    apps.get_model("access", "Duty").objects.all().delete()
    apps.get_model("access", "Team").objects.filter(key="intake").delete()


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial"), ("accounts", "0001_initial")]
    operations = [migrations.RunPython(give_duties, give_schools_back)]
