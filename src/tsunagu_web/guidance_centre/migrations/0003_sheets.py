"""Sheets of urgency as they were answered, drafts of them, and people's own views."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("guidance_centre", "0002_append_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SheetVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sheet", models.CharField(max_length=40)),
                ("version", models.CharField(max_length=20)),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("content", models.TextField()),
                ("first_used_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="AnsweredSheet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("answers", models.TextField()),
                ("form", models.UUIDField(unique=True)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "notification",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sheets",
                        to="guidance_centre.notification",
                    ),
                ),
                (
                    "sheet_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="guidance_centre.sheetversion"
                    ),
                ),
            ],
            options={
                "ordering": ["notification", "-number"],
            },
        ),
        migrations.CreateModel(
            name="UrgencyView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "stage",
                    models.CharField(choices=[("before", "Own view"), ("after", "View afterwards")], max_length=8),
                ),
                ("urgency", models.CharField(max_length=40)),
                ("grounds", models.TextField(blank=True, max_length=2000)),
                ("demanded", models.CharField(blank=True, max_length=40)),
                ("floor", models.CharField(blank=True, max_length=40)),
                ("is_below_floor", models.BooleanField(default=False)),
                (
                    "difference",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("known_more", "We know what the sheet does not hold"),
                            ("settled", "An open question has been settled since"),
                            ("graver", "It is graver than the sheet can tell"),
                            ("reconsidered", "What was shown led to another view"),
                            ("together", "Decided together with colleagues or other offices"),
                        ],
                        max_length=16,
                    ),
                ),
                ("settled", models.CharField(blank=True, max_length=1000)),
                ("role", models.CharField(max_length=40)),
                ("form", models.UUIDField(unique=True)),
                ("at", models.DateTimeField()),
                (
                    "answered",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="views",
                        to="guidance_centre.answeredsheet",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["answered", "pk"],
            },
        ),
        migrations.CreateModel(
            name="SheetDraft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("answers", models.TextField()),
                ("window", models.UUIDField(null=True)),
                ("turn", models.PositiveIntegerField(default=0)),
                ("revision", models.PositiveIntegerField(default=1)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "notification",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="guidance_centre.notification"
                    ),
                ),
                (
                    "sheet_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="guidance_centre.sheetversion"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("notification", "by"), name="one_sheet_draft_for_each_worker")
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="answeredsheet",
            constraint=models.UniqueConstraint(fields=("notification", "number"), name="answered_sheets_are_counted"),
        ),
        migrations.AddConstraint(
            model_name="urgencyview",
            constraint=models.UniqueConstraint(fields=("answered", "by", "stage"), name="one_view_of_each_stage"),
        ),
        migrations.AddConstraint(
            model_name="urgencyview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("demanded", ""),
                        ("difference", ""),
                        ("floor", ""),
                        ("is_below_floor", False),
                        ("settled", ""),
                        ("stage", "before"),
                        models.Q(("grounds", ""), _negated=True),
                    ),
                    models.Q(
                        ("stage", "after"),
                        models.Q(("demanded", ""), _negated=True),
                        models.Q(("floor", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="own_view_comes_before_the_floor",
            ),
        ),
        migrations.AddConstraint(
            model_name="urgencyview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_below_floor", False),
                    models.Q(
                        models.Q(("difference", ""), _negated=True),
                        models.Q(
                            models.Q(("settled", ""), _negated=True),
                            models.Q(("grounds", ""), _negated=True),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="below_the_floor_says_why",
            ),
        ),
    ]
