"""All addresses of the desk; none carries a personal value."""

from django.conf import settings
from django.urls import URLResolver, include, path

from tsunagu_web.environment import Environment


def addresses(environment: Environment) -> list[URLResolver]:
    """Every address of a desk with these settings."""
    found = [
        path("", include("tsunagu_web.worklist.urls")),
        path("", include("tsunagu_web.cases.urls")),
        path("", include("tsunagu_web.addresses.urls")),
        path("", include("tsunagu_web.reminders.urls")),
        path("", include("tsunagu_web.notes.urls")),
        path("", include("tsunagu_web.assessment.urls")),
        path("", include("tsunagu_web.link_review.urls")),
        path("", include("tsunagu_web.boards.urls")),
        path("", include("tsunagu_web.offers.urls")),
        path("", include("tsunagu_web.plans.urls")),
        path("", include("tsunagu_web.outreach.urls")),
        path("", include("tsunagu_web.audit.urls")),
        path("", include("tsunagu_web.search.urls")),
        path("", include("tsunagu_web.duties.urls")),
        path("", include("tsunagu_web.tasks.urls")),
        path("", include("tsunagu_web.conferences.urls")),
        path("", include("tsunagu_web.referrals.urls")),
        path("", include("tsunagu_web.transfers.urls")),
        path("", include("tsunagu_web.reports.urls")),
        path("", include("tsunagu_web.criteria.urls")),
        path("", include("tsunagu_web.api.urls")),
        path("", include("tsunagu_web.accounts.urls")),
    ]
    # Where the room is off, its addresses are unknown ones (decision 0045).
    if environment.guidance_centre:
        found.append(path("", include("tsunagu_web.guidance_centre.urls")))
        found.append(path("", include("tsunagu_web.protection.urls")))
    if environment.oidc:
        found.append(path("", include("tsunagu_web.accounts.oidc_urls")))
    return found


urlpatterns = addresses(settings.ENVIRONMENT)
handler400 = "tsunagu_web.serving.errors.bad_request"
handler403 = "tsunagu_web.serving.errors.refused"
handler404 = "tsunagu_web.serving.errors.not_found"
handler500 = "tsunagu_web.serving.errors.failed"
