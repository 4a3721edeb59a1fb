"""A run over nodes: which office keeps which records, and which values of them reached the desk.

Such a run brings no fact of anybody. What a page says in their place is of the agreements, and of the child only what
stands among the reasons already.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from tsunagu_web.access.decision import Subject
from tsunagu_web.access.policy import may_see_fact, may_see_reason
from tsunagu_web.access.terms import DOMAINS
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases import words as w
from tsunagu_web.cases.models import Reason, Run


class Office(NamedTuple):
    """One office, and the items on which the criteria rest that it keeps."""

    name: str
    items: tuple[str, ...]


class Reached(NamedTuple):
    """A value that a reason rests on: what it is of, in its agreed band, for the day that the holders answered."""

    indicator: str
    band: str
    as_of: dt.date


class Held(NamedTuple):
    """One domain that the viewer may see."""

    domain: str
    offices: tuple[Office, ...]
    reached: tuple[Reached, ...]


def held_elsewhere(viewer: Viewer, run: Run, reasons: Sequence[Reason], about: Subject) -> tuple[Held, ...]:
    """What stays with the holders, by domain; nothing for a run whose records came to the desk.

    reasons  of the child; none for a past day, whose reasons are not kept
    """
    if not run.manifest.get("agreements"):
        return ()
    found = []
    for domain in DOMAINS:
        offices = _offices(run.words, domain) if may_see_fact(viewer, domain, about) else ()
        if offices:
            found.append(Held(domain, offices, _reached(viewer, run, domain, reasons, about)))
    return tuple(found)


def _offices(words: w.Words, domain: str) -> tuple[Office, ...]:
    asked = w.items_asked(words)
    by_holder: dict[str, list[str]] = {}
    for item in w.in_order(words, "items"):
        if item in asked and w.domain_of_item(words, item) == domain:
            by_holder.setdefault(words["items"][item]["holder"], []).append(w.item_name(words, item))
    return tuple(Office(w.holder_name(words, holder), tuple(items)) for holder, items in by_holder.items())


def _reached(viewer: Viewer, run: Run, domain: str, reasons: Sequence[Reason], about: Subject) -> tuple[Reached, ...]:
    words = run.words
    shown = [
        reason
        for reason in reasons
        if reason.kind == "sign"
        and domain in w.domains_of_indicator(words, reason.indicator)
        and may_see_reason(viewer, w.domains_of(words, reason), about)
    ]
    # One value may stand behind several signs.
    return tuple(
        dict.fromkeys(Reached(w.indicator_name(words, one.indicator), w.value_of(words, one), run.on) for one in shown)
    )
