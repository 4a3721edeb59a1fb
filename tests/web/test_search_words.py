"""The words of a search: nowhere in plain, sealed beside the log's entry, opened by an auditor's recorded act."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from builders import a_child
from tsunagu.runs.crypt import create_key
from tsunagu_web.access.terms import Action, Role
from tsunagu_web.audit.models import Event
from tsunagu_web.search import terms
from tsunagu_web.search.models import SearchTerms

# Nobody is called so, and no text of the desk holds it.
CANARY = "鵺野鵺太郎"


def traces(words: str) -> Iterator[str]:
    """Every table that holds the words in a form that can be read."""
    forms = [words.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be", "cp932", "euc-jp")]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                values = [
                    v.encode() if isinstance(v, str) else bytes(v)
                    for v in row
                    if isinstance(v, str | bytes | memoryview)
                ]
                if any(form in value for form in forms for value in values):
                    yield table


def the_search() -> Event:
    return Event.objects.get(action="search")


@pytest.fixture
def searched(intake: Callable[..., object], as_role: Callable[..., Client]) -> Event:
    """Somebody searched for the canary."""
    intake(a_child())
    assert as_role().post("/children/search/", {"words": CANARY}).status_code == 200
    return the_search()


def test_the_words_stand_nowhere_in_plain(searched: Event) -> None:
    assert json.loads(searched.body)["detail"].keys() == {"found", "words"}
    assert SearchTerms.objects.get().event == searched.number
    assert list(traces(CANARY)) == []


def _searches(patterns: list[URLPattern | URLResolver], prefix: str = "/") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _searches(pattern.url_patterns, prefix + str(pattern.pattern))
        elif getattr(getattr(pattern.callback, "policy", None), "action", None) is Action.SEARCH:
            yield prefix + str(pattern.pattern)


SEARCHES = sorted(_searches(get_resolver().url_patterns))


@pytest.mark.parametrize("path", SEARCHES)
def test_every_search_keeps_its_words_sealed(
    path: str, intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child())
    kind = {"content_type": "application/json"} if path.startswith("/api/") else {}
    assert as_role().post(path, {"words": CANARY}, **kind).status_code == 200
    assert terms.opened(the_search()).words == CANARY
    assert list(traces(CANARY)) == []


def test_the_page_is_among_the_searches() -> None:
    assert "/children/search/" in SEARCHES


def test_the_search_for_traces_finds_words_that_are_not_sealed(
    intake: Callable[..., object], as_role: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    intake(a_child())
    monkeypatch.setattr(terms, "encrypt", lambda key, plain, bound_to: plain)
    as_role().post("/children/search/", {"words": CANARY})
    assert list(traces(CANARY)) == ["search_searchterms"]


def test_the_same_words_are_sealed_otherwise_each_time_and_always_as_long(
    searched: Event, as_role: Callable[..., Client]
) -> None:
    for words in (CANARY, "鵺", "", "鵺" * 60):
        as_role().post("/children/search/", {"words": words})
    sealed = [bytes(row.sealed) for row in SearchTerms.objects.all()]
    assert len(set(sealed)) == 5
    assert len({len(one) for one in sealed}) == 1


def test_no_error_and_no_log_line_holds_the_words(
    intake: Callable[..., object],
    as_role: Callable[..., Client],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    intake(a_child())
    client = as_role()
    client.raise_request_exception = False

    def fails(*given: object, **named: object) -> None:
        raise RuntimeError(CANARY)

    with caplog.at_level(logging.DEBUG):
        for name in ("found", "_order"):
            with monkeypatch.context() as patch:
                patch.setattr(f"tsunagu_web.worklist.queries.{name}", fails)
                answer = client.post("/children/search/", {"words": CANARY})
            assert answer.status_code == 500
            assert CANARY not in answer.content.decode()
        assert client.get("/children/search/", {"words": "x"}).status_code == 405
    assert "a page failed" in caplog.text
    # Django's own record of SQL is kept in memory for tests alone; it is off wherever DEBUG is.
    told = "\n".join(r.getMessage() for r in caplog.records if r.name != "django.db.backends")
    assert CANARY not in told


def test_nothing_is_shown_when_the_words_cannot_be_kept(
    intake: Callable[..., object], as_role: Callable[..., Client], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    intake(a_child())
    client = as_role()
    assert "例川 あおい" in client.post("/children/search/", {"words": "例川"}).content.decode()
    events = Event.objects.count()
    missing = replace(settings.ENVIRONMENT, search_key=tmp_path / "gone.key")
    with monkeypatch.context() as patch:
        patch.setattr(settings, "ENVIRONMENT", missing)
        answer = client.post("/children/search/", {"words": "例川"})
    assert answer.status_code == 503
    assert "例川" not in answer.content.decode()

    def full(*given: object, **named: object) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(SearchTerms.objects, "create", full)
    answer = client.post("/children/search/", {"words": "例川"})
    assert answer.status_code == 503
    assert "例川" not in answer.content.decode()
    assert Event.objects.count() == events, "entry and words stand or fall together"


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.AUDITOR])
def test_nobody_but_the_auditor_opens_them(role: str, searched: Event, as_role: Callable[..., Client]) -> None:
    answer = as_role(role).post(f"/log/{searched.number}/words/")
    assert answer.status_code == 403
    assert CANARY not in answer.content.decode()


def test_the_auditor_opens_them_by_an_act_that_is_recorded(searched: Event, as_role: Callable[..., Client]) -> None:
    auditor = as_role(Role.AUDITOR)
    log = auditor.get("/log/").content.decode()
    assert CANARY not in log
    assert f'action="/log/{searched.number}/words/"' in log
    assert auditor.get(f"/log/{searched.number}/words/").status_code == 405
    assert CANARY in auditor.post(f"/log/{searched.number}/words/").content.decode()
    act = json.loads(Event.objects.order_by("-number").first().body)  # type: ignore[union-attr]
    assert (act["action"], act["object"], act["detail"]) == ("view", "search_words", {"event": searched.number})
    assert list(traces(CANARY)) == []


def test_who_may_read_the_log_but_not_the_words_gets_no_button(searched: Event, as_role: Callable[..., Client]) -> None:
    log = as_role(Role.PRIVACY_OFFICER).get("/log/")
    assert log.status_code == 200
    assert "/words/" not in log.content.decode()


def test_unless_it_is_recorded_nothing_is_opened(
    searched: Event, as_role: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    auditor = as_role(Role.AUDITOR)

    def full(**fields: object) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr("tsunagu_web.audit.looks.append_now", full)
    answer = auditor.post(f"/log/{searched.number}/words/")
    assert answer.status_code == 503
    assert CANARY not in answer.content.decode()


def test_only_a_search_has_words(searched: Event, as_role: Callable[..., Client]) -> None:
    auditor = as_role(Role.AUDITOR)
    for number in (searched.number - 1, 999_999):
        assert auditor.post(f"/log/{number}/words/").status_code == 404


def test_another_key_opens_nothing_and_says_so(
    searched: Event, as_role: Callable[..., Client], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    create_key(tmp_path / "other.key")
    for key in ("other.key", "missing.key"):
        monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, search_key=tmp_path / key))
        answer = as_role(Role.AUDITOR).post(f"/log/{searched.number}/words/")
        assert answer.status_code == 200
        assert "開けません" in answer.content.decode()
        assert CANARY not in answer.content.decode()


def test_words_of_another_search_are_found_out(searched: Event, as_role: Callable[..., Client]) -> None:
    as_role().post("/children/search/", {"words": "例川"})
    other = SearchTerms.objects.exclude(pk=searched.number).get()
    assert terms.opened(Event.objects.get(pk=other.event)).words == "例川"
    moved = SearchTerms(event=searched.number, sealed=bytes(other.sealed))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SearchTerms.objects, "get", lambda pk: moved)
        assert terms.opened(searched).words is None


@pytest.mark.parametrize("change", ["UPDATE search_searchterms SET event = 0", "DELETE FROM search_searchterms"])
def test_the_database_refuses_to_change_them(change: str, searched: Event) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
