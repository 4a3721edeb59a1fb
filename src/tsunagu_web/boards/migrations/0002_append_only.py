"""The database refuses to change or delete what a school has set."""

from django.db import migrations

from tsunagu_web.audit.append_only import allow_changes, forbid_changes

TABLE = "boards_schoolthresholds"


def forbid(apps, editor):
    forbid_changes(editor, TABLE)


def allow(apps, editor):
    allow_changes(editor, TABLE)


class Migration(migrations.Migration):
    dependencies = [("boards", "0001_initial")]
    operations = [migrations.RunPython(forbid, allow)]
