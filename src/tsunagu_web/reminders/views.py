"""Pages of one's own reminders, and of the mail that tells of them."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tsunagu_web.access.policy import needs
from tsunagu_web.access.terms import Action, Thing
from tsunagu_web.accounts.models import MailChoice
from tsunagu_web.audit.looks import record_look, record_refusal
from tsunagu_web.cases.who import who
from tsunagu_web.reminders import queries, services
from tsunagu_web.reminders.forms import MailForm
from tsunagu_web.reminders.targets import target_of


@needs(Thing.ACCOUNT, Action.USE, shows_people=True)
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    settled = request.GET.get("which") == "settled"
    page = queries.mine(request.viewer, settled=settled, page=request.GET.get("page", "1"))
    lines = queries.lines_of(request.viewer, page.rows)
    record_look(request, Thing.NAME, sorted({one.child.pk for one in lines if one.child}), shown=len(lines))
    shown = [(line, who(request.viewer, line.child) if line.child else None) for line in lines]
    return render(request, "reminders/mine.html", {"page": page, "lines": shown, "settled": settled})


@needs(Thing.ACCOUNT, Action.USE)
@require_POST
def open_one(request: HttpRequest, number: int) -> HttpResponse:
    reminder = queries.require_mine(request.viewer, number)
    services.mark_read(request.viewer, reminder.pk)
    target = target_of(request.viewer, reminder)
    if not target:
        record_refusal(request, Thing.CHILD, Action.VIEW)
        messages.warning(request, _("This page is not within your reach under the purpose you picked."))
    return redirect(target or "reminders:mine")


@needs(Thing.ACCOUNT, Action.USE)
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    services.mark_read(request.viewer)
    return redirect("reminders:mine")


@needs(Thing.ACCOUNT, Action.USE)
@require_http_methods(["GET", "HEAD", "POST"])
def mail(request: HttpRequest) -> HttpResponse:
    choice = MailChoice.objects.filter(staff_id=request.viewer.staff_id).first()
    form = MailForm(request.POST) if request.method == "POST" else MailForm.of(choice, get_language() or "ja")
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        services.choose_mail(request.viewer, address=given["address"], language=given["language"], off=form.off())
        messages.success(request, _("Your choice is kept."))
        return redirect("reminders:mail")
    shown = {"form": form, "has_server": settings.ENVIRONMENT.mail is not None}
    return render(request, "reminders/mail.html", shown, status=422 if form.errors else 200)
