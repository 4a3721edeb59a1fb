"""A node's own copies of agreements: which of the files in agreements/ count, and why another does not.

A file that cannot be read stops no other agreement. It may be the next version of one, though, and narrower: so an
agreement that such a file names, in its text or in its file's name, is not counted in any version until it is mended.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tsunagu.errors import SourceError, TsunaguError
from tsunagu.purposes.agreement import SharingAgreement, read_agreement

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class NotCounted:
    """A file that is no agreement. why: what is wrong with it; held_back: ids that it names, which do not count now."""

    file: Path
    why: TsunaguError
    held_back: tuple[str, ...]

    def line(self) -> str:
        """For the people of this node."""
        held = f" Not answered until it is mended: {', '.join(self.held_back)}." if self.held_back else ""
        return f"this agreement is not counted, the others are.{held}\n  {self.why.message()}"


@dataclass(frozen=True)
class Read:
    """counted: by id, each in its newest version; foreign: files that name this organisation as neither side."""

    counted: Mapping[str, SharingAgreement]
    not_counted: tuple[NotCounted, ...]
    foreign: tuple[Path, ...]


@dataclass
class Copies:
    """The files of one node, read anew each time, so that an ended agreement ends at once. own: its organisation."""

    folder: Path
    own: str
    _told: set[str] = field(default_factory=set, repr=False)

    def read(self) -> Read:
        """What lies there now."""
        found: dict[str, SharingAgreement] = {}
        broken: list[tuple[Path, bytes, TsunaguError]] = []
        foreign = []
        for path in sorted(self.folder.glob("*.json")):
            data = b""
            try:
                data = path.read_bytes()
                made = read_agreement(data, str(path))
            except OSError as error:
                what = f"the agreement cannot be read ({error.strerror or type(error).__name__})"
                to_do = "Check that it is a file and that the user may read it as whom the node runs."
                broken.append((path, data, SourceError(what, where=str(path), to_do=to_do)))
                continue
            except TsunaguError as error:
                broken.append((path, data, error))
                continue
            if self.own not in (made.holder, made.requester):
                foreign.append(path)
                continue
            known = found.get(made.id)
            if known is None or made.version > known.version:
                found[made.id] = made
        not_counted = tuple(NotCounted(path, why, _named(path, data, found)) for path, data, why in broken)
        held_back = {id for one in not_counted for id in one.held_back}
        return Read({id: one for id, one in found.items() if id not in held_back}, not_counted, tuple(foreign))

    def counted(self, tell: Callable[[str], object] = _log.warning) -> Mapping[str, SharingAgreement]:
        """Those that count. tell: called once with each file that does not, until that changes."""
        read = self.read()
        lines = {one.line() for one in read.not_counted}
        for line in sorted(lines - self._told):
            tell(line)
        self._told = lines
        return read.counted

    def all(self) -> Mapping[str, SharingAgreement]:
        """As `counted`, for a command that somebody watches: the error of a file that is none, raised."""
        read = self.read()
        for one in read.not_counted:
            raise one.why
        return read.counted


def _named(path: Path, data: bytes, known: Mapping[str, SharingAgreement]) -> tuple[str, ...]:
    return tuple(sorted(id for id in known if id in path.stem or f'"{id}"'.encode() in data))
