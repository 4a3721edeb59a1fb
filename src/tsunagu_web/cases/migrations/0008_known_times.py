"""Facts are kept with the days on which they were known; each intake is remembered."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0007_cases_of_candidates")]

    operations = [
        migrations.AddField(model_name="run", name="as_of", field=models.JSONField(default=dict)),
        migrations.CreateModel(
            name="Taking",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="takings", to="cases.run"
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["day"], name="taking_day")]},
        ),
        migrations.AddField(
            model_name="child",
            name="case",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.case"
            ),
        ),
        migrations.AddField(model_name="child", name="known_from", field=models.DateField(null=True)),
        migrations.AddField(model_name="fact", name="known_from", field=models.DateField(null=True)),
        migrations.AddField(model_name="fact", name="known_to", field=models.DateField(null=True)),
    ]
