"""Addresses of the list and the search."""

from django.urls import path

from tsunagu_web.worklist import views

app_name = "worklist"
urlpatterns = [
    path("", views.start, name="start"),
    path("children/", views.children, name="list"),
    path("children/search/", views.search, name="search"),
    path("children/watch/", views.watch_many, name="watch_many"),
    path("children/assign/", views.assign_many, name="assign_many"),
    path("children/lists/", views.keep, name="keep"),
    path("children/lists/<int:number>/forget/", views.forget, name="forget"),
    path("children/export/", views.export, name="export"),
]
