"""Pages of the support to offer: families, one family, what was done, and the letter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tsunagu_web.access.policy import may, needs
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.audit.looks import record_look
from tsunagu_web.cases.queries import current_run
from tsunagu_web.offers import page, queries, services
from tsunagu_web.offers.forms import ActForm
from tsunagu_web.offers.letters import letter_for
from tsunagu_web.offers.models import Offer, Way
from tsunagu_web.offers.queries import Family
from tsunagu_web.offers.ways import WayClosed, Ways, ways_of
from tsunagu_web.offers.words import STANDINGS, WHY_NOT
from tsunagu_web.plans.pdf import CannotPrint, printed
from tsunagu_web.steps.services import ChangedMeanwhile, NotNow

_NOT_POSSIBLE_HERE = 503


@needs(Thing.OFFER, Action.VIEW, shows_people=True)
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    standing, programme = (request.GET.get(name, "") for name in ("standing", "programme"))
    found = queries.listed(request.viewer, standing=standing, programme=programme, page=request.GET.get("page", "1"))
    programmes = _programmes(request)
    people = sorted({child.person_id for family in found.page for child in family.children})
    record_look(request, Thing.OFFER, people, shown=len(people))
    context = {
        "page": found.page,
        "rows": [
            (family, [(child, page.about(child)) for child in family.children],
             [page.row_of(line, None, programmes) for line in family.lines])
            for family in found.page
        ],
        "standings": [(name, words, found.counts[name]) for name, words in STANDINGS.items()],
        "programmes": [(one, page.programme_name(programmes, one)) for one in found.programmes],
        "standing": standing,
        "programme": programme,
        "was_looked_for": not _is_from_nodes(request),
    }  # fmt: skip
    return render(request, "offers/list.html", context)


@needs(Thing.OFFER, Action.VIEW, shows_people=True)
@require_safe
def family(request: HttpRequest, person_id: str) -> HttpResponse:
    return _show(request, person_id, queries.require_family(request, person_id))


@needs(Thing.OFFER, Action.EDIT, shows_people=True)
@require_POST
def record(request: HttpRequest, person_id: str) -> HttpResponse:
    found = queries.require_family(request, person_id, Action.EDIT)
    ways = _ways(request, found)
    form = _form(request, found, ways, request.POST)
    if services.was_recorded(request.viewer, *ActForm.mark_of(request.POST)):
        return _done(request, person_id, is_new=False)
    if not form.is_valid():
        return _show(request, person_id, found, form=form, status=422)
    problem = ""
    try:
        is_new = services.record(request.viewer, form.chosen(), form.said(), ways)
    except WayClosed:
        problem, status = "way", 409
    except services.NotConfirmed:
        problem, status = "not_confirmed", 409
    except ChangedMeanwhile:
        problem, status = "late", 409
    except NotNow:
        problem, status = "no_step", 409
    if problem:
        # What was typed stays, in a form that has now seen what others recorded.
        now = queries.require_family(request, person_id, Action.EDIT)
        typed = _form(request, now, _ways(request, now), ActForm.on_top_of(request.POST, now.lines))
        return _show(request, person_id, now, form=typed, problem=problem, status=status)
    return _done(request, person_id, is_new=is_new)


@needs(Thing.OFFER, Action.EXPORT, shows_people=True)
@require_safe
def letter(request: HttpRequest, person_id: str) -> HttpResponse:
    """The letter about everything that is planned by letter. It leaves only after it was recorded as an export, and
    only where the rules of contact and the address allow it at this moment, whatever held when it was planned."""
    found = queries.require_family(request, person_id, Action.EXPORT)
    planned = _by_letter(found)
    ways = _ways(request, found)
    if not planned or Way.LETTER not in ways.open:
        return _show(request, person_id, found, problem="no_letter", status=409)
    try:
        content = printed(letter_for(found, planned, ways.address, _programmes(request)))
    except CannotPrint:
        return _show(request, person_id, found, problem="no_print", status=_NOT_POSSIBLE_HERE)
    people = sorted({line.person_id for line in planned})
    record_look(request, Thing.OFFER, people, action=Action.EXPORT, rows=len(planned))
    answer = HttpResponse(content, content_type="application/pdf")
    answer.headers["Content-Disposition"] = 'attachment; filename="letter.pdf"'
    return answer


def _done(request: HttpRequest, person_id: str, *, is_new: bool) -> HttpResponse:
    messages.success(request, _("Recorded.") if is_new else _("This was recorded already. Nothing was written twice."))
    return redirect("offers:family", person_id=person_id)


def _show(
    request: HttpRequest,
    person_id: str,
    found: Family,
    *,
    form: ActForm | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    people = sorted(child.person_id for child in found.children)
    record_look(request, Thing.OFFER, people)
    ways, programmes = _ways(request, found), _programmes(request)
    edits = may(request.viewer, Thing.OFFER, Action.EDIT)
    context = {
        "person_id": person_id,
        "children": [
            (one, page.about(one), [page.row_of(line, one, programmes) for line in found.lines_of(one.person_id)])
            for one in found.children
        ],
        "ways": ways,
        "closed": Way.LETTER not in ways.open,
        "form": (form or _form(request, found, ways, None)) if edits else None,
        "problem": WHY_NOT[problem] if problem else "",
        "may_print": bool(_by_letter(found)) and Way.LETTER in ways.open
        and may(request.viewer, Thing.OFFER, Action.EXPORT),
    }  # fmt: skip
    return render(request, "offers/family.html", context, status=status)


def _form(request: HttpRequest, found: Family, ways: Ways, data: Any) -> ActForm:
    return ActForm(data, found.lines, ways, page.names_of_lines(found, _programmes(request)))


def _ways(request: HttpRequest, found: Family) -> Ways:
    one = found.children[0]
    people = [child.person_id for child in found.children]
    return ways_of(request.viewer, one.family, people, letter=all(child.letter for child in found.children))


def _by_letter(found: Family) -> list[queries.Line]:
    return [x for x in found.lines if x.offer and x.state == Offer.State.PLANNED and x.offer.way == Way.LETTER]


def _is_from_nodes(request: HttpRequest) -> bool:
    """Whether holders answered for the run themselves: then nobody looked for support."""
    run = current_run(request)
    return bool(run and run.manifest.get("agreements"))


def _programmes(request: HttpRequest) -> Mapping[str, Any]:
    run = current_run(request)
    return dict(run.words.get("programmes", {})) if run else {}
