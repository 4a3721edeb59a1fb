"""The database refuses to change or delete a draft, or what people said of it."""

from django.db import migrations

from tsunagu_web.audit.append_only import allow_changes, forbid_changes

TABLES = ("criteria_draft", "criteria_verdict")


def forbid(apps, editor):
    for table in TABLES:
        forbid_changes(editor, table)


def allow(apps, editor):
    for table in TABLES:
        allow_changes(editor, table)


class Migration(migrations.Migration):
    dependencies = [("criteria", "0001_initial")]
    operations = [migrations.RunPython(forbid, allow)]
