"""The database lists the persons of each entry, and refuses to change or delete them and the heads that were signed."""

from django.db import migrations

from tsunagu_web.audit.append_only import allow_changes, forbid_changes, list_no_persons, list_persons

TABLES = ("audit_eventperson", "audit_issuedhead")


def forbid(apps, editor):
    for table in TABLES:
        forbid_changes(editor, table)
    list_persons(editor)


def allow(apps, editor):
    list_no_persons(editor)
    for table in TABLES:
        allow_changes(editor, table)


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_persons_of_earlier_entries")]
    operations = [migrations.RunPython(forbid, allow)]
