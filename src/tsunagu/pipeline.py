"""The stages in order: a holder's extracts in, a run folder out."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

import pyarrow as pa
import pyarrow.compute as pc

from tsunagu import __version__
from tsunagu.engines.bench import Engine, bench_of
from tsunagu.errors import StateError
from tsunagu.evaluation.small_counts import shown, told
from tsunagu.indicators.mistakes import read_text
from tsunagu.linkage.delivery import LinkResult, link_records
from tsunagu.linkage.identities import identities, people_of_the_desk
from tsunagu.linkage.marks import Marks
from tsunagu.linkage.offer_names import offer_names
from tsunagu.linkage.review import OF_DECISIONS
from tsunagu.linkage.review_records import review_records, without_places
from tsunagu.linkage.school_boards import school_tables
from tsunagu.linkage.whereabouts import Whereabouts, addresses, other_parties, residences, whereabouts
from tsunagu.municipality import City
from tsunagu.programmes.programme import programmes_in_force
from tsunagu.programmes.search import Found, search, to_offer
from tsunagu.records.decided_pairs import Verdict
from tsunagu.records.run_tables import ENTITLEMENTS, FACTS, OFFER_NAMES, RECORDS, REVIEW_RECORDS
from tsunagu.runs.decisions_file import DecisionsFile, read_decisions
from tsunagu.runs.folder import RunFolder, require_place, write_run
from tsunagu.screening.carried import carried
from tsunagu.screening.criteria import Criteria, level_count
from tsunagu.screening.screen import Screened, screen
from tsunagu.sources.absence import absences, file_sentences, is_item_readable, require_register, with_absences
from tsunagu.sources.delivery import Delivery, read_delivery
from tsunagu.suppression.in_force import ITEM as SUPPRESSION
from tsunagu.suppression.in_force import in_force, listed_until
from tsunagu.suppression.spread import Suppressed
from tsunagu.wording.vocabulary import programme_words, vocabulary

Report = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Order:
    """What one run is asked to do.

    on            the as-of date; must be the delivery's own, unless force_reason says why not
    key           encrypts the names
    address_key   encrypts the tables of addresses; without it the run carries none, and the manifest says so
    previous      an earlier run: who was noticed before, and stable person ids
    link_decisions  the desk's file of decisions about doubtful pairs; made about a run under the same key
    engine        where the children are screened; the run folder is the same
    """

    extracts: Path
    on: dt.date
    out: Path
    key: bytes
    address_key: bytes | None = None
    previous: RunFolder | None = None
    force_reason: str = ""
    link_decisions: Path | None = None
    engine: Engine = Engine.DUCKDB


@dataclass(frozen=True)
class Counts:
    """What a run did, in counts only.

    noticed   children by overall level, of the levels that are noticed
    capacity  how many of a level the city can see at a time, where its criteria say so; nobody is left out beyond it
    unclaimed  by programme and finding how many children; None: not told, since so few are meant, or since it would
               tell another number that is so small
    """

    rows: int
    read: int
    set_aside: int
    named: int
    persons: int
    review_pairs: int
    decided_pairs: Mapping[str, int]
    in_scope: int
    noticed: Mapping[str, int]
    capacity: Mapping[str, int]
    unclaimed: Mapping[str, Mapping[str, int | None]]
    warnings: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The counts under their own names."""
        return {
            **self.__dict__,
            "noticed": dict(self.noticed),
            "capacity": dict(self.capacity),
            "unclaimed": {programme: dict(counts) for programme, counts in self.unclaimed.items()},
            "decided_pairs": dict(self.decided_pairs),
            "warnings": list(self.warnings),
        }

    def lines(self) -> list[str]:
        """The same in a few lines for a person."""
        levels = ", ".join(level_count(name, count, self.capacity.get(name)) for name, count in self.noticed.items())
        return [
            f"{self.rows:,} rows: {self.read:,} read, {self.set_aside:,} set aside (quarantine.parquet), "
            f"{self.named:,} headings, totals and blank lines",
            f"{self.persons:,} persons; {self.review_pairs:,} doubtful pairs need a person (review.parquet)",
            *self._decided(),
            f"{self.in_scope:,} children in scope; noticed: {levels}",
            *self._unclaimed(),
            *self.warnings,
        ]

    def _unclaimed(self) -> list[str]:
        findings = (
            ("may_be_eligible", "may be eligible"),
            ("cannot_tell", "cannot be told yet"),
            ("not_granted", "turned down by the city, and not listed"),
        )
        said = [
            f"{words}: " + ", ".join(f"{p} {shown(counts[finding])}" for p, counts in found)
            for finding, words in findings
            if (found := [(p, counts) for p, counts in self.unclaimed.items() if finding in counts])
        ]
        return [f"support that may be unclaimed (entitlements.parquet); {'; '.join(said)}"] if said else []

    def _decided(self) -> list[str]:
        counts = {name: f"{count:,}" for name, count in self.decided_pairs.items()}
        if not counts:
            return []
        return [
            f"{counts['given']} decisions about pairs: {counts['same']} same, {counts['different']} different, "
            f"{counts['cannot_tell']} cannot tell; {counts['not_followed']} not followed (asked again), "
            f"{counts['absent']} about records that are not here"
        ]


@dataclass(frozen=True)
class People:
    """Everybody that a delivery knows. facts: PERSON_FACTS with what a register says by not naming a child."""

    delivery: Delivery
    linked: LinkResult
    facts: pa.Table


def read_people(city: City, order: Order, report: Report, marks: Marks, given: DecisionsFile | None = None) -> People:
    """The extracts read and linked; StateError if the day is not the delivery's and no reason is given."""
    read = city.read_on(order.on)
    delivery = read_delivery(
        order.extracts,
        city.sources.of(read.items),
        read,
        order.on,
        lambda _file, number, of: report("reading the extracts", number, of),
    )
    _require_day(delivery, order)
    require_register(city.sources, delivery)
    report("linking records", 0, 0)
    absent = absences(city.sources, delivery, order.on)
    linked = link_records(
        delivery.records,
        delivery.facts,
        city.link_model,
        rules=city.link_rules,
        on=order.on,
        previous=order.previous.table("records") if order.previous else None,
        marks=marks,
        decisions=given.decisions if given else (),
    )
    return People(delivery, linked, with_absences(linked.person_facts, linked.persons, absent))


def run_city(city: City, order: Order, report: Report) -> Counts:
    """Runs every stage and writes the run folder; StateError if the day is not the delivery's and no reason is given.

    report  called with the stage's name, what is done and the total (0: unknown)
    """
    require_place(order.out)
    marks = Marks(order.key)
    given = read_decisions(order.link_decisions, marks=marks.check) if order.link_decisions else None
    people = read_people(city, order, report, marks, given)
    delivery, linked = people.delivery, people.linked
    where = "screening on Spark" if order.engine is Engine.SPARK else "screening"
    report(where, 0, 0)
    with bench_of(order.engine) as bench:
        screened = screen(
            linked.persons,
            people.facts,
            city.criteria,
            city.catalogue,
            order.on,
            noticed_before=_noticed_before(order.previous),
            on_bench=bench,
            step=lambda what: report(f"{where}: {what}", 0, 0),
        )
    report("looking for support that may be unclaimed", 0, 0)
    # Asked last, of the same records, and handed to nothing but its own table: what it finds raises no level.
    offered = programmes_in_force(city.programmes, order.on)
    found = search(linked.persons, people.facts, offered, city.read, order.on)
    report("writing the run folder", 0, 0)
    counts = _counts(city.criteria, delivery, linked, screened, given, found)
    counts = replace(counts, warnings=(*counts.warnings, *not_yet_in_force(city.criteria, order.on)))
    known = whereabouts(
        records=delivery.records,
        links=linked.links,
        persons=screened.persons,
        person_facts=linked.person_facts,
        register=city.link_rules.register,
    )
    suppressed = _suppressed(city, delivery, linked, screened, known, order.on)
    children_to_offer = to_offer(found.entitlements)
    write_run(
        order.out,
        plain={
            "records": _records(delivery, linked),
            "quarantine": delivery.quarantine,
            "review": without_places(linked.review, linked.pairs, suppressed),
            "persons": screened.persons,
            "facts": _facts_of_noticed(city, linked, screened, order.on),
            "indicators": screened.indicators,
            "judgments": screened.judgments,
            "notices": screened.notices,
            "reasons": screened.reasons,
            ENTITLEMENTS.name: found.entitlements,
        },
        identities=identities(
            records=delivery.records,
            links=linked.links,
            persons=screened.persons,
            noticed=frozenset(screened.notices.column("person_id").to_pylist()),
            suppressed=suppressed,
            school_names=delivery.schools,
            on=order.on,
        ),
        apart={
            REVIEW_RECORDS.name: review_records(
                records=delivery.records,
                review=linked.review,
                pairs=linked.pairs,
                suppressed=suppressed,
                school_names=delivery.schools,
                marks=marks,
            ),
            **school_tables(
                records=delivery.records,
                links=linked.links,
                person_facts=linked.person_facts,
                roster=city.link_rules.roster,
                school_names=delivery.schools,
                on=order.on,
            ),
            OFFER_NAMES.name: offer_names(
                records=delivery.records,
                links=linked.links,
                persons=screened.persons,
                wanted=children_to_offer,
                suppressed=suppressed,
                ties=known.ties,
                school_names=delivery.schools,
                on=order.on,
            ),
        },
        sealed=_sealed(linked, screened, known, children_to_offer, order.on) if order.address_key else {},
        vocabulary={
            **vocabulary(
                city.criteria, city.catalogue, city.holders, schools=delivery.schools, municipality=city.municipality
            ),
            "programmes": {p.id: programme_words(p, p.criteria(order.on), city.read) for p in offered},
        },
        manifest=_manifest(city, order, delivery, linked, counts, marks, given),
        key=order.key,
        address_key=order.address_key,
        criteria=carried(city.criteria_path.name, read_text(city.criteria_path), city.catalogue.items),
    )
    return counts


def _require_day(delivery: Delivery, order: Order) -> None:
    if delivery.slip.as_of is not None and delivery.slip.as_of != order.on and not order.force_reason:
        raise StateError(
            f"the delivery is of {delivery.slip.as_of}, the run is asked for {order.on}",
            where=str(order.extracts),
            to_do=f"Use --on {delivery.slip.as_of}, or say why not with --force REASON; the manifest keeps the reason.",
        )


def _noticed_before(previous: RunFolder | None) -> frozenset[str]:
    return frozenset(previous.table("notices").column("person_id").to_pylist()) if previous else frozenset()


def _records(delivery: Delivery, linked: LinkResult) -> pa.Table:
    # Rows set aside only tell whom a loss concerns; they stand in quarantine, not among the records read.
    read = delivery.records.filter(pc.not_equal(delivery.records.column("state"), "set_aside"))
    joined = read.select(["record_id", "holder", "file", "row", "record_key"]).join(
        linked.links, "record_id", join_type="inner"
    )
    return RECORDS.sorted(joined.drop_columns(["record_id"]))


def _facts_of_noticed(city: City, linked: LinkResult, screened: Screened, on: dt.date) -> pa.Table:
    # Moves and residence would show a family's trace, an address suppression its danger: none of them leaves here.
    items = [i.id for i in city.catalogue.items.values() if i.domain != "register" and i.id != SUPPRESSION]
    facts = linked.person_facts
    mine = pc.and_(
        pc.is_in(facts.column("person_id"), screened.notices.column("person_id").combine_chunks()),
        pc.is_in(facts.column("item"), pa.array(items, pa.string())),
    )
    chosen = facts.filter(mine)
    table = pa.table(
        {
            "person_id": chosen.column("person_id"),
            "item": chosen.column("item"),
            "label": chosen.column("label"),
            "value": chosen.column("text"),
            "number": chosen.column("number"),
            "state": chosen.column("state"),
            "holder": chosen.column("holder"),
            "as_of": pa.array([on] * chosen.num_rows, pa.date32()),
            "valid_from": chosen.column("at"),
            "valid_to": chosen.column("until"),
            "file": chosen.column("file"),
            "row": chosen.column("row"),
        }
    )
    return FACTS.sorted(table)


def _sealed(
    linked: LinkResult, screened: Screened, known: Whereabouts, children_to_offer: Collection[str], on: dt.date
) -> dict[str, pa.Table]:
    """The tables of addresses, of everybody at the desk whether hidden or not."""
    noticed = frozenset(screened.notices.column("person_id").to_pylist())
    wanted = {*people_of_the_desk(screened.persons, noticed, on), *children_to_offer}
    return {
        "addresses": addresses(known, linked.person_facts, wanted),
        "residences": residences(known, screened.persons, listed_until(linked.person_facts, on)),
        "other_parties": other_parties(known),
    }


def _suppressed(
    city: City, delivery: Delivery, linked: LinkResult, screened: Screened, known: Whereabouts, on: dt.date
) -> Suppressed:
    registered = screened.persons.filter(pc.not_equal(screened.persons.column("register_state"), "absent"))
    return in_force(
        linked.person_facts,
        screened.persons,
        on,
        is_list_readable=is_item_readable(city.sources, delivery, SUPPRESSION),
        registered=registered.column("person_id").to_pylist(),
        flagged=known.flagged,
        ties=known.ties,
    )


def _counts(
    criteria: Criteria,
    delivery: Delivery,
    linked: LinkResult,
    screened: Screened,
    given: DecisionsFile | None,
    found: Found,
) -> Counts:
    levels = Counter(screened.notices.column("level").to_pylist())
    ranks = dict(
        zip(screened.notices.column("level").to_pylist(), screened.notices.column("rank").to_pylist(), strict=True)
    )
    return Counts(
        rows=sum(a.records for a in delivery.accounts),
        read=sum(a.read + a.repeated for a in delivery.accounts),
        set_aside=sum(a.set_aside for a in delivery.accounts),
        named=sum(a.heading + a.title + a.total + a.empty for a in delivery.accounts),
        persons=screened.persons.num_rows,
        review_pairs=linked.review.num_rows,
        decided_pairs=_decided_pairs(linked, given) if given else {},
        in_scope=pc.sum(screened.persons.column("in_scope")).as_py() or 0,
        noticed={level: levels[level] for level in sorted(levels, key=lambda name: ranks[name])},
        capacity=criteria.capacity,
        unclaimed={programme: _told(parts) for programme, parts in found.counts.items()},
        warnings=_warnings(delivery),
    )


def _told(parts: Mapping[str, int]) -> dict[str, int | None]:
    """How many a programme was found for, without what would come near to naming somebody."""
    shown = dict(zip(parts, told(list(parts.values())).parts[0], strict=True))
    shown.pop("neither")
    return shown


def _decided_pairs(linked: LinkResult, given: DecisionsFile) -> dict[str, int]:
    verdicts = Counter(placed.decision.verdict for placed in linked.decided.placed)
    return {
        "given": len(given.decisions),
        **{name: verdicts[name] for name in get_args(Verdict)},
        "not_followed": sum(pair.question in OF_DECISIONS for pair in linked.pairs),
        "absent": linked.decided.absent,
    }


def not_yet_in_force(criteria: Criteria, on: dt.date) -> tuple[str, ...]:
    """A warning where the criteria take effect only after the day of the run. They are asked all the same: every
    version can be run on every day, and whoever tries the next one on a past day means to."""
    if criteria.effective <= on:
        return ()
    return (f"The criteria {criteria.name} take effect on {criteria.effective}, after the day of this run ({on}).",)


def _warnings(delivery: Delivery) -> tuple[str, ...]:
    """What a data officer must hear at once: dropped columns, files that could not be used, a slip that is absent."""
    lines = [
        f"{account.file}: column {', '.join(account.dropped)} looks like individual numbers; dropped, not stored."
        for account in delivery.accounts
        if account.dropped
    ]
    return (*lines, *file_sentences(delivery))


def _inputs(delivery: Delivery) -> dict[str, Any]:
    """Every file by name, with its hash and what became of its rows; a container's members share its hash."""
    hashes = {file.path: file.sha256 for file in delivery.inputs}
    return {
        account.file: {
            "holder": account.holder,
            "source": account.spec,
            "status": account.status,
            "reason": account.reason,
            "sha256": hashes.get(account.file.split("!")[0], ""),
            "encoding": account.encoding,
            "encoding_stated": account.encoding_stated,
            "promised_rows": account.promised,
            "rows": account.records,
            "dispositions": {
                "read": account.read,
                "repeated": account.repeated,
                "set_aside": account.set_aside,
                "heading": account.heading,
                "title": account.title,
                "total": account.total,
                "empty": account.empty,
            },
            "named_lines": account.rows_of,
            "dropped_columns": list(account.dropped),
            "unread_columns": list(account.not_read),
        }
        for account in delivery.accounts
    }


def _manifest(
    city: City,
    order: Order,
    delivery: Delivery,
    linked: LinkResult,
    counts: Counts,
    marks: Marks,
    given: DecisionsFile | None,
) -> dict[str, Any]:
    return {
        "program": {"name": "tsunagu", "version": __version__},
        "municipality": {"id": city.municipality.id, "ja": city.municipality.ja, "en": city.municipality.en},
        "on": order.on.isoformat(),
        "delivery_as_of": delivery.slip.as_of.isoformat() if delivery.slip.as_of else None,
        "forced": order.force_reason,
        "purpose": city.purpose.__dict__,
        "criteria": {"id": city.criteria.id, "version": city.criteria.version},
        "programmes": [{"id": p.id, "version": p.version} for p in programmes_in_force(city.programmes, order.on)],
        "link_model": dict(city.link_model.trained),
        "carries_addresses": order.address_key is not None,
        "city_files": dict(city.files),
        "inputs": _inputs(delivery),
        "marks": marks.check,
        "link_decisions": given.sha256 if given else None,
        "previous_run": order.previous.manifest["seal"] if order.previous else None,
        "counts": {
            **counts.as_json(),
            "decided_by": dict(sorted(Counter(linked.links.column("decided_by").to_pylist()).items())),
        },
    }
