"""The disk of one holder's node, keys and all, in a thief's hands: its own rows, and nothing of anybody else.

The thief has every byte of the folder, opens what its keys open, and knows what went over the wire between the others.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

import nodes
from canary import hits
from nodes import HOLDER, REQUESTER, SEALING, SIGNING, World, a_world
from offices import agreement_on, an_office, asked_today, keep_a_town, today
from tsunagu.keys import name_of
from tsunagu.purposes.agreement import SharingAgreement
from tsunagu.purposes.manifest import read_manifest, received
from tsunagu.purposes.request import bytes_of
from tsunagu.purposes.tokens import LinkKey, Tokens, join_key
from tsunagu.runs.crypt import create_key, read_key
from tsunagu_node.answering import Answering
from tsunagu_node.asking import Asking
from tsunagu_node.directory import with_revoked
from tsunagu_node.keyfiles import name_of_sealing_key, read_sealing_key, write_once
from tsunagu_node.log import Log
from tsunagu_node.mailbox import Mailbox
from tsunagu_node.opening import Opening
from tsunagu_node.polling import look_once
from tsunagu_node.refusals import Refused
from tsunagu_node.replying import replies_of
from tsunagu_node.store import Store
from tsunagu_node.tls import Identity, client_context, pin_of_authority, server_context

STOLEN, OTHER = "welfare-office", HOLDER
IDS = (STOLEN, OTHER, REQUESTER)
SET_OF_STOLEN, SET_OF_OTHER = "J-2026-05", "J-2026-03"
MARK = "瑞野きぼう小学校4711"
LINK = LinkKey(secrets.token_bytes(32))


@dataclass
class Theft:
    """Three nodes after each holder answered the centre once. folder: a copy of all that STOLEN had on its disk.

    wire    bodies of the answers of OTHER, as they travelled
    tokens  of OTHER's answer, as the centre reads them; child: the id of one child in it, which the thief knows
    """

    world: World
    folder: Path
    agreements: dict[str, SharingAgreement]
    wire: list[bytes]
    tokens: list[bytes]
    child: str

    @property
    def identity(self) -> Identity:
        tls = self.folder / "tls"
        pin = pin_of_authority((tls / "authority.pem").read_bytes())
        return Identity(tls / "node.pem", tls / "node.key", tls / "authority.pem", pin)

    def asking(self, own: str = STOLEN) -> Asking:
        return self.world.asking(
            own,
            key=load_pem_private_key((self.folder / "signing.key").read_bytes(), None),
            sealing_keys=sealing_keys(self.folder),
            context=client_context(self.identity, self.world.authorities),
            folder=self.folder / "arrived",
        )


def sealing_keys(folder: Path) -> dict[str, X25519PrivateKey]:
    key = read_sealing_key(folder / "sealing.key")
    return {name_of_sealing_key(key.public_key()): key}


def furnished(world: World, id: str, join_set: str, granularity: str, mark: str) -> tuple[Answering, SharingAgreement]:
    """A holder's node with all of its files in its folder, as one that runs has them."""
    folder = world.folder / id
    pem = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_once(folder / "signing.key", SIGNING[id].private_bytes(*pem))
    write_once(folder / "sealing.key", SEALING[id].private_bytes(*pem))
    create_key(folder / "store.key")
    agreement = agreement_on(id, granularity, join_set=join_set)
    join = join_key(LINK, join_set, agreement.purpose)
    write_once(folder / f"{join_set}.{agreement.purpose}.join-key", base64.b64encode(join.value))
    key = read_key(folder / "store.key")
    holdings = keep_a_town(folder, key, seed=3, mark=mark)
    office = an_office(folder, agreement, holdings, join, key)
    return world.answering(id, replies_of(office)), agreement


@pytest.fixture(scope="module")
def theft(tmp_path_factory: pytest.TempPathFactory) -> Theft:
    world = a_world(tmp_path_factory.mktemp("theft"), among=IDS)
    agreements, tables = {}, {}
    for id, join_set, granularity, mark in (
        (STOLEN, SET_OF_STOLEN, "indicator", ""),
        (OTHER, SET_OF_OTHER, "item", MARK),
    ):
        answering, agreement = furnished(world, id, join_set, granularity, mark)
        request = asked_today(agreement)
        with world.served(id, answering):
            answered = world.asking(REQUESTER).ask(id, agreement.id, request.id, bytes_of(request))
        tables[id] = received(read_manifest(answered.manifest), answered.payload.read_bytes(), request, agreement)
        agreements[id] = agreement
    folder = world.folder / "thief"
    shutil.copytree(world.folder / STOLEN, folder)
    wire = [file.read_bytes() for file in (world.folder / OTHER / "answers").iterdir()]
    tokens = set(tables[OTHER].column("token").to_pylist())
    ids = [f"P{number:03d}" for number in range(40)]
    made = Tokens(join_key(LINK, SET_OF_OTHER, agreements[OTHER].purpose), period_now())
    child = next(id for id, token in zip(ids, made.of(ids), strict=True) if token in tokens)
    return Theft(world, folder, agreements, wire, sorted(tokens), child)


def period_now() -> str:
    return today().strftime("%Y-%m")


# ---------------------------------------------------------------- what lies there


def opened(folder: Path) -> list[bytes]:
    """What the keys in a holder's folder open: snapshots, and what it told."""
    key = read_key(folder / "store.key")
    snapshot = Store(folder, key).newest(today())
    found = [as_bytes(table) for table in (snapshot.persons, snapshot.facts)]
    log = Log(folder / "log.sqlite3", key)
    for row in log.rows():
        agreement = json.loads(row.body)["object"].removeprefix("agreement:")
        for period in log.answered(agreement):
            kept = log.answer_kept(agreement, period)
            if kept is not None:
                found += kept
    log.close()
    return found


def as_bytes(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())


def everything(folder: Path) -> list[bytes]:
    """Every file and whatever opens, and what any of it is when it is read as base64 or as hexadecimal digits."""
    plain = [file.read_bytes() for file in folder.rglob("*") if file.is_file()] + opened(folder)
    found = list(plain)
    for data in plain:
        for text in re.findall(rb"[0-9a-fA-F]{64,}", data):
            found.append(bytes.fromhex(text[: len(text) // 2 * 2].decode()))
        for text in re.findall(rb"[A-Za-z0-9+/_-]{43,}", data.replace(b"\n", b"")):
            for cut in range(4):
                part = text[cut:]
                found.append(base64.urlsafe_b64decode(part[: len(part) // 4 * 4].translate(_URL) + _rest(part)))
    return found


_URL = bytes.maketrans(b"+/", b"-_")


def _rest(part: bytes) -> bytes:
    """The last letters of a base64 text without its padding."""
    left = part[len(part) // 4 * 4 :].translate(_URL)
    return left + b"=" * (4 - len(left)) if len(left) > 1 else b""


def windows(folder: Path) -> set[bytes]:
    return {data[at : at + 32] for data in everything(folder) for at in range(len(data) - 31)}


def makes(candidates: set[bytes], agreements: Iterable[SharingAgreement], child: str) -> set[str]:
    """As what some 32 bytes make this month's token of a child under these agreements: link key, or a key below it.

    Written apart from purposes/tokens.py, by HMAC alone; the controls show that it is the same.
    """
    form = "tsunagu-token-1"
    period = json.dumps([form, "period", period_now()]).encode() + b"\x01"
    joins = {json.dumps([form, "join", one.join_set, one.purpose]).encode() + b"\x01" for one in agreements}
    wanted = {
        next(Tokens(join_key(LINK, one.join_set, one.purpose), period_now()).of([child])): one.join_set
        for one in agreements
    }
    id = child.encode()

    def derived(key: bytes, info: bytes) -> bytes:
        return hmac.digest(hmac.digest(bytes(32), key, "sha256"), info, "sha256")

    found = set()
    for one in candidates:
        tried = [("link key", derived(derived(one, join), period)) for join in joins]
        for name, key in (*tried, ("key of the set", derived(one, period)), ("key of the period", one)):
            if (token := hmac.digest(key, id, "sha256")) in wanted:
                found.add(f"{name} of {wanted[token]}")
    return found


@pytest.fixture(scope="module")
def lying_there(theft: Theft) -> set[bytes]:
    return windows(theft.folder)


def test_of_all_bytes_of_the_disk_its_own_key_makes_tokens_and_none_of_another_agreement(
    theft: Theft, lying_there: set[bytes]
) -> None:
    assert len(lying_there) > 100_000
    assert makes(lying_there, theft.agreements.values(), theft.child) == {f"key of the set of {SET_OF_STOLEN}"}


@pytest.mark.parametrize("form", ["raw", "base64", "hex", "among other bytes"])
def test_control_a_link_key_left_on_the_disk_is_found(
    theft: Theft, lying_there: set[bytes], tmp_path: Path, form: str
) -> None:
    folder = tmp_path / "careless"
    shutil.copytree(theft.folder, folder)
    written = {
        "raw": LINK.value,
        "base64": base64.b64encode(LINK.value) + b"\n",
        "hex": LINK.value.hex().encode(),
        "among other bytes": b"\0" * 7 + LINK.value + b"\xff" * 5,
    }
    (folder / "note.txt").write_bytes(written[form])
    # What lay there before was tried above; it is the same search over what is new.
    found = makes(windows(folder) - lying_there, theft.agreements.values(), theft.child)
    assert found == {f"link key of {SET_OF_STOLEN}", f"link key of {SET_OF_OTHER}"}


def test_nobody_elses_row_or_token_lies_there(theft: Theft) -> None:
    own = [theft.folder, *opened(theft.folder)]
    assert hits(MARK, own) == []
    everywhere = b"".join(everything(theft.folder))
    assert not any(token in everywhere for token in theft.tokens)


def test_control_the_same_search_finds_them_with_their_holder(theft: Theft) -> None:
    folder = theft.world.folder / OTHER
    assert hits(MARK, folder) == []
    assert hits(MARK, opened(folder)) != []
    assert set(theft.tokens) & windows(folder)


# ---------------------------------------------------------------- what went over the wire


def opens(data: bytes, keys: dict[str, X25519PrivateKey], folder: Path) -> bool:
    file = folder / "caught"
    file.write_bytes(data)
    try:
        Opening(keys, folder, 1 << 30).answered(file, nodes.a_signature())
    except (Refused, InvalidTag):
        return False
    return True


def test_what_was_caught_on_the_wire_does_not_open(theft: Theft, tmp_path: Path) -> None:
    [caught] = theft.wire
    assert not opens(caught, sealing_keys(theft.folder), tmp_path)
    assert hits(MARK, [caught]) == []
    assert not any(token in caught for token in theft.tokens)
    # Under the right name too, the thief's key is another one.
    [stolen] = sealing_keys(theft.folder).values()
    assert not opens(caught, {name_of_sealing_key(SEALING[REQUESTER].public_key()): stolen}, tmp_path)


def test_control_it_opens_with_the_key_of_who_asked(theft: Theft, tmp_path: Path) -> None:
    key = SEALING[REQUESTER]
    assert opens(theft.wire[0], {name_of_sealing_key(key.public_key()): key}, tmp_path)


def test_no_small_file_is_a_key_that_opens_it(theft: Theft) -> None:
    """Keys lie in small files; of each, every 32 bytes are tried as one."""
    wanted = nodes.raw(SEALING[REQUESTER])
    small = [file for file in theft.folder.rglob("*") if file.is_file() and file.stat().st_size < 4096]
    assert len(small) >= 6
    tried = set()
    for file in small:
        data = file.read_bytes()
        text = b"".join(line for line in data.splitlines() if not line.startswith(b"-----"))
        decoded = base64.b64decode(text + b"==") if re.fullmatch(rb"[A-Za-z0-9+/=]+", text) else b""
        for blob in (data, decoded):
            tried |= {blob[at : at + 32] for at in range(len(blob) - 31)}
    publics = {nodes.raw(X25519PrivateKey.from_private_bytes(one)) for one in tried}
    assert nodes.raw(SEALING[STOLEN]) in publics
    assert wanted not in publics


# ---------------------------------------------------------------- in somebody else's name


def code(theft: Theft, own: str, holder: str, agreement: SharingAgreement) -> str:
    request = asked_today(agreement, id=secrets.token_hex(16))
    with pytest.raises(Refused) as refused:
        theft.asking(own).ask(holder, agreement.id, request.id, bytes_of(request))
    return refused.value.code


@pytest.fixture
def other(theft: Theft) -> Answering:
    """The node of OTHER, started again."""
    folder = theft.world.folder / OTHER
    key = read_key(folder / "store.key")
    agreement = theft.agreements[OTHER]
    join = join_key(LINK, SET_OF_OTHER, agreement.purpose)
    office = an_office(folder, agreement, keep_a_town(folder, key, seed=3, mark=MARK), join, key)
    return theft.world.answering(OTHER, replies_of(office))


def test_it_is_told_nothing_by_another_holder_whoever_it_says_it_is(theft: Theft, other: Answering) -> None:
    with theft.world.served(OTHER, other):
        for own in (STOLEN, REQUESTER):
            assert code(theft, own, OTHER, theft.agreements[OTHER]) == "not_allowed"
            assert code(theft, own, OTHER, theft.agreements[STOLEN]) == "not_allowed"


def test_at_the_address_of_another_holder_nobody_talks_to_it(theft: Theft) -> None:
    """The thief took over the other's address: the centre says nothing to a certificate of another organisation."""
    heard: list[object] = []
    key = load_pem_private_key((theft.folder / "signing.key").read_bytes(), None)
    place = theft.folder / "as-other"
    false = Answering(OTHER, key, theft.world.current(OTHER), place, heard.append)  # type: ignore[arg-type,return-value,func-returns-value]
    request = asked_today(theft.agreements[OTHER])
    context = server_context(theft.identity, theft.world.authorities)
    with theft.world.served(OTHER, false, context=context), pytest.raises(Refused) as refused:
        theft.world.asking(REQUESTER).ask(OTHER, request.agreement, request.id, bytes_of(request))
    assert (refused.value.code, heard) == ("other_certificate", [])


def test_it_fetches_nothing_that_waits_for_another_and_brings_nothing_for_it(theft: Theft, tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    request = asked_today(theft.agreements[OTHER], id=secrets.token_hex(16))
    mailbox.put(OTHER, request.agreement, request.id, bytes_of(request), nodes.now())
    centre = theft.world.answering(REQUESTER, nodes.Dummy())
    with theft.world.served(REQUESTER, centre, mailbox=mailbox):
        assert theft.asking().waiting(REQUESTER) == []
        [(waiting, body)] = theft.world.asking(OTHER).waiting(REQUESTER)
        key = load_pem_private_key((theft.folder / "signing.key").read_bytes(), None)
        false = Answering(OTHER, key, theft.world.current(OTHER), tmp_path / "false", nodes.Dummy())  # type: ignore[arg-type]
        answer = false.refusal(waiting, Refused("not_now", "invented", to_do="invented"))
        with pytest.raises(Refused) as refused:
            theft.asking().bring(REQUESTER, request.id, answer)
    assert body == bytes_of(request)
    assert refused.value.code == "not_known"
    assert mailbox.brought(request.id) is None


def test_once_revoked_nothing_of_it_is_taken_within_one_poll(theft: Theft, other: Answering, tmp_path: Path) -> None:
    """The key that signs is revoked; the directory is read again at once where its file changed, and by 30 seconds."""
    world = theft.world
    before = world.directory
    name = name_of(SIGNING[STOLEN].public_key())
    agreement = theft.agreements[STOLEN]
    request = asked_today(agreement, id=secrets.token_hex(16))
    mailbox = Mailbox(tmp_path)
    centre = world.answering(REQUESTER, nodes.Dummy())
    thief = Answering(STOLEN, SIGNING[STOLEN], world.current(STOLEN), tmp_path / "thief", nodes.Dummy())
    # What the running nodes hold of the directory was read before it is revoked.
    with world.served(OTHER, other), world.served(REQUESTER, centre, mailbox=mailbox):
        assert look_once(REQUESTER, theft.asking(), thief).answered == 0
        assert code(theft, STOLEN, OTHER, theft.agreements[OTHER]) == "not_allowed"
        world.publish(with_revoked(before, name, nodes.now().replace(microsecond=0) - timedelta(seconds=1)))
        assert code(theft, STOLEN, OTHER, theft.agreements[OTHER]) == "revoked_key"
        with pytest.raises(Refused, match="revoked"):
            look_once(REQUESTER, theft.asking(), thief)
    with world.served(STOLEN, thief), pytest.raises(Refused, match="revoked"):
        world.asking(REQUESTER).ask(STOLEN, agreement.id, request.id, b"10")
