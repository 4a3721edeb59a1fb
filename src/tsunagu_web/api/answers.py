"""The shapes of the answers, made from the very values that pages are made of: what a page hides is not in here.

`hidden` names what is kept from the viewer by role, so that null never has to mean two things.
"""

from __future__ import annotations

from typing import Any

from tsunagu_web.addresses.queries import FormerAddress, Shown
from tsunagu_web.cases.page import ChildPage, Member
from tsunagu_web.worklist.queries import Listed
from tsunagu_web.worklist.rows import Row

Json = dict[str, Any]


def of_list(listed: Listed, rows: list[Row]) -> Json:
    page = listed.page
    return {
        "count": page.paginator.count,
        "page": page.number,
        "pages": page.paginator.num_pages,
        "children": [_row(row) for row in rows],
    }


def of_child(page: ChildPage) -> Json:
    address = page.address if isinstance(page.address, Shown) else None
    return {
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
                "hidden": ["values"] if r.is_in_words else [],
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
            for d in page.history
        ],
        "facts": [
            {"domain": department.domain, "when": x.when, "item": x.item, "value": x.value, "state": x.state}
            for department in page.timeline.departments
            for x in department.lines
        ],
        "address": address.address if address else None,
        "former_addresses": [_former(place) for place in address.former] if address else [],
        "hidden": _hidden_of(page),
    }


def _row(row: Row) -> Json:
    kept = {
        "name": row.who.is_hidden,
        "level": row.hides_level,
        "reasons": row.reasons.is_hidden,
        "decision": not row.state,
    }
    return {
        **_who(row),
        "level": row.level or None,
        "may_become": row.may_become or None,
        "age": row.age,
        "grade": row.grade or None,
        "main_reason": row.reasons.main or None,
        "more_reasons": row.reasons.others,
        "missing": list(row.reasons.missing),
        "watch": list(row.reasons.watch),
        "state": row.state or None,
        "due_in_days": row.due_in_days,
        "hidden": [name for name, is_kept in kept.items() if is_kept],
    }


def _who(shown: Row | ChildPage) -> Json:
    who = shown.who
    return {
        "person_id": who.person_id,
        "name": who.name or None,
        "kana": who.kana or None,
        "birth_date": who.birth_date,
    }


def _member(member: Member) -> Json:
    return {
        "person_id": member.person_id,
        "name": member.who.name or None,
        "relation": member.relation,
        "age": member.age,
        "hidden": ["name"] if member.who.is_hidden else [],
    }


def _former(place: FormerAddress) -> Json:
    return {"address": place.address, "since": place.since, "until": place.until}


def _hidden_of(page: ChildPage) -> list[str]:
    kept = {
        "name": page.who.is_hidden,
        "level": not page.level,
        "reasons": page.reasons.is_hidden,
        "household": not page.may_see_household,
        "decisions": not page.may_see_decisions,
        # As on the page: a role, a protection and an address that nobody knows read alike.
        "address": not page.address.is_shown,
    }
    domains = [f"facts.{d.domain}" for d in page.timeline.departments if d.is_hidden]
    return [*(name for name, is_kept in kept.items() if is_kept), *domains]
