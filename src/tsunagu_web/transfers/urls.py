"""Addresses of hand-overs."""

from django.urls import path

from tsunagu_web.access import paths  # noqa: F401  # makes <person:…> known
from tsunagu_web.transfers import incoming_views, views

app_name = "transfers"
urlpatterns = [
    path("children/<person:person_id>/transfers/", views.listed, name="list"),
    path("children/<person:person_id>/transfers/new/", views.new, name="new"),
    path("children/<person:person_id>/transfers/<int:number>/", views.transfer, name="one"),
    path("children/<person:person_id>/transfers/<int:number>/edit/", views.edit, name="edit"),
    path("children/<person:person_id>/transfers/<int:number>/send/", views.send, name="send"),
    path("children/<person:person_id>/transfers/<int:number>/step/", views.move, name="move"),
    path("children/<person:person_id>/transfers/received/<int:number>/", views.received, name="received"),
    path("transfers/", incoming_views.mine, name="mine"),
    path("transfers/in/<slug:handover>/", incoming_views.arrived, name="arrived"),
    path("transfers/in/<slug:handover>/contents/", incoming_views.contents, name="contents"),
    path("transfers/in/<slug:handover>/files/<int:place>/", incoming_views.file, name="file"),
    path("transfers/in/<slug:handover>/readers/", incoming_views.readers, name="readers"),
    path("transfers/in/<slug:handover>/accept/", incoming_views.accept, name="accept"),
    path("transfers/in/<slug:handover>/decline/", incoming_views.decline, name="decline"),
]
