"""Addresses of conferences."""

from django.urls import path

from tsunagu_web.access import paths  # noqa: F401  # makes <person:…> known
from tsunagu_web.conferences import views

app_name = "conferences"
urlpatterns = [
    path("conferences/", views.listed, name="list"),
    path("conferences/call/", views.call, name="call"),
    path("conferences/<int:number>/", views.conference, name="conference"),
    path("conferences/<int:number>/agenda/", views.put_on, name="put_on"),
    path("conferences/<int:number>/step/", views.move, name="move"),
    path("conferences/<int:number>/items/<int:item>/", views.item, name="item"),
    path("conferences/<int:number>/items/<int:item>/write/", views.write, name="write"),
    path("children/<person:person_id>/conferences/", views.of_child, name="of_child"),
    path("ledger/", views.ledger, name="ledger"),
]
