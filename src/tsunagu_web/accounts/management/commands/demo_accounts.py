"""`demo-accounts`: one account per role, for a demonstration, each with an authenticator secret that is printed."""

from __future__ import annotations

import secrets
from argparse import ArgumentParser
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from tsunagu.errors import StateError
from tsunagu_web.access.models import INTAKE_TEAM
from tsunagu_web.access.reach import the_program
from tsunagu_web.access.table import DUTIES, Role, Scope
from tsunagu_web.accounts.models import Staff

_ACCOUNTS = (
    ("worker", Role.LEAD_WORKER, "職員A", "こども家庭センター"),
    ("supervisor", Role.SUPERVISOR, "職員B", "こども家庭センター"),
    ("viceprincipal", Role.VICE_PRINCIPAL, "職員C", "学校"),
    ("auditor", Role.AUDITOR, "職員D", "監査委員事務局"),
)


class Command(BaseCommand):
    help = (
        "Makes one account per role for a demonstration: demo-accounts [--school CODE]. "
        "Each line it prints is login, password, role, secret of the authenticator app."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--school", help="school code of the vice-principal; left away, the one with most children")
        parser.add_argument("--password", help="one password for all; left away, each gets its own")

    def handle(self, *args: Any, school: str | None, password: str | None, **options: Any) -> None:
        if password is not None and len(password) < 12:
            raise StateError(
                "the password is shorter than 12 characters", where="--password", to_do="Choose a longer one."
            )
        call_command("migrate", verbosity=0, interactive=False)
        with the_program():
            school = school or _largest_school()
        with transaction.atomic():
            for login, role, name, department in _ACCOUNTS:
                own = password or secrets.token_urlsafe(12)
                staff = _renew(login, own, name=name, role=role, department=department)
                _give_duty(staff, role, school)
                self.stdout.write(f"{login}\t{own}\t{role.value}\t{_renew_secret(staff)}")


def _largest_school() -> str:
    """The school with most children on the list; StateError before a run was taken in."""
    # By name: a room below may not import the children's own.
    children = apps.get_model("cases", "Child").objects.filter(is_listed=True).exclude(school="")
    largest = children.values_list("school").annotate(n=Count("pk")).order_by("-n", "school").first()
    if largest is None:
        raise StateError(
            "no child of a municipal school is on the list, so no school can be chosen",
            where="--school",
            to_do="Take in a run first, or name the school: --school CODE.",
        )
    return str(largest[0])


def _give_duty(staff: Staff, role: Role, school: str) -> None:
    """The intake team to the centre's people, the school to its own."""
    kinds = DUTIES[role]
    kind, key = (Scope.SCHOOL, school) if Scope.SCHOOL in kinds else (Scope.TEAM, INTAKE_TEAM)
    staff.duties.all().delete()
    if kind in kinds:
        staff.duties.create(kind=kind, key=key, starts_on=timezone.localdate())


def _renew(login: str, password: str, **fields: str) -> Staff:
    """The account with this login, made or made new: a demonstration may be started twice."""
    staff = Staff.objects.filter(login=login).first()
    if staff is None:
        return Staff.objects.create(login=login, password=password, **fields)
    for name, value in fields.items():
        setattr(staff, name, value)
    staff.is_active = True
    staff.start_password_until = None
    staff.set_password(password)
    staff.save()
    return staff


def _renew_secret(staff: Staff) -> str:
    """A new secret for the authenticator app; whatever factors there were are gone, and so is a lock."""
    Authenticator.objects.filter(user=staff).delete()
    staff.failed_logins.all().delete()
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(staff, secret)
    return secret
