"""Addresses of the API."""

from django.urls import path

from tsunagu_web.access import paths  # noqa: F401  # makes <person:…> known
from tsunagu_web.api import views

app_name = "api"
urlpatterns = [
    path("api/v1/children/", views.children, name="children"),
    path("api/v1/children/search/", views.search, name="search"),
    path("api/v1/children/<person:person_id>/", views.child, name="child"),
]
