"""The caller: who they are at the desk, and the description of the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.middleware.csrf import get_token
from ninja import Router

from tsunagu_web.access.policy import needs
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.api.shapes.own import Me

router = Router(tags=["the caller"])


@router.get("/me/", response=Me, summary="Who I am at the desk")
@needs(Thing.ACCOUNT, Action.USE)
def me(request: HttpRequest) -> dict[str, Any]:
    """Role, purpose, and the mark that a request which writes sends as `X-CSRFToken`."""
    viewer = request.viewer
    said = {"staff_id": viewer.staff_id, "role": viewer.role, "purpose": viewer.purpose or None}
    return said | {"csrf_token": get_token(request)}


@router.get("/openapi.json", include_in_schema=False)
@needs(Thing.ACCOUNT, Action.USE)
def description(request: HttpRequest) -> JsonResponse:
    """This description, for signed-in staff."""
    from tsunagu_web.api.description import described  # it is made of every operation, this one among them

    return JsonResponse(described(), json_dumps_params={"ensure_ascii": False})
