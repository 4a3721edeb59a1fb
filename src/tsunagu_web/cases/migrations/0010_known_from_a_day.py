"""Every fact and every notice says since when it is known."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0009_known_since_the_last_run")]
    operations = [
        migrations.AlterField(model_name="child", name="known_from", field=models.DateField()),
        migrations.AlterField(model_name="fact", name="known_from", field=models.DateField()),
    ]
