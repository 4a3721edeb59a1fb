"""The page of an agreement calls the roles of the desk as the desk itself does."""

from __future__ import annotations

from django.utils.translation import override

from tsunagu.cli.agreement_words import ROLES
from tsunagu_web.access.terms import Role


def test_the_roles_of_an_agreement_are_called_as_at_the_desk() -> None:
    with override("ja"):
        assert {role.value: str(role.label) for role in Role} == ROLES
