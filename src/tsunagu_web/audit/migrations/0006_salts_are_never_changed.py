"""The database refuses to change a salt: with another one a true row looks edited, and what was edited no worse.

Taking one away stays possible: a salt goes with the row that its entry speaks of.
"""

from django.db import migrations

from tsunagu_web.audit.append_only import allow_edits, forbid_edits

TABLE = "audit_contentsalt"


def forbid(apps, editor):
    forbid_edits(editor, TABLE)


def allow(apps, editor):
    allow_edits(editor, TABLE)


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_append_only_persons_and_heads")]
    operations = [migrations.RunPython(forbid, allow)]
