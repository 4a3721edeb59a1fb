from django.core.management import call_command
from django.db import migrations


def make(apps, schema_editor):
    """The table in which all processes of one desk see that a code of an authenticator app was used."""
    call_command("createcachetable", "desk_cache", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_signin_session_key")]

    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
