"""What the guardian and the courts say of a protection leaves it where it stands; its table names each such step."""

from django.db import migrations, models

from tsunagu_web.audit.append_only import allow_changes, forbid_changes

TABLE = "steps_step"


def forbid(apps, editor):
    forbid_changes(editor, TABLE)


def allow(apps, editor):
    allow_changes(editor, TABLE)


class Migration(migrations.Migration):
    dependencies = [("steps", "0003_a_task_is_handed_on")]
    operations = [
        # SQLite makes the table anew for another constraint, and its triggers go with the old one.
        migrations.RunPython(allow, forbid),
        migrations.RemoveConstraint(model_name="step", name="a_step_goes_somewhere"),
        migrations.AddConstraint(
            model_name="step",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("source", models.F("target")), _negated=True),
                    ("move", "hand_on"),
                    ("machine", "protection"),
                    _connector="OR",
                ),
                name="a_step_goes_somewhere",
            ),
        ),
        migrations.RunPython(forbid, allow),
    ]
