"""`search-index`: makes the index of the search anew."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from tsunagu_web.access.reach import the_program
from tsunagu_web.cases.models import Child
from tsunagu_web.cases.search import searched_of
from tsunagu_web.search.models import Kind
from tsunagu_web.search.services import replace_all


class Command(BaseCommand):
    help = "Makes the index of the search anew; may be stopped and repeated: python -m tsunagu_web search-index"

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        with the_program():
            children = replace_all(
                Kind.PERSON, Child.objects.select_related("person"), lambda child: searched_of(child.person)
            )
        self.stdout.write(f"{children:,} children can be found.")
