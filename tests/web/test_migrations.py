"""The migrations say what the models say: whoever changes one and forgets the other is told here."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import models

from tsunagu_web.access.models import Grant


def wanted() -> str:
    """What `makemigrations` would write; empty where nothing is missing."""
    said = StringIO()
    try:
        call_command("makemigrations", check_changes=True, dry_run=True, stdout=said)
    except SystemExit:
        return said.getvalue()
    return ""


def test_no_change_of_a_model_lacks_its_migration(desk: None) -> None:
    assert wanted() == ""


def test_control_a_choice_without_a_migration_is_found(desk: None, monkeypatch: pytest.MonkeyPatch) -> None:
    field = Grant._meta.get_field("purpose")
    assert isinstance(field, models.Field)
    monkeypatch.setattr(field, "choices", [*(field.choices or []), ("another", "Another")])
    assert "Alter field purpose on grant" in wanted()
