"""A node that runs until it is stopped: listens where it has a port, else looks into others' mailboxes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from functools import partial

from tsunagu.errors import StateError
from tsunagu_node import news as news_module
from tsunagu_node.alone import SERVING, alone
from tsunagu_node.answering import Answering
from tsunagu_node.carrying import Carried, Carrying
from tsunagu_node.console import console, words_of
from tsunagu_node.due import due
from tsunagu_node.handing import Handing
from tsunagu_node.holder_file import HolderFile
from tsunagu_node.listening import Limits, Place, bound, server
from tsunagu_node.node import Node
from tsunagu_node.own_heads import OwnHeads
from tsunagu_node.polling import look_once
from tsunagu_node.readiness import require_ready
from tsunagu_node.serving import Serving
from tsunagu_node.tls import read_authorities, renew, server_context

#: Seconds between two looks into the mailboxes of others.
LOOKS = 2.0
#: Seconds between two rounds of hand-overs.
CARRIED = 10.0
#: Seconds between two rounds with the witnesses; a head is due less often (own_heads).
WITNESSED = 30.0
#: Between two times that people are told of what ends soon.
TOLD_AGAIN = timedelta(days=1)
#: Standing of the log -> why others get no answer.
_WHY_NOBODY = {
    "stopped": "for seven days too few witnesses have countersigned its log",
    "differs": "its log is not the one that it signed",
}
_log = logging.getLogger(__name__)


def run(node: Node, *, said: Callable[[str], object] = lambda _: None) -> None:
    """Answers until the process is stopped; what is being answered then is answered when it is asked again.

    raises  StateError where another process answers for this node, of which nothing is touched; TsunaguError where
            this one could answer nobody (readiness, listening.bound)
    """
    with console(), alone(node.file.folder, SERVING), ExitStack() as sockets:
        for line in require_ready(node):
            said(line)
        place = bound(node.file.host, node.file.port) if node.file.host else []
        for one in place:
            sockets.callback(one.close)
        _run(node, place, said)


def _run(node: Node, place: Place, said: Callable[[str], object]) -> None:
    answering = node.answering()
    # A command may be asking into the same folder: no exchange takes longer than that.
    node.asking().tidy(Limits().longest)
    node.mailbox.tidy(Limits().longest)
    look_at_own_rows(node, said)
    for line in due(node, node.clock()):
        said(line)
    stop = threading.Event()
    looking = [threading.Thread(target=_look, args=(node, answering, peer, stop)) for peer in node.file.look_at]
    if node.handing is not None:
        looking.append(threading.Thread(target=_carry, args=(node, node.handing, stop)))
    looking.append(threading.Thread(target=_spread, args=(node, stop)))
    if node.file.witnesses:
        looking.append(threading.Thread(target=_bring, args=(node, stop)))
    try:
        for thread in looking:
            thread.start()
        if node.file.host:
            _listen(node, answering, place, said)
        else:
            said(_without_a_port(node.file) + _nobody(node))
            stop.wait()
    except KeyboardInterrupt:
        pass
    finally:
        stop.set()
        for thread in looking:
            thread.join()
        node.notes.settle(is_over=True)
        answering.close()


def _without_a_port(file: HolderFile) -> str:
    if file.look_at:
        return f"{file.organisation} looks into the mailboxes of {', '.join(file.look_at)}"
    return f"{file.organisation} listens nowhere and looks into no mailbox; it does its rounds with others"


def _nobody(node: Node) -> str:
    """That others get no answer, and why, as the log stands once its rows were looked at; "" where they get one."""
    why = _WHY_NOBODY.get(OwnHeads(node.log).standing(node.clock(), node.file.peers_needed))
    return f", and answers nobody: {why}. See: tsunagu node alarms" if why else ""


def look_at_own_rows(node: Node, said: Callable[[str], object]) -> None:
    """Computes all rows of the node's log anew, and says where they are not those that it signed."""
    try:
        OwnHeads(node.log).rows.check(node.file.organisation, node.clock())
    except StateError as error:
        # It runs on, so that its witnesses see it too; the office answers nobody.
        said(error.message())


def _listen(node: Node, answering: Answering, place: Place, said: Callable[[str], object]) -> None:
    identity = node.identity()
    context = server_context(identity, node.file.authorities)

    def each_round() -> None:
        node.notes.settle()
        renew([context], node.file.folder / "tls", node.file.organisation, [node.file.host], node.clock())
        # An organisation that is new has an authority that was not there at the start.
        read_authorities(node.file.authorities)
        context.load_verify_locations(cafile=str(node.file.authorities))

    serving = Serving(
        answering,
        node.file.authorities,
        mailbox=node.mailbox,
        witnessing=node.witnessing,
        handing=node.handing,
        each_round=each_round,
    )
    nobody = _nobody(node)
    does = "listens" if nobody else "answers"
    said(f"{node.file.organisation} {does} at https://{node.file.host}:{node.file.port}{nobody}")
    server(serving.app, context, serving.limits).run(place)


def _bring(node: Node, stop: threading.Event) -> None:
    """Heads of the log to its witnesses, from time to time; own work never waits for them."""
    bringing = node.bringing()
    while not stop.wait(WITNESSED):
        try:
            bringing.round()
        except Exception as error:  # noqa: BLE001 - the next round tries again
            _log.warning("a round with the witnesses failed: %s", words_of(error))


def _spread(node: Node, stop: threading.Event) -> None:
    """The directory to and from other nodes; told once where none is reached, until one is again."""
    news, is_alone, told = node.news(), False, node.clock()
    while not stop.wait(news_module.SPREAD):
        if node.clock() - told >= TOLD_AGAIN:
            told = node.clock()
            for line in due(node, told):
                _log.warning("%s", line)
        try:
            heard = news.round()
        except Exception as error:  # noqa: BLE001 - the next round tries again
            _log.warning("a round for the directory failed: %s", words_of(error))
            continue
        for trouble in heard.left.values():
            if isinstance(trouble, StateError):  # two directories of one version: for people to settle
                _log.warning("a node has another directory: %s", trouble)
        if heard.left and not heard.reached and not is_alone:
            peer, trouble = next(iter(heard.left.items()))
            _log.warning("no node was reached to compare the directory with; %s: %s", peer, trouble)
        is_alone = bool(heard.left) and not heard.reached


def _carry(node: Node, handing: Handing, stop: threading.Event) -> None:
    """Hand-overs of cases: what the desk queued goes out, and what waits at others is fetched."""
    carrying = Carrying(handing, node.asking())
    fetches = [partial(carrying.fetch_once, peer) for peer in node.file.look_at]
    rounds: list[Callable[[], Carried]] = [carrying.carry_once, *fetches]
    while not stop.wait(CARRIED):
        for once in rounds:
            try:
                for error in once().left:
                    _log.warning("a hand-over was left: %s", error)
            except Exception as error:  # noqa: BLE001 - the next round tries again
                _log.warning("a round of hand-overs failed: %s", words_of(error))


def _look(node: Node, answering: Answering, peer: str, stop: threading.Event) -> None:
    asking = node.asking()
    while not stop.wait(LOOKS):
        try:
            for error in look_once(peer, asking, answering).left:
                _log.warning("a request of %s was left: %s", peer, error)
        except Exception as error:  # noqa: BLE001 - the next look tries again
            _log.warning("the mailbox of %s could not be read: %s", peer, words_of(error))
