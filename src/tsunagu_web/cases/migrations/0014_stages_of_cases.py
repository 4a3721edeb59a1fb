"""A case has a stage: how far the work has come."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0013_list_by_team"),
        ("steps", "0002_append_only"),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="stage",
            field=models.CharField(
                choices=[
                    ("opened", "Case opened"),
                    ("assessing", "Assessing"),
                    ("planning", "Planning"),
                    ("approval", "Waiting for approval"),
                    ("active", "Support under way"),
                    ("review", "Under review"),
                    ("closure_proposed", "Closing proposed"),
                    ("closed", "Case closed"),
                    ("transferring", "Being handed over"),
                    ("transferred", "Handed over"),
                ],
                db_default="opened",
                default="opened",
                max_length=20,
            ),
        ),
    ]
