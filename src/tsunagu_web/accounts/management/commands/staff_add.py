"""`staff-add`: registers a member of staff and prints a start password."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from tsunagu_web.access.terms import Role, Scope
from tsunagu_web.accounts.register import register, school_nobody_knows


class Command(BaseCommand):
    help = "Registers a member of staff: staff-add --login LOGIN --name NAME --role ROLE --department NAME"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--login", required=True, help="what the person types to sign in; it stays for good")
        parser.add_argument("--name", required=True)
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--department", required=True)
        parser.add_argument("--team", help="key of the team whose children the person answers for")
        parser.add_argument("--school", help="school code, for staff who answer for a school")
        parser.add_argument("--oidc-subject", default="", help="the person at the office's own identity provider")
        parser.add_argument("--classroom", help="school:grade:class, for a class teacher")

    def handle(self, *args: Any, **options: Any) -> None:
        asked = {name: options[name] for name in ("login", "name", "role", "department")}
        duties = {kind: options[kind] for kind in (Scope.TEAM, Scope.SCHOOL, Scope.CLASSROOM) if options[kind]}
        self.stdout.write(f"start password: {register(**asked, duties=duties, subject=options['oidc_subject'])}")
        school, known = school_nobody_knows(duties)
        if school:
            self.stderr.write(
                f"The desk knows no school {school} so far: this person sees no child until a run or a team names it. "
                f"Known schools: {', '.join(known) or 'none yet'}. If the code is wrong, close the login with "
                "staff-close, and register under another."
            )
        self.stdout.write("It is good for 72 hours, and only until another is chosen. Hand it over in person.")
