"""Households and kin: who belongs where and since when; nothing known is lost; a sibling out of reach stays hidden."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from builders import ATestPerson, a_child, a_household, an_id
from tsunagu_web.access.models import Conflict, Team
from tsunagu_web.access.terms import Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.cases.models import Child
from tsunagu_web.cases.queries import with_households
from tsunagu_web.people.models import Kind, Kinship, Membership, Person, Source, id_by_hand
from tsunagu_web.people.register import Kin, Member, kin_for_certain

AOI, HARU, SAKURA = an_id("例川 あおい"), an_id("例川 はる"), an_id("例川 さくら")
NEXT = dt.date(2026, 10, 31)


def a_family(**changes: object) -> tuple[ATestPerson, ...]:
    """Two noticed siblings in schools of their own, and their mother."""
    return a_household(
        a_child(),
        a_child("例川 はる", "レイカワ ハル", school="201", level="重点支援", **changes),  # type: ignore[arg-type]
    )


def known() -> set[tuple[str, str, dt.date | None, dt.date | None, bool]]:
    rows = Membership.objects.values_list("person_id", "household", "valid_from", "valid_to", "known_to")
    return {(person, house, since, until, known_to is None) for person, house, since, until, known_to in rows}


@pytest.mark.parametrize("role", [Role.VICE_PRINCIPAL, Role.SCHOOL_NURSE])
def test_who_may_not(role: str, intake: Callable[..., object], as_role: Callable[..., Client]) -> None:
    intake(*a_family())
    text = as_role(role).get(f"/children/{AOI}/").content.decode()
    assert "例川 さくら" not in text
    assert "例川 はる" not in text


def test_level_and_page_of_a_sibling_out_of_reach_are_hidden_and_it_is_said(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    """The lead worker of one team reads the household, and of the sibling of another team the name alone."""
    Team.objects.create(key="east", name="東", schools=["201"])
    intake(*a_family())
    assert Child.objects.get(pk=HARU).team == "east"
    answer = as_role().get(f"/children/{AOI}/")
    text = answer.content.decode()
    assert "例川 はる" in text
    assert f"/children/{HARU}/" not in text
    assert "重点支援" not in text
    assert "担当外のきょうだいの区分：権限により非表示" in text
    haru = next(m for m in answer.context["page"].household if m.person_id == HARU)
    assert (haru.has_page, haru.level) == (False, "")


def test_level_and_page_of_a_sibling_in_reach_are_shown(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(*a_family())
    text = as_role().get(f"/children/{AOI}/").content.decode()
    assert f"/children/{HARU}/" in text
    assert "重点支援" in text


def test_who_moves_belongs_to_both_households_each_in_its_time(intake: Callable[..., object]) -> None:
    intake(*a_family())
    moved = a_household(a_child(), household="41207")
    intake(*moved, a_child("例川 はる", "レイカワ ハル", household="7"), name="next", on=NEXT)
    assert {row for row in known() if row[0] == HARU} == {
        (HARU, "41207", None, None, False),
        (HARU, "41207", None, NEXT, True),
        (HARU, "7", NEXT, None, True),
    }
    assert with_households([HARU]) == {HARU, AOI, SAKURA}, "a former household counts as well"
    assert with_households([AOI]) == {HARU, AOI, SAKURA}


def test_who_is_no_longer_named_in_the_household_has_left_it(intake: Callable[..., object]) -> None:
    intake(*a_family())
    intake(a_child(), name="next", on=NEXT)
    assert {row for row in known() if row[0] == SAKURA} == {
        (SAKURA, "41207", None, None, False),
        (SAKURA, "41207", None, NEXT, True),
    }
    assert Person.objects.get(pk=SAKURA).name == "例川 さくら", "the person stays"


def test_a_household_the_run_does_not_speak_of_stays_as_it_was(intake: Callable[..., object]) -> None:
    intake(*a_family())
    before = known()
    intake(a_child("例田 ソラ", household="6"), name="next", on=NEXT)
    assert before <= known()
    intake(a_child(household=None), name="later", on=NEXT)  # type: ignore[arg-type]
    assert before <= known(), "an unknown household is not another one"


def test_a_household_known_from_a_member_of_staff_is_left_alone(
    intake: Callable[..., object], staff: Callable[..., Staff]
) -> None:
    intake(*a_family())
    by_hand = {"source": Source.STAFF, "entered_by": staff(), "known_from": timezone.localdate()}
    grandmother = Person.objects.create(person_id=id_by_hand(uuid.uuid4()), name="例川 うめ", **by_hand)
    for person in (grandmother.pk, HARU):
        Membership.objects.create(person_id=person, household="elsewhere", lives_there=False, **by_hand)
    intake(*a_family(), name="next", on=NEXT)
    assert with_households([AOI]) == {AOI, HARU, SAKURA}
    assert with_households([HARU]) == {AOI, HARU, SAKURA, grandmother.pk}


def test_a_conflict_blocks_those_of_a_former_household_too(
    intake: Callable[..., object], as_role: Callable[..., Client], staff: Callable[..., Staff]
) -> None:
    intake(*a_family())
    intake(a_child(), a_child("例川 はる", household="7"), name="next", on=NEXT)
    assert as_role().get(f"/children/{HARU}/").status_code == 200
    Conflict.objects.create(staff=staff(), person_id=AOI, kind="own_family", entered_at=timezone.now())
    assert as_role().get(f"/children/{HARU}/").status_code == 404


@pytest.mark.parametrize(
    ("relations", "found"),
    [
        (["世帯主", "子"], {("1", "0", "parent"), ("0", "1", "child")}),
        (["世帯主", "妻の子"], set()),
        (["世帯主", "妻"], set()),
        (["世帯主", "同居人"], set()),
        (["世帯主", "世帯主", "子"], set()),
        (["子", "子"], set()),
        (["世帯主", "母"], {("0", "1", "parent"), ("1", "0", "child")}),
        (["世帯主", "弟"], {("0", "1", "sibling"), ("1", "0", "sibling")}),
    ],
)
def test_the_register_tells_only_what_is_certain(relations: list[str], found: set[tuple[str, str, str]]) -> None:
    members = [Member(str(place), "1", relation) for place, relation in enumerate(relations)]
    assert kin_for_certain(members) == {Kin(*kin) for kin in found}


def test_children_of_one_head_are_siblings_and_no_others(intake: Callable[..., object]) -> None:
    intake(*a_family())
    rows = {(k.person_id, k.relative_id, k.kind) for k in Kinship.objects.filter(known_to=None)}
    assert rows == {
        (AOI, SAKURA, Kind.PARENT),
        (HARU, SAKURA, Kind.PARENT),
        (SAKURA, AOI, Kind.CHILD),
        (SAKURA, HARU, Kind.CHILD),
        (AOI, HARU, Kind.SIBLING),
        (HARU, AOI, Kind.SIBLING),
    }


def test_kin_stay_kin_when_somebody_moves_and_are_corrected_when_the_register_is(
    intake: Callable[..., object],
) -> None:
    intake(*a_family())
    before = Kinship.objects.filter(known_to=None).count()
    intake(*a_household(a_child()), a_child("例川 はる", household="7"), name="next", on=NEXT)
    assert Kinship.objects.filter(known_to=None).count() == before
    intake(*a_family(relation="妻の子"), name="later", on=NEXT)
    assert {k.relative_id for k in Kinship.objects.filter(known_to=None, person=HARU)} == set()
    assert Kinship.objects.filter(person=HARU).count() == 2, "what was thought before is kept"


def test_the_database_keeps_periods_and_kin_in_order(intake: Callable[..., object]) -> None:
    intake(*a_family())
    row = Membership.objects.get(person=AOI)
    day = dt.date(2026, 1, 1)
    for wrong in (
        {"valid_from": day, "valid_to": day - dt.timedelta(days=1)},
        {"known_to": row.known_from - dt.timedelta(days=1)},
        {"household": ""},
        {"source": "staff"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.filter(pk=row.pk).update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(person_id=AOI, household="41207", known_from=day)
    with pytest.raises(IntegrityError), transaction.atomic():
        Kinship.objects.filter(person=AOI).update(relative_id=AOI)
