"""Tells Django of this room."""

from django.apps import AppConfig


class OffersConfig(AppConfig):
    name = "tsunagu_web.offers"
    label = "offers"
