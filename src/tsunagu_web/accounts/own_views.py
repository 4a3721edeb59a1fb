"""Pages of one's own account: factors, password, and the browsers that are signed in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tsunagu_web.access.policy import needs
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.accounts import factors, pages, services, sessions
from tsunagu_web.accounts.forms import CodeForm, ConfirmForm, NewPasswordForm, NumberForm

_page = require_http_methods(["GET", "HEAD", "POST"])


def _after_the_password(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Asks for the password again, unless it was given within ten minutes: a desk left open changes no factor."""

    @wraps(view)
    def asked(request: HttpRequest) -> HttpResponse:
        return view(request) if services.is_confirmed(request) else redirect("accounts:confirm")

    return asked


@needs(Thing.ACCOUNT, Action.USE)
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    shown = {
        "factors": factors.factors_of(request.user),
        "may_remove": factors.may_remove(request.user),
        "sign_ins": request.user.sign_ins.order_by("-last_used"),
        "here": sessions.number_here(request),
    }
    return render(request, "accounts/own.html", shown)


@needs(Thing.ACCOUNT, Action.USE)
@sensitive_post_parameters("password")
@_page
def confirm(request: HttpRequest) -> HttpResponse:
    form = ConfirmForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if services.confirm(request, form.cleaned_data["password"]):
            messages.success(request, _("Confirmed. You can make your change now."))
            return redirect("accounts:own")
        form.add_error("password", pages.not_right(_("The password is not right.")))
    return render(request, "accounts/confirm.html", {"form": form})


@needs(Thing.ACCOUNT, Action.USE)
@sensitive_post_parameters()
@_page
@_after_the_password
def change_password(request: HttpRequest) -> HttpResponse:
    form = NewPasswordForm(request.POST or None, staff=request.user)
    if request.method == "POST" and form.is_valid():
        services.change_password(request, form.cleaned_data["password"])
        messages.success(request, _("The password is changed. Other browsers are signed out."))
        return redirect("accounts:own")
    return render(request, "accounts/new_password.html", {"form": form, "is_start": False})


@needs(Thing.ACCOUNT, Action.USE)
@sensitive_post_parameters("code", "answer")
@_page
@_after_the_password
def add_factor(request: HttpRequest) -> HttpResponse:
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and pages.added(request, request.user, form):
        messages.success(request, _("The second factor is set up."))
        return redirect("accounts:own")
    return pages.set_up(request, request.user, form, is_first=False)


@needs(Thing.ACCOUNT, Action.USE)
@require_POST
@_after_the_password
def remove_factor(request: HttpRequest) -> HttpResponse:
    form = NumberForm(request.POST)
    try:
        if form.is_valid():
            factors.remove(request.user, form.cleaned_data["number"])
    except factors.LastFactor:
        messages.warning(request, _("This is your only second factor. Add another one first."))
    return redirect("accounts:own")


@needs(Thing.ACCOUNT, Action.USE)
@_page
@_after_the_password
def own_codes(request: HttpRequest) -> HttpResponse:
    if request.POST.get("act") == "renew":
        factors.renew_codes(request.user)
        return redirect("accounts:own-codes")
    if request.method == "POST" or factors.unseen_codes(request.user) is None:
        factors.mark_codes_seen(request.user)
        return redirect("accounts:own")
    return pages.recovery_codes(request, request.user)


@needs(Thing.ACCOUNT, Action.USE)
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    form = NumberForm(request.POST)
    if form.is_valid() and form.cleaned_data["number"] != sessions.number_here(request):
        sessions.revoke(request.user, form.cleaned_data["number"])
    elif request.POST.get("act") == "others":
        sessions.revoke_others(request.user, sessions.number_here(request))
    return redirect("accounts:own")
