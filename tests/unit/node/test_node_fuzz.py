"""The node's description is fuzzed as nobody, as a stranger, as a requester and as a holder, signed where the role can
sign: nothing fails, no canary is told, and every answer is as described. Each check has a control that it finds."""

from __future__ import annotations

import datetime as dt
import io
import json
import random
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.routing import Route

import nodes
from agreements import KEYS, an_agreement, signed
from answered import KEY, School, a_request, a_school
from drawn_cases import drawn
from fuzzed_handovers import POLLS, STRANGER, Behind, Handed, handovers_behind
from fuzzed_node import Caller, Fuzz, Sent, spoilt
from nodes import HEADS, HOLDER, KEEPER, REQUESTER, SEALING, SIGNING, Dummy, World, a_world
from tsunagu.audit.entry import Entry
from tsunagu.purposes.agreement import Cohort
from tsunagu.purposes.canonical import canonical
from tsunagu.purposes.request import as_mapping, bytes_of
from tsunagu_node.both_ends import Account, pair_of
from tsunagu_node.description import CODES, OF_NO_ROUTE, described
from tsunagu_node.directory import signed_file
from tsunagu_node.exchanges_wire import exchanges_bytes
from tsunagu_node.heads_wire import Brought, brought_bytes
from tsunagu_node.keyfiles import name_of_sealing_key
from tsunagu_node.listening import Limits
from tsunagu_node.log import Log, moment
from tsunagu_node.mailbox import Mailbox
from tsunagu_node.messages import NO_AGREEMENT
from tsunagu_node.office import Office
from tsunagu_node.opening import Opening
from tsunagu_node.own_heads import OwnHeads
from tsunagu_node.refusals import STATUS
from tsunagu_node.replies import head_of
from tsunagu_node.replying import replies_of
from tsunagu_node.rows_wire import shown_bytes
from tsunagu_node.serving import Serving
from tsunagu_node.witnessing import Witnessing

RESULTS = Path(__file__).parents[3] / "bench" / "results-node-fuzz.txt"
SEEDS = (2, 3, 4)
PERSON, PLACE, LETTER, OTHER, STAFF = "例川ひそやか", "hidden-shelf", "ひみつの依頼文", "A-2026-731", "731842905"
#: What the letter and the hand-overs are there for. That the child came is known to who handed it over, from its id.
MAY_READ = {
    REQUESTER: frozenset({"child handed over", "new address", "hand-over of the requester"}),
    POLLS: frozenset({"letter", "child who waits", "hand-over of who polls", "hand-over that came"}),
}


class Hidden(School):
    """Holdings whose persons have ids that must never be told."""

    def children(self, cohort: Cohort, on: dt.date) -> Collection[str]:
        return [PERSON + one for one in super().children(cohort, on)]

    def protected(self, on: dt.date) -> Collection[str]:
        return [PERSON + one for one in super().protected(on)]

    def indicators(self, ids: Collection[str], on: dt.date) -> pa.Table:
        found = super().indicators(ids, on)
        persons = pa.array([PERSON + one for one in found.column("person_id").to_pylist()], pa.string())
        return found.set_column(found.column_names.index("person_id"), "person_id", persons)


@dataclass
class Likely:
    """What a role that knows the node's ways would send, spoilt now and then."""

    request: Mapping[str, object]
    heads: OwnHeads
    replies: list[tuple[str, bytes]]
    directories: list[bytes]
    handed: Handed

    def __call__(self, method: str, path: str, draw: random.Random) -> Sent | None:
        if path.startswith("/handovers"):
            return self.handed(method, path, draw)
        if path == "/answers":
            return self._asks(draw)
        if path == "/heads":
            return Sent(NO_AGREEMENT, f"h-{draw.randrange(10**9)}", spoilt(self._brings(draw), draw))
        if path == "/rows" and method == "POST":
            return Sent(NO_AGREEMENT, f"s-{draw.randrange(10**9)}", spoilt(self._shows(draw), draw))
        if path == "/exchanges":
            return Sent(NO_AGREEMENT, f"e-{draw.randrange(10**9)}", spoilt(self._tells(draw), draw))
        if path == "/heads/{log}":
            log = draw.choice((REQUESTER, POLLS, HOLDER, "nobody-here"))
            return Sent(NO_AGREEMENT, f"l-{draw.randrange(10**9)}", b"", f"/heads/{log}?after={draw.choice((0, 1, 9))}")
        if path == "/directory" and method == "POST":
            return Sent(NO_AGREEMENT, f"d-{draw.randrange(10**9)}", spoilt(draw.choice(self.directories), draw))
        if path == "/directory":
            after = draw.choice((0, 1, 2, 99))
            return Sent(NO_AGREEMENT, f"d-{draw.randrange(10**9)}", b"", f"/directory?after={after}")
        if path == "/replies" and self.replies:
            name, body = draw.choice(self.replies)
            return Sent(NO_AGREEMENT, name, spoilt(body, draw))
        return Sent(draw.choice((NO_AGREEMENT, NO_AGREEMENT, "A-1")), f"g-{draw.randrange(10**9)}", b"")

    def _asks(self, draw: random.Random) -> Sent:
        changed: Any = {
            **self.request,
            "id": f"{draw.randrange(16**4):032x}",
            **draw.choice(
                (
                    {},
                    {},
                    {"purpose": "statistics"},
                    {"agreement": OTHER},
                    {"agreement": "A-2026-999"},
                    {"agreement_sha256": "0" * 64},
                    {"on": "2020-01-01"},
                    {"granularity": "item"},
                    {"cohort": {"age_from": 0, "age_to": 24}},
                    {"wanted": []},
                    {"more": 1},
                    {"requester": STRANGER},
                )
            ),
        }
        return Sent(str(changed["agreement"]), str(changed["id"]), spoilt(canonical(changed), draw))

    def _shows(self, draw: random.Random) -> bytes:
        numbers = draw.choice(((1,), (1, 2), (1, 2, 3), (3, 1), (1, 1), (7,)))
        hashes = {number: self.heads.rows.hashes(number) for number in numbers}
        return shown_bytes([(number, draw.choice((hashes[number], hashes[number][:-1]))) for number in numbers])

    def _tells(self, draw: random.Random) -> bytes:
        pair = pair_of({"object": f"agreement:{self.request['agreement']}", "detail": {"request": self.request["id"]}})
        wanted = draw.choice(([], [pair], [pair, "0" * 64]))
        row = draw.choice((json.dumps({"action": "received", "detail": {}}), "{", "", "[]"))
        return exchanges_bytes(draw.choice(([], [Account(pair, ())], [Account(pair, ((1, row), (1, row)))])), wanted)

    def _brings(self, draw: random.Random) -> bytes:
        heads = self.heads.after(draw.choice((0, 0, 1, 2)), draw.choice((1, 2, 9))) or self.heads.after(0, 1)
        spoilt = draw.choice((heads, heads, heads[::-1], [replace(heads[0], rows=heads[0].rows + 1)]))
        return brought_bytes(Brought(tuple(spoilt), more=draw.random() < 0.3))


@dataclass
class Node:
    """The holder's node with all that it can have, and who asks it."""

    world: World
    serving: Serving
    log: Log
    callers: list[Caller]
    secrets: dict[str, str | bytes]
    folder: Path
    behind: Behind

    def fuzz(self, *names: str) -> Fuzz:
        chosen = [one for one in self.callers if not names or one.name in names]
        address = self.world.directory.organisation(HOLDER).address
        return Fuzz(self.serving.app, address, chosen, self.secrets, nodes.now, self.opened)

    def opened(self, path: str, body: bytes) -> bytes:
        """What is read in a sealed answer: by the requester, or by whoever a part of a hand-over is sealed for."""
        if path != "/answers":
            return self.behind.opened(path, body)
        file = self.folder / "answer"
        file.write_bytes(body)
        key = SEALING[REQUESTER]
        made = Opening({name_of_sealing_key(key.public_key()): key}, self.folder, 1 << 20)
        answered = made.answered(file, nodes.a_signature())
        payload = answered.payload.read_bytes()
        answered.payload.unlink()
        table = pa.ipc.open_stream(io.BytesIO(payload)).read_all()
        return answered.manifest + payload + repr(table.to_pylist()).encode("utf-8")


def certificate(world: World, id: str) -> bytes:
    return x509.load_pem_x509_certificate(world.identities[id].certificate.read_bytes()).public_bytes(Encoding.DER)


def own_heads(folder: Path, id: str) -> OwnHeads:
    """A log of another organisation with three heads."""
    log = Log(folder / f"{id}-log.sqlite3", b"t" * 64)
    heads = OwnHeads(log)
    for _ in range(3):
        log.append(Entry(moment(nodes.now()), "staff:1", "manager", "view", "access_log", "none"))
        heads.sign(HEADS[id], nodes.now())
    return heads


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    among = (HOLDER, REQUESTER, STRANGER, POLLS)
    folder = tmp_path / PLACE
    folder.mkdir()
    world = a_world(folder, polled=(POLLS,), among=among)
    today = (nodes.now() + dt.timedelta(hours=9)).date()
    days = {"valid_from": f"{today.year - 1}-01-01", "valid_until": f"{today.year + 1}-12-31"}
    agreement = signed(an_agreement(holder=HOLDER, requester=REQUESTER, **days))
    other = signed(an_agreement(id=OTHER, holder=HOLDER, requester="hospital", **days))
    store_key = bytes(range(64))
    log = Log(folder / HOLDER / "log.sqlite3", store_key)
    log.append(Entry(moment(nodes.now()), f"staff:{STAFF}", "manager", "view", "access_log", "none"))
    copies = {one.id: one for one in (agreement, other)}
    office = Office(lambda: copies, lambda _a: KEYS, Hidden(**vars(a_school())), lambda _a: KEY, log)
    mailbox = Mailbox(folder / HOLDER)
    for number in range(8):
        mailbox.put(POLLS, agreement.id, f"w-{number}", b"7 " + LETTER.encode(), nodes.now())
    answering = world.answering(HOLDER, replies_of(office))
    behind = handovers_behind(world)
    serving = Serving(
        answering,
        world.authorities,
        mailbox=mailbox,
        handing=behind.own.handing,
        witnessing=Witnessing(HOLDER, HEADS[HOLDER], log),
        limits=Limits(request=20_000, reply=60_000, linger=100_000),
    )
    request = as_mapping(a_request(agreement, on=today))
    replies = brought(world, mailbox)
    directories = [
        signed_file(replace(world.directory, version=version), key)
        for version, key in ((1, KEEPER), (2, KEEPER), (3, KEEPER), (9, SIGNING[REQUESTER]))
    ]
    likely = {
        id: Likely(request, own_heads(folder, id), replies, directories, Handed(behind, id))
        for id in (STRANGER, REQUESTER, POLLS)
    }
    shown = {id: certificate(world, id) for id in among}
    callers = [
        Caller("nobody", None, None, is_known=False),
        Caller("a certificate without a key", shown[STRANGER], None, is_known=False),
        Caller("a key with another's certificate", shown[STRANGER], SIGNING[REQUESTER], False, likely[REQUESTER]),
        Caller("a stranger", shown[STRANGER], SIGNING[STRANGER], True, likely[STRANGER]),
        Caller("the requester", shown[REQUESTER], SIGNING[REQUESTER], True, likely[REQUESTER], MAY_READ[REQUESTER]),
        Caller("a holder", shown[POLLS], SIGNING[POLLS], True, likely[POLLS], MAY_READ[POLLS]),
    ]
    secrets: dict[str, str | bytes] = {
        "person": PERSON,
        "place": PLACE,
        "letter": LETTER,
        "other agreement": OTHER,
        "staff": STAFF,
        "store key": store_key[:24],
        "token key": KEY.value,
        "message key": SIGNING[HOLDER].private_bytes_raw(),
        "head key": HEADS[HOLDER].private_bytes_raw(),
        "sealing key": SEALING[HOLDER].private_bytes_raw(),
        **behind.secrets,
    }
    made = Node(world, serving, log, callers, secrets, tmp_path, behind)
    assert bytes_of(a_request(agreement, on=today)) == canonical(request)
    yield made
    for one in (log, mailbox, answering, *(each.heads._log for each in likely.values())):
        one.close()
    behind.close()


def brought(world: World, mailbox: Mailbox) -> list[tuple[str, bytes]]:
    """Replies of the holder that polls to some of what waits for it; the rest waits on."""
    answering = world.answering(POLLS, Dummy())
    address = world.directory.organisation(POLLS).address
    made = []
    for request, body in mailbox.waiting(POLLS, address, SIGNING[HOLDER], nodes.now())[:6]:
        signature = answering.verify(request)
        answer = answering.answer(request, signature, body)
        assert answer.file is not None
        made.append((signature.request_id, head_of(answer) + answer.file.read_bytes()))
    answering.close()
    return made


@pytest.fixture(scope="module")
def cases() -> list[Any]:
    return drawn(described(), 12)


def test_nothing_fails_and_no_canary_is_told(node: Node, cases: list[Any]) -> None:
    fuzz = node.fuzz().run(cases)
    fuzz.close()
    assert fuzz.found == [], "\n".join(fuzz.found[:40])
    statuses = {status for status, _ in fuzz.asked}
    assert {200, 400, 401, 403, 404, 409} <= statuses, fuzz.asked
    for name, path in (
        ("the requester", "/answers"),
        ("the requester", "/heads"),
        ("a stranger", "/heads"),
        ("a stranger", "/heads/{log}"),
        ("a stranger", "/rows"),
        ("a stranger", "/exchanges"),
        ("the requester", "/exchanges"),
        ("a holder", "/requests"),
        *((name, "/directory") for name in ("a stranger", "the requester", "a holder")),
        ("a holder", "/replies"),
        *((name, "/handovers") for name in ("a stranger", "the requester", "a holder")),
        *((name, "/handovers/{id}/parts/{n}") for name in ("a stranger", "the requester", "a holder")),
        *((name, "/handovers/{id}/withdrawal") for name in ("a stranger", "the requester", "a holder")),
        *((name, "/handovers/{id}/standing") for name in ("the requester", "a holder")),
        ("nobody", "/health"),
    ):
        assert fuzz.answered[name, path], (name, path, fuzz.answered)
    shown = {(name, canary) for (name, canary), count in fuzz.read.items() if count}
    said = {("the requester", one) for one in MAY_READ[REQUESTER]} | {("a holder", one) for one in MAY_READ[POLLS]}
    assert shown == said, "each reads what is for it, and nobody else does"
    assert not fuzz.answered["a stranger", "/handovers/{id}/standing"]
    assert not fuzz.answered["a stranger", "/answers"]
    assert fuzz.answered["a key with another's certificate", "other_certificate"] > 20


@pytest.mark.deep
def test_long(node: Node) -> None:
    """More cases by other seeds; the last result stands in bench/results-node-fuzz.txt."""
    begun, fuzz = time.monotonic(), node.fuzz()
    for by in SEEDS:
        fuzz.run(drawn(described(), 80, by=by), by)
        assert fuzz.found == [], "\n".join(fuzz.found[:40])
    fuzz.close()
    by_code = ", ".join(f"{status} {code or 'answered'} {n}" for (status, code), n in sorted(fuzz.asked.items()))
    RESULTS.write_text(
        f"{nodes.now():%Y-%m-%d}, under other load: compare counts, not seconds.\n"
        f"{fuzz.asked.total()} requests in {time.monotonic() - begun:.0f} s, seeds {', '.join(map(str, SEEDS))}; "
        f"{len(fuzz.callers)} roles, {len(fuzz.secrets)} canaries, found {len(fuzz.found)}.\n"
        f"By status and code: {by_code}.\n",
        encoding="utf-8",
    )


# What is described is what there is.


def test_every_route_method_and_code_is_described_and_nothing_else(node: Node) -> None:
    routes = {
        (method, route.path)
        for route in node.serving.app.routes
        if isinstance(route, Route)
        for method in route.methods or ()
    }
    assert routes == set(CODES)
    said = described()
    assert {(method.upper(), path) for path, methods in said["paths"].items() for method in methods} == routes
    assert {code for codes in CODES.values() for code in codes} | set(OF_NO_ROUTE) == set(STATUS)
    for (method, path), codes in CODES.items():
        found = {}
        for status, response in said["paths"][path][method.lower()]["responses"].items():
            if status != "200":
                schema = response["content"]["application/json"]["schema"]
                found |= dict.fromkeys(schema["properties"]["code"]["enum"], int(status))
        assert found == {code: STATUS[code] for code in codes}


# Controls: each check finds what it is there for.


def only(path: str) -> Callable[[str], bool]:
    return lambda known: known == path


def found(node: Node, path: str, *names: str, count: int = 6, raw: Any = None) -> list[str]:
    fuzz = node.fuzz(*names).run(drawn(raw or described(), count, only=only(path)))
    fuzz.close()
    return fuzz.found


def test_control_an_error_of_the_program_is_found(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise ValueError(PERSON)

    monkeypatch.setattr(node.serving._witnessing, "take", fails)
    said = found(node, "/heads", "a stranger", count=20)
    assert any("error of the program" in one for one in said), said
    assert not any("canary" in one for one in said), "what failed is not answered"


def test_control_a_canary_in_a_refusal_is_found(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    from tsunagu_node.refusals import Refused

    def body(self: Refused) -> bytes:
        return canonical({"code": self.code, "what": f"{self.what} {node.folder / PLACE}", "to_do": self.to_do})

    monkeypatch.setattr(Refused, "body", body)
    assert any("canary place" in one for one in found(node, "/answers", "nobody"))


def test_control_a_person_in_an_answer_is_found_though_it_is_sealed(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of(_self: object, ids: Any) -> Any:
        return (PERSON.encode("utf-8") + b"%014d" % place for place, _ in enumerate(ids))

    monkeypatch.setattr("tsunagu.purposes.tokens.Tokens.of", of)
    assert any("canary person" in one for one in found(node, "/answers", "the requester", count=25))


def test_control_anothers_mailbox_is_found(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    mailbox = node.serving._mailbox
    assert mailbox is not None
    waiting = mailbox.waiting
    monkeypatch.setattr(mailbox, "waiting", lambda _holder, *more: waiting(POLLS, *more))
    assert any("canary letter" in one for one in found(node, "/requests", "a stranger", count=20))


def test_control_a_case_that_is_told_to_whom_it_was_not_handed_is_found(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    passage = node.behind.own.passage
    part = passage.part
    monkeypatch.setattr(passage, "part", lambda id, number, _receiver: part(id, number, _whose(node, id)))
    said = found(node, "/handovers/{id}/parts/{n}", "a holder", count=40)
    assert any("canary child handed over" in one for one in said), said
    del node.secrets["child handed over"]
    said = found(node, "/handovers/{id}/parts/{n}", "a holder", count=40)
    assert any("canary new address" in one for one in said), said


def test_control_a_list_of_anothers_hand_overs_is_found(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    passage = node.behind.own.passage
    waiting = passage.waiting
    monkeypatch.setattr(passage, "waiting", lambda _receiver, at: waiting(REQUESTER, at))
    said = found(node, "/handovers", "a holder", count=20)
    assert any("canary hand-over of the requester" in one for one in said), said


def test_control_a_receipt_that_says_who_reads_is_found(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    passage = node.behind.own.passage
    standing = passage.standing

    def of(id: str) -> bytes:
        readers = passage._store.get(id, nodes.now().date()).readers
        return canonical({**json.loads(standing(id)), "readers": list(readers)})

    monkeypatch.setattr(passage, "standing", of)
    said = found(node, "/handovers", "a holder", count=20)
    assert any("canary who reads" in one for one in said), said


def _whose(node: Node, id: str) -> str:
    return node.behind.own.store.get(id, nodes.now().date()).peer


def test_control_a_certificate_that_is_not_compared_is_found(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tsunagu_node.serving.require_pinned", lambda *_: None)
    said = found(node, "/requests", "a key with another's certificate", count=20)
    assert any("nobody was answered" in one for one in said), said


def test_control_an_answer_that_is_not_as_described_is_found(node: Node) -> None:
    raw = json.loads(json.dumps(described()))
    raw["components"]["schemas"]["Health"]["properties"]["directory"] = {"type": "string"}
    assert any("/health" in one for one in found(node, "/health", "nobody", raw=raw))
    raw["paths"]["/health"]["get"]["responses"].pop("200")
    raw["paths"]["/health"]["get"]["responses"]["418"] = {"description": "another"}
    assert any("/health" in one for one in found(node, "/health", "nobody", raw=raw))
