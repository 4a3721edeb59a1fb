"""Addresses of assessments."""

from django.urls import path

from tsunagu_web.access import paths  # noqa: F401  # makes <person:…> known
from tsunagu_web.assessment import views

app_name = "assessment"
urlpatterns = [
    path("assessments/overrides/", views.overrides, name="overrides"),
    path("children/<person:person_id>/assessments/", views.listed, name="list"),
    path("children/<person:person_id>/assessments/begin/", views.begin, name="begin"),
    path("children/<person:person_id>/assessments/draft/", views.draft, name="draft"),
    path("children/<person:person_id>/assessments/draft/save/", views.save, name="save"),
    path("children/<person:person_id>/assessments/draft/record/", views.record, name="record"),
    path("children/<person:person_id>/assessments/draft/discard/", views.discard, name="discard"),
    path("children/<person:person_id>/assessments/<int:number>/", views.one, name="one"),
    path("children/<person:person_id>/assessments/<int:number>/conclusion/", views.conclusion, name="conclusion"),
    path("children/<person:person_id>/assessments/<int:number>/conclude/", views.conclude, name="conclude"),
]
