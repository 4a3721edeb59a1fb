"""The bundle a city adopts: the criteria file, the report that was read, and the record of who approved."""

from __future__ import annotations

from django.utils import timezone

from tsunagu.runs.approval import Approval, Person, packed
from tsunagu_web.accounts.models import Staff
from tsunagu_web.criteria.queries import Standing


def bundle_of(standing: Standing) -> bytes:
    """The archive of an approved draft; the same draft gives the same bytes."""
    draft = standing.draft
    record = Approval(
        criteria=draft.name,
        version=draft.version,
        supersedes=draft.base,
        file=draft.file,
        sha256=draft.sha256,
        report_sha256=draft.report_sha256,
        reason=draft.reason,
        author=_person(draft.by, draft.by_as, draft.at),
        approved=tuple(_person(one.by, one.by_as, one.at) for one in standing.agreed),
    )
    return packed(record, text=draft.text, report=draft.report)


def _person(staff: Staff, role: str, at: object) -> Person:
    return Person(staff.actor, staff.name, role, timezone.localtime(at).date())  # type: ignore[arg-type]
