"""The database refuses to change or delete what minutes once said."""

from django.db import migrations

from tsunagu_web.audit.append_only import allow_changes, forbid_changes

TABLE = "conferences_minute"


def forbid(apps, editor):
    forbid_changes(editor, TABLE)


def allow(apps, editor):
    allow_changes(editor, TABLE)


class Migration(migrations.Migration):
    dependencies = [("conferences", "0001_conferences")]
    operations = [migrations.RunPython(forbid, allow)]
