"""Taking in a run folder: everything in one transaction with one entry in the log; decisions stay as they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils import timezone

from tsunagu.errors import StateError
from tsunagu.runs.folder import RunFolder
from tsunagu_web.access.models import INTAKE_TEAM, teams_by_school
from tsunagu_web.access.terms import CaseState
from tsunagu_web.addresses.services import SealedRows, opens, replace_rows, sealed_rows
from tsunagu_web.addresses.vault import Vault
from tsunagu_web.audit.services import SYSTEM, append
from tsunagu_web.boards.taking_in import replace_pupils, school_tables_of
from tsunagu_web.cases.models import Child, Fact, Judgment, Reason, Run, State, Taking
from tsunagu_web.cases.search import searched_of
from tsunagu_web.criteria.taking_in import nameless_table_of, replace_table
from tsunagu_web.intake import facts, households, kin, persons, rows
from tsunagu_web.intake.batches import in_batches
from tsunagu_web.link_review.services import pairs_of, replace_pairs
from tsunagu_web.offers.taking_in import offered_of, replace_offered
from tsunagu_web.outreach.situations import situations, start_for_changes
from tsunagu_web.people.models import Person
from tsunagu_web.search.models import Kind
from tsunagu_web.search.services import count_anew, index_documents

Row = TypeVar("Row", bound=models.Model)
Progress = Callable[[str, int], None]
_BATCH = 2_000


@dataclass(frozen=True)
class TakenIn:
    """What an intake did. is_new: False when this very run had been taken in before, and nothing was changed."""

    on: dt.date
    is_new: bool
    children: int
    newly_noticed: int
    no_longer_noticed: int
    facts: int


def take_in(
    folder: RunFolder,
    key: bytes,
    progress: Progress = lambda _what, _count: None,
    *,
    address_key: bytes | None = None,
) -> TakenIn:
    """Writes the run's persons, households, children, judgments, reasons and facts over the former run's.

    address_key  opens the run's addresses and seals them in the desk; without it the desk keeps none
    raises       StateError when the run is older than the one the desk shows, or tried other criteria than those
                 in force
    """
    if folder.is_trial:
        raise StateError(
            "this run tried other criteria than those in force",
            where=str(folder.path),
            to_do="Take in a run that was made without --criteria. New criteria take effect by `tsunagu adopt` only.",
        )
    seal, on = str(folder.manifest["seal"]), rows.day_of(folder)
    before = Run.objects.filter(is_current=True).first()
    if before is not None and before.seal == seal:
        _renew_addresses(folder, key, address_key)
        listed = Child.objects.filter(is_listed=True).count()
        return TakenIn(on, False, listed, 0, 0, Fact.objects.filter(known_to__isnull=True).count())
    if before is not None and on < before.on:
        raise StateError(
            f"the run is of {on}, and the desk already shows one of {before.on}",
            where=str(folder.path),
            to_do="Take in the newest run. An older one would bring back what is no longer so.",
        )
    today = _day_of_intake()
    found = rows.read(folder, key)
    offered = offered_of(folder, key)
    addresses = _addresses(folder, address_key, {*(person.pk for person in found.persons), *offered.names})
    doubtful, schools = pairs_of(folder, key), school_tables_of(folder, key)
    nameless = nameless_table_of(folder)
    with transaction.atomic():
        known_before = situations(on)
        listed_before = set(Child.objects.filter(is_listed=True).values_list("pk", flat=True))
        run = _run(folder, seal, on)
        run.as_of = facts.latest_as_of(found.facts)
        run.save(update_fields=["as_of"])
        Taking.objects.create(run=run, day=today)
        written = _replace(found, run, today, progress)
        replace_rows(addresses)
        replace_pairs(doubtful)
        replace_table(nameless)
        progress("pupils of the school boards", replace_pupils(schools))
        progress("children to offer support", replace_offered(offered))
        progress("reassessments", start_for_changes(known_before, on))
        listed_now = {child.pk for child in found.children}
        taken = TakenIn(
            on=on,
            is_new=True,
            children=len(found.children),
            newly_noticed=len(listed_now - listed_before),
            no_longer_noticed=len(listed_before - listed_now),
            facts=written,
        )
        append(
            action="intake",
            object="run",
            actor=SYSTEM,
            detail={"run": run.seal, "children": taken.children, "newly_noticed": taken.newly_noticed},
        )
    count_anew()
    return taken


def _addresses(folder: RunFolder, address_key: bytes | None, people: Collection[str]) -> SealedRows | None:
    """The sealed rows of everybody at the desk; None for a run or a desk without a key for addresses."""
    if address_key is None or not folder.carries_addresses:
        return None
    return sealed_rows(folder, Vault(address_key), address_key, people)


def _renew_addresses(folder: RunFolder, key: bytes, address_key: bytes | None) -> None:
    """Seals the same run's addresses anew, where the desk got its key after the run, or got another one."""
    if address_key is None or not folder.carries_addresses or opens(Vault(address_key)):
        return
    names = (folder.identities(key), folder.offer_names(key))
    addresses = _addresses(folder, address_key, {p for table in names for p in table.column("person_id").to_pylist()})
    with transaction.atomic():
        replace_rows(addresses)
        append(action="intake", object="run", actor=SYSTEM, detail={"run": str(folder.manifest["seal"])})


def _run(folder: RunFolder, seal: str, on: dt.date) -> Run:
    Run.objects.filter(is_current=True).update(is_current=False)
    fields: dict[str, Any] = {
        "on": on,
        "taken_in_at": timezone.now(),
        "is_current": True,
        "words": dict(folder.vocabulary),
        "manifest": dict(folder.manifest),
    }
    return Run.objects.update_or_create(seal=seal, defaults=fields)[0]


def _replace(found: rows.Found, run: Run, today: dt.date, progress: Progress) -> int:
    """Puts the new notices in place of the old ones, and beside what was known what is known now; gives the facts."""
    for model in (Judgment, Reason):
        model._default_manager.all().delete()
    names = persons.write(found.persons, run=run, today=today)
    _name(found.children, names)
    households.write(found.members, on=run.on, today=today)
    kin.write(found.members, today)
    progress("persons", len(found.persons))
    Child.objects.update(is_listed=False)
    _keep_what_people_did(found.children, today)
    imported = [f.name for f in Child._meta.fields if f.name not in (*_FROM_PEOPLE, "person")]
    Child.objects.bulk_create(
        found.children,
        batch_size=_BATCH // 10,
        update_conflicts=True,
        unique_fields=["person"],
        update_fields=imported,
    )
    noticed = {child.pk for child in found.children}
    # By the names as the desk knows them: a correction by staff is found, what it corrected is not.
    index_documents(Kind.PERSON, ((pk, searched_of(names[pk])) for pk in sorted(noticed)))
    progress("children", len(found.children))
    progress("judgments", _write(found.judgments))
    progress("reasons", _write(found.reasons))
    written = facts.write(found.facts, today)
    progress("facts", written)
    return written


def _day_of_intake() -> dt.date:
    """Today; StateError when the machine's clock stands before an earlier intake, which would turn the past around."""
    today, last = timezone.localdate(), Taking.objects.aggregate(last=models.Max("day"))["last"]
    if last is not None and today < last:
        raise StateError(
            f"the clock of this machine says {today}, and a run was taken in on {last} before",
            where="clock",
            to_do="Set the date of the machine, then take the run in again.",
        )
    return today


def _name(children: list[Child], names: Mapping[str, Person]) -> None:
    """Copies the persons' readings, a correction by staff included, for the order of the list."""
    for child in children:
        child.follow(names[child.pk])


_FROM_PEOPLE = ("state", "due_on", "decisions_made", "case", "case_state", "reassess_since", "reassess_by")


def _keep_what_people_did(children: list[Child], today: dt.date) -> None:
    """The days of the first notice stay, and so does the team of a case; the other columns of people are not written.

    Without a case the team follows the school.
    """
    kept = ("first_noticed_on", "known_from", "team", "case_state")
    before = {pk: values for pk, *values in Child.objects.values_list("pk", *kept)}
    team_of = teams_by_school()
    for child in children:
        child.state, child.known_from = State.NEW, today
        child.team = team_of.get(child.school, INTAKE_TEAM)
        if child.pk in before:
            child.first_noticed_on, child.known_from, team, case_state = before[child.pk]
            child.team = child.team if case_state == CaseState.NOTICED else team


def _write(made: Iterable[Row]) -> int:
    count = 0
    for batch in in_batches(made, _BATCH):
        type(batch[0])._default_manager.bulk_create(batch)
        count += len(batch)
    return count
