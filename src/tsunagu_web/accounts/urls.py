"""Addresses of logging in and the language."""

from django.urls import path

from tsunagu_web.accounts import views

app_name = "accounts"
urlpatterns = [
    path("login/", views.log_in, name="login"),
    path("logout/", views.log_out, name="logout"),
    path("language/", views.language, name="language"),
]
