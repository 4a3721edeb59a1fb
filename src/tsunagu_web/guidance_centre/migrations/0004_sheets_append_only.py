"""The database refuses to change or delete which sheet was answered, what was answered, and what people held."""

from django.db import migrations

from tsunagu_web.audit.append_only import allow_changes, forbid_changes

TABLES = ("guidance_centre_sheetversion", "guidance_centre_answeredsheet", "guidance_centre_urgencyview")


def forbid(apps, editor):
    for table in TABLES:
        forbid_changes(editor, table)


def allow(apps, editor):
    for table in TABLES:
        allow_changes(editor, table)


class Migration(migrations.Migration):
    dependencies = [("guidance_centre", "0003_sheets")]
    operations = [migrations.RunPython(forbid, allow)]
