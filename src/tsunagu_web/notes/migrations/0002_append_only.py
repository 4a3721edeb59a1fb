"""The database refuses to change or delete what a note once said."""

from django.db import migrations

from tsunagu_web.audit.append_only import allow_changes, forbid_changes

TABLE = "notes_noteversion"


def forbid(apps, editor):
    forbid_changes(editor, TABLE)


def allow(apps, editor):
    allow_changes(editor, TABLE)


class Migration(migrations.Migration):
    dependencies = [("notes", "0001_initial")]
    operations = [migrations.RunPython(forbid, allow)]
