"""Addresses of duties."""

from django.urls import path

from tsunagu_web.access import paths  # noqa: F401  # makes <person:…> known
from tsunagu_web.duties import views

app_name = "duties"
urlpatterns = [
    path("purpose/", views.purpose, name="purpose"),
    path("children/<person:person_id>/emergency/", views.emergency, name="emergency"),
    path("emergencies/", views.emergencies, name="emergencies"),
    path("emergencies/<int:number>/", views.review, name="review"),
    path("children/<person:person_id>/access/", views.grants, name="grants"),
    path("children/<person:person_id>/access/give/", views.give, name="give"),
    path("children/<person:person_id>/access/<int:number>/end/", views.end_grant, name="end_grant"),
    path("children/<person:person_id>/looks/", views.looks, name="looks"),
    path("conflicts/", views.conflicts, name="conflicts"),
    path("conflicts/enter/", views.enter_conflict, name="enter_conflict"),
    path("conflicts/<int:number>/end/", views.end_conflict, name="end_conflict"),
    path("access-check/", views.access_check, name="access_check"),
]
