"""Who may do what: role x thing x action, with scope, label, states and purposes. Every page, list, count and field
asks here.

A cell that is not written means no. Changing a cell changes what may be known by whom: it needs a decision record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """The duties the desk knows: the fourteen of the casework design, and four of schools that later pages need."""

    OVERALL_MANAGER = "overall_manager", _("Overall manager")
    DATA_HOLDER = "data_holder", _("Data holder")
    ANALYST = "analyst", _("Analyst")
    LEAD_WORKER = "lead_worker", _("Lead worker")
    SUPERVISOR = "supervisor", _("Supervisor")
    SCHOOL_SOCIAL_WORKER = "school_social_worker", _("School social worker")
    PUBLIC_HEALTH_NURSE = "public_health_nurse", _("Public-health nurse")
    VICE_PRINCIPAL = "vice_principal", _("Vice-principal")
    GUIDANCE_CENTRE_SUPERVISOR = "guidance_centre_supervisor", _("Guidance centre supervisor")
    PARTNER = "partner", _("Support organisation")
    AUDITOR = "auditor", _("Auditor")
    PRIVACY_OFFICER = "privacy_officer", _("Privacy officer")
    SYSTEM_ADMINISTRATOR = "system_administrator", _("System administrator")
    FAMILY = "family", _("Child or guardian")
    CLASS_TEACHER = "class_teacher", _("Class teacher")
    SCHOOL_NURSE = "school_nurse", _("School nurse")
    COUNSELLOR = "counsellor", _("School counsellor")
    PUPIL = "pupil", _("Pupil")


class Purpose(TextChoices):
    """What somebody is here for; picked after sign-in, recorded with each look."""

    EARLY_SUPPORT = "early_support", _("Checking who was noticed")
    CASE_SUPPORT = "case_support", _("Supporting a case")
    SCHOOL_WATCH = "school_watch", _("Watching over pupils")
    PROTECTION = "protection", _("Guidance centre's help and protection")
    OVERSIGHT = "oversight", _("Overall management")
    ANALYSIS = "analysis", _("Analysis and evaluation")
    DATA_CARE = "data_care", _("Care of held data")
    AUDIT = "audit", _("Auditing who looked at what")
    PRIVACY = "privacy", _("Protection of personal information")
    OPERATION = "operation", _("Running the system")
    OWN_RECORD = "own_record", _("One's own record")


class LegalBasis(TextChoices):
    """On what ground of the Act on the Protection of Personal Information something is used or handed over."""

    WITHIN_PURPOSE = "within_purpose", _("Within the purpose it is held for")
    PURPOSE_CHANGE = "purpose_change_61_3", _("Purpose changed within what can be expected (Art. 61-3)")
    LAW = "law_69_1", _("Required or allowed by law (Art. 69-1)")
    CONSENT = "consent_69_2_1", _("Consent (Art. 69-2-1)")
    INTERNAL = "internal_69_2_2", _("Use within the same organ for its duties (Art. 69-2-2)")
    OTHER_ORGAN = "other_organ_69_2_3", _("Handing to another public organ for its duties (Art. 69-2-3)")
    SPECIAL = "special_69_2_4", _("Plainly in the person's interest, or another special reason (Art. 69-2-4)")


class Thing(StrEnum):
    """What is protected. A reason, a missing item and a fact are split by the domain their source belongs to."""

    WORKLIST = "worklist"
    CHILD = "child"
    NAME = "name"  # names, reading and birth date; without it the page speaks of a child by its id
    WATCH = "watch"  # what to watch at school, in place of the reason
    REASON_EDUCATION = "reason.education"
    REASON_WELFARE = "reason.welfare"
    REASON_TAX = "reason.tax"
    REASON_HEALTH = "reason.health"
    REASON_REGISTER = "reason.register"
    FACT_EDUCATION = "fact.education"
    FACT_WELFARE = "fact.welfare"
    FACT_TAX = "fact.tax"
    FACT_HEALTH = "fact.health"
    FACT_REGISTER = "fact.register"
    HOUSEHOLD = "household"
    KINSHIP = "kinship"
    HISTORY = "history"  # what a field held before, and what was known on a day
    JUDGMENT = "judgment"  # the single judgments behind the overall level
    DECISION = "decision"
    DECISION_OVERVIEW = "decision_overview"
    CASE = "case"
    NOTE = "note"
    ATTACHMENT = "attachment"
    ASSESSMENT = "assessment"  # always sensitive
    ASSESSMENT_OVERVIEW = "assessment_overview"  # how often conclusions differ from the machine's level, and why
    PLAN = "plan"  # the support plan, with what child and guardian said of it
    OUTREACH = "outreach"  # attempts to reach the family, and how it may be contacted
    SIGHT = "sight"  # who of an office saw the child, when, and how the child was
    REASSESSMENT = "reassessment"
    ADDRESS = "address"
    SUPPRESSED_ADDRESS = "suppressed_address"
    LOOKS = "looks"  # who looked at this child
    GRANT = "grant"  # access given to one person, with an end
    EMERGENCY = "emergency"  # access taken in an emergency, reviewed afterwards
    CONFLICT = "conflict"  # own family and close colleagues
    ACCESS_CHECK = "access_check"  # what can this person see, and why
    ACCESS_LOG = "access_log"
    SEARCH_WORDS = "search_words"
    ACCOUNT = "account"  # one's own session, factors and devices
    LINK_REVIEW = "link_review"  # doubtful pairs of records, and what was decided about them
    LEVEL = "level"  # the overall level, and every order, filter or count that would tell it
    TASK = "task"  # what somebody is to do for a child
    CONFERENCE = "conference"  # agenda and minutes
    LEDGER = "ledger"  # the progress ledger of open cases
    REFERRAL = "referral"  # what is handed to another office or colleague, with its answer


class Action(StrEnum):
    VIEW = "view"
    SEARCH = "search"
    EXPORT = "export"
    DECIDE = "decide"
    EDIT = "edit"
    ASSIGN = "assign"
    REQUEST = "request"
    APPROVE = "approve"
    REVIEW = "review"
    VERIFY = "verify"
    USE = "use"  # one's own account: pick a purpose, change the language, sign out
    REPLY = "reply"  # to what was sent to oneself: read it, accept, decline, answer, report it done


class Scope(StrEnum):
    """Which rows. Every scope but OWN and ADDRESSED also holds the children granted to the viewer for the purpose."""

    NONE = "none"
    OWN = "own"  # the viewer's own record, or that of the own child
    GRANTED = "granted"  # only what was granted: a referral, a conference, an emergency
    CLASSROOM = "classroom"
    SCHOOL = "school"
    TEAM = "team"
    CITY = "city"
    ADDRESSED = "addressed"  # the piece that was sent to this very person, and nothing else of the child


class Label(IntEnum):
    """How confidential a fact, note or attachment is (取扱区分)."""

    GENERAL = 0
    INTERNAL = 1
    SENSITIVE = 2
    SEALED = 3


class CaseState(TextChoices):
    """Where the work with a child stands; NOTICED: no case yet."""

    NOTICED = "noticed", _("Noticed")
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")
    TRANSFERRED = "transferred", _("Transferred")


class Form(StrEnum):
    """How a thing is shown: as it is, in words without values, under a pseudonym, or as a count only.

    A page that does not name a form gets the rows of FULL alone: what it cannot mask, it is never given.
    """

    FULL = "full"
    WORDS = "words"
    PSEUDONYM = "pseudonym"
    COUNT = "count"


DOMAINS = ("education", "welfare", "tax", "health", "register")
ALL_STATES = frozenset(CaseState)
UNDER_WAY = frozenset({CaseState.NOTICED, CaseState.OPEN})
WITH_CASE = frozenset({CaseState.OPEN, CaseState.CLOSED})
ONLY_OPEN = frozenset({CaseState.OPEN})


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
        *_RECEIVES,
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

TABLE: Mapping[Role, tuple[Permit, ...]] = {
    # Counts of everything, names of nobody; a child only in an emergency, which is reviewed.
    Role.OVERALL_MANAGER: (
        *_EVERYBODY,
        *_permits(Scope.CITY, [Purpose.OVERSIGHT], "decision_overview view", "link_review view", form=Form.COUNT),
        *_permits(Scope.GRANTED, [Purpose.OVERSIGHT], "child view", "name view", "case view", "note view"),
        *_permits(Scope.CITY, [Purpose.OVERSIGHT], "emergency request"),
        *_permits(Scope.CITY, [Purpose.OVERSIGHT], "access_check view"),
    ),
    # Holders keep their data at their own node; at the desk they have an account and nothing of a child.
    Role.DATA_HOLDER: _EVERYBODY,
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
        *_permits(Scope.CITY, [Purpose.ANALYSIS], "decision_overview view", form=Form.COUNT),
        # The one page on which an analyst reads names: two records of which nobody else can say whether they are one.
        *_permits(Scope.CITY, [Purpose.ANALYSIS], "link_review view decide export"),
    ),
    Role.LEAD_WORKER: (*_EVERYBODY, *_caseworker(Scope.TEAM)),
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
        *_permits(Scope.TEAM, _TRIAGE, "decision_overview view", "assessment_overview view"),
        # A label is raised by whoever writes, and lowered only here.
        *_permits(Scope.TEAM, [Purpose.EARLY_SUPPORT], *_APPROVES, label=Label.SENSITIVE, states=UNDER_WAY),
        *_permits(
            Scope.TEAM,
            [Purpose.CASE_SUPPORT],
            *_APPROVES,
            "plan approve",
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
            label=Label.SENSITIVE,
            states=frozenset({CaseState.TRANSFERRED}),
        ),
        *_permits(Scope.TEAM, _TRIAGE, "suppressed_address approve", label=Label.SEALED),
        *_permits(Scope.CITY, _TRIAGE, "emergency view review", "access_check view"),
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
        *_permits(Scope.CITY, [Purpose.PRIVACY], "access_log view verify", "conflict view edit", "access_check view"),
        *_permits(Scope.CITY, [Purpose.PRIVACY], "emergency view review", "grant view"),
        *_permits(Scope.CITY, [Purpose.PRIVACY], "suppressed_address approve", label=Label.SEALED),
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
        *_attends([Purpose.SCHOOL_WATCH]),
    ),
    # Visits to the infirmary belong to the school's records, which no domain splits further.
    Role.SCHOOL_NURSE: (
        *_EVERYBODY,
        *_RECEIVES,
        *_permits(Scope.SCHOOL, [Purpose.SCHOOL_WATCH], *_SCHOOL, _SCHOOL_RECORDS, _SCHOOL_SEES, states=UNDER_WAY),
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
    Role.LEAD_WORKER: _TRIAGE,
    Role.SUPERVISOR: _TRIAGE,
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
