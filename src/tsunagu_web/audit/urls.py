"""Addresses of the auditor."""

from django.urls import path

from tsunagu_web.audit import views

app_name = "audit"
urlpatterns = [
    path("log/", views.log, name="log"),
    path("log/verify/", views.verify_log, name="verify"),
    path("log/head/", views.head, name="head"),
    path("log/signals/", views.signals, name="signals"),
]
