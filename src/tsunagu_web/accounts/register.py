"""Registering staff, renewing their sign-in and closing it: by whoever runs the desk, with a command."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from tsunagu.errors import StateError
from tsunagu_web.access.models import Team
from tsunagu_web.access.table import DUTIES
from tsunagu_web.access.terms import Role, Scope
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.services import SYSTEM, append

_START_PASSWORD_LASTS = dt.timedelta(hours=72)


def register(
    *, login: str, name: str, role: str, department: str, duties: Mapping[Scope, str], subject: str = ""
) -> str:
    """A new member of staff; gives the start password, which opens only the page for choosing another.

    duties   the team, school or classroom whose children the person answers for, where the role has such a duty
    subject  how the office's own identity provider names the person, where there is one
    """
    _require_fitting(Role(role), duties)
    if Staff.objects.filter(login=login).exists():
        raise StateError(
            "this login is taken", where="--login", to_do="Choose another; a login stays with its person for good."
        )
    with transaction.atomic():
        password = _start_password()
        try:
            staff = Staff.objects.create(
                login=login,
                password=password,
                name=name,
                role=role,
                department=department,
                oidc_subject=subject or None,
                start_password_until=timezone.now() + _START_PASSWORD_LASTS,
            )
        except ValidationError as error:
            raise _not_accepted(error) from None
        for kind, key in duties.items():
            staff.duties.create(kind=kind, key=key, starts_on=timezone.localdate())
        append(action="staff_added", object="account", actor=SYSTEM, detail={"who": staff.actor, "role": role})
    return password


def school_nobody_knows(duties: Mapping[Scope, str]) -> tuple[str, list[str]]:
    """The school of these duties that neither a team nor the run in force names, or "", and the schools they name.

    Such a duty is no mistake yet: staff are registered before the first run brings their school.
    """
    school = duties.get(Scope.SCHOOL) or duties.get(Scope.CLASSROOM, "").partition(":")[0]
    words = apps.get_model("cases", "Run").objects.filter(is_current=True).values_list("words", flat=True).first()
    known = {code for team in Team.objects.all() for code in team.schools} | set((words or {}).get("schools", {}))
    return ("" if school in known else school), sorted(known)


def renew(login: str) -> str:
    """A new start password for somebody who lost password or factors: every factor goes, every session ends."""
    with transaction.atomic():
        staff = _known(login)
        append(action="staff_renewed", object="account", actor=SYSTEM, detail={"who": staff.actor})
        Authenticator.objects.filter(user=staff).delete()
        staff.sign_ins.all().delete()
        staff.failed_logins.all().delete()
        password = _start_password()
        staff.set_password(password)
        staff.is_active = True
        staff.start_password_until = timezone.now() + _START_PASSWORD_LASTS
        staff.save()
    return password


def close(login: str) -> None:
    """Closes the sign-in of somebody who left: sessions end at their next request; entries in the log keep the name."""
    with transaction.atomic():
        staff = _known(login)
        append(action="staff_closed", object="account", actor=SYSTEM, detail={"who": staff.actor})
        Authenticator.objects.filter(user=staff).delete()
        staff.is_active = False
        staff.set_unusable_password()
        staff.save()


def _known(login: str) -> Staff:
    staff = Staff.objects.select_for_update().filter(login=login).first()
    if staff is None:
        raise StateError("nobody has this login", where="LOGIN", to_do="Check how it is written; capitals count.")
    return staff


def _start_password() -> str:
    return secrets.token_urlsafe(12)


def _require_fitting(role: Role, duties: Mapping[Scope, str]) -> None:
    """StateError when a role that answers for somebody's children is given no duty, or one that it cannot have."""
    may_have = DUTIES[role]
    if not set(duties) <= may_have or (may_have and not duties):
        options = " or ".join(f"--{kind}" for kind in sorted(may_have)) or "none"
        raise StateError(
            f"the duty does not fit the role {role.value}",
            where="staff-add",
            to_do=f"This role takes: {options}.",
        )
    team = duties.get(Scope.TEAM)
    if team is not None and not Team.objects.filter(key=team).exists():
        known = ", ".join(Team.objects.order_by("key").values_list("key", flat=True))
        raise StateError("there is no such team", where="--team", to_do=f"The teams are: {known}.")


def _not_accepted(error: ValidationError) -> StateError:
    # The sentences of a validation may hold the value; the names of the fields hold none.
    return StateError(
        f"not accepted: {', '.join(sorted(error.error_dict))}",
        where="staff-add",
        to_do="Login, name and department have 1 to 60 characters; a subject belongs to one person.",
    )
