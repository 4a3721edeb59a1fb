"""What went wrong, as a program reads it: RFC 9457, one shape for all, without a value of anybody.

The code stays; the sentences are for the person behind the program, in the language chosen at the desk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.forms import BaseForm
from django.http import JsonResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MEDIA_TYPE = "application/problem+json"
# Code -> status and title. Titles are sentences; what is particular to a case stands in `detail` and `errors`.
PROBLEMS: Mapping[str, tuple[int, Promise]] = {
    "not_this_shape": (400, _("The request does not have the shape that the description gives.")),
    "not_signed_in": (401, _("Sign in at the desk first.")),
    "no_purpose_picked": (403, _("Pick a purpose at the desk first.")),
    "no_protection_mark": (403, _("The mark against forged requests is missing or old. Nothing was changed.")),
    "not_within_your_duty": (403, _("This is outside of what your role and purpose allow.")),
    "not_found": (404, _("There is nothing here, or nothing within your duty.")),
    "method_not_allowed": (405, _("This address is asked with another method.")),
    "changed_meanwhile": (409, _("Somebody else has changed this in the meantime. Nothing was written.")),
    "not_now": (409, _("This step is not possible from where the work stands, or not for you. Nothing was written.")),
    "other_content": (409, _("What would leave is not what was looked at. Nothing was sent.")),
    "not_possible": (409, _("This cannot be done with this person. Nothing was written.")),
    "too_long": (413, _("The request is longer than the desk takes. Nothing was changed.")),
    "not_accepted": (422, _("Some of what was given is not accepted. Nothing was written.")),
    "form_used": (422, _("This form mark was used for something else. Make a new one for each act.")),
    "failed": (500, _("An error of the program. It is written down without any value.")),
    "not_recorded": (503, _("The look could not be recorded, so nothing was shown and nothing was changed.")),
}
# A form's own words for a choice that is not there repeat what was given; a program is told without.
_NOT_OFFERED = _("This is not among what is offered.")


def problem(
    code: str,
    *,
    detail: str = "",
    errors: Sequence[Mapping[str, str]] = (),
    now: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JsonResponse:
    """The answer for a code of PROBLEMS.

    detail  a sentence about this case
    errors  what is not accepted: field, code, sentence
    now     where the work stands, for whoever came too late: its state and revision
    """
    status, title = PROBLEMS[code]
    body: dict[str, Any] = {"status": status, "code": code, "title": str(title)}
    body |= {"detail": detail} if detail else {}
    body |= {"errors": list(errors)} if errors else {}
    body |= {"now": dict(now)} if now else {}
    plain = {"ensure_ascii": False}
    said = {"headers": dict(headers or {}), "content_type": MEDIA_TYPE, "json_dumps_params": plain}
    return JsonResponse(body, status=status, **said)


def errors_of(form: BaseForm) -> list[dict[str, str]]:
    """A page's own rules in its own words, field by field; never what was given."""
    return [
        {
            "field": "" if field == "__all__" else field,
            "code": error.code or "not_accepted",
            "sentence": str(_NOT_OFFERED) if error.code == "invalid_choice" else " ".join(error.messages),
        }
        for field, several in form.errors.as_data().items()
        for error in several
    ]
