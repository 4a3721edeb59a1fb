"""Addresses of the pages on hidden addresses; a request is named in the body, never in the address of a page."""

from django.urls import path

from tsunagu_web.access import paths  # noqa: F401  # makes <person:…> known
from tsunagu_web.addresses import views

app_name = "addresses"
urlpatterns = [
    path("children/<person:person_id>/address/", views.ask, name="ask"),
    path("addresses/requests/", views.requests, name="requests"),
    path("addresses/waiting/", views.waiting, name="waiting"),
    path("addresses/answer/", views.answer, name="answer"),
    path("addresses/show/", views.show, name="show"),
]
