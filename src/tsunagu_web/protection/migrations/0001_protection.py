"""Temporary protections, and the child's own view of them."""

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
            name="Hearing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "about",
                    models.CharField(
                        choices=[("beginning", "Beginning the protection"), ("ending", "Ending the protection")],
                        max_length=12,
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("heard", "The child was heard"),
                            ("infant", "Too young to say; what the child showed is written down"),
                            ("refused", "The child did not want to speak"),
                            ("could_not", "The child could not be asked"),
                        ],
                        max_length=12,
                    ),
                ),
                ("words", models.TextField(max_length=4000)),
                ("heard_on", models.DateField()),
                ("form", models.UUIDField(unique=True)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="hearings", to="cases.child"
                    ),
                ),
            ],
            options={
                "ordering": ["child", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Protection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("under_protection", "Under protection"), ("ended", "Ended")],
                        default="under_protection",
                        max_length=20,
                    ),
                ),
                ("began_at", models.DateTimeField()),
                (
                    "shelter",
                    models.CharField(
                        choices=[
                            ("centre", "The centre's own shelter"),
                            ("institution", "An institution"),
                            ("foster", "A foster family"),
                            ("hospital", "A hospital"),
                            ("elsewhere", "Elsewhere"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "consent",
                    models.CharField(
                        choices=[
                            ("agrees", "The guardian agrees"),
                            ("against", "It is against the guardian's will"),
                            ("not_known", "The guardian has not said yet"),
                            ("nobody", "Nobody holds parental authority"),
                        ],
                        max_length=12,
                    ),
                ),
                ("consent_on", models.DateField(null=True)),
                (
                    "warrant",
                    models.CharField(
                        choices=[
                            ("not_asked", "Not asked for"),
                            ("asked", "Asked for"),
                            ("issued", "Issued"),
                            ("refused", "Refused"),
                            ("appealed", "Refused, and appealed"),
                        ],
                        default="not_asked",
                        max_length=12,
                    ),
                ),
                ("warrant_on", models.DateField(null=True)),
                ("limit_on", models.DateField()),
                ("court_asked_on", models.DateField(null=True)),
                ("ended_on", models.DateField(null=True)),
                ("why_not_heard", models.CharField(blank=True, max_length=400)),
                ("form", models.UUIDField(unique=True)),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="protections", to="cases.child"
                    ),
                ),
                (
                    "hearing",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="protection.hearing",
                    ),
                ),
            ],
            options={
                "ordering": ["child", "-number"],
            },
        ),
        migrations.AddField(
            model_name="hearing",
            name="protection",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="hearings",
                to="protection.protection",
            ),
        ),
        migrations.AddIndex(
            model_name="protection",
            index=models.Index(fields=["state", "limit_on"], name="protection_due"),
        ),
        migrations.AddConstraint(
            model_name="protection",
            constraint=models.UniqueConstraint(fields=("child", "number"), name="protections_are_counted"),
        ),
        migrations.AddConstraint(
            model_name="protection",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "under_protection")), fields=("child",), name="one_protection_at_a_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="protection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_on__isnull", True), ("state", "under_protection")),
                    models.Q(("ended_on__isnull", False), ("state", "ended")),
                    _connector="OR",
                ),
                name="protection_ends_on_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="protection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("warrant", "not_asked"), ("warrant_on__isnull", True)),
                    models.Q(
                        ("warrant__in", ["asked", "issued", "refused", "appealed"]), ("warrant_on__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="protection_warrant_has_its_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="protection",
            constraint=models.CheckConstraint(
                condition=models.Q(("consent__in", ["agrees", "against", "not_known", "nobody"])),
                name="protection_consent_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="protection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("hearing__isnull", False), models.Q(("why_not_heard", ""), _negated=True), _connector="OR"
                ),
                name="protection_begins_with_the_childs_view",
            ),
        ),
        migrations.AddConstraint(
            model_name="hearing",
            constraint=models.CheckConstraint(
                condition=models.Q(("words", ""), _negated=True), name="hearing_says_what"
            ),
        ),
        migrations.AddConstraint(
            model_name="hearing",
            constraint=models.CheckConstraint(
                condition=models.Q(("about__in", ["beginning", "ending"])), name="hearing_is_about_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="hearing",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ["heard", "infant", "refused", "could_not"])),
                name="hearing_outcome_is_known",
            ),
        ),
    ]
