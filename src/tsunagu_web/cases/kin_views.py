"""The page of household and kin: read or write through queries and services, then answer."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tsunagu_web.access.policy import may, needs
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.audit.looks import record_look
from tsunagu_web.cases.kin_forms import KinChangeForm, KinForm
from tsunagu_web.cases.models import Child
from tsunagu_web.cases.queries import require_child
from tsunagu_web.cases.tabs import tabs_of
from tsunagu_web.cases.who import who
from tsunagu_web.people import queries as people
from tsunagu_web.people import services
from tsunagu_web.people.models import Kinship, Membership


@needs(Thing.KINSHIP, Action.VIEW, shows_people=True)
@require_safe
def kin(request: HttpRequest, person_id: str) -> HttpResponse:
    return _show(request, require_child(request, person_id, Thing.KINSHIP))


@needs(Thing.KINSHIP, Action.EDIT, shows_people=True)
@require_POST
def add(request: HttpRequest, person_id: str) -> HttpResponse:
    child = require_child(request, person_id, Thing.KINSHIP, Action.EDIT)
    form = KinForm(request.POST).among(_known(request, child, people.households_of(child.pk)))
    if not form.is_valid():
        return _show(request, child, form=form, status=422)
    try:
        services.add_kin(child.pk, request.viewer, form.new())
    except services.AlreadyKin:
        form.add_error("kind", _("This is entered already; it stands in the list."))
        return _show(request, child, form=form, status=409)
    messages.success(request, _("The kinship is recorded."))
    return redirect("cases:kin", person_id=child.pk)


@needs(Thing.KINSHIP, Action.EDIT, shows_people=True)
@require_POST
def change(request: HttpRequest, person_id: str, number: int) -> HttpResponse:
    child = require_child(request, person_id, Thing.KINSHIP, Action.EDIT)
    row = Kinship.objects.filter(pk=number, person=child.pk).first()
    if row is None:
        raise Http404
    form = KinChangeForm(request.POST, prefix=f"kin{number}").after(row.valid_from)
    if not form.is_valid():
        return _show(request, child, rejected=(number, form), status=422)
    try:
        services.change_kin(row, request.viewer, form.change())
    except services.ChangedMeanwhile:
        return _show(request, child, rejected=(number, form), status=409)
    messages.success(request, _("The change is recorded, and what was known before is kept."))
    return redirect("cases:kin", person_id=child.pk)


def _show(
    request: HttpRequest,
    child: Child,
    *,
    form: KinForm | None = None,
    rejected: tuple[int, KinChangeForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Records the look at the child and everybody who is shown with it, then makes the page."""
    viewer, about = request.viewer, child.subject()
    households = people.households_of(child.pk) if may(viewer, Thing.HOUSEHOLD, about=about) else []
    rows = people.kin_of(child.pk)
    shown = {row.relative_id for row in rows} | {row.person_id for of_one in households for row in of_one}
    record_look(request, Thing.KINSHIP, [child.pk, *sorted(shown - {child.pk})])
    may_edit = may(viewer, Thing.KINSHIP, Action.EDIT, about)
    number, changed = rejected or (0, None)
    context = {
        "child": child,
        "who": who(viewer, child),
        "tabs": tabs_of(viewer, child),
        "households": households,
        "may_see_household": may(viewer, Thing.HOUSEHOLD, about=about),
        "is_named": may(viewer, Thing.NAME, about=about),
        "kin": [(r, (changed if r.pk == number else KinChangeForm.of(r)) if may_edit else None) for r in rows],
        "form": (form or KinForm.empty().among(_known(request, child, households))) if may_edit else None,
        "late": changed.change() if status == 409 and changed else None,
    }
    return render(request, "cases/kin.html", context, status=status)


def _known(request: HttpRequest, child: Child, households: list[list[Membership]]) -> list[tuple[str, str]]:
    """Everybody beside the child, to choose from; by number where the name is hidden."""
    is_named = may(request.viewer, Thing.NAME, about=child.subject())
    persons = {row.person_id: row.person for of_one in households for row in of_one if row.person_id != child.pk}
    return [(pk, (person.name if is_named else "") or pk) for pk, person in persons.items()]
