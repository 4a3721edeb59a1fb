"""Parts that many answers share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.paginator import Page
from django.utils.translation import gettext as _

from tsunagu_web.cases.voices import Told
from tsunagu_web.cases.who import Who
from tsunagu_web.steps.models import Step

Json = dict[str, Any]
_OF_A_NAME = ("name", "kana", "birth_date")


def without(answer: Json, kept: Mapping[str, bool], *, names: Mapping[str, Iterable[str]] | None = None) -> Json:
    """The answer without what is kept from the viewer, and `hidden` that names it: null never means two things.

    names  the parts of the answer that go with a name of `kept`, where they are called otherwise
    """
    gone = [name for name, is_kept in kept.items() if is_kept]
    parts = {part for name in gone for part in (names or {}).get(name, (name,))}
    shown = {part: value for part, value in answer.items() if part not in parts}
    return shown | {"hidden": [not_shown(name) for name in gone]}


def not_shown(name: str) -> Json:
    return {"field": name, "code": "not_shown", "sentence": _("Hidden for your role and purpose")}


def of_person(who: Who) -> Json:
    answer = {"person_id": who.person_id, "name": who.name or None, "kana": who.kana or None}
    kept = {"name": who.is_hidden}
    return without(answer | {"birth_date": who.birth_date}, kept, names={"name": _OF_A_NAME})


def of_page(page: Page[Any]) -> Json:
    return {"count": page.paginator.count, "page": page.number, "pages": page.paginator.num_pages}


def of_voice(voices: Mapping[int, Told], row: int) -> Json:
    """The part `voice` of a decision: without it where there is none or it is hidden, which `hidden` names."""
    told = voices.get(row)
    if told is None or told.is_hidden:
        return {}
    return {"voice": {"said": told.code, "words": told.words or None} if told.code else None}


def hides_voices(voices: Mapping[int, Told]) -> bool:
    return any(told.is_hidden for told in voices.values())


def of_steps(steps: Iterable[Step], voices: Mapping[int, Told] | None = None) -> list[Json]:
    return [
        {
            "number": step.number,
            "step": step.move,
            "source": step.source or None,
            "target": step.target,
            "reason": step.reason or None,
            "by": step.by.name if step.by else None,
            "at": step.at,
        }
        | of_voice(voices or {}, step.pk)
        for step in steps
    ]
