"""Second factors of a person: TOTP, passkeys, recovery codes. Secrets, challenges and checks are django-allauth's."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.webauthn.internal import auth as webauthn
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest

from tsunagu_web.accounts.models import Staff
from tsunagu_web.audit.services import append

_SECRET = "tsunagu_totp"
_TRUE_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class LastFactor(Exception):
    """The only second factor cannot be removed: add another first."""


def has_factor(staff: Staff) -> bool:
    """Whether TOTP or a passkey is set up; recovery codes alone are none."""
    return Authenticator.objects.filter(user=staff, type__in=_TRUE_FACTORS).exists()


def factors_of(staff: Staff) -> list[Authenticator]:
    return list(Authenticator.objects.filter(user=staff).order_by("type", "pk"))


def may_remove(staff: Staff) -> bool:
    """Whether one factor may be taken away: another must be left."""
    return Authenticator.objects.filter(user=staff, type__in=_TRUE_FACTORS).count() > 1


def has_passkey(staff: Staff) -> bool:
    return Authenticator.objects.filter(user=staff, type=Authenticator.Type.WEBAUTHN).exists()


def pending_secret(request: HttpRequest) -> str:
    """The secret being set up in this browser, the same until it is confirmed; kept encrypted there too."""
    kept = request.session.get(_SECRET)
    if kept is None:
        kept = request.session[_SECRET] = get_adapter().encrypt(totp.generate_totp_secret())
    return get_adapter().decrypt(kept)


def picture_of(staff: Staff, secret: str) -> str:
    """The secret as a QR code for an authenticator app: SVG, to stand inside the page."""
    written = get_adapter().build_totp_svg(get_adapter().build_totp_url(staff, secret))
    return written[written.index("<svg") :]


def set_up_totp(request: HttpRequest, staff: Staff, code: str) -> bool:
    """Sets the pending secret up once a code of it is right, in place of the one before; False when it is not."""
    secret = pending_secret(request)
    counter = _counter(secret, code)
    if counter is None:
        return False
    with transaction.atomic():
        append(action="factor_added", object="account", staff=staff, detail={"kind": "totp"})
        Authenticator.objects.filter(user=staff, type=Authenticator.Type.TOTP).delete()
        added = totp.TOTP.activate(staff, secret).instance
        added.data["last_counter"] = counter
        added.save(update_fields=["data"])
        RecoveryCodes.activate(staff)
    del request.session[_SECRET]
    return True


def passkey_to_make(staff: Staff) -> str:
    """What the browser needs to make a passkey, as JSON; the challenge stays in the session."""
    return json.dumps(webauthn.begin_registration(staff, passwordless=False), default=dict)


def passkey_to_show(staff: Staff) -> str:
    """What the browser needs to use a passkey, as JSON; the challenge stays in the session."""
    return json.dumps(webauthn.begin_authentication(staff), default=dict)


def set_up_passkey(staff: Staff, answer: str) -> bool:
    """Adds the passkey the browser made; False when the answer does not fit the challenge."""
    credential = _read(answer)
    try:
        webauthn.parse_registration_response(credential)
        webauthn.complete_registration(credential)
    except _NOT_AN_ANSWER:
        return False
    with transaction.atomic():
        append(action="factor_added", object="account", staff=staff, detail={"kind": "webauthn"})
        webauthn.WebAuthn.add(staff, "", credential)
        RecoveryCodes.activate(staff)
    return True


def check_code(staff: Staff, code: str) -> str:
    """The kind of factor whose code this is, "totp" or "recovery_codes"; "" when it is none. A code works once."""
    code = unicodedata.normalize("NFKC", code)
    with transaction.atomic():
        rows = Authenticator.objects.select_for_update().filter(user=staff).exclude(type=Authenticator.Type.WEBAUTHN)
        for row in rows.order_by("-type"):
            is_right = _use_totp(row, code) if row.type == Authenticator.Type.TOTP else row.wrap().validate_code(code)
            if is_right:
                row.record_usage()
                return str(row.type)
    return ""


def check_passkey(staff: Staff, answer: str) -> str:
    """ "webauthn" when the browser's answer is that of a passkey of this person, for the challenge given; else ""."""
    credential = _read(answer)
    try:
        webauthn.parse_authentication_response(credential)
        webauthn.complete_authentication(staff, credential).record_usage()
    except _NOT_AN_ANSWER:
        return ""
    return str(Authenticator.Type.WEBAUTHN)


def unseen_codes(staff: Staff) -> list[str] | None:
    """Recovery codes that were made and never shown; None when there are none to show."""
    row = Authenticator.objects.filter(user=staff, type=Authenticator.Type.RECOVERY_CODES).first()
    return None if row is None or row.wrap().did_view else row.wrap().get_unused_codes()


def mark_codes_seen(staff: Staff) -> None:
    """The person has kept the codes; they are never shown again."""
    for row in Authenticator.objects.filter(user=staff, type=Authenticator.Type.RECOVERY_CODES):
        row.wrap().mark_as_viewed()


def renew_codes(staff: Staff) -> None:
    """Makes new recovery codes; the old ones are void."""
    with transaction.atomic():
        append(action="factor_added", object="account", staff=staff, detail={"kind": "recovery_codes"})
        Authenticator.objects.filter(user=staff, type=Authenticator.Type.RECOVERY_CODES).delete()
        RecoveryCodes.activate(staff)


def remove(staff: Staff, number: int) -> None:
    """Takes a factor away; LastFactor when no other would be left. A number of somebody else's changes nothing."""
    with transaction.atomic():
        Staff.objects.select_for_update().get(pk=staff.pk)
        row = Authenticator.objects.filter(user=staff, type__in=_TRUE_FACTORS, pk=number).first()
        if row is None:
            return
        if not may_remove(staff):
            raise LastFactor
        append(action="factor_removed", object="account", staff=staff, detail={"kind": row.type})
        row.delete()


# What the readers of the ceremony raise at an answer that is none; all of it is the browser's word, never a fault here.
_NOT_AN_ANSWER = (ValidationError, ValueError, TypeError, KeyError, AttributeError, IndexError)


def _read(answer: str) -> Mapping[str, Any]:
    try:
        read = json.loads(answer)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _counter(secret: str, code: str) -> int | None:
    """The step of time whose code this is; None when it is no code of this moment."""
    code = unicodedata.normalize("NFKC", code)
    right = (c for c in totp.yield_hotp_counters_from_time() if _is_code(secret, c, code))
    return next(right, None)


def _is_code(secret: str, counter: int, code: str) -> bool:
    return totp.compare_user_code(actual=code, expected=totp.format_hotp_value(totp.hotp_value(secret, counter)))


def _use_totp(row: Authenticator, code: str) -> bool:
    """Whether the code is right and newer than any used before (RFC 6238, 5.2); it is then used up, in the database."""
    counter = _counter(get_adapter().decrypt(row.data["secret"]), code)
    if counter is None or counter <= row.data.get("last_counter", -1):
        return False
    row.data["last_counter"] = counter
    row.save(update_fields=["data"])
    return True
