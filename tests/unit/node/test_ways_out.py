"""Every way by which bytes leave a node, read from its code: one that is new, or goes round the gate, fails here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import tsunagu.purposes.gate as gate
import tsunagu_node

NODE = Path(tsunagu_node.__file__).parent
CORE = Path(gate.__file__).parent
# What opens a way to another machine, or makes what is sent on it.
DOORS = {
    "StreamingResponse", "Response", "JSONResponse", "FileResponse", "PlainTextResponse", "urlopen", "urlretrieve",
    "sendall", "sendto", "create_connection", "HTTPSConnectionPool", "PoolManager", "HTTPConnection",
    "Outgoing", "self._answering.told", "Reply", "Reply.of", "Told", "Released", "told", "seal", "sealed_part",
}  # fmt: skip
# Where each stands, and why that is safe.
KNOWN = {
    ("serving.py", "Outgoing"): "the bytes of such an answer, refusals, and the version of the directory",
    ("serving.py", "self._answering.told"): "small signed bodies, listed below by what makes them",
    ("serving.py", "StreamingResponse"): "parts of an answer that was kept: signed, sealed, made of a Reply",
    ("answering.py", "Response"): "headers of a signed answer, and refusals",
    ("asking.py", "urlopen"): "signed requests, and answers that are brought: made of a Reply too",
    ("asking.py", "HTTPSConnectionPool"): "the pinned connection on which these go",
    ("asking.py", "Response"): "what came back, read",
    ("replies.py", "Response"): "what a holder brought, read",
    ("replying.py", "Reply.of"): "what the office told",
    ("office.py", "Told"): "what passed the gate, and what was told before",
    ("gate.py", "Released"): "the gate",
    ("gate.py", "told"): "no way out: which counts of cells may be told",
    # What is handed over passes no gate: a person prepared it, saw it, and named who receives it (decision 0039).
    ("answering.py", "seal"): "the payload of a Reply",
    ("handing.py", "seal"): "a part of what a named official queued for that receiver",
    ("handing.py", "sealed_part"): "such a part, fetched by its receiver",
    ("carrying.py", "sealed_part"): "such a part, sent to its receiver",
    ("carrying.py", "told"): "manifests and withdrawals without anything of the child, sealed parts, receipts",
    ("bringing.py", "told"): "rows of the node's log about exchanges with the end that is shown them",
    ("serving.py", "told"): "what waits in a mailbox or for a receiver, receipts, sealed parts, such rows; signed",
}
# What stands in the small bodies that are signed beside answers; none of it is made of a holder's rows.
SMALL = {
    "waiting": "requests that wait for the organisation that signs, as they were put",
    "canonical": "whether a reply was the first",
    "news": "the directory, which its keeper signed for all of its organisations and which names no person",
    "said": "a countersignature, or why there is none: numbers and hashes",
    "told": "how a hand-over stands, receipts, and parts sealed to the receiver whom a person named",
    "wanted_bytes": "numbers of heads whose rows a witness wants to see the hashes of",
    "seen_bytes": "the number of a row that is not as it was signed, or none",
    "exchanges_bytes": "rows of the node's log about exchanges with the organisation that signs, and with nobody else",
    "held_bytes": "heads that others brought: numbers, prints of hashes, signatures",
}
IMPORTS_THAT_SEND = {"socket", "smtplib", "ftplib", "http", "requests", "httpx", "subprocess", "aiohttp", "websockets"}


def calls(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield from (name for name in (_name(node.func), _name(node.func).rpartition(".")[2]) if name in DOORS)


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_name(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def found(*folders: Path) -> set[tuple[str, str]]:
    return {(path.name, name) for folder in folders for path in folder.rglob("*.py") for name in calls(path)}


def test_every_way_out_is_one_that_was_looked_at() -> None:
    assert found(NODE, CORE) == set(KNOWN)


def test_every_small_body_is_one_that_was_looked_at() -> None:
    tree = ast.parse((NODE / "serving.py").read_text(encoding="utf-8"))
    told = [
        node.args[1]
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _name(node.func) == "self._answering.told"
    ]
    assert {_name(one.func if isinstance(one, ast.Call) else one) for one in told} == set(SMALL)


def test_no_module_of_the_node_sends_by_another_library() -> None:
    for path in NODE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            sends = {name.partition(".")[0] for name in names} & IMPORTS_THAT_SEND
            assert not sends or (path.name, sends) in ALLOWED, (path.name, sends)


# listening.py opens the port on which the signed routes answer.
ALLOWED = [("listening.py", {"socket"}), ("asking.py", {"http"})]


def test_control_a_new_door_is_found(tmp_path: Path) -> None:
    (tmp_path / "leak.py").write_text(
        "from x import y\n\ndef f(s, t):\n    s.sendall(t)\n    return y.Reply.of(b'', t)\n"
    )
    assert found(tmp_path) == {("leak.py", "sendall")}
    (tmp_path / "leak.py").write_text("def f(t):\n    return Reply.of(b'', t)\n")
    assert found(tmp_path) == {("leak.py", "Reply.of")}
