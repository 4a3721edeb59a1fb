"""Mail to staff: in counts and kinds, once a working day, and never a word of anybody."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from smtplib import SMTPServerDisconnected
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core import mail as outbox
from django.core.mail import EmailMessage
from django.test import Client
from django.utils import timezone
from planned import AOI

from builders import a_child
from canary import hits
from tsunagu.casework.reminders import load_choices
from tsunagu.errors import EngineError, StateError
from tsunagu_web.access.models import Grant
from tsunagu_web.access.terms import Purpose, Role
from tsunagu_web.accounts.models import MailChoice, Staff
from tsunagu_web.audit.days_off import is_day_off
from tsunagu_web.cases.models import Child
from tsunagu_web.duties.viewers import viewer_of
from tsunagu_web.environment import Mail as Server
from tsunagu_web.environment import read_environment
from tsunagu_web.reminders.mail import post
from tsunagu_web.reminders.models import Mail, Reminder
from tsunagu_web.reminders.words import BY_MAIL
from tsunagu_web.rounds.services import make_round
from tsunagu_web.tasks.models import Task
from tsunagu_web.tasks.services import Asked, set_task

Person, Browser = Callable[..., Staff], Callable[..., Client]
TOKYO = ZoneInfo("Asia/Tokyo")
SERVER = Server("mail.example.jp", 587, "starttls", "", "", "desk@city.example.jp", "https://desk.example.jp/")
ADDRESS = "worker@city.example.jp"
ONE = dt.timedelta(days=1)
DAYS = [dt.datetime.now(tz=TOKYO).date() + number * ONE for number in range(7, 300)]
# Days to come, since steps are never put back: a Friday with working days after the weekend, and a holiday of the week.
FRIDAY = next(day for day in DAYS if day.weekday() == 4 and not any(is_day_off(day + n * ONE) for n in (0, 3, 4)))
SATURDAY, MONDAY, TUESDAY = FRIDAY + ONE, FRIDAY + 3 * ONE, FRIDAY + 4 * ONE
HOLIDAY = next(day for day in DAYS if day.weekday() < 5 and is_day_off(day))


def at(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, hour, minute, tzinfo=TOKYO)


@pytest.fixture(autouse=True)
def _server(desk: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, mail=SERVER))
    outbox.outbox.clear()  # type: ignore[attr-defined]  # of the test's own backend


@pytest.fixture
def worker(intake: Browser, staff: Person) -> Staff:
    """A lead worker who wants mail, and has a task from the supervisor."""
    intake(a_child())
    MailChoice.objects.create(staff=staff(), address=ADDRESS)
    a_task(staff(), staff(Role.SUPERVISOR))
    return staff()


def a_task(owner: Staff, by: Staff) -> Task:
    asked = Asked("学校に電話する", owner.pk, timezone.localdate() + 360 * ONE, uuid.uuid4())
    return set_task(Child.objects.get(pk=AOI), viewer_of(by, Purpose.EARLY_SUPPORT), asked)


def sent() -> list[str]:
    return [str(message.body) for message in outbox.outbox]  # type: ignore[attr-defined]


def test_whoever_chose_none_gets_none(worker: Staff) -> None:
    MailChoice.objects.all().delete()
    assert make_round(at(FRIDAY, 9)).posted.sent == 0
    MailChoice.objects.create(staff=worker, address=ADDRESS, off=["task_given"])
    assert (make_round(at(FRIDAY, 9)).posted.sent, sent()) == (0, [])


def test_without_a_server_nothing_waits_and_nothing_leaves(worker: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, mail=None))
    make_round(at(FRIDAY, 9))
    assert (Mail.objects.count(), sent()) == (0, [])


def test_the_mail_of_the_day_tells_counts_kinds_and_the_address_of_the_desk(worker: Staff, staff: Person) -> None:
    a_task(worker, staff(Role.SUPERVISOR))
    make_round(at(FRIDAY, 8))
    [message] = outbox.outbox  # type: ignore[attr-defined]
    assert (message.to, message.from_email) == ([ADDRESS], SERVER.sender)
    assert message.subject == "つなぐ: お知らせが2件あります"
    assert "タスクが割り当てられました: 2" in message.body
    assert SERVER.desk in message.body
    assert message.extra_headers["Message-ID"] == f"<{Mail.objects.get().reference}@city.example.jp>"


def test_no_mail_of_any_kind_says_a_word_of_anybody(worker: Staff, staff: Person, as_role: Browser) -> None:
    """Canary: everything that is known of the child, its school, the staff and what is to be done."""
    child = Child.objects.select_related("person").get(pk=AOI)
    Reminder.objects.all().delete()
    for kind in BY_MAIL:
        for language in ("ja", "en"):
            Mail.objects.all().delete()
            Reminder.objects.all().delete()
            MailChoice.objects.update(language=language)
            Reminder.objects.create(staff=worker, kind=kind, number=987654, day=FRIDAY, told_at=timezone.now())
            assert post(at(FRIDAY, 9), load_choices(None)).sent == 1, kind
    everything = [f"{m.subject}\n{m.body}" for m in outbox.outbox]  # type: ignore[attr-defined]
    assert {name for m in outbox.outbox for name in m.extra_headers} == {"Message-ID", "Auto-Submitted"}  # type: ignore[attr-defined]
    assert len(everything) == 2 * len(BY_MAIL)
    known = [child.pk, child.person.name, child.person.kana, child.school, "987654", "学校に電話する", worker.name,
             staff(Role.SUPERVISOR).login, str(FRIDAY.year)]  # fmt: skip
    for words in known:
        assert words
        assert hits(words, [text.encode() for text in everything]) == [], words


@pytest.mark.parametrize(
    ("moment", "leaves"),
    [(at(FRIDAY, 7), 0), (at(FRIDAY, 8), 1), (at(FRIDAY, 19), 0), (at(SATURDAY, 12), 0), (at(HOLIDAY, 12), 0)],
)  # fmt: skip
def test_it_waits_for_the_hour_and_for_a_working_day(worker: Staff, moment: dt.datetime, leaves: int) -> None:
    assert make_round(moment).posted.sent == leaves


def test_one_mail_a_day_and_none_without_anything_new(worker: Staff, staff: Person) -> None:
    assert make_round(at(FRIDAY, 8)).posted.sent == 1
    a_task(worker, staff(Role.SUPERVISOR))
    assert make_round(at(FRIDAY, 9)).posted.sent == 0, "the next one comes with the next working day"
    assert make_round(at(MONDAY, 8)).posted.sent == 1
    assert make_round(at(TUESDAY, 8)).posted.sent == 0


def test_what_was_read_before_is_not_told(worker: Staff, as_role: Browser) -> None:
    make_round(at(FRIDAY, 6))
    as_role().post("/reminders/read/")
    assert (make_round(at(FRIDAY, 8)).posted.sent, sent()) == (0, [])


def test_an_emergency_is_told_at_once_and_still_not_at_night(worker: Staff, staff: Person) -> None:
    boss, nurse = staff(Role.SUPERVISOR), staff(Role.PUBLIC_HEALTH_NURSE)
    MailChoice.objects.create(staff=boss, address="boss@city.example.jp", language="en")
    start = at(FRIDAY, 5)
    Grant.objects.create(staff=nurse, granted_by=nurse, person_id=AOI, purpose=Purpose.CASE_SUPPORT, basis="emergency",
                         reason="夜に連絡", starts_at=start, ends_at=start + dt.timedelta(hours=24))  # fmt: skip
    assert make_round(at(FRIDAY, 6, 30)).posted.sent == 0
    assert make_round(at(FRIDAY, 7, 30)).posted.sent == 1
    assert "An access taken in an emergency waits for review: 1" in sent()[0]


def test_a_mail_that_fails_is_kept_tried_again_and_counted(
    worker: Staff, staff: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = staff(Role.SYSTEM_ADMINISTRATOR)

    def gone(*_args: object, **_more: object) -> int:
        raise SMTPServerDisconnected(ADDRESS)

    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.EmailMessage.send", gone)
        done = make_round(at(FRIDAY, 8))
    assert (done.posted.failed, done.unsent, Mail.objects.get().tries) == (1, 1, 1)
    Mail.objects.update(free_at=at(FRIDAY, 8, 5))
    assert make_round(at(FRIDAY, 8, 1)).posted.sent == 0, "not before its time"
    assert Reminder.objects.filter(staff=admin, kind="mail_not_sent").count() == 1
    reference = Mail.objects.get().reference
    assert make_round(at(FRIDAY, 8, 10)).posted.sent == 1
    assert str(reference) in outbox.outbox[0].extra_headers["Message-ID"]  # type: ignore[attr-defined]
    make_round(at(FRIDAY, 8, 20))
    assert Reminder.objects.get(staff=admin, kind="mail_not_sent").state == "settled"


def test_a_program_that_ends_after_sending_sends_the_same_mail_again(
    worker: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is promised: at least once, with one id."""
    send = EmailMessage.send

    def sends_and_ends(self: EmailMessage, *args: object, **more: object) -> int:
        send(self)
        raise KeyboardInterrupt

    with monkeypatch.context() as ended:
        ended.setattr(EmailMessage, "send", sends_and_ends)
        with pytest.raises(KeyboardInterrupt):
            make_round(at(FRIDAY, 8))
    assert make_round(at(FRIDAY, 8, 5)).posted.sent == 0, "it may still be on its way"
    assert make_round(at(FRIDAY, 8, 20)).posted.sent == 1
    assert len({m.extra_headers["Message-ID"] for m in outbox.outbox}) == 1  # type: ignore[attr-defined]
    assert len(sent()) == 2


def test_one_chooses_address_language_and_kinds_oneself(worker: Staff, as_role: Browser) -> None:
    client = as_role()
    wish = {"address": "other@city.example.jp", "language": "en", "kinds": ["task_due", "not_seen"]}
    assert client.post("/reminders/mail/", wish).status_code == 302
    choice = MailChoice.objects.get()
    assert (choice.address, choice.language) == ("other@city.example.jp", "en")
    assert "task_given" in choice.off
    assert "task_due" not in choice.off
    assert client.get("/reminders/mail/").context["form"].initial["kinds"] == ["not_seen", "task_due"]
    wrong = client.post("/reminders/mail/", wish | {"address": "nobody"})
    assert (wrong.status_code, "city.example.jp のような形" in wrong.content.decode()) == (422, True)
    client.post("/reminders/mail/", wish | {"address": ""})
    assert MailChoice.objects.count() == 0


SAID = {
    "TSUNAGU_MAIL_HOST": "mail.example.jp",
    "TSUNAGU_MAIL_FROM": "desk@city.example.jp",
    "TSUNAGU_MAIL_DESK": "https://desk.example.jp/",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TSUNAGU_MAIL_HOST", ""),
        ("TSUNAGU_MAIL_FROM", "Desk <desk@city.example.jp>"),
        ("TSUNAGU_MAIL_FROM", "desk@city.example.jp\nBcc: x@example.jp"),
        ("TSUNAGU_MAIL_DESK", "desk.example.jp"),
        ("TSUNAGU_MAIL_SECURITY", "none"),
        ("TSUNAGU_MAIL_PORT", "0"),
        ("TSUNAGU_MAIL_PASSWORD_FILE", "/nowhere/at/all"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises((StateError, EngineError)) as error:
        read_environment({"TSUNAGU_DESK": str(tmp_path), **SAID, name: value})
    assert name in str(error.value)


def test_a_password_is_read_from_its_file_and_shown_nowhere(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("secret-word\n", encoding="utf-8")
    read = read_environment({"TSUNAGU_DESK": str(tmp_path), **SAID, "TSUNAGU_MAIL_PASSWORD_FILE": str(file)})
    assert read.mail is not None
    assert read.mail.password == "secret-word"  # invented
    assert "secret-word" not in repr(read)
    assert read_environment({"TSUNAGU_DESK": str(tmp_path)}).mail is None
