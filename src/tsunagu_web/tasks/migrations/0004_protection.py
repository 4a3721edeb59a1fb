"""One more origin of a task: a clock of a temporary protection."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0020_list_by_school"),
        ("tasks", "0003_notifications"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="task",
            name="task_origin_is_whole",
        ),
        migrations.AlterField(
            model_name="task",
            name="origin",
            field=models.CharField(
                choices=[
                    ("by_hand", "Set by hand"),
                    ("of_a_conference", "Agreed in a conference"),
                    ("of_a_transfer", "No answer to a hand-over"),
                    ("of_notification", "The child is to be seen after a notification"),
                    ("of_protection", "A clock of a temporary protection"),
                ],
                default="by_hand",
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("number__isnull", True), ("origin", "by_hand")),
                    models.Q(
                        ("number__isnull", False),
                        ("origin__in", ["of_a_conference", "of_a_transfer", "of_notification", "of_protection"]),
                    ),
                    _connector="OR",
                ),
                name="task_origin_is_whole",
            ),
        ),
    ]
