"""Addresses of tasks."""

from django.urls import path

from tsunagu_web.access import paths  # noqa: F401  # makes <person:…> known
from tsunagu_web.tasks import views

app_name = "tasks"
urlpatterns = [
    path("tasks/", views.mine, name="mine"),
    path("children/<person:person_id>/tasks/", views.listed, name="list"),
    path("children/<person:person_id>/tasks/add/", views.add, name="add"),
    path("children/<person:person_id>/tasks/<int:number>/step/", views.move, name="move"),
    path("children/<person:person_id>/tasks/<int:number>/hand-on/", views.hand_on, name="hand_on"),
]
