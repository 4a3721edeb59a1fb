"""The database refuses to change or delete the sealed words of a search."""

from django.db import migrations

from tsunagu_web.audit.append_only import allow_changes, forbid_changes

TABLE = "search_searchterms"


def forbid(apps, editor):
    forbid_changes(editor, TABLE)


def allow(apps, editor):
    allow_changes(editor, TABLE)


class Migration(migrations.Migration):
    dependencies = [("search", "0002_postings_packed")]
    operations = [migrations.RunPython(forbid, allow)]
