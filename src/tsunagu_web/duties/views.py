"""Pages of duties: read or write through queries and services, then answer."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from tsunagu_web.access.policy import needs
from tsunagu_web.access.table import Action, Thing
from tsunagu_web.accounts.views import safe_next
from tsunagu_web.duties import services
from tsunagu_web.duties.forms import PurposeForm
from tsunagu_web.duties.viewers import purposes_of


@needs(Thing.ACCOUNT, Action.USE)
@require_http_methods(["GET", "HEAD", "POST"])
def purpose(request: HttpRequest) -> HttpResponse:
    """What somebody is here for. Picked anew after each sign-in, and changed here."""
    form = PurposeForm(request.POST or None, initial={"next": request.GET.get("next", "")})
    form = form.offering(purposes_of(request.user))
    if form.is_valid():
        services.pick_purpose(request, form.cleaned_data["purpose"])
        return redirect(safe_next(request, form.cleaned_data["next"]))
    return render(request, "duties/purpose.html", {"form": form}, status=422 if request.method == "POST" else 200)
