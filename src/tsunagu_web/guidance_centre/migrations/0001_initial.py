"""Notifications, drafts of them, what was told, who notified under seal, and requests to open that."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("cases", "0020_list_by_school"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SealedNotifier",
            fields=[
                ("place", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("sealed", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("received_at", models.DateTimeField()),
                ("see_by", models.DateTimeField()),
                ("urgency", models.CharField(blank=True, max_length=40)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("taken_in", "Taken in"),
                            ("urgency_decided", "Urgency decided"),
                            ("checking", "Checking that the child is safe"),
                            ("case_opened", "A case was opened"),
                            ("sent", "Sent"),
                            ("closed", "Closed"),
                        ],
                        default="taken_in",
                        max_length=16,
                    ),
                ),
                ("form", models.UUIDField(unique=True)),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="notifications", to="cases.child"
                    ),
                ),
            ],
            options={
                "ordering": ["child", "-number"],
            },
        ),
        migrations.CreateModel(
            name="NotifierRequest",
            fields=[
                ("key", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("form", models.UUIDField(unique=True)),
                ("need", models.CharField(max_length=400)),
                ("is_emergency", models.BooleanField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting for a second person"),
                            ("approved", "Agreed"),
                            ("declined", "Declined"),
                            ("taken", "Taken in an emergency"),
                            ("shown", "Shown"),
                        ],
                        max_length=12,
                    ),
                ),
                ("requested_as", models.CharField(max_length=40)),
                ("requested_at", models.DateTimeField()),
                ("decided_as", models.CharField(blank=True, max_length=40)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "review",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Not yet reviewed"),
                            ("justified", "It was needed"),
                            ("not_justified", "It was not needed"),
                        ],
                        max_length=16,
                    ),
                ),
                ("shown_at", models.DateTimeField(null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "notification",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="guidance_centre.notification",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Told",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "route",
                    models.CharField(
                        choices=[
                            ("child", "The child"),
                            ("family", "Family or relative"),
                            ("neighbour", "Neighbour or acquaintance"),
                            ("school", "School"),
                            ("nursery", "Nursery or kindergarten"),
                            ("medical", "Medical institution"),
                            ("police", "Police"),
                            ("municipality", "Municipality"),
                            ("other_centre", "Another guidance centre"),
                            ("other", "Other"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "complaint",
                    models.CharField(
                        choices=[
                            ("physical", "Physical abuse"),
                            ("sexual", "Sexual abuse"),
                            ("neglect", "Neglect"),
                            ("psychological", "Psychological abuse"),
                            ("care", "Care that is missing for another reason"),
                            ("not_clear", "Not clear yet"),
                        ],
                        max_length=16,
                    ),
                ),
                ("child_name", models.CharField(blank=True, max_length=120)),
                ("child_kana", models.CharField(blank=True, max_length=120)),
                ("child_born", models.DateField(null=True)),
                ("child_age", models.CharField(blank=True, max_length=60)),
                ("child_sex", models.CharField(blank=True, max_length=1)),
                ("place", models.CharField(blank=True, max_length=400)),
                ("account", models.TextField(max_length=8000)),
                ("third_parties", models.TextField(blank=True, max_length=1000)),
                (
                    "naming",
                    models.CharField(
                        choices=[("not_asked", "Not asked"), ("no", "May not be named"), ("yes", "May be named")],
                        max_length=12,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "notification",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="told",
                        to="guidance_centre.notification",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("key", models.UUIDField(unique=True)),
                ("sealed", models.BinaryField()),
                ("window", models.UUIDField(null=True)),
                ("turn", models.PositiveIntegerField(default=0)),
                ("revision", models.PositiveIntegerField(default=1)),
                ("begun_at", models.DateTimeField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("by", "number"), name="notification_drafts_are_counted")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(fields=["state", "see_by"], name="notification_due"),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.UniqueConstraint(fields=("child", "number"), name="notifications_are_counted"),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["taken_in", "urgency_decided", "checking", "case_opened", "sent", "closed"])
                ),
                name="notification_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "taken_in"), ("urgency", "")),
                    models.Q(models.Q(("state", "taken_in"), _negated=True), models.Q(("urgency", ""), _negated=True)),
                    _connector="OR",
                ),
                name="notification_moves_on_with_its_urgency",
            ),
        ),
        migrations.AddIndex(
            model_name="notifierrequest",
            index=models.Index(fields=["requested_by", "-requested_at"], name="notifier_requested_by"),
        ),
        migrations.AddIndex(
            model_name="notifierrequest",
            index=models.Index(fields=["state", "requested_at"], name="notifier_state"),
        ),
        migrations.AddConstraint(
            model_name="notifierrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["waiting", "approved", "declined", "taken", "shown"])),
                name="notifier_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="notifierrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("need", ""), _negated=True), name="notifier_says_what_for"
            ),
        ),
        migrations.AddConstraint(
            model_name="notifierrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_by__isnull", True), ("is_emergency", False), ("state", "waiting")),
                    models.Q(
                        ("decided_by__isnull", False), ("is_emergency", False), ("state__in", ["approved", "declined"])
                    ),
                    models.Q(("is_emergency", True), ("state", "taken")),
                    models.Q(
                        ("state", "shown"),
                        models.Q(("is_emergency", True), ("decided_by__isnull", False), _connector="OR"),
                    ),
                    _connector="OR",
                ),
                name="notifier_is_opened_by_two_or_in_an_emergency",
            ),
        ),
        migrations.AddConstraint(
            model_name="notifierrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_as", ""), ("decided_at__isnull", True), ("decided_by__isnull", True)),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        models.Q(("decided_as", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="notifier_decision_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="notifierrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("is_emergency", False), ("review", "")),
                    models.Q(("decided_by__isnull", True), ("review", "")),
                    models.Q(
                        ("decided_by__isnull", False),
                        ("is_emergency", True),
                        ("review__in", ["justified", "not_justified"]),
                    ),
                    _connector="OR",
                ),
                name="notifier_review_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="notifierrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by__isnull", True),
                    models.Q(
                        models.Q(("decided_by", models.F("requested_by")), _negated=True),
                        models.Q(("decided_as", models.F("requested_as")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="nobody_opens_a_notifier_alone",
            ),
        ),
        migrations.AddConstraint(
            model_name="notifierrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("shown_at__isnull", False), ("state", "shown")),
                    models.Q(models.Q(("state", "shown"), _negated=True), ("shown_at__isnull", True)),
                    _connector="OR",
                ),
                name="notifier_shown_has_its_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="told",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "route__in",
                        [
                            "child",
                            "family",
                            "neighbour",
                            "school",
                            "nursery",
                            "medical",
                            "police",
                            "municipality",
                            "other_centre",
                            "other",
                        ],
                    )
                ),
                name="notification_route_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="told",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("complaint__in", ["physical", "sexual", "neglect", "psychological", "care", "not_clear"])
                ),
                name="notification_complaint_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="told",
            constraint=models.CheckConstraint(
                condition=models.Q(("naming__in", ["not_asked", "no", "yes"])), name="notification_naming_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="told",
            constraint=models.CheckConstraint(
                condition=models.Q(("account", ""), _negated=True), name="notification_says_what_was_told"
            ),
        ),
    ]
