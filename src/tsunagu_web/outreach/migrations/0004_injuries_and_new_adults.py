"""Injuries that somebody saw, and an adult who joined the household, start the clock as well."""

from importlib import import_module

from django.db import migrations, models

# SQLite makes the table anew for another constraint and drops what guards it; so the guard is laid again after.
guard = import_module("tsunagu_web.outreach.migrations.0002_append_only")
CAUSES = [
    ("report", "New report or consultation"),
    ("injury", "Somebody saw injuries"),
    ("flat_weight", "No gain in weight"),
    ("no_contact", "Nobody reached, several times in a row"),
    ("absence", "More days absent"),
    ("move", "Moved house"),
    ("new_adult", "New adult in the household"),
    ("new_baby", "New baby in the household"),
    ("notice", "Noticed again"),
    ("level", "The level rose"),
    ("person", "Somebody asked for it"),
]


def allow(apps, editor):
    guard.allow_undeciding(editor)


def forbid(apps, editor):
    guard.forbid_undeciding(editor)


class Migration(migrations.Migration):
    dependencies = [("outreach", "0003_letters_sent")]

    operations = [
        migrations.RunPython(allow, forbid),
        migrations.AlterField(
            model_name="reassessment", name="cause", field=models.CharField(choices=CAUSES, max_length=12)
        ),
        migrations.RemoveConstraint(model_name="reassessment", name="reassessment_cause_is_known"),
        migrations.AddConstraint(
            model_name="reassessment",
            constraint=models.CheckConstraint(
                condition=models.Q(("cause__in", [cause for cause, _words in CAUSES])),
                name="reassessment_cause_is_known",
            ),
        ),
        migrations.RunPython(forbid, allow),
    ]
