"""The shape of who is asking."""

from __future__ import annotations

from pydantic import Field

from tsunagu_web.api.shapes.parts import Shape


class Me(Shape):
    """purpose: null until one was picked at the desk."""

    staff_id: int
    role: str
    purpose: str | None
    csrf_token: str = Field(description="To be sent as the header X-CSRFToken with every POST.")
