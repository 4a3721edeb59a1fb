from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_mailchoice")]

    operations = [
        migrations.AddField("signin", "session_key", models.CharField(db_index=True, default="", max_length=40)),
    ]
