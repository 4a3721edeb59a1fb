"""HOLDER.toml: which organisation a node is, which extracts it holds, whom it knows, and where it answers.

Everything else of the node lies beside the file: keys/, tls/, agreements/, store/, and its log.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tsunagu.errors import SourceError
from tsunagu.purposes.strict import IDENTIFIER
from tsunagu.text.tomlfile import TomlFile
from tsunagu_node.own_heads import PEERS_NEEDED

_KEYS = (
    "organisation",
    "city",
    "extracts",
    "directory",
    "keeper",
    "authorities",
    "listen",
    "look_at",
    "witnesses",
    "peers_needed",
    "handovers",
    "handovers_key",
)
_WHAT = "the holder's file"


@dataclass(frozen=True)
class HolderFile:
    """What a holder's file says; paths as they are to be opened.

    extracts   directories of a delivery that this holder has; empty for one that only asks
    city       the city's folder: catalogue/, sources/, criteria/, linkage/
    directory, keeper, authorities  the directory of organisations, its keeper's public key, the authorities' file
    witnesses  organisations to whose nodes the heads of this node's log are brought
    peers_needed  of how many of them others must have a countersignature to be answered; 0: of none
    handovers, handovers_key  the file in which its desk keeps hand-overs of cases, and the key of it; None: none here
    host, port where it listens; no host: it listens nowhere, and looks into the mailboxes of look_at
    """

    folder: Path
    organisation: str
    city: Path
    extracts: tuple[str, ...]
    directory: Path
    keeper: Path
    authorities: Path
    host: str
    port: int
    look_at: tuple[str, ...]
    witnesses: tuple[str, ...] = ()
    peers_needed: int = PEERS_NEEDED
    handovers: Path | None = None
    handovers_key: Path | None = None

    @property
    def agreements(self) -> Path:
        return self.folder / "agreements"

    @property
    def keys(self) -> Path:
        return self.folder / "keys"


def read_holder_file(path: Path) -> HolderFile:
    """The file; SourceError with line and nearest valid text where something in it is wrong."""
    if not path.is_file():
        raise SourceError(
            "this is a folder" if path.is_dir() else "there is no such file",
            where=str(path),
            to_do=f"Name the node's file: {path / 'HOLDER.toml'}"
            if (path / "HOLDER.toml").is_file()
            else "Name a node's HOLDER.toml, or make a node first: tsunagu node new.",
        )
    file = TomlFile(path, str(path), "Correct the file: docs/how-to/run-a-node.md says what each line means.")
    data = file.data
    file.known_keys(data, _KEYS, _WHAT)
    organisation = file.text_of(data, "organisation", _WHAT)
    extracts = tuple(file.texts_of(data, "extracts", _WHAT, default=[]))
    look_at = tuple(file.texts_of(data, "look_at", _WHAT, default=[]))
    witnesses = tuple(file.texts_of(data, "witnesses", _WHAT, default=[]))
    for name in (organisation, *look_at, *witnesses):
        if not IDENTIFIER.fullmatch(name):
            raise file.fail(f"'{name}' is not an identifier", name, to_do="Write it as the directory does.")
    if organisation in witnesses:
        raise file.fail("a node cannot be its own witness", "witnesses", to_do="Name other organisations.")
    if "peers_needed" in data:
        _require_possible(file, file.whole_of(data, "peers_needed", _WHAT), len(set(witnesses)))
    host, port = _place(file, file.text_of(data, "listen", _WHAT, default=""))

    def beside(key: str) -> Path:
        return (path.parent / file.text_of(data, key, _WHAT)).absolute()

    def given(key: str) -> Path | None:
        return beside(key) if key in data else None

    if ("handovers" in data) != ("handovers_key" in data):
        raise file.fail("'handovers' and 'handovers_key' go together", "handovers", to_do="Name both, or neither.")
    return HolderFile(
        folder=path.parent.absolute(),
        organisation=organisation,
        city=beside("city"),
        extracts=extracts,
        directory=beside("directory"),
        keeper=beside("keeper"),
        authorities=beside("authorities"),
        host=host,
        port=port,
        look_at=look_at,
        witnesses=witnesses,
        peers_needed=file.whole_of(data, "peers_needed", _WHAT, default=PEERS_NEEDED),
        handovers=given("handovers"),
        handovers_key=given("handovers_key"),
    )


def _require_possible(file: TomlFile, needed: int, witnesses: int) -> None:
    """SourceError for a number that is none of peers, or that could never be reached: the node would stop."""
    if not 0 <= needed <= witnesses:
        raise file.fail(
            f"'peers_needed' is {needed}, and 'witnesses' names {witnesses}",
            "peers_needed",
            to_do="Write how many of the witnesses are needed: 2 as a rule, 1 in a group of two, 0 for none.",
        )


def placed(written: str) -> tuple[str, int] | None:
    """Host and port of `listen`, none of them where nothing is written; None where it is no place."""
    if not written:
        return "", 0
    host, _, port = written.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65_536:
        return None
    return host.strip("[]"), int(port)


def _place(file: TomlFile, written: str) -> tuple[str, int]:
    found = placed(written)
    if found is None:
        raise file.fail(
            f"'listen' is '{written}'",
            "listen",
            to_do='Write host and port, such as "127.0.0.1:8443", or leave it out.',
        )
    return found


def require_extracts_named(file: HolderFile, known: set[str], shown: str) -> None:
    """SourceError where the file names an extract that the city's sources do not describe."""
    for name in file.extracts:
        if name not in known:
            raise SourceError(
                f"the city has no source of an extract '{name}'",
                where=shown,
                to_do=f"Known are: {', '.join(sorted(known))}.",
            )
