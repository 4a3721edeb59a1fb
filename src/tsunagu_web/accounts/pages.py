"""Pages that signing in and one's own account share: the two factors, their set-up, the recovery codes."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from tsunagu_web.accounts import factors
from tsunagu_web.accounts.forms import CodeForm, PasskeyForm
from tsunagu_web.accounts.models import Staff


def not_right(what: str) -> str:
    """One sentence for wrong, unknown and closed alike, so that it tells nothing about which logins exist."""
    rule = _("After %(tries)s wrong tries a login is closed for %(minutes)s minutes, for the right password too.")
    numbers = {"tries": settings.ENVIRONMENT.lockout_tries, "minutes": settings.ENVIRONMENT.lockout_minutes}
    return f"{what} {rule % numbers}"


def second_factor(request: HttpRequest, staff: Staff, form: CodeForm) -> HttpResponse:
    offered = factors.passkey_to_show(staff) if may_use_passkeys(request) and factors.has_passkey(staff) else ""
    return with_script(render(request, "accounts/second_factor.html", {"form": form, "offered": offered}), offered)


def set_up(request: HttpRequest, staff: Staff, form: CodeForm, *, is_first: bool) -> HttpResponse:
    """The page on which a factor is added: the app's QR code and secret, and beside it a passkey."""
    secret = factors.pending_secret(request)
    offered = factors.passkey_to_make(staff) if may_use_passkeys(request) else ""
    shown = {
        "form": form,
        "secret": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        # Our own drawing of our own words: paths and numbers, nothing anybody typed.
        "picture": mark_safe(factors.picture_of(staff, secret)),
        "offered": offered,
        "is_first": is_first,
    }
    return with_script(render(request, "accounts/set_up.html", shown), offered)


def added(request: HttpRequest, staff: Staff, form: CodeForm) -> str:
    """The kind of factor that this form has just added; "" when it did not, and the form says so."""
    passkey = PasskeyForm(request.POST)
    if "answer" in request.POST:
        if passkey.is_valid() and factors.set_up_passkey(staff, passkey.cleaned_data["answer"]):
            return "webauthn"
        form.errors.clear()
        form.add_error(None, _("The passkey could not be added. Please try again."))
    elif form.is_valid():
        if factors.set_up_totp(request, staff, form.cleaned_data["code"]):
            return "totp"
        form.add_error("code", _("This code does not fit. Enter the one that the app shows now."))
    return ""


def recovery_codes(request: HttpRequest, staff: Staff) -> HttpResponse:
    return render(request, "accounts/recovery_codes.html", {"codes": factors.unseen_codes(staff)})


def may_use_passkeys(request: HttpRequest) -> bool:
    """Whether browsers allow passkeys here: at a name, over TLS or on this very machine; never at a bare number."""
    host = request.get_host()
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return request.is_secure() or name == "localhost"
    return False


def with_script(response: HttpResponse, needed: str) -> HttpResponse:
    """Lets this one answer run the desk's own script, when it needs it; every other page runs none."""
    if needed:
        response.desk_script = True  # type: ignore[attr-defined]  # read by SafeHeaders
    return response
