"""The words of the table: roles, purposes, what is protected, what may be done with it, and how far.

A new word needs its row in GLOSSARY.md and, where somebody may do something with it, its cells in `table.py`.
"""

from __future__ import annotations

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
    OFFERING = "offering", _("Offering support that may be unclaimed")
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
    ACCOUNT = "account"  # one's own session, factors, devices and reminders
    LINK_REVIEW = "link_review"  # doubtful pairs of records, and what was decided about them
    LEVEL = "level"  # the overall level, and every order, filter or count that would tell it
    TASK = "task"  # what somebody is to do for a child
    CONFERENCE = "conference"  # agenda and minutes
    LEDGER = "ledger"  # the progress ledger of open cases
    BOARD = "board"  # attendance, infirmary, tests and mood of every pupil of a school, noticed or not
    THRESHOLD = "threshold"  # from when on a school's boards mark something
    REPORT = "report"  # how the work stands, in numbers
    CRITERIA = "criteria"  # the sentences, their limits, drafts of the next version; of no child
    OFFER = "offer"  # support that a family may claim, of children noticed or not, and whether it was told of it
    TRANSFER = "transfer"  # a case that goes to another municipality, and what came from one
    REFERRAL = "referral"  # what is handed to another office or colleague, with its answer
    NOTIFICATION = "notification"  # that a child may be in danger: as it was told, and where the work on it stands
    URGENCY = "urgency"  # the sheet of urgency, people's own views of it, and what its rules come to
    INTAKE_MEETING = "intake_meeting"  # who decided together what becomes of a notification, and on what
    PROTECTION = "protection"  # a child under temporary protection, the child's own view of it, and its clocks
    NOTIFIER = "notifier"  # who told it: sealed, and opened once, by a second person or in an emergency


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
