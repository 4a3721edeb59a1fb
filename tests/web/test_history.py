"""What was known when: nothing known is lost, and the record as known on a day is what was shown on that day."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from counted import counted
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from builders import ATestFact, ATestPerson, a_child, a_household, a_run, absences, an_id
from tsunagu.errors import StateError
from tsunagu.runs.crypt import read_key
from tsunagu.runs.folder import open_run
from tsunagu_web.access.models import Conflict
from tsunagu_web.access.terms import Purpose, Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.models import Event
from tsunagu_web.cases.models import Fact
from tsunagu_web.cases.past import words_for
from tsunagu_web.intake.services import take_in
from tsunagu_web.people import queries as people
from tsunagu_web.people.models import Person, Version
from tsunagu_web.people.versions import FIELDS

AOI = an_id("例川 あおい")
PAGE = f"/children/{AOI}/history/"
NEXT, LATER = dt.date(2026, 10, 31), dt.date(2026, 11, 30)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[dt.date], None]:
    """Sets the desk's day."""

    def set_to(day: dt.date) -> None:
        at = dt.datetime(day.year, day.month, day.day, 3, tzinfo=dt.UTC)
        monkeypatch.setattr(timezone, "now", lambda: at)

    return set_to


def correction(
    field: str = "name", value: str = "例川 葵", *, chosen: str = "", seen: int = 1, reason: str = "本人に確認"
) -> dict[str, Any]:
    return {"field": field, "value": value, "chosen": chosen, "seen": seen, "reason": reason}


def versions(field: str = "name") -> list[tuple[str, str, bool, bool]]:
    """Each version as (value, source, still true, still known)."""
    rows = Version.objects.filter(field=field).order_by("pk")
    return [(r.value, r.source, r.valid_to is None, r.known_to is None) for r in rows]


@pytest.mark.parametrize("role", [Role.VICE_PRINCIPAL, Role.SCHOOL_SOCIAL_WORKER, Role.AUDITOR, Role.PARTNER])
def test_who_may_not(role: str, intake: Callable[..., object], as_role: Callable[..., Client]) -> None:
    intake(a_child())
    assert as_role(role).get(PAGE).status_code == 403
    assert as_role(role).post(f"{PAGE}correct/", correction()).status_code == 403
    assert Person.objects.get(pk=AOI).name == "例川 あおい"


def test_the_look_is_recorded_with_everybody_who_is_shown(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(*a_household(a_child()))
    as_role().get(PAGE, {"as_known_on": timezone.localdate().isoformat()})
    entry = json.loads(Event.objects.order_by("number").last().body)  # type: ignore[union-attr]
    assert (entry["object"], set(entry["persons"])) == ("history", {AOI, an_id("例川 さくら")})


def test_a_run_that_tells_another_name_keeps_the_former_one(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child())
    assert Version.objects.count() == 0, "what never changed needs no rows"
    assert "変更あり" not in as_role().get(f"/children/{AOI}/").content.decode()
    intake(replace(a_child(), name="例本 あおい"), name="next", on=NEXT)
    assert versions() == [
        ("例川 あおい", "register", True, False),
        ("例川 あおい", "register", False, True),
        ("例本 あおい", "register", True, True),
    ]
    now = Version.objects.get(value="例本 あおい")
    assert (now.valid_from, now.as_of, now.run != "") == (NEXT, NEXT, True)
    assert "変更あり" in as_role().get(f"/children/{AOI}/").content.decode()
    text = as_role().get(PAGE).content.decode()
    assert "例川 あおい" in text
    assert "例本 あおい" in text


def test_the_same_content_again_writes_nothing(intake: Callable[..., object]) -> None:
    facts = absences(1, 2, 3)
    intake(*a_household(a_child(facts=facts)))
    before = [list(m._default_manager.order_by("pk").values()) for m in (Person, Version, Fact)]
    intake(*a_household(a_child(facts=facts, level="重点支援")), name="next", on=NEXT)
    assert [list(m._default_manager.order_by("pk").values()) for m in (Person, Version, Fact)] == before


def test_what_a_run_does_not_know_takes_nothing_away(intake: Callable[..., object]) -> None:
    intake(a_child())
    silent = replace(a_child(), name=None, kana=None, birth_date=None, grade=None)  # type: ignore[arg-type]
    intake(silent, name="next", on=NEXT)
    person = Person.objects.get(pk=AOI)
    assert (person.name, person.kana, person.grade) == ("例川 あおい", "レイカワ アオイ", 5)
    intake(replace(a_child(), school_name=None, class_name=None, school=None), name="later", on=LATER)
    assert Person.objects.get(pk=AOI).school_name == "", "no school is something that is known"


def test_a_correction_keeps_the_old_value_and_says_who_and_why(
    intake: Callable[..., object], as_role: Callable[..., Client], staff: Callable[..., object]
) -> None:
    intake(a_child())
    assert as_role().post(f"{PAGE}correct/", correction()).status_code == 302
    assert versions() == [("例川 あおい", "register", True, False), ("例川 葵", "staff", True, True)]
    now = Version.objects.get(source="staff")
    assert (now.entered_by, now.reason, now.valid_from) == (staff(), "本人に確認", None)
    entry = json.loads(Event.objects.get(action="correct").body)
    assert (entry["persons"], entry["detail"]) == ([AOI], {"field": "name"})
    found = as_role().post("/children/search/", {"words": "川葵"})
    assert AOI in {row.child.pk for row in found.context["rows"]}


def test_a_correction_stays_until_the_register_tells_something_new(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child())
    as_role().post(f"{PAGE}correct/", correction())
    intake(a_child(), name="next", on=NEXT)
    assert Person.objects.get(pk=AOI).name == "例川 葵", "the register repeats what was corrected"
    found = as_role().post("/children/search/", {"words": "川葵"})
    assert AOI in {row.child.pk for row in found.context["rows"]}, "and so it is found"
    intake(replace(a_child(), name="例川 蒼"), name="later", on=LATER)
    assert Person.objects.get(pk=AOI).name == "例川 蒼"
    assert versions()[-2:] == [("例川 葵", "staff", False, True), ("例川 蒼", "register", True, True)]


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("name", "", "氏名は空にできません"),
        ("kana", "葵", "読みはかなで"),
        ("birth_date", "12.5.2016", "2016-05-12"),
        ("birth_date", "2126-01-01", "1900年から今日まで"),
        ("grade", "5", "一覧から選んで"),
        ("sex", "1", "一覧から選んで"),
        ("school_name", "どこにもない小学校", "一覧から選んで"),
        ("class_name", "あ" * 30, "10文字多すぎます"),
        ("household", "1", "まだ"),
    ],
)
def test_a_value_that_cannot_be_is_told(
    field: str, value: str, told: str, intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child())
    answer = as_role().post(f"{PAGE}correct/", correction(field, value))
    assert answer.status_code == 422
    if field != "household":
        assert told in answer.content.decode()
    assert Version.objects.count() == 0


def test_a_field_with_certain_values_is_chosen_in_words(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child(sex="2"))
    groups = dict(as_role().get(PAGE).context["form"].fields["chosen"].choices[1:])
    assert groups["性別"] == [("sex:1", "男"), ("sex:2", "女"), ("sex:", "なし・不明")]
    assert [name for _, name in groups["学校"]] == ["瑞野市立第一中学校", "瑞野市立第二小学校", "なし・不明"]
    grades = [words for _, words in groups["学年"]]
    assert len(set(grades)) == len(grades) == 20, "no two grades read alike"
    for field, chosen in (
        ("grade", "grade:6"),
        ("grade", "sex:1"),
        ("grade", "grade:13"),
        ("name", "sex:1"),
        ("school_name", "school_name:x"),
    ):
        answer = as_role().post(f"{PAGE}correct/", correction(field, "x", chosen=chosen))
        assert answer.status_code == 422, (field, chosen)
    for seen, chosen in enumerate(("sex:1", "grade:6", "grade:", "school_name:瑞野市立第一中学校"), 1):
        field = chosen.partition(":")[0]
        answer = as_role().post(f"{PAGE}correct/", correction(field, "", chosen=chosen, seen=seen))
        assert answer.status_code == 302, chosen
    person = Person.objects.get(pk=AOI)
    assert (person.sex, person.grade, person.school_name) == ("1", None, "瑞野市立第一中学校")


def test_what_will_be_known_is_not_asked(intake: Callable[..., object], as_role: Callable[..., Client]) -> None:
    intake(a_child())
    today = timezone.localdate()
    answer = as_role().get(PAGE, {"as_known_on": (today + dt.timedelta(days=1)).isoformat()})
    assert answer.status_code == 422
    assert "1900年から今日まで" in answer.content.decode()
    assert answer.context["page"].then is None
    assert as_role().get(PAGE, {"as_known_on": today.isoformat()}).status_code == 200


def test_a_correction_needs_its_reason(intake: Callable[..., object], as_role: Callable[..., Client]) -> None:
    intake(a_child())
    assert as_role().post(f"{PAGE}correct/", correction(reason=" ")).status_code == 422
    assert Version.objects.count() == 0


def test_somebody_who_was_slower_is_told_and_nothing_is_lost(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child())
    assert as_role().post(f"{PAGE}correct/", correction()).status_code == 302
    late = as_role(Role.SUPERVISOR).post(f"{PAGE}correct/", correction(value="例川 蒼"))
    text = late.content.decode()
    assert late.status_code == 409
    assert "例川 葵" in text
    assert "例川 蒼" in text
    assert Person.objects.get(pk=AOI).name == "例川 葵"
    again = correction(value="例川 蒼", seen=late.context["form"].initial["seen"])
    assert as_role(Role.SUPERVISOR).post(f"{PAGE}correct/", again).status_code == 302


def test_a_fact_no_longer_told_gets_its_last_day_and_stays(
    intake: Callable[..., object], clock: Callable[[dt.date], None]
) -> None:
    clock(dt.date(2026, 10, 1))
    twice = ATestFact("mood", dt.date(2026, 9, 2), value="sunny", label="102", holder="kokoro")
    intake(a_child(facts=(*absences(1, 2), twice, twice)))
    clock(dt.date(2026, 11, 2))
    intake(a_child(facts=(*absences(1, 5), twice)), name="next", on=NEXT)
    told = {(f.item, f.number, f.known_from.day, f.known_to) for f in Fact.objects.all()}
    assert Fact.objects.filter(known_to=None).count() == 3
    assert {(item, int(n or 0), bool(to)) for item, n, _, to in told} == {
        ("absent_days", 1, False),
        ("absent_days", 2, True),
        ("absent_days", 5, False),
        ("mood", 0, False),
        ("mood", 0, True),
    }


def test_a_fact_told_again_is_as_fresh_as_the_last_delivery(
    intake: Callable[..., object], as_role: Callable[..., Client], clock: Callable[[dt.date], None]
) -> None:
    clock(dt.date(2026, 10, 1))
    intake(a_child(facts=absences(1, 2)))
    clock(dt.date(2027, 1, 2))
    text = as_role().get(f"/children/{AOI}/").content.decode()
    assert "3か月前" in text
    assert "毎月の提供" in text
    intake(a_child(facts=absences(1, 2)), name="next", on=dt.date(2026, 12, 31))
    text = as_role().get(f"/children/{AOI}/").content.decode()
    assert "3か月前" not in text
    assert "令和8年12月31日" in text


def test_a_clock_that_stands_before_an_earlier_intake_is_told(
    intake: Callable[..., object], clock: Callable[[dt.date], None]
) -> None:
    clock(dt.date(2026, 10, 1))
    intake(a_child())
    clock(dt.date(2026, 9, 1))
    with pytest.raises(StateError, match="clock"):
        intake(a_child(), name="next", on=NEXT)


def test_before_anybody_knew_the_child_nothing_is_shown(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child())
    text = as_role().get(PAGE, {"as_known_on": "2020-01-01"}).content.decode()
    assert "その日には、このこどもについて何も知られていません" in text
    assert as_role().get(PAGE, {"as_known_on": "yesterday"}).status_code == 422


def test_no_page_of_the_record_needs_more_than_twelve_queries(
    intake: Callable[..., object], as_role: Callable[..., Client], staff: Callable[..., Staff]
) -> None:
    """With everything there is: a past, a decision, a case, a block, for who may see the most."""
    intake(*a_household(a_child(facts=absences(*range(24)))))
    decided = {"outcome": "candidate", "seen": 0, "form": "2a0b1c52-58ab-4c4e-9d6b-1f0e8b8f0a01"}
    assert as_role(Role.SUPERVISOR).post(f"/children/{AOI}/decide/", decided).status_code == 302
    intake(*a_household(replace(a_child(), name="例本 あおい")), name="next", on=NEXT)
    block = {"person_id": "P9", "kind": "own_family", "entered_at": timezone.now()}
    Conflict.objects.create(staff=staff(Role.SUPERVISOR), **block)
    client = as_role(Role.SUPERVISOR, purpose=Purpose.CASE_SUPPORT)
    asked = {}
    client.get("/purpose/")  # once a minute the session is written anew, whatever page is asked for
    for path in ("", "case/", "history/", f"history/?as_known_on={timezone.localdate()}"):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/children/{AOI}/{path}").status_code == 200
        asked[path] = len(counted(queries))
    assert max(asked.values()) <= 12, asked


def test_the_database_keeps_versions_in_order(intake: Callable[..., object], as_role: Callable[..., Client]) -> None:
    intake(a_child())
    as_role().post(f"{PAGE}correct/", correction())
    now = Version.objects.filter(known_to=None)
    for wrong in ({"entered_by": None}, {"known_to": dt.date(2000, 1, 1)}, {"source": "register"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            now.update(**wrong)
    row = now.get()
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


NAMES = ("例川 あおい", "例本 あおい", "例川 葵")
RELATIONS = ("子", "妻の子", "長女")


def a_changed_family(rng: random.Random, number: int) -> tuple[ATestPerson, ...]:
    """The same family as another run might tell of it: names, classes, relations, households and facts differ."""
    months = absences(*[rng.choice([None, 0, 1, 5]) for _ in range(4)])
    moods = tuple(
        ATestFact("mood", dt.date(2026, 9, day), value=rng.choice(["sunny", "rainy"]), label="102", holder="kokoro")
        for day in rng.choices([2, 5, 9], k=rng.randrange(3))
    )
    aoi = a_child(
        relation=rng.choice(RELATIONS),
        class_name=rng.choice(["1", "2"]),
        birth_date=rng.choice([dt.date(2016, 5, 12), None]),
        facts=(*months, *moods),
    )
    haru = a_child("例川 はる", "レイカワ ハル", level=rng.choice(["見守り", None]))
    tax = ATestFact("tax_class", dt.date(2026, 4, 1), value=rng.choice(["exempt", "taxed"]), holder="zeimu")
    family = a_household(replace(aoi, name=rng.choice(NAMES)), replace(haru, facts=(tax,)))
    away = [replace(person, household=rng.choice(["41207", "7"])) for person in family[1:]]
    stays = [family[0], *rng.sample(away, k=rng.randrange(3))]
    return tuple(stays if number == 0 or rng.random() < 0.9 else away)


@pytest.fixture
def differing_days(
    desk: None, as_role: Callable[..., Client], clock: Callable[[dt.date], None], tmp_path: Path
) -> Callable[[int], list[dt.date]]:
    """The days whose record as known on them is not what was shown on them, over a sequence drawn by the seed."""
    return lambda seed: _differing_days(random.Random(seed), as_role, clock, tmp_path)


@pytest.mark.parametrize("seed", range(8))
def test_as_known_on_a_day_is_what_was_shown_on_that_day(
    seed: int, differing_days: Callable[[int], list[dt.date]]
) -> None:
    """Any sequence of runs, runs taken in again, and corrections; several on one day, or none for days."""
    assert differing_days(seed) == []


def test_the_check_finds_a_desk_that_knows_only_today(
    differing_days: Callable[[int], list[dt.date]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: without the day of knowing, the past is what is known now, and the check says so."""
    now = people.known_on
    monkeypatch.setattr(people, "known_on", lambda _day: now(None))
    assert differing_days(0) != []


def _differing_days(
    rng: random.Random, as_role: Callable[..., Client], clock: Callable[[dt.date], None], tmp_path: Path
) -> list[dt.date]:
    day, on = dt.date(2026, 10, 1), dt.date(2026, 9, 30)
    shown: dict[dt.date, object] = {}
    taken: list[Path] = []
    for number in range(7):
        clock(day)
        for act in range(rng.randrange(1, 3)):
            kind = rng.choice(["run", "run", "again", "correct"]) if taken else "run"
            if kind == "run":
                on += dt.timedelta(days=rng.randrange(2) * 30)
                folder = tmp_path / f"run-{number}-{act}"
                a_run(folder, *a_changed_family(rng, len(taken)), on=on, key=tmp_path / "run.key")
                taken.append(folder)
                take_in(open_run(folder), read_key(tmp_path / "run.key"))
            elif kind == "again":
                same_day = [f for f in taken if open_run(f).manifest["on"] == on.isoformat()]
                take_in(open_run(rng.choice(same_day)), read_key(tmp_path / "run.key"))
            else:
                person = Person.objects.get(pk=AOI)
                form = correction(value=rng.choice(NAMES), seen=person.revision)
                assert as_role().post(f"{PAGE}correct/", form).status_code == 302
        shown[day] = _shown(as_role().get(f"/children/{AOI}/").context["page"])
        day += dt.timedelta(days=rng.choice([1, 1, 9]))
    clock(day)
    client = as_role()
    assert len({repr(page) for page in shown.values()}) > 2, "the days differ, so there is something to confuse"
    return [
        past
        for past, page in shown.items()
        if _then(client.get(PAGE, {"as_known_on": past.isoformat()}).context["page"].then) != page
    ]


def _shown(page: Any) -> object:
    fields = [words_for(field, getattr(page.child.person, field)) for field in FIELDS]
    members = [(m.person_id, m.who.name, m.who.kana, m.relation) for m in page.household]
    return fields, members, page.timeline


def _then(then: Any) -> object:
    fields = [value for _name, value, _hidden in then.fields]
    members = [(m.person_id, m.name, m.kana, m.relation) for m in then.household]
    return fields, members, then.timeline
