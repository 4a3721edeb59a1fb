"""Wrong passwords and wrong codes close a login for a while; both count alike, and nothing tells which logins exist."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tsunagu_web.accounts.models import FailedLogin, Staff


def reserve_try(staff: Staff) -> FailedLogin | None:
    """Counts a try before it is judged, so that many at once are no way round; None while the login is closed.

    Whoever finds the try right forgives it.
    """
    now = timezone.now()
    since = now - dt.timedelta(minutes=settings.ENVIRONMENT.lockout_minutes)
    with transaction.atomic():
        Staff.objects.select_for_update().get(pk=staff.pk)
        if staff.failed_logins.filter(at__gt=since).count() >= settings.ENVIRONMENT.lockout_tries:
            return None
        staff.failed_logins.filter(at__lte=since).delete()
        return FailedLogin.objects.create(staff=staff, at=now)


def forgive(attempt: FailedLogin) -> None:
    """Takes back one try that was right. Earlier wrong ones stay: a right password alone does not clear the count."""
    attempt.delete()


def forgive_all(staff: Staff) -> None:
    """After both factors were right."""
    staff.failed_logins.all().delete()
