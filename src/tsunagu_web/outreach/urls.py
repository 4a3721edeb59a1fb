"""Addresses of contacts, sight confirmations and re-assessments."""

from django.urls import path

from tsunagu_web.access import paths  # noqa: F401  # makes <person:…> known
from tsunagu_web.outreach import views

app_name = "outreach"
_CHILD = "children/<person:person_id>/"
urlpatterns = [
    path(f"{_CHILD}outreach/", views.record, name="record"),
    path(f"{_CHILD}outreach/contact/", views.contact, name="contact"),
    path(f"{_CHILD}outreach/contact/<int:number>/take-back/", views.take_contact_back, name="take_contact_back"),
    path(f"{_CHILD}outreach/rule/", views.rule, name="rule"),
    path(f"{_CHILD}sight/", views.sight, name="sight"),
    path(f"{_CHILD}sight/confirm/", views.confirm, name="confirm"),
    path(f"{_CHILD}sight/<int:number>/take-back/", views.take_sight_back, name="take_sight_back"),
    path(f"{_CHILD}reassessments/start/", views.start, name="start"),
    path(f"{_CHILD}reassessments/<int:number>/", views.reassessment, name="reassessment"),
    path(f"{_CHILD}reassessments/<int:number>/decide/", views.decide, name="decide"),
    path("sight/", views.unseen, name="unseen"),
    path("reassessments/", views.due, name="due"),
]
