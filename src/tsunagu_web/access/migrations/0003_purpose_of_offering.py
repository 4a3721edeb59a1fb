"""The purpose of offering support, which grants may name as well; nothing in the database changes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_teams_and_duties"),
    ]

    operations = [
        migrations.AlterField(
            model_name="grant",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("early_support", "Checking who was noticed"),
                    ("case_support", "Supporting a case"),
                    ("offering", "Offering support that may be unclaimed"),
                    ("school_watch", "Watching over pupils"),
                    ("protection", "Guidance centre's help and protection"),
                    ("oversight", "Overall management"),
                    ("analysis", "Analysis and evaluation"),
                    ("data_care", "Care of held data"),
                    ("audit", "Auditing who looked at what"),
                    ("privacy", "Protection of personal information"),
                    ("operation", "Running the system"),
                    ("own_record", "One's own record"),
                ],
                max_length=20,
            ),
        ),
    ]
