"""Writing: a draft with its report, and what somebody says of it. One transaction, one entry in the log."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from tsunagu.screening.rewrite import Rewritten, rewritten
from tsunagu_web.access.terms import Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.audit.services import append
from tsunagu_web.cases.models import Run
from tsunagu_web.criteria.models import Draft, Verdict
from tsunagu_web.criteria.page import Moved
from tsunagu_web.criteria.queries import Opened, Standing, may_say, standing_of
from tsunagu_web.criteria.report import report_of
from tsunagu_web.people.services import ChangedMeanwhile
from tsunagu_web.steps.once import require_same


@dataclass(frozen=True)
class Wish:
    """What the author asks for. moved: the limits that change; form: the form's own mark."""

    moved: Moved
    version: str
    effective: dt.date
    reason: str
    form: uuid.UUID


@dataclass(frozen=True)
class Prepared:
    """A draft before it is saved: the next file, and the report that would go with it."""

    written: Rewritten
    report: str


def prepared(opened: Opened, run: Run, moved: Moved, *, version: str, effective: dt.date) -> Prepared:
    """The next version and what it would change, counted on the run; CriterionError where there can be none."""
    written = rewritten(opened.carrying, moved, version=version, effective=effective)
    plan = opened.trial.plan(written.criteria, moved, run.on)
    report = report_of(plan, opened.criteria, moved, written.cases, run=run.seal, on=run.on)
    return Prepared(written, report)


def save_draft(viewer: Viewer, opened: Opened, run: Run, wish: Wish) -> Draft:
    """Keeps the draft with its report; the same form again gives the draft it made first.

    raises  CriterionError where the criteria would have a mistake
    """
    made = prepared(opened, run, wish.moved, version=wish.version, effective=wish.effective)
    said = {"version": wish.version, "effective": wish.effective, "reason": wish.reason, "text": made.written.text}
    with transaction.atomic():
        again = Draft.objects.filter(form=wish.form, by=viewer.staff_id).first()
        if again is not None:
            require_same(again, said)
            return again
        draft = Draft.objects.create(
            name=opened.criteria.id,
            base=opened.criteria.version,
            file=str(opened.carrying["file"]),
            sha256=sha256(made.written.text),
            report=made.report,
            report_sha256=sha256(made.report),
            run=run.seal,
            on=run.on,
            form=wish.form,
            by_id=viewer.staff_id,
            by_as=viewer.role,
            at=timezone.now(),
            **said,
        )
        _record("save_draft", viewer, draft, draft)
    return draft


def say(viewer: Viewer, standing: Standing, *, agrees: bool, reason: str, report: str, form: uuid.UUID) -> Verdict:
    """Approves or refuses a draft whose report was read; the same form again gives what it said first.

    report  hash of the report that the page showed
    raises  ChangedMeanwhile when this person may say nothing of it any more
    """
    draft = standing.draft
    try:
        with transaction.atomic():
            locked = Draft.objects.select_for_update().get(pk=draft.pk)
            again = Verdict.objects.filter(form=form, draft=draft, by=viewer.staff_id).first()
            if again is not None:
                require_same(again, {"agrees": agrees, "reason": reason})
                return again
            now = standing_of(locked, None)
            is_open = standing.state == "waiting" and may_say(viewer, now)
            if not is_open or report != draft.report_sha256:
                raise ChangedMeanwhile
            made = Verdict.objects.create(
                draft=draft,
                agrees=agrees,
                reason=reason,
                report_sha256=report,
                form=form,
                by_id=viewer.staff_id,
                by_as=viewer.role,
                at=timezone.now(),
            )
            _record("approve" if agrees else "decline", viewer, draft, made)
    except IntegrityError as error:  # somebody else at the same moment
        raise ChangedMeanwhile from error
    return made


def sha256(text: str) -> str:
    """The hash of a text's bytes in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def _record(action: str, viewer: Viewer, draft: Draft, row: Draft | Verdict) -> None:
    append(
        action=action,
        object=Thing.CRITERIA.value,
        staff=viewer,
        purpose=viewer.purpose,
        detail={"number": draft.pk, "version": draft.version},
        content=row,
    )
