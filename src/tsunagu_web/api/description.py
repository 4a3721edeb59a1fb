"""The description of the API (OpenAPI 3.1): the shapes, how a caller is known, and what may go wrong."""

from __future__ import annotations

from typing import Any

from tsunagu_web.api.desk_api import api
from tsunagu_web.api.problems import MEDIA_TYPE
from tsunagu_web.api.shapes.parts import Problem
from tsunagu_web.api.urls import ROOT

Json = dict[str, Any]
_PROBLEM = "#/components/schemas/Problem"
# What may go wrong with every operation, with one about something in its address, and with one that writes.
_ALWAYS = {
    400: "not_this_shape",
    401: "not_signed_in",
    403: "no_purpose_picked, not_within_your_duty",
    503: "not_recorded",
}
_OF_SOMETHING = {404: "not_found: there is none, or none within your duty; both are answered alike"}
_OF_AN_ACT = {
    403: "no_purpose_picked, not_within_your_duty, no_protection_mark",
    409: "changed_meanwhile, not_now, other_content, not_possible: nothing was written; `now` says what stands",
    413: "too_long",
    422: "not_accepted, form_used: nothing was written; `errors` says what is not accepted and why",
}


def described() -> Json:
    """The whole description, the same bytes for the same code."""
    said: Json = {**api.get_openapi_schema(path_prefix=f"/{ROOT}")}
    parts = said["components"]
    parts["schemas"]["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    for name, shape in parts["schemas"]["Problem"].pop("$defs").items():
        parts["schemas"][name] = shape
    parts["securitySchemes"] = {
        "session": {"type": "apiKey", "in": "cookie", "name": "tsunagu_session"},
        "mark": {"type": "apiKey", "in": "header", "name": "X-CSRFToken"},
    }
    for operations in said["paths"].values():
        for method, operation in operations.items():
            _complete(method, operation)
    parts["schemas"] = dict(sorted(parts["schemas"].items()))
    return said


def _complete(method: str, operation: Json) -> None:
    is_act = method == "post"
    operation["security"] = [{"session": [], "mark": []} if is_act else {"session": []}]
    has_parts = any(part["in"] == "path" for part in operation.get("parameters", ()))
    known = _ALWAYS | (_OF_SOMETHING if has_parts or is_act else {}) | (_OF_AN_ACT if is_act else {})
    for status, codes in sorted(known.items()):
        content = {MEDIA_TYPE: {"schema": {"$ref": _PROBLEM}}}
        operation["responses"][str(status)] = {"description": codes, "content": content}
