"""Addresses of the list and the search."""

from django.urls import path

from tsunagu_web.worklist import views

app_name = "worklist"
urlpatterns = [
    path("", views.start, name="start"),
    path("children/", views.children, name="list"),
    path("children/search/", views.search, name="search"),
    path("children/export/", views.export, name="export"),
]
