"""What people see of a node's log and of others', and how a log is verified where its administrator has no say."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TextIO

from tsunagu.audit.held import AgainstPeers, read_held, verify_against, write_held
from tsunagu.audit.proof import write_lines
from tsunagu.durable import disk_error
from tsunagu.errors import SourceError, StateError
from tsunagu.keys import Signs, read_public_key
from tsunagu.text.tomlfile import nearest
from tsunagu_node.alarms import alarms_in, begun_anew, lines_of
from tsunagu_node.directory import read_directory
from tsunagu_node.log import Log
from tsunagu_node.own_heads import PEERS_NEEDED, OwnHeads
from tsunagu_node.standing_words import TWO, Peers, standing_said
from tsunagu_node.witnessing import held_in, logs_in

_NOT_WITNESSED = " It brings its heads here once its HOLDER.toml names this organisation as a witness."
_KEEPER = Signs("the directory", "--keeper", "--keeper")


def alarms(path: Path, now: datetime, peers: Peers = TWO) -> list[str]:
    """How a node's log stands, in a line or two; StateError listing alarms, or where peers are missing."""
    log = _opened(path)
    try:
        heads = OwnHeads(log)
        row = heads.rows.first_other()
        standing, found = "differs" if row else heads.standing(now, peers.needed), alarms_in(log)
        anew = begun_anew(log)
        said = standing_said(heads, now, peers, standing)
    finally:
        log.close()
    lines = lines_of(found)
    # What people found stands with the alarms that it is about; it takes none of them away.
    count = f"{len(lines):,} alarm{'s' if len(lines) > 1 else ''}; " if lines else ""
    if row and not any(one.log == one.seen_by and one.row == row for one in found):
        lines.append(f"the rows of this log are not those of its own signed heads, from row {row:,} on")
    if found or standing in ("told", "stopped", "differs"):
        listed = "".join(f"\n  {line}" for line in [*lines, *anew, *_fewer(peers.needed)])
        raise StateError(
            f"{count}{said}{listed}",
            where=str(path),
            to_do="Tell the audit office, and the people of each log named; an alarm cannot be removed.",
        )
    return [said, *anew, *_fewer(peers.needed)]


def _fewer(needed: int) -> list[str]:
    """What is weaker here than the rule, which nobody need find out from the file."""
    if needed >= PEERS_NEEDED:
        return []
    if needed == 0:
        return ["peers_needed is 0: this node answers without any witness; that it was rewritten, nobody could tell"]
    return ["peers_needed is 1: one witness who works together with the log's administrator is enough to rewrite it"]


def export_rows(path: Path, out: Path) -> int:
    """Writes a log's rows to a new file; how many."""
    log = _opened(path)
    try:
        with _new(out) as written:
            return write_lines(log.rows(), written)
    finally:
        log.close()


def export_held(path: Path, peer: str, of: str, out: Path) -> int:
    """Writes to a new file what a node (peer) holds of another's log; how many heads."""
    log = _opened(path)
    try:
        heads = held_in(log, of)
        if not heads:
            raise StateError(
                f"this node holds no head of '{of}'", where=str(path), to_do=nearest(of, logs_in(log)) + _NOT_WITNESSED
            )
        with _new(out) as written:
            return write_held(of, peer, heads, written)
    finally:
        log.close()


def verify_rows(rows: Path, held: Sequence[Path], directory: Path, keeper: Path) -> AgainstPeers:
    """A log's rows beside what each peer holds; needs no node.

    raises  StateError naming the first row that is another
    """
    public = read_public_key(keeper, _KEEPER)
    try:
        data = directory.read_bytes()
    except OSError as error:
        raise SourceError(
            f"the directory cannot be read ({type(error).__name__})",
            where=str(directory),
            to_do="Name the file that its keeper gave you.",
        ) from error
    read = read_directory(data, str(directory), public)
    found = verify_against(rows, [read_held(file) for file in held], read.head_key_of_any_day)
    if not found.is_whole:
        listed = "".join(f"\n  {line}" for line in found.lines())
        raise StateError(
            f"the log is not what its peers hold, from row {found.first_wrong_row:,} on{listed}",
            where=str(rows),
            to_do="Change nothing, keep all files, and tell the audit office.",
        )
    return found


def _opened(path: Path) -> Log:
    if not path.is_file():
        raise SourceError(
            "there is no such log: this node has not served yet",
            where=str(path),
            to_do="Name the right HOLDER.toml. If this node ever served, its log is gone: tell the audit office.",
        )
    return Log(path, b"")  # what a key of the store would open, the payloads of answers, is not read here


@contextmanager
def _new(path: Path) -> Iterator[TextIO]:
    """A file that is not there yet, for its owner only; one that is there is evidence of something.

    Nothing of it stays where it could not be written whole.
    """
    try:
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise StateError("this file is there already", where=str(path), to_do="Name another one.") from error
    except OSError as error:
        raise disk_error("the file cannot be written", path, error) from error
    try:
        with os.fdopen(opened, "w", encoding="utf-8") as written:
            yield written
    except OSError as error:
        path.unlink(missing_ok=True)
        raise disk_error("the file cannot be written", path, error) from error
    except BaseException:
        path.unlink(missing_ok=True)
        raise
