"""A holder's node as a process of its own, to be killed: `python node_process.py FOLDER PORT`.

It notes in FOLDER/did what it began to answer, and waits with it for as long as FOLDER/wait is there.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import nodes
from tsunagu_node.answering import Answering, Verified
from tsunagu_node.listening import server as listen
from tsunagu_node.serving import Serving
from tsunagu_node.tls import own_identity, server_context


def main(folder: Path, port: int) -> None:
    def before(verified: Verified) -> None:
        with (folder / "did").open("a", encoding="utf-8") as file:
            file.write(f"{verified.request_id}\n")
            file.flush()
            os.fsync(file.fileno())
        while (folder / "wait").exists():
            time.sleep(0.01)

    own = folder / nodes.HOLDER
    key: Ed25519PrivateKey = nodes.SIGNING[nodes.HOLDER]
    directory = nodes.CurrentDirectory(folder / "directory.json", nodes.KEEPER.public_key(), own / "directory.seen")
    answering = Answering(nodes.HOLDER, key, directory, own, nodes.Dummy(before=before))
    identity = own_identity(own / "tls", nodes.HOLDER, ["127.0.0.1"], nodes.now())
    authorities = folder / "authorities.pem"
    serving = Serving(answering, authorities)
    listen(serving.app, server_context(identity, authorities), serving.limits, port=port).run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
