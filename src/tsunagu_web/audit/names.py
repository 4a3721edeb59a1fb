"""What the log's codes are called on the auditor's page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from tsunagu.audit.verify import Fault

ACTIONS = {
    "view": _("Viewed"),
    "search": _("Searched"),
    "export": _("Exported"),
    "edit": _("Edited"),
    "decide": _("Decided"),
    "refused": _("Refused"),
    "log_in": _("Logged in"),
    "log_in_failed": _("Wrong password"),
    "log_out": _("Logged out"),
    "password_accepted": _("Right password"),
    "second_factor_accepted": _("Right second factor"),
    "second_factor_failed": _("Wrong second factor"),
    "factor_added": _("Set up a second factor"),
    "factor_removed": _("Removed a second factor"),
    "password_changed": _("Changed the password"),
    "device_revoked": _("Signed another browser out"),
    "session_expired": _("Session ended by itself"),
    "staff_added": _("Registered staff"),
    "staff_renewed": _("Renewed a sign-in"),
    "staff_closed": _("Closed a login"),
    "verify": _("Verified the log"),
    "pick_purpose": _("Picked a purpose"),
    "take_emergency_access": _("Took access in an emergency"),
    "review": _("Reviewed"),
    "give_access": _("Gave access"),
    "end_access": _("Ended access"),
    "enter_conflict": _("Entered a block"),
    "end_conflict": _("Ended a block"),
    "intake": _("Took in a run"),
    "open_case": _("Opened a case"),
    "assign_case": _("Assigned a case"),
    "request": _("Asked for"),
    "approve": _("Agreed"),
    "decline": _("Declined"),
    "release": _("Released"),
    "correct": _("Corrected a field"),
    "add_kin": _("Entered kin"),
    "change_kin": _("Changed kin"),
    "write_note": _("Wrote a note"),
    "edit_note": _("Changed a note"),
    "attach": _("Attached a file"),
    "relabel": _("Changed a label"),
    "assign": _("Assigned"),
    "use": _("Used"),
}

OBJECTS = {
    "worklist": _("List of children"),
    "child": _("Child's page"),
    "decision": _("Decision"),
    "decision_overview": _("Overview of decisions"),
    "access_log": _("Access log"),
    "account": _("Account"),
    "suppressed_address": _("Hidden address"),
    "run": _("Run folder"),
    "emergency": _("Access in an emergency"),
    "grant": _("Given access"),
    "conflict": _("Blocks"),
    "access_check": _("Check of access"),
    "case": _("Case"),
    "history": _("What was known when"),
    "search_words": _("Words searched for"),
    "kinship": _("Household and kin"),
    "note": _("Note"),
    "attachment": _("Attachment"),
    "looks": _("Who looked"),
}

DETAILS = {
    "shown": _("shown"),
    "found": _("found"),
    "asked": _("asked for"),
    "outcome": _("outcome"),
    "number": _("number"),
    "rows": _("rows"),
    "why": _("why"),
    "kind": _("kind"),
    "who": _("whom"),
    "role": _("role"),
    "run": _("run"),
    "children": _("children"),
    "newly_noticed": _("newly noticed"),
    "team": _("team"),
    "lead": _("lead worker"),
    "row": _("about"),
    "content": _("digest"),
    "head": _("head"),
    "signals": _("signals"),
    "request": _("number of the request"),
    "reason": _("reason"),
    "requested_by": _("asked for by"),
    "decided_by": _("decided by"),
    "field": _("field"),
    "words": _("sealed words"),
    "event": _("event"),
    "label": _("label"),
    "of": _("of"),
    "to": _("given to"),
    "for": _("for the purpose"),
    "basis": _("basis"),
    "until": _("until"),
    "hours": _("hours"),
    "grant": _("number of the access"),
    "form": _("form"),
}
ACTORS = {"system": _("The program"), "unknown": _("Unknown")}

KINDS = {
    "edited": _("It was edited."),
    "removed": _("It was removed."),
    "inserted": _("It was inserted later."),
    "reordered": _("It stands in another's place."),
    "truncated": _("It is gone from the end of the log."),
    "rewritten": _("It was rewritten, and the rows after it were made to fit."),
    "forked": _("The log was put back to an earlier state here, and went on from there."),
    "rolled_back": _("It is gone, and so are the heads that covered it."),
}
PARTS = {
    "row": _("Row of the log"),
    "head": _("Stored head about row"),
    "content": _("What the log speaks of in row"),
    "index": _("List of persons of row"),
}


def fault_words(fault: Fault) -> tuple[str, str, str]:
    """A fault in the words of the page: of what, which rows, what happened."""
    last = fault.row + fault.rows - 1
    rows = str(fault.row) if last == fault.row else f"{fault.row}-{last}"
    return str(PARTS[fault.of]), rows, str(KINDS[fault.kind])
