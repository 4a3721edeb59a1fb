"""How a holder's records are linked with the others' of its link group, without names leaving it.

A holder sends its records as tokens to the register's holder, which links all of them at once and keeps, for each
extract, whose records its numbers are; the holder fetches that with the agreed columns of the register.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from tsunagu.errors import SourceError, StateError
from tsunagu.linkage.keyed import Kept, KeyedRecords, keyed_records
from tsunagu.linkage.keyed_links import Resolver, link_keyed
from tsunagu.linkage.keyed_persons import Registered, links_of, persons_of, register_persons, residents_told
from tsunagu.linkage.keyed_values import LinkageKey, LinkageTokens, LinkIdKey
from tsunagu.linkage.rules import Rules
from tsunagu.linkage.weights import Model
from tsunagu.linkage.whereabouts import whereabouts
from tsunagu.purposes.agreement import Cohort
from tsunagu.purposes.answering import Parts
from tsunagu.purposes.linked_forms import LINKAGE_PARTS, linking_definitions, resident_definitions
from tsunagu.purposes.one_key import shown
from tsunagu.purposes.tokens import KeyMark
from tsunagu.records.keyed_tables import KEYED_SENT
from tsunagu.sources.absence import with_absences
from tsunagu.suppression.in_force import ITEM as SUPPRESSION
from tsunagu.suppression.in_force import in_force
from tsunagu_node.sealed_tables import tables_sha256
from tsunagu_node.shares import require_shares, shares_of
from tsunagu_node.store import Brought, Snapshot, Store

_RESIDENTS = ("residents", "residents")


@dataclass(frozen=True)
class Linking:
    """One holder's part in a round of linkage.

    extracts      those that it holds, and has linked
    round_key     of the round, from the keeper of the link key
    municipality  how addresses of the city begin, the same at every holder of the group
    link_id_key   at the register's holder alone; model: weights and cuts, needed there
    """

    store: Store
    extracts: tuple[str, ...]
    rules: Rules
    round_key: LinkageKey = field(repr=False)
    municipality: str
    link_id_key: LinkIdKey | None = field(default=None, repr=False)
    model: Model | None = field(default=None, repr=False)

    @property
    def is_register(self) -> bool:
        """Whether this is the holder that links."""
        return self.rules.register in self.extracts

    def definitions(self) -> Mapping[tuple[str, str], str]:
        """What can be agreed of it, by id and version."""
        return linking_definitions(self.extracts) | (resident_definitions() if self.is_register else {})

    def keyed(self, extracts: Collection[str], on: date) -> Parts:
        """The records of these extracts as tokens; which record each number names is kept first."""
        brought = self.store.brought(on)
        made = self._made(brought, [one for one in self.extracts if one in extracts])
        sent = {extract: sent_sha256(_tables(one)) for extract, (one, _) in made.items()}
        self.store.keep_numbers(brought, {extract: kept.numbers for extract, (_, kept) in made.items()}, sent)
        return {(extract, part): table for extract, (sent, _) in made.items() for part, table in _tables(sent).items()}

    def residents(self, columns: Collection[str], cohort: Cohort, requester: str, on: date) -> Parts | None:
        """What was found for the extracts that this requester sent, and the residents it is told of."""
        brought = self.store.brought(on)
        found = self.store.answers(brought)
        if self.link_id_key is None or found is None:
            return None
        theirs = found_for(requester, *found)
        if not theirs:
            return None
        snapshot = self.store.newest(brought.on)
        snapshot.require_of(brought)
        ages = (cohort.age_from, cohort.age_to)
        told = residents_told(snapshot.persons, columns, ages, self.link_id_key, brought.on)
        return {_RESIDENTS: told, **theirs}

    def require_of_this_round(self, sent: Iterable[tuple[str, KeyMark]]) -> None:
        """SourceError that names who sent records under another key than this node's: they would join nobody.

        sent  (who, with the extracts; the key with which it made their tokens)
        """
        own = self.round_key.mark
        others = [f"{who}: {shown(mark)}" for who, mark in sent if mark != own]
        if others:
            raise SourceError(
                f"records were sent under another round's key than this node has, {shown(own)}",
                where="; ".join(others),
                to_do="Let the keeper of the link key give that holder, or this one, the key of the round that the "
                "others have: tsunagu node group-key. Then link again. Nothing was kept.",
            )

    def link_all(self, sent: Mapping[str, Parts], on: date, joins_few: Collection[str] = ()) -> dict[str, int]:
        """At the register's holder: links what the others sent with its own, and makes its snapshot of the day.

        sent       organisation -> what it sent (linked_forms.LINKAGE_PARTS)
        joins_few  extracts of which people have seen for themselves that few records are of the register
        gives      how many identities were linked, are doubtful, or were not found
        raises     SourceError where two organisations sent the same extract, or one joins almost nobody
        """
        if self.link_id_key is None or self.model is None:
            raise StateError("this node does not hold the register", to_do="Link where the register is held.")
        brought = self.store.brought(on)
        own = self._made(brought, self.extracts)
        kept = own[self.rules.register][1]
        registered = register_persons(
            brought.records, brought.facts, kept.numbers, self.link_id_key, rules=self.rules, model=self.model, on=on
        )
        sender_of: dict[str, str] = {}
        marks: dict[str, str] = {}
        parts = [record for record, _ in own.values()]
        for organisation, tables in sent.items():
            for extract in sorted({extract for extract, _ in tables}):
                if extract in sender_of or extract in own:
                    raise SourceError(
                        f"two holders sent the extract '{extract}'",
                        where=organisation,
                        to_do="Agree which of them holds it, and link again; nothing was kept.",
                    )
                sender_of[extract] = organisation
                own_parts = {part: tables[extract, part] for part in _PARTS}
                marks[f"{organisation}|{extract}"] = sent_sha256(own_parts)
                parts.append(KeyedRecords(extract, **own_parts))
        resolver = Resolver(LinkageTokens(self.round_key), self.link_id_key, kept, registered.numbers)
        links = link_keyed(resolver, parts, self.model, rules=self.rules, on=on)
        answers = {f"{sender_of[e]}|{e}": table for e, table in links.answers.items() if e in sender_of}
        expected = {name: table for name, table in answers.items() if name.partition("|")[2] not in joins_few}
        require_shares(shares_of(expected), shares_of(self.store.answers_before(brought.on)))
        self.store.keep(_of_the_register(registered, brought, self.rules))
        self.store.keep_answers(brought, answers, marks)
        states = [state for table in links.answers.values() for state in table.column("state").to_pylist()]
        return {state: states.count(state) for state in ("linked", "doubtful", "not_found")}

    def settle(self, told: Parts, on: date) -> Snapshot:
        """At another holder: its snapshot of the day, by what the register's holder told it; kept, and given.

        raises  StateError where the extracts were brought in anew since they were sent, what was found is not of what
                was sent, or not one of the records sent was linked: with a snapshot of nothing it would be known of
                everybody that there is nothing
        """
        brought = self.store.brought(on)
        numbers, sent = self.store.numbers(brought)
        answers = {extract: table for (extract, part), table in told.items() if part == "answers"}
        marks = {e: table.column("sha256")[0].as_py() for (e, part), table in told.items() if part == "sent"}
        for extract in numbers:
            _require_answer_to(extract, numbers[extract], answers.get(extract), brought.on)
            if sent.get(extract, "nothing") != marks.get(extract):
                raise _of_others(extract, brought.on)
        links = links_of(numbers, answers)
        if not links.num_rows and any(table.num_rows for table in numbers.values()):
            raise StateError(
                f"not one record of {brought.on.isoformat()} was linked",
                to_do="Check that this node has the key of the round that the register's holder has; nothing was kept.",
            )
        persons, facts = persons_of(
            brought.records, brought.facts, links, told[_RESIDENTS], rules=self.rules, on=brought.on
        )
        facts = with_absences(facts, persons, list(brought.absent))
        made = Snapshot(brought.on, persons, facts, None, links, brought.made_of)
        self.store.keep(made)
        return made

    def _made(self, brought: Brought, extracts: Collection[str]) -> dict[str, tuple[KeyedRecords, Kept]]:
        tokens, made = LinkageTokens(self.round_key), {}
        for extract in extracts:
            records = brought.records.filter(pc.equal(brought.records.column("holder"), extract))
            if records.num_rows:
                made[extract] = keyed_records(records, tokens, rules=self.rules, municipality=self.municipality)
        return made


_PARTS = ("signatures", "forms", "neighbours")


def _tables(sent: KeyedRecords) -> dict[str, pa.Table]:
    return {part: getattr(sent, part) for part in _PARTS}


def sent_sha256(tables: Mapping[str, pa.Table]) -> str:
    """Which tables of an extract were sent to be linked; the same at both ends, and nothing that they do not hold.

    tables  part -> table (linked_forms.LINKAGE_PARTS)
    """
    shapes = LINKAGE_PARTS
    return tables_sha256(
        {part: table.replace_schema_metadata(None).cast(shapes[part].schema) for part, table in tables.items()}
    )


def found_for(
    requester: str, answers: Mapping[str, pa.Table], sent: Mapping[str, str]
) -> dict[tuple[str, str], pa.Table]:
    """(extract, part) -> table, of what was found of the records that this organisation sent.

    answers, sent  Store.answers
    """
    found: dict[tuple[str, str], pa.Table] = {}
    for name, table in answers.items():
        organisation, _, extract = name.partition("|")
        if organisation == requester:
            found[extract, "answers"] = table
            if name in sent:
                found[extract, "sent"] = pa.table({"sha256": [sent[name]]}, schema=KEYED_SENT.schema)
    return found


def _require_answer_to(extract: str, kept: pa.Table, answer: pa.Table | None, on: date) -> None:
    """StateError where what was found answers other numbers than were sent last, as of a linkage before that one."""
    told = set() if answer is None else set(answer.column("number").to_pylist())
    if told != set(kept.column("number").to_pylist()):
        raise _of_others(extract, on)


def _of_others(extract: str, on: date) -> StateError:
    return StateError(
        f"what was found is not of the records of {on.isoformat()} that were sent last",
        where=extract,
        to_do="Let the register's holder link first: tsunagu node link, there. Nothing was kept.",
    )


def _of_the_register(registered: Registered, brought: Brought, rules: Rules) -> Snapshot:
    """The register's own snapshot: everybody under the link id, and whose address is protected."""
    linked = registered.linked
    known = whereabouts(
        records=brought.records,
        links=linked.links,
        persons=linked.persons,
        person_facts=linked.person_facts,
        register=rules.register,
    )
    suppressed = in_force(
        linked.person_facts,
        linked.persons,
        brought.on,
        is_list_readable=all(one.item != SUPPRESSION for one in brought.absent),
        registered=list(registered.link_ids),
        flagged=known.flagged,
        ties=known.ties,
    )
    protected = frozenset(link_id for id, link_id in registered.link_ids.items() if suppressed.hides(id))
    persons = registered.persons
    ids = [registered.link_ids.get(id) for id in linked.links.column("person_id").to_pylist()]
    links = pa.table({"record_id": linked.links.column("record_id"), "person_id": pa.array(ids, pa.string())})
    facts = with_absences(registered.facts, persons, list(brought.absent))
    return Snapshot(brought.on, persons, facts, protected, links.drop_null(), brought.made_of)
