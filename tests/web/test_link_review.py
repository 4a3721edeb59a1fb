"""Link review: who may see it, what it shows, deciding, taking back, and what goes to the next run."""

from __future__ import annotations

import datetime as dt
import io
import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from builders import ATestPair, a_child, an_id
from tsunagu.errors import PurposeError, StateError
from tsunagu.runs.decisions_file import read_decisions
from tsunagu_web.access.models import Conflict
from tsunagu_web.access.terms import Purpose, Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.addresses import vault
from tsunagu_web.audit.models import Event
from tsunagu_web.audit.names import VALUES
from tsunagu_web.cases.models import Child
from tsunagu_web.link_review.models import LinkDecision, LinkPair, Verdict

LEFT = {
    "name": "渡邉　はると",
    "kana": "ワタナベ ハルト",
    "birth_date": dt.date(2017, 5, 9),
    "sex": "1",
    "holder": "kokoro",
}
RIGHT = {"name": "渡辺　はると", "kana": "ワタナベ ハルト", "birth_date": dt.date(2017, 5, 19), "sex": "1"}
PAIR = ATestPair(LEFT, RIGHT)
OTHER = ATestPair({"name": "例田 ゆい"}, {"name": "例多 ゆい"}, question="namesakes")
MARKS = "0" * 16


@pytest.fixture
def pairs(intake: Callable[..., object]) -> None:
    intake(a_child(), doubtful=[PAIR, OTHER])


def the_pair(name: str = "渡邉　はると") -> LinkPair:
    return LinkPair.objects.get(left_person=an_id(name))


def url(pair: LinkPair, *more: str) -> str:
    return "/".join(["/links", pair.pk, *more, ""])


def a_decision(pair: LinkPair, verdict: str = "same", **changes: Any) -> dict[str, Any]:
    return {
        "verdict": verdict,
        "why": "asked",
        "seen": 0,
        "content": pair.content,
        "form": str(uuid.uuid4()),
        **changes,
    }


def entries(count: int = 1) -> list[dict[str, Any]]:
    """The last entries of the log, the oldest first."""
    return [json.loads(event.body) for event in Event.objects.order_by("-number")[:count]][::-1]


def waiting(client: Client) -> int:
    return int(client.get("/links/").context["waiting"])


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ANALYST}))
def test_only_the_analyst_opens_a_pair_or_decides(pairs: None, as_role: Callable[..., Client], role: str) -> None:
    pair, client = the_pair(), as_role(role)
    for answer in (
        client.get(url(pair)),
        client.post(url(pair, "decide"), a_decision(pair)),
        client.post("/links/decisions-file/"),
    ):
        assert answer.status_code == 403
        assert "渡" not in answer.content.decode()
    assert LinkDecision.objects.count() == 0


@pytest.mark.parametrize(
    ("role", "status", "shown"),
    [
        (Role.ANALYST, 200, 2),
        (Role.PRIVACY_OFFICER, 200, 2),
        (Role.OVERALL_MANAGER, 200, 0),
        (Role.LEAD_WORKER, 200, 0),
        (Role.SUPERVISOR, 200, 0),
        (Role.SYSTEM_ADMINISTRATOR, 403, 0),
        (Role.VICE_PRINCIPAL, 403, 0),
    ],
)
def test_the_list_names_nobody_whoever_asks(
    pairs: None, as_role: Callable[..., Client], role: str, status: int, shown: int
) -> None:
    answer = as_role(role).get("/links/")
    assert answer.status_code == status
    assert len((answer.context or {}).get("rows", ())) == shown
    text = answer.content.decode()
    assert not [name for name in ("渡邉", "渡辺", "例田", "ワタナベ") if name in text]


def test_a_worker_learns_in_words_that_a_child_of_theirs_is_in_doubt(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    child = a_child()
    intake(
        child, doubtful=[PAIR, ATestPair({"name": "例河 あおい"}, {"name": child.name, "person_id": child.person_id})]
    )
    answer = as_role().get("/links/")
    assert [row.children for row in answer.context["rows"]] == [[child.person_id]]
    assert "例河" not in answer.content.decode()
    assert entries()[0]["persons"] == sorted({child.person_id, an_id("例河 あおい")})


@pytest.mark.parametrize(
    ("agrees", "differs", "unlike"),
    [("surname,birth", "given", ["名", "生年月日"]), ("surname,given", "birth", [])],
    ids=["otherwise", "alike"],
)
def test_where_comparison_and_table_differ_the_page_says_why(
    agrees: str, differs: str, unlike: list[str], intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    """The linkage takes the best of all records of both; the table sets one record beside one other."""
    intake(a_child(), doubtful=[replace(PAIR, agrees=agrees, differs=differs), OTHER])
    page = as_role(Role.ANALYST).get(url(the_pair()))
    assert [str(field) for field in page.context["unlike"]] == unlike
    text = page.content.decode()
    assert ("一件ずつ" in text) is bool(unlike)
    assert "<dt>一致</dt>" in text
    assert "同意" not in text


def test_a_pair_is_shown_side_by_side_and_the_look_is_recorded(pairs: None, as_role: Callable[..., Client]) -> None:
    answer = as_role(Role.ANALYST).get(url(the_pair()))
    text = answer.content.decode()
    assert "渡<mark>邉</mark> はると" in text
    assert "渡<mark>辺</mark> はると" in text
    assert [str(row.compared.word) for row in answer.context["rows"]] == ["other_form", "agrees", "differs", "agrees"]
    [look] = entries()
    assert (look["action"], look["object"], look["purpose"]) == ("view", "link_review", "analysis")
    assert look["persons"] == sorted([an_id("渡邉　はると"), an_id("渡辺　はると")])


def test_a_decision_takes_the_pair_off_the_list_with_its_entry(pairs: None, as_role: Callable[..., Client]) -> None:
    pair, client = the_pair(), as_role(Role.ANALYST)
    assert waiting(client) == 2
    assert client.post(url(pair, "decide"), a_decision(pair)).status_code == 302
    made, [entry] = LinkDecision.objects.get(), entries()
    assert (entry["action"], entry["object"], entry["persons"]) == ("decide", "link_review", pair.persons)
    assert entry["detail"] | {"content": ""} == {
        "outcome": "same",
        "reason": "asked",
        "number": made.pk,
        "row": f"link_review.linkdecision:{made.pk}",
        "content": "",
    }
    assert waiting(client) == 1


def test_the_auditor_reads_verdicts_in_words() -> None:
    assert {verdict: str(VALUES["outcome"][verdict]) for verdict in Verdict} == {v: str(v.label) for v in Verdict}


def test_a_reason_is_needed(pairs: None, as_role: Callable[..., Client]) -> None:
    pair, client = the_pair(), as_role(Role.ANALYST)
    assert client.post(url(pair, "decide"), a_decision(pair, why="")).status_code == 422
    assert client.post(url(pair, "decide"), a_decision(pair, "taken_back")).status_code == 422
    assert LinkDecision.objects.count() == 0


def test_a_second_click_is_harmless(pairs: None, as_role: Callable[..., Client]) -> None:
    pair, client = the_pair(), as_role(Role.ANALYST)
    form = a_decision(pair)
    assert [client.post(url(pair, "decide"), form).status_code for _ in range(2)] == [302, 302]
    assert LinkDecision.objects.count() == 1


def test_a_stale_page_overwrites_nothing(pairs: None, as_role: Callable[..., Client]) -> None:
    pair, client = the_pair(), as_role(Role.ANALYST)
    client.post(url(pair, "decide"), a_decision(pair))
    late = client.post(url(pair, "decide"), a_decision(pair, "different"))
    assert late.status_code == 409
    assert late.context["form"].initial["seen"] == 1, "the page now stands on what holds"
    changed = client.post(url(pair, "decide"), a_decision(pair, "different", seen=1, content="0" * 64))
    assert changed.status_code == 409
    assert [d.verdict for d in LinkDecision.objects.all()] == ["same"]


def test_a_decision_is_taken_back_by_a_later_one(pairs: None, as_role: Callable[..., Client]) -> None:
    pair, client = the_pair(), as_role(Role.ANALYST)
    client.post(url(pair, "decide"), a_decision(pair))
    [(made, form)] = client.get("/links/decided/").context["rows"]
    back = f"/links/decided/{made.pk}/take-back/"
    assert [client.post(back, {"form": form}).status_code for _ in range(2)] == [302, 302], "a second click"
    assert client.post(back, {"form": str(uuid.uuid4())}).status_code == 409, "it was taken back before"
    assert [d.verdict for d in LinkDecision.objects.order_by("number")] == ["same", "taken_back"]
    assert waiting(client) == 2
    assert [form for _row, form in client.get("/links/decided/").context["rows"]] == [""]


def test_the_database_keeps_every_decision(pairs: None, as_role: Callable[..., Client]) -> None:
    pair = the_pair()
    as_role(Role.ANALYST).post(url(pair, "decide"), a_decision(pair))
    for change in (lambda rows: rows.update(verdict="different"), lambda rows: rows.delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change(LinkDecision.objects.all())


def test_cannot_tell_is_asked_again_when_something_changed(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child(), doubtful=[PAIR])
    pair, client = the_pair(), as_role(Role.ANALYST)
    client.post(url(pair, "decide"), a_decision(pair, "cannot_tell"))
    later = dt.date(2026, 10, 31)
    intake(a_child(), doubtful=[PAIR], name="unchanged", on=later)
    assert waiting(client) == 0
    intake(
        a_child(),
        doubtful=[replace(PAIR, differs="given,birth", left=LEFT | {"sex": "2"})],
        name="changed",
        on=later + dt.timedelta(days=1),
    )
    assert waiting(client) == 1


def test_own_family_is_closed_on_list_page_and_decision(
    pairs: None, as_role: Callable[..., Client], staff: Callable[..., Staff]
) -> None:
    pair, client = the_pair(), as_role(Role.ANALYST)
    client.post(url(pair, "decide"), a_decision(pair))
    number = LinkDecision.objects.get().pk
    Conflict.objects.create(
        staff=staff(Role.ANALYST), person_id=pair.right_person, kind="own_family", entered_at=timezone.now()
    )
    assert client.get(url(pair)).status_code == 404
    assert client.post(url(pair, "decide"), a_decision(pair, seen=1)).status_code == 404
    assert client.post(f"/links/decided/{number}/take-back/", {"form": str(uuid.uuid4())}).status_code == 404
    assert list(client.get("/links/decided/").context["rows"]) == []
    assert waiting(client) == 1, "the other pair"


def test_who_supports_a_child_does_not_analyse_it(
    intake: Callable[..., object], as_role: Callable[..., Client], staff: Callable[..., Staff]
) -> None:
    child = a_child()
    intake(child, doubtful=[ATestPair({"name": "例河 あおい"}, {"name": child.name, "person_id": child.person_id})])
    client = as_role(Role.ANALYST)
    assert waiting(client) == 1
    staff(Role.ANALYST).duties.create(kind="team", key=Child.objects.get().team, starts_on=timezone.localdate())
    assert waiting(as_role(Role.ANALYST)) == 0


def everything_stored() -> str:
    """Every value of every table, as a dump of the database holds it."""
    said = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            said += [
                bytes(v).decode("latin-1") if isinstance(v, bytes | memoryview) else str(v) for r in cursor for v in r
            ]
    return "\n".join(said)


def test_names_of_a_pair_are_in_no_table(pairs: None, as_role: Callable[..., Client]) -> None:
    pair = the_pair()
    as_role(Role.ANALYST).get(url(pair))
    as_role(Role.ANALYST).post(url(pair, "decide"), a_decision(pair))
    stored = everything_stored()
    assert pair.pk in stored, "the dump holds the pair"
    assert not [name for name in ("渡邉", "渡辺", "ワタナベ", r"\u6e21", "2017-05-09") if name in stored]


def test_control_without_the_seal_they_would_be(intake: Callable[..., object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault, "encrypt", lambda key, plain, bound_to: plain)
    intake(a_child(), doubtful=[PAIR])
    assert "渡邉".encode().decode("latin-1") in everything_stored()


def test_a_sealed_pair_opens_in_its_own_place_only(pairs: None, as_role: Callable[..., Client]) -> None:
    pair = the_pair()
    LinkPair.objects.filter(pk=pair.pk).update(sealed=the_pair("例田 ゆい").sealed)
    with pytest.raises(PurposeError):
        as_role(Role.ANALYST).get(url(pair))


def test_the_file_for_the_next_run_holds_marks_and_what_is_in_force(
    pairs: None, as_role: Callable[..., Client], tmp_path: Path
) -> None:
    pair, other, client = the_pair(), the_pair("例田 ゆい"), as_role(Role.ANALYST)
    client.post(url(pair, "decide"), a_decision(pair, "different"))
    client.post(url(other, "decide"), a_decision(other))
    taken = LinkDecision.objects.get(pair=other.pk)
    client.post(f"/links/decided/{taken.pk}/take-back/", {"form": str(uuid.uuid4())})
    answer = client.post("/links/decisions-file/")
    (tmp_path / "by-page").write_bytes(answer.content)
    read = read_decisions(tmp_path / "by-page", marks=MARKS)
    [decided] = read.decisions
    assert (decided.pair, decided.verdict) == (pair.pk, "different")
    assert (decided.left.number, decided.right.said) == (pair.left_number, pair.right_said)
    [entry] = entries()
    assert (entry["action"], entry["detail"]) == ("export", {"rows": 1, "content": read.sha256})
    call_command("link_decisions", out=tmp_path / "by-command", stdout=io.StringIO())
    assert (tmp_path / "by-command").read_bytes() == answer.content
    assert entries()[0]["detail"]["content"] == read.sha256
    assert not [word for word in ("渡", "例", pair.left_person) if word in answer.content.decode()]
    with pytest.raises(StateError):
        call_command("link_decisions", out=tmp_path / "by-command")


def test_nothing_is_open_under_a_purpose_the_role_does_not_have(pairs: None, as_role: Callable[..., Client]) -> None:
    assert as_role(Role.ANALYST, purpose=Purpose.AUDIT).get("/links/").status_code == 302
