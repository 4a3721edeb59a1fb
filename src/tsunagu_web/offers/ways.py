"""How a family may be told without harm, asked anew each time; a way that is closed does not tell what closes it.

A protected or shared address, an address nobody knows, and a family that does not want letters look the same here:
whoever offers support need not know which, and would learn of a danger by it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, Q, Subquery

from tsunagu_web.access.reach import the_program
from tsunagu_web.access.terms import CaseState
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.addresses.queries import Hidden, address_now
from tsunagu_web.cases.models import Child
from tsunagu_web.offers.models import Way
from tsunagu_web.outreach.models import Answer, ContactRule
from tsunagu_web.people.models import Membership


class WayClosed(Exception):
    """The family may not be told in this way; nothing was written."""


@dataclass(frozen=True)
class Ways:
    """What is open for a family at this moment.

    open     the ways that may be planned
    address  "" where none may be shown, whatever the reason
    lead     the lead worker of an open case of the household, where the viewer's own team has the case; else ""
    ask      the viewer's own team has written how this family may be contacted, which is read first
    """

    open: frozenset[str]
    address: str = ""
    lead: str = ""
    ask: bool = False

    def require(self, way: str) -> None:
        """Raises WayClosed."""
        if way not in self.open:
            raise WayClosed


def ways_of(viewer: Viewer, family: str, children: Sequence[str], *, letter: bool) -> Ways:
    """children: those of the family who may be offered something; letter: whether the run found that one may go.

    The rules of contact of everybody noticed in the household hold, whoever reads them: they protect the family.
    """
    rules = _rules(family, children)
    # Children of one household share its protection and its address: one of them answers for all.
    found_at = address_now(children[0])
    address = "" if isinstance(found_at, Hidden) else found_at.address
    mine = [rule for rule in rules if rule.team in viewer.teams and rule.person_id not in viewer.blocked]
    leads = [rule.lead for rule in mine if rule.lead]
    found = {Way.IN_PERSON.value}
    if address:
        found.add(Way.VISIT)
        if letter and all(rule.allows_letter for rule in rules):
            found.add(Way.LETTER)
    if all(rule.phone != Answer.NO for rule in rules):
        found.add(Way.PHONE)
    if leads:
        found.add(Way.LEAD)
    return Ways(frozenset(found), address, leads[0] if leads else "", any(rule.is_written for rule in mine))


@dataclass(frozen=True)
class _Rule:
    """What holds for one noticed child of the household. letter, phone: "" where nobody has written rules."""

    person_id: str
    team: str
    has_case: bool
    lead: str
    letter: str
    phone: str

    @property
    def is_written(self) -> bool:
        return bool(self.letter)

    @property
    def allows_letter(self) -> bool:
        """With a case or with rules a letter goes only where somebody said that it may (outreach/attempts.py); of a
        family that nobody has spoken with, the address alone decides."""
        return self.letter == Answer.YES or not (self.is_written or self.has_case)


def _rules(family: str, children: Collection[str]) -> list[_Rule]:
    with the_program():
        latest = ContactRule.objects.filter(child=OuterRef("pk")).order_by("-number")
        lives_there = Membership.objects.filter(household=family, known_to__isnull=True, valid_to__isnull=True)
        kin = Q(pk__in=children) | Q(pk__in=lives_there.values("person_id"))
        rows = Child.objects.filter(kin).annotate(
            letter=Subquery(latest.values("letter")[:1]), phone=Subquery(latest.values("phone")[:1])
        )
        found = rows.values_list("pk", "team", "case_state", "case__lead__name", "letter", "phone")
        return [
            _Rule(
                pk, team, state != CaseState.NOTICED, lead if state == CaseState.OPEN else "", letter or "", phone or ""
            )
            for pk, team, state, lead, letter, phone in found
        ]
