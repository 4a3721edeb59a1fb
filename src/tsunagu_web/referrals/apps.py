"""Tells Django of this room, and the room of cases what of it ends with a case."""

from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    name = "tsunagu_web.referrals"
    label = "referrals"

    def ready(self) -> None:
        from tsunagu_web.referrals import closing  # noqa: F401  # ties itself
