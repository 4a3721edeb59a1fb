"""Tells Django of this room."""

from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    name = "tsunagu_web.referrals"
    label = "referrals"
