"""Addresses of the editor. Limits that are tried stand in them; nothing of anybody does."""

from django.urls import path

from tsunagu_web.criteria import views

app_name = "criteria"
urlpatterns = [
    path("criteria/", views.editor, name="editor"),
    path("criteria/try/", views.trial, name="try"),
    path("criteria/drafts/new/", views.new_draft, name="new"),
    path("criteria/drafts/save/", views.save_draft, name="save"),
    path("criteria/drafts/<int:number>/", views.draft, name="draft"),
    path("criteria/drafts/<int:number>/say/", views.say, name="say"),
    path("criteria/drafts/<int:number>/bundle/", views.bundle, name="bundle"),
]
