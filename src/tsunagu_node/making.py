"""A new node's folder: all is checked before anything is written, and the folder is there whole or not at all."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tsunagu.durable import is_running
from tsunagu.errors import EngineError, SourceError, StateError
from tsunagu.purposes.strict import IDENTIFIER
from tsunagu.sources.spec_loading import load_sources
from tsunagu.text.tomlfile import nearest
from tsunagu_node import entries
from tsunagu_node.holder_file import placed
from tsunagu_node.keyfiles import write_to_hand_on
from tsunagu_node.node import Node, open_node
from tsunagu_node.own_keys import make_keys


@dataclass(frozen=True)
class Given:
    """What the people of a node say of it when it is made; each as the option of that name.

    city, shared  folders, as seen from the holder's file
    listen        host and port; empty where it looks into the mailboxes of `look_at`
    """

    organisation: str
    called: entries.Called
    city: str
    extracts: Sequence[str]
    listen: str
    look_at: Sequence[str]
    witnesses: Sequence[str]
    shared: str


def make_node(file: Path, given: Given, now: dt.datetime) -> Node:
    """The node, with its file, keys, certificate and entry; what is wrong with an option is told before anything stays.

    raises  StateError where the folder has something in it, SourceError that names the option
    """
    folder = file.parent.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        what = "the file is there already" if file.exists() else "the folder is not empty"
        raise StateError(
            what, where=str(file if file.exists() else folder), to_do="Name a file in a folder of its own, a new one."
        )
    partial = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
    try:
        _remove_left(folder)
        # Beside the folder, so that what is seen from the one is seen from the other.
        partial.mkdir(mode=0o700, parents=True)
        try:
            _require_right(given, partial)
            _fill(partial / file.name, given, now)
            _settle(partial, folder, file.name)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    except OSError as error:
        raise EngineError(
            f"the node cannot be made ({error.strerror})",
            where=str(folder),
            to_do="Name a folder where you may write.",
        ) from error
    return open_node(folder / file.name)


def _fill(file: Path, given: Given, now: dt.datetime) -> None:
    entries.write_holder_file(
        file,
        {
            "organisation": given.organisation,
            "city": given.city,
            "extracts": list(given.extracts),
            "directory": f"{given.shared}/directory.json",
            "keeper": f"{given.shared}/keeper.pub",
            "authorities": f"{given.shared}/authorities.pem",
            "listen": given.listen,
            "look_at": list(given.look_at),
            "witnesses": list(given.witnesses),
        },
    )
    node = open_node(file)
    make_keys(node.file.keys)
    node.make_identity()
    node.file.agreements.mkdir(mode=0o700)
    write_to_hand_on(file.parent / entries.ENTRY, entries.entry_of(node, given.called, now.date()))


def _settle(partial: Path, folder: Path, name: str) -> None:
    if not folder.exists():
        partial.rename(folder)
        return
    # An empty folder that somebody made, and may stand in: the file comes last, as without it there is no node.
    moved: list[Path] = []
    try:
        for one in sorted(partial.iterdir(), key=lambda one: one.name == name):
            moved.append(one.rename(folder / one.name))
    except OSError:
        for one in moved:
            one.rename(partial / one.name)
        raise


def _require_right(given: Given, seen_from: Path) -> None:
    """SourceError at the first option that is wrong, with what to write."""
    _require_identifier("--organisation", given.organisation)
    if given.organisation != given.organisation.lower():
        raise _wrong("--organisation", "it has capital letters", f"Write it small: {given.organisation.lower()}.")
    for option, name in (("--ja", given.called.ja), ("--en", given.called.en)):
        if not name.strip() or name != name.strip() or not name.isprintable():
            raise _wrong(option, "the name is empty, or holds blanks at an end or signs that cannot be seen")
    city = seen_from / given.city
    if not given.city or not (city / "municipality.toml").is_file():
        raise _wrong(
            "--city",
            f"there is no city folder at '{given.city}', seen from the file's place",
            _seen(given.city, seen_from),
        )
    known = {one.holder for one in load_sources(city).tables()}
    for extract in given.extracts:
        if extract not in known:
            raise _wrong("--extracts", f"the city has no source of an extract '{extract}'", nearest(extract, known))
    if placed(given.listen) is None:
        raise _wrong("--listen", f"'{given.listen}' is no place", "Write host and port, such as 127.0.0.1:8443.")
    for option, names in (("--look-at", given.look_at), ("--witnesses", given.witnesses)):
        for name in names:
            _require_identifier(option, name)
            if name == given.organisation:
                raise _wrong(option, f"'{name}' is this node itself", "Name other organisations.")
    if not (seen_from / given.shared).is_dir():
        raise _wrong(
            "--shared",
            f"there is no folder at '{given.shared}', seen from the file's place",
            _seen(given.shared, seen_from),
        )


def _require_identifier(option: str, name: str) -> None:
    if not IDENTIFIER.fullmatch(name):
        raise _wrong(option, f"'{name}' is not an identifier", "Write letters, digits, dots and dashes: school-board.")


def _seen(written: str, seen_from: Path) -> str:
    """What to write for a folder that was named as seen from where the command is called."""
    here = Path.cwd() / written
    if written and here.is_dir():
        return f"Write it as seen from there: {os.path.relpath(here, seen_from)}"
    return "Write it as seen from the folder of the file, such as ../hinode-city."


def _wrong(option: str, what: str, to_do: str = "Write it once more.") -> SourceError:
    return SourceError(what, where=option, to_do=f"{to_do} Nothing was made." if to_do.endswith((".", "?")) else to_do)


def _remove_left(folder: Path) -> None:
    """Removes what a command that was stopped in the middle had begun."""
    for left in folder.parent.glob(f".{folder.name}.*.partial"):
        process = left.name.split(".")[-2]
        if process.isdigit() and (int(process) == os.getpid() or not is_running(int(process))):
            shutil.rmtree(left, ignore_errors=True)
