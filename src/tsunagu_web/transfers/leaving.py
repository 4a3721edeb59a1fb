"""What may travel with a case: what somebody chose, of what they may see themselves, as the closed form of a document.

There is no level, no score, no reason of a notice and no judgment of the program to be chosen; notes that are sealed
stay here. An entry that looks like a place somebody lives at is left out as a whole, and counted, so that whoever
looks at the document knows of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, cast

from django.conf import settings
from django.db.models import F
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tsunagu.handover import document as d
from tsunagu.handover.package import AttachedFile, with_files
from tsunagu.handover.reading import document_bytes, plain
from tsunagu_web.access.policy import may
from tsunagu_web.access.terms import Label, Role, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.addresses.queries import address_of
from tsunagu_web.assessment.queries import assessments_of
from tsunagu_web.cases.models import Case, Child, Voice
from tsunagu_web.cases.queries import history_of
from tsunagu_web.notes import store
from tsunagu_web.notes.models import Attachment
from tsunagu_web.notes.queries import attachments_of, notes_of
from tsunagu_web.outreach.models import Result
from tsunagu_web.outreach.queries import contacts_of, sights_of
from tsunagu_web.people.models import Membership
from tsunagu_web.people.queries import household_of, kin_of
from tsunagu_web.plans.models import PlanContent, Service, SupportPlan
from tsunagu_web.referrals.leaving import looks_like_a_place
from tsunagu_web.tasks.models import Task
from tsunagu_web.tasks.queries import tasks_of
from tsunagu_web.transfers.models import TransferContent
from tsunagu_web.transfers.offices import Office

LINE = 200
_SEXES: dict[str, Literal["male", "female"]] = {"1": "male", "2": "female"}
_LABELS: dict[int, Literal["general", "internal", "sensitive"]] = {0: "general", 1: "internal", 2: "sensitive"}
#: What can be chosen, and which right over the child it needs.
PARTS: dict[str, tuple[str | Promise, Thing]] = {
    "household": (gettext_lazy("Household: names, kinship and dates of birth"), Thing.HOUSEHOLD),
    "said": (gettext_lazy("What the child said"), Thing.DECISION),
    "found": (gettext_lazy("Decisions, and grounds of assessments, in words"), Thing.ASSESSMENT),
    "plans": (gettext_lazy("Support plans that were approved"), Thing.PLAN),
    "supports": (gettext_lazy("Support of the plan, and until when it goes on"), Thing.PLAN),
    "seen": (gettext_lazy("When the child was seen"), Thing.OUTREACH),
    "attempts": (gettext_lazy("Contacts and attempts to reach the family"), Thing.OUTREACH),
    "notes": (gettext_lazy("Notes, without those that are sealed"), Thing.NOTE),
    "next_steps": (gettext_lazy("Tasks that are open"), Thing.TASK),
}


@dataclass(frozen=True)
class Chosen:
    """What somebody wrote and chose. parts: keys of PARTS; files: numbers of attachments."""

    why: str
    now: str
    urgent: str
    council_since: dt.date | None
    parts: tuple[str, ...]
    files: tuple[int, ...]

    @classmethod
    def of(cls, content: TransferContent) -> Chosen:
        files = tuple(int(number) for number in content.files.split())
        given = (content.why, content.now, content.urgent, content.council_since)
        return cls(*given, tuple(content.parts.split()), files)


@dataclass(frozen=True)
class Made:
    """A document with its files, and how many entries were left out since they look like an address."""

    document: d.CaseDocument
    files: tuple[AttachedFile, ...]
    left_out: int

    @property
    def body(self) -> str:
        """The document's bytes as text."""
        return document_bytes(self.document).decode()


def parts_for(viewer: Viewer, child: Child) -> list[tuple[str, str]]:
    """What this person could choose: what they may see of this child themselves."""
    about = child.subject()
    return [(code, str(words)) for code, (words, thing) in PARTS.items() if may(viewer, thing, about=about)]


def files_for(viewer: Viewer, child: Child) -> list[Attachment]:
    """PDF files of the record that this person could choose; none where the address is not to be known by everybody.

    The desk cannot look into a file for an address.
    """
    if not is_address_open(viewer, child):
        return []
    found = attachments_of(viewer, child)
    return [one for one in found if one.kind == "pdf" and one.label < Label.SEALED]


def is_address_open(viewer: Viewer, child: Child) -> bool:
    """Whether the address may be shown here at this moment; not, where it is protected or nobody can tell."""
    return address_of(viewer, child.subject()).is_shown


def must_be_restricted(viewer: Viewer, child: Child) -> bool:
    """Whether only two named people may get it: the desk keeps addresses, and may not show this one.

    A desk that keeps none cannot tell; whoever prepares it says what is protected.
    """
    return settings.ENVIRONMENT.address_key is not None and not is_address_open(viewer, child)


def made_of(viewer: Viewer, child: Child, case: Case, found: Office, chosen: Chosen, *, on: dt.date) -> Made:
    """The document as it would travel, in the desk's own language whoever prepares it.

    on      the day it speaks of
    raises  SourceError where something of the record cannot travel as it is written
    """
    with translation.override(settings.LANGUAGE_CODE):
        offered = dict(parts_for(viewer, child))
        entries: dict[str, tuple[Any, ...]] = {code: () for code in PARTS}
        for code in chosen.parts:
            if code in offered:
                for name, listed in _READ[code](viewer, child, case, on):
                    entries[name] = (*entries.get(name, ()), *listed)
        kept = {name: tuple(filter(_may_travel, listed)) for name, listed in entries.items()}
        whole = d.CaseDocument(
            on=on,
            contact=d.Contact(found.name, case.lead.name, found.telephone),
            child=_child(child),
            outline=_outline(case, chosen),
            **kept,
        )
    left_out = sum(map(len, entries.values())) - sum(map(len, kept.values()))
    chosen_files = [one for one in files_for(viewer, child) if one.pk in chosen.files]
    files = tuple(AttachedFile(_line(one.name), one.kind, store.get(one.stored, one.sha256)) for one in chosen_files)
    return Made(with_files(whole, files), files, left_out)


def texts_of(entry: object) -> Iterator[str]:
    """Every text of an entry of a document."""
    if isinstance(entry, str):
        yield entry
    elif isinstance(entry, dict):
        for value in entry.values():
            yield from texts_of(value)
    elif isinstance(entry, list):
        for value in entry:
            yield from texts_of(value)


def _may_travel(entry: object) -> bool:
    return not any(map(looks_like_a_place, texts_of(plain(entry))))


def _child(child: Child) -> d.HandedChild:
    person = child.person
    others = tuple(filter(None, [_line(person.alias)]))
    return d.HandedChild(
        name=_line(person.name),
        kana=_line(person.kana),
        other_names=others,
        born_on=cast(dt.date, person.birth_date),
        sex=_SEXES.get(person.sex, "unknown"),
    )


def _outline(case: Case, chosen: Chosen) -> d.Outline:
    return d.Outline(
        opened_on=case.opened_on,
        why=_prose(chosen.why),
        now=_prose(chosen.now),
        urgent=_prose(chosen.urgent),
        council_since=chosen.council_since,
    )


_Listed = Iterable[tuple[str, tuple[Any, ...]]]


def _household(_viewer: Viewer, child: Child, _case: Case, on: dt.date) -> _Listed:
    kin = {one.relative_id: str(one.get_kind_display()) for one in kin_of(child.pk) if one.valid_to is None}
    rows = [row for row in household_of(child.pk, on) if row.person.name.strip()]
    yield "household", tuple(_member(row, kin.get(row.person_id, "")) for row in rows)


def _member(row: Membership, to_the_child: str) -> d.Member:
    """to_the_child: what is known of it; where nothing is, the register's word is to the head of the household."""
    to_the_head = _("%(relation)s (to the head of the household)") % {"relation": _line(row.relation)}
    of_the_register = _line(row.relation) if row.is_head else to_the_head
    relation = to_the_child or (of_the_register if row.relation else _("not known"))
    return d.Member(_line(row.person.name), _line(row.person.kana), relation, row.person.birth_date)


def _said(_viewer: Viewer, child: Child, _case: Case, _on: dt.date) -> _Listed:
    heard = Voice.objects.filter(child=child, said=Voice.Said.HEARD).order_by("-at", "-pk")
    # Whether guardians may read it was not asked, and what was not asked is no yes.
    yield "said", tuple(d.Said(_day(v.at), _prose(v.words), may_be_shown=False) for v in heard)


def _found(viewer: Viewer, child: Child, _case: Case, _on: dt.date) -> _Listed:
    listed = []
    if may(viewer, Thing.DECISION, about=child.subject()):
        for one in history_of(child):
            words = "\n".join(filter(None, [str(one.get_outcome_display()), one.note]))
            listed.append(d.Found(_day(one.at), _role(one.by.role), _prose(words)))
    for assessed in assessments_of(viewer, child):
        listed.append(d.Found(_day(assessed.at), _role(assessed.by.role), _prose(assessed.own_grounds)))
    yield "found", tuple(listed)


def _plans(_viewer: Viewer, child: Child, _case: Case, _on: dt.date) -> _Listed:
    for content in _approved(child):
        may_be_shown = content.may_be_shown_to_guardian
        words = _prose(content.child_words)
        if words and not may_be_shown:
            yield "said", (d.Said(_day(content.at), words, may_be_shown=False),)
        yield (
            "plans",
            (
                d.HandedPlan(
                    starts_on=content.starts_on,
                    ends_on=content.ends_on,
                    review_on=content.review_on,
                    child_words=words if may_be_shown else "",
                    guardian_words=_prose(content.guardian_words),
                    goals=tuple(_prose(goal.text) for goal in content.goals.all()),
                    services=tuple(one for row in content.services.all() for one in _planned(row)),
                ),
            ),
        )


def _supports(_viewer: Viewer, child: Child, _case: Case, _on: dt.date) -> _Listed:
    services = [s for content in _approved(child) for s in content.services.all()]
    yield "supports", tuple(d.Support(piece, s.starts_on, s.ends_on) for s in services for piece in _of_service(s))


def _seen(_viewer: Viewer, child: Child, _case: Case, _on: dt.date) -> _Listed:
    rows = [one for one in sights_of(child) if not hasattr(one, "taken_back")]
    yield (
        "seen",
        tuple(
            d.Seen(
                one.seen_on,
                _line(one.seen_by_name) or _role(one.by.role),
                _line(" ".join(filter(None, [str(one.get_place_display()), one.place_words]))),
                _prose("\n".join(filter(None, [one.condition, one.injury_words]))),
            )
            for one in rows
        ),
    )


def _attempts(_viewer: Viewer, child: Child, _case: Case, _on: dt.date) -> _Listed:
    rows = [one for one in contacts_of(child) if not hasattr(one, "taken_back")]
    yield (
        "attempts",
        tuple(
            d.Attempt(
                _day(one.at),
                _line(str(one.get_mode_display())),
                one.result == Result.REACHED,
                _prose("\n".join(filter(None, [one.met, one.note]))),
            )
            for one in rows
        ),
    )


def _notes(viewer: Viewer, child: Child, _case: Case, _on: dt.date) -> _Listed:
    rows = [one for one in notes_of(viewer, child) if one.label in _LABELS]
    yield (
        "notes",
        tuple(
            d.HandedNote(one.about_on or _day(one.at), _role(one.by.role), _LABELS[one.label], _prose(one.text))
            for one in rows
        ),
    )


def _next_steps(viewer: Viewer, child: Child, _case: Case, _on: dt.date) -> _Listed:
    rows = [one for one in tasks_of(viewer, child) if one.state == Task.State.OPEN]
    yield "next_steps", tuple(d.NextStep(piece, one.due_on) for one in rows for piece in _pieces(one.what))


_READ: dict[str, Callable[[Viewer, Child, Case, dt.date], _Listed]] = {
    "household": _household,
    "said": _said,
    "found": _found,
    "plans": _plans,
    "supports": _supports,
    "seen": _seen,
    "attempts": _attempts,
    "notes": _notes,
    "next_steps": _next_steps,
}


def _approved(child: Child) -> list[PlanContent]:
    rows = PlanContent.objects.filter(
        plan__child=child,
        plan__state__in=[SupportPlan.State.APPROVED, SupportPlan.State.ENDED],
        number=F("plan__approved"),
    )
    return list(rows.prefetch_related("goals", "services").order_by("-plan__case__number", "-plan__number"))


def _planned(row: Service) -> list[d.PlannedService]:
    by = _line(row.responsible)
    return [d.PlannedService(piece, by, row.starts_on, row.ends_on) for piece in _of_service(row)]


def _of_service(row: Service) -> list[str]:
    return _pieces("、".join(filter(None, [str(row.get_kind_display()), row.what, row.how_often])))


def _role(role: str) -> str:
    return str(Role(role).label)


def _day(at: dt.datetime) -> dt.date:
    return timezone.localdate(at)


def _line(text: str) -> str:
    """On one line. What is longer than a line of the form is refused there, and not cut here."""
    return " ".join(text.split())


def _pieces(text: str) -> list[str]:
    """On lines of the form, as many as it takes."""
    whole = _line(text)
    return [piece for at in range(0, len(whole), LINE) if (piece := whole[at : at + LINE].strip())]


def _prose(text: str) -> str:
    return "\n".join(" ".join(line.split("\t")).rstrip() for line in text.splitlines()).strip()
