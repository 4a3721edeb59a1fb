"""Mail to staff: what is new is told once, in counts and kinds and the desk's address, and in nothing of anybody.

A mail is a row before it is sent, and marked as sent afterwards: a program that ends in between sends it again, with
the same id, so it arrives at least once. While nobody has read what it tells, a mail that failed is tried again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tsunagu.casework.reminders import Choices, Kind, may_mail
from tsunagu_web.accounts.models import MailChoice
from tsunagu_web.audit.days_off import is_day_off
from tsunagu_web.environment import Mail as Server
from tsunagu_web.reminders.models import Mail, Reminder
from tsunagu_web.reminders.queries import new_by_kind
from tsunagu_web.reminders.words import BY_MAIL, WORDS

# Whoever sends a mail has it alone for so long; a server that does not answer is given up sooner.
ALONE = dt.timedelta(minutes=10)
_FIRST_WAIT, _LONGEST_WAIT = dt.timedelta(minutes=5), dt.timedelta(hours=6)


@dataclass(frozen=True)
class Posted:
    """What a round did with mails."""

    sent: int
    failed: int


def post(now: dt.datetime, choices: Choices) -> Posted:
    """Puts mails in the row for what is new, then sends what may leave at this moment; where no server is set,
    nothing."""
    server = settings.ENVIRONMENT.mail
    if server is None:
        return Posted(0, 0)
    for is_at_once in (True, False):
        if _may(now, choices, is_at_once=is_at_once):
            _put_in_the_row(now, choices, is_at_once=is_at_once)
    results = [_send(mail, server) for mail in _waiting(now, choices)]
    return Posted(results.count(True), results.count(False))


def _may(now: dt.datetime, choices: Choices, *, is_at_once: bool) -> bool:
    local = timezone.localtime(now)
    return may_mail(local, is_day_off=is_day_off(local.date()), is_at_once=is_at_once, choices=choices)


def _put_in_the_row(now: dt.datetime, choices: Choices, *, is_at_once: bool) -> None:
    """A mail for each person with something new that no mail told of: of the day, or of the kinds that do not wait."""
    for choice in MailChoice.objects.filter(staff__is_active=True).order_by("pk"):
        kinds = [kind for kind in BY_MAIL if kind not in choice.off and (not is_at_once or kind in choices.at_once)]
        with transaction.atomic():
            untold = Reminder.objects.filter(
                staff_id=choice.staff_id, state=Reminder.State.NEW, mail__isnull=True, kind__in=kinds
            )
            numbers = list(untold.select_for_update().values_list("pk", flat=True))
            day = timezone.localdate(now)
            mails = Mail.objects.filter(staff_id=choice.staff_id, is_at_once=False, day=day)
            if numbers and (is_at_once or not mails.exists()):
                mail = Mail.objects.create(staff_id=choice.staff_id, is_at_once=is_at_once, day=day, free_at=now)
                Reminder.objects.filter(pk__in=numbers).update(mail=mail)


def _waiting(now: dt.datetime, choices: Choices) -> Iterable[Mail]:
    """Mails that may leave now, each taken so that no other program sends it at the same time."""
    for mail in Mail.objects.filter(state=Mail.State.WAITING, free_at__lte=now).order_by("pk"):
        if not _may(now, choices, is_at_once=mail.is_at_once):
            continue
        free = Q(pk=mail.pk, state=Mail.State.WAITING, free_at=mail.free_at)
        if Mail.objects.filter(free).update(free_at=now + ALONE):
            yield mail


def _send(mail: Mail, server: Server) -> bool | None:
    """Whether it was sent; None where it tells nothing any more."""
    counts = new_by_kind(mail)
    choice = MailChoice.objects.filter(staff_id=mail.staff_id, staff__is_active=True).first()
    rows = Mail.objects.filter(pk=mail.pk, state=Mail.State.WAITING)
    if not counts or choice is None:
        rows.update(state=Mail.State.ENDED)
        return None
    try:
        _message(mail, choice, counts, server).send()
    except (OSError, SMTPException):
        # What the server said may quote the address: it is neither kept nor logged.
        wait = min(_FIRST_WAIT * 2 ** min(mail.tries, 10), _LONGEST_WAIT)
        rows.update(tries=mail.tries + 1, free_at=timezone.now() + wait)
        return False
    rows.update(state=Mail.State.SENT, sent_at=timezone.now())
    return True


def _message(mail: Mail, choice: MailChoice, counts: dict[Kind, int], server: Server) -> EmailMessage:
    number = sum(counts.values())
    with translation.override(choice.language):
        subject = ngettext("tsunagu: %(n)d reminder waits for you", "tsunagu: %(n)d reminders wait for you", number)
        lines = [f"{WORDS[kind]}: {count}" for kind, count in counts.items()]
        where = [_("You read them in the desk:"), server.desk]
        close = _("This mail says nothing of any child, family or school. Answers to it are read by nobody.")
        body = "\n".join([*lines, "", *where, "", close, ""])
    domain = server.sender.rpartition("@")[2].rstrip(">")
    headers = {"Message-ID": f"<{mail.reference}@{domain}>", "Auto-Submitted": "auto-generated"}
    return EmailMessage(subject % {"n": number}, body, server.sender, [choice.address], headers=headers)
