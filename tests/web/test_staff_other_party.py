"""An employee from whom an address is protected is blocked from the child, the household and their looks, untold."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from builders import a_child, a_household, a_run
from tsunagu.runs.crypt import create_key, read_key
from tsunagu.runs.folder import open_run
from tsunagu_web.access.models import Conflict
from tsunagu_web.access.terms import Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.models import Event
from tsunagu_web.duties import other_party
from tsunagu_web.intake.services import take_in
from two_worlds import a_list

Browser = Callable[..., Client]
AOI, MOTHER = a_household(a_child(address="瑞野市星影台三丁目77番地の5"))
MOTHER = replace(MOTHER, address="瑞野市星影台三丁目77番地の5")
OTHER = a_child("例田 ソラ", "レイタ ソラ", household="6", address="瑞野市月見坂一丁目2番地の9")
URL = f"/children/{AOI.person_id}/"


@pytest.fixture
def says(desk: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Writes the register department's list: the mother protected from somebody of this name."""
    key_file, listed = tmp_path / "address.key", tmp_path / "list.csv"
    create_key(key_file)
    told = replace(settings.ENVIRONMENT, address_key=key_file, suppression_list=listed)
    monkeypatch.setattr(settings, "ENVIRONMENT", told)
    key = read_key(key_file)
    run = a_run(tmp_path / "run", AOI, MOTHER, OTHER, key=tmp_path / "run.key", address_key=key)
    take_in(open_run(run), read_key(tmp_path / "run.key"), address_key=key)

    def written(*rows: tuple[str, str]) -> None:
        a_list(listed, *rows)

    written()
    return written


@pytest.fixture
def employee(staff: Callable[..., Staff]) -> Staff:
    worker = staff()
    worker.name = "例山 太郎"
    worker.save()
    return worker


def test_from_the_moment_the_list_names_them(says: Callable[..., None], employee: Staff, as_role: Browser) -> None:
    client = as_role()
    assert client.get(URL).status_code == 200
    says((MOTHER.resident_no, "例山 太郎"))
    assert client.get(URL).status_code == 404, "in the session that was open"
    assert client.get(f"{URL}looks/").status_code == 404
    assert client.get(f"/children/{OTHER.person_id}/").status_code == 200
    client.post(f"{URL}emergency/", {"reason": "けがをしていると、電話で知らされたため"})
    assert client.get(URL).status_code == 404
    entry = json.loads(Event.objects.filter(action="enter_conflict").get().body)
    assert entry["actor"] == "system"
    assert set(entry["persons"]) >= {AOI.person_id, MOTHER.person_id}
    assert set(Conflict.objects.values_list("kind", flat=True)) == {"other_party"}


def test_others_are_not_blocked(says: Callable[..., None], staff: Callable[..., Staff], as_role: Browser) -> None:
    says((MOTHER.resident_no, "例山 太郎"))
    assert as_role(Role.SUPERVISOR).get(URL).status_code == 200
    assert not Conflict.objects.exists()


def test_it_ends_when_the_list_no_longer_names_them(
    says: Callable[..., None], employee: Staff, as_role: Browser
) -> None:
    says((MOTHER.resident_no, "例山 太郎"))
    client = as_role()
    assert client.get(URL).status_code == 404
    says((MOTHER.resident_no, "例谷 花子"))
    assert client.get(URL).status_code == 200


def test_a_list_that_cannot_be_trusted_ends_nothing(
    says: Callable[..., None], employee: Staff, as_role: Browser
) -> None:
    says((MOTHER.resident_no, "例山 太郎"))
    client = as_role()
    assert client.get(URL).status_code == 404
    path = settings.ENVIRONMENT.suppression_list
    path.write_text("宛名番号,開始日\n????", encoding="utf-8")
    os.utime(path, (path.stat().st_mtime - 60, path.stat().st_mtime - 60))
    assert client.get(URL).status_code == 404


def test_the_check_can_fail(
    says: Callable[..., None], employee: Staff, as_role: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: with the list not asked, the page opens."""
    from tsunagu_web.duties import middleware

    monkeypatch.setattr(middleware, "block_other_party", lambda _staff: None)
    says((MOTHER.resident_no, "例山 太郎"))
    assert as_role().get(URL).status_code == 200
    assert other_party.stamp() not in ("none", "unreadable")
