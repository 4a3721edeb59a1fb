"""The database refuses to change or delete a step that was taken."""

from django.db import migrations

from tsunagu_web.audit.append_only import allow_changes, forbid_changes

TABLE = "steps_step"


def forbid(apps, editor):
    forbid_changes(editor, TABLE)


def allow(apps, editor):
    allow_changes(editor, TABLE)


class Migration(migrations.Migration):
    dependencies = [("steps", "0001_steps_and_their_tables")]
    operations = [migrations.RunPython(forbid, allow)]
