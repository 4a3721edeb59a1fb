"""Referrals, what left with each, and what was answered."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("access", "0002_teams_and_duties"),
        ("cases", "0016_state_follows_stage"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Referral",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("purpose", models.CharField(max_length=400)),
                (
                    "basis",
                    models.CharField(
                        choices=[
                            ("within_purpose", "Within the purpose it is held for"),
                            ("purpose_change_61_3", "Purpose changed within what can be expected (Art. 61-3)"),
                            ("law_69_1", "Required or allowed by law (Art. 69-1)"),
                            ("consent_69_2_1", "Consent (Art. 69-2-1)"),
                            ("internal_69_2_2", "Use within the same organ for its duties (Art. 69-2-2)"),
                            ("other_organ_69_2_3", "Handing to another public organ for its duties (Art. 69-2-3)"),
                            (
                                "special_69_2_4",
                                "Plainly in the person's interest, or another special reason (Art. 69-2-4)",
                            ),
                        ],
                        max_length=20,
                    ),
                ),
                ("basis_note", models.CharField(blank=True, max_length=400)),
                ("reply_until", models.DateField()),
                ("open_until", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("sent", "Sent, answer awaited"),
                            ("accepted", "Taken on"),
                            ("done", "Completed as asked"),
                            ("declined", "Not taken on"),
                            ("revoked", "Taken back by the sender"),
                            ("expired", "Ran out without an answer"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=1)),
                ("sent_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="referrals",
                        to="cases.case",
                    ),
                ),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="referrals", to="cases.child"
                    ),
                ),
                (
                    "grant",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.grant"
                    ),
                ),
                (
                    "sent_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "to",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["child", "-number"],
            },
        ),
        migrations.CreateModel(
            name="ReferralContent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("fields", models.TextField(blank=True)),
                ("asked", models.TextField(max_length=2000)),
                ("wish", models.TextField(blank=True, max_length=1000)),
                ("body", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "referral",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="contents", to="referrals.referral"
                    ),
                ),
            ],
            options={
                "ordering": ["referral", "-number"],
            },
        ),
        migrations.CreateModel(
            name="Reply",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("text", models.TextField(max_length=4000)),
                ("form", models.UUIDField(unique=True)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "referral",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="replies", to="referrals.referral"
                    ),
                ),
            ],
            options={
                "ordering": ["referral", "-number"],
            },
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(fields=["to", "state"], name="referral_to"),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(fields=["state", "reply_until"], name="referral_until"),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.UniqueConstraint(fields=("child", "number"), name="referrals_are_counted"),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "basis__in",
                        [
                            "within_purpose",
                            "purpose_change_61_3",
                            "law_69_1",
                            "consent_69_2_1",
                            "internal_69_2_2",
                            "other_organ_69_2_3",
                            "special_69_2_4",
                        ],
                    )
                ),
                name="referral_basis_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("basis", "within_purpose"), models.Q(("basis_note", ""), _negated=True), _connector="OR"
                ),
                name="other_basis_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(("open_until__gte", models.F("reply_until"))), name="referral_opens_after_answer"
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("sent_at__isnull", True), ("sent_by__isnull", True), ("state__in", ["draft", "revoked"])),
                    models.Q(
                        ("sent_at__isnull", False),
                        ("sent_by__isnull", False),
                        models.Q(("state", "draft"), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="referral_sent_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(("to", models.F("sent_by")), _negated=True), name="nobody_refers_to_oneself"
            ),
        ),
        migrations.AddConstraint(
            model_name="referralcontent",
            constraint=models.UniqueConstraint(fields=("referral", "number"), name="referral_contents_are_counted"),
        ),
        migrations.AddConstraint(
            model_name="reply",
            constraint=models.UniqueConstraint(fields=("referral", "number"), name="replies_are_counted"),
        ),
    ]
