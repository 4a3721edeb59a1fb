"""Steps that were taken, and the table of those that exist."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AllowedStep",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "machine", "move", "source", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("machine", models.CharField(max_length=20)),
                ("move", models.CharField(max_length=20)),
                ("source", models.CharField(blank=True, max_length=20)),
                ("target", models.CharField(max_length=20)),
                ("needs_reason", models.BooleanField()),
                ("by_another", models.BooleanField()),
                ("by_program", models.BooleanField()),
            ],
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("machine", models.CharField(max_length=20)),
                ("subject", models.BigIntegerField()),
                ("person_id", models.CharField(blank=True, max_length=40)),
                ("number", models.PositiveIntegerField()),
                ("move", models.CharField(max_length=20)),
                ("source", models.CharField(blank=True, max_length=20)),
                ("target", models.CharField(max_length=20)),
                ("reason", models.CharField(blank=True, max_length=400)),
                ("form", models.UUIDField(null=True, unique=True)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["machine", "subject", "number"],
                "indexes": [models.Index(fields=["person_id", "at"], name="step_person")],
                "constraints": [
                    models.UniqueConstraint(fields=("machine", "subject", "number"), name="steps_are_counted"),
                    models.CheckConstraint(
                        condition=models.Q(("source", models.F("target")), _negated=True), name="a_step_goes_somewhere"
                    ),
                ],
            },
        ),
    ]
