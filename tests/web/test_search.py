"""The index of the search: what is kept, what is found by whom, and that what is hidden changes nothing."""

from __future__ import annotations

import datetime as dt
import importlib
import uuid
from collections.abc import Callable

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from builders import ATestPerson, a_child, a_household, an_id
from tsunagu.text.search import asked, grams
from tsunagu_web.access.terms import Role
from tsunagu_web.cases.models import Child
from tsunagu_web.cases.search import searched_of
from tsunagu_web.notes.models import Note
from tsunagu_web.people.models import Person
from tsunagu_web.search import queries, services
from tsunagu_web.search.models import Kind, Posting, SearchText
from tsunagu_web.search.queries import found
from tsunagu_web.search.services import (
    count_anew,
    index_document,
    index_documents,
    remove_documents,
    replace_all,
)
from tsunagu_web.worklist import queries as worklist

DAY = dt.date(2026, 9, 30)
HERE_PEOPLE = (a_child("髙橋 翔子", "タカハシ ショウコ"), a_child("渡邉 ケン", "ワタナベ ケン", household="2"))
ELSEWHERE = a_child("高橋 正", "タカハシ タダシ", household="3", school="201")


def a_note(text: str, person: ATestPerson = HERE_PEOPLE[0], label: int = 1) -> Note:
    """A note of that label, as far as the search knows of it."""
    note = Note.objects.create(
        child_id=person.person_id, label=label, number=1, form=uuid.uuid4(), changed_at=timezone.now()
    )
    index_document(Kind.NOTE, note.pk, text)
    return note


def of_child(child: Child) -> str:
    return searched_of(child.person)


def notes(label: int = 3) -> QuerySet[Note]:
    return Note.objects.filter(label__lte=label)


def names(answer: object) -> list[str]:
    return sorted(row.child.person.name for row in answer.context["rows"])  # type: ignore[attr-defined]


def ids(rows: QuerySet[Note]) -> set[int]:
    return {row.pk for row in rows}


def state() -> list[list[object]]:
    """Everything the index holds, with its own numbers left out."""
    own = dict(SearchText.objects.values_list("pk", "own_id"))
    postings = Posting.objects.values_list("gram", "document")
    return [
        sorted(SearchText.objects.values_list("kind", "own_id", "text")),
        sorted((gram, own.get(document, "nothing")) for gram, document in postings),
    ]


@pytest.fixture(params=["looked through one by one", "by their grams", "very many by their grams"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few rows are looked through, many are found by their grams: both give the same."""
    if "grams" in request.param:
        monkeypatch.setattr(queries, "FEW", -1)
    if "very many" in request.param:
        monkeypatch.setattr(queries, "MANY", -1)


@pytest.mark.parametrize(
    ("typed", "whom"),
    [
        ("高橋", ["髙橋 翔子"]),
        ("ﾀｶﾊｼ", ["髙橋 翔子"]),
        ("takahasi", ["髙橋 翔子"]),
        ("翔子 髙橋", ["髙橋 翔子"]),
        ("渡辺けん", ["渡邉 ケン"]),
        ("髙", ["髙橋 翔子"]),
        ("橋", []),
        ("し", []),
        ("たか", ["髙橋 翔子"]),
        ("ヴァ", []),
        ("タカ ケン", []),
    ],
)
def test_it_finds(
    typed: str, whom: list[str], either_way: None, intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(*HERE_PEOPLE)
    assert names(as_role().post("/children/search/", {"words": typed})) == whom


def test_a_sentence_says_when_too_little_was_typed(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(*HERE_PEOPLE)
    client = as_role()
    assert "二文字以上" in client.post("/children/search/", {"words": "し"}).content.decode()
    assert "二文字以上" not in client.post("/children/search/", {"words": "鈴木"}).content.decode()


def test_an_alias_is_found_and_an_address_is_not(
    either_way: None, intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    """Control: the address is in the run's table of names, and given to the index it would be found."""
    person = a_child(alias="例本 葵", address="瑞野市若葉5丁目12-4")
    intake(*a_household(person))
    client = as_role()
    assert names(client.post("/children/search/", {"words": "例本"})) == ["例川 あおい"]
    for typed in ("若葉", "瑞野", "5丁目", "わかば"):
        assert names(client.post("/children/search/", {"words": typed})) == []
    assert not SearchText.objects.filter(text__contains="若葉").exists()
    index_document(Kind.PERSON, person.person_id, person.address or "")
    assert names(client.post("/children/search/", {"words": "若葉"})) == ["例川 あおい"]


def test_a_name_that_changed_is_found_by_the_new_one_only(
    either_way: None, intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(a_child(person_id=an_id("same")))
    intake(a_child("例本 あおい", "レイモト アオイ", person_id=an_id("same")), name="next", on=dt.date(2026, 10, 31))
    client = as_role()
    assert names(client.post("/children/search/", {"words": "例川"})) == []
    assert names(client.post("/children/search/", {"words": "れいもと"})) == ["例本 あおい"]


def test_a_school_finds_its_own_children_only(
    either_way: None, intake: Callable[..., object], as_role: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    intake(*HERE_PEOPLE, ELSEWHERE)
    client = as_role(Role.VICE_PRINCIPAL)
    answer = client.post("/children/search/", {"words": "高橋"})
    assert names(answer) == ["髙橋 翔子"]
    assert answer.context["listed"].total == 1
    # Without the guard the other school's child is found, since the index itself knows of no scope; where there is a
    # second lock, that one still holds.
    monkeypatch.setattr(worklist, "children_of", lambda viewer: Child.objects.all())
    monkeypatch.setattr(worklist, "visible_to", lambda viewer, rows, **how: rows)
    unguarded = ["髙橋 翔子"] if connection.vendor == "postgresql" else ["高橋 正", "髙橋 翔子"]
    assert names(client.post("/children/search/", {"words": "高橋"})) == unguarded


def _asked_of_the_database(rows: QuerySet[Child], typed: str) -> tuple[list[str], list[str]]:
    with CaptureQueriesContext(connection) as captured:
        answer = [child.pk for child in found(rows, asked(typed), Kind.PERSON).order_by("pk")]
    return answer, [query["sql"] for query in captured]


def test_what_is_hidden_changes_neither_the_answer_nor_the_work(
    intake: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two worlds that differ in children of another school: the same answer by the very same statements."""
    mine = Child.objects.filter(school="102")
    intake(*HERE_PEOPLE)
    first = _asked_of_the_database(mine, "高橋翔")
    others = [
        a_child(f"大橋 翔{n}", "オオハシ ショウ", person_id=an_id(n), household=f"9{n}", school="201") for n in range(3)
    ]
    intake(*HERE_PEOPLE, *others, name="next", on=dt.date(2026, 10, 31))
    monkeypatch.setattr(services, "_COMMON", 2)
    count_anew()
    assert _asked_of_the_database(mine, "高橋翔") == first
    # With the grams asked although there are few rows, the hidden ones decide where the search begins.
    monkeypatch.setattr(queries, "FEW", -1)
    second = _asked_of_the_database(mine, "高橋翔")
    monkeypatch.setattr(queries, "common_grams", dict)
    assert _asked_of_the_database(mine, "高橋翔")[0] == second[0] == first[0]
    assert _asked_of_the_database(mine, "高橋翔")[1] != second[1]


def test_a_note_is_found_as_far_as_its_label_may_be_read(either_way: None, desk: None) -> None:
    low = a_note("母より電話。腹痛で欠席", label=1)
    high = a_note("腹痛の理由を本人から聞いた", label=3)
    assert ids(found(notes(), asked("腹痛"), Kind.NOTE)) == {low.pk, high.pk}
    assert ids(found(notes(label=2), asked("腹痛"), Kind.NOTE)) == {low.pk}
    assert ids(found(notes(label=2), asked("本人から"), Kind.NOTE)) == set()


def test_a_kind_is_searched_by_itself(
    either_way: None, intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(*HERE_PEOPLE)
    note = a_note("渡辺さんの弟が休んだ")
    assert names(as_role().post("/children/search/", {"words": "弟が"})) == []
    assert ids(found(notes(), asked("渡邊"), Kind.NOTE)) == {note.pk}
    assert ids(found(notes(), asked("ケン"), Kind.NOTE)) == set()


def test_the_id_of_another_kind_is_never_taken_for_a_number(intake: Callable[..., object]) -> None:
    """A database may work out the key of every text before it drops those of another kind."""
    intake(*HERE_PEOPLE)
    note = a_note("渡辺さんの弟が休んだ")
    keys = SearchText.objects.values_list(queries._own_key(Kind.NOTE, notes()), flat=True)
    assert sorted(keys, key=str) == sorted([note.pk, None, None], key=str)


def test_grams_without_the_text_find_nothing(either_way: None, desk: None) -> None:
    """Every pair of 頭痛腹痛頭 stands in the note, the whole does not: the text decides."""
    note = a_note("腹痛と頭痛。痛腹、痛頭")
    assert grams("頭痛腹") <= grams("腹痛ト頭痛痛腹痛頭")
    assert ids(found(notes(), asked("頭痛腹"), Kind.NOTE)) == set()
    assert ids(found(notes(), asked("頭痛痛腹"), Kind.NOTE)) == {note.pk}


@pytest.mark.parametrize("typed", ["腹痛", "けさ", "satou", "佐藤 訪問", "SNS", "１０月"])
def test_both_ways_give_the_same(typed: str, desk: None, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ("けさ腹痛で欠席", "佐藤先生が訪問", "さとうさんからＳＮＳのこと", "10月3日に訪問", "佐藤")
    for text in texts:
        a_note(text)
    one_by_one = ids(found(notes(), asked(typed), Kind.NOTE))
    monkeypatch.setattr(queries, "FEW", -1)
    assert ids(found(notes(), asked(typed), Kind.NOTE)) == one_by_one != set()


def test_deleting_a_text_removes_every_posting(desk: None, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = a_note("腹痛で欠席")
    before = state()
    gone = [a_note("腹痛で欠席。佐藤先生が訪問").pk, a_note("さとうさん").pk]
    numbers = set(SearchText.objects.filter(own_id__in=map(str, gone)).values_list("pk", flat=True))
    assert remove_documents(Kind.NOTE, [*gone, 999]) == 2
    assert state() == before
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith("search_"):
                cursor.execute(f'SELECT * FROM "{table}"')
                rows = cursor.fetchall()
                assert "佐藤" not in repr(rows), table
                if table == "search_posting":
                    assert not [row for row in rows if row[1] in numbers]
    # Without the guard the postings stay.
    number = SearchText.objects.get(own_id=str(kept.pk)).pk
    monkeypatch.setattr(services, "_forget", lambda document, old: None)
    remove_documents(Kind.NOTE, [kept.pk])
    assert Posting.objects.filter(document=number).exists()


def test_a_text_that_changed_leaves_nothing_of_the_old_one(desk: None) -> None:
    note = a_note("腹痛で欠席")
    index_document(Kind.NOTE, note.pk, "佐藤先生が訪問")
    changed = state()
    remove_documents(Kind.NOTE, [note.pk])
    index_document(Kind.NOTE, note.pk, "佐藤先生が訪問")
    assert state() == changed


def test_a_write_that_is_taken_back_takes_its_text_back(desk: None) -> None:
    before = state()
    with transaction.atomic():
        a_note("腹痛で欠席")
        transaction.set_rollback(True)
    assert state() == before


def test_the_index_is_made_anew_from_the_rows(
    intake: Callable[..., object], capsys: pytest.CaptureFixture[str]
) -> None:
    intake(*HERE_PEOPLE, ELSEWHERE)
    whole = state()
    number = SearchText.objects.get(own_id=HERE_PEOPLE[0].person_id).pk
    # Everything that may be wrong: a text that is missing, a stranger, a changed text, postings lost and left over.
    remove_documents(Kind.PERSON, [ELSEWHERE.person_id])
    index_document(Kind.PERSON, "nobody", "だれでもない")
    SearchText.objects.filter(pk=number).update(text="|ちがう")
    index_document(Kind.PERSON, HERE_PEOPLE[1].person_id, "ちがう")
    Posting.objects.filter(document=number).first().delete()  # type: ignore[union-attr]
    Posting.objects.create(gram=17, document=999_999)
    assert state() != whole
    call_command("search_index")
    assert state() == whole
    call_command("search_index")
    assert state() == whole
    assert "3 children" in capsys.readouterr().out


def test_a_change_made_while_the_index_is_made_anew_is_kept(
    intake: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the list of what is to be read and the reading, somebody writes; the index holds what they wrote."""
    intake(*HERE_PEOPLE)
    changed, gone = (person.person_id for person in HERE_PEOPLE)
    really = services._places

    def meanwhile(kind: Kind, own_ids: object) -> dict[str, SearchText]:
        monkeypatch.setattr(services, "_places", really)
        Person.objects.filter(pk=changed).update(name="例本 翔子")
        index_document(Kind.PERSON, changed, of_child(Child.objects.get(pk=changed)))
        Child.objects.filter(pk=gone).delete()
        remove_documents(Kind.PERSON, [gone])
        return really(kind, own_ids)  # type: ignore[arg-type]

    monkeypatch.setattr(services, "_places", meanwhile)
    assert replace_all(Kind.PERSON, Child.objects.all(), of_child) == 1
    (kept,) = SearchText.objects.all()
    assert "例本翔子" in kept.text
    assert {document for _, document in Posting.objects.values_list("gram", "document")} == {kept.pk}


def test_an_index_half_made_is_finished_by_the_next_run(
    intake: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    intake(*[a_child(f"例川 {n}", "レイカワ", person_id=an_id(n), household=str(n)) for n in range(7)])
    whole = state()
    remove_documents(Kind.PERSON, Child.objects.values_list("pk", flat=True))
    monkeypatch.setattr(services, "_BATCH", 2)
    read = 0

    def killed(child: Child) -> str:
        nonlocal read
        read += 1
        if read > 5:
            raise KeyboardInterrupt
        return of_child(child)

    with pytest.raises(KeyboardInterrupt):
        replace_all(Kind.PERSON, Child.objects.all(), killed)
    assert len(SearchText.objects.exclude(text="")) == 4, "two batches were done, the third left nothing"
    assert replace_all(Kind.PERSON, Child.objects.all(), of_child) == 7
    assert state() == whole


def test_a_desk_of_before_is_searched_as_soon_as_it_is_migrated(
    intake: Callable[..., object], as_role: Callable[..., Client]
) -> None:
    intake(*HERE_PEOPLE)
    whole = state()
    step = importlib.import_module("tsunagu_web.cases.migrations.0011_children_are_in_the_index")
    step.forget(apps, None)
    assert names(as_role().post("/children/search/", {"words": "高橋"})) == []
    step.index(apps, None)
    step.index(apps, None)
    assert state() == whole


def test_many_are_kept_at_once(desk: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "_BATCH", 3)
    texts = [(number, f"腹痛 {number}日") for number in range(10)]
    assert index_documents(Kind.NOTE, iter(texts)) == 10
    assert index_documents(Kind.NOTE, [*texts, texts[0]]) == 11
    at_once = state()
    remove_documents(Kind.NOTE, range(10))
    assert state() == [[], []]
    for number, text in texts:
        index_document(Kind.NOTE, number, text)
    assert state() == at_once


def test_a_common_gram_is_not_where_a_search_begins(desk: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "_COMMON", 2)
    for text in ("欠席した", "欠席とのこと", "早退、佐藤先生", "欠席、佐藤先生"):
        a_note(text)
    count_anew()
    (begin,) = queries._where_to_begin(asked("欠席 早退"), Kind.NOTE)
    assert {begin} == services.grams_of(Kind.NOTE, "早退")
    assert queries._where_to_begin(asked("ヴァ"), Kind.NOTE) == ()
