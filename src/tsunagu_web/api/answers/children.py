"""Answers about children: the list, the search and one child."""

from __future__ import annotations

from tsunagu_web.access.policy import may
from tsunagu_web.access.terms import Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.addresses.queries import FormerAddress, Shown
from tsunagu_web.api.answers.parts import Json, hides_voices, not_shown, of_page, of_voice, without
from tsunagu_web.cases.page import ChildPage, Member
from tsunagu_web.worklist.queries import Listed
from tsunagu_web.worklist.rows import Row

# The parts that go with a name of `hidden`. Of reasons some may be shown, so what is shown stays.
_PARTS = {
    "name": ("name", "kana", "birth_date"),
    "level": ("level",),
    "judgments": ("judgments", "may_become", "is_provisional"),
    "reasons": (),
    "decision": ("state", "due_in_days"),
    "address": ("address", "former_addresses"),
}


def of_list(viewer: Viewer, listed: Listed, rows: list[Row]) -> Json:
    return of_page(listed.page) | {"children": [_row(viewer, row) for row in rows]}


def of_child(viewer: Viewer, page: ChildPage) -> Json:
    address = page.address if isinstance(page.address, Shown) else None
    answer = {
        **_who(page),
        "level": page.level or None,
        "is_provisional": page.is_provisional,
        "may_become": page.may_become or None,
        "age": page.age,
        "grade": page.grade or None,
        "reasons": [
            {
                "code": r.code,
                "sentence": r.sentence,
                "basis": r.basis or None,
                "source": r.source,
                "hidden": [not_shown("values")] if r.is_in_words else [],
            }
            for r in page.reasons.signs
        ],
        "missing": [{"code": m.code, "sentence": m.sentence, "source": m.source} for m in page.reasons.missing],
        "watch": list(page.reasons.watch),
        "judgments": dict(page.judgments),
        "household": [_member(member) for member in page.household],
        "decisions": [
            {
                "number": d.number,
                "outcome": d.outcome,
                "until": d.until,
                "reason": d.reason or None,
                "note": d.note or None,
                "by": d.by.name,
                "at": d.at,
            }
            | of_voice(page.voices, d.pk)
            for d in page.history
        ],
        "facts": [
            {"domain": department.domain, "when": x.when, "item": x.item, "value": x.value, "state": x.state}
            for department in page.timeline.departments
            for x in department.lines
        ],
        "held_elsewhere": [
            {
                "domain": held.domain,
                "offices": [{"name": office.name, "items": list(office.items)} for office in held.offices],
                "reached": [value._asdict() for value in held.reached],
            }
            for held in page.timeline.held
        ],
        "address": (address.address or None) if address else None,
        "former_addresses": [_former(place) for place in address.former] if address else [],
    }
    return without(answer, _kept_of(viewer, page), names=_PARTS)


def _row(viewer: Viewer, row: Row) -> Json:
    answer = {
        **_who(row),
        "level": row.level or None,
        "may_become": row.may_become or None,
        "age": row.age,
        "grade": row.grade or None,
        "main_reason": row.reasons.main or None,
        "more_reasons": row.reasons.others,
        "missing": list(row.reasons.missing),
        "watch": list(row.reasons.watch),
        "state": str(row.state) or None,
        "due_in_days": row.due_in_days,
    }
    kept = {
        "name": row.who.is_hidden,
        "level": row.hides_level,
        "judgments": not may(viewer, Thing.JUDGMENT, about=row.child.subject()),
        "reasons": row.reasons.is_hidden,
        "decision": not row.state,
    }
    return without(answer, kept, names=_PARTS)


def _who(shown: Row | ChildPage) -> Json:
    who = shown.who
    return {
        "person_id": who.person_id,
        "name": who.name or None,
        "kana": who.kana or None,
        "birth_date": who.birth_date,
    }


def _member(member: Member) -> Json:
    answer = {"person_id": member.person_id, "relation": member.relation, "age": member.age}
    return without(answer | {"name": member.who.name or None}, {"name": member.who.is_hidden})


def _former(place: FormerAddress) -> Json:
    return {"address": place.address, "since": place.since, "until": place.until}


def _kept_of(viewer: Viewer, page: ChildPage) -> dict[str, bool]:
    return {
        "name": page.who.is_hidden,
        "level": not page.level,
        "judgments": not may(viewer, Thing.JUDGMENT, about=page.child.subject()),
        "reasons": page.reasons.is_hidden,
        "household": not page.may_see_household,
        "decisions": not page.may_see_decisions,
        "decisions.voice": hides_voices(page.voices),
        # As on the page: a role, a protection and an address that nobody knows read alike.
        "address": not page.address.is_shown,
        **{f"facts.{d.domain}": d.is_hidden for d in page.timeline.departments},
    }
