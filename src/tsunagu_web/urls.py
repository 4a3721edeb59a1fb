"""All addresses of the desk; none carries a personal value."""

from django.conf import settings
from django.urls import include, path

urlpatterns = [
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
if settings.ENVIRONMENT.oidc:
    urlpatterns += [path("", include("tsunagu_web.accounts.oidc_urls"))]
handler400 = "tsunagu_web.serving.errors.bad_request"
handler403 = "tsunagu_web.serving.errors.refused"
handler404 = "tsunagu_web.serving.errors.not_found"
handler500 = "tsunagu_web.serving.errors.failed"
