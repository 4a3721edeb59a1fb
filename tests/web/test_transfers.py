"""Handing a case over: what travels was chosen and looked at by two people, and a person ends the case."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from builders import a_child, a_household, an_id, many_absences, public_assistance
from handed_over import OtherCity, a_step, asking, here, sending, set_up, text_of
from handing import HINODE, MIZUNO, SUPERVISOR
from tsunagu.errors import EngineError, SourceError
from tsunagu.handover.working_days import japan_day
from tsunagu.runs.crypt import create_key
from tsunagu_web.access.models import Conflict, Team
from tsunagu_web.access.terms import Label, Purpose, Role
from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.models import Event
from tsunagu_web.cases.models import Case, Child
from tsunagu_web.notes import store as files
from tsunagu_web.notes.models import Attachment, Note, NoteVersion
from tsunagu_web.people.models import Kinship, Person
from tsunagu_web.steps.models import Step
from tsunagu_web.tasks.models import Task
from tsunagu_web.transfers import offices
from tsunagu_web.transfers.models import Transfer, TransferContent

AOI, SORA = an_id("例川 あおい"), an_id("例田 ソラ")
PAGE = f"/children/{AOI}/transfers/"
ONE = f"{PAGE}1/"
LEVEL = "重点支援"
SUPPORT = Purpose.CASE_SUPPORT
Browser = Callable[..., Client]


@pytest.fixture
def other(desk: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OtherCity:
    """This desk is Hinode's; the other city is Mizuno."""
    set_up(tmp_path, monkeypatch, HINODE)
    return OtherCity(tmp_path, MIZUNO)


@pytest.fixture
def child(other: OtherCity, intake: Callable[..., object], as_role: Browser) -> None:
    """Aoi, with an open case of the intake team; Sora, of another team."""
    Team.objects.create(key="east", name="東", schools=["201"])
    intake(
        a_child(level=LEVEL, reasons=(many_absences(), public_assistance())),
        a_child("例田 ソラ", "レイタ ソラ", school="201", household="6"),
    )
    form = {"outcome": "candidate", "seen": 0, "form": str(uuid.uuid4()), "note": "担任と話した"}
    assert as_role().post(f"/children/{AOI}/decide/", form).status_code == 302


@pytest.fixture
def lead(child: None, as_role: Browser) -> Client:
    return as_role(Role.LEAD_WORKER, purpose=SUPPORT)


@pytest.fixture
def boss(child: None, as_role: Browser) -> Client:
    return as_role(Role.SUPERVISOR, purpose=SUPPORT)


def prepared(client: Client, **more: Any) -> Transfer:
    answer = client.post(f"{PAGE}new/", asking(**more))
    assert answer.status_code == 302, answer.context["form"].errors
    return Transfer.objects.latest("pk")


def sent(lead: Client, boss: Client, **more: Any) -> Transfer:
    prepared(lead, **more)
    assert sending(boss, ONE).status_code == 302
    return Transfer.objects.get()


def entries(action: str) -> list[dict[str, Any]]:
    found = Event.objects.filter(action=action, object="transfer").order_by("number")
    return [json.loads(event.body) for event in found]


def a_note(text: str, staff: Staff, label: Label = Label.INTERNAL) -> None:
    note = Note.objects.create(child_id=AOI, label=label, number=1, form=uuid.uuid4(), changed_at=timezone.now())
    NoteVersion.objects.create(note=note, number=1, text=text, label=label, by=staff, at=timezone.now())


# Who may not


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.LEAD_WORKER, Role.SUPERVISOR}))
def test_who_may_not(role: str, lead: Client, as_role: Browser) -> None:
    prepared(lead)
    client = as_role(role)
    for path in (PAGE, f"{PAGE}new/", ONE, "/transfers/"):
        assert client.get(path).status_code == 403, path
    for path in (f"{PAGE}new/", f"{ONE}edit/", f"{ONE}send/", f"{ONE}step/"):
        assert client.post(path, {}).status_code == 403, path


def test_another_team_finds_nothing(lead: Client, boss: Client, as_role: Browser, staff: Callable[..., Staff]) -> None:
    sent(lead, boss)
    staff(login="east-lead").duties.update(key="east")
    client = as_role(login="east-lead", purpose=SUPPORT)
    for path in (PAGE, ONE, f"{PAGE}new/"):
        assert client.get(path).status_code == 404, path
    assert "青葉市" not in text_of(client.get("/transfers/"))


def test_whom_a_block_stands_over_sees_nothing_of_it(
    lead: Client, boss: Client, as_role: Browser, staff: Callable[..., Staff]
) -> None:
    sent(lead, boss)
    me = staff(login="cousin")
    said = {"kind": "own_family", "entered_at": timezone.now(), "entered_by": staff(Role.PRIVACY_OFFICER)}
    client = as_role(login="cousin", purpose=SUPPORT)
    assert "例川" in text_of(client.get("/transfers/"))
    Conflict.objects.create(staff=me, person_id=AOI, **said)
    assert "例川" not in text_of(client.get("/transfers/"))
    assert client.get(ONE).status_code == 404


def test_without_the_list_the_pages_say_so_and_nothing_can_be_sent(
    lead: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, handover=None))
    for path in (PAGE, "/transfers/"):
        assert "設定されていません" in text_of(lead.get(path))
    assert lead.get(f"{PAGE}new/", follow=True).request["PATH_INFO"] == PAGE


@pytest.mark.parametrize(
    ("written", "wrong"),
    [
        ("id = 1", "id: is not a text"),
        ('id = "a b"', "id: 'a b' is not an identifier"),
        ("not toml", "is no TOML"),
        (
            f'id = "{HINODE}"\nname = "x"\ntelephone = "1"\nstore = "s"\nmunicipality = []',
            "municipality: names nothing",
        ),
        (
            f'id = "{HINODE}"\nname = "x"\ntelephone = "1"\nstore = "s"\n[[municipality]]\nid = "{HINODE}"\n'
            'name = "y"\nrecipients = ["role:supervisor"]',
            "this office itself",
        ),
        (
            f'id = "{HINODE}"\nname = "x"\ntelephone = "1"\nstore = "s"\n[[municipality]]\nid = "m-1"\n'
            'name = "y"\nrecipients = ["everybody"]',
            "recipients: 'everybody' is not",
        ),
    ],
)
def test_a_list_with_a_mistake_is_refused_by_its_place(
    written: str, wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(written, encoding="utf-8")
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, handover=path))
    with pytest.raises(SourceError, match=wrong.replace("(", "\\(")):
        offices.office()


# What travels


def test_nothing_is_chosen_beforehand_and_what_is_not_chosen_does_not_travel(lead: Client) -> None:
    page = lead.get(f"{PAGE}new/")
    form = page.context["form"]
    assert len(form.fields["parts"].choices) == 9
    for name in ("to", "kind", "people", "parts", "why", "council_since"):
        assert not form[name].value(), name
    assert " checked" not in page.content.decode()
    document = prepared(lead, parts=[]).contents.get().document
    assert document.child.name == "例川 あおい"
    assert (document.household, document.found, document.notes, document.next_steps) == ((), (), (), ())


def test_what_was_looked_at_is_what_arrives(
    lead: Client, boss: Client, other: OtherCity, staff: Callable[..., Staff]
) -> None:
    a_note("朝の支度を手伝うと登校できる。", staff())
    a_note("だれが知らせたか", staff(), Label.SEALED)
    a_child_task(staff())
    transfer = sent(lead, boss)
    looked_at = transfer.contents.get()
    other.carry(transfer.handover)
    came = other.store.open(transfer.handover, SUPERVISOR, timezone.now())
    assert came.document == looked_at.document
    assert [note.words for note in came.document.notes] == ["朝の支度を手伝うと登校できる。"]
    assert [step.what for step in came.document.next_steps] == ["学校と打ち合わせる"]
    assert [one.words for one in came.document.found] == ["支援候補\n担任と話した"]
    page = text_of(boss.get(ONE))
    for shown in ("朝の支度を手伝うと登校できる。", "学校と打ち合わせる", "欠席が続いていた。", "レイカワ アオイ"):
        assert shown in page


def test_who_somebody_is_to_the_child_is_told_apart_from_the_registers_word(
    lead: Client, intake: Callable[..., object]
) -> None:
    child, mother = a_household(a_child(level=LEVEL))
    intake(child, mother, name="second")
    Kinship.objects.filter(person_id=AOI).delete()
    document = prepared(lead, parts=["household"]).contents.get().document
    assert [one.relation for one in document.household] == ["世帯主"]
    given = {"known_from": timezone.localdate(), "entered_at": timezone.now()}
    Kinship.objects.create(person_id=AOI, relative_id=mother.person_id, kind="parent", **given)
    assert lead.post(f"{ONE}edit/", asking(seen=1)).status_code == 302
    assert [one.relation for one in TransferContent.objects.latest("number").document.household] == ["父母"]


def a_child_task(owner: Staff) -> Task:
    due = timezone.localdate() + dt.timedelta(days=9)
    return Task.objects.create(child_id=AOI, what="学校と打ち合わせる", owner=owner, due_on=due, form=uuid.uuid4())


def test_no_level_and_no_reason_of_a_notice_travels(lead: Client) -> None:
    body = prepared(lead).contents.get().body
    for kept in (LEVEL, "生活保護", "11日", "score", "level"):
        assert kept not in body, kept
    fields = {name for name in json.loads(body)}
    assert not fields & {"level", "address", "reasons", "judgments"}


@pytest.mark.parametrize("field", ["why", "now", "urgent"])
def test_an_address_is_not_taken_as_words(field: str, lead: Client) -> None:
    answer = lead.post(f"{PAGE}new/", asking(**{field: "いまは若葉5丁目12番地の4に住んでいる"}))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not Transfer.objects.exists()


def test_an_entry_that_looks_like_a_place_stays_here_and_is_counted(lead: Client, staff: Callable[..., Staff]) -> None:
    a_note("転居先は若葉5丁目12番地の4", staff())
    a_note("元気だった", staff())
    prepared(lead)
    content = TransferContent.objects.get()
    assert [note.words for note in content.document.notes] == ["元気だった"]
    assert content.left_out == 1
    assert "1" in text_of(lead.get(ONE)).split("住所らしいものが入っているため入れなかった記録")[1][:5]


def test_something_that_cannot_travel_is_told_by_its_place(lead: Client) -> None:
    Person.objects.filter(pk=AOI).update(name="例川 \ue000")
    answer = lead.post(f"{PAGE}new/", asking())
    assert answer.status_code == 422
    assert "child.name" in text_of(answer)
    assert "\ue000" not in text_of(answer).split("child.name")[1][:80]
    assert not Transfer.objects.exists()


def test_files_go_only_where_they_are_chosen_and_the_address_is_nobodys_secret(
    lead: Client, boss: Client, other: OtherCity, staff: Callable[..., Staff], monkeypatch: pytest.MonkeyPatch
) -> None:
    stored, digest = files.put(b"%PDF-1.4 invented")
    how = {"label": Label.SENSITIVE, "stored": stored, "form": uuid.uuid4(), "by": staff(), "at": timezone.now()}
    one = Attachment.objects.create(child_id=AOI, name="プラン.pdf", kind="pdf", size=17, sha256=digest, **how)
    assert lead.get(f"{PAGE}new/").context["form"].fields["files"].choices == [], "nobody can tell of the address"
    monkeypatch.setattr("tsunagu_web.transfers.leaving.is_address_open", lambda _viewer, _child: True)
    assert lead.get(f"{PAGE}new/").context["form"].fields["files"].choices == [(one.pk, "プラン.pdf")]
    transfer = sent(lead, boss, files=[one.pk])
    other.carry(transfer.handover)
    [came] = other.store.open(transfer.handover, SUPERVISOR, timezone.now()).files
    assert (came.name, came.kind, came.data) == ("プラン.pdf", "pdf", b"%PDF-1.4 invented")


# To whom


def test_only_a_municipality_of_the_list_and_two_people_for_a_restricted_one(lead: Client, boss: Client) -> None:
    wrong = (
        ({"to": "elsewhere-city"}, "to"),
        ({"kind": "restricted"}, "people"),
        ({"kind": "restricted", "people": [f"{MIZUNO}:boss-1"]}, "people"),
        ({"people": [f"{MIZUNO}:boss-1"]}, "people"),
        ({"kind": "restricted", "people": [f"{MIZUNO}:boss-1", f"{MIZUNO}:nobody"]}, "people"),
    )
    for more, field in wrong:
        answer = lead.post(f"{PAGE}new/", asking(**more))
        assert field in answer.context["form"].errors, more
    transfer = sent(lead, boss, kind="restricted", people=[f"{MIZUNO}:boss-1", f"{MIZUNO}:boss-2"])
    there = here().get(transfer.handover, japan_day(timezone.now()))
    assert (there.manifest.kind, there.manifest.recipients) == ("restricted", ("account:boss-1", "account:boss-2"))


def test_where_the_address_is_hidden_only_a_restricted_one_is_sent(
    lead: Client, boss: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared(lead)
    create_key(tmp_path / "address.key")
    told = replace(settings.ENVIRONMENT, address_key=tmp_path / "address.key")
    monkeypatch.setattr(settings, "ENVIRONMENT", told)
    refused = sending(boss, ONE)
    assert refused.status_code == 409
    assert "限定移管" in refused.context["problem"]
    assert Transfer.objects.get().state == "draft"
    assert here().outgoing(japan_day(timezone.now())) == []


# Two people, and the case


def test_who_prepared_it_does_not_send_it(lead: Client, boss: Client, as_role: Browser) -> None:
    prepared(boss)
    page = boss.get(ONE)
    assert page.context["sending"] is None
    content = TransferContent.objects.get()
    form = {"print": content.print, "seen": 1, "form": str(uuid.uuid4())}
    refused = boss.post(f"{ONE}send/", form)
    assert refused.status_code == 409
    assert lead.post(f"{ONE}send/", form).status_code == 403
    second = as_role(Role.SUPERVISOR, login="second", purpose=SUPPORT)
    assert sending(second, ONE).status_code == 302


def test_who_wrote_the_newest_version_does_not_send_it_either(lead: Client, boss: Client, as_role: Browser) -> None:
    prepared(lead)
    assert boss.post(f"{ONE}edit/", asking(seen=1, now="落ち着いてきた")).status_code == 302
    assert boss.get(ONE).context["sending"] is None
    second = as_role(Role.SUPERVISOR, login="second", purpose=SUPPORT)
    assert sending(second, ONE).status_code == 302


def test_records_that_change_after_the_look_stop_the_sending(
    lead: Client, boss: Client, staff: Callable[..., Staff]
) -> None:
    prepared(lead)
    form = boss.get(ONE).context["sending"]
    a_note("あとから書いた", staff())
    late = boss.post(f"{ONE}send/", {name: form[name].value() for name in ("print", "seen", "form")})
    assert late.status_code == 409
    assert "あとから書いた" in text_of(late)
    assert Transfer.objects.get().state == "draft"
    assert sending(boss, ONE).status_code == 302
    assert "あとから書いた" in TransferContent.objects.latest("number").body


def test_sending_begins_the_handing_over_and_says_who_is_responsible(lead: Client, boss: Client) -> None:
    transfer = sent(lead, boss)
    case = Case.objects.get()
    assert (case.stage, case.state) == ("transferring", "open")
    page = text_of(lead.get(ONE))
    assert "まだ受け取られていません" in page
    assert "当センター" in page
    assert "あと5開庁日" in page
    assert here().get(transfer.handover, japan_day(timezone.now())).work == f"case:{case.pk}"
    assert f"case:{case.pk}" not in json.dumps(
        here().get(transfer.handover, japan_day(timezone.now())).manifest.content
    )


def test_sent_twice_is_sent_once(lead: Client, boss: Client) -> None:
    prepared(lead)
    form = boss.get(ONE).context["sending"]
    given = {name: form[name].value() for name in ("print", "seen", "form")}
    assert [boss.post(f"{ONE}send/", given).status_code for _ in range(2)] == [302, 302]
    assert boss.post(f"{ONE}send/", {**given, "form": str(uuid.uuid4())}).status_code == 409
    assert len(here().outgoing(japan_day(timezone.now()))) == 1


@pytest.fixture
def cut_off(lead: Client, boss: Client, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a try of sending left in the file, of which the desk could not take note."""
    prepared(lead)

    def fails(**_given: object) -> None:
        raise EngineError("the log cannot be written")

    with monkeypatch.context() as patched:
        patched.setattr("tsunagu_web.transfers.services.append", fails)
        assert sending(boss, ONE).status_code == 409
    [left] = here().outgoing(japan_day(timezone.now()))
    assert left.state == "queued"
    return left.id


def test_a_try_that_failed_after_the_file_was_written_is_found_again(cut_off: str, boss: Client) -> None:
    assert Transfer.objects.get().state == "draft"
    assert sending(boss, ONE).status_code == 302
    assert Transfer.objects.get().handover == cut_off
    assert len(here().outgoing(japan_day(timezone.now()))) == 1


def test_what_a_failed_try_left_does_not_travel_when_the_draft_is_discarded(cut_off: str, lead: Client) -> None:
    assert a_step(lead, ONE, "discard").status_code == 302
    assert here().get(cut_off, japan_day(timezone.now())).state == "withdrawn"
    assert ONE not in lead.get("/transfers/").content.decode()


def test_what_a_failed_try_left_is_listed_with_what_to_do(
    cut_off: str, lead: Client, boss: Client, other: OtherCity
) -> None:
    for client in (lead, boss):
        for path in (PAGE, "/transfers/"):
            assert "途中で切れた送信が運ばれています" in text_of(client.get(path)), path
        assert "まだ受け取られていません" in text_of(client.get(ONE))
    other.carry(cut_off)
    assert "届きました。まだだれも引き受けていません" in text_of(boss.get(ONE))
    assert sending(boss, ONE).status_code == 302
    assert Transfer.objects.get().handover == cut_off
    for path in (PAGE, ONE, "/transfers/"):
        assert "途中で切れた送信" not in text_of(boss.get(path)), path


def test_what_was_accepted_there_before_the_withdrawal_came_is_listed_though_the_draft_is_discarded(
    cut_off: str, lead: Client, boss: Client, other: OtherCity
) -> None:
    """Two offices would look after one child, and neither would know."""
    said = "移管先で引き受けられています"
    other.carry(cut_off)
    other.store.accept(cut_off, SUPERVISOR, timezone.now())
    assert a_step(lead, ONE, "discard").status_code == 302
    for client in (lead, boss):
        assert said not in text_of(client.get("/transfers/"))  # nobody here has heard of it yet
    other.tell(cut_off)
    for client in (lead, boss):
        for path in (PAGE, "/transfers/"):
            assert said in text_of(client.get(path)), path
        assert "二つの部署がこのこどもを受け持っています" in text_of(client.get(ONE))
    # A later draft of the same case is another one, and is not said to be accepted.
    prepared(lead)
    assert text_of(boss.get(PAGE)).count(said) == 1
    assert "二つの部署" not in text_of(boss.get(ONE.replace("/1/", "/2/")))


def test_what_a_failed_try_left_and_was_accepted_there_is_not_handed_over_again(
    cut_off: str, boss: Client, other: OtherCity
) -> None:
    other.carry(cut_off)
    other.store.accept(cut_off, SUPERVISOR, timezone.now())
    other.tell(cut_off)
    assert "移管先で引き受けられました" in text_of(boss.get(ONE))
    assert "二つの部署" not in text_of(
        boss.get(ONE)
    )  # the draft still stands, and sending it follows what was accepted
    assert sending(boss, ONE).status_code == 302
    assert [one.id for one in here().outgoing(japan_day(timezone.now()))] == [cut_off]
    assert a_step(boss, ONE, "close_handed_over").status_code == 302


def test_what_was_accepted_there_and_is_not_what_stands_here_is_talked_over(
    cut_off: str, lead: Client, boss: Client, other: OtherCity
) -> None:
    other.carry(cut_off)
    other.store.accept(cut_off, SUPERVISOR, timezone.now())
    other.tell(cut_off)
    form = {**asking(why="別のこと"), "seen": Transfer.objects.get().revision}
    assert lead.post(f"{ONE}edit/", {**form, "kind": "restricted", "people": _two_there()}).status_code == 302
    refused = sending(boss, ONE)
    assert refused.status_code == 409
    assert "前の送信" in refused.context["problem"]
    assert a_step(lead, ONE, "discard").status_code == 302
    assert len(here().outgoing(japan_day(timezone.now()))) == 1


def _two_there() -> list[str]:
    return [f"{MIZUNO}:boss-1", f"{MIZUNO}:boss-2"]


def test_a_withdrawal_before_anything_left_brings_the_case_back_by_a_persons_step(lead: Client, boss: Client) -> None:
    sent(lead, boss)
    assert a_step(lead, ONE, "withdraw", "転居がとりやめになった").status_code == 302
    assert Case.objects.get().stage == "transferring", "nothing moves by itself"
    assert a_step(lead, ONE, "take_back", "ここで続ける").status_code == 302
    assert (Transfer.objects.get().state, Case.objects.get().stage) == ("returned", "review")


def test_a_refusal_there_is_told_and_the_case_goes_on_here(lead: Client, boss: Client, other: OtherCity) -> None:
    transfer = sent(lead, boss)
    other.carry(transfer.handover)
    assert "届きました" in text_of(lead.get(ONE))
    other.store.decline(transfer.handover, SUPERVISOR, timezone.now(), "not_resident")
    other.tell(transfer.handover)
    page = lead.get(ONE)
    assert "住民登録がありません" in text_of(page)
    assert [name for name, _label in page.context["step"].fields["step"].choices] == ["take_back"]
    assert a_step(lead, ONE, "take_back").status_code == 302


def test_after_the_acceptance_a_person_closes_the_case_and_a_sealed_remainder_stays(
    lead: Client, boss: Client, other: OtherCity, staff: Callable[..., Staff]
) -> None:
    task = a_child_task(staff())
    transfer = sent(lead, boss)
    other.carry(transfer.handover)
    other.store.accept(transfer.handover, SUPERVISOR, timezone.now())
    other.tell(transfer.handover)
    page = lead.get(ONE)
    assert Case.objects.get().stage == "transferring", "no case closes by itself"
    assert "引き受けられました" in text_of(page)
    assert dict(page.context["ends"]), "the task that ends with it is shown first"
    assert a_step(lead, ONE, "close_handed_over", "引継ぎが済んだ").status_code == 302
    case = Case.objects.get()
    assert (case.stage, case.state, case.closed_on) == ("transferred", "transferred", timezone.localdate())
    step = Step.objects.get(machine="case", move="close_handed_over")
    assert "青葉市" in step.reason
    task.refresh_from_db()
    assert task.state == "dropped"
    assert lead.get(ONE).status_code == 404, "the lead worker has it no longer"
    remainder = text_of(boss.get(ONE))
    assert "欠席が続いていた。" in remainder
    assert "青葉市" in remainder
    assert boss.get(ONE).context["step"] is None


def test_nothing_ends_with_the_case_that_the_page_did_not_show(
    lead: Client, boss: Client, other: OtherCity, staff: Callable[..., Staff]
) -> None:
    transfer = sent(lead, boss)
    other.carry(transfer.handover)
    other.store.accept(transfer.handover, SUPERVISOR, timezone.now())
    other.tell(transfer.handover)
    form = lead.get(ONE).context["step"]
    a_child_task(staff())
    given = {name: form[name].value() for name in ("seen", "form", "ends")}
    late = lead.post(f"{ONE}step/", {"step": "close_handed_over", "reason": "済んだ", **given})
    assert late.status_code == 409
    assert Case.objects.get().stage == "transferring"


def test_no_step_is_possible_before_the_other_side_has_answered(lead: Client, boss: Client) -> None:
    sent(lead, boss)
    form = lead.get(ONE).context["step"]
    for step in ("close_handed_over", "take_back"):
        given = {"seen": form["seen"].value(), "form": str(uuid.uuid4()), "step": step, "reason": "もう済んだ"}
        assert lead.post(f"{ONE}step/", given).status_code == 409
    assert Transfer.objects.get().state == "sent"


def test_a_second_one_of_the_same_case_waits(lead: Client) -> None:
    prepared(lead)
    answer = lead.post(f"{PAGE}new/", asking())
    assert answer.status_code == 409
    assert Transfer.objects.count() == 1


def close_the_case(lead: Client, boss: Client) -> None:
    seen = Case.objects.get().revision
    reason = {"reason": "落ち着いた", "seen": seen, "form": str(uuid.uuid4())}
    assert lead.post(f"/children/{AOI}/case/step/", {"step": "propose_closing", **reason}).status_code == 302
    page = boss.get(f"/children/{AOI}/case/")
    marks = {name: page.context["step"][name].value() for name in ("seen", "form", "ends")}
    closed = boss.post(f"/children/{AOI}/case/step/", {"step": "close", "reason": "終わり", **marks})
    assert closed.status_code == 302


def test_a_draft_ends_with_the_case(lead: Client, boss: Client) -> None:
    prepared(lead)
    close_the_case(lead, boss)
    assert Transfer.objects.get().state == "discarded"


def test_what_a_failed_try_left_is_withdrawn_where_its_draft_ends_with_the_case(
    cut_off: str, lead: Client, boss: Client
) -> None:
    close_the_case(lead, boss)
    assert here().get(cut_off, japan_day(timezone.now())).state == "withdrawn"


# The log and the database


def test_every_look_and_step_is_in_the_log(lead: Client, boss: Client) -> None:
    transfer = sent(lead, boss)
    lead.get(ONE)
    assert {entry["persons"][0] for entry in entries("view")} == {AOI}
    for action in ("draft", "preview", "send", "queue"):
        assert entries(action)[-1]["persons"] == [AOI], action
    assert entries("queue")[-1]["detail"]["handover"] == transfer.handover
    mine = lead.get("/transfers/")
    assert AOI in entries("view")[-1]["persons"]
    assert "例川 あおい" in text_of(mine)


def test_what_travelled_cannot_be_changed(lead: Client, boss: Client) -> None:
    sent(lead, boss)
    for act in ("UPDATE transfers_transfercontent SET body = 'x'", "DELETE FROM transfers_transfercontent"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(act)


def test_a_child_who_is_noticed_only_has_no_case_to_hand_over(as_role: Browser, child: None) -> None:
    Child.objects.filter(pk=AOI).update(case_state="noticed")
    assert as_role(purpose=SUPPORT).get(f"{PAGE}new/").status_code == 404
