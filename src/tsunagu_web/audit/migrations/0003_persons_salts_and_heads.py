"""Who an entry names, what makes digests unguessable, and which heads were signed, each in a table of its own."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="ContentSalt",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("salt", models.CharField(max_length=32)),
            ],
        ),
        migrations.CreateModel(
            name="IssuedHead",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("series", models.CharField(max_length=32)),
                ("number", models.BigIntegerField()),
                ("rows", models.BigIntegerField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["at", "rows"], name="issued_head_at")],
            },
        ),
        migrations.CreateModel(
            name="EventPerson",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "event_id", "person_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("person_id", models.CharField(max_length=80)),
                (
                    "event",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="persons",
                        to="audit.event",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["person_id", "event"], name="event_person")],
            },
        ),
    ]
