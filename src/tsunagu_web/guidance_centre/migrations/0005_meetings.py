"""Intake meetings on notifications, with who took part."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0020_list_by_school"),
        ("guidance_centre", "0004_sheets_append_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Meeting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("written_down", "Waits for a supervisor"),
                            ("upheld", "Confirmed"),
                            ("given_back", "Given back"),
                        ],
                        default="written_down",
                        max_length=12,
                    ),
                ),
                ("form", models.UUIDField(unique=True)),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "child",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.child"),
                ),
                (
                    "notification",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meetings",
                        to="guidance_centre.notification",
                    ),
                ),
            ],
            options={
                "ordering": ["notification", "-number"],
            },
        ),
        migrations.CreateModel(
            name="MeetingMinutes",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("held_at", models.DateTimeField()),
                ("is_emergency", models.BooleanField()),
                ("why_at_once", models.CharField(blank=True, max_length=400)),
                ("others", models.CharField(blank=True, max_length=1000)),
                ("present", models.PositiveSmallIntegerField()),
                ("known", models.TextField(max_length=4000)),
                (
                    "course",
                    models.CharField(
                        choices=[
                            ("investigate", "Open a case and investigate"),
                            ("protect", "Temporary protection now"),
                            ("send", "Send it to the city's office or another one"),
                            ("advise", "Advice only"),
                            ("no_action", "No further action"),
                        ],
                        max_length=12,
                    ),
                ),
                ("reason", models.TextField(max_length=2000)),
                ("is_heard", models.BooleanField()),
                ("why_not_heard", models.CharField(blank=True, max_length=400)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "meeting",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="minutes",
                        to="guidance_centre.meeting",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MeetingSeat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="seats", to="guidance_centre.meeting"
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="meeting",
            constraint=models.UniqueConstraint(fields=("notification", "number"), name="intake_meetings_are_counted"),
        ),
        migrations.AddConstraint(
            model_name="meeting",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["written_down", "upheld", "given_back"])),
                name="intake_meeting_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="meetingminutes",
            constraint=models.CheckConstraint(
                condition=models.Q(("course__in", ["investigate", "protect", "send", "advise", "no_action"])),
                name="intake_meeting_course_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="meetingminutes",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("is_emergency", False), ("present__gte", 3), ("why_at_once", "")),
                    models.Q(("is_emergency", True), ("present__gte", 2), models.Q(("why_at_once", ""), _negated=True)),
                    _connector="OR",
                ),
                name="intake_meeting_is_held_by_three_or_at_once_by_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="meetingminutes",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("known", ""), _negated=True), models.Q(("reason", ""), _negated=True)),
                name="intake_meeting_says_on_what",
            ),
        ),
        migrations.AddConstraint(
            model_name="meetingminutes",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("course", "protect"), _negated=True),
                    ("is_heard", True),
                    models.Q(("why_not_heard", ""), _negated=True),
                    _connector="OR",
                ),
                name="protection_is_decided_with_the_childs_view",
            ),
        ),
        migrations.AddConstraint(
            model_name="meetingseat",
            constraint=models.UniqueConstraint(fields=("meeting", "staff"), name="one_seat_each_in_a_meeting"),
        ),
    ]
