"""The database refuses to change or delete a decision about a pair."""

from django.db import migrations

from tsunagu_web.audit.append_only import allow_changes, forbid_changes

TABLE = "link_review_linkdecision"


def forbid(apps, editor):
    forbid_changes(editor, TABLE)


def allow(apps, editor):
    allow_changes(editor, TABLE)


class Migration(migrations.Migration):
    dependencies = [("link_review", "0001_initial")]
    operations = [migrations.RunPython(forbid, allow)]
