"""The database refuses to change or delete what a child said, or that nobody asked."""

from django.db import migrations

from tsunagu_web.audit.append_only import allow_changes, forbid_changes

TABLE = "cases_voice"


def forbid(apps, editor):
    forbid_changes(editor, TABLE)


def allow(apps, editor):
    allow_changes(editor, TABLE)


class Migration(migrations.Migration):
    dependencies = [("cases", "0018_voices_of_decisions")]
    operations = [migrations.RunPython(forbid, allow)]
