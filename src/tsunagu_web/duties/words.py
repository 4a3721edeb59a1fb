"""Sentences of this room: why something cannot be done, and why somebody can or cannot see something."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tsunagu_web.access.terms import Label
from tsunagu_web.duties.services import NotPossible

_REFUSALS: dict[str, Promise] = {
    "own": _("Nobody does this for oneself. Ask a colleague with the same duty."),
    "purpose": _("This colleague's role does not have this purpose."),
    "reviewed": _("Somebody has reviewed it in the meantime. Nothing was changed."),
    "in_force": _("This block is already in force. Nothing was changed."),
    "blocked": _(
        "A block stands over this, and no grant opens it. Nothing was given. The privacy officer keeps the blocks."
    ),
    "not_to_them": _("This colleague can no longer be asked. Nothing was sent; choose somebody else."),
}

WHY: dict[str, Promise] = {
    "own": _("yes: one's own record"),
    "granted": _("yes: access was given"),
    "classroom": _("yes: own classroom"),
    "school": _("yes: own school"),
    "team": _("yes: own team"),
    "city": _("yes: the whole city"),
    "addressed": _("yes: sent to this person"),
    "not_in_the_table": _("no: the role may not"),
    "out_of_scope": _("no: not among the children of this duty"),
    "own_family_or_close_colleague": _("no: blocked as family or close colleague"),
    "analyst_supports_the_child": _("no: supports this child, and so does not analyse it"),
    "label_above": _("no: the label is above what the role reads"),
    "other_state": _("no: the case stands elsewhere"),
}

SCOPES: dict[str, Promise] = {
    "own": _("one's own record"),
    "granted": _("given access only"),
    "classroom": _("own classroom"),
    "school": _("own school"),
    "team": _("own team"),
    "city": _("the whole city"),
    "addressed": _("what was sent to oneself"),
}


_BLOCK = _("The block is in force and recorded.")
_BLOCK_ON_NOBODY = _(
    "Recorded. Nobody you may know of has this number: please check it. The block holds as soon as somebody has it."
)


def refusal(error: NotPossible) -> str:
    return str(_REFUSALS[str(error)])


def block_entered(*, is_known: bool) -> str:
    """What is said after a block was entered; a number that nobody has may be mistyped, and the block is kept."""
    return str(_BLOCK if is_known else _BLOCK_ON_NOBODY)


THINGS: dict[str, Promise] = {
    "worklist": _("List of children"),
    "child": _("Child's page"),
    "name": _("Name and birth date"),
    "watch": _("What to watch"),
    "reason.education": _("Reasons: school"),
    "reason.welfare": _("Reasons: welfare"),
    "reason.tax": _("Reasons: tax"),
    "reason.health": _("Reasons: health"),
    "reason.register": _("Reasons: residents' register"),
    "fact.education": _("Facts: school"),
    "fact.welfare": _("Facts: welfare"),
    "fact.tax": _("Facts: tax"),
    "fact.health": _("Facts: health"),
    "fact.register": _("Facts: residents' register"),
    "household": _("Household"),
    "kinship": _("Kinship"),
    "history": _("History of a record"),
    "judgment": _("Single judgments"),
    "decision": _("Decision"),
    "decision_overview": _("Overview of decisions"),
    "case": _("Case"),
    "note": _("Notes"),
    "attachment": _("Attachments"),
    "assessment": _("Assessment"),
    "assessment_overview": _("Conclusions beside the machine's level"),
    "outreach": _("Contact with the family"),
    "sight": _("Sight confirmation"),
    "reassessment": _("Re-assessment"),
    "address": _("Address"),
    "suppressed_address": _("Protected address"),
    "looks": _("Who looked at this child"),
    "grant": _("Given access"),
    "emergency": _("Access in an emergency"),
    "conflict": _("Blocks"),
    "access_check": _("Check of access"),
    "access_log": _("Access log"),
    "search_words": _("Words searched for"),
    "account": _("Account"),
    "level": _("Level"),
    "task": _("Tasks"),
    "conference": _("Conferences"),
    "ledger": _("Progress ledger"),
    "referral": _("Referral"),
    "notification": _("Notification"),
    "notifier": _("Who notified"),
    "urgency": _("Urgency"),
    "intake_meeting": _("Intake meeting"),
    "protection": _("Temporary protection"),
    "transfer": _("Hand-over to another municipality"),
    "report": _("How the work stands"),
    "criteria": _("Criteria"),
    "link_review": _("Link review"),
    "board": _("School board"),
    "offer": _("Support to offer"),
    "threshold": _("Thresholds of the school boards"),
    "plan": _("Support plan"),
}

ACTIONS: dict[str, Promise] = {
    "view": _("view"),
    "search": _("search"),
    "export": _("export"),
    "decide": _("decide"),
    "edit": _("write"),
    "assign": _("assign"),
    "request": _("request"),
    "approve": _("approve"),
    "review": _("review"),
    "verify": _("verify"),
    "use": _("use"),
    "reply": _("answer"),
}

LABELS: dict[Label, Promise] = {
    Label.GENERAL: _("general"),
    Label.INTERNAL: _("internal"),
    Label.SENSITIVE: _("sensitive"),
    Label.SEALED: _("sealed"),
}
