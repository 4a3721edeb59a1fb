"""Pages of logging in and the language: read or write through queries and services, then answer."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from tsunagu_web.access.policy import needs, public
from tsunagu_web.access.table import Action, Thing
from tsunagu_web.accounts import services
from tsunagu_web.accounts.forms import LanguageForm, LoginForm


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    form = LoginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            if services.log_in(request, form.cleaned_data["login"], form.cleaned_data["password"]):
                return redirect(safe_next(request, request.POST.get("next", "")))
            form.add_error(None, _("Login or password is not right."))
        except services.Locked:
            form.add_error(None, _("Too many wrong passwords. This login is locked for a while; try again later."))
    return render(request, "accounts/login.html", {"form": form, "next": request.GET.get("next", "")})


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


def safe_next(request: HttpRequest, wanted: str) -> str:
    """The address to go on to, if it is one of ours; else the start page."""
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else settings.LOGIN_REDIRECT_URL
