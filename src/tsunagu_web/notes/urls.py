"""Addresses of notes and attachments."""

from django.urls import path

from tsunagu_web.access import paths  # noqa: F401  # makes <person:…> known
from tsunagu_web.notes import views

app_name = "notes"
urlpatterns = [
    path("notes/search/", views.search, name="search"),
    path("children/<person:person_id>/notes/", views.listed, name="list"),
    path("children/<person:person_id>/notes/write/", views.write, name="write"),
    path("children/<person:person_id>/notes/<int:number>/", views.note, name="note"),
    path("children/<person:person_id>/notes/<int:number>/edit/", views.edit, name="edit"),
    path("children/<person:person_id>/attachments/", views.attach, name="attach"),
    path("children/<person:person_id>/attachments/<int:number>/", views.download, name="download"),
    path("children/<person:person_id>/attachments/<int:number>/label/", views.relabel, name="relabel"),
]
