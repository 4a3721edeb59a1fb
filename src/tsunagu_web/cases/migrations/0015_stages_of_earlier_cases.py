"""A case that is over stands at its end; one that is open begins anew at the first stage, since no more is known."""

from django.db import migrations


def place(apps, editor):
    cases = apps.get_model("cases", "Case").objects
    for state in ("closed", "transferred"):
        cases.filter(state=state).update(stage=state)


class Migration(migrations.Migration):
    dependencies = [("cases", "0014_stages_of_cases")]
    # Back before stages there is nothing to undo: the column goes.
    operations = [migrations.RunPython(place, migrations.RunPython.noop)]
