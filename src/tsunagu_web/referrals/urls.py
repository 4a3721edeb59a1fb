"""Addresses of referrals."""

from django.urls import path

from tsunagu_web.access import paths  # noqa: F401  # makes <person:…> known
from tsunagu_web.referrals import views

app_name = "referrals"
urlpatterns = [
    path("children/<person:person_id>/referrals/", views.listed, name="list"),
    path("children/<person:person_id>/referrals/new/", views.new, name="new"),
    path("children/<person:person_id>/referrals/<int:number>/", views.referral, name="one"),
    path("children/<person:person_id>/referrals/<int:number>/edit/", views.edit, name="edit"),
    path("children/<person:person_id>/referrals/<int:number>/send/", views.send, name="send"),
    path("children/<person:person_id>/referrals/<int:number>/step/", views.move, name="move"),
    path("referrals/", views.mine, name="mine"),
    path("referrals/<int:number>/", views.received, name="received"),
    path("referrals/<int:number>/step/", views.answer, name="answer"),
    path("referrals/<int:number>/reply/", views.reply, name="reply"),
]
