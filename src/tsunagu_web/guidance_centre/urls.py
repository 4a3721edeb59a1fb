"""Addresses of this room; there only where it is switched on."""

from django.urls import path

from tsunagu_web.access import paths  # noqa: F401  # makes <person:…> known
from tsunagu_web.guidance_centre import beside_views, meeting_views, notifier_views, paper_views, urgency_views, views

app_name = "guidance_centre"
OF_ONE = "children/<person:person_id>/notifications/<int:number>/"
urlpatterns = [
    path("notifications/", views.listed, name="list"),
    path("notifications/new/", views.begin, name="begin"),
    path("notifications/drafts/<int:number>/", views.draft, name="draft"),
    path("notifications/drafts/<int:number>/save/", views.save, name="save"),
    path("notifications/drafts/<int:number>/find/", views.find, name="find"),
    path("notifications/drafts/<int:number>/record/", views.record, name="record"),
    path("notifications/drafts/<int:number>/discard/", views.discard, name="discard"),
    path("children/<person:person_id>/notifications/", views.of_child, name="of_child"),
    path(OF_ONE, views.one, name="one"),
    path(f"{OF_ONE}step/", views.move, name="step"),
    path(f"{OF_ONE}urgency/", urgency_views.page, name="urgency"),
    path("notifications/estimate/", beside_views.card, name="estimate_card"),
    path(f"{OF_ONE}urgency/own/", urgency_views.own, name="own"),
    path(f"{OF_ONE}urgency/after/", urgency_views.after, name="after"),
    path(f"{OF_ONE}sheet/", urgency_views.sheet, name="sheet"),
    path(f"{OF_ONE}sheet/begin/", urgency_views.begin, name="sheet_begin"),
    path(f"{OF_ONE}sheet/save/", urgency_views.save, name="sheet_save"),
    path(f"{OF_ONE}sheet/branches/", urgency_views.branches, name="sheet_branches"),
    path(f"{OF_ONE}sheet/record/", urgency_views.record, name="sheet_record"),
    path(f"{OF_ONE}meeting/", meeting_views.page, name="meeting"),
    path(f"{OF_ONE}meeting/record/", meeting_views.record, name="meeting_record"),
    path(f"{OF_ONE}meeting/answer/", meeting_views.answer, name="meeting_answer"),
    path(f"{OF_ONE}papers/<slug:kind>/", paper_views.of_notification, name="paper"),
    path("children/<person:person_id>/protection/<int:number>/warrant/", paper_views.of_protection, name="warrant"),
    path(f"{OF_ONE}notifier/", notifier_views.ask, name="ask"),
    path("notifiers/requests/", notifier_views.requests, name="requests"),
    path("notifiers/waiting/", notifier_views.waiting, name="waiting"),
    path("notifiers/answer/", notifier_views.answer, name="answer"),
    path("notifiers/review/", notifier_views.review, name="review"),
    path("notifiers/show/", notifier_views.show, name="show"),
]
