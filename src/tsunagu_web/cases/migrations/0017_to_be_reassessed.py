"""When a child is to be looked at again, and that a case is not closed before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0016_state_follows_stage"),
        ("people", "0002_versions"),
    ]

    operations = [
        migrations.AddField(
            model_name="child",
            name="reassess_by",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="child",
            name="reassess_since",
            field=models.DateField(null=True),
        ),
        migrations.AddConstraint(
            model_name="child",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reassess_by__isnull", True), ("reassess_since__isnull", True)),
                    models.Q(
                        ("reassess_by__isnull", False),
                        ("reassess_since__isnull", False),
                        models.Q(("case_state", "closed"), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="child_is_not_closed_while_to_be_reassessed",
            ),
        ),
    ]
