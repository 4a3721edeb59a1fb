"""Where a node is killed: before or after a named step, at the n-th line of its code, at the n-th system call.

Set up in the process that is to be killed, from outside of the product: no line of it knows of this.
"""

from __future__ import annotations

import importlib
import itertools
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import tsunagu
import tsunagu_node
from nodes import HOLDER, REQUESTER
from tsunagu.durable import Durable

_CODE = tuple(
    f"{folder}{os.sep}"
    for folder in (
        Path(tsunagu_node.__file__).parent,
        Path(tsunagu.__file__).parent / "purposes",
        Path(tsunagu.__file__).parent / "audit",
    )
)


@dataclass(frozen=True)
class Step:
    """A step of one end. at: module:attribute; when: before, after, or within (after a generator's first part)."""

    end: str
    ways: tuple[str, ...]
    at: str
    when: str
    nth: int = 1


_BOTH, _LISTENING, _POLLING = ("listening", "polling"), ("listening",), ("polling",)
_NODE = "tsunagu_node."
#: Each named step of an exchange, in the order in which it comes.
STEPS = {
    # the holder
    "holder verified the request": Step(HOLDER, _BOTH, "answering:Answering.verify", "after"),
    "holder is about to note nonce and id": Step(HOLDER, _BOTH, "memory:Memory.take", "before"),
    "holder notes the nonce, not committed": Step(HOLDER, _BOTH, "memory:Memory._note_nonce", "after"),
    "holder noted nonce and id": Step(HOLDER, _BOTH, "memory:Memory.take", "after"),
    "holder is about to log that something was asked": Step(HOLDER, _BOTH, "log:Log.append", "before"),
    "holder logs that something was asked, not committed": Step(HOLDER, _BOTH, "log:append_within", "after"),
    "holder logged that something was asked": Step(HOLDER, _BOTH, "log:Log.append", "after"),
    "holder made the answer": Step(HOLDER, _BOTH, "office:answer", "after"),
    "holder is about to keep the answer": Step(HOLDER, _BOTH, "log:Log.keep", "before"),
    "holder keeps and logs the answer, not committed": Step(HOLDER, _BOTH, "log:append_within", "after", nth=2),
    "holder kept and logged the answer": Step(HOLDER, _BOTH, "log:Log.keep", "after"),
    "holder forgot older payloads": Step(HOLDER, _BOTH, "log:Log.forget_payloads", "after"),
    "holder began to seal": Step(HOLDER, _BOTH, "answering:seal", "within"),
    "holder has the sealed answer on disk": Step(HOLDER, _BOTH, "memory:Memory.keep", "before"),
    "holder noted the sealed answer": Step(HOLDER, _BOTH, "memory:Memory.keep", "after"),
    "holder signed the answer": Step(HOLDER, _BOTH, "answering:sign_response", "after"),
    "holder began to send": Step(HOLDER, _LISTENING, "serving:_parts", "within"),
    "holder is about to look into the mailbox": Step(HOLDER, _POLLING, "asking:Asking.waiting", "before"),
    "holder fetched what waits": Step(HOLDER, _POLLING, "asking:Asking.waiting", "after"),
    "holder is about to bring the reply": Step(HOLDER, _POLLING, "asking:Asking.bring", "before"),
    "holder brings the reply": Step(HOLDER, _POLLING, "asking:_Brings._parts", "within"),
    "holder brought the reply": Step(HOLDER, _POLLING, "asking:Asking.bring", "after"),
    # the centre
    "centre is about to log that it asks": Step(REQUESTER, _BOTH, "log:Log.append", "before"),
    "centre logs that it asks, not committed": Step(REQUESTER, _BOTH, "log:append_within", "after"),
    "centre logged that it asks": Step(REQUESTER, _BOTH, "log:Log.append", "after"),
    "centre signed the request": Step(REQUESTER, _LISTENING, "asking:sign_request", "after"),
    "centre saw the holder's certificate": Step(REQUESTER, _LISTENING, "asking:require_pinned", "after"),
    "centre has the answer's head": Step(REQUESTER, _LISTENING, "asking:Asking._received", "before"),
    "centre verified the answer's head": Step(REQUESTER, _LISTENING, "asking:verify_response", "after"),
    "centre has the whole answer, compared": Step(REQUESTER, _LISTENING, "asking:Asking._received", "after"),
    "centre is about to put the request into the mailbox": Step(REQUESTER, _POLLING, "mailbox:Mailbox.put", "before"),
    "centre put the request into the mailbox": Step(REQUESTER, _POLLING, "mailbox:Mailbox.put", "after"),
    "centre handed the request out": Step(REQUESTER, _POLLING, "mailbox:Mailbox.waiting", "after"),
    "centre begins to take the reply": Step(REQUESTER, _POLLING, "replies:Incoming.take", "before"),
    "centre took the reply's parts": Step(REQUESTER, _POLLING, "replies:Incoming.settle", "before"),
    "centre is about to note the reply": Step(REQUESTER, _POLLING, "mailbox:Mailbox.bring", "before"),
    "centre noted the reply": Step(REQUESTER, _POLLING, "mailbox:Mailbox.bring", "after"),
    "centre is about to open the answer": Step(REQUESTER, _BOTH, "opening:Opening.answered", "before"),
    "centre opened a piece": Step(REQUESTER, _BOTH, "opening:opened", "within"),
    "centre opened the answer": Step(REQUESTER, _BOTH, "opening:Opening.answered", "after"),
    "centre held the answer against its copy": Step(REQUESTER, _BOTH, "inquiry:received", "after"),
    "centre is about to log what it received": Step(REQUESTER, _BOTH, "log:Log.append_once", "before"),
    "centre logs what it received, not committed": Step(REQUESTER, _BOTH, "log:append_within", "after", nth=2),
    "centre logged what it received": Step(REQUESTER, _BOTH, "log:Log.append_once", "after"),
    "centre is about to import": Step(REQUESTER, _BOTH, "exchange_roles:write_anew", "before"),
    "centre imported": Step(REQUESTER, _BOTH, "exchange_roles:write_anew", "after"),
}


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_at_step(name: str) -> None:
    """Lets this process be killed at that step."""
    step = STEPS[name]
    module, path = step.at.split(":")
    owner: Any = importlib.import_module(module if module == "exchange_roles" else _NODE + module)
    *above, last = path.split(".")
    for part in above:
        owner = getattr(owner, part)
    setattr(owner, last, _killing(getattr(owner, last), step.when, step.nth))


def _killing(function: Callable[..., Any], when: str, nth: int) -> Callable[..., Any]:
    counted = itertools.count(1)

    def before(*given: Any, **named: Any) -> Any:
        if next(counted) == nth:
            die()
        return function(*given, **named)

    def after(*given: Any, **named: Any) -> Any:
        made = function(*given, **named)
        if next(counted) == nth:
            die()
        return made

    def within(*given: Any, **named: Any) -> Iterator[Any]:
        for part in function(*given, **named):
            yield part
            die()

    return {"before": before, "after": after, "within": within}[when]


def kill_at_commit(number: int) -> None:
    """Lets this process be killed right after the n-th transaction that it commits."""
    transaction, counted = Durable.transaction, itertools.count(1)

    @contextmanager
    def killing(self: Durable) -> Iterator[Any]:
        with transaction(self) as db:
            yield db
        if next(counted) == number:
            die()

    Durable.transaction = killing  # type: ignore[method-assign,assignment]


def kill_at_line(number: int, counted: Callable[[int], None] | None = None) -> None:
    """Lets this process be killed before the n-th line of node, purposes and log that it runs, in whichever thread.

    counted  told the number of lines so far, where nobody is to be killed
    """
    lines = itertools.count(1)

    def each(_frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            now = next(lines)
            if now == number:
                die()
            if counted is not None:
                counted(now)
        return each

    def entered(frame: FrameType, event: str, _: Any) -> Any:
        return each if event == "call" and frame.f_code.co_filename.startswith(_CODE) else None

    threading.settrace(entered)
    sys.settrace(entered)
