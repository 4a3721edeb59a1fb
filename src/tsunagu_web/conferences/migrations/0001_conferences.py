"""Conferences, their agendas and minutes."""

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
            name="Conference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "layer",
                    models.CharField(
                        choices=[
                            ("representatives", "Representatives' conference"),
                            ("practitioners", "Practitioners' conference"),
                            ("individual", "Conference on individual children"),
                        ],
                        max_length=16,
                    ),
                ),
                ("team", models.CharField(max_length=40)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("place", models.CharField(blank=True, max_length=80)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("held", "Being held"),
                            ("recorded", "Over, minutes recorded"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="planned",
                        max_length=12,
                    ),
                ),
                ("form", models.UUIDField(unique=True)),
                ("revision", models.PositiveIntegerField(default=1)),
            ],
            options={
                "indexes": [models.Index(fields=["team", "-starts_at"], name="conference_team")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("layer__in", ["representatives", "practitioners", "individual"])),
                        name="conference_layer_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["planned", "held", "recorded", "cancelled"])),
                        name="conference_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="conference_ends_after_it_starts",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AgendaItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("new_case", "New case, not yet spoken of"),
                            ("watch_due", "The day to look again has come"),
                            ("closing", "Closing is proposed"),
                            ("follow_up", "Follow-up agreed last time"),
                            ("put_on_by_hand", "Put on by a member of staff"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="agenda_items", to="cases.child"
                    ),
                ),
                (
                    "conference",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="items", to="conferences.conference"
                    ),
                ),
            ],
            options={
                "ordering": ["conference", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Minute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("said", models.TextField(blank=True, max_length=4000)),
                ("agreed", models.TextField(max_length=4000)),
                ("roles", models.TextField(blank=True, max_length=2000)),
                ("next_on", models.DateField(null=True)),
                ("form", models.UUIDField(unique=True)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="minutes", to="conferences.agendaitem"
                    ),
                ),
            ],
            options={
                "ordering": ["item", "-number"],
            },
        ),
        migrations.CreateModel(
            name="Attendee",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "conference",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attendees",
                        to="conferences.conference",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("conference", "staff"), name="one_seat_each")],
            },
        ),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=models.UniqueConstraint(fields=("conference", "child"), name="once_on_an_agenda"),
        ),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("why__in", ["new_case", "watch_due", "closing", "follow_up", "put_on_by_hand"])),
                name="agenda_why_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="minute",
            constraint=models.UniqueConstraint(fields=("item", "number"), name="minutes_are_counted"),
        ),
    ]
