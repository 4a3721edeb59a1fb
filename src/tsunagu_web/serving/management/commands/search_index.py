"""`search-index`: makes the index of the search anew."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db.models import OuterRef, Subquery

from tsunagu_web.access.reach import the_program
from tsunagu_web.cases.models import Child
from tsunagu_web.cases.search import searched_of
from tsunagu_web.notes.models import Note, NoteVersion
from tsunagu_web.search.models import Kind
from tsunagu_web.search.services import replace_all


class Command(BaseCommand):
    help = "Makes the index of the search anew; may be stopped and repeated: python -m tsunagu_web search-index"

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        newest = NoteVersion.objects.filter(note=OuterRef("pk"), number=OuterRef("number"))
        said = Note.objects.annotate(text=Subquery(newest.values("text")[:1]))
        with the_program():
            children = replace_all(
                Kind.PERSON,
                Child.objects.select_related("person"),
                lambda child: searched_of(child.person),
                lambda count: self.stderr.write(f"  {count:,} children"),
            )
            notes = replace_all(
                Kind.NOTE, said, lambda note: note.text, lambda count: self.stderr.write(f"  {count:,} notes")
            )
        self.stdout.write(f"{children:,} children and {notes:,} notes can be found.")
