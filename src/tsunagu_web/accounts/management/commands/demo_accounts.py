"""`demo-accounts`: one account per role, for a demonstration, each with an authenticator secret that is printed."""

from __future__ import annotations

import secrets
from argparse import ArgumentParser
from collections.abc import Mapping
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
from tsunagu_web.access.models import INTAKE_TEAM, teams_by_school
from tsunagu_web.access.reach import the_program
from tsunagu_web.access.table import DUTIES
from tsunagu_web.access.terms import Role, Scope
from tsunagu_web.accounts.models import Staff

ACCOUNTS = (
    ("worker", Role.LEAD_WORKER, "職員A", "こども家庭センター"),
    ("supervisor", Role.SUPERVISOR, "職員B", "こども家庭センター"),
    ("viceprincipal", Role.VICE_PRINCIPAL, "職員C", "学校"),
    ("auditor", Role.AUDITOR, "職員D", "監査委員事務局"),
    ("manager", Role.OVERALL_MANAGER, "職員E", "こども政策課"),
    ("analyst", Role.ANALYST, "職員F", "こども政策課"),
    ("socialworker", Role.SCHOOL_SOCIAL_WORKER, "職員G", "教育委員会"),
    ("nurse", Role.PUBLIC_HEALTH_NURSE, "職員H", "保健センター"),
    ("teacher", Role.CLASS_TEACHER, "職員I", "学校"),
    ("schoolnurse", Role.SCHOOL_NURSE, "職員J", "学校"),
    ("counsellor", Role.COUNSELLOR, "職員K", "学校"),
    ("guidance", Role.GUIDANCE_CENTRE_SUPERVISOR, "職員L", "児童相談所"),
    ("partner", Role.PARTNER, "職員M", "支援団体"),
    ("privacy", Role.PRIVACY_OFFICER, "職員N", "総務課"),
    ("dataofficer", Role.DATA_HOLDER, "職員O", "学務課"),
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
            keys = {Scope.SCHOOL: [school], Scope.CLASSROOM: _largest_classroom(school), Scope.TEAM: _teams(school)}
        with transaction.atomic():
            for login, role, name, department in ACCOUNTS:
                own = password or secrets.token_urlsafe(12)
                staff = _renew(login, own, name=name, role=role, department=department)
                _give_duties(staff, role, keys)
                self.stdout.write(f"{login}\t{own}\t{role.value}\t{_renew_secret(staff)}")


def _largest_school() -> str:
    """The school with most children on the list, among those that give attendance by the day where there are any, so
    that the class board has days to show; StateError before a run was taken in."""
    # By name: a room below may not import the children's own.
    children = apps.get_model("cases", "Child").objects.filter(is_listed=True).exclude(school="")
    by_day = apps.get_model("boards", "SchoolDay").objects.filter(has_attendance=True).values("school")
    if children.filter(school__in=by_day).exists():
        children = children.filter(school__in=by_day)
    largest = children.values_list("school").annotate(n=Count("pk")).order_by("-n", "school").first()
    if largest is None:
        raise StateError(
            "no child of a municipal school is on the list, so no school can be chosen",
            where="--school",
            to_do="Take in a run first, or name the school: --school CODE.",
        )
    return str(largest[0])


def _largest_classroom(school: str) -> list[str]:
    """The classroom of the school with most children on the list; none where no classroom is known."""
    children = apps.get_model("cases", "Child").objects.filter(is_listed=True, school=school).exclude(classroom="")
    return list(children.values_list("classroom", flat=True).annotate(n=Count("pk")).order_by("-n", "classroom")[:1])


def _teams(school: str) -> list[str]:
    """The intake team, and the team that answers for the school's children."""
    return list(dict.fromkeys([INTAKE_TEAM, teams_by_school().get(school, INTAKE_TEAM)]))


def _give_duties(staff: Staff, role: Role, keys: Mapping[Scope, list[str]]) -> None:
    """The teams to the centre's people, the school and the classroom to their own."""
    staff.duties.all().delete()
    for kind in DUTIES[role]:
        for key in keys[kind]:
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
