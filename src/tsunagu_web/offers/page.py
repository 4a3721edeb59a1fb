"""What the pages of this room show of a family, in the page's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from tsunagu.wording.sentences import finding_sentence
from tsunagu_web.cases.days import grade_words
from tsunagu_web.cases.words import language, named
from tsunagu_web.offers.models import Offer, Way
from tsunagu_web.offers.queries import Family, Line, Opened
from tsunagu_web.offers.words import ACTS
from tsunagu_web.steps.models import Step

Words = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """One programme of one child: what was found, in words that promise nothing, and where telling stands."""

    line: Line
    programme: str
    found: str
    standing: str
    why: Sequence[str]
    apply: str
    office: str
    steps: tuple[tuple[Step, str], ...]


def row_of(line: Line, child: Opened | None, programmes: Words) -> Row:
    """child: with its reasons; None where a page does not show them."""
    words = programmes.get(line.programme, {})
    why = child.why.get(line.programme, {}).get(language(), ()) if child else ()
    return Row(
        line=line,
        programme=programme_name(programmes, line.programme),
        found=finding_sentence(
            {"programmes": programmes}, {"programme": line.programme, "finding": line.found}, language()
        ),
        standing=standing_of(line),
        why=why,
        apply=named(words.get("apply"), ""),
        office=named(words.get("run_by"), ""),
        steps=tuple((step, str(ACTS.get(step.move, _("Taken up")))) for step in line.steps),
    )


def programme_name(programmes: Words, programme: str) -> str:
    return named(programmes.get(programme), programme)


def standing_of(line: Line) -> str:
    """Where telling the family stands; of a plan how, too."""
    if line.offer is None:
        return _("To be told") if not line.must_ask else _("Ask first whether it is received")
    if line.state == Offer.State.TAKEN_UP and line.must_ask:
        return _("Ask first whether it is received")
    said = str(line.offer.get_state_display())
    return f"{said}（{Way(line.offer.way).label}）" if line.state == Offer.State.PLANNED else said


def names_of_lines(family: Family, programmes: Words) -> dict[str, str]:
    """What each line is called in the form: whose, and which programme."""
    names = {child.person_id: child.name or child.person_id for child in family.children}
    return {x.key: f"{names[x.person_id]}：{programme_name(programmes, x.programme)}" for x in family.lines}


def about(child: Opened) -> str:
    """Grade and school of a child, as far as they are known."""
    grade = grade_words(child.grade)
    return "　".join(part for part in (child.school_name, grade) if part)
