"""The editor of criteria: who may, exact counts without names, drafts, and two people who are not the author."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import uuid
import zipfile
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse
from django.test import Client

from builders import ON, a_child, an_id
from criteria_world import CHILDREN, a_history, a_name, a_run_with_criteria, screened
from screening_cases import compiled, the_catalogue, the_criteria
from tsunagu.evaluation.small_counts import LEAST, told
from tsunagu.runs.approval import read_bundle
from tsunagu.runs.crypt import read_key
from tsunagu.runs.folder import open_run
from tsunagu.screening.criteria import Criteria
from tsunagu.screening.limits import with_limits
from tsunagu.screening.load import cases_of
from tsunagu.wording.vocabulary import vocabulary
from tsunagu_web.access.terms import Role
from tsunagu_web.audit.models import Event
from tsunagu_web.criteria.models import Draft, NamelessTable, Verdict
from tsunagu_web.criteria.taking_in import opened
from tsunagu_web.intake.services import take_in

MAY_VIEW = {Role.ANALYST, Role.OVERALL_MANAGER, Role.PRIVACY_OFFICER, Role.SUPERVISOR, Role.DATA_HOLDER}
APPROVERS = (Role.OVERALL_MANAGER, Role.PRIVACY_OFFICER, Role.SUPERVISOR)
Browser = Callable[..., Client]


@pytest.fixture
def tried(desk: None, tmp_path: Path) -> None:
    """The desk shows a run whose criteria can be tried."""
    path = a_run_with_criteria(tmp_path / "run", key=tmp_path / "run.key")
    take_in(open_run(path), read_key(tmp_path / "run.key"))


def a_draft(**changes: Any) -> dict[str, Any]:
    return {
        "N1a.0": "11",
        "version": "2026.1.1",
        "effective": "2027-04-01",
        "reason": "秋の運動会の週を数えないため",
        "form": str(uuid.uuid4()),
        **changes,
    }


def kept(client: Client, **changes: Any) -> Draft:
    answer = client.post("/criteria/drafts/save/", a_draft(**changes))
    assert answer.status_code == 302, answer.content.decode()
    return Draft.objects.get(pk=int(answer.headers["Location"].rstrip("/").split("/")[-1]))


def saying(draft: Draft, says: str = "approve", **changes: Any) -> dict[str, Any]:
    return {"says": says, "reason": "", "report": draft.report_sha256, "form": str(uuid.uuid4()), **changes}


def said(client: Client, draft: Draft, says: str = "approve", **changes: Any) -> int:
    return client.post(f"/criteria/drafts/{draft.pk}/say/", saying(draft, says, **changes)).status_code


def last_entry() -> dict[str, Any]:
    entry: dict[str, Any] = json.loads(Event.objects.order_by("-number")[0].body)
    return entry


# ---------------------------------------------------------------- who may


def test_only_who_decides_on_criteria_sees_them(tried: None, as_role: Browser) -> None:
    seen = {role for role in Role if as_role(role).get("/criteria/").status_code == 200}
    assert seen == MAY_VIEW
    refused = [json.loads(e.body)["role"] for e in Event.objects.filter(action="refused", object="criteria")]
    assert sorted(refused) == sorted(set(Role) - MAY_VIEW)


def test_only_the_analyst_tries_limits_and_writes_drafts(tried: None, as_role: Browser) -> None:
    for role in sorted(set(Role) - {Role.ANALYST}):
        client = as_role(role)
        assert client.get("/criteria/try/?N1a.0=7").status_code == 403
        assert client.get("/criteria/drafts/new/?N1a.0=7").status_code == 403
        assert client.post("/criteria/drafts/save/", a_draft()).status_code == 403
    assert Draft.objects.count() == 0


def test_others_approve_nothing(tried: None, as_role: Browser) -> None:
    draft = kept(as_role(Role.ANALYST))
    for role in sorted(set(Role) - set(APPROVERS)):
        assert said(as_role(role), draft) == 403
    assert Verdict.objects.count() == 0


def test_a_run_without_criteria_is_told_as_such(intake: Callable[..., object], as_role: Browser) -> None:
    intake(a_child())
    answer = as_role(Role.ANALYST).get("/criteria/")
    assert answer.status_code == 200
    assert NamelessTable.objects.count() == 0
    assert as_role(Role.ANALYST).get("/criteria/drafts/new/").status_code == 404


# ---------------------------------------------------------------- counts


def whole_screening(moved: dict[tuple[str, tuple[int, ...]], Decimal]) -> tuple[Counter[str], Counter[str]]:
    """Signs and levels of a whole screening with other limits."""
    criteria: Criteria = with_limits(the_criteria(), moved)
    found = compiled(a_history(), criteria, ON)
    overall = found.judgments.filter(pc.equal(found.judgments.column("judgment"), "overall"))
    rows = {(r["person_id"], r["code"]) for r in found.reasons.to_pylist() if r["kind"] == "sign"}
    return Counter(code for _person, code in rows), Counter(overall.column("level").to_pylist())


@pytest.mark.parametrize("limit", [3, 7, 10, 12, 14])
def test_the_counts_are_those_of_a_whole_screening(tried: None, as_role: Browser, limit: int) -> None:
    answer = as_role(Role.ANALYST).get(f"/criteria/try/?N1a.0={limit}")
    signs, levels = whole_screening({("N1a", (0,)): Decimal(limit)})
    lines = {line.code: line for judgment in answer.context["judgments"] for line in judgment.lines}
    assert {code: line.would for code, line in lines.items()} == {
        code: told([signs[code], CHILDREN - signs[code]]).parts[0][0] for code in lines
    }
    names = [level.name for level in the_criteria().overall.levels]
    assert [row.would for row in answer.context["levels"]] == list(told([levels[name] for name in names]).parts[0])
    assert (signs["N1a"], lines["N1a"].would) == (60 - 4 * limit, 60 - 4 * limit if limit < 14 else None)


def test_what_is_no_number_is_said_and_counts_nothing(tried: None, as_role: Browser) -> None:
    answer = as_role(Role.ANALYST).get("/criteria/try/?N1a.0=many")
    assert answer.context["wrong"] == {"N1a.0"}
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not answer.context["is_moved"]


def test_the_words_of_a_sign_follow_every_limit_that_is_tried(tried: None, as_role: Browser) -> None:
    answer = as_role(Role.ANALYST).get("/criteria/try/", {"A2.0": "41", "N1a.0": "8", "N5.0": "0.7"})
    lines = {line.code: line for judgment in answer.context["judgments"] for line in judgment.lines}
    assert lines["A2"].basis == "基準：41以上45未満"
    assert lines["N1a"].basis == "基準：直近3授業月のどれかで8日以上"
    assert lines["N5"].basis == "基準：最近の回答（20回まで）の7割以上"


def test_so_do_the_file_of_a_draft_and_every_run_made_with_it(tried: None, as_role: Browser) -> None:
    draft = kept(as_role(Role.ANALYST), **{"N1a.0": "10", "A2.0": "41"})
    criteria, _cases = cases_of(draft.text, the_catalogue().items)
    words = vocabulary(criteria, the_catalogue(), ())
    assert words["signs"]["A2"]["basis"] == {
        "ja": "基準：41以上{threshold}未満",
        "en": "Criterion: 41 or more and below {threshold}",
    }


def test_full_width_digits_are_read(tried: None, as_role: Browser) -> None:
    answer = as_role(Role.ANALYST).get("/criteria/try/", {"N1a.0": "７"})
    assert answer.context["is_moved"]


def test_no_count_below_the_least_is_on_the_page(tried: None, as_role: Browser) -> None:
    client = as_role(Role.ANALYST)
    for limit in range(1, 16):
        answer = client.get(f"/criteria/try/?N1a.0={limit}")
        lines = [line for judgment in answer.context["judgments"] for line in judgment.lines]
        held = [n for line in lines for n in (line.holds, line.would) if n is not None]
        assert all(LEAST <= n <= CHILDREN - LEAST for n in held)
        assert all(n is None or n >= LEAST for level in answer.context["levels"] for n in (level.now, level.would))


def test_a_look_names_the_limits_that_were_tried(tried: None, as_role: Browser) -> None:
    as_role(Role.ANALYST).get("/criteria/try/?N1a.0=7")
    entry = last_entry()
    assert (entry["object"], entry["action"], entry["persons"]) == ("criteria", "view", [])
    assert entry["detail"] == {"limits": "N1a.0:7"}


# ---------------------------------------------------------------- nobody is named


def test_nothing_that_is_kept_or_answered_names_a_child(tried: None, as_role: Browser) -> None:
    """The canary: every name, number and day of birth of the run, looked for in all that the room keeps and says."""
    found = screened().persons.to_pylist()
    canaries = {str(row[name]) for row in found for name in ("person_id", "register_key", "household_id", "birth_date")}
    canaries |= {a_name(n) for n in range(CHILDREN)} | {"試験川", "シケンガワ"}
    client = as_role(Role.ANALYST)
    draft = kept(client)
    texts = [
        client.get(url).content.decode()
        for url in (
            "/criteria/",
            "/criteria/try/?N1a.0=7&near=N1a.0",
            "/criteria/try/?near=N3.0",
            "/criteria/drafts/new/?N1a.0=7",
            f"/criteria/drafts/{draft.pk}/",
        )
    ]
    table = pq.read_table(io.BytesIO(opened(NamelessTable.objects.get())))
    texts += [json.dumps(table.to_pylist()), NamelessTable.objects.get().carried, draft.report, draft.text]
    for event in Event.objects.filter(object="criteria"):
        texts.append(event.body)
    assert not [(canary, n) for n, text in enumerate(texts) for canary in canaries if canary in text]
    assert "P" + "0" * 16 not in texts[0]


def test_the_kept_table_opens_with_the_rooms_key_alone(tried: None) -> None:
    row = NamelessTable.objects.get()
    sealed = bytes(row.sealed)
    assert b"PAR1" not in sealed
    assert b"absent" not in sealed
    table: pa.Table = pq.read_table(io.BytesIO(opened(row)))
    assert table.num_rows == CHILDREN


def test_ways_near_the_line_are_shared_by_at_least_five(tried: None, as_role: Browser) -> None:
    answer = as_role(Role.ANALYST).get("/criteria/try/?N1a.0=7&near=N1a.0")
    (near,) = answer.context["near"]
    absent = [n // 4 for n in range(CHILDREN)]
    assert 0 < len(near.ways) <= 5
    for way in near.ways:
        low, _to, high = way.value.partition("から")
        within = [a for a in absent if int(low) <= a <= int(high or low)]
        assert len(within) >= LEAST


# ---------------------------------------------------------------- drafts


def test_a_draft_keeps_the_file_its_hash_and_the_report(tried: None, as_role: Browser) -> None:
    draft = kept(as_role(Role.ANALYST))
    assert draft.sha256 == hashlib.sha256(draft.text.encode()).hexdigest()
    assert draft.report_sha256 == hashlib.sha256(draft.report.encode()).hexdigest()
    assert ('version = "2026.1.1"' in draft.text, 'supersedes = "2026.1.0"' in draft.text) == (True, True)
    report = json.loads(draft.report)
    assert report["limits"] == [
        {"sign": "N1a", "indicator": "absent_worst_month", "operator": "at_least", "was": "10", "became": "11"}
    ]
    assert report["cases"]
    entry = last_entry()
    assert (entry["action"], entry["detail"]["version"]) == ("save_draft", "2026.1.1")


def test_the_report_never_holds_a_small_number(tried: None, as_role: Browser) -> None:
    for limit in (9, 11, 13, 4):
        report = json.loads(kept(as_role(Role.ANALYST), **{"N1a.0": str(limit)}).report)
        totals = [group["total"] for group in report["groups"].values()]
        assert all(n is None or n == 0 or n >= LEAST for n in totals)
        for group in report["groups"].values():
            counts = [one["children"] for one in group["levels"]]
            counts += [n for d in ("school", "age", "sex") for n in group[d].values()]
            assert all(n is None or n >= LEAST for n in counts)
            assert group["total"] is not None or not any(n is not None for n in counts)


def test_what_the_report_hides_stays_open(tried: None, as_role: Browser) -> None:
    """Less what is told, the hidden parts of a group are two or more, and five children or more together."""
    hiding = 0
    for limit in (9, 11, 13, 4):
        draft = kept(as_role(Role.ANALYST), **{"N1a.0": str(limit)})
        for group in json.loads(draft.report)["groups"].values():
            levels = [one["children"] for one in group["levels"]]
            for parts in (levels, *(list(group[d].values()) for d in ("school", "age", "sex"))):
                hidden = [n for n in parts if n is None]
                if hidden and group["total"] is not None:
                    hiding += 1
                    assert len(hidden) > 1
                    assert group["total"] - sum(n for n in parts if n is not None) >= LEAST
    assert hiding
    page = as_role(Role.ANALYST).get(f"/criteria/drafts/{draft.pk}/").content.decode()
    assert "そのほかのすべて" in page


@pytest.mark.parametrize(
    "changes",
    [{"version": "2026.1.0"}, {"reason": ""}, {"N1a.0": "10"}, {"N1a.0": "ten"}, {"effective": "spring"}],
    ids=["version", "reason", "nothing moved", "no number", "no day"],
)
def test_a_draft_that_is_not_whole_is_not_kept(tried: None, as_role: Browser, changes: dict[str, str]) -> None:
    assert as_role(Role.ANALYST).post("/criteria/drafts/save/", a_draft(**changes)).status_code == 422
    assert Draft.objects.count() == 0


def test_limits_that_contradict_each_other_are_said_before_a_draft_is_kept(tried: None, as_role: Browser) -> None:
    answer = as_role(Role.ANALYST).get("/criteria/drafts/new/?A2.0=60")
    assert answer.status_code == 200
    assert "A2" in answer.context["problem"] or "学力" in answer.context["problem"]


def test_the_same_form_twice_keeps_one_draft(tried: None, as_role: Browser) -> None:
    client, draft = as_role(Role.ANALYST), a_draft()
    for _ in range(2):
        assert client.post("/criteria/drafts/save/", draft).status_code == 302
    assert Draft.objects.count() == 1


# ---------------------------------------------------------------- two people


def test_two_people_of_two_duties_approve(tried: None, as_role: Browser) -> None:
    draft = kept(as_role(Role.ANALYST))
    assert said(as_role(Role.OVERALL_MANAGER), draft) == 302
    page = as_role(Role.ANALYST).get(f"/criteria/drafts/{draft.pk}/")
    assert page.context["standing"].state == "waiting"
    assert said(as_role(Role.SUPERVISOR), draft) == 302
    page = as_role(Role.ANALYST).get(f"/criteria/drafts/{draft.pk}/")
    assert page.context["standing"].state == "approved"
    entries = [json.loads(e.body) for e in Event.objects.filter(object="criteria", action="approve").order_by("number")]
    assert [entry["role"] for entry in entries] == ["overall_manager", "supervisor"]


def test_two_of_one_duty_are_not_two(tried: None, as_role: Browser) -> None:
    draft = kept(as_role(Role.ANALYST))
    assert said(as_role(Role.SUPERVISOR), draft) == 302
    assert said(as_role(Role.SUPERVISOR, login="another"), draft) == 409
    assert Verdict.objects.count() == 1


def test_nobody_says_two_things(tried: None, as_role: Browser) -> None:
    draft = kept(as_role(Role.ANALYST))
    client = as_role(Role.OVERALL_MANAGER)
    assert said(client, draft) == 302
    assert said(client, draft, "refuse", reason="考え直した") == 409
    assert Verdict.objects.count() == 1


def test_the_same_form_twice_says_it_once(tried: None, as_role: Browser) -> None:
    draft, client = kept(as_role(Role.ANALYST)), as_role(Role.OVERALL_MANAGER)
    form = saying(draft)
    assert [client.post(f"/criteria/drafts/{draft.pk}/say/", form).status_code for _ in range(2)] == [302, 302]
    assert Verdict.objects.count() == 1


def test_an_author_who_changed_the_duty_is_still_the_author(
    tried: None, as_role: Browser, staff: Callable[..., Any]
) -> None:
    draft = kept(as_role(Role.ANALYST))
    author = staff(Role.ANALYST)
    author.role = Role.OVERALL_MANAGER
    author.save()
    assert said(as_role(Role.OVERALL_MANAGER, login=author.login), draft) == 409
    assert Verdict.objects.count() == 0


def test_a_refusal_says_why_and_ends_the_draft(tried: None, as_role: Browser) -> None:
    draft = kept(as_role(Role.ANALYST))
    assert said(as_role(Role.PRIVACY_OFFICER), draft, "refuse") == 422
    assert said(as_role(Role.PRIVACY_OFFICER), draft, "refuse", reason="人数が少なすぎる") == 302
    assert said(as_role(Role.SUPERVISOR), draft) == 409
    assert as_role(Role.ANALYST).get(f"/criteria/drafts/{draft.pk}/").context["standing"].state == "refused"


def test_another_report_than_the_one_read_is_not_approved(tried: None, as_role: Browser) -> None:
    draft = kept(as_role(Role.ANALYST))
    assert said(as_role(Role.SUPERVISOR), draft, report="0" * 64) == 409
    assert Verdict.objects.count() == 0


def test_a_draft_of_another_version_is_past(tried: None, as_role: Browser) -> None:
    draft = kept(as_role(Role.ANALYST))
    row = NamelessTable.objects.get()
    newer = json.loads(row.carried)
    newer["text"] = newer["text"].replace('version = "2026.1.0"', 'version = "2026.2.0"')
    from tsunagu_web.criteria import queries

    queries._opened.cache_clear()
    NamelessTable.objects.update(carried=json.dumps(newer))
    assert said(as_role(Role.SUPERVISOR), draft) == 409
    queries._opened.cache_clear()


@pytest.mark.parametrize("table", ["criteria_draft", "criteria_verdict"])
def test_the_database_changes_nothing_that_was_said(tried: None, as_role: Browser, table: str) -> None:
    draft = kept(as_role(Role.ANALYST))
    said(as_role(Role.SUPERVISOR), draft)
    for statement in (f"UPDATE {table} SET at = at", f"DELETE FROM {table}"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


# ---------------------------------------------------------------- the bundle


def approved(as_role: Browser) -> Draft:
    draft = kept(as_role(Role.ANALYST))
    for role in (Role.OVERALL_MANAGER, Role.SUPERVISOR):
        assert said(as_role(role), draft) == 302
    return draft


def bundle(client: Client, draft: Draft) -> HttpResponse:
    return client.post(f"/criteria/drafts/{draft.pk}/bundle/")


def test_the_data_officer_takes_an_approved_draft_and_nobody_else(
    tried: None, as_role: Browser, tmp_path: Path
) -> None:
    draft = approved(as_role)
    for role in sorted(set(Role) - {Role.DATA_HOLDER}):
        assert bundle(as_role(role), draft).status_code == 403
    answer = bundle(as_role(Role.DATA_HOLDER), draft)
    assert answer.status_code == 200
    path = tmp_path / "bundle.zip"
    path.write_bytes(answer.content)
    found = read_bundle(path)
    assert (found.text, found.report, found.record.version) == (draft.text, draft.report, "2026.1.1")
    assert [one.role for one in found.record.approved] == ["overall_manager", "supervisor"]
    assert found.record.author.role == "analyst"
    assert sorted(zipfile.ZipFile(path).namelist()) == ["approval.json", "report.json", "three-judgments.toml"]
    assert (last_entry()["action"], last_entry()["detail"]["content"]) == ("export", draft.sha256)


def test_what_two_have_not_approved_cannot_be_taken(tried: None, as_role: Browser) -> None:
    draft = kept(as_role(Role.ANALYST))
    assert bundle(as_role(Role.DATA_HOLDER), draft).status_code == 404
    said(as_role(Role.SUPERVISOR), draft)
    assert bundle(as_role(Role.DATA_HOLDER), draft).status_code == 404


def test_the_room_keeps_no_person(tried: None) -> None:
    """No column of its tables could hold a child's number at all."""
    ids = {an_id(a_name(n)) for n in range(CHILDREN)}
    for model in (NamelessTable, Draft, Verdict):
        for row in model.objects.values():
            assert not ids & {str(value) for value in row.values()}
    assert dt.date(2015, 7, 19) not in {value for row in Draft.objects.values() for value in row.values()}
