"""Who asks, and for what: the role, the picked purpose, the duties, and what was granted or blocked at this moment."""

from __future__ import annotations

from dataclasses import dataclass

NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Viewer:
    """A member of staff at one moment. Built once per request (`load.py`), so that every answer of it agrees.

    purpose     what was picked after sign-in; empty before
    teams, schools, classrooms  keys of the duties held today
    granted     ids of children given to this person for this purpose, until their end
    blocked     ids of own family and close colleagues, their households included: never shown, whatever is granted
    own         ids of the viewer's own record or child (pages of families and pupils)
    supports    ids of children this person has supported: the same person does not analyse them
    reviews_waiting  emergencies of others that nobody has reviewed, for those who may
    reminders_new    reminders of one's own that are not read yet
    emergencies ids of children open by access taken in an emergency, among the granted
    run         seal of the run the desk shows at this moment; empty before the first intake
    """

    staff_id: int
    actor: str
    role: str
    purpose: str = ""
    teams: frozenset[str] = NOBODY
    schools: frozenset[str] = NOBODY
    classrooms: frozenset[str] = NOBODY
    granted: frozenset[str] = NOBODY
    blocked: frozenset[str] = NOBODY
    own: frozenset[str] = NOBODY
    supports: frozenset[str] = NOBODY
    reviews_waiting: int = 0
    reminders_new: int = 0
    emergencies: frozenset[str] = NOBODY
    run: str = ""

    @property
    def duties(self) -> str:
        """The duties in one line: a session ends when they change."""
        return " ".join(",".join(sorted(held)) for held in (self.teams, self.schools, self.classrooms))
