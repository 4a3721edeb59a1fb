"""The database refuses to change or delete what travelled, or was to travel, and what came."""

from django.db import migrations

from tsunagu_web.audit.append_only import allow_changes, forbid_changes

TABLES = ("transfers_transfercontent", "transfers_received")


def forbid(apps, editor):
    for table in TABLES:
        forbid_changes(editor, table)


def allow(apps, editor):
    for table in TABLES:
        allow_changes(editor, table)


class Migration(migrations.Migration):
    dependencies = [("transfers", "0001_initial")]
    operations = [migrations.RunPython(forbid, allow)]
