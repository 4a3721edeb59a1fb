"""Contacts, rules of contact, sight confirmations and re-assessments."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("cases", "0017_to_be_reassessed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Contact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("visit", "Visit"),
                            ("phone", "Telephone"),
                            ("letter", "Letter"),
                            ("message", "Message"),
                            ("came", "They came to us"),
                            ("school", "At school or nursery"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("reached", "Reached"),
                            ("absent", "Nobody there"),
                            ("refused", "Did not want contact"),
                            ("left_note", "Left a note or letter"),
                        ],
                        max_length=10,
                    ),
                ),
                ("met", models.CharField(blank=True, max_length=120)),
                ("note", models.TextField(blank=True, max_length=4000)),
                ("next_on", models.DateField(null=True)),
                ("form", models.UUIDField(unique=True)),
                ("entered_at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.case"
                    ),
                ),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="contacts", to="cases.child"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ContactRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                (
                    "letter",
                    models.CharField(
                        choices=[("yes", "May"), ("no", "May not"), ("unknown", "Not asked yet")], max_length=8
                    ),
                ),
                ("letter_words", models.CharField(blank=True, max_length=200)),
                (
                    "phone",
                    models.CharField(
                        choices=[("yes", "May"), ("no", "May not"), ("unknown", "Not asked yet")], max_length=8
                    ),
                ),
                ("phone_words", models.CharField(blank=True, max_length=200)),
                (
                    "message",
                    models.CharField(
                        choices=[("yes", "May"), ("no", "May not"), ("unknown", "Not asked yet")], max_length=8
                    ),
                ),
                (
                    "names_school",
                    models.CharField(
                        choices=[("yes", "May"), ("no", "May not"), ("unknown", "Not asked yet")], max_length=8
                    ),
                ),
                ("may_be_told", models.CharField(blank=True, max_length=200)),
                ("must_not_know", models.CharField(blank=True, max_length=200)),
                ("language", models.CharField(blank=True, max_length=40)),
                (
                    "interpreter",
                    models.CharField(
                        choices=[("yes", "Needed"), ("no", "Not needed"), ("unknown", "Not asked yet")],
                        default="unknown",
                        max_length=8,
                    ),
                ),
                ("note", models.TextField(blank=True, max_length=2000)),
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="contact_rules", to="cases.child"
                    ),
                ),
            ],
            options={
                "ordering": ["child", "-number"],
            },
        ),
        migrations.CreateModel(
            name="Reassessment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("report", "New report or consultation"),
                            ("flat_weight", "No gain in weight"),
                            ("no_contact", "Nobody reached, several times in a row"),
                            ("absence", "More days absent"),
                            ("move", "Moved house"),
                            ("new_baby", "New baby in the household"),
                            ("notice", "Noticed again"),
                            ("level", "The level rose"),
                            ("person", "Somebody asked for it"),
                        ],
                        max_length=12,
                    ),
                ),
                ("started_on", models.DateField()),
                ("due_on", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[("due", "Waiting for a decision"), ("decided", "Decided")], default="due", max_length=8
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("no_change", "Nothing needs to change"),
                            ("plan_anew", "Plan anew"),
                            ("assess_anew", "Assess anew"),
                            ("consult", "Consult the guidance centre"),
                        ],
                        max_length=12,
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reassessments", to="cases.case"
                    ),
                ),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reassessments", to="cases.child"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ChangedFact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=60)),
                ("day", models.DateField()),
                ("at", models.DateTimeField()),
                (
                    "child",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.child"),
                ),
                (
                    "reassessment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="facts", to="outreach.reassessment"
                    ),
                ),
            ],
            options={
                "ordering": ["reassessment", "day", "pk"],
            },
        ),
        migrations.CreateModel(
            name="SightConfirmation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seen_on", models.DateField()),
                (
                    "seen_by",
                    models.CharField(
                        choices=[
                            ("own", "Myself"),
                            ("colleague", "A colleague of the centre"),
                            ("school", "Staff of the school"),
                            ("nursery", "Staff of the nursery"),
                            ("health", "Health or medical staff"),
                            ("guidance", "Staff of the guidance centre"),
                            ("other", "Staff of another office"),
                        ],
                        max_length=10,
                    ),
                ),
                ("seen_by_name", models.CharField(blank=True, max_length=80)),
                (
                    "place",
                    models.CharField(
                        choices=[
                            ("home", "At home"),
                            ("school", "At school"),
                            ("nursery", "At the nursery"),
                            ("office", "At an office"),
                            ("elsewhere", "Elsewhere"),
                        ],
                        max_length=10,
                    ),
                ),
                ("place_words", models.CharField(blank=True, max_length=120)),
                ("condition", models.TextField(max_length=2000)),
                (
                    "injuries",
                    models.CharField(
                        choices=[
                            ("none", "None where one could see"),
                            ("seen", "Injuries were seen"),
                            ("unseen", "Could not be seen"),
                        ],
                        max_length=8,
                    ),
                ),
                ("injury_words", models.TextField(blank=True, max_length=2000)),
                ("form", models.UUIDField(unique=True)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.case"
                    ),
                ),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sights", to="cases.child"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TakenBack",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=400)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "child",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.child"),
                ),
                (
                    "contact",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="taken_back",
                        to="outreach.contact",
                    ),
                ),
                (
                    "sight",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="taken_back",
                        to="outreach.sightconfirmation",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["child", "-at"], name="contact_child"),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(("mode__in", ["visit", "phone", "letter", "message", "came", "school"])),
                name="contact_mode_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(("result__in", ["reached", "absent", "refused", "left_note"])),
                name="contact_result_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="contactrule",
            constraint=models.UniqueConstraint(fields=("child", "number"), name="contact_rules_are_counted"),
        ),
        migrations.AddConstraint(
            model_name="contactrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("interpreter__in", ["yes", "no", "unknown"]),
                    ("letter__in", ["yes", "no", "unknown"]),
                    ("message__in", ["yes", "no", "unknown"]),
                    ("names_school__in", ["yes", "no", "unknown"]),
                    ("phone__in", ["yes", "no", "unknown"]),
                ),
                name="contact_rule_answers_are_known",
            ),
        ),
        migrations.AddIndex(
            model_name="reassessment",
            index=models.Index(fields=["state", "due_on"], name="reassessment_due"),
        ),
        migrations.AddConstraint(
            model_name="reassessment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "due")), fields=("child", "cause"), name="one_due_reassessment_of_a_cause"
            ),
        ),
        migrations.AddConstraint(
            model_name="reassessment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "cause__in",
                        [
                            "report",
                            "flat_weight",
                            "no_contact",
                            "absence",
                            "move",
                            "new_baby",
                            "notice",
                            "level",
                            "person",
                        ],
                    )
                ),
                name="reassessment_cause_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="reassessment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", ""), ("state", "due")),
                    models.Q(
                        ("outcome__in", ["no_change", "plan_anew", "assess_anew", "consult"]), ("state", "decided")
                    ),
                    _connector="OR",
                ),
                name="reassessment_ends_with_a_decision",
            ),
        ),
        migrations.AddConstraint(
            model_name="reassessment",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_on__gte", models.F("started_on"))), name="reassessment_is_due_after"
            ),
        ),
        migrations.AddConstraint(
            model_name="changedfact",
            constraint=models.UniqueConstraint(fields=("child", "reference"), name="a_fact_starts_the_clock_once"),
        ),
        migrations.AddIndex(
            model_name="sightconfirmation",
            index=models.Index(fields=["child", "-seen_on"], name="sight_child"),
        ),
        migrations.AddConstraint(
            model_name="sightconfirmation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("seen_by__in", ["own", "colleague", "school", "nursery", "health", "guidance", "other"])
                ),
                name="sight_seer_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="sightconfirmation",
            constraint=models.CheckConstraint(
                condition=models.Q(("place__in", ["home", "school", "nursery", "office", "elsewhere"])),
                name="sight_place_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="sightconfirmation",
            constraint=models.CheckConstraint(
                condition=models.Q(("injuries__in", ["none", "seen", "unseen"])), name="sight_injuries_are_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="sightconfirmation",
            constraint=models.CheckConstraint(
                condition=models.Q(("seen_by", "own"), models.Q(("seen_by_name", ""), _negated=True), _connector="OR"),
                name="sight_names_who_saw",
            ),
        ),
        migrations.AddConstraint(
            model_name="sightconfirmation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("injuries", "seen"), models.Q(("injury_words", ""), _negated=True)),
                    models.Q(("injuries", "seen"), _negated=True),
                    _connector="OR",
                ),
                name="sight_says_which_injuries",
            ),
        ),
        migrations.AddConstraint(
            model_name="sightconfirmation",
            constraint=models.CheckConstraint(
                condition=models.Q(("condition", ""), _negated=True), name="sight_says_how_the_child_was"
            ),
        ),
        migrations.AddConstraint(
            model_name="takenback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("contact__isnull", False), ("sight__isnull", True)),
                    models.Q(("contact__isnull", True), ("sight__isnull", False)),
                    _connector="OR",
                ),
                name="one_entry_is_taken_back",
            ),
        ),
        migrations.AddConstraint(
            model_name="takenback",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="taken_back_says_why"
            ),
        ),
    ]
