"""A letter or a message that was sent, and not answered yet, is an attempt of its own kind."""

from django.db import migrations, models

from tsunagu_web.audit.append_only import allow_changes, forbid_changes

CONTACTS = "outreach_contact"
RESULTS = [
    ("reached", "Reached"),
    ("absent", "Nobody there"),
    ("refused", "Did not want contact"),
    ("left_note", "Left a note or letter"),
]


def allow(apps, editor):
    allow_changes(editor, CONTACTS)


def forbid(apps, editor):
    forbid_changes(editor, CONTACTS)


class Migration(migrations.Migration):
    dependencies = [("outreach", "0002_append_only")]

    operations = [
        # SQLite makes the table anew for another constraint and drops what guards it; so the guard is laid again after.
        migrations.RunPython(allow, forbid),
        migrations.AlterField(
            model_name="contact",
            name="result",
            field=models.CharField(choices=[*RESULTS, ("sent", "Sent, no answer yet")], max_length=10),
        ),
        migrations.RemoveConstraint(model_name="contact", name="contact_result_is_known"),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(("result__in", ["reached", "absent", "refused", "left_note", "sent"])),
                name="contact_result_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("result", "sent"), _negated=True),
                    ("mode__in", ["letter", "message"]),
                    _connector="OR",
                ),
                name="contact_sent_is_in_writing",
            ),
        ),
        migrations.RunPython(forbid, allow),
    ]
