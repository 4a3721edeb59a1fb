"""Pages of signing in, step by step, and the language: read or write through services, then answer."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from tsunagu_web.access.policy import needs, public
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.accounts import factors, pages, services
from tsunagu_web.accounts.arrival import Arrival, Step, arrival_of, at_step, bind_again, proved
from tsunagu_web.accounts.forms import CodeForm, LanguageForm, LoginForm, NewPasswordForm, PasskeyForm

_page = require_http_methods(["GET", "HEAD", "POST"])


@public
@sensitive_post_parameters("password")
@_page
def log_in(request: HttpRequest) -> HttpResponse:
    form = LoginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given, wanted = form.cleaned_data, request.POST.get("next", "")
        if services.give_password(request, given["login"], given["password"], wanted):
            return _onward(request)
        form.add_error(None, pages.not_right(_("Login or password is not right.")))
    shown = {"next": request.GET.get("next", ""), "by_office": settings.ENVIRONMENT.oidc is not None}
    return render(request, "accounts/login.html", {**shown, "form": form})


@public
@sensitive_post_parameters("code", "answer")
@_page
@at_step(Step.SECOND_FACTOR)
def second_factor(request: HttpRequest, here: Arrival) -> HttpResponse:
    given = request.POST if request.method == "POST" else None
    code, passkey = CodeForm(given), PasskeyForm(given)
    if request.method == "POST":
        if "answer" in request.POST and passkey.is_valid():
            if services.give_passkey(request, here, passkey.cleaned_data["answer"]):
                return _onward(request)
        elif code.is_valid() and services.give_code(request, here, code.cleaned_data["code"]):
            return _onward(request)
        code.errors.clear()
        code.add_error(None, pages.not_right(_("The code or the passkey is not right.")))
    return pages.second_factor(request, here.staff, code)


@public
@sensitive_post_parameters()
@_page
@at_step(Step.NEW_PASSWORD)
def new_password(request: HttpRequest, here: Arrival) -> HttpResponse:
    form = NewPasswordForm(request.POST or None, staff=here.staff)
    if request.method == "POST" and form.is_valid():
        services.choose_password(here.staff, form.cleaned_data["password"])
        bind_again(request, here.staff)
        return _onward(request)
    return render(request, "accounts/new_password.html", {"form": form, "is_start": True})


@public
@sensitive_post_parameters("code", "answer")
@_page
@at_step(Step.SET_UP)
def set_up(request: HttpRequest, here: Arrival) -> HttpResponse:
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        kind = pages.added(request, here.staff, form)
        if kind:
            proved(request, kind)
            return _onward(request)
    return pages.set_up(request, here.staff, form, is_first=True)


@public
@_page
@at_step(Step.RECOVERY_CODES)
def recovery_codes(request: HttpRequest, here: Arrival) -> HttpResponse:
    if request.method == "POST":
        factors.mark_codes_seen(here.staff)
        return _onward(request)
    return pages.recovery_codes(request, here.staff)


@needs(Thing.ACCOUNT, Action.USE)
@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    services.log_out(request)
    return redirect("accounts:login")


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    form = LanguageForm(request.POST)
    response = redirect(safe_next(request, request.POST.get("next", "")))
    if form.is_valid():
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            form.cleaned_data["language"],
            max_age=31_536_000,
            httponly=True,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            samesite="Lax",
        )
    return response


def _onward(request: HttpRequest) -> HttpResponse:
    """To the step that is next, or, when none is, in."""
    here = arrival_of(request)
    if here is None:
        return redirect("accounts:login")
    step = here.step()
    if step is not Step.ENTER:
        return redirect(f"accounts:{step}")
    services.enter(request, here)
    return redirect(safe_next(request, here.wanted))


def safe_next(request: HttpRequest, wanted: str) -> str:
    """The address to go on to, if it is one of ours; else the start page."""
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else settings.LOGIN_REDIRECT_URL
