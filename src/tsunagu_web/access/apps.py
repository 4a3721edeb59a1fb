"""Tells Django of this room, and ties the second lock to requests, connections and migrations."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "tsunagu_web.access"
    label = "access"

    def ready(self) -> None:
        from django.core.signals import request_finished, request_started
        from django.db.backends.signals import connection_created
        from django.db.models.signals import post_migrate, pre_migrate

        from tsunagu_web.access import reach

        # Before as well: a request begins with nothing open, whatever became of the one before.
        request_started.connect(reach.take_away)
        request_finished.connect(reach.take_away)
        connection_created.connect(reach.set_again)
        pre_migrate.connect(_lift, sender=self)
        post_migrate.connect(_lay, sender=self)


def _lift(plan: list[Any], **_signal: object) -> None:
    from tsunagu_web.access import second_lock

    if plan:
        second_lock.lift()


def _lay(**_signal: object) -> None:
    from tsunagu_web.access import second_lock

    second_lock.lay()
