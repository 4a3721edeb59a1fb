"""A node that hands over or receives, as a process to be killed: `python handover_node_process.py FOLDER OWN`.

The sender hands over case after case, up to FOLDER/cases of them; the receiver's people accept whatever arrives. Both
go on until they are killed.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import handing
import nodes
from handing import SUPERVISOR, WORKER, a_draft, a_file
from nodes import REQUESTER, SEALING, SIGNING, World
from tsunagu.errors import TsunaguError
from tsunagu.handover.passage import Passage
from tsunagu_node.asking import Patience
from tsunagu_node.carrying import Carrying
from tsunagu_node.directory import read_directory
from tsunagu_node.handing import Handing
from tsunagu_node.keyfiles import name_of_sealing_key
from tsunagu_node.listening import server as listen
from tsunagu_node.serving import Serving
from tsunagu_node.tls import own_identity, server_context

SIZE = 2_300_000
AT_ONCE = 2


class Accepting(Handing):
    """Its people accept at once what has arrived."""

    def handle(self, way: tuple[str, str], sender: str, body: bytes) -> tuple[bytes, str]:
        told = super().handle(way, sender, body)
        for one in self.passage._store.incoming(nodes.now().date()):
            if one.state == "stored":
                self.passage._store.accept(one.id, SUPERVISOR, nodes.now())
        return told


def main(folder: Path, own: str) -> None:
    directory = read_directory((folder / "directory.json").read_bytes(), own, nodes.KEEPER.public_key())
    ports = {one.id: int(one.endpoint.rpartition(":")[2]) for one in directory.organisations}
    identity = own_identity(folder / own / "tls", own, ["127.0.0.1"], nodes.now())
    world = World(folder, ports, {own: identity}, directory)
    current = world.current(own)
    store = handing.a_store(folder, own)
    passage = Passage(store, SIGNING[own], current.for_exchange)
    keys = {name_of_sealing_key(SEALING[own].public_key()): SEALING[own]}
    if own == REQUESTER:
        serving = Serving(
            world.answering(own, nodes.Dummy()), world.authorities, handing=Accepting(passage, keys, current, nodes.now)
        )
        listen(serving.app, server_context(identity, world.authorities), serving.limits, port=ports[own]).run()
        return
    asking = world.asking(own, patience=Patience(tries=1, connect=5, read=30))
    carrying = Carrying(Handing(passage, keys, current, nodes.now), asking)
    while True:
        out = store.outgoing(nodes.now().date())
        wanted = int((folder / "cases").read_text())
        if len(out) < wanted and len([one for one in out if one.is_ours]) < AT_ONCE:
            draft = a_draft(work=f"case:{len(out)}", to=REQUESTER, files=(a_file(SIZE),))
            store.queue(draft, WORKER, nodes.now())
        try:
            for error in carrying.carry_once().left:
                sys.stderr.write(f"{error}\n")
        except TsunaguError:
            time.sleep(0.02)
        # A node rests for seconds between two rounds. Without any rest nobody else gets a turn to write.
        time.sleep(0.02)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
