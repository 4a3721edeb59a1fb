"""Addresses of the office's own sign-in; the names are those by which django-allauth looks for them."""

from django.urls import path

from tsunagu_web.accounts import oidc
from tsunagu_web.environment import OIDC_PROVIDER

_OURS = {"provider_id": OIDC_PROVIDER}
urlpatterns = [
    path("login/office/", oidc.begin, _OURS, name="openid_connect_login"),
    path("login/office/callback/", oidc.back, _OURS, name="openid_connect_callback"),
]
