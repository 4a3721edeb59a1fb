"""The database refuses to change or delete what an intake meeting decided, and who took part."""

from django.db import migrations

from tsunagu_web.audit.append_only import allow_changes, forbid_changes

TABLES = ("guidance_centre_meetingminutes", "guidance_centre_meetingseat")


def forbid(apps, editor):
    for table in TABLES:
        forbid_changes(editor, table)


def allow(apps, editor):
    for table in TABLES:
        allow_changes(editor, table)


class Migration(migrations.Migration):
    dependencies = [("guidance_centre", "0005_meetings")]
    operations = [migrations.RunPython(forbid, allow)]
