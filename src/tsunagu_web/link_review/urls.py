"""Addresses of link review; a pair stands in them by its mark, which tells nothing without the run's key."""

from django.urls import path

from tsunagu_web.link_review import views

app_name = "link_review"
urlpatterns = [
    path("links/", views.listed, name="list"),
    path("links/decided/", views.decided, name="decided"),
    path("links/decided/<int:number>/take-back/", views.take_back, name="take_back"),
    path("links/decisions-file/", views.export, name="export"),
    path("links/<slug:pair>/", views.pair, name="pair"),
    path("links/<slug:pair>/decide/", views.decide, name="decide"),
]
