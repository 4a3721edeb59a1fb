"""Tells Django of this room."""

from django.apps import AppConfig


class AddressesConfig(AppConfig):
    name = "tsunagu_web.addresses"
    label = "addresses"
