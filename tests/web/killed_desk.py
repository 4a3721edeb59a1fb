"""A program of the tests, run in the environment of a desk of its own: `arrange FOLDER` fills it and signs people in;
`found` says what lies in its database. Both print JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import django

django.setup()

from django.conf import settings  # noqa: E402 (Django first)
from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402
from signed_in import signed_in  # noqa: E402

from builders import a_child, a_run  # noqa: E402
from tsunagu.runs.crypt import read_key  # noqa: E402
from tsunagu.runs.folder import open_run  # noqa: E402
from tsunagu_web.access.models import INTAKE_TEAM  # noqa: E402
from tsunagu_web.access.reach import the_program  # noqa: E402
from tsunagu_web.access.terms import Purpose, Role, Scope  # noqa: E402
from tsunagu_web.accounts.models import Staff  # noqa: E402
from tsunagu_web.audit.content import tables  # noqa: E402
from tsunagu_web.audit.models import Event  # noqa: E402
from tsunagu_web.cases.models import Child  # noqa: E402
from tsunagu_web.cases.services import open_case  # noqa: E402
from tsunagu_web.duties.middleware import SESSION_KEY  # noqa: E402
from tsunagu_web.duties.viewers import viewer_of  # noqa: E402
from tsunagu_web.intake.services import take_in  # noqa: E402
from tsunagu_web.notes.models import Note, NoteVersion  # noqa: E402
from tsunagu_web.outreach.models import Contact, SightConfirmation  # noqa: E402
from tsunagu_web.people.models import Kinship  # noqa: E402
from tsunagu_web.search.models import Kind, SearchText  # noqa: E402
from tsunagu_web.steps.guards import all_guarded  # noqa: E402
from tsunagu_web.steps.models import Step  # noqa: E402
from tsunagu_web.tasks.models import Task  # noqa: E402

NAMES = ("例川 あおい", "例田 ソラ", "例本 みお")


def arrange(folder: Path) -> dict[str, object]:
    """Three children with open cases, and a lead worker for each, signed in."""
    call_command("migrate", verbosity=0)
    people = [a_child(name, "レイ", household=str(number)) for number, name in enumerate(NAMES, 1)]
    run = a_run(folder / "run", *people, key=folder / "run.key")
    signed = []
    with the_program():
        take_in(open_run(run), read_key(folder / "run.key"))
        for number, person in enumerate(people):
            staff = Staff.objects.create(login=f"worker{number}", password="x", name="職員A", role=Role.LEAD_WORKER)
            staff.duties.create(kind=Scope.TEAM, key=INTAKE_TEAM, starts_on=timezone.localdate())
            open_case(Child.objects.get(pk=person.person_id), viewer_of(staff, Purpose.CASE_SUPPORT))
            client = signed_in(staff)
            session = client.session
            session[SESSION_KEY] = Purpose.CASE_SUPPORT
            session.save()
            cookie = f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
            signed.append({"cookie": cookie, "child": person.person_id, "owner": staff.pk})
    return {"people": signed}


def found() -> dict[str, object]:
    """How often each form is there, and what is only half there."""
    with the_program():
        return {"forms": _forms(), "half": _half()}


def _forms() -> dict[str, list[str]]:
    """The forms by which rows came into being, one for each row; kin by the id that its form gives."""
    tables = {"note": Note, "contact": Contact, "sight": SightConfirmation, "task": Task}
    forms = {
        name: [str(form) for form in table.objects.values_list("form", flat=True)] for name, table in tables.items()
    }
    forms["kin"] = list(Kinship.objects.filter(source="staff").values_list("relative", flat=True))
    return forms


def _half() -> list[str]:
    wrong = []
    for one in all_guarded():
        for row in one.model._default_manager.all():
            last = Step.objects.filter(machine=one.machine.name, subject=row.pk).order_by("-number").first()
            # A revision counts more than steps: a further fact that joins what is due is seen by it too.
            if last is None or last.number > row.revision or last.target != getattr(row, one.column):
                wrong.append(f"{one.machine.name} {row.pk} stands elsewhere than its steps")
    for note in Note.objects.all():
        if not NoteVersion.objects.filter(note=note).exists():
            wrong.append(f"note {note.pk} has no words")
    if SearchText.objects.filter(kind=Kind.NOTE).count() != Note.objects.count():
        wrong.append("a note is not found by its words, or words are found of no note")
    return wrong + _apart_from_the_log()


def _apart_from_the_log() -> list[str]:
    """Rows without their entry, and entries without their row."""
    entered: dict[str, set[int]] = {}
    for body in Event.objects.values_list("body", flat=True):
        table, _, number = str(json.loads(body)["detail"].get("row", "")).partition(":")
        if number:
            entered.setdefault(table, set()).add(int(number))
    wrong = []
    for table, model in tables().items():
        rows = set(model._base_manager.values_list("pk", flat=True))
        if rows != entered.get(table, set()):
            wrong.append(f"{table}: {len(rows)} rows and {len(entered.get(table, set()))} entries")
    return wrong


if __name__ == "__main__":
    told = arrange(Path(sys.argv[2])) if sys.argv[1] == "arrange" else found()
    sys.stdout.write(json.dumps(told))
