"""Support plans, what they say in versions, and the goals and services of each version."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("cases", "0016_state_follows_stage"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SupportPlan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Plan handed in"),
                            ("approved", "Plan approved"),
                            ("ended", "Plan ended"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("approved", models.PositiveIntegerField(null=True)),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="plans", to="cases.case"
                    ),
                ),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="plans", to="cases.child"
                    ),
                ),
            ],
            options={
                "ordering": ["-case__number", "-number"],
            },
        ),
        migrations.CreateModel(
            name="PlanContent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("revision", models.PositiveIntegerField()),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                ("review_on", models.DateField()),
                ("child_words", models.TextField(blank=True, max_length=2000)),
                ("may_be_shown_to_guardian", models.BooleanField()),
                ("guardian_words", models.TextField(blank=True, max_length=2000)),
                (
                    "agreement",
                    models.CharField(
                        choices=[
                            ("not_asked", "Not yet asked"),
                            ("agreed", "Agrees"),
                            ("partly", "Agrees in part"),
                            ("disagrees", "Does not agree"),
                        ],
                        default="not_asked",
                        max_length=12,
                    ),
                ),
                (
                    "agreed_by",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("the_child", "The child"),
                            ("mother", "Mother"),
                            ("father", "Father"),
                            ("other_guardian", "Another guardian"),
                            ("child_and_guardian", "Child and guardian together"),
                        ],
                        max_length=20,
                    ),
                ),
                ("agreed_on", models.DateField(null=True)),
                ("form", models.UUIDField(unique=True)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="contents", to="plans.supportplan"
                    ),
                ),
            ],
            options={
                "ordering": ["plan", "-number"],
            },
        ),
        migrations.CreateModel(
            name="Goal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.PositiveSmallIntegerField()),
                ("text", models.CharField(max_length=300)),
                (
                    "words_of",
                    models.CharField(
                        choices=[
                            ("together", "Found together"),
                            ("child", "The child's"),
                            ("guardian", "The guardian's"),
                            ("staff", "Staff's"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "content",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="goals", to="plans.plancontent"
                    ),
                ),
            ],
            options={
                "ordering": ["content", "place"],
                "constraints": [
                    models.UniqueConstraint(fields=("content", "place"), name="goals_have_places"),
                    models.CheckConstraint(
                        condition=models.Q(("words_of__in", ["together", "child", "guardian", "staff"])),
                        name="goal_words_are_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Service",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("short_stay", "Short stay"),
                            ("home_visit", "Visits that support care"),
                            ("temporary_care", "Temporary care"),
                            ("household_help", "Help in the household"),
                            ("place_for_children", "Place for children"),
                            ("parent_and_child", "Support of parent and child together"),
                            ("other_service", "Other help"),
                        ],
                        max_length=20,
                    ),
                ),
                ("what", models.CharField(max_length=300)),
                ("responsible", models.CharField(max_length=120)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(null=True)),
                ("how_often", models.CharField(blank=True, max_length=120)),
                (
                    "content",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="services", to="plans.plancontent"
                    ),
                ),
            ],
            options={
                "ordering": ["content", "place"],
                "constraints": [
                    models.UniqueConstraint(fields=("content", "place"), name="services_have_places"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on__isnull", True), ("ends_on__gte", models.F("starts_on")), _connector="OR"
                        ),
                        name="service_days_are_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "short_stay",
                                    "home_visit",
                                    "temporary_care",
                                    "household_help",
                                    "place_for_children",
                                    "parent_and_child",
                                    "other_service",
                                ],
                            )
                        ),
                        name="service_kind_is_known",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="supportplan",
            constraint=models.UniqueConstraint(fields=("case", "number"), name="plans_are_counted"),
        ),
        migrations.AddConstraint(
            model_name="supportplan",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["draft", "submitted"])),
                fields=("case",),
                name="one_plan_is_written_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="supportplan",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "approved")), fields=("case",), name="one_plan_is_in_force"
            ),
        ),
        migrations.AddConstraint(
            model_name="supportplan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("approved__isnull", True), ("state__in", ["draft", "submitted"])),
                    models.Q(("approved__isnull", False), ("state", "approved")),
                    ("state", "ended"),
                    _connector="OR",
                ),
                name="an_approved_plan_names_its_version",
            ),
        ),
        migrations.AddConstraint(
            model_name="supportplan",
            constraint=models.CheckConstraint(
                condition=models.Q(("approved__isnull", True), ("approved", models.F("version")), _connector="OR"),
                name="nothing_is_written_after_approval",
            ),
        ),
        migrations.AddConstraint(
            model_name="plancontent",
            constraint=models.UniqueConstraint(fields=("plan", "number"), name="plan_contents_are_counted"),
        ),
        migrations.AddConstraint(
            model_name="plancontent",
            constraint=models.CheckConstraint(
                condition=models.Q(("review_on__gte", models.F("starts_on")), ("starts_on__lte", models.F("ends_on"))),
                name="plan_days_are_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="plancontent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("agreed_by", ""), ("agreed_on__isnull", True), ("agreement", "not_asked")),
                    models.Q(
                        ("agreed_by__in", ["the_child", "mother", "father", "other_guardian", "child_and_guardian"]),
                        ("agreed_on__isnull", False),
                        ("agreement__in", ["agreed", "partly", "disagrees"]),
                    ),
                    _connector="OR",
                ),
                name="plan_agreement_says_who_and_when",
            ),
        ),
    ]
