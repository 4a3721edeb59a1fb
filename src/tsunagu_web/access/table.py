"""Who may do what: role x thing x action, with scope, label, states and purposes. Every page, list, count and field
asks here.

A cell that is not written means no. Changing a cell changes what may be known by whom: it needs a decision record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tsunagu_web.access.terms import (
    ALL_STATES,
    DOMAINS,
    ONLY_OPEN,
    UNDER_WAY,
    WITH_CASE,
    Action,
    CaseState,
    Form,
    Label,
    Purpose,
    Role,
    Scope,
    Thing,
)


@dataclass(frozen=True)
class Permit:
    """One cell: what a role may do with a thing.

    purposes  the purposes under which it may; the viewer must have picked one of them
    label     the highest label that may be read so
    states    where the child's case may stand
    """

    thing: Thing
    action: Action
    scope: Scope
    purposes: frozenset[Purpose]
    label: Label = Label.INTERNAL
    states: frozenset[CaseState] = ALL_STATES
    form: Form = Form.FULL


def _permits(
    scope: Scope,
    purposes: Iterable[Purpose],
    *cells: str,
    label: Label = Label.INTERNAL,
    states: frozenset[CaseState] = ALL_STATES,
    form: Form = Form.FULL,
) -> tuple[Permit, ...]:
    """Cells written `thing action action`; `reason.*` and `fact.*` stand for every domain."""
    made = []
    for cell in cells:
        name, *actions = cell.split()
        things = [f"{name[:-1]}{domain}" for domain in DOMAINS] if name.endswith(".*") else [name]
        made += [
            Permit(Thing(thing), Action(action), scope, frozenset(purposes), label, states, form)
            for thing in things
            for action in actions
        ]
    return tuple(made)


_EVERYBODY = _permits(Scope.CITY, Purpose, "account use")
# Who may be sent a referral reads what was sent, wherever the case stands, and sees no more of the child by it.
_RECEIVES = _permits(Scope.ADDRESSED, Purpose, "referral reply", label=Label.SENSITIVE)

_TRIAGE = (Purpose.EARLY_SUPPORT, Purpose.CASE_SUPPORT)
_CASEWORK = (*_TRIAGE, Purpose.PROTECTION, Purpose.OFFERING)
_NOTIFIED_IN = UNDER_WAY | WITH_CASE
_SEES_A_CHILD = ("worklist view search", "child view", "name view", "household view")


def _caseworker(scope: Scope) -> tuple[Permit, ...]:
    """Lead worker and supervisor: all domains of the children of their teams, to the label SENSITIVE."""
    label = Label.SENSITIVE
    reads = (
        *_SEES_A_CHILD,
        "level view",
        "reason.* view",
        "fact.* view",
        "kinship view",
        "history view",
        "judgment view",
        "decision view",
        "note view",
        "attachment view",
        "assessment view",
        "outreach view",
        "sight view",
        "reassessment view",
        "address view",
        "looks view",
        "task view",
        "conference view",
    )
    writes = (
        "decision decide",
        "note edit",
        "attachment edit",
        "assessment edit",
        "kinship edit",
        "history edit",
        "task edit",
        "conference edit",
    )
    writes += ("outreach edit", "sight edit", "reassessment edit decide")
    return (
        *_permits(scope, [Purpose.EARLY_SUPPORT], *reads, label=label, states=UNDER_WAY),
        *_permits(scope, [Purpose.CASE_SUPPORT], *reads, "case view", "ledger view", label=label, states=WITH_CASE),
        *_permits(scope, [Purpose.CASE_SUPPORT], "plan view export", label=label, states=WITH_CASE),
        *_permits(scope, [Purpose.CASE_SUPPORT], "plan edit", label=label, states=ONLY_OPEN),
        *_permits(scope, [Purpose.EARLY_SUPPORT], *writes, label=label, states=UNDER_WAY),
        *_permits(scope, [Purpose.CASE_SUPPORT], *writes, "case edit", label=label, states=frozenset({CaseState.OPEN})),
        # Who checks a notice may open a case; working on it is another purpose.
        *_permits(scope, [Purpose.EARLY_SUPPORT], "case edit", label=label, states=frozenset({CaseState.NOTICED})),
        # That records of a child of theirs are in doubt, in words: the other record is somebody else's child.
        *_permits(scope, [Purpose.EARLY_SUPPORT], "link_review view", states=UNDER_WAY, form=Form.WORDS),
        *_permits(scope, [Purpose.CASE_SUPPORT], "link_review view", states=WITH_CASE, form=Form.WORDS),
        *_permits(scope, _TRIAGE, "suppressed_address request", label=Label.SEALED, states=UNDER_WAY),
        *_permits(Scope.CITY, _TRIAGE, "emergency request"),
        # To send is to decide that something leaves.
        *_permits(scope, [Purpose.EARLY_SUPPORT], "referral view edit decide", label=label, states=UNDER_WAY),
        *_permits(scope, [Purpose.CASE_SUPPORT], "referral view", label=label, states=WITH_CASE),
        *_permits(
            scope, [Purpose.CASE_SUPPORT], "referral edit decide", label=label, states=frozenset({CaseState.OPEN})
        ),
        # What goes to another municipality is prepared here and sent by a supervisor; how it ends is decided here.
        *_permits(scope, [Purpose.CASE_SUPPORT], "transfer view", label=label, states=WITH_CASE),
        *_permits(scope, [Purpose.CASE_SUPPORT], "transfer edit decide", label=label, states=ONLY_OPEN),
        # What another municipality hands over, of a child who is not at this desk yet: whom it names, and no others.
        *_permits(Scope.ADDRESSED, [Purpose.CASE_SUPPORT], "transfer reply", label=label),
        # Under this purpose nothing else of a child is open: no level, no reason of a notice, no case.
        *_permits(scope, [Purpose.OFFERING], "offer view edit export", label=label),
        *_first_response(scope),
        *_RECEIVES,
    )


def _first_response(scope: Scope) -> tuple[Permit, ...]:
    """Whoever takes a notification: who the child is, what was told, and that the child is safe; no level, no reason,
    no fact of a department. A notification comes whether the child's case is closed or there never was one."""
    label, purposes = Label.SENSITIVE, [Purpose.PROTECTION]
    return (
        *_permits(scope, purposes, *_SEES_A_CHILD, "sight view", "task view", label=label, states=_NOTIFIED_IN),
        *_permits(scope, purposes, "notification view edit decide export", label=label, states=_NOTIFIED_IN),
        *_permits(scope, purposes, "urgency view edit", label=label, states=_NOTIFIED_IN),
        *_permits(scope, purposes, "intake_meeting view edit", label=label, states=_NOTIFIED_IN),
        *_permits(scope, purposes, "protection view edit decide export", label=label, states=_NOTIFIED_IN),
        *_permits(scope, purposes, "sight edit", "task edit", label=label, states=UNDER_WAY),
        *_permits(scope, purposes, "notifier request", label=Label.SEALED, states=_NOTIFIED_IN),
        *_permits(Scope.CITY, purposes, "emergency request"),
    )


def _partner_of_the_centre(*domains: str) -> tuple[Permit, ...]:
    """School social worker and public-health nurse: values of their own domain, the other reasons in words only."""
    scope = Scope.SCHOOL if domains == ("education",) else Scope.TEAM
    own = tuple(f"{kind}.{domain} view" for kind in ("reason", "fact") for domain in domains)
    other = tuple(f"reason.{domain} view" for domain in DOMAINS if domain not in domains)
    sees = (*_SEES_A_CHILD, "level view", *own)
    return (
        *_permits(scope, _TRIAGE, *sees, label=Label.SENSITIVE, states=UNDER_WAY),
        *_permits(scope, _TRIAGE, *other, label=Label.SENSITIVE, states=UNDER_WAY, form=Form.WORDS),
        *_permits(scope, _TRIAGE, "decision view", "note view edit", "attachment view", states=UNDER_WAY),
        *_permits(scope, _TRIAGE, "assessment view", label=Label.SENSITIVE, states=UNDER_WAY),
        *_permits(scope, [Purpose.CASE_SUPPORT], "case view edit", "task view edit", "plan view", states=ONLY_OPEN),
        *_permits(scope, _TRIAGE, "outreach view edit", "sight view edit", states=UNDER_WAY),
        *_permits(Scope.CITY, _TRIAGE, "emergency request"),
        *_attends(_TRIAGE),
        # They prepare a referral; the centre sends it.
        *_permits(scope, _TRIAGE, "referral view edit", states=UNDER_WAY),
        *_RECEIVES,
    )


def _attends(purposes: Iterable[Purpose], states: frozenset[CaseState] = UNDER_WAY) -> tuple[Permit, ...]:
    """Whoever attends a conference sees the children of its agenda, and the minutes, while it is held."""
    return _permits(Scope.GRANTED, purposes, "conference view", label=Label.SENSITIVE, states=states)


# Reads the sentences and the reports of drafts, and is one of the two who approve the next version.
_DECIDES_CRITERIA = "criteria view approve"
_APPROVES = ("note approve", "attachment approve")

# The school learns the level and what to watch. Welfare, tax and health never, and no reason by its value.
_SCHOOL = (
    "worklist view search",
    "child view",
    "name view",
    "level view",
    "watch view",
)
_SCHOOL_RECORDS = "fact.education view"
# Who is with the child every day says so; what others saw, at home or elsewhere, is not for the school.
_SCHOOL_SEES = "sight edit"
# The school's own records of all its pupils, noticed or not: whoever is with them every day, and nobody else.
_BOARDS = ("board view", "threshold view")

TABLE: Mapping[Role, tuple[Permit, ...]] = {
    # Counts of everything, names of nobody; a child only in an emergency, which is reviewed.
    Role.OVERALL_MANAGER: (
        *_EVERYBODY,
        *_permits(Scope.CITY, [Purpose.OVERSIGHT], "decision_overview view", "link_review view", form=Form.COUNT),
        *_permits(Scope.CITY, [Purpose.OVERSIGHT], "report view", form=Form.COUNT),
        *_permits(Scope.GRANTED, [Purpose.OVERSIGHT], "child view", "name view", "case view", "note view"),
        *_permits(Scope.CITY, [Purpose.OVERSIGHT], "emergency request"),
        *_permits(Scope.CITY, [Purpose.OVERSIGHT], "access_check view", _DECIDES_CRITERIA),
    ),
    # Holders keep their data at their own node; at the desk they have an account and nothing of a child. Their data
    # officer takes approved criteria to the city's folder.
    Role.DATA_HOLDER: (*_EVERYBODY, *_permits(Scope.CITY, [Purpose.DATA_CARE], "criteria view export")),
    Role.ANALYST: (
        *_EVERYBODY,
        *_permits(
            Scope.CITY,
            [Purpose.ANALYSIS],
            "worklist view",
            "level view",
            "reason.* view",
            "judgment view",
            form=Form.PSEUDONYM,
        ),
        *_permits(Scope.CITY, [Purpose.ANALYSIS], "decision_overview view", "report view", form=Form.COUNT),
        # The one page on which an analyst reads names: two records of which nobody else can say whether they are one.
        *_permits(Scope.CITY, [Purpose.ANALYSIS], "link_review view decide export"),
        # Tries limits and writes the next version; who supports children does not, and who approves did not write.
        *_permits(Scope.CITY, [Purpose.ANALYSIS], "criteria view edit"),
    ),
    Role.LEAD_WORKER: (
        *_EVERYBODY,
        *_caseworker(Scope.TEAM),
        # Counted is whom this role may open under one of its purposes, so that the numbers do not change with it.
        *_permits(Scope.TEAM, _TRIAGE, "report view", states=UNDER_WAY | WITH_CASE),
    ),
    Role.SUPERVISOR: (
        *_EVERYBODY,
        *_caseworker(Scope.TEAM),
        *_permits(Scope.TEAM, [Purpose.EARLY_SUPPORT], "worklist export", label=Label.SENSITIVE, states=UNDER_WAY),
        *_permits(Scope.TEAM, [Purpose.CASE_SUPPORT], "worklist export", label=Label.SENSITIVE, states=WITH_CASE),
        # What is sealed (who notified) opens to nobody by duty: only by a grant, which somebody else gave or reviews.
        *_permits(
            Scope.GRANTED,
            [Purpose.CASE_SUPPORT],
            "note view",
            "attachment view",
            label=Label.SEALED,
            states=frozenset({CaseState.OPEN}),
        ),
        *_permits(Scope.TEAM, _TRIAGE, "decision_overview view", "assessment_overview view", "report view"),
        # A label is raised by whoever writes, and lowered only here.
        *_permits(Scope.TEAM, [Purpose.EARLY_SUPPORT], *_APPROVES, label=Label.SENSITIVE, states=UNDER_WAY),
        *_permits(
            Scope.TEAM,
            [Purpose.CASE_SUPPORT],
            *_APPROVES,
            "plan approve",
            "transfer approve",
            label=Label.SENSITIVE,
            states=frozenset({CaseState.OPEN}),
        ),
        *_permits(Scope.TEAM, [Purpose.EARLY_SUPPORT], "case assign", "grant view assign", states=UNDER_WAY),
        *_permits(Scope.TEAM, [Purpose.CASE_SUPPORT], "case assign", states=WITH_CASE),
        # The second of the two people who close a case, and the one who opens it again.
        *_permits(Scope.TEAM, [Purpose.CASE_SUPPORT], "case approve", states=WITH_CASE),
        # A grant can be ended after the case has gone elsewhere.
        *_permits(Scope.TEAM, [Purpose.CASE_SUPPORT], "grant view assign", states=WITH_CASE | {CaseState.TRANSFERRED}),
        *_permits(
            Scope.TEAM,
            [Purpose.CASE_SUPPORT],
            *_SEES_A_CHILD,
            "case view",
            "note view",
            "assessment view",
            "decision view",
            "transfer view",
            label=Label.SENSITIVE,
            states=frozenset({CaseState.TRANSFERRED}),
        ),
        *_permits(Scope.TEAM, _TRIAGE, "suppressed_address approve", label=Label.SEALED),
        *_permits(Scope.TEAM, [Purpose.PROTECTION], "notifier approve review", label=Label.SEALED, states=_NOTIFIED_IN),
        # The second of the two people behind what an intake meeting decided.
        *_permits(
            Scope.TEAM, [Purpose.PROTECTION], "intake_meeting approve", label=Label.SENSITIVE, states=_NOTIFIED_IN
        ),
        *_permits(Scope.CITY, _TRIAGE, "emergency view review", "access_check view", _DECIDES_CRITERIA),
    ),
    Role.SCHOOL_SOCIAL_WORKER: (*_EVERYBODY, *_partner_of_the_centre("education")),
    Role.PUBLIC_HEALTH_NURSE: (
        *_EVERYBODY,
        *_partner_of_the_centre("health"),
        *_permits(Scope.TEAM, _TRIAGE, "address view", states=UNDER_WAY),
    ),
    Role.VICE_PRINCIPAL: (
        *_EVERYBODY,
        *_RECEIVES,
        *_permits(Scope.SCHOOL, [Purpose.SCHOOL_WATCH], *_SCHOOL, _SCHOOL_RECORDS, _SCHOOL_SEES, states=UNDER_WAY),
        *_permits(Scope.SCHOOL, [Purpose.SCHOOL_WATCH], *_BOARDS, "threshold edit"),
        *_attends([Purpose.SCHOOL_WATCH]),
    ),
    # Only what was sent over, and from then on: facts and the case, never what the city's criteria made of them.
    Role.GUIDANCE_CENTRE_SUPERVISOR: (
        *_EVERYBODY,
        *_RECEIVES,
        *_permits(
            Scope.GRANTED,
            [Purpose.PROTECTION],
            *_SEES_A_CHILD,
            "fact.* view",
            "kinship view",
            "decision view",
            "case view",
            "note view",
            "attachment view",
            "assessment view",
            "outreach view",
            "sight view",
            "looks view",
            label=Label.SENSITIVE,
        ),
        *_permits(Scope.CITY, [Purpose.PROTECTION], "emergency request"),
        *_attends([Purpose.PROTECTION]),
    ),
    Role.PARTNER: (
        *_EVERYBODY,
        *_RECEIVES,
        *_permits(
            Scope.GRANTED,
            [Purpose.CASE_SUPPORT],
            "worklist view",
            "child view",
            "name view",
            label=Label.GENERAL,
            states=frozenset({CaseState.OPEN}),
        ),
        *_attends([Purpose.CASE_SUPPORT], frozenset({CaseState.OPEN})),
    ),
    Role.AUDITOR: (
        *_EVERYBODY,
        *_permits(Scope.CITY, [Purpose.AUDIT], "access_log view verify export", "search_words view"),
        *_permits(Scope.CITY, [Purpose.AUDIT], "emergency view", "access_check view"),
    ),
    Role.PRIVACY_OFFICER: (
        *_EVERYBODY,
        *_permits(
            Scope.CITY,
            [Purpose.PRIVACY],
            "worklist view",
            "child view",
            "level view",
            "looks view",
            "decision view",
            "link_review view",
            form=Form.PSEUDONYM,
        ),
        *_permits(Scope.CITY, [Purpose.PRIVACY], "report view", form=Form.COUNT),
        *_permits(Scope.CITY, [Purpose.PRIVACY], _DECIDES_CRITERIA),
        *_permits(Scope.CITY, [Purpose.PRIVACY], "access_log view verify", "conflict view edit", "access_check view"),
        *_permits(Scope.CITY, [Purpose.PRIVACY], "emergency view review", "grant view"),
        *_permits(Scope.CITY, [Purpose.PRIVACY], "suppressed_address approve", label=Label.SEALED),
        *_permits(Scope.CITY, [Purpose.PRIVACY], "notifier approve review", label=Label.SEALED),
    ),
    # Keeps the machines; reads nobody's record. Nor may anybody else through this account.
    Role.SYSTEM_ADMINISTRATOR: _EVERYBODY,
    Role.FAMILY: (
        *_EVERYBODY,
        *_permits(Scope.OWN, [Purpose.OWN_RECORD], "looks view", label=Label.GENERAL),
    ),
    Role.CLASS_TEACHER: (
        *_EVERYBODY,
        *_RECEIVES,
        *_permits(Scope.CLASSROOM, [Purpose.SCHOOL_WATCH], *_SCHOOL, _SCHOOL_RECORDS, _SCHOOL_SEES, states=UNDER_WAY),
        *_permits(Scope.CLASSROOM, [Purpose.SCHOOL_WATCH], *_BOARDS),
        *_attends([Purpose.SCHOOL_WATCH]),
    ),
    # Visits to the infirmary belong to the school's records, which no domain splits further.
    Role.SCHOOL_NURSE: (
        *_EVERYBODY,
        *_RECEIVES,
        *_permits(Scope.SCHOOL, [Purpose.SCHOOL_WATCH], *_SCHOOL, _SCHOOL_RECORDS, _SCHOOL_SEES, states=UNDER_WAY),
        *_permits(Scope.SCHOOL, [Purpose.SCHOOL_WATCH], *_BOARDS),
        *_attends([Purpose.SCHOOL_WATCH]),
    ),
    # A counsellor's work needs whom to watch and for what, not marks and unpaid fees.
    Role.COUNSELLOR: (
        *_EVERYBODY,
        *_RECEIVES,
        *_permits(Scope.SCHOOL, [Purpose.SCHOOL_WATCH], *_SCHOOL, states=UNDER_WAY),
        *_attends([Purpose.SCHOOL_WATCH]),
    ),
    Role.PUPIL: _EVERYBODY,
}

# Which purposes somebody of a role may pick; the first is offered first.
PURPOSES: Mapping[Role, tuple[Purpose, ...]] = {
    Role.OVERALL_MANAGER: (Purpose.OVERSIGHT,),
    Role.DATA_HOLDER: (Purpose.DATA_CARE,),
    Role.ANALYST: (Purpose.ANALYSIS,),
    Role.LEAD_WORKER: _CASEWORK,
    Role.SUPERVISOR: _CASEWORK,
    Role.SCHOOL_SOCIAL_WORKER: _TRIAGE,
    Role.PUBLIC_HEALTH_NURSE: _TRIAGE,
    Role.VICE_PRINCIPAL: (Purpose.SCHOOL_WATCH,),
    Role.GUIDANCE_CENTRE_SUPERVISOR: (Purpose.PROTECTION,),
    Role.PARTNER: (Purpose.CASE_SUPPORT,),
    Role.AUDITOR: (Purpose.AUDIT,),
    Role.PRIVACY_OFFICER: (Purpose.PRIVACY,),
    Role.SYSTEM_ADMINISTRATOR: (Purpose.OPERATION,),
    Role.FAMILY: (Purpose.OWN_RECORD,),
    Role.CLASS_TEACHER: (Purpose.SCHOOL_WATCH,),
    Role.SCHOOL_NURSE: (Purpose.SCHOOL_WATCH,),
    Role.COUNSELLOR: (Purpose.SCHOOL_WATCH,),
    Role.PUPIL: (Purpose.OWN_RECORD,),
}

# Purposes of a room that an office switches on (decision 0045): where it is off, these roles cannot pick them.
OF_A_ROOM: Mapping[tuple[Role, Purpose], str] = {
    (role, Purpose.PROTECTION): "guidance_centre" for role in (Role.LEAD_WORKER, Role.SUPERVISOR)
}

# Which duties a role can be given: a duty ties a person to the children of a team, a school or a classroom.
DUTIES: Mapping[Role, frozenset[Scope]] = {
    role: frozenset({p.scope for p in permits} & {Scope.TEAM, Scope.SCHOOL, Scope.CLASSROOM})
    for role, permits in TABLE.items()
}

NO_PURPOSE = ""


def permits_of(role: str, purpose: str, thing: Thing, action: Action, form: Form = Form.FULL) -> tuple[Permit, ...]:
    """The permits that give a role this act under a purpose; empty for an unknown role and every unwritten cell.

    Several permits of one cell differ in scope or states; a row is open when one of them opens it.
    """
    return _CELLS.get((role, purpose, thing, action, form), ())


_Cell = tuple[str, str, Thing, Action, Form]


def _index() -> dict[_Cell, tuple[Permit, ...]]:
    found: dict[_Cell, tuple[Permit, ...]] = {}
    for role, permits in TABLE.items():
        for permit in permits:
            # One's own account is open before a purpose is picked: that is where it is picked.
            always = {NO_PURPOSE} if permit.thing is Thing.ACCOUNT else set()
            for purpose in always | {str(p) for p in permit.purposes & set(PURPOSES[role])}:
                key = (role.value, purpose, permit.thing, permit.action, permit.form)
                found[key] = (*found.get(key, ()), permit)
    return found


_CELLS = _index()
