"""The node's commands about logs: bringing its own to its witnesses, what is written for others, and alarms."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from tsunagu.errors import SourceError
from tsunagu_node import log_files, rounds
from tsunagu_node.alarms import lines_of
from tsunagu_node.alone import KEEPING, SERVING, alone
from tsunagu_node.beginning_anew import FOUND, Finding, begin_anew
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


def begin_log_anew(
    file: HolderToml,
    why: Annotated[str, typer.Option(help="What was found: restored_backup, broken_disk, written_over or unknown.")],
    found_by: Annotated[str, typer.Option(metavar="WHO", help="Who looked, as people know them.")],
    said: Annotated[str, typer.Option(metavar="WHAT", help="What was found, in words; kept for ever.")],
) -> None:
    """Begins the log anew, once people have looked why it is not the one that was signed; the old one is kept.

    Witnesses that hold the old log show the break for ever.

    Example: tsunagu node begin-log-anew tax/HOLDER.toml --why broken_disk --found-by "Audit office"
    --said "The disk was replaced on 30 November"
    """
    if why not in FOUND:
        raise SourceError("this is nothing that may be found", where="--why", to_do=f"Give one of: {', '.join(FOUND)}.")
    if not (found_by.strip() and said.strip()):
        raise SourceError("it is not said who found what", to_do="Give --found-by and --said, each in a few words.")
    with rounds.opened(open_node(file)) as node, alone(node.file.folder, SERVING), alone(node.file.folder, KEEPING):
        ended = begin_anew(node, Finding(why, found_by.strip(), said.strip()))
    typer.echo(f"The log was begun anew. What was before, {ended.rows:,} rows, lies in {ended.file}: keep it.")
    typer.echo("Its witnesses of before sign no head of it. Name others in HOLDER.toml at 'witnesses', of which none")
    typer.echo("has held this log, within seven days; then start the node: tsunagu node serve.")


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
