"""Addresses of reminders."""

from django.urls import path

from tsunagu_web.reminders import views

app_name = "reminders"
urlpatterns = [
    path("reminders/", views.mine, name="mine"),
    path("reminders/read/", views.read_all, name="read_all"),
    path("reminders/<int:number>/open/", views.open_one, name="open"),
    path("reminders/mail/", views.mail, name="mail"),
]
