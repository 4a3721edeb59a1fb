"""Intake: the only door. Whole or not at all; the same run changes nothing; decisions survive the next run."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client

from builders import ATestFact, a_child, a_household, a_run, an_id, many_absences, unpaid_fees
from tsunagu.errors import PurposeError, SourceError, StateError
from tsunagu.records.run_tables import PLAIN_TABLES
from tsunagu.runs import folder
from tsunagu.runs.crypt import create_key, read_key
from tsunagu.runs.folder import open_run
from tsunagu_web.audit.models import Event
from tsunagu_web.cases.models import Case, Child, Decision, Fact, Judgment, Reason, Run
from tsunagu_web.intake import services
from tsunagu_web.intake.services import TakenIn, take_in
from tsunagu_web.people.models import Kinship, Membership, Person

AOI = an_id("例川 あおい")
SORA = an_id("例田 ソラ")


def everything() -> list[object]:
    models = (Person, Membership, Kinship, Child, Judgment, Reason, Fact, Run, Decision, Case)
    return [sorted(map(repr, m._default_manager.values())) for m in models]


def test_it_takes_in_noticed_children_and_their_households_only(intake: Callable[..., TakenIn]) -> None:
    taken = intake(*a_household(a_child(reasons=(unpaid_fees(), many_absences()))))
    assert (taken.children, taken.newly_noticed, taken.facts) == (1, 1, 1)
    child = Child.objects.get()
    assert (child.person.name, child.person.kana, child.school, child.level_rank) == (
        "例川 あおい",
        "レイカワ アオイ",
        "102",
        2,
    )
    assert [r.code for r in child.reasons.order_by("place")] == ["N1a", "P5"], "the main reason comes first"
    assert [person.name for person in Person.objects.filter(child=None)] == ["例川 さくら"]
    assert {m.household for m in Membership.objects.all()} == {"41207"}
    entry = json.loads(Event.objects.get().body)
    assert (entry["action"], entry["actor"], entry["detail"]["children"]) == ("intake", "system", 1)


def test_a_run_that_tried_other_criteria_is_not_taken_in(intake: Callable[..., TakenIn], tmp_path: Path) -> None:
    intake(*a_household(a_child()))
    before = everything()
    run = open_run(tmp_path / "run")
    tried = replace(run, manifest={**run.manifest, "seal": "another", "city_files": {"--criteria n1a8.toml": "0" * 64}})
    assert (run.is_trial, tried.is_trial) == (False, True)
    with pytest.raises(StateError, match="tried other criteria") as error:
        take_in(tried, read_key(tmp_path / "run.key"))
    assert "adopt" in error.value.to_do
    assert everything() == before


def test_the_same_run_again_changes_nothing(intake: Callable[..., TakenIn], tmp_path: Path) -> None:
    intake(*a_household(a_child()))
    before = everything()
    again = take_in(open_run(tmp_path / "run"), read_key(tmp_path / "run.key"))
    assert not again.is_new
    assert everything() == before
    assert Event.objects.count() == 1


def test_support_that_may_be_unclaimed_raises_nothing(intake: Callable[..., TakenIn]) -> None:
    """A noticed child keeps its level and its reasons; a child who is not stays unknown to the desk."""
    taken = intake(*a_household(a_child(reasons=(unpaid_fees(),))), entitlements=(AOI, SORA))
    assert taken.children == 1
    child = Child.objects.get()
    assert (child.pk, child.level, child.level_rank) == (AOI, a_child().level, 2)
    assert [reason.code for reason in child.reasons.all()] == ["P5"]
    assert not Person.objects.filter(pk=SORA).exists()


@pytest.mark.usefixtures("desk")
def test_a_run_made_before_there_were_programmes_is_taken_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as before:
        before.setattr(folder, "PLAIN_TABLES", tuple(s for s in PLAIN_TABLES if s.name != "entitlements"))
        old = open_run(a_run(tmp_path / "run", a_child()))
    assert "entitlements" not in old.manifest["tables"]
    assert take_in(old, read_key(tmp_path / "run.key")).children == 1


def test_a_newer_run_keeps_decisions_and_pages(intake: Callable[..., TakenIn], as_role: Callable[..., Client]) -> None:
    intake(a_child(), a_child("例本 みお", "レイモト ミオ", household="7"))
    form = {"outcome": "candidate", "seen": 0, "form": "2a0b1c52-58ab-4c4e-9d6b-1f0e8b8f0a01", "note": "家庭訪問"}
    as_role().post(f"/children/{AOI}/decide/", form)
    as_role().post(f"/children/{an_id('例本 みお')}/decide/", {**form, "form": "2a0b1c52-58ab-4c4e-9d6b-1f0e8b8f0a02"})
    taken = intake(
        a_child(level="重点支援"),
        a_child("例田 ソラ", "レイタ ソラ", household="6"),
        name="next",
        on=dt.date(2026, 10, 31),
    )
    assert (taken.children, taken.newly_noticed, taken.no_longer_noticed) == (2, 1, 1)
    aoi = Child.objects.get(pk=AOI)
    assert (aoi.level, aoi.state, aoi.decisions_made) == ("重点支援", "candidate", 1)
    assert (aoi.first_noticed_on, Child.objects.get(pk=SORA).first_noticed_on) == (
        dt.date(2026, 9, 30),
        dt.date(2026, 10, 31),
    )
    assert Decision.objects.get(child=AOI).level == "予防的支援", "the level of that day stays with the decision"
    gone = as_role().get(f"/children/{an_id('例本 みお')}/").content.decode()
    assert "いまは一覧にありません" in gone
    assert "家庭訪問" in gone
    assert {r.child.pk for r in as_role().get("/children/").context["rows"]} == {AOI, SORA}


def test_an_older_run_is_refused(intake: Callable[..., TakenIn]) -> None:
    intake(a_child())
    before = everything()
    with pytest.raises(StateError, match="already shows"):
        intake(a_child(), name="older", on=dt.date(2026, 8, 31))
    assert everything() == before


def test_a_failure_halfway_leaves_everything_as_it_was(
    intake: Callable[..., TakenIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    intake(a_child())
    before, events = everything(), Event.objects.count()

    def broken(**_fields: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(services, "append", broken)
    with pytest.raises(RuntimeError):
        intake(a_child("例田 ソラ", "レイタ ソラ"), name="next", on=dt.date(2026, 10, 31))
    assert everything() == before
    assert Event.objects.count() == events


def test_a_folder_that_was_changed_is_refused(desk: None, tmp_path: Path) -> None:
    path = a_run(tmp_path / "run", a_child())
    (path / "notices.parquet").write_bytes((path / "reasons.parquet").read_bytes())
    with pytest.raises(StateError):
        open_run(path)
    assert Child.objects.count() == 0


def test_another_key_opens_nothing(desk: None, tmp_path: Path) -> None:
    path = a_run(tmp_path / "run", a_child())
    with pytest.raises(PurposeError):
        take_in(open_run(path), create_key(tmp_path / "other.key"))
    assert Child.objects.count() == 0
    shutil.rmtree(path)
    with pytest.raises(SourceError):
        open_run(path)


def test_the_protection_of_an_address_leaves_no_trace(intake: Callable[..., TakenIn]) -> None:
    protected = ATestFact("address_suppression", dt.date(2026, 4, 1), value="yes", holder="shien_sochi")
    moved = ATestFact("move", dt.date(2026, 4, 1), value="within", label="0099123", holder="jumin")
    intake(a_child(facts=(protected, moved)))
    stored = repr(list(Fact.objects.values()))
    assert "suppression" not in stored
    assert "shien_sochi" not in stored
    assert "0099123" not in stored
