"""Hand-overs, what was prepared for each, and what came from other municipalities."""

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
            name="Received",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("handover", models.CharField(max_length=40, unique=True)),
                ("sender", models.CharField(max_length=80)),
                ("sender_name", models.CharField(max_length=80)),
                ("body", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="received", to="cases.case"
                    ),
                ),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="received_cases", to="cases.child"
                    ),
                ),
            ],
            options={
                "ordering": ["child", "-at"],
            },
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("to", models.CharField(max_length=80)),
                ("to_name", models.CharField(max_length=80)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("ordinary", "Ordinary hand-over"),
                            ("restricted", "Restricted hand-over, for two named people"),
                        ],
                        max_length=12,
                    ),
                ),
                ("recipients", models.CharField(max_length=1000)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("sent", "Sent to the other municipality"),
                            ("withdrawing", "Being withdrawn"),
                            ("returned", "Taken back"),
                            ("concluded", "Handed over"),
                            ("discarded", "Discarded"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                ("handover", models.CharField(blank=True, max_length=40)),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="transfers", to="cases.case"
                    ),
                ),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="transfers", to="cases.child"
                    ),
                ),
            ],
            options={
                "ordering": ["child", "-number"],
            },
        ),
        migrations.CreateModel(
            name="TransferContent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("parts", models.CharField(blank=True, max_length=200)),
                ("files", models.CharField(blank=True, max_length=1000)),
                ("why", models.TextField(max_length=8000)),
                ("now", models.TextField(max_length=8000)),
                ("urgent", models.TextField(blank=True, max_length=8000)),
                ("council_since", models.DateField(null=True)),
                ("body", models.TextField()),
                ("left_out", models.PositiveIntegerField(default=0)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="contents", to="transfers.transfer"
                    ),
                ),
            ],
            options={
                "ordering": ["transfer", "-number"],
            },
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.UniqueConstraint(fields=("child", "number"), name="transfers_are_counted"),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["draft", "sent", "withdrawing"])),
                fields=("case",),
                name="one_transfer_of_a_case_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("handover", ""), _negated=True),
                fields=("handover",),
                name="one_transfer_of_a_handover",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["ordinary", "restricted"])), name="transfer_kind_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("handover", ""), ("state__in", ["draft", "discarded"])),
                    models.Q(
                        models.Q(("state__in", ["draft", "discarded"]), _negated=True),
                        models.Q(("handover", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="transfer_that_was_sent_has_its_id",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfercontent",
            constraint=models.UniqueConstraint(fields=("transfer", "number"), name="transfer_contents_are_counted"),
        ),
    ]
