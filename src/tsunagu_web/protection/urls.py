"""Addresses of this room; there only where the first response is switched on."""

from django.urls import path

from tsunagu_web.access import paths  # noqa: F401  # makes <person:…> known
from tsunagu_web.protection import views

app_name = "protection"
OF_CHILD = "children/<person:person_id>/protection/"
urlpatterns = [
    path(OF_CHILD, views.page, name="page"),
    path(f"{OF_CHILD}hearing/", views.hear, name="hear"),
    path(f"{OF_CHILD}begin/", views.begin, name="begin"),
    path(f"{OF_CHILD}<int:number>/step/", views.move, name="step"),
]
