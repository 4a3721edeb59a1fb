"""The database refuses to change or delete what was recorded, to delete a re-assessment instead of deciding it, and to
change one that was decided."""

from django.db import migrations

from tsunagu_web.audit.append_only import allow_changes, forbid_changes

TABLES = (
    "outreach_contact",
    "outreach_contactrule",
    "outreach_sightconfirmation",
    "outreach_takenback",
    "outreach_changedfact",
)
DUE = "outreach_reassessment"


def forbid(apps, editor):
    for table in TABLES:
        forbid_changes(editor, table)
    forbid_undeciding(editor)


def forbid_undeciding(editor):
    for name, act, wrong in (("stays", "DELETE", ""), ("ended", "UPDATE", "OLD.state = 'decided'")):
        when = f"WHEN ({wrong})" if wrong else ""
        if editor.connection.vendor == "sqlite":
            editor.execute(
                f"CREATE TRIGGER {DUE}_{name} BEFORE {act} ON {DUE} {when} "
                f"BEGIN SELECT RAISE(ABORT, '{DUE}: a decision stays'); END"
            )
        else:
            editor.execute(
                f"CREATE FUNCTION {DUE}_{name}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{DUE}: a decision stays'; END $$"
            )
            editor.execute(
                f"CREATE TRIGGER {DUE}_{name} BEFORE {act} ON {DUE} FOR EACH ROW {when} EXECUTE FUNCTION {DUE}_{name}()"
            )


def allow(apps, editor):
    for table in TABLES:
        allow_changes(editor, table)
    allow_undeciding(editor)


def allow_undeciding(editor):
    for name in ("stays", "ended"):
        on = "" if editor.connection.vendor == "sqlite" else f" ON {DUE}"
        editor.execute(f"DROP TRIGGER {DUE}_{name}{on}")
        if on:
            editor.execute(f"DROP FUNCTION {DUE}_{name}()")


class Migration(migrations.Migration):
    dependencies = [("outreach", "0001_initial")]
    operations = [migrations.RunPython(forbid, allow)]
