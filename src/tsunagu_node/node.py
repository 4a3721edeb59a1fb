"""One node, put together from its file: keys, directory, agreements, store, log; what it answers and how it asks.

Agreements lie in agreements/*.json, each version a file of its own (copies.py).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tsunagu.audit.entry import Entry
from tsunagu.errors import EngineError, SourceError, StateError, TsunaguError
from tsunagu.handover.passage import Passage
from tsunagu.handover.store import HandoverStore
from tsunagu.indicators.load import Definitions, load_definitions
from tsunagu.keys import read_public_key
from tsunagu.linkage.keyed_values import LinkageKey, LinkIdKey
from tsunagu.linkage.rules import Rules, read_rules
from tsunagu.linkage.weights import read_model
from tsunagu.purposes.agreement import LINKING, SharingAgreement
from tsunagu.purposes.manifest import parts_in
from tsunagu.purposes.request import Asked, DataRequest
from tsunagu.purposes.signatures import findings
from tsunagu.purposes.tokens import JoinKey
from tsunagu.records.catalogue import CatalogueItem
from tsunagu.runs.crypt import create_key, read_key
from tsunagu.sources.loading import load_municipality
from tsunagu.sources.spec_loading import load_items, load_sources
from tsunagu_node.answering import Answering, utc_now
from tsunagu_node.asking import Asking, Patience
from tsunagu_node.bringing import Bringing
from tsunagu_node.copies import Copies
from tsunagu_node.current import CurrentDirectory
from tsunagu_node.directory import Directory, Organisation
from tsunagu_node.group_keys import only_one, read_group_keys
from tsunagu_node.handing import Handing
from tsunagu_node.holder_file import HolderFile, read_holder_file, require_extracts_named
from tsunagu_node.holdings import OwnHoldings
from tsunagu_node.inquiry import Inquiry
from tsunagu_node.keyfiles import MESSAGES
from tsunagu_node.linking import Linking
from tsunagu_node.log import Log, moment
from tsunagu_node.mailbox import Mailbox
from tsunagu_node.naming import Naming
from tsunagu_node.news import PATIENCE, News
from tsunagu_node.noting import Notes
from tsunagu_node.office import Office, japan_day
from tsunagu_node.own_heads import OwnHeads
from tsunagu_node.own_keys import HEAD, SEALING, SIGNING, K_co, Kind, OwnKeys
from tsunagu_node.replying import replies_of
from tsunagu_node.store import Store
from tsunagu_node.tls import ClientContexts, Identity, own_identity, require_authority
from tsunagu_node.witnessing import Witnessing

_KEY_OF_HANDOVERS = "Correct 'handovers_key' in HOLDER.toml: it is the file that the desk has as TSUNAGU_HANDOVER_KEY."


@dataclass
class Node:
    """What stands in a node's folder, opened where it is needed.

    today    the day by which agreements and periods are decided; another than the calendar's in demonstrations alone
    despite  why holders are asked though there is an alarm about their log; "" where they are not
    """

    file: HolderFile
    clock: Callable[[], datetime] = utc_now
    today: Callable[[datetime], date] = japan_day
    despite: str = ""

    @property
    def signing_key(self) -> Ed25519PrivateKey:
        """Signs messages, and this organisation's side of agreements: of its own, the one that the directory has."""
        return self._of_now(SIGNING)

    @property
    def head_key(self) -> Ed25519PrivateKey:
        """Signs heads of its own log, and those of others as a witness; apart from the key of messages."""
        return self._of_now(HEAD)

    @cached_property
    def witnessing(self) -> Witnessing:
        return Witnessing(self.file.organisation, lambda: self.head_key, self.log)

    @cached_property
    def store(self) -> Store:
        return Store(self.file.folder / "store", self._store_key)

    @cached_property
    def log(self) -> Log:
        return Log(self.file.folder / "log.sqlite3", self._store_key)

    @cached_property
    def notes(self) -> Notes:
        """Its notes of what transport refuses."""
        return Notes(self.log, self.clock)

    @cached_property
    def directory(self) -> CurrentDirectory:
        keeper = read_public_key(self.file.keeper, MESSAGES)
        seen = self.file.folder / "directory.seen"
        return CurrentDirectory(self.file.directory, keeper, seen, noted=self._note_directory)

    @cached_property
    def mailbox(self) -> Mailbox:
        return Mailbox(self.file.folder / "mailbox")

    @cached_property
    def items(self) -> dict[str, CatalogueItem]:
        return load_items(self.file.city)

    @cached_property
    def rules(self) -> Rules:
        return read_rules(self.file.city / "linkage" / "rules.toml")

    @cached_property
    def computed(self) -> Definitions:
        """The definitions that agreements name: those of the criteria in force."""
        name = load_municipality(self.file.city).criteria
        return load_definitions(self.file.city / "criteria" / name, self.items)

    @cached_property
    def holdings(self) -> OwnHoldings:
        held = {id: one for id, one in self.items.items() if one.holder in self.file.extracts}
        naming = Naming(self.file.extracts, self.rules, self._link_id_key())
        return OwnHoldings(self.store, held, self.computed, self.linking, naming)

    @cached_property
    def linking(self) -> Linking | None:
        """Its part in linkage; None where it was given no key of a round."""
        keys = (one for one in read_group_keys(self.file.keys) if isinstance(one, LinkageKey))
        round_key = only_one(keys, "of rounds of linkage", self.file.keys)
        if round_key is None or not self.file.extracts:
            return None
        is_register = self.rules.register in self.file.extracts
        model = read_model(self.file.city / "linkage" / "model.json") if is_register else None
        municipality = load_municipality(self.file.city).ja
        return Linking(self.store, self.file.extracts, self.rules, round_key, municipality, self._link_id_key(), model)

    def identity(self) -> Identity:
        """Its certificate, renewed where that is due; SourceError where the authority's key is gone."""
        require_authority(self.file.folder / "tls")
        return self.make_identity()

    def make_identity(self) -> Identity:
        """The same, with an authority that is made where there is none: of a new node alone, or where it is renewed."""
        hosts = [self.file.host] if self.file.host else []
        return own_identity(self.file.folder / "tls", self.file.organisation, hosts, self.clock())

    @cached_property
    def copies(self) -> Copies:
        return Copies(self.file.agreements, self.file.organisation)

    def agreements(self) -> Mapping[str, SharingAgreement]:
        """Every agreement of which this organisation is a side, by id, in its newest version.

        raises  SourceError where a file is none: a command must not go on with less than was agreed
        """
        return self.copies.all()

    def relied_on(self, granularities: Iterable[str], on: date, *, about: str = "cohort") -> list[SharingAgreement]:
        """Agreements under which this organisation may ask on a day, by id; those that may not be relied on are told.

        raises  StateError naming what stops one of them
        """
        wanted = [
            one
            for one in self.agreements().values()
            if one.requester == self.file.organisation
            and one.granularity in granularities
            and one.about == about
            and one.holds_on(on)
        ]
        for one in wanted:
            stops = self.stops(one, self.today(self.clock()))
            if stops:
                to_do = "See: tsunagu agreement check. Nothing was asked."
                raise StateError(f"the agreement may not be relied on: {stops[0]}", where=one.id, to_do=to_do)
        return sorted(wanted, key=lambda one: one.id)

    def keys_of(self, agreement: SharingAgreement) -> dict[str, Ed25519PublicKey]:
        """Side -> the key by which it signed; absent where the directory does not have that key, or that side."""
        directory, now = self.directory.at(self.clock()), self.clock()
        organisations = {one.id: one for one in directory.organisations}
        found = {}
        for signature in agreement.signatures:
            organisation = organisations.get(getattr(agreement, signature.side))
            for one in organisation.signing_keys if organisation is not None else ():
                if one.id == signature.key and not directory.is_revoked(one.id, now):
                    found[signature.side] = Ed25519PublicKey.from_public_bytes(one.raw)
        return found

    def stops(self, agreement: SharingAgreement, day: date) -> list[str]:
        """What of an agreement is not to be relied on, on a day, in words."""
        directory = self.directory.at(self.clock())
        why = {one.side: directory.why_not(one.key, getattr(agreement, one.side)) for one in agreement.signatures}
        found = findings(agreement, self.keys_of(agreement), day, no_key=why)
        return [one.what for one in found if one.stops]

    def office(self) -> Office:
        """What decides on requests, by this organisation's own copies."""
        return Office(
            self.copies.counted,
            self.keys_of,
            self.holdings,
            self._join_key,
            self.log,
            self.today,
            self.file.peers_needed,
        )

    def answering(self) -> Answering:
        """What takes requests to this node, from whichever side they come."""
        return Answering(
            self.file.organisation,
            lambda: self.signing_key,
            self.directory,
            self.file.folder,
            replies_of(self.office()),
            self.clock,
            note=self.notes,
        )

    def news(self) -> News:
        """What fetches a newer directory from other nodes, and brings it to those that have an older one."""
        return News(self.asking(PATIENCE), self.own_keys(SIGNING).values)

    def asking(self, patience: Patience | None = None) -> Asking:
        """What sends requests of this node."""
        return Asking(
            self.file.organisation,
            lambda: self.signing_key,
            self.sealing_keys,
            self.directory,
            self._contexts(),
            self.file.authorities,
            self.file.folder / "arrived",
            patience=patience,
            clock=self.clock,
        )

    def bringing(self) -> Bringing:
        """What brings the heads of its log to its witnesses, and compares what they hold."""
        return Bringing(
            self.asking(),
            lambda: self.head_key,
            OwnHeads(self.log),
            self.witnessing,
            lambda: self.file.witnesses,
            self.file.peers_needed,
            self._other_ends,
        )

    @cached_property
    def handing(self) -> Handing | None:
        """Hand-overs of cases, from and to the file that this organisation's desk works in; None where it has none."""
        if self.file.handovers is None or self.file.handovers_key is None:
            return None
        key = _key(self.file.handovers_key, _KEY_OF_HANDOVERS)
        store = HandoverStore(self.file.handovers, key, self.file.organisation)
        try:
            store.shelf.require_key()
        except EngineError as error:
            store.close()
            what = f"this key does not open what is kept in {self.file.handovers}"
            raise SourceError(what, where=str(self.file.handovers_key), to_do=_KEY_OF_HANDOVERS) from error
        return Handing(
            Passage(store, lambda: self.signing_key, self.directory.at), self.sealing_keys, self.directory, self.clock
        )

    @cached_property
    def sealing_keys(self) -> OwnKeys[X25519PrivateKey]:
        """What opens what is sealed for it, by name; all that it ever had, as something may wait for an old one."""
        found = self.own_keys(SEALING)
        found.first()
        return found

    def own_keys(self, kind: Kind[K_co]) -> OwnKeys[K_co]:
        """All of its keys of a kind, by name."""
        return OwnKeys(self.file.keys, kind)

    def listed(self) -> Organisation | None:
        """What the directory says of this node; None where there is none yet, or it does not name this node."""
        if not self.file.directory.exists():
            return None
        found = self.directory.at(self.clock()).organisations
        return next((one for one in found if one.id == self.file.organisation), None)

    def _contexts(self) -> ClientContexts:
        contexts = ClientContexts(self.identity, self.file.authorities)
        contexts()  # what is wrong with certificate or authorities is told before anything is asked
        return contexts

    def inquiry(self) -> Inquiry:
        """What asks, logged, and takes only what is agreed."""
        return Inquiry(self.asking(), self.log, self.mailbox)

    def request(
        self, agreement: SharingAgreement, on: date, named: Iterable[bytes] = (), reason: str = ""
    ) -> DataRequest:
        """Everything that an agreement lets be asked, for a day; under a new id. reason: why persons are named."""
        return DataRequest(
            id=uuid4().hex,
            agreement=agreement.id,
            agreement_sha256=agreement.hash,
            requester=agreement.requester,
            holder=agreement.holder,
            purpose=agreement.purpose,
            granularity=agreement.granularity,
            wanted=tuple(Asked(one.id, one.version, one.sha256) for one in agreement.wanted),
            cohort=agreement.cohort,
            on=on,
            asked_by=operator(),
            named=tuple(sorted(set(named))),  # in one order, so that the same persons are the same question
            reason=reason,
        )

    def polls(self, organisation: str) -> bool:
        """Whether an organisation fetches its requests, as the directory says."""
        return not self.directory.at(self.clock()).organisation(organisation).endpoint

    def _note_directory(self, directory: Directory, sender: str) -> None:
        of: dict[str, str | int] = {"version": directory.version, "sha256": directory.hash}
        now = moment(self.clock())
        self.log.append(Entry(now, f"org:{sender}", "peer", "directory_taken", "directory", "none", detail=of))

    def _of_now(self, kind: Kind[Ed25519PrivateKey]) -> Ed25519PrivateKey:
        """Of its keys of a kind, the one to use now; the first where there is no directory yet that names it."""
        own, now = self.own_keys(kind), self.clock()
        try:
            directory, _ = self.directory.to_fetch_by()
            listed = getattr(directory.organisation(self.file.organisation), kind.listed)
        except TsunaguError:
            return own.first()
        return own.of_now(listed, directory, now)

    def _other_ends(self) -> list[str]:
        """Organisations with which this one has agreements and whose nodes listen."""
        own = self.file.organisation
        ends = {one.holder if one.requester == own else one.requester for one in self.agreements().values()}
        return sorted(end for end in ends if not self.polls(end))

    def _join_key(self, agreement: SharingAgreement) -> JoinKey | None:
        keys = (one for one in read_group_keys(self.file.keys) if isinstance(one, JoinKey))
        fit = (one for one in keys if (one.join_set, one.purpose) == (agreement.join_set, agreement.purpose))
        return only_one(fit, "of one join set and purpose", self.file.keys)

    def _link_id_key(self) -> LinkIdKey | None:
        keys = (one for one in read_group_keys(self.file.keys) if isinstance(one, LinkIdKey))
        return only_one(keys, "of link ids", self.file.keys)

    @cached_property
    def _store_key(self) -> bytes:
        path = self.file.keys / "store.key"
        if path.exists():
            return _key(path, "Put the key back from where it is kept. A new one would open nothing of what is there.")
        sealed = [self.file.folder / "log.sqlite3", *(self.file.folder / "store").glob("*/*.sealed")]
        if any(one.exists() for one in sealed):
            raise SourceError(
                "the key of this node's store is gone, and what it sealed is there",
                where=str(path),
                to_do="Put the key back from where it is kept. A new one would open nothing of what is there.",
            )
        return create_key(path)


def operator() -> str:
    """The account of the machine under which this runs: who it was, its people know."""
    return f"uid:{os.getuid()}" if hasattr(os, "getuid") else "node:1"


def _key(path: Path, to_do: str) -> bytes:
    """A key file; SourceError with what to do about this very key where there is none."""
    try:
        return read_key(path)
    except SourceError as error:
        raise SourceError(error.what, where=error.where, to_do=to_do) from error


def open_node(path: Path, *, today: date | None = None, despite: str = "") -> Node:
    """The node of a holder's file. today: decide as if it were this day, in demonstrations alone; despite: of Node."""
    file = read_holder_file(path)
    if not file.city.is_dir():
        raise SourceError("there is no such city folder", where=str(file.city), to_do="Correct 'city' in the file.")
    require_extracts_named(file, {one.holder for one in load_sources(file.city).tables()}, str(path))
    return Node(file, today=japan_day if today is None else lambda _: today, despite=despite.strip())


def answers_in(table: pa.Table, agreement: SharingAgreement) -> Mapping[tuple[str, str], pa.Table] | pa.Table:
    """What was received, opened where it has several tables."""
    return parts_in(table, agreement) if agreement.granularity in LINKING else table
