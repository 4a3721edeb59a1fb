"""A month of a city: ten holders answer twenty indicators of 60,000 children each, to one office that checks them all.

Everything from the signed request to the checked answer is what nodes do: RFC 9421, agreement and grant, tokens, bands,
gate, the log on disk, sealing, TLS with certificates on both sides over loopback, opening, `received`, and each log's
head countersigned by two other holders. What is not: indicators are not computed but taken from one table made
beforehand. Each holder is a process of its own; all share two cores with the office. Beside it, in the same run, the
barest that such an exchange needs: one HMAC for a child and holder, one SHA-256 and one write to the disk of the same
bytes. Prints seconds, their ratio and peak memory, and writes bench/results-month_of_a_city.json.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import hmac
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

import nodes  # noqa: E402  # of the tests, whose invented organisations serve here too
from agreements import KEYS, an_agreement, signed  # noqa: E402
from answered import OnlyIndicators  # noqa: E402
from tsunagu.purposes.agreement import Cohort, SharingAgreement  # noqa: E402
from tsunagu.purposes.manifest import read_manifest, received  # noqa: E402
from tsunagu.purposes.request import Asked, DataRequest, bytes_of  # noqa: E402
from tsunagu.purposes.tokens import LinkKey, join_key  # noqa: E402
from tsunagu.records.run_tables import INDICATORS  # noqa: E402
from tsunagu_node.bringing import Bringing  # noqa: E402
from tsunagu_node.log import Log  # noqa: E402
from tsunagu_node.office import Office  # noqa: E402
from tsunagu_node.own_heads import OwnHeads  # noqa: E402
from tsunagu_node.replying import replies_of  # noqa: E402
from tsunagu_node.tls import Identity  # noqa: E402
from tsunagu_node.witnessing import Witnessing  # noqa: E402

GOAL_SECONDS = 60.0
REQUESTER = nodes.REQUESTER
BANDS = ["0-4", "5-9", "10-19", "20-29", "30+"]
VERSION = "2026.1.0"
LINK_KEY = LinkKey(b"k" * 32)
AT_ONCE = 2


@dataclass(frozen=True)
class Size:
    """How large the city is."""

    children: int
    indicators: int
    holders: int

    @property
    def ids(self) -> list[str]:
        return [f"indicator_{number:02d}" for number in range(self.indicators)]

    @property
    def organisations(self) -> list[str]:
        return [f"holder-{number:02d}" for number in range(self.holders)]


def main() -> int:
    """Runs the month, prints and writes the result; 1 where an answer is not what it must be, or the goal is missed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--children", type=int, default=60_000)
    options.add_argument("--indicators", type=int, default=20)
    options.add_argument("--holders", type=int, default=10)
    options.add_argument("--out", type=Path, default=HERE / "results-month_of_a_city.json")
    options.add_argument("--serve", default="", help=argparse.SUPPRESS)
    options.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments, _ = options.parse_known_args()
    size = Size(arguments.children, arguments.indicators, arguments.holders)
    known(size)
    if arguments.serve:
        serve(arguments.serve, arguments.folder, size)
        return 0
    busy = os.getloadavg()[0]
    # On the disk of the repository: a folder in memory would not wait for its writes.
    with tempfile.TemporaryDirectory(dir=HERE.parent, prefix=".month-") as folder:
        result = month(Path(folder), size)
    result |= {"load_before": round(busy, 2), "load_after": round(os.getloadavg()[0], 2), "goal_seconds": GOAL_SECONDS}
    arguments.out.write_text(json.dumps(result, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    print(
        f"{result['rows']:,} rows of {size.holders} holders in {result['seconds']} s (goal {GOAL_SECONDS:.0f}), "
        f"{result['ratio']} times the barest ({result['bare_seconds']} s); of the processors {result['cpu_seconds']} s "
        f"(barest {result['bare_cpu_seconds']}); "
        f"peak memory of the office {result['office_peak_mb']} MB, of a holder {result['holder_peak_mb']} MB; "
        f"other work on the machine before: load {result['load_before']}"
    )
    return int(result["seconds"] > GOAL_SECONDS)


def known(size: Size) -> None:
    """Keys of each invented holder, the same in every process."""
    for number, id in enumerate(size.organisations):
        seed = hashlib.sha256(id.encode("ascii")).digest()
        nodes.SIGNING[id] = Ed25519PrivateKey.from_private_bytes(seed)
        nodes.HEADS[id] = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(seed).digest())
        nodes.SEALING[id] = X25519PrivateKey.from_private_bytes(seed[::-1])
        nodes.NAMES[id] = (f"例の部署{number}", f"Office {number}")


def month(folder: Path, size: Size) -> dict[str, Any]:
    """The exchange and the floor, in one folder."""
    world = nodes.a_world(folder, among=(REQUESTER, *size.organisations))
    (folder / "world.json").write_text(
        json.dumps({"ports": world.ports, "pins": {id: one.pin.sha256 for id, one in world.identities.items()}})
    )
    written(folder / "indicators.arrow", prepared(size))
    holders = {id: started(id, folder, size) for id in size.organisations}
    try:
        asking = world.asking(REQUESTER)
        agreements = {id: an_agreement_with(id, size) for id in size.organisations}
        began, worked = time.perf_counter(), time.process_time()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            given = list(pool.map(lambda id: answer_of(id, asking, agreements[id], size, holders[id]), agreements))
        seconds, worked = time.perf_counter() - began, time.process_time() - worked
        tokens = {one["tokens"] for one in given}
        assert len(tokens) == 1, "holders of one join set name a child by one token"
        told = [ended(one) for one in holders.values()]
    finally:
        for one in holders.values():
            one.kill()
    bare, bare_worked = barest(folder, size, [one["bytes"] for one in given])
    return {
        "children": size.children,
        "indicators": size.indicators,
        "holders": size.holders,
        "rows": sum(one["rows"] for one in given),
        "payload_mb": round(sum(one["bytes"] for one in given) / 1e6),
        "seconds": round(seconds, 1),
        "bare_seconds": round(bare, 1),
        # Of all processes: what this takes however busy the machine is with other work.
        "cpu_seconds": round(worked + sum(one["cpu_seconds"] for one in told), 1),
        "bare_cpu_seconds": round(bare_worked, 1),
        "ratio": round(seconds / bare, 2),
        "office_peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "holder_peak_mb": max(one["peak_mb"] for one in told),
        "countersigned": min(one["countersigned"] for one in told),
        "cores": os.cpu_count(),
    }


def answer_of(id: str, asking: Any, agreement: SharingAgreement, size: Size, holder: Any) -> dict[str, Any]:
    """One holder asked, its answer checked, and its log's head with two countersignatures."""
    request = DataRequest(
        id=hashlib.sha256(id.encode("ascii")).hexdigest()[:32],
        agreement=agreement.id,
        agreement_sha256=agreement.hash,
        requester=agreement.requester,
        holder=id,
        purpose=agreement.purpose,
        granularity=agreement.granularity,
        wanted=tuple(Asked(one.id, one.version, one.sha256) for one in agreement.wanted),
        cohort=agreement.cohort,
        on=today(),
        asked_by="staff:12",
    )
    answered = asking.ask(id, agreement.id, request.id, bytes_of(request))
    payload = answered.payload.read_bytes()
    table = received(read_manifest(answered.manifest), payload, request, agreement)
    assert table.num_rows == size.children * size.indicators
    tokens = pc.unique(table.column("token")).cast(pa.binary()).sort()
    assert len(tokens) == size.children
    answered.payload.unlink()
    holder.stdin.write("witness\n")
    holder.stdin.flush()
    assert json.loads(holder.stdout.readline()) == {"standing": "sound", "left": []}, id
    joined = hashlib.sha256(b"".join(tokens.to_pylist())).hexdigest()
    return {"rows": table.num_rows, "bytes": len(payload), "tokens": joined}


def barest(folder: Path, size: Size, sizes: list[int]) -> tuple[float, float]:
    """Seconds, and those of the processors: an HMAC a child and holder, a SHA-256 and a write of as many bytes."""
    ids = [person(number).encode("ascii") for number in range(size.children)]
    key = b"k" * 32

    def one(number: int) -> None:
        for id in ids:
            hmac.digest(key, id, "sha256")
        data = os.urandom(1 << 20) * (sizes[number] // (1 << 20) + 1)
        hashlib.sha256(data).digest()
        with (folder / f"bare-{number}").open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    began, worked = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(one, range(size.holders)))
    return time.perf_counter() - began, time.process_time() - worked


# ---------------------------------------------------------------- a holder


def serve(id: str, folder: Path, size: Size) -> None:
    """A holder's node, until its input ends: a line asks it to sign a head and bring it to its witnesses."""
    world = a_known_world(folder, size)
    agreement = an_agreement_with(id, size)
    key = join_key(LINK_KEY, agreement.join_set, agreement.purpose)
    log = Log(folder / id / "log.sqlite3", bytes(64))
    office = Office(lambda: {agreement.id: agreement}, lambda _a: KEYS, Prepared(folder, size), lambda _a: key, log)
    witnessing = Witnessing(id, nodes.HEADS[id], log)
    place = size.organisations.index(id)
    peers = [size.organisations[(place + step) % size.holders] for step in (1, 2)]
    heads = OwnHeads(log)
    bringing = Bringing(world.asking(id), nodes.HEADS[id], heads, witnessing, lambda: peers)
    with world.served(id, world.answering(id, replies_of(office)), witnessing=witnessing):
        print("ready", flush=True)
        worked = time.process_time()
        for line in sys.stdin:
            if line != "witness\n":
                break
            bringing.sign_now()
            said = bringing.round()
            print(json.dumps({"standing": said.standing, "left": [str(one) for one in said.left]}), flush=True)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        signed_by = sum(heads.countersigned(peer)[0] > 0 for peer in peers)
        said_last = {"peak_mb": peak, "countersigned": signed_by, "cpu_seconds": time.process_time() - worked}
        print(json.dumps(said_last), flush=True)


def started(id: str, folder: Path, size: Size) -> subprocess.Popen[str]:
    """The process of a holder, once it listens."""
    sizes = ["--children", size.children, "--indicators", size.indicators, "--holders", size.holders]
    command = [sys.executable, __file__, "--serve", id, "--folder", folder, *sizes]
    made = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert made.stdout is not None
    assert made.stdout.readline() == "ready\n", id
    return made


def ended(holder: subprocess.Popen[str]) -> dict[str, Any]:
    """What a holder says at its end."""
    assert holder.stdin is not None
    assert holder.stdout is not None
    holder.stdin.write("end\n")
    holder.stdin.flush()
    said: dict[str, Any] = json.loads(holder.stdout.readline())
    holder.wait()
    return said


def a_known_world(folder: Path, size: Size) -> nodes.World:
    """The world that the office made, in a process of a holder."""
    read = json.loads((folder / "world.json").read_text(encoding="utf-8"))
    from tsunagu_node.directory import Pin, read_directory

    identities = {
        id: Identity(
            folder / id / "tls" / "node.pem",
            folder / id / "tls" / "node.key",
            folder / id / "tls" / "authority.pem",
            Pin("authority", pin),
        )
        for id, pin in read["pins"].items()
    }
    directory = read_directory((folder / "directory.json").read_bytes(), "directory", nodes.KEEPER.public_key())
    return nodes.World(folder, read["ports"], identities, directory)


@dataclass
class Prepared(OnlyIndicators):
    """`purposes.answering.Holdings` whose indicators were made beforehand and lie in one file for all holders."""

    folder: Path
    size: Size

    def definitions(self) -> Mapping[tuple[str, str], str]:
        return {(id, VERSION): hashlib.sha256(id.encode("ascii")).hexdigest() for id in self.size.ids}

    def children(self, cohort: Cohort, on: dt.date) -> Collection[str]:
        return [person(number) for number in range(self.size.children)]

    def protected(self, on: dt.date) -> Collection[str]:
        return [person(number) for number in range(0, self.size.children, 500)]

    def facts(self, items: Collection[str], on: dt.date) -> pa.Table:
        raise NotImplementedError("this month is of indicators")

    def indicators(self, ids: Collection[str], on: dt.date) -> pa.Table:
        with pa.memory_map(str(self.folder / "indicators.arrow")) as file:
            table = pa.ipc.open_file(file).read_all()
        assert set(ids) == set(self.size.ids), "this month asks for all that was made"
        return table


def prepared(size: Size) -> pa.Table:
    """Values of every child and indicator as `measure` gives them: person after person, one in twenty missing."""
    rows = size.children * size.indicators
    persons = pa.array([person(number) for number in range(size.children)])
    drawn = pc.floor(pc.multiply(pc.random(rows, initializer=1), 60.0)).cast(pa.int32())
    numbers = drawn.cast(pa.decimal128(16, 6)).cast(pa.decimal128(18, 6))
    missing = pc.less(pc.random(rows, initializer=2), 0.05)
    places = [number for number in range(size.children) for _ in range(size.indicators)]
    columns: dict[str, Any] = {name: pa.nulls(rows, INDICATORS.schema.field(name).type) for name in INDICATORS.names}
    columns["person_id"] = persons.take(pa.array(places, pa.int32()))
    columns["indicator"] = pa.array(size.ids).take(pa.array(list(range(size.indicators)) * size.children, pa.int32()))
    columns["as_of"] = pa.repeat(pa.scalar(today(), pa.date32()), rows)
    columns["state"] = pc.if_else(missing, "missing", "known")
    columns["number"] = pc.if_else(missing, pa.scalar(None, numbers.type), numbers)
    columns["number_at_worst"] = pc.if_else(missing, pa.scalar(59, numbers.type), numbers)
    return INDICATORS.check(pa.table(columns))


def written(path: Path, table: pa.Table) -> None:
    """The table in a file that several processes can map."""
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as out:
        out.write_table(table)


def an_agreement_with(holder: str, size: Size) -> SharingAgreement:
    """Between that holder and the office, for all indicators."""
    wanted = [
        {"id": id, "version": VERSION, "sha256": hashlib.sha256(id.encode("ascii")).hexdigest(), "values": BANDS}
        for id in size.ids
    ]
    return signed(
        an_agreement(
            id=f"A-{holder}",
            holder=holder,
            requester=REQUESTER,
            wanted=wanted,
            rows_at_most=2 * size.children * size.indicators,
            valid_from=f"{today().year - 1}-01-01",
            valid_until=f"{today().year + 1}-12-31",
        )
    )


def today() -> dt.date:
    """The day in Japan, by which a holder decides."""
    return (nodes.now() + dt.timedelta(hours=9)).date()


def person(number: int) -> str:
    """An id as a link group gives it."""
    return f"L{number:031x}"


if __name__ == "__main__":
    sys.exit(main())
