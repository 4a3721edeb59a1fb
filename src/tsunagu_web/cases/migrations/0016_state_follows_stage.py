"""What access asks of a case follows its stage."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0015_stages_of_earlier_cases")]
    operations = [
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        (
                            "stage__in",
                            [
                                "opened",
                                "assessing",
                                "planning",
                                "approval",
                                "active",
                                "review",
                                "closure_proposed",
                                "transferring",
                            ],
                        ),
                        ("state", "open"),
                    ),
                    models.Q(("stage", "closed"), ("state", "closed")),
                    models.Q(("stage", "transferred"), ("state", "transferred")),
                    _connector="OR",
                ),
                name="case_state_follows_its_stage",
            ),
        ),
    ]
