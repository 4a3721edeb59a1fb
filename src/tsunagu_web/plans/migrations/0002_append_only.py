"""The database refuses to change or delete what a plan once said, its goals and its services."""

from django.db import migrations

from tsunagu_web.audit.append_only import allow_changes, forbid_changes

TABLES = ("plans_plancontent", "plans_goal", "plans_service")


def forbid(apps, editor):
    for table in TABLES:
        forbid_changes(editor, table)


def allow(apps, editor):
    for table in TABLES:
        allow_changes(editor, table)


class Migration(migrations.Migration):
    dependencies = [("plans", "0001_initial")]
    operations = [migrations.RunPython(forbid, allow)]
