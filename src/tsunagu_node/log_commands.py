"""The node's commands about logs: bringing its own to its witnesses, what is written for others, and alarms."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from tsunagu_node import log_files, rounds
from tsunagu_node.alarms import lines_of
from tsunagu_node.console import messages_of, said_by_the_command
from tsunagu_node.holder_file import HolderFile, read_holder_file
from tsunagu_node.node import open_node
from tsunagu_node.standing_words import Peers, standing_said

HolderToml = Annotated[Path, typer.Argument(metavar="HOLDER.toml", help="The holder's file; the node lies beside it.")]


def witness(file: HolderToml) -> None:
    """Signs a head of the log now, brings it to the witnesses and shows them rows; what they hold is compared.

    Example: tsunagu node witness school-board/HOLDER.toml
    """
    with rounds.opened(open_node(file)) as node, said_by_the_command():
        bringing = node.bringing()
        made = bringing.sign_now()
        done = bringing.round(at_once=True)
        stands = standing_said(bringing.heads, node.clock(), _peers(node.file), done.standing)
        is_empty = bringing.heads.newest() is None
    typer.echo(f"{_signed(made, is_empty=is_empty)}; {stands}")
    for line in messages_of(done.left):
        typer.echo(line, err=True)
    for line in lines_of(done.alarms):
        typer.echo(f"alarm: {line}", err=True)
    if done.left or done.alarms:
        raise typer.Exit(1)


def _signed(made: int, *, is_empty: bool) -> str:
    if is_empty:
        return "nothing was signed: this log has no row yet, so there is nothing to countersign"
    return "1 head was signed" if made == 1 else f"{made} heads were signed"


def export_log(
    file: HolderToml, out: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write (JSON lines).")]
) -> None:
    """Writes the node's log to a file that can be verified anywhere.

    Example: tsunagu node export-log tax/HOLDER.toml tax-log.jsonl
    """
    typer.echo(f"{log_files.export_rows(_log_of(file), out):,} rows")


def export_held(
    file: HolderToml,
    log: Annotated[str, typer.Argument(metavar="LOG", help="Whose log.")],
    out: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")],
) -> None:
    """Writes what this node, as a witness, holds of another's log.

    Example: tsunagu node export-held welfare/HOLDER.toml tax tax-by-welfare.heads
    """
    own = read_holder_file(file).organisation
    typer.echo(f"{log_files.export_held(_log_of(file), own, log, out):,} heads")


def verify_log(
    log: Annotated[Path, typer.Argument(metavar="LOG", help="What export-log wrote.")],
    held: Annotated[list[Path], typer.Option(help="What export-held wrote at a witness; once for each.")],
    directory: Annotated[Path, typer.Option(help="The directory of organisations.")],
    keeper: Annotated[Path, typer.Option(help="Its keeper's public key.")],
) -> None:
    """Holds a node's log against what its witnesses hold; the first row that is another is named.

    Example: tsunagu node verify-log tax-log.jsonl --held tax-by-welfare.heads --held tax-by-health.heads
    --directory directory.json --keeper keeper.pub
    """
    typer.echo("\n".join(log_files.verify_rows(log, held, directory, keeper).lines()))


def alarms(file: HolderToml) -> None:
    """Alarms about the logs that this node witnesses, and how its own stands; its rows are computed anew.

    Example: tsunagu node alarms welfare/HOLDER.toml
    """
    peers = _peers(read_holder_file(file))
    typer.echo("\n".join(log_files.alarms(_log_of(file), dt.datetime.now(dt.UTC), peers)))


def _peers(file: HolderFile) -> Peers:
    return Peers(file.peers_needed, len(file.witnesses))


def _log_of(file: Path) -> Path:
    return read_holder_file(file).folder / "log.sqlite3"
