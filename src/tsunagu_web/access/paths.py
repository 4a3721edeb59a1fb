"""How a child's number stands in an address: only what could be one is asked about at all."""

from __future__ import annotations

from django.urls import register_converter


class PersonId:
    """A number as runs give them, and as the log takes them; anything else is no address of the desk."""

    regex = "[A-Za-z0-9][A-Za-z0-9_-]{0,39}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PersonId, "person")
