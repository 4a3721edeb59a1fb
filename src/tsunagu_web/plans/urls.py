"""Addresses of support plans."""

from django.urls import path

from tsunagu_web.access import paths  # noqa: F401  # makes <person:…> known
from tsunagu_web.plans import views

app_name = "plans"
_ONE = "children/<person:person_id>/plans/<int:number>/"
urlpatterns = [
    path("children/<person:person_id>/plans/", views.listed, name="list"),
    path("children/<person:person_id>/plans/new/", views.new, name="new"),
    path(_ONE, views.plan, name="plan"),
    path(f"{_ONE}versions/<int:version>/", views.version, name="version"),
    path(f"{_ONE}edit/", views.edit, name="edit"),
    path(f"{_ONE}submit/", views.submit, name="submit"),
    path(f"{_ONE}return/", views.give_back, name="return"),
    path(f"{_ONE}approve/", views.approve, name="approve"),
    path(f"{_ONE}withdraw/", views.withdraw, name="withdraw"),
    path(f"{_ONE}end/", views.end, name="end"),
    path(f"{_ONE}pdf/<str:reader>/", views.pdf, name="pdf"),
]
