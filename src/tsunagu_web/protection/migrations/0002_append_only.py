"""The database refuses to change or delete what a child said."""

from django.db import migrations

from tsunagu_web.audit.append_only import allow_changes, forbid_changes


def forbid(apps, editor):
    forbid_changes(editor, "protection_hearing")


def allow(apps, editor):
    allow_changes(editor, "protection_hearing")


class Migration(migrations.Migration):
    dependencies = [("protection", "0001_protection")]
    operations = [migrations.RunPython(forbid, allow)]
