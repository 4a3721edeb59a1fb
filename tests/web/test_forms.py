"""Things in another form than as they are: reasons in words without values, and counts without names."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from builders import a_child, an_id, many_absences, public_assistance
from tsunagu_web.access.terms import Form, Role
from tsunagu_web.cases import reasons

Browser = Callable[..., Client]
AOI = an_id("例川 あおい")


@pytest.fixture
def city(intake: Callable[..., object]) -> None:
    intake(a_child(reasons=(many_absences(), public_assistance())), a_child("例田 ソラ", "レイタ ソラ", household="6"))


@pytest.mark.parametrize(
    ("role", "with_values", "in_words"),
    [(Role.SCHOOL_SOCIAL_WORKER, "N1a", "P1"), (Role.LEAD_WORKER, "P1", "")],
)
def test_a_reason_of_another_department_is_told_in_words(
    role: Role, with_values: str, in_words: str, city: None, as_role: Browser
) -> None:
    page = as_role(role).get(f"/children/{AOI}/")
    signs = {sign.code: sign for sign in page.context["page"].reasons.signs}
    assert not signs[with_values].is_in_words
    assert signs[with_values].basis
    if not in_words:
        assert "値：権限により非表示" not in page.content.decode()
        return
    told = signs[in_words]
    assert told.is_in_words
    assert (told.basis, told.rows, told.beside, told.picture) == ("", (), (), None)
    assert told.sentence
    assert "値：権限により非表示" in page.content.decode()


def test_the_check_can_fail(city: None, as_role: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with the two forms taken for one, the value would stand on the page."""
    monkeypatch.setattr(reasons, "_with_values", reasons._allowed)
    page = as_role(Role.SCHOOL_SOCIAL_WORKER).get(f"/children/{AOI}/")
    assert not any(sign.is_in_words for sign in page.context["page"].reasons.signs)


@pytest.mark.parametrize("role", [Role.OVERALL_MANAGER, Role.ANALYST])
def test_who_counts_sees_counts_and_nobody(role: Role, city: None, as_role: Browser) -> None:
    as_role().post(
        f"/children/{AOI}/decide/",
        {"outcome": "candidate", "seen": 0, "form": "2a0b1c52-58ab-4c4e-9d6b-1f0e8b8f0a01", "note": "家庭訪問をする"},
    )
    page = as_role(role).get("/decisions/")
    assert page.status_code == 200
    assert set(dict(page.context["overview"].states).values()) == {None}, "one child here and one there would be told"
    text = page.content.decode()
    assert "権限により非表示" in text
    assert [word for word in ("例川", "例田", "家庭訪問", AOI) if word in text] == []
    assert Form.COUNT in page.wsgi_request.desk_policy.forms


def test_others_do_not_count(city: None, as_role: Browser) -> None:
    for role in (Role.LEAD_WORKER, Role.VICE_PRINCIPAL, Role.AUDITOR, Role.SYSTEM_ADMINISTRATOR):
        assert as_role(role).get("/decisions/").status_code == 403
