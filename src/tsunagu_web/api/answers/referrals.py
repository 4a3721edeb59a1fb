"""Answers about referrals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tsunagu_web.access.policy import may
from tsunagu_web.access.terms import Action, LegalBasis, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.accounts.models import Staff
from tsunagu_web.api.answers.parts import Json, not_shown, of_person, of_steps, without
from tsunagu_web.cases.models import Child, Run
from tsunagu_web.cases.who import who
from tsunagu_web.referrals.forms import STEPS
from tsunagu_web.referrals.leaving import choices_for, looks_like_a_place
from tsunagu_web.referrals.models import Referral
from tsunagu_web.referrals.queries import Ended, ShownLine, content_of, may_read_note, receivers, shown_lines
from tsunagu_web.referrals.services import BY_RECIPIENT, BY_SENDER
from tsunagu_web.steps.services import may_take, steps_of


def of_referrals(viewer: Viewer, child: Child, referrals: Iterable[Referral]) -> Json:
    return {"person": of_person(who(viewer, child)), "referrals": [_row(one) for one in referrals]}


def of_referral(viewer: Viewer, child: Child, run: Run, found: Referral) -> Json:
    content, about, taken = content_of(found), child.subject(), steps_of(found)
    is_draft = found.state == Referral.State.DRAFT
    may_send = is_draft and may(viewer, Thing.REFERRAL, Action.DECIDE, about)
    possible = [n for n in may_take(found, viewer, taken) if n in BY_SENDER]
    steps = [n for n in possible if may(viewer, Thing.REFERRAL, BY_SENDER[n], about)]
    own_words = f"{content.asked}\n{content.wish}\n{found.purpose}"
    reads_note = may_read_note(viewer, found, child)
    answer = {
        "person": of_person(who(viewer, child)),
        "purpose": found.purpose,
        "basis": found.basis,
        "basis_note": found.basis_note or None,
        "lines": [_shown(line) for line in shown_lines(viewer, child, run, content)],
        "print": content.print if may_send else None,
        "may_change": is_draft and reads_note and may(viewer, Thing.REFERRAL, Action.EDIT, about),
        "warns_of_place": is_draft and looks_like_a_place(own_words),
        "replies": _replies(found),
        "steps": of_steps(taken),
        "next": _next(steps),
    }
    return _row(found) | without(answer, {"basis_note": not reads_note})


def of_choices(viewer: Viewer, child: Child, run: Run) -> Json:
    by_role = receivers(viewer, child)
    return {
        "recipients": [
            {"role": role, "people": [{"staff_id": pk, "name": name} for pk, name in people]}
            for role, people in by_role
        ],
        "fields": [{"code": one.code, "name": str(one.name)} for one in choices_for(viewer, child, run)],
        "grounds": [{"code": code, "name": str(name)} for code, name in LegalBasis.choices],
    }


def of_received(referrals: Iterable[Referral]) -> Json:
    return {"referrals": [_received_row(one) for one in referrals]}


def of_one_received(viewer: Viewer, found: Referral) -> Json:
    steps = [n for n in may_take(found, viewer) if n in BY_RECIPIENT]
    is_open = found.grant is not None and found.grant.is_in_force
    return _received_row(found) | {
        "person_id": found.child_id if is_open else None,
        "open_until": found.open_until,
        "revision": found.revision,
        "lines": [
            {name: line[name] for name in ("label", "value", "source", "as_of")} for line in content_of(found).lines
        ],
        "replies": _replies(found),
        "next": _next(steps),
    }


def of_one_ended(over: Ended) -> Json:
    row = _received_row(over.referral)
    return {name: row[name] for name in row if name != "reply_until"} | {"ended_at": over.step.at}


def _row(found: Referral) -> Json:
    named = ("number", "state", "reply_until", "open_until", "sent_at", "revision")
    return {name: getattr(found, name) for name in named} | {"to": _staff(found.to)}


def _received_row(found: Referral) -> Json:
    assert found.sent_by is not None, "what was received was sent by somebody"
    sender = {"sent_by": _staff(found.sent_by), "department": found.sent_by.department}
    named = ("sent_at", "reply_until", "state")
    return {"number": found.pk} | sender | {name: getattr(found, name) for name in named}


def _shown(line: ShownLine) -> Json:
    if line.is_hidden:
        return ({"label": line.label} if line.label else {}) | {"hidden": [not_shown("value")]}
    return {"label": line.label, "value": line.value, "source": line.source, "as_of": line.as_of, "hidden": []}


def _replies(found: Referral) -> list[Json]:
    known = found.replies.select_related("by")
    return [{"number": one.number, "text": one.text, "by": one.by.name, "at": one.at} for one in known]


def _next(steps: Sequence[str]) -> list[Json]:
    return [{"step": name, "sentence": str(STEPS[name])} for name in steps]


def _staff(one: Staff) -> Json:
    return {"staff_id": one.pk, "name": one.name}
