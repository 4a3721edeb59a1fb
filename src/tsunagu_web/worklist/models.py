"""Filters of the list that somebody kept, for oneself or for a team."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class SavedFilter(models.Model):
    """A list worth coming back to. What it finds is asked anew each time, within the reach of whoever opens it.

    team   key of the team that shares it; empty: the owner's alone
    query  as in the address of the list: codes only, nothing personal
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    team = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=400)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="one_filter_of_a_name"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(query=""), name="a_saved_filter_is_whole"),
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.pk}"
