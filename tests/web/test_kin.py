"""Household and kin: relatives of a register and of none, with custody and contact; what was known before stays."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from counted import counted
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from builders import a_child, a_household, an_id
from tsunagu_web.access.terms import Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.models import Event
from tsunagu_web.people.models import Kinship, Person

AOI, SAKURA = an_id("例川 あおい"), an_id("例川 さくら")
PAGE = f"/children/{AOI}/kin/"
YES_NO = {"has_custody": "yes", "may_be_contacted": "no"}


def a_grandmother(**changes: object) -> dict[str, Any]:
    return {
        "relative": "",
        "name": "例本 うめ",
        "kana": "レイモト ウメ",
        "kind": "grandparent",
        **YES_NO,
        "form": str(uuid.uuid4()),
        **changes,
    }


def a_change(row: Kinship, **changes: str) -> dict[str, Any]:
    return {f"kin{row.pk}-{name}": value for name, value in {**YES_NO, **changes}.items()}


@pytest.mark.parametrize("role", [Role.VICE_PRINCIPAL, Role.SCHOOL_SOCIAL_WORKER, Role.AUDITOR])
def test_who_may_not(role: str, intake: Callable[..., object], as_role: Callable[..., Client]) -> None:
    intake(*a_household(a_child()))
    row = Kinship.objects.get(person=AOI)
    client = as_role(role)
    assert client.get(PAGE).status_code == 403
    assert client.post(f"{PAGE}add/", a_grandmother()).status_code == 403
    assert client.post(f"{PAGE}{row.pk}/change/", a_change(row)).status_code == 403
    assert Kinship.objects.count() == 2


def test_kin_of_no_register_are_entered_with_an_id_of_their_own_kind(
    intake: Callable[..., object], as_role: Callable[..., Client], staff: Callable[..., Staff]
) -> None:
    intake(*a_household(a_child()))
    assert as_role().post(f"{PAGE}add/", a_grandmother(valid_from="2016-05-12")).status_code == 302
    row = Kinship.objects.get(kind="grandparent")
    assert (row.person_id, row.has_custody, row.may_be_contacted, row.entered_by) == (AOI, "yes", "no", staff())
    assert (row.relative.name, row.relative.source, row.relative_id[0]) == ("例本 うめ", "staff", "H")
    entry = json.loads(Event.objects.get(action="add_kin").body)
    assert (entry["persons"], entry["detail"]) == ([AOI, row.relative_id], {"kind": "grandparent"})
    text = as_role().get(PAGE).content.decode()
    assert "例本 うめ" in text
    look = json.loads(Event.objects.order_by("number").last().body)  # type: ignore[union-attr]
    assert set(look["persons"]) == {AOI, SAKURA, row.relative_id}
    intake(*a_household(a_child()), name="next", on=dt.date(2026, 10, 31))
    assert Kinship.objects.filter(pk=row.pk, known_to=None).exists(), "a run leaves it alone"


def test_somebody_of_the_household_can_be_more_than_one_thing_but_none_twice(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(*a_household(a_child()))
    client = as_role()
    guardian = a_grandmother(relative=SAKURA, name="", kana="", kind="guardian")
    assert client.post(f"{PAGE}add/", guardian).status_code == 302
    again = client.post(f"{PAGE}add/", guardian)
    assert again.status_code == 409
    assert "すでに入力されています" in again.content.decode()
    assert Kinship.objects.filter(person=AOI).count() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"kana": "葵"},
        {"kind": "friend"},
        {"relative": an_id("nobody")},
        {"has_custody": "maybe"},
        {"birth_date": "x"},
    ],
)
def test_what_cannot_be_is_told_and_leaves_nothing(
    wrong: dict[str, str], intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(*a_household(a_child()))
    persons = Person.objects.count()
    assert as_role().post(f"{PAGE}add/", a_grandmother(**wrong)).status_code == 422
    assert (Person.objects.count(), Kinship.objects.count()) == (persons, 2)


def test_a_change_keeps_what_was_known_and_tells_who_was_slower(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(*a_household(a_child()))
    row = Kinship.objects.get(person=AOI)
    client = as_role()
    assert client.post(f"{PAGE}{row.pk}/change/", a_change(row)).status_code == 302
    rows = Kinship.objects.filter(person=AOI).order_by("pk")
    assert [(r.has_custody, r.known_to is None, r.source) for r in rows] == [
        ("unknown", False, "register"),
        ("yes", True, "staff"),
    ]
    late = as_role(Role.SUPERVISOR).post(f"{PAGE}{row.pk}/change/", a_change(row, has_custody="no"))
    assert late.status_code == 409
    assert "ほかの職員がこの続柄を変更しました" in late.content.decode()
    assert "親権: いいえ" in late.content.decode(), "what was chosen is shown"
    assert "親権: はい" in late.content.decode(), "and so is what holds now"
    assert Kinship.objects.filter(person=AOI).count() == 2


def test_kin_end_on_a_day_and_no_run_brings_them_back(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(*a_household(a_child()))
    row = Kinship.objects.get(person=AOI)
    assert as_role().post(f"{PAGE}{row.pk}/change/", a_change(row, valid_to="2126-01-01")).status_code == 422
    assert as_role().post(f"{PAGE}{row.pk}/change/", a_change(row, valid_to="2026-04-01")).status_code == 302
    assert Kinship.objects.get(person=AOI, known_to=None).valid_to == dt.date(2026, 4, 1)
    intake(*a_household(a_child()), name="next", on=dt.date(2026, 10, 31))
    assert Kinship.objects.get(person=AOI, known_to=None).valid_to == dt.date(2026, 4, 1)


def test_kin_of_another_child_are_not_reached_through_this_one(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(*a_household(a_child()))
    row = Kinship.objects.get(person=SAKURA)
    assert as_role().post(f"{PAGE}{row.pk}/change/", a_change(row)).status_code == 404


def test_the_page_needs_no_more_than_twelve_queries(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(*a_household(*[a_child(f"例{n}", "レイ", person_id=an_id(n)) for n in range(8)], a_child()))
    client = as_role()
    with CaptureQueriesContext(connection) as queries:
        assert client.get(PAGE).status_code == 200
    assert len(counted(queries)) <= 12
