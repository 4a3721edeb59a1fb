"""Addresses of duties."""

from django.urls import path

from tsunagu_web.duties import views

app_name = "duties"
urlpatterns = [
    path("purpose/", views.purpose, name="purpose"),
]
