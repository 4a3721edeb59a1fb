"""The index of a school's children holds the order of a school's list; the one of the whole city's order goes, which
nobody's list has and by which a team's page was looked for through the children of all others."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0019_voices_append_only")]

    operations = [
        migrations.RemoveIndex(model_name="child", name="child_worklist_order"),
        migrations.RemoveIndex(model_name="child", name="child_school"),
        migrations.AddIndex(
            model_name="child",
            index=models.Index(fields=["school", "is_listed", "level_rank", "kana", "person"], name="child_school"),
        ),
    ]
