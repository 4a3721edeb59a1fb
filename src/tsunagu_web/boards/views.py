"""Pages of the school boards: classes, one class, one pupil, and the school's thresholds."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tsunagu_web.access.policy import may, needs
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.audit.looks import record_look
from tsunagu_web.boards import page, queries, services
from tsunagu_web.boards.days import DAILY, MONTHLY, TESTS
from tsunagu_web.boards.forms import ThresholdsForm
from tsunagu_web.boards.marks import marks_of
from tsunagu_web.boards.pictures import picture_of
from tsunagu_web.cases.pictures import axis_ending
from tsunagu_web.cases.queries import current_run, require_run
from tsunagu_web.people.services import ChangedMeanwhile

_MONTHS, _WIDE = 12, 960
_MONTHS_ON_A_PHONE, _NARROW = 4, 340


@needs(Thing.BOARD, Action.VIEW, shows_people=True)
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    found = queries.classes(request.viewer)
    record_look(request, Thing.BOARD, shown=0)
    schools = _school_names(request)
    rows = [(one, schools.get(one.school, one.school), page.class_words(one)) for one in found]
    return render(request, "boards/classes.html", {"rows": rows})


@needs(Thing.BOARD, Action.VIEW, shows_people=True)
@require_safe
def class_board(request: HttpRequest) -> HttpResponse:
    run, school, key = require_run(request), request.GET.get("school", ""), request.GET.get("class", "")
    if key and key.count(":") < 2:
        raise Http404
    pupils = queries.class_board(request.viewer, school, key)
    record_look(request, Thing.BOARD, sorted(one.pupil.pk for one in pupils), shown=len(pupils))
    now = queries.thresholds_of(school)
    context = {"board": page.class_board_of(pupils, now.rules, run.on), "now": now, "on": run.on}
    context |= {"class_name": page.class_words(queries.class_of(school, key)), "told": _told(pupils)}
    return render(request, "boards/class.html", {**context, "school": _school_names(request).get(school, school)})


@needs(Thing.BOARD, Action.VIEW, shows_people=True)
@require_safe
def pupil_board(request: HttpRequest, person_id: str) -> HttpResponse:
    one, run = queries.require_pupil(request, person_id), require_run(request)
    record_look(request, Thing.BOARD, [one.pupil.pk])
    school, records = one.pupil.school, one.records
    now, first = queries.thresholds_of(school), axis_ending(run.on, months=_MONTHS, width=1).first
    marks = marks_of(records, now.rules, since=first, until=run.on)
    context = {"one": one, "now": now, "on": run.on, "marks": marks, "told": _told([one])}
    context |= {"class_name": page.class_words(queries.class_of(school, one.pupil.classroom))}
    context["wide"] = picture_of(records, marks, run.on, months=_MONTHS, width=_WIDE)
    context["narrow"] = picture_of(records, marks, run.on, months=_MONTHS_ON_A_PHONE, width=_NARROW)
    context |= {"strip": page.strip_of(records, run.on), "undated": page.undated_words(records)}
    context |= {"months": page.month_rows(records), "month_heads": page.names_of(MONTHLY)}
    context |= {"days": page.day_rows(records, since=first, until=run.on), "day_heads": page.names_of(DAILY)}
    context |= {"tests": page.test_rows(records), "test_heads": page.names_of(TESTS)}
    return render(request, "boards/pupil.html", {**context, "school": _school_names(request).get(school, school)})


@needs(Thing.THRESHOLD, Action.VIEW)
@require_safe
def thresholds(request: HttpRequest) -> HttpResponse:
    return _show(request, queries.require_school(request.viewer, request.GET.get("school", "")))


@needs(Thing.THRESHOLD, Action.EDIT)
@require_POST
def set_thresholds(request: HttpRequest) -> HttpResponse:
    form = ThresholdsForm(request.POST)
    school = queries.require_school(request.viewer, request.POST.get("school", ""), Action.EDIT)
    if not form.is_valid():
        return _show(request, school, form=form, status=422)
    try:
        services.set_thresholds(school, request.viewer, form.chosen())
    except ChangedMeanwhile:
        return _show(request, school, status=409)
    messages.success(request, _("The thresholds of the school are set."))
    return redirect(f"{reverse('boards:thresholds')}?school={school}")


def _show(request: HttpRequest, school: str, *, form: ThresholdsForm | None = None, status: int = 200) -> HttpResponse:
    now = queries.thresholds_of(school)
    offered = (form or ThresholdsForm.of(now)) if _may_set(request, school) else None
    names = _school_names(request)
    others = [(one, names.get(one, one)) for one in queries.schools_of(request.viewer) if one != school]
    context = {"school": names.get(school, school), "now": now, "form": offered, "is_late": status == 409}
    context |= {"before": queries.thresholds_before(school), "lines": (offered or ThresholdsForm.of(now)).lines()}
    return render(request, "boards/thresholds.html", {**context, "others": others}, status=status)


def _may_set(request: HttpRequest, school: str) -> bool:
    return may(request.viewer, Thing.THRESHOLD, Action.EDIT) and school in request.viewer.schools


def _told(pupils: list[queries.Opened]) -> queries.Told:
    return queries.told_by_day(one.records for one in pupils)


def _school_names(request: HttpRequest) -> dict[str, str]:
    run = current_run(request)
    return dict(run.words.get("schools", {})) if run else {}
