"""Who may do what: role x object x action, with the scope of rows. Every page, list, count and field asks here.

A cell that is not written means no. Changing a cell changes what may be known by whom: it needs a decision record.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """The duties the desk knows."""

    LEAD_WORKER = "lead_worker", _("Lead worker")
    SUPERVISOR = "supervisor", _("Supervisor")
    VICE_PRINCIPAL = "vice_principal", _("Vice-principal")
    AUDITOR = "auditor", _("Auditor")


class Thing(StrEnum):
    """What is protected. A reason, a missing item and a fact are split by the domain their source belongs to."""

    WORKLIST = "worklist"
    CHILD = "child"
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
    JUDGMENT = "judgment"  # the single judgments behind the overall level
    DECISION = "decision"
    DECISION_OVERVIEW = "decision_overview"
    ACCESS_LOG = "access_log"
    ACCOUNT = "account"  # one's own session


class Action(StrEnum):
    VIEW = "view"
    SEARCH = "search"
    DECIDE = "decide"
    VERIFY = "verify"
    LOG_OUT = "log_out"


class Scope(StrEnum):
    """Which rows: none, those of one's own school, or the whole city."""

    NONE = "none"
    OWN_SCHOOL = "own_school"
    CITY = "city"


DOMAINS = ("education", "welfare", "tax", "health", "register")

_CITY_READER: dict[tuple[Thing, Action], Scope] = {
    (Thing.WORKLIST, Action.VIEW): Scope.CITY,
    (Thing.WORKLIST, Action.SEARCH): Scope.CITY,
    (Thing.CHILD, Action.VIEW): Scope.CITY,
    **{(Thing(f"reason.{domain}"), Action.VIEW): Scope.CITY for domain in DOMAINS},
    **{(Thing(f"fact.{domain}"), Action.VIEW): Scope.CITY for domain in DOMAINS},
    (Thing.HOUSEHOLD, Action.VIEW): Scope.CITY,
    (Thing.JUDGMENT, Action.VIEW): Scope.CITY,
    (Thing.DECISION, Action.VIEW): Scope.CITY,
    (Thing.DECISION, Action.DECIDE): Scope.CITY,
}

TABLE: Mapping[Role, Mapping[tuple[Thing, Action], Scope]] = {
    Role.LEAD_WORKER: {**_CITY_READER, (Thing.ACCOUNT, Action.LOG_OUT): Scope.CITY},
    Role.SUPERVISOR: {
        **_CITY_READER,
        (Thing.DECISION_OVERVIEW, Action.VIEW): Scope.CITY,
        (Thing.ACCOUNT, Action.LOG_OUT): Scope.CITY,
    },
    # The school learns the level and what to watch. Welfare, tax and health never, and no reason by its value.
    Role.VICE_PRINCIPAL: {
        (Thing.WORKLIST, Action.VIEW): Scope.OWN_SCHOOL,
        (Thing.WORKLIST, Action.SEARCH): Scope.OWN_SCHOOL,
        (Thing.CHILD, Action.VIEW): Scope.OWN_SCHOOL,
        (Thing.WATCH, Action.VIEW): Scope.OWN_SCHOOL,
        (Thing.FACT_EDUCATION, Action.VIEW): Scope.OWN_SCHOOL,
        (Thing.ACCOUNT, Action.LOG_OUT): Scope.CITY,
    },
    Role.AUDITOR: {
        (Thing.ACCESS_LOG, Action.VIEW): Scope.CITY,
        (Thing.ACCESS_LOG, Action.VERIFY): Scope.CITY,
        (Thing.ACCOUNT, Action.LOG_OUT): Scope.CITY,
    },
}


def scope_of(role: str, thing: Thing, action: Action) -> Scope:
    """The rows a role may touch so; NONE for an unknown role and for every cell that is not written."""
    return TABLE.get(Role(role), {}).get((thing, action), Scope.NONE) if role in Role.values else Scope.NONE
