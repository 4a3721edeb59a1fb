"""Tells Django of this room."""

from django.apps import AppConfig


class LinkReviewConfig(AppConfig):
    name = "tsunagu_web.link_review"
    label = "link_review"
