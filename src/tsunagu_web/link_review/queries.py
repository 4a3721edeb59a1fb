"""Reads: the pairs and decisions a viewer may see, in the form in which the table gives them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.http import Http404

from tsunagu.records.decided_pairs import DecidedPair, RecordMark
from tsunagu.runs.decisions_file import decisions_bytes
from tsunagu_web.access.policy import may
from tsunagu_web.access.querysets import visible_to
from tsunagu_web.access.reach import read_for_the_program
from tsunagu_web.access.terms import Form, Purpose, Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.addresses.vault import Vault
from tsunagu_web.cases.models import Child, Run
from tsunagu_web.link_review.models import LinkDecision, LinkPair, Verdict
from tsunagu_web.link_review.services import open_vault

PAGE_SIZE = 25
FORMS = (Form.FULL, Form.WORDS, Form.PSEUDONYM, Form.COUNT)
AboutAPair = TypeVar("AboutAPair", LinkPair, LinkDecision)


@dataclass(frozen=True)
class Opened:
    """A pair with what its records say, opened for one page."""

    pair: LinkPair
    content: dict[str, Any]

    def side(self, name: str) -> dict[str, Any]:
        side: dict[str, Any] = self.content[name]
        return side

    @cached_property
    def holders(self) -> tuple[str, str]:
        return self.side("left")["holder"], self.side("right")["holder"]

    @property
    def agrees(self) -> list[str]:
        return self._fields("agrees")

    @property
    def differs(self) -> list[str]:
        return self._fields("differs")

    def _fields(self, word: str) -> list[str]:
        """The fields the comparison names; the address last, which stands apart since it is shown of nobody."""
        named = [name for name in self.content[word].split(",") if name]
        return [*named, "address"] if self.content["address"] == word else named


def form_of(viewer: Viewer) -> Form:
    """The form in which the viewer sees pairs; the page is not reached without one."""
    return next(form for form in FORMS if may(viewer, Thing.LINK_REVIEW, form=form))


def open_pairs(viewer: Viewer) -> QuerySet[LinkPair]:
    """The pairs that nobody has decided as they now stand, the most pressing question first."""
    return _pairs(viewer).filter(_UNDECIDED).order_by("urgency", "differs", "pair")


def page_of(viewer: Viewer, page: str) -> tuple[Page[LinkPair], list[Opened]]:
    """A page of open pairs, opened: fields and departments; what the records say is shown on the pair's own page."""
    found = Paginator(open_pairs(viewer), PAGE_SIZE).get_page(page)
    vault = open_vault()
    return found, [_opened(pair, vault) for pair in found]


def require_pair(viewer: Viewer, pair: str) -> Opened:
    """The pair with what its records say; Http404 where there is none for this viewer."""
    found = _pairs(viewer).filter(pk=pair).first()
    if found is None:
        raise Http404
    return _opened(found, open_vault())


def decisions(viewer: Viewer, page: str) -> Page[LinkDecision]:
    """The last decision of each pair, the newest first."""
    return Paginator(_last(viewer).select_related("by").order_by("-at", "-pk"), PAGE_SIZE).get_page(page)


def decision(viewer: Viewer, number: int) -> LinkDecision:
    found = _reached(viewer, LinkDecision.objects.all()).filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def own_children(viewer: Viewer, found: Iterable[Opened]) -> dict[str, list[str]]:
    """Pair -> its persons whose page the viewer may open."""
    pairs = [opened.pair for opened in found]
    asked = {person for pair in pairs for person in pair.persons}
    mine = set(visible_to(viewer, Child.objects.filter(pk__in=sorted(asked))).values_list("pk", flat=True))
    return {pair.pair: [person for person in pair.persons if person in mine] for pair in pairs}


def with_forms(page: Iterable[LinkDecision]) -> list[tuple[LinkDecision, str]]:
    """Each decision with a form mark for taking it back; the mark is empty where there is nothing to take back."""
    return [(row, "" if row.verdict == Verdict.TAKEN_BACK else str(uuid.uuid4())) for row in page]


def history_of(pair: LinkPair) -> list[LinkDecision]:
    """All decisions of a pair, the newest first."""
    return list(LinkDecision.objects.filter(pair=pair.pair).select_related("by").order_by("-number"))


@dataclass(frozen=True)
class File:
    """The file for the next run. other_key: decisions that no run under the present key can follow."""

    content: bytes
    decisions: int
    other_key: int


def decisions_file(run: Run) -> File:
    """All decisions in force about records under the key of this run."""
    marks = str(run.manifest.get("marks", ""))
    in_force = LinkDecision.objects.filter(~_LATER).exclude(verdict=Verdict.TAKEN_BACK)
    rows = [
        DecidedPair(
            row.pair,
            RecordMark(row.left_number, row.left_said),
            RecordMark(row.right_number, row.right_said),
            row.verdict,  # type: ignore[arg-type]  # the database holds no other
        )
        for row in in_force.filter(marks=marks)
    ]
    return File(decisions_bytes(rows, marks=marks), len(rows), in_force.exclude(marks=marks).count())


_LATER = Exists(LinkDecision.objects.filter(pair=OuterRef("pair"), number__gt=OuterRef("number")))
_OF_PAIR = LinkDecision.objects.filter(pair=OuterRef("pair")).order_by("-number")
_UNDECIDED = Q(verdict__isnull=True) | Q(verdict=Verdict.TAKEN_BACK) | ~Q(decided_content=F("content"))


def _pairs(viewer: Viewer) -> QuerySet[LinkPair]:
    return _reached(viewer, LinkPair.objects.all()).annotate(
        verdict=Subquery(_OF_PAIR.values("verdict")[:1]),
        decided_content=Subquery(_OF_PAIR.values("content")[:1]),
        decisions=Subquery(_OF_PAIR.values("number")[:1]),
    )


def _last(viewer: Viewer) -> QuerySet[LinkDecision]:
    return _reached(viewer, LinkDecision.objects.filter(~_LATER))


def _reached(viewer: Viewer, rows: QuerySet[AboutAPair]) -> QuerySet[AboutAPair]:
    """Without pairs of own family and close colleagues, of whom an analyst supports, and out of the duty's reach."""
    closed = sorted(viewer.blocked | _supported(viewer))
    mine = rows.exclude(left_person__in=closed).exclude(right_person__in=closed)
    if form_of(viewer) is not Form.WORDS:
        return mine
    children = visible_to(viewer, Child.objects.all(), thing=Thing.LINK_REVIEW, form=Form.WORDS).values("pk")
    return mine.filter(Q(left_person__in=children) | Q(right_person__in=children))


def _supported(viewer: Viewer) -> frozenset[str]:
    """Whom somebody supports is not somebody to analyse, by what was done and by a duty that is still in force."""
    if viewer.purpose != Purpose.ANALYSIS:
        return frozenset()
    by_duty = Q(team__in=viewer.teams) | Q(school__in=viewer.schools) | Q(classroom__in=viewer.classrooms)
    children = Child.objects.filter(by_duty).values_list("pk", flat=True)
    has_duties = viewer.teams or viewer.schools or viewer.classrooms
    return viewer.supports | frozenset(read_for_the_program(children) if has_duties else ())


def _opened(pair: LinkPair, vault: Vault) -> Opened:
    return Opened(pair, vault.open(pair.pair, pair.sealed))
