"""Similar cases and the estimate in words: counts with their n, an interval out of 1,000, steps as sentences.

Nothing here is a share in hundred, and nothing divides a count of decisions: it cannot (`similar_cases.counts.Tally`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tsunagu.estimates.estimate import Statement
from tsunagu.estimates.steps import UNKNOWN
from tsunagu.guidance.sheet import EXTENT, Sheet
from tsunagu.similar_cases.counts import RE_REPORT_6, RE_REPORT_12, SEVERE_HARM, CameAfter, Tally
from tsunagu.similar_cases.past_cases import HOME, PROTECTED, SUPPORTED
from tsunagu.similar_cases.similar import Neighbour, Similar
from tsunagu_web.cases.words import language
from tsunagu_web.guidance_centre.models import Complaint
from tsunagu_web.guidance_centre.sheets import PLACES, said, said_answer

UNREADABLE = "unreadable"
_OUT_OF = 1_000
_BROKEN = gettext_lazy("It cannot be read. Please tell the person who runs this system.")
NOT_SIMILAR: Mapping[str, str | Promise] = {
    "sheet": gettext_lazy(
        "This was answered in another version of the sheet than the past cases. Answer it anew to see them."
    ),
    "few": gettext_lazy("This centre has too few past cases to say which are similar."),
    "far": gettext_lazy(
        "Fewer than {least} past cases are near enough to this one. That nothing is similar says nothing of danger."
    ),
    UNREADABLE: _BROKEN,
}
DECISIONS: Mapping[str, str | Promise] = {
    PROTECTED: gettext_lazy("Taken into temporary protection"),
    SUPPORTED: gettext_lazy("Supported at home"),
    HOME: gettext_lazy("At home, without support agreed"),
}
CAME_AFTER: Mapping[str, str | Promise] = {
    RE_REPORT_6: gettext_lazy("A new notification within 6 months"),
    RE_REPORT_12: gettext_lazy("A new notification within 12 months"),
    SEVERE_HARM: gettext_lazy("Severe harm at home found within 12 months"),
}
SILENT: Mapping[str, str | Promise] = {
    "off": gettext_lazy("The estimate is switched off."),
    "refused": gettext_lazy("The estimate was not shown to be better than the floor alone."),
    "sheet": gettext_lazy("The estimate was made with another version of the sheet."),
    "floor": gettext_lazy("Protection is to be talked about now. Nothing about home belongs beside that."),
    "unknown": gettext_lazy("Too many questions are open. Settle them first."),
    "distance": gettext_lazy("No case that it was made from is like this one."),
    "centre": gettext_lazy("Too few cases of this centre are known, or it was wrong too often here."),
    "drift": gettext_lazy("Today's cases are not those it was made from."),
    "untried": gettext_lazy(
        "Too few sheets were answered here yet to tell whether today's cases are those it was made from."
    ),
    "zone": gettext_lazy("Among cases alike, severe harm is not rare enough to call it low."),
    UNREADABLE: _BROKEN,
}


@dataclass(frozen=True)
class Past:
    """A similar case in words. differences: (question, here, there), the farthest first; more: how many others."""

    about: str
    differences: tuple[tuple[str, str, str], ...]
    more: int


@dataclass(frozen=True)
class SimilarWords:
    """cause: why nothing is shown, and then all else is empty. decided, came_after: (words, counts), two tables."""

    cause: str
    n: str
    is_cut: bool
    decided_n: Tally | None
    decided: tuple[tuple[str, Tally], ...]
    came_after: tuple[tuple[str, CameAfter], ...]
    nearest: tuple[Past, ...]


@dataclass(frozen=True)
class EstimateWords:
    """is_low: the zone. cause: why no more is said, or empty. interval: out of 1,000 alike; n: of how many it comes.

    reasons  every step that counts, the heaviest first, in words
    """

    is_low: bool
    cause: str
    interval: str
    n: str
    reasons: tuple[str, ...]


def similar_words(sheet: Sheet, similar: Similar, least: int) -> SimilarWords:
    """Similar cases as the page shows them."""
    return SimilarWords(
        str(NOT_SIMILAR[similar.cause]).format(least=least) if similar.cause else "",
        str(similar.n or ""),
        similar.is_cut,
        similar.decided.n if similar.decided else None,
        tuple((str(DECISIONS[kind]), n) for kind, n in (similar.decided.rows if similar.decided else ())),
        tuple((str(CAME_AFTER[row.what]), row) for row in similar.came_after),
        tuple(_past(sheet, one) for one in similar.nearest),
    )


def _past(sheet: Sheet, one: Neighbour) -> Past:
    types = [str(Complaint(kind).label) for kind in (one.abuse, one.also) if kind]
    parts = [_("fiscal year %(year)d") % {"year": one.fiscal_year}, _age(one.age), *types]
    return Past(
        (", " if language() == "en" else "、").join(parts),
        tuple(
            (
                said(sheet.by_id[each.question].words),
                said_answer(sheet.by_id[each.question], each.here),
                said_answer(sheet.by_id[each.question], each.there),
            )
            for each in one.differences
        ),
        one.more,
    )


def _age(band: tuple[int, int | None] | None) -> str:
    if band is None:
        return _("age not known")
    first, last = band
    if last is None:
        return _("%(first)d years and older") % {"first": first}
    if first == last:
        return _("%(first)d years old") % {"first": first}
    return _("%(first)d to %(last)d years old") % {"first": first, "last": last}


def estimate_words(sheet: Sheet, statement: Statement) -> EstimateWords:
    """The estimate as the page shows it: never one number, and none in hundred."""
    band = statement.band
    interval = ""
    if band is not None:
        # Rounded outwards: an interval that is shown is never narrower than the one that was promised.
        least, most = floor(band.least * _OUT_OF), ceil(band.most * _OUT_OF)
        interval = _("%(least)d to %(most)d of 1,000") % {"least": least, "most": most}
    return EstimateWords(
        statement.zone == "low",
        str(SILENT[statement.cause]) if statement.cause else "",
        interval,
        f"{band.n:,}" if band is not None else "",
        tuple(step_words(sheet, name) for name, _points in statement.terms),
    )


def step_words(sheet: Sheet, name: str) -> str:
    """A step (estimates/steps.py) as a sentence: `injury>=2`, `injury.extent>=3`, `injury.at.face`, `fear.unknown`."""
    reading, _sign, value = name.partition(">=")
    id, _dot, part = reading.partition(".")
    question = sheet.by_id[id]
    title = said(question.words)
    if part == UNKNOWN:
        return _("%(question)s: something is not known") % {"question": title}
    if part.startswith("at."):
        return f"{title}: {PLACES[part.removeprefix('at.')]}"
    steps = question.extents if part == EXTENT else question.grades
    words = {"question": title, "step": said(steps[int(value) - 1])}
    return _("%(question)s: “%(step)s” or more") % words
