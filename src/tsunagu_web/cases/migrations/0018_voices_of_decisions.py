"""The child's own voice beside each decision; of decisions before it, none is recorded."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0017_to_be_reassessed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Voice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("of", models.CharField(max_length=20)),
                ("row", models.BigIntegerField()),
                (
                    "said",
                    models.CharField(
                        choices=[
                            ("heard", "The child was heard"),
                            ("not_asked", "The child has not been asked yet"),
                            ("could_not", "The child could not be asked"),
                            ("unknown", "Nobody knows yet"),
                        ],
                        max_length=12,
                    ),
                ),
                ("words", models.TextField(blank=True, max_length=2000)),
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="voices", to="cases.child"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("of", "row"), name="one_voice_for_a_decision"),
                    models.CheckConstraint(
                        condition=models.Q(("of__in", ["decision", "conference", "reassessment", "case"])),
                        name="voice_is_of_a_decision",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("said", "unknown"),
                            models.Q(
                                ("said__in", ["heard", "not_asked", "could_not"]),
                                models.Q(("words", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="voice_has_its_words",
                    ),
                ],
            },
        ),
    ]
