"""The index of a team's children holds the order of the list, so that a page is read off in place of being sorted."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0012_remove_child_search_key")]

    operations = [
        migrations.RemoveIndex(model_name="child", name="child_team"),
        migrations.AddIndex(
            model_name="child",
            index=models.Index(
                fields=["team", "is_listed", "level_rank", "-strength", "kana", "person"], name="child_team"
            ),
        ),
    ]
