"""Addresses of the support to offer."""

from django.urls import path

from tsunagu_web.access import paths  # noqa: F401  # makes <person:…> known
from tsunagu_web.offers import views

app_name = "offers"
urlpatterns = [
    path("offers/", views.listed, name="list"),
    path("offers/<person:person_id>/", views.family, name="family"),
    path("offers/<person:person_id>/record/", views.record, name="record"),
    path("offers/<person:person_id>/letter/", views.letter, name="letter"),
]
