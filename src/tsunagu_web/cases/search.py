"""What of a child is searched: name, reading and alias, each a text of its own. Nothing else is given to the index."""

from __future__ import annotations

from tsunagu_web.people.models import Person


def searched_of(person: Person) -> str:
    return "\n".join([person.name, person.kana, person.alias])
