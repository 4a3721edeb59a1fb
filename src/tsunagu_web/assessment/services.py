"""Writing drafts, assessments and conclusions: one transaction, one entry in the log, nothing over others unseen."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from tsunagu.casework.answers import Answers, as_text, check_answers
from tsunagu.casework.forms import Form, as_json
from tsunagu_web.access.policy import may
from tsunagu_web.access.terms import Action, CaseState, Label, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.assessment.machine import agree, level_of
from tsunagu_web.assessment.models import Assessment, Conclusion, Draft, FormVersion
from tsunagu_web.assessment.sheet import form_of
from tsunagu_web.audit.services import append
from tsunagu_web.cases.models import Case, Child, Run
from tsunagu_web.steps.once import require_same
from tsunagu_web.steps.services import ChangedMeanwhile, may_take, take


class Incomplete(Exception):
    """The answers lack something; nothing was recorded."""


@dataclass(frozen=True)
class Given:
    """What somebody has filled in.

    seen   how many assessments of the child the page knew
    draft  the revision of the draft the page showed; 0 where there was none
    form   the page's own mark: the same page sent again gives the assessment it made first
    """

    answers: Answers
    own_judgment: str
    own_grounds: str
    seen: int
    draft: int
    form: uuid.UUID


@dataclass(frozen=True)
class Wish:
    """What somebody concludes. seen: the seal of the run whose level the page showed."""

    level: str
    override_reason: str
    note: str
    voice: str
    voice_note: str
    seen: str
    form: uuid.UUID


def begin(child: Child, viewer: Viewer, form: Form) -> Draft:
    """An empty draft of this form; the one that lies there, where there is one. From now on the writer is judging."""
    _require(viewer, child)
    with transaction.atomic():
        version = _version_of(form, viewer)
        empty = {"form_version": version, "answers": as_text({}), "at": timezone.now()}
        draft, is_new = Draft.objects.get_or_create(child=child, by_id=viewer.staff_id, defaults=empty)
        if is_new:
            _log(viewer, child, "begin_assessment", form=version.form, version=version.version)
    return draft


def save_draft(child: Child, viewer: Viewer, version: FormVersion, given: Given) -> None:
    """Keeps what there is so far, complete or not. raises ChangedMeanwhile when another window saved since"""
    _require(viewer, child)
    with transaction.atomic():
        mine = _locked_drafts(viewer, child)
        _require_seen(mine, given.draft)
        said = {
            "form_version": version,
            "answers": as_text(given.answers),
            "own_judgment": given.own_judgment,
            "own_grounds": given.own_grounds,
            "revision": given.draft + 1,
            "at": timezone.now(),
        }
        mine.update_or_create(defaults=said, child=child, by_id=viewer.staff_id)
        _log(viewer, child, "save_draft", number=given.draft + 1)


def discard_draft(child: Child, viewer: Viewer, *, seen: int) -> None:
    """Takes the draft away without an assessment. raises ChangedMeanwhile when another window saved since"""
    _require(viewer, child)
    with transaction.atomic():
        mine = _locked_drafts(viewer, child)
        _require_seen(mine, seen)
        mine.delete()
        _log(viewer, child, "discard_draft", number=seen)


def record(child: Child, viewer: Viewer, version: FormVersion, given: Given) -> Assessment:
    """Records answers and own judgment, and takes the draft away.

    raises  Incomplete when an answer lacks something
            ChangedMeanwhile when somebody assessed the child since, or another window saved the draft
    """
    _require(viewer, child)
    if check_answers(form_of(version), given.answers) or not given.own_judgment or not given.own_grounds:
        raise Incomplete
    with transaction.atomic():
        # Whoever comes second waits here and then finds what the first one made.
        current = Child.objects.select_for_update(of=("self",)).select_related("case").get(pk=child.pk)
        made_before = Assessment.objects.filter(form=given.form, child=child, by_id=viewer.staff_id).first()
        if made_before is not None:
            own = {"own_judgment": given.own_judgment, "own_grounds": given.own_grounds}
            require_same(made_before, {**own, "answers": as_text(given.answers)})
            return made_before
        if Assessment.objects.filter(child=child).count() != given.seen:
            raise ChangedMeanwhile
        mine = _locked_drafts(viewer, child)
        _require_seen(mine, given.draft)
        mine.delete()
        is_open = current.case is not None and current.case.state == CaseState.OPEN
        assessment = Assessment.objects.create(
            child=child,
            case=current.case if is_open else None,
            number=given.seen + 1,
            form_version=version,
            answers=as_text(given.answers),
            own_judgment=given.own_judgment,
            own_grounds=given.own_grounds,
            form=given.form,
            by_id=viewer.staff_id,
            at=timezone.now(),
        )
        if assessment.case is not None:
            _move_on(assessment.case, viewer, "assess")
        _log(
            viewer,
            child,
            "record_assessment",
            content=assessment,
            number=assessment.number,
            outcome=assessment.own_judgment,
        )
    return assessment


def conclude(assessment: Assessment, viewer: Viewer, run: Run, wish: Wish) -> Conclusion:
    """Concludes an assessment beside the machine's level of this run.

    raises  Incomplete when it differs from the level or from the own judgment without a reason
            ChangedMeanwhile when it was concluded since, or another run has come
    """
    child = assessment.child
    _require(viewer, child)
    with transaction.atomic():
        current = Child.objects.select_for_update(of=("self",)).get(pk=child.pk)
        made = Conclusion.objects.filter(assessment=assessment).first()
        if made is not None and (made.form, made.by_id) == (wish.form, viewer.staff_id):
            require_same(made, {name: getattr(wish, name) for name in ("level", "note", "voice", "voice_note")})
            return made
        if made is not None or wish.seen != run.seal:
            raise ChangedMeanwhile
        agrees = agree(run.words, level_of(current), wish.level)
        if differs(agrees, assessment, wish.level) and not wish.override_reason:
            raise Incomplete
        conclusion = Conclusion.objects.create(
            assessment=assessment,
            level=wish.level,
            machine_level=level_of(current),
            run=run,
            agrees=agrees,
            override_reason=wish.override_reason if differs(agrees, assessment, wish.level) else "",
            note=wish.note,
            voice=wish.voice,
            voice_note=wish.voice_note,
            form=wish.form,
            by_id=viewer.staff_id,
            at=timezone.now(),
        )
        if assessment.case is not None:
            _move_on(assessment.case, viewer, "plan")
        detail = {"number": assessment.number, "outcome": wish.level, "reason": conclusion.override_reason or "none"}
        _log(viewer, child, "conclude_assessment", content=conclusion, **detail)
    return conclusion


def differs(agrees: bool, assessment: Assessment, level: str) -> bool:
    """Whether a conclusion needs a reason: it is not what the machine says, or not what was judged before."""
    return not agrees or level != assessment.own_judgment


def _move_on(case: Case, viewer: Viewer, step: str) -> None:
    """The case's next step, where it stands before it: later assessments of a case under way move nothing."""
    case.refresh_from_db()
    if step in may_take(case, viewer):
        take(case, viewer, step, seen=case.revision)


def _version_of(form: Form, viewer: Viewer) -> FormVersion:
    """The row of this form; made when the form is first used."""
    content = json.dumps(as_json(form), ensure_ascii=False, sort_keys=True)
    about = {"form": form.id, "version": form.version, "content": content, "first_used_at": timezone.now()}
    version, is_new = FormVersion.objects.get_or_create(sha256=form.sha256, defaults=about)
    if is_new:
        append(
            action="keep_form",
            object=Thing.ASSESSMENT.value,
            staff=viewer,
            purpose=viewer.purpose,
            detail={"form": form.id, "version": form.version},
            content=version,
        )
    return version


def _locked_drafts(viewer: Viewer, child: Child) -> QuerySet[Draft]:
    """This person's draft of the child, while no other window can write it."""
    Child.objects.select_for_update(of=("self",)).get(pk=child.pk)
    return Draft.objects.filter(child=child, by_id=viewer.staff_id)


def _require_seen(mine: QuerySet[Draft], seen: int) -> None:
    if (mine.values_list("revision", flat=True).first() or 0) != seen:
        raise ChangedMeanwhile


def _require(viewer: Viewer, child: Child) -> None:
    if not may(viewer, Thing.ASSESSMENT, Action.EDIT, child.subject(Label.SENSITIVE)):
        raise PermissionDenied


def _log(
    viewer: Viewer,
    child: Child,
    action: str,
    *,
    content: Assessment | Conclusion | None = None,
    **detail: str | int,
) -> None:
    append(
        action=action,
        object=Thing.ASSESSMENT.value,
        staff=viewer,
        purpose=viewer.purpose,
        persons=[child.pk],
        detail=detail,
        content=content,
    )
