"""Queries that are put into words once: they give what the ORM gives, whoever asks and however often."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.db.models import Q, QuerySet
from django.test.utils import CaptureQueriesContext

from tsunagu_web.access import written
from tsunagu_web.access.models import Duty
from tsunagu_web.access.terms import Role, Scope
from tsunagu_web.access.written import ask
from tsunagu_web.accounts.models import Staff

TODAY = dt.date(2026, 9, 30)


def by_keys(is_open: bool, staff: int, keys: list[str], day: dt.date) -> QuerySet[Duty]:
    rows = Duty.objects.select_related("staff").filter(staff=staff, key__in=keys, starts_on__lte=day)
    return (rows.filter(ends_on__isnull=True) if is_open else rows).order_by("pk")


def names(day: dt.date) -> QuerySet[Staff, tuple[str, int]]:
    return Staff.objects.filter(Q(duties__starts_on__lte=day)).values_list("name", "pk").order_by("pk")


def as_day_before(day: dt.date) -> QuerySet[Duty]:
    return Duty.objects.filter(starts_on__lte=day - dt.timedelta(days=1))


def by_its_kind(number: int) -> QuerySet[Duty]:
    return Duty.objects.filter(pk__gt=0) if number % 2 else Duty.objects.all()


def whoever_asks(number: int, key: str) -> QuerySet[Duty]:
    return Duty.objects.filter(key=key)


def nobody(staff: int) -> QuerySet[Duty]:
    return Duty.objects.filter(staff=staff).none()


@pytest.fixture
def two(desk: None) -> list[Staff]:
    made = [Staff.objects.create(login=n, name=f"職員{n}", role=Role.LEAD_WORKER) for n in ("one", "two")]
    for person in made:
        for key in ("a", "b", "c"):
            Duty.objects.create(staff=person, kind=Scope.TEAM, key=key, starts_on=TODAY)
    return made


def plain(row: Duty) -> tuple[object, ...]:
    return row.pk, row.key, row.starts_on, row.staff.name, row.staff.pk


@pytest.mark.parametrize("keys", [[], ["a"], ["b"], ["a", "c"], ["c", "zz"]])
@pytest.mark.parametrize("is_open", [True, False])
def test_it_gives_the_rows_of_the_orm(two: list[Staff], keys: list[str], is_open: bool) -> None:
    for person in two:
        for day in (TODAY, TODAY - dt.timedelta(days=1)):
            expected = [plain(row) for row in by_keys(is_open, person.pk, keys, day)]
            found = ask(by_keys, (is_open,), staff=person.pk, keys=keys, day=day)
            assert [plain(row) for row in found] == expected


def test_it_writes_once_for_a_shape_and_a_length(two: list[Staff]) -> None:
    for person in two:
        for keys in (["a"], ["b"], ["a", "b"], ["b", "c"]):
            ask(by_keys, (True,), staff=person.pk, keys=keys, day=TODAY)
    assert len(written._KEPT) == 2


def test_related_rows_come_in_the_same_journey(two: list[Staff]) -> None:
    with CaptureQueriesContext(connection) as asked:
        [row.staff.name for row in ask(by_keys, (True,), staff=two[0].pk, keys=["a", "b"], day=TODAY)]
    assert len(asked) == 1


def test_plain_columns_come_as_tuples(two: list[Staff]) -> None:
    assert ask(names, day=TODAY) == [(person.name, person.pk) for person in two for _ in range(3)]
    assert ask(names, day=TODAY - dt.timedelta(days=1)) == []


def test_a_value_that_is_changed_on_the_way_is_refused(two: list[Staff]) -> None:
    with pytest.raises(ValueError, match="as_day_before"):
        ask(as_day_before, day=TODAY)


def test_a_value_on_which_the_shape_hangs_is_refused(two: list[Staff]) -> None:
    with pytest.raises(ValueError, match="by_its_kind"):
        ask(by_its_kind, number=2)


def test_a_value_that_does_not_matter_may_be_left_out(two: list[Staff]) -> None:
    assert len(ask(whoever_asks, number=2, key="a")) == 2


def test_a_query_of_nothing_gives_nothing_and_asks_nothing(two: list[Staff]) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert ask(nobody, staff=two[0].pk) == []
        assert ask(nobody, staff=two[1].pk) == []
    assert len(asked) == 0
