"""Four more kinds of reminders: of cases that go to other municipalities, and come from them."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reminders", "0002_a_referral_that_ended"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="reminder",
            name="reminder_kind_is_known",
        ),
        migrations.AddConstraint(
            model_name="reminder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "emergency_to_review",
                            "reassessment_overdue",
                            "reassessment_began",
                            "not_seen",
                            "task_overdue",
                            "watch_due",
                            "second_person",
                            "transfer_late",
                            "transfer_waits",
                            "transfer_answered",
                            "transfer_to_send",
                            "plan_to_approve",
                            "answer_due",
                            "referral_expires",
                            "referral_waits",
                            "task_due",
                            "task_given",
                            "conference",
                            "grant_ends",
                            "referral_answered",
                            "referral_ended",
                            "plan_answered",
                            "mail_not_sent",
                        ],
                    )
                ),
                name="reminder_kind_is_known",
            ),
        ),
    ]
