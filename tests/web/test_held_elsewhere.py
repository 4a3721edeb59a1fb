"""A child's past after a run over nodes: where the records are, and what of them reached the desk."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from builders import a_child, an_id
from fixed import KEY, ROOT
from told_in_bands import ON, answered, calm, named
from tsunagu.from_holders import Asked, run_from_holders
from tsunagu.municipality import load_city
from tsunagu.runs.folder import RunFolder, open_run
from tsunagu_web.access.terms import Purpose, Role
from tsunagu_web.intake.services import take_in

PERSON = "P" + "7" * 16
PAGE = f"/children/{PERSON}/"
CHILD = b"\x01" * 32
NOTHING = "この期間の記録はありません"
STAYS = "記録は、それを持つ部署にあり、ここには写しません。"


def a_run_over_nodes(folder: Path) -> RunFolder:
    """A child with many absences, of whom ten holders have told nothing but bands."""
    city = load_city(ROOT / "examples" / "hinode-city")
    told = answered(city, {CHILD: calm(city, absent_worst_month="10+", assistance="1+")})
    of_school = {"school": "102", "school_name": "瑞野市立第二小学校"}
    names = named((CHILD, {"person": PERSON, "name": "例川 あおい", **of_school}))
    run_from_holders(city, Asked([told], lambda _: [names], ON, folder / "run", KEY))
    return open_run(folder / "run")


@pytest.fixture
def from_nodes(desk: None, tmp_path: Path) -> None:
    assert take_in(a_run_over_nodes(tmp_path), KEY).facts == 0


def test_the_past_says_who_keeps_the_records_and_what_came(from_nodes: None, as_role: Callable[..., Client]) -> None:
    client = as_role()
    text = client.get(PAGE).content.decode()
    assert STAYS in text
    assert "このこどもに当てはまるという意味ではありません" in text  # or "生活保護" reads as this family's
    assert NOTHING not in text
    assert "<dt>出欠</dt><dd>欠席日数" in text
    assert "直近3授業月でもっとも多い月の欠席日数：10以上" in text
    assert "令和8年9月30日" in text
    assert "<dt>課税</dt>" in text
    client.post("/language/", {"language": "en", "next": PAGE})
    text = client.get(PAGE).content.decode()
    assert "The records stay with the offices that hold them" in text
    assert "Days absent in the worst of the last three school months: 10 or more" in text


def test_a_past_day_names_the_holders_as_well(from_nodes: None, as_role: Callable[..., Client]) -> None:
    then = as_role().get(f"{PAGE}history/", {"as_known_on": timezone.localdate().isoformat()}).content.decode()
    assert STAYS in then
    assert NOTHING not in then


def test_who_may_see_no_domain_is_told_of_none(from_nodes: None, as_role: Callable[..., Client]) -> None:
    """The school sees its own records' holders, and neither another's nor any band."""
    text = as_role(Role.VICE_PRINCIPAL).get(PAGE).content.decode()
    assert "<dt>出欠</dt>" in text
    assert "<dt>課税</dt>" not in text
    assert "10以上" not in text


def test_a_run_whose_records_came_says_nothing_of_it(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child())
    text = as_role().get(f"/children/{an_id('例川 あおい')}/").content.decode()
    assert STAYS not in text
    assert NOTHING in text


def test_a_program_is_told_the_same(from_nodes: None, as_role: Callable[..., Client]) -> None:
    told = as_role().get(f"/api/v1{PAGE}").json()
    assert told["facts"] == []
    held = {one["domain"]: one for one in told["held_elsewhere"]}
    attendance = next(one for one in held.values() if any("欠席日数" in o["items"] for o in one["offices"]))
    worst = "直近3授業月でもっとも多い月の欠席日数"
    assert attendance["reached"] == [{"indicator": worst, "band": "10以上", "as_of": ON.isoformat()}]
    of_school = as_role(Role.VICE_PRINCIPAL).get(f"/api/v1{PAGE}").json()
    assert {one["domain"] for one in of_school["held_elsewhere"]} < set(held)
    assert "10以上" not in str(of_school)


def test_the_intake_says_that_facts_stay_and_nobody_looked_for_support(
    desk: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = a_run_over_nodes(tmp_path).path
    written = base64.b64encode(KEY).decode("ascii")
    (tmp_path / "identity.key").write_text(f"tsunagu-key-1 {written}\n", encoding="ascii")
    (tmp_path / "identity.key").chmod(0o600)
    call_command("intake", str(run), key=tmp_path / "identity.key")
    told = capsys.readouterr().out
    assert "bands in place of facts, which stay with their holders." in told
    assert "0 facts" not in told
    assert "Support that may be unclaimed was not looked for" in told


def test_a_list_of_offers_that_nobody_made_says_so(from_nodes: None, as_role: Callable[..., Client]) -> None:
    told = "受けていないかもしれない支援は探していません"
    text = as_role(purpose=Purpose.OFFERING).get("/offers/").content.decode()
    assert told in text
    assert "探していないので、ここに家庭はありません" in text


def test_a_list_of_offers_of_records_that_came_does_not(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child())
    assert "探していません" not in as_role(purpose=Purpose.OFFERING).get("/offers/").content.decode()
