"""Tasks."""

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
            name="Task",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("what", models.CharField(max_length=400)),
                ("due_on", models.DateField()),
                (
                    "origin",
                    models.CharField(
                        choices=[("by_hand", "Set by hand"), ("of_a_conference", "Agreed in a conference")],
                        default="by_hand",
                        max_length=16,
                    ),
                ),
                ("number", models.BigIntegerField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "To do"), ("done", "Done"), ("dropped", "Not needed any more")],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("form", models.UUIDField(unique=True)),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tasks", to="cases.child"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tasks", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["owner", "state", "due_on"], name="task_owner"),
                    models.Index(fields=["child", "state", "due_on"], name="task_child"),
                    models.Index(fields=["state", "due_on"], name="task_due"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "done", "dropped"])), name="task_state_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("number__isnull", True), ("origin", "by_hand")),
                            models.Q(("number__isnull", False), ("origin", "of_a_conference")),
                            _connector="OR",
                        ),
                        name="task_origin_is_whole",
                    ),
                    models.CheckConstraint(condition=models.Q(("what", ""), _negated=True), name="task_says_what"),
                ],
            },
        ),
    ]
