"""Addresses of this room; the words themselves stand in none."""

from django.urls import path

from tsunagu_web.search import views

app_name = "search"
urlpatterns = [path("log/<int:number>/words/", views.words, name="words")]
