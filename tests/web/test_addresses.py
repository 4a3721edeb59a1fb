"""An address is shown only where the table says so and the list, read at this moment, does not speak against it."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from builders import ATestPerson, a_child, a_household, a_run
from canary import hits
from tsunagu.errors import PurposeError, SourceError, StateError
from tsunagu.runs.crypt import create_key, read_key
from tsunagu.runs.folder import open_run
from tsunagu.suppression.other_party import Someone, Telling
from tsunagu.suppression.spread import household_tie, place_tie
from tsunagu_web.access.decision import Subject
from tsunagu_web.access.terms import Role
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.addresses import in_force_now, queries, vault
from tsunagu_web.addresses.models import AddressRow, RegisterRow, SealedTable
from tsunagu_web.addresses.queries import address_of, conflicts_for_staff, telling
from tsunagu_web.cases.models import Child
from tsunagu_web.intake.services import take_in
from two_worlds import a_list, comparable, two_worlds, undone

HOME, BEFORE = "瑞野市星影台三丁目77番地の5", "瑞野市泉町五丁目10番地の13"
AOI, MOTHER = a_household(a_child(address=HOME, former=(BEFORE,)))
MOTHER = replace(MOTHER, address=HOME)
OTHERS = a_child("例本 みお", "レイモト ミオ", household="7", address="瑞野市月見坂一丁目2番地の9")
HIDDEN_LINE = '<p class="concealed">住所：権限により非表示</p>'


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desk that was told where key and list lie; the key is there, the list is not yet."""
    create_key(tmp_path / "address.key")
    told = replace(
        settings.ENVIRONMENT,
        address_key=tmp_path / "address.key",
        suppression_list=tmp_path / "list.csv",
        suppression_hours=24,
    )
    monkeypatch.setattr(settings, "ENVIRONMENT", told)
    return tmp_path


@pytest.fixture
def city(desk: None, files: Path) -> Callable[..., None]:
    """Takes in a run with these people, and puts a list with these residents where the desk looks for it."""
    numbers = count()

    def made(*people: ATestPerson, listed: tuple[ATestPerson, ...] = (), other: str = "", **how: object) -> None:
        key = read_key(files / "address.key")
        path = a_run(files / f"run{next(numbers)}", *people, key=files / "run.key", address_key=key, **how)  # type: ignore[arg-type]
        take_in(open_run(path), read_key(files / "run.key"), address_key=key)
        a_list(files / "list.csv", *((p.resident_no, other) for p in listed))

    return made


def viewer(role: str = Role.LEAD_WORKER, **more: object) -> Viewer:
    return Viewer(1, "staff:1", role, "early_support", teams=frozenset({"intake"}), **more)  # type: ignore[arg-type]


def shown(person: ATestPerson, who: Viewer | None = None) -> str | None:
    """The address as it would be shown, or None."""
    found = address_of(who or viewer(), Subject(person.person_id, team="intake"))
    return found.address if found.is_shown else None


def test_who_may_not_is_shown_nothing(city: Callable[..., None]) -> None:
    city(AOI, MOTHER)
    allowed = {role for role in Role.values if shown(AOI, viewer(role)) is not None}
    assert allowed == {Role.LEAD_WORKER, Role.SUPERVISOR, Role.PUBLIC_HEALTH_NURSE}
    assert shown(AOI, viewer(blocked=frozenset({AOI.person_id}))) is None
    assert shown(AOI, replace(viewer(), teams=frozenset({"another"}))) is None


def test_a_program_gets_the_address_that_the_page_shows_and_no_other(
    city: Callable[..., None], as_role: Callable[..., Client]
) -> None:
    def answered(role: Role) -> tuple[object, object, bool]:
        answer = as_role(role).get(f"/api/v1/children/{AOI.person_id}/").json()
        former = [place["address"] for place in answer.get("former_addresses", [])]
        return answer.get("address"), former, "address" in [part["field"] for part in answer["hidden"]]

    city(AOI, MOTHER)
    assert answered(Role.VICE_PRINCIPAL) == (None, [], True)
    assert answered(Role.LEAD_WORKER) == (HOME, [BEFORE], False)
    city(AOI, MOTHER, listed=(MOTHER,), on=dt.date(2026, 10, 31))
    assert answered(Role.LEAD_WORKER) == (None, [], True)


def test_who_may_sees_the_address_and_the_former_ones(city: Callable[..., None]) -> None:
    city(AOI, MOTHER, OTHERS)
    assert [shown(p) for p in (AOI, MOTHER, OTHERS)] == [HOME, HOME, OTHERS.address]
    found = address_of(viewer(), Subject(AOI.person_id, team="intake"))
    assert isinstance(found, queries.Shown)
    assert [place.address for place in found.former] == [BEFORE]


MOVED = replace(MOTHER, household=OTHERS.household, address=str(OTHERS.address))


def test_the_same_list_beside_a_newer_register_is_worked_out_anew(city: Callable[..., None]) -> None:
    city(AOI, MOTHER, OTHERS, listed=(MOTHER,))
    assert shown(OTHERS) == OTHERS.address
    city(AOI, MOVED, OTHERS, listed=(MOTHER,), on=dt.date(2026, 10, 31))
    assert shown(OTHERS) is None, "the protected person has moved in, and not a letter of the list has changed"


def test_control_what_is_kept_across_intakes_would_show_it(
    city: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = queries._person_and_intake
    monkeypatch.setattr(queries, "_person_and_intake", lambda *who: (asked(*who)[0], b"always the same"))
    city(AOI, MOTHER, OTHERS, listed=(MOTHER,))
    assert shown(OTHERS) == OTHERS.address
    city(AOI, MOVED, OTHERS, listed=(MOTHER,), on=dt.date(2026, 10, 31))
    assert shown(OTHERS) == OTHERS.address


def test_unchanged_rows_are_opened_once(city: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    city(AOI, MOTHER, OTHERS, listed=(MOTHER,))
    opened, really = [], vault.Vault.open
    monkeypatch.setattr(vault.Vault, "open", lambda self, *row: opened.append(row[0]) or really(self, *row))
    assert [shown(OTHERS), shown(OTHERS)] == [OTHERS.address] * 2
    assert len(opened) == 3, "the person's row twice, the listed resident's once"


def test_hirakata_one_list_decides_for_every_page_and_a_flag_alone_hides_too(city: Callable[..., None]) -> None:
    """Hirakata 2019: the flag stood on one system only. No page has a flag of its own; whichever says so hides."""
    city(AOI, replace(MOTHER, is_flagged=True), OTHERS)
    assert [shown(p) for p in (AOI, MOTHER, OTHERS)] == [None, None, OTHERS.address], (
        "the flag alone, and its household"
    )
    city(AOI, MOTHER, OTHERS, listed=(MOTHER,), on=dt.date(2026, 10, 31))
    assert [shown(p) for p in (AOI, MOTHER, OTHERS)] == [None, None, OTHERS.address], "the list alone"


def test_the_late_flag_of_a_member_takes_nothing_away(city: Callable[..., None]) -> None:
    """As in the sample: the applicant has no flag yet, one child of three has none; the list names them all."""
    city(AOI, MOTHER, listed=(AOI, MOTHER))
    assert [shown(p) for p in (AOI, MOTHER)] == [None, None]


def test_atsugi_whoever_shares_a_household_or_an_address_is_hidden_with_them(city: Callable[..., None]) -> None:
    """Atsugi, about 2022: a co-owner's notice printed the address. The ways round: a household, a shared address."""
    grandmother = a_child("例山 うめ", "レイヤマ ウメ", household="99", address=HOME)
    moved = a_child("例川 はる", "レイカワ ハル", household="98", address="瑞野市北野1-1-1", former=(HOME,))
    once = a_child(
        "例川 なお", "レイカワ ナオ", household="97", address="瑞野市北野2-2-2", ties=(household_tie("41207"),)
    )
    city(AOI, MOTHER, grandmother, moved, once, OTHERS, listed=(MOTHER,))
    assert [shown(p) for p in (grandmother, moved, once)] == [None, None, None]
    assert shown(OTHERS) == OTHERS.address


def test_mitaka_former_addresses_are_hidden_as_the_present_one(city: Callable[..., None]) -> None:
    """Mitaka: the supplement of the family register, which lists every former address, was given out."""
    still_there = a_child("例林 そら", "レイバヤシ ソラ", household="50", address=BEFORE)
    city(replace(AOI, ties=(place_tie(BEFORE),)), MOTHER, still_there, listed=(AOI,))
    assert [shown(p) for p in (AOI, still_there)] == [None, None]


def test_nanbu_hidden_unless_everything_says_that_it_may_be_shown(city: Callable[..., None], files: Path) -> None:
    """Nanbu Town 2024: the flag was never entered. Whoever cannot be held against the list is hidden by default."""
    unregistered = replace(OTHERS, is_registered=False)
    city(AOI, MOTHER, unregistered)
    assert shown(unregistered) is None, "no number, so nobody can say"
    assert shown(a_child("例森 ゆい", "レイモリ ユイ")) is None, "nobody the desk knows"
    assert shown(AOI) == HOME
    AddressRow.objects.all().delete()
    assert shown(AOI) is None


def test_daito_there_is_one_channel_and_everything_goes_through_it(
    city: Callable[..., None], as_role: Callable[..., Client]
) -> None:
    """Daito: one certificate was stopped and the other forgotten. At the desk every reader asks the same function."""
    city(AOI, MOTHER, listed=(MOTHER,))
    for role in Role.values:
        client = as_role(role)
        for url in (f"/children/{AOI.person_id}/", "/children/", "/decisions/", "/audit/", "/addresses/requests/"):
            assert hits(HOME, client.get(url).content) == [], (role, url)
    source = Path(queries.__file__).parents[1]
    users = [p for p in source.rglob("*.py") if "AddressRow" in p.read_text(encoding="utf-8")]
    assert {p.parent.name for p in users} <= {"addresses", "migrations"}, "no other room reads the sealed rows"


def test_meguro_the_list_is_read_again_at_each_display(city: Callable[..., None], files: Path) -> None:
    """Meguro 2025: a copy of ended cases was applied to somebody who had applied again."""
    city(AOI, MOTHER)
    assert shown(AOI) == HOME
    a_list(files / "list.csv", (MOTHER.resident_no, ""))
    assert shown(AOI) is None, "applied again since the last page"
    a_list(files / "list.csv", (MOTHER.resident_no, ""), ends="R8.2.1")
    assert shown(AOI) == HOME, "ended"
    rows = a_list(files / "ended.csv", (MOTHER.resident_no, ""), ends="R8.2.1").read_bytes()
    rows += a_list(files / "again.csv", (MOTHER.resident_no, "")).read_bytes().split(b"\r\n", 1)[1]
    (files / "list.csv").write_bytes(rows)
    then = dt.datetime.now(tz=dt.UTC).timestamp() - 60
    os.utime(files / "list.csv", (then, then))
    assert shown(AOI) is None, "an ended row beside a new one"


def test_a_row_that_is_gone_before_its_end_hides_on(city: Callable[..., None], files: Path) -> None:
    """A list cut off at a line's end looks whole. Who stood on it at the last run stays hidden until the last day."""
    today = timezone.localdate()
    city(AOI, replace(MOTHER, listed_until=today), OTHERS)
    assert [shown(p) for p in (AOI, MOTHER, OTHERS)] == [None, None, OTHERS.address]
    ended = replace(MOTHER, listed_until=today - dt.timedelta(days=1))
    city(AOI, ended, OTHERS, on=dt.date(2026, 10, 31))
    assert [shown(p) for p in (AOI, MOTHER, OTHERS)] == [HOME, HOME, OTHERS.address], (
        "a copy says nothing after its end"
    )


@pytest.mark.parametrize(
    "damage", ["missing", "old", "cut", "unset", "unknown", "bad row", "being written", "ended list"]
)
def test_a_list_that_cannot_be_trusted_hides_every_address(
    damage: str, city: Callable[..., None], files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    city(AOI, MOTHER, OTHERS)
    assert shown(OTHERS) == OTHERS.address, "the control: with a whole list it is shown"
    path = files / "list.csv"
    then = path.stat().st_mtime
    if damage == "missing":
        path.unlink()
    elif damage == "old":
        os.utime(path, (then - 25 * 3600,) * 2)
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:-9])
        os.utime(path, (then, then))
    elif damage == "unset":
        monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, suppression_list=None))
    elif damage == "unknown":
        a_list(path, ("123456789", ""))
    elif damage == "bad row":
        a_list(path, ("12X", ""))
    elif damage == "being written":
        path.touch()
    else:
        monkeypatch.setattr(
            settings,
            "ENVIRONMENT",
            replace(settings.ENVIRONMENT, suppression_list=path.rename(files / "支援措置終了者一覧.csv")),
        )
    assert [shown(p) for p in (AOI, MOTHER, OTHERS)] == [None, None, None]


def test_the_address_hides_without_its_key_and_the_page_stays(
    city: Callable[..., None], files: Path, as_role: Callable[..., Client]
) -> None:
    city(AOI, MOTHER)
    (files / "address.key").chmod(0o644)
    assert shown(AOI) is None
    (files / "address.key").unlink()
    answer = as_role().get(f"/children/{AOI.person_id}/")
    assert answer.status_code == 200
    assert HIDDEN_LINE in answer.content.decode()


def test_hidden_reads_alike_whatever_hides(
    city: Callable[..., None], files: Path, as_role: Callable[..., Client]
) -> None:
    """For a role that may not, for a protected child, for an unknown address and without a list: the same bytes."""
    city(AOI, MOTHER, replace(OTHERS, address=None), listed=(MOTHER,))
    lines = set()
    for client, person in ((as_role(Role.SCHOOL_SOCIAL_WORKER), AOI), (as_role(), AOI), (as_role(), OTHERS)):
        text = client.get(f"/children/{person.person_id}/").content.decode()
        (line,) = [line.strip() for line in text.splitlines() if "住所：" in line]
        lines.add(line)
    assert lines == {HIDDEN_LINE}
    a_list(files / "list.csv")
    assert f"住所：{HOME}" in as_role().get(f"/children/{AOI.person_id}/").content.decode(), "the control"


def test_two_worlds_give_the_same_pages_to_everyone(
    city: Callable[..., None], as_role: Callable[..., Client], files: Path
) -> None:
    def pages(address: str) -> list[object]:
        with undone():
            people = (replace(AOI, address=address), replace(MOTHER, address=address), OTHERS)
            city(*people, listed=(MOTHER,), also_registered=())
            got: list[object] = []
            for role in Role.values:
                client = as_role(role)
                for url in (f"/children/{AOI.person_id}/", "/children/", "/addresses/requests/", "/addresses/waiting/"):
                    got.append((role, url, comparable(client.get(url))))
                got.append((role, "ask", comparable(client.get(f"/children/{AOI.person_id}/address/"))))
                got.append((role, "search", comparable(client.post("/children/search/", {"words": "レイ"}))))
            got.append(sorted((len(p), len(bytes(s))) for p, s in AddressRow.objects.values_list("place", "sealed")))
        return got

    first, second = two_worlds(pages)
    assert len(first) > 100
    assert first == second


def test_the_pages_of_two_worlds_would_differ_if_the_address_were_shown(
    city: Callable[..., None], as_role: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: with the guard out, the same comparison sees a difference."""
    monkeypatch.setattr(in_force_now.InForceNow, "hides", lambda self, person: False)

    def page(address: str) -> object:
        with undone():
            city(replace(AOI, address=address), MOTHER, listed=(MOTHER,))
            return comparable(as_role().get(f"/children/{AOI.person_id}/"))

    first, second = two_worlds(page)
    assert first != second


def test_the_tables_tell_nothing(city: Callable[..., None]) -> None:
    """One row for each person whatever is known, all of one length, another sealing each time; found with the key."""
    city(AOI, MOTHER, replace(OTHERS, address=None, is_registered=False), listed=(MOTHER,))
    rows = dict(AddressRow.objects.values_list("place", "sealed"))
    assert len(rows) == 3
    assert {len(bytes(s)) for s in rows.values()} == {16 + 16 + 4 + 512}
    assert list(AddressRow.objects.values_list("place", flat=True)) == sorted(rows), "in the order of keyed hashes"
    assert SealedTable.objects.count() == 1
    assert len({len(bytes(s)) for s in RegisterRow.objects.values_list("sealed", flat=True)}) == 1
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            raw = repr([[bytes(c) if isinstance(c, memoryview) else c for c in row] for row in cursor.fetchall()])
            assert hits(HOME, raw.encode()) == [], table
            assert hits("星影台", raw.encode()) == [], table
            if table.startswith("addresses_"):
                assert AOI.person_id not in raw, table
    city(AOI, MOTHER, replace(OTHERS, address=None, is_registered=False), on=dt.date(2026, 10, 31))
    again = dict(AddressRow.objects.values_list("place", "sealed"))
    assert again.keys() == rows.keys()
    assert all(bytes(again[p]) != bytes(rows[p]) for p in rows), "two dumps do not tell whose address has changed"


def test_without_the_seal_the_tables_would_tell(city: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with encryption out, the same search finds the address."""
    monkeypatch.setattr(vault, "encrypt", lambda key, plain, bound_to: plain)
    city(AOI, MOTHER)
    assert any(hits(HOME, bytes(s)) for s in AddressRow.objects.values_list("sealed", flat=True))


def test_an_opened_row_of_the_register_tells_no_address(city: Callable[..., None]) -> None:
    """Most of the register are people nobody at the desk works with: their homes are marks to compare by, no more."""
    elsewhere = a_child("例森 ゆい", "レイモリ ユイ", household="77", address=HOME, level=None)
    city(OTHERS, also_registered=(elsewhere,))
    box = vault.open_vault()
    rows = [box.open(row.place, bytes(row.sealed)) for row in RegisterRow.objects.all()]
    assert len(rows) == 2
    assert hits("星影台", repr(rows).encode()) == []
    assert "77" not in [tie.partition(":")[2] for row in rows for tie in row["ties"]]


def test_a_row_does_not_open_in_anothers_place(city: Callable[..., None]) -> None:
    city(AOI, OTHERS)
    first, second = AddressRow.objects.all()
    AddressRow.objects.filter(pk=first.pk).update(sealed=second.sealed)
    box = vault.open_vault()
    with pytest.raises(PurposeError):
        box.open(first.pk, bytes(second.sealed))
    assert None in (shown(AOI), shown(OTHERS))


def test_a_run_or_a_desk_without_the_key_keeps_no_address(
    city: Callable[..., None], files: Path, as_role: Callable[..., Client]
) -> None:
    city(AOI, MOTHER)
    assert AddressRow.objects.count() == 2
    path = a_run(files / "bare", AOI, MOTHER, on=dt.date(2026, 10, 31), key=files / "run.key")
    take_in(open_run(path), read_key(files / "run.key"), address_key=read_key(files / "address.key"))
    assert AddressRow.objects.count() == RegisterRow.objects.count() == SealedTable.objects.count() == 0
    assert shown(AOI) is None


def test_another_address_key_refuses_the_intake_and_leaves_everything(city: Callable[..., None], files: Path) -> None:
    city(AOI, MOTHER)
    path = a_run(files / "n", AOI, on=dt.date(2026, 10, 31), key=files / "run.key", address_key=bytes(64))
    with pytest.raises(PurposeError):
        take_in(open_run(path), read_key(files / "run.key"), address_key=read_key(files / "address.key"))
    assert Child.objects.get(pk=AOI.person_id).is_listed
    assert shown(AOI) == HOME


def test_a_key_that_came_later_or_is_another_one_seals_the_same_run_anew(
    city: Callable[..., None], files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = read_key(files / "address.key")
    path = a_run(files / "run", AOI, MOTHER, key=files / "run.key", address_key=key)
    a_list(files / "list.csv")
    take_in(open_run(path), read_key(files / "run.key"))
    assert shown(AOI) is None
    assert not take_in(open_run(path), read_key(files / "run.key"), address_key=key).is_new
    assert shown(AOI) == HOME
    again = dict(AddressRow.objects.values_list("place", "sealed"))
    take_in(open_run(path), read_key(files / "run.key"), address_key=key)
    assert dict(AddressRow.objects.values_list("place", "sealed")) == again, "the same key once more changes nothing"
    other = create_key(files / "other.key")
    renewed = a_run(files / "renewed", AOI, MOTHER, key=files / "run.key", address_key=other)
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, address_key=files / "other.key"))
    assert shown(AOI) is None
    take_in(open_run(renewed), read_key(files / "run.key"), address_key=other)
    assert shown(AOI) == HOME


def test_the_vault_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for address_key, error in ((None, StateError), (tmp_path / "no.key", SourceError)):
        monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, address_key=address_key))
        with pytest.raises(error):
            vault.open_vault()


def test_an_employee_who_is_the_other_party_is_kept_from_the_household(city: Callable[..., None]) -> None:
    father = a_child("例村 剛", "レイムラ ツヨシ", household="60", address="瑞野市南野1-8-22", level=None)
    mother = replace(MOTHER, other_party=("例村　剛", father.person_id))
    city(AOI, mother, OTHERS, listed=(MOTHER,), also_registered=(father,))
    both = {AOI.person_id, MOTHER.person_id}
    assert conflicts_for_staff("例村　剛").certain == both
    assert conflicts_for_staff("旧姓　剛", resident_no=father.resident_no.zfill(10)).certain == both, "by number"
    assert conflicts_for_staff("例村　剛", resident_no=OTHERS.resident_no).persons == frozenset(), (
        "a namesake by number"
    )
    assert conflicts_for_staff("例村　〓").doubtful == both, "a doubt keeps away as well"
    assert conflicts_for_staff("職員　花子").persons == frozenset()


def test_the_list_names_a_new_other_party_before_the_next_run(city: Callable[..., None]) -> None:
    city(AOI, MOTHER, listed=(MOTHER,), other="例村　剛")
    assert conflicts_for_staff("例村 剛").certain == {AOI.person_id, MOTHER.person_id}


def test_without_the_list_the_last_run_counts_and_without_the_key_nothing_is_known(
    city: Callable[..., None], files: Path
) -> None:
    city(AOI, replace(MOTHER, other_party=("例村　剛", "")), listed=(MOTHER,))
    assert conflicts_for_staff("例村 剛").is_whole
    (files / "list.csv").unlink()
    found = conflicts_for_staff("例村 剛")
    assert (found.certain, found.is_whole) == ({AOI.person_id, MOTHER.person_id}, False)
    (files / "address.key").unlink()
    assert (conflicts_for_staff("例村 剛").persons, conflicts_for_staff("例村 剛").is_whole) == (frozenset(), False)


def test_a_nameless_other_party_keeps_nobody_of_the_staff_away(city: Callable[..., None]) -> None:
    city(AOI, MOTHER, listed=(MOTHER,), other="（市外）")
    assert conflicts_for_staff("例村 剛").persons == frozenset()


def test_what_is_sent_to_a_guardian_asks_who_the_other_party_is(city: Callable[..., None]) -> None:
    father = a_child("例村 剛", "レイムラ ツヨシ", household="60", address="瑞野市南野1-8-22", level=None)
    mother = replace(MOTHER, other_party=("例村　剛", father.person_id))
    city(AOI, mother, OTHERS, listed=(MOTHER,), also_registered=(father,))

    def answer(who: Someone, about: ATestPerson = AOI) -> Telling:
        return telling(who, about=about.person_id)

    assert answer(Someone("例村　剛", person_id=father.person_id)) is Telling.NO
    assert answer(Someone("例村　剛")) is Telling.NO, "a payer known by name only"
    assert answer(Someone(kana="ﾚｲﾑﾗ ﾂﾖｼ")) is Telling.ASK, "a payer known by a reading only"
    assert answer(Someone(MOTHER.name, person_id=MOTHER.person_id)) is Telling.YES, "lives there"
    assert answer(Someone("例村　剛", person_id=father.person_id), OTHERS) is Telling.YES, "another family's child"
    assert answer(Someone("例村　剛"), a_child("例森 ゆい", "レイモリ ユイ")) is Telling.ASK, "a child nobody knows"


def test_without_the_list_a_person_is_asked(city: Callable[..., None], files: Path) -> None:
    city(AOI, MOTHER, OTHERS)
    assert telling(Someone("例本　父"), about=OTHERS.person_id) is Telling.YES
    (files / "list.csv").unlink()
    assert telling(Someone("例本　父"), about=OTHERS.person_id) is Telling.ASK
