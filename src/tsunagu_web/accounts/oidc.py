"""The office's own identity provider (OpenID Connect) in place of the desk's password; the second factor stays.

Imported only where the settings name a provider. The exchange is django-allauth's; nothing of it is stored, nobody is
registered by it: it only says which member of staff, by the subject that `staff-add --oidc-subject` was given.
"""

from __future__ import annotations

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_safe
from requests import RequestException

from tsunagu_web.access.policy import public
from tsunagu_web.accounts import arrival, services


class ByOffice(DefaultSocialAccountAdapter):
    """Takes the answer of the provider before django-allauth would sign anybody in."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        wanted = str(sociallogin.state.get("next") or "")
        if not services.give_subject(request, sociallogin.account.uid, wanted):
            raise ImmediateHttpResponse(_failed(request))
        here = arrival.arrival_of(request)
        raise ImmediateHttpResponse(redirect(f"accounts:{here.step()}" if here else "accounts:login"))

    def on_authentication_error(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        raise ImmediateHttpResponse(_failed(request))


@public
@require_safe
@sensitive_variables()
def begin(request: HttpRequest, provider_id: str) -> HttpResponse:
    return _by_allauth(openid_connect.login, request, provider_id)


@public
@require_safe
@sensitive_variables()
def back(request: HttpRequest, provider_id: str) -> HttpResponse:
    return _by_allauth(openid_connect.callback, request, provider_id)


def _by_allauth(view: Any, request: HttpRequest, provider_id: str) -> HttpResponse:
    try:
        answer: HttpResponse = view(request, provider_id)
    except RequestException:
        return _failed(request)
    return answer


def _failed(request: HttpRequest) -> HttpResponse:
    """One sentence for a provider that does not answer, an answer that does not fit, and a person it does not know."""
    messages.warning(request, _("The office's sign-in did not work. Try again, or use your password here."))
    return redirect("accounts:login")
