"""The database refuses to change or delete what was told."""

from django.db import migrations

from tsunagu_web.audit.append_only import allow_changes, forbid_changes


def forbid(apps, editor):
    forbid_changes(editor, "guidance_centre_told")


def allow(apps, editor):
    allow_changes(editor, "guidance_centre_told")


class Migration(migrations.Migration):
    dependencies = [("guidance_centre", "0001_initial")]
    operations = [migrations.RunPython(forbid, allow)]
