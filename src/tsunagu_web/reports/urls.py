"""Addresses of the numbers."""

from django.urls import path

from tsunagu_web.reports import views

app_name = "reports"
urlpatterns = [path("standing/", views.standing, name="standing")]
