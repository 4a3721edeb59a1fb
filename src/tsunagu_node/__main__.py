"""`python -m tsunagu_node ...`, called by `tsunagu node ...`: the commands of a holder's node."""

from __future__ import annotations

import datetime as dt
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tsunagu.errors import EngineError, SourceError, StateError, TsunaguError
from tsunagu.keys import name_of, new_signing_key, public_text, read_signing_key, require_key_file
from tsunagu.purposes.named import STATED
from tsunagu.records.catalogue import Catalogue
from tsunagu.sources.spec_loading import load_sources
from tsunagu_node import entries, group_keys, keeping, log_commands, rounds
from tsunagu_node.alone import KEEPING, alone
from tsunagu_node.console import words_of
from tsunagu_node.entries import Called
from tsunagu_node.importing import Into, import_extracts, items_needed
from tsunagu_node.keyfiles import MESSAGES, write_to_hand_on
from tsunagu_node.log_commands import HolderToml
from tsunagu_node.making import Given, make_node
from tsunagu_node.node import Node, open_node, operator
from tsunagu_node.running import run

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A holder's node: keeps its department's data, and answers what is agreed.",
)


_LATER = """To change something later:
  city, extracts, mailboxes, witnesses, shared files: write it in {file}, and start the node again
  its names, or where it listens: write that there too; tsunagu node entry {file} then writes entry.json anew
  its keys: tsunagu node renew-keys {file}
  its id: only by a new node, as agreements and the directory name it"""


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"'{text}' is not a day such as 2026-09-30") from error


On = Annotated[dt.date, typer.Option("--on", parser=_day, metavar="YYYY-MM-DD", help="The day of the extracts.")]
KeeperKey = Annotated[Path, typer.Option(help="The keeper's own key, which tsunagu node keeper-key made.")]
Today = Annotated[
    dt.date | None,
    typer.Option(
        "--as-if",
        parser=_day,
        metavar="YYYY-MM-DD",
        help="For demonstrations: decide as if it were this day. Never where data of people are held.",
    ),
]

Despite = Annotated[
    str,
    typer.Option(
        "--despite-alarms",
        metavar="REASON",
        help="Reason to use answers of holders though there is an alarm about their log; kept for ever.",
    ),
]

_PRETENDED = (
    "warning: {organisation} decides as if it were {day} (--as-if)\n"
    "  For demonstrations alone: where data of people are held, stop it and leave --as-if out."
)


@app.command()
def new(
    file: HolderToml,
    organisation: Annotated[str, typer.Option(help="Its id, as the directory is to name it.")],
    ja: Annotated[str, typer.Option(help="How it is called in Japanese.")],
    en: Annotated[str, typer.Option(help="How it is called in English.")],
    city: Annotated[str, typer.Option(help="The city's folder, from the file's place.")],
    extracts: Annotated[str, typer.Option(help="Its extracts, with commas between; none: it only asks.")] = "",
    listen: Annotated[str, typer.Option(help="Host and port; none: it looks into others' mailboxes.")] = "",
    look_at: Annotated[str, typer.Option(help="Whose mailboxes it looks into, with commas between.")] = "",
    witnesses: Annotated[str, typer.Option(help="Who countersigns its log: two others, with commas between.")] = "",
    shared: Annotated[str, typer.Option(help="The folder with directory, keeper's key and authorities.")] = "..",
) -> None:
    """Makes a node: its file, its keys and its certificate, and the entry that the directory's keeper is to sign.

    Example: tsunagu node new school-board/HOLDER.toml --organisation school-board --ja 教育委員会
    --en "Board of education" --city ../hinode-city --extracts gakumu,shukketsu --listen 127.0.0.1:8443
    """
    given = Given(
        organisation, Called(ja, en), city, _listed(extracts), listen, _listed(look_at), _listed(witnesses), shared
    )
    node = make_node(file, given, dt.datetime.now(dt.UTC))
    entry, authority = file.parent / "entry.json", file.parent / "tls" / "authority.pem"
    typer.echo(f"{node.file.organisation} is ready. Give {entry} and {authority} to the directory's keeper.")
    typer.echo(_LATER.format(file=file))


@app.command()
def entry(
    file: HolderToml,
    ja: Annotated[str, typer.Option(help="How it is called in Japanese from now on; as before where left out.")] = "",
    en: Annotated[str, typer.Option(help="How it is called in English from now on; as before where left out.")] = "",
) -> None:
    """Writes entry.json anew, from the holder's file and the node's keys, for the directory's keeper.

    Example: tsunagu node entry school-board/HOLDER.toml --en "Board of education of Mizuno"
    """
    node = open_node(file)
    written = entries.entry_again(node, _today(), ja=ja, en=en)
    path = node.file.folder / entries.ENTRY
    write_to_hand_on(path, written)
    typer.echo(f"Give {path} to the directory's keeper. Until it is signed, others go by what the directory says now.")


@app.command("renew-keys")
def renew_keys(
    file: HolderToml,
    authority: Annotated[
        bool, typer.Option("--authority", help="A new authority of certificates too, as after the folder was stolen.")
    ] = False,
) -> None:
    """Makes new keys beside the old, which are used on until they end or are revoked, and writes entry.json with both.

    Example: tsunagu node renew-keys school-board/HOLDER.toml
    """
    node = open_node(file)
    renewed = entries.renew_keys(node, _today(), authority=authority)
    for what, name in renewed.made.items():
        typer.echo(f"{what}: {name} is new")
    for what, name in renewed.waiting.items():
        typer.echo(f"{what}: {name} was made before, and the directory does not have it yet; no other was made")
    typer.echo(f"Give {node.file.folder / entries.ENTRY} to the directory's keeper: until the directory has the new")
    typer.echo("keys, the old ones are used. Keep the old files: they open what was sealed for them.")
    if renewed.is_new_authority:
        typer.echo(f"The authority is new: {node.file.folder / 'tls' / 'authority.pem'} goes into everybody's")
        typer.echo("authorities.pem. Others take no connection of this node before they and the directory have it.")


@app.command("keeper-key")
def keeper_key(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The key to make, such as keeper.key.")],
) -> None:
    """Makes the key of whoever keeps the directory, once; its public half is written beside it.

    Example: tsunagu node keeper-key keeper.key
    """
    private = new_signing_key(file, MESSAGES)
    public = _public_half(file.parent, private)
    typer.echo(
        f"{file} was made: keep it where nobody else reads it. Give {public} to every organisation, and tell the "
        f"name of the key, {name_of(private.public_key())}, by telephone."
    )


@app.command()
def directory(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="The directory to write, such as directory.json.")],
    key: KeeperKey,
    entry: Annotated[
        list[Path], typer.Option(help="An organisation's entry.json, new or in place of its last; once for each.")
    ] = [],  # noqa: B006 - typer asks for a list
    leave_out: Annotated[
        list[str], typer.Option(metavar="ID", help="An organisation that is to be in it no longer; once for each.")
    ] = [],  # noqa: B006
    days: Annotated[int, typer.Option(min=1, max=400, help="For how many days it holds.")] = 90,
) -> None:
    """Signs the next version of the directory: who was in it, changed as the entries say, with what was revoked.

    Example: tsunagu node directory directory.json --entry school-board/entry.json --entry centre/entry.json
    --key keeper.key
    """
    private = _keepers(key)
    changes = keeping.Changes(keeping.read_entries(entry), leave_out)
    keeping.require_keepers(out, private.public_key(), changes.entries)
    before = keeping.read_kept(out, private.public_key()) if out.exists() else None
    made = keeping.next_directory(changes, before, dt.datetime.now(dt.UTC), days)
    keeping.write_directory(out, made, private)
    public = _public_half(out.parent, private)
    named = ", ".join(one.id for one in made.organisations)
    typer.echo(f"Version {made.version} names {len(made.organisations)} organisations: {named}.")
    typer.echo(f"It holds until {made.valid_until:%Y-%m-%d}. Its keeper's public key is {public}.")


@app.command()
def revoke(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The directory.")],
    name: Annotated[str, typer.Argument(metavar="KEY", help="The key's name, 16 letters.")],
    key: KeeperKey,
) -> None:
    """Signs the next version of the directory, in which a key is revoked from now on.

    Example: tsunagu node revoke directory.json 0123456789abcdef --key keeper.key
    """
    private = _keepers(key)
    before = keeping.read_kept(file, private.public_key())
    keeping.write_directory(file, keeping.revoked(before, name, dt.datetime.now(dt.UTC)), private)
    typer.echo(f"The key {name} is revoked in {file}. Put that file where one node that runs reads it; the others")
    typer.echo("have it from there, and refuse the key, within a minute.")


@app.command("link-key")
def link_key(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The link key to make, such as link.key.")],
) -> None:
    """Makes the link key, once, for its keeper alone; every holder's key is made from it.

    Example: tsunagu node link-key link.key
    """
    group_keys.make_link_key(file)
    typer.echo(f"{file} was made: keep it where nobody else reads it, with a copy in another place.")


@app.command("group-key")
def group_key(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="The key to write: keys/NAME.groupkey of a holder.")],
    link_key: Annotated[Path, typer.Option(help="The link key, which tsunagu node link-key made.")],
    join_set: Annotated[str, typer.Option(help="For answers of this join set …")] = "",
    purpose: Annotated[str, typer.Option(help="… and this purpose.")] = "",
    group: Annotated[str, typer.Option(help="For linkage within this link group …")] = "",
    round: Annotated[str, typer.Option(help="… in this round. Without one: of link ids, for the register alone.")] = "",
) -> None:
    """Makes a key that a holder of a link group is given: of a join set, of a round of linkage, or of link ids.

    Example: tsunagu node group-key school-board/keys/round.groupkey --link-key link.key --group mizuno --round 2026-09
    """
    require_key_file(link_key, "A keeper who has none yet makes it once: tsunagu node link-key link.key.")
    key = group_keys.read_link_key(link_key)
    given: group_keys.GroupKey
    if join_set and purpose and not group:
        given = group_keys.give_join_key(out, key, join_set, purpose)
    elif group and round:
        given = group_keys.give_round_key(out, key, group, round)
    elif group and not (join_set or purpose):
        given = group_keys.give_link_id_key(out, key, group)
    else:
        raise SourceError(
            "it is not said what the key is for",
            to_do="Give --join-set with --purpose, or --group with or without --round.",
        )
    typer.echo(f"{out} was written: {group_keys.shown(given)}, mark {group_keys.mark_of(given)}.")
    typer.echo(
        "Hand it over so that nobody else reads it. Whoever is to have the same key has the same mark; a join set"
    )
    typer.echo("and a purpose are those of the agreement, letter by letter.")


@app.command("import")
def import_(
    file: HolderToml,
    extracts: Annotated[Path, typer.Argument(help="The folder with this holder's extracts alone.")],
    on: On,
) -> None:
    """Brings the department's extracts into the node's own store; only what agreements need is read.

    Example: tsunagu node import school-board/HOLDER.toml deliveries/2026-09 --on 2026-09-30
    """
    with rounds.opened(open_node(file)) as node, alone(node.file.folder, KEEPING):
        items = items_needed(node.agreements().values(), node.computed, node.items, node.file.extracts)
        catalogue = Catalogue({id: node.items[id] for id in items})
        sources = load_sources(node.file.city).of(set(items))
        into = Into(node.store, node.log, operator(), node.clock)
        brought = import_extracts(extracts, on, into, sources, catalogue, node.file.extracts)
    typer.echo("\n".join(brought.lines()))
    if not items:
        typer.echo(
            "Nothing of it can be answered: no agreement in force needs an item of these extracts.\n"
            f"  Put the copies that both sides signed into {node.file.agreements}, then import again.",
            err=True,
        )


@app.command()
def link(
    file: HolderToml,
    on: On,
    joins_few: Annotated[
        list[str] | None,
        typer.Option(metavar="EXTRACT", help="Of which few records are of the register, and somebody has looked."),
    ] = None,
    today: Today = None,
) -> None:
    """This node's step of a round of linkage: at the register's holder first, then at every other.

    Example: tsunagu node link residents/HOLDER.toml --on 2026-09-30
    """
    with rounds.opened(_opened(file, today)) as node, alone(node.file.folder, KEEPING):
        _fetch_directory(node)
        typer.echo(rounds.counted(rounds.link(node, on, joins_few=joins_few or (), said=_said)))


@app.command()
def serve(file: HolderToml, today: Today = None) -> None:
    """Runs the node until it is stopped: it listens, or looks into others' mailboxes.

    Example: tsunagu node serve school-board/HOLDER.toml
    """
    with rounds.opened(_opened(file, today)) as node:
        if today is not None:
            _said(_PRETENDED.format(organisation=node.file.organisation, day=today))
        run(node, said=_said)


@app.command()
def gather(
    file: HolderToml,
    on: On,
    out: Annotated[Path, typer.Option(help="The folder to write for a run.")],
    today: Today = None,
    despite: Despite = "",
) -> None:
    """Asks every holder for the indicators agreed. `tsunagu run --nodes` does this itself.

    Example: tsunagu node gather centre/HOLDER.toml --on 2026-09-30 --out answers
    """
    _require_new(out)
    with rounds.opened(_opened(file, today, despite)) as node:
        _fetch_directory(node)
        typer.echo(f"{rounds.gather(node, on, out, said=_said)} answers")


@app.command()
def names(
    file: HolderToml,
    tokens: Annotated[Path, typer.Argument(help="A file with one token a line, in hexadecimal digits.")],
    on: On,
    out: Annotated[Path, typer.Option(help="The folder to write for a run.")],
    reason: Annotated[
        str, typer.Option(help="notices: those of whom a run gives notice; by_hand: tokens that somebody chose.")
    ] = "by_hand",
    today: Today = None,
    despite: Despite = "",
) -> None:
    """Asks for the names of these persons, and of nobody else. `tsunagu run --nodes` does this itself.

    Who asks, and the reason, are signed and stand in the log of each end.

    Example: tsunagu node names centre/HOLDER.toml tokens.txt --on 2026-09-30 --out names
    """
    _require_new(out)
    try:
        wanted = [bytes.fromhex(line) for line in tokens.read_text(encoding="ascii").split()]
    except (OSError, ValueError) as error:
        raise SourceError("the tokens cannot be read", where=str(tokens), to_do="Write one a line.") from error
    if reason not in STATED:
        raise SourceError("this is no reason", where="--reason", to_do=f"Give one of: {', '.join(STATED)}.")
    with rounds.opened(_opened(file, today, despite)) as node:
        _fetch_directory(node)
        typer.echo(f"{rounds.names(node, on, wanted, out, reason=reason, said=_said)} answers")


app.command()(log_commands.witness)
app.command("export-log")(log_commands.export_log)
app.command("export-held")(log_commands.export_held)
app.command("verify-log")(log_commands.verify_log)
app.command()(log_commands.alarms)
app.command("begin-log-anew")(log_commands.begin_log_anew)


def main() -> None:
    """An error a person can act on is one message and its own exit code.

    What a command writes is its owner's alone; what is to be handed on is given to others where it is written.
    """
    os.umask(0o077)
    try:
        app(prog_name="tsunagu node")
    except TsunaguError as error:
        sys.stderr.write(error.message() + "\n")
        sys.exit(error.exit_code)
    except OSError as error:  # of a file of which nobody who opens it can say more
        sys.stderr.write(words_of(error) + "\n")
        sys.exit(EngineError.exit_code)


def _keepers(path: Path) -> Ed25519PrivateKey:
    require_key_file(path, "A keeper who has none yet makes it once: tsunagu node keeper-key keeper.key.")
    return read_signing_key(path, MESSAGES)


def _public_half(folder: Path, private: Ed25519PrivateKey) -> Path:
    """Written where nodes look for it, for everybody to read."""
    public = folder / "keeper.pub"
    write_to_hand_on(public, public_text(private.public_key()).encode("ascii"))
    return public


def _fetch_directory(node: Node) -> None:
    """A newer directory before others are asked, where this node does not run; who is not reached then is no matter."""
    for trouble in node.news().round().left.values():
        if isinstance(trouble, StateError):
            _said(trouble.message())


def _require_new(folder: Path) -> None:
    """StateError where it is there: known before anybody is asked, as an inquiry is logged at both ends for ever."""
    if folder.exists():
        raise StateError("the folder is there already", where=str(folder), to_do="Name another one. Nobody was asked.")


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()


def _opened(file: Path, today: dt.date | None, despite: str = "") -> Node:
    return open_node(file, today=today, despite=despite)


def _said(line: str) -> None:
    typer.echo(line, err=True)


def _listed(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


if __name__ == "__main__":
    main()
