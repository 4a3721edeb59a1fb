"""Addresses of the school boards; a class stands in them by the keys of its school, grade and name."""

from django.urls import path

from tsunagu_web.access import paths  # noqa: F401  # makes <person:…> known
from tsunagu_web.boards import views

app_name = "boards"
urlpatterns = [
    path("boards/", views.listed, name="list"),
    path("boards/class/", views.class_board, name="class"),
    path("boards/thresholds/", views.thresholds, name="thresholds"),
    path("boards/thresholds/set/", views.set_thresholds, name="set_thresholds"),
    path("pupils/<person:person_id>/board/", views.pupil_board, name="pupil"),
]
