"""Addresses of a child's page and the decisions."""

from django.urls import path

from tsunagu_web.access import paths  # noqa: F401  # makes <person:…> known
from tsunagu_web.cases import kin_views, views

app_name = "cases"
urlpatterns = [
    path("children/<person:person_id>/", views.child, name="child"),
    path("children/<person:person_id>/decide/", views.decide, name="decide"),
    path("children/<person:person_id>/case/", views.case, name="case"),
    path("children/<person:person_id>/case/assign/", views.assign, name="assign"),
    path("children/<person:person_id>/case/step/", views.move, name="move"),
    path("children/<person:person_id>/kin/", kin_views.kin, name="kin"),
    path("children/<person:person_id>/kin/add/", kin_views.add, name="add_kin"),
    path("children/<person:person_id>/kin/<int:number>/change/", kin_views.change, name="change_kin"),
    path("children/<person:person_id>/history/", views.history, name="history"),
    path("children/<person:person_id>/history/correct/", views.correct, name="correct"),
    path("decisions/", views.decisions, name="decisions"),
]
