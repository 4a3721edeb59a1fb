"""Tells Django of this room, and lays the guards of the states after every migration."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig


class StepsConfig(AppConfig):
    name = "tsunagu_web.steps"
    label = "steps"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate, pre_migrate

        pre_migrate.connect(_lift, sender=self)
        post_migrate.connect(_lay, sender=self)


def _lift(plan: list[Any], **_signal: object) -> None:
    from tsunagu_web.steps import guards

    if plan:
        guards.lift()


def _lay(**_signal: object) -> None:
    from tsunagu_web.steps import guards

    guards.lay()
