"""What holds of an exchange, whatever was killed: at any moment, and in the end."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sqlite3
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from exchange_roles import Exchange, as_bytes
from nodes import HOLDER, REQUESTER
from tsunagu.audit.chain import SealedRow
from tsunagu.audit.verify import verify
from tsunagu.purposes.manifest import read_manifest, received
from tsunagu.purposes.request import bytes_of
from tsunagu_node.log import Evidence
from tsunagu_node.messages import digest_text
from tsunagu_node.office import Sent


def undisturbed(exchange: Exchange) -> bytes:
    """What is imported where nothing happens: the office's answer, without a node between. In a process of its own."""
    target = exchange.world.folder / "expected"

    def made() -> None:
        request = exchange.request
        proof = Evidence("", "", b"", "", "")
        told = exchange.office().handle(
            Sent(REQUESTER, request.agreement, request.id, bytes_of(request), exchange.world.clock(), proof)
        )
        table = received(read_manifest(told.manifest), told.payload, request, exchange.agreement)
        target.write_bytes(as_bytes(table))

    apart(made)
    return target.read_bytes()


def at_any_moment(exchange: Exchange) -> str:
    """What must hold whenever a process has died: empty, or the first thing that does not."""
    # The other end goes on meanwhile: what rests on something is read before what it rests on.
    is_imported = exchange.imported.exists()
    centre = Counter(one["action"] for one in entries(exchange, REQUESTER))
    holder = Counter(one["action"] for one in entries(exchange, HOLDER))
    kept = files_noted(exchange)
    for is_so, what in (
        (not is_imported or centre["received"], "it was imported before it was logged"),
        (not centre["received"] or holder["answered"], "it was received before the holder logged it"),
        (holder["answered"] <= 1, "it was answered twice"),
        (centre["received"] <= 1, "it was received twice"),
        (not holder["answered"] or holder["asked"], "it was answered before it was logged as asked"),
        (len(kept) <= 1, "one request has two answers"),
        (all(is_whole(exchange, *one) for one in kept), "an answer is noted whose file is not there, or not whole"),
        (_signatures_once(exchange), "one signature was taken twice"),
    ):
        if not is_so:
            return what
    return ""


def in_the_end(exchange: Exchange, expected: bytes) -> str:
    """What must hold once the centre has the answer and both ends were started again: empty, or what does not."""
    apart(exchange.settle)
    taken = _taken(exchange)
    if exchange.way == "listening":
        _replayed(exchange)
    holder, centre = entries(exchange, HOLDER), entries(exchange, REQUESTER)
    counted = {end: Counter(one["action"] for one in found) for end, found in (("h", holder), ("c", centre))}
    answered = [one["detail"] for one in holder if one["action"] == "answered"]
    got = [one["detail"] for one in centre if one["action"] == "received"]
    same = ("question", "rows", "payload_sha256", "agreement_sha256")
    for is_so, what in (
        (not at_any_moment(exchange), at_any_moment(exchange)),
        (not _taken_again(exchange, taken), f"taken once more: {_taken_again(exchange, taken)}"),
        (exchange.imported.exists(), "nothing was imported"),
        (exchange.imported.exists() and exchange.imported.read_bytes() == expected, "another answer was imported"),
        (counted["h"]["answered"] == 1, f"the holder logged {counted['h']['answered']} answers"),
        (counted["c"]["received"] == 1, f"the centre logged {counted['c']['received']} receipts"),
        (not _codes(holder) - {"replayed", "being_answered"}, f"the holder refused: {_codes(holder)}"),
        (
            [[one[key] for key in same] for one in answered] == [[one[key] for key in same] for one in got],
            "the logs differ",
        ),
        (_is_refused_alike(holder, centre), "a refusal that is proved stands in one log only"),
        (all(verify(rows(exchange, id)).is_whole for id in (HOLDER, REQUESTER)), "a log is not whole"),
        (not left_over(exchange), f"left over: {left_over(exchange)}"),
    ):
        if not is_so:
            return what
    return ""


def _replayed(exchange: Exchange) -> None:
    """Sends each message that the centre ever sent once more to the holder, byte for byte."""
    holder = os.fork()
    if holder == 0:
        exchange.holder()
        os._exit(4)
    try:
        apart(exchange.replay)
    finally:
        os.kill(holder, signal.SIGKILL)
        os.waitpid(holder, 0)


def _taken(exchange: Exchange) -> set[str]:
    """Signatures of the requests that the holder took on."""
    found = _query(exchange.world.folder / HOLDER / "log.sqlite3", "SELECT signature FROM evidence")
    return {row[0] for row in found}


def _taken_again(exchange: Exchange, before: set[str]) -> list[int]:
    """What the holder said to messages that it had taken before, other than that it had."""
    found = [json.loads(file.read_text("utf-8")) for file in exchange.wire.glob("*.again")]
    return sorted(one["status"] for one in found if one["signature"] in before and one["status"] != 401)


def apart(work: Callable[[], None]) -> None:
    """Does something in a process of its own: this one must stay as it is, to be forked again."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001 - told by the code
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    assert status == 0, f"what was to be done apart failed: {status}"


def left_over(exchange: Exchange) -> list[str]:
    """Files that nobody knows of: half written, half received, opened and forgotten."""
    folder = exchange.world.folder
    known = {name for name, _, _ in files_noted(exchange)}
    known |= {row[0] for row in _query(folder / REQUESTER / "mailbox.sqlite3", "SELECT file FROM requests")}
    found = []
    for id in (HOLDER, REQUESTER):
        for part in ("answers", "arrived", "brought"):
            place = folder / id / part
            found += [f"{id}/{part}/{file.name}" for file in place.glob("*") if file.name not in known]
        found += [f"{id}/{file.name}" for file in (folder / id).glob("*partial*")]
        found += [f"{id}/{file.name}" for file in (folder / id).glob(".*partial*")]
    return sorted(found)


def rows(exchange: Exchange, id: str) -> list[SealedRow]:
    return rows_in(exchange.world.folder / id / "log.sqlite3")


def entries(exchange: Exchange, id: str) -> list[dict[str, Any]]:
    return entries_in(exchange.world.folder / id / "log.sqlite3")


def rows_in(log: Path) -> list[SealedRow]:
    return [SealedRow(*row) for row in _query(log, "SELECT number, body, hash FROM log ORDER BY number")]


def entries_in(log: Path) -> list[dict[str, Any]]:
    return [json.loads(row.body) for row in rows_in(log)]


def files_noted(exchange: Exchange) -> list[tuple[str, str, int]]:
    """Name, digest and size of each answer that the holder's node says it has."""
    memory = exchange.world.folder / HOLDER / "memory.sqlite3"
    return _query(memory, "SELECT file, digest, size FROM requests WHERE file <> ''")


def is_whole(exchange: Exchange, name: str, digest: str, size: int) -> bool:
    file = exchange.world.folder / HOLDER / "answers" / name
    if not file.exists() or file.stat().st_size != size:
        return False
    return digest_text(hashlib.sha256(file.read_bytes()).digest()) == digest


def _signatures_once(exchange: Exchange) -> bool:
    found = _query(exchange.world.folder / HOLDER / "log.sqlite3", "SELECT signature FROM evidence")
    return len(set(found)) == len(found)


def _codes(found: list[dict[str, Any]]) -> set[str]:
    return {one["detail"]["why"] for one in found if one["action"] == "refused"}


def _is_refused_alike(holder: list[dict[str, Any]], centre: list[dict[str, Any]]) -> bool:
    def refusals(found: list[dict[str, Any]]) -> Counter[str]:
        of = [one["detail"] for one in found if one["action"] == "refused"]
        return Counter(one["why"] for one in of if one.get("proved", "yes") == "yes")

    return not refusals(centre) - refusals(holder)


def _query(file: Path, statement: str) -> list[tuple[Any, ...]]:
    """Rows of a database that others use and may have left in the middle; none where it has no such table yet."""
    if not file.exists():
        return []
    database = sqlite3.connect(file, timeout=20)
    try:
        return database.execute(statement).fetchall()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return []
        raise
    finally:
        database.close()
