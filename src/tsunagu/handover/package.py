"""What is carried: the document and its attachments as one run of bytes, cut into parts that each begin with salt.

The parts' hashes stand in the manifest, which is kept for years after the contents are destroyed. Sixteen random bytes
at the head of each part keep anybody from trying whether a text that they guess was in it.

    contents = 8 bytes, the length of the document; the document; each attachment in the order in which it is listed
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from tsunagu.errors import SourceError
from tsunagu.handover.document import Attachment, CaseDocument
from tsunagu.handover.reading import LARGEST_FILE, document_bytes, read_document

SALT = 16
#: Bytes of a part without its salt (1 MiB with it, which nodes seal as one piece); of all contents; files in it.
PART = (1 << 20) - SALT
LARGEST_CONTENTS = 100 << 20
MOST_FILES = 100
_LENGTH = 8


@dataclass(frozen=True)
class AttachedFile:
    """A file to go with a document. kind: as document.Attachment has it."""

    name: str
    kind: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Opened:
    """What was handed over, open. files: in the order of the document's attachments."""

    document: CaseDocument
    files: tuple[AttachedFile, ...]


def with_files(document: CaseDocument, files: Sequence[AttachedFile]) -> CaseDocument:
    """The document that lists these files; SourceError where there are too many or one is too large or empty."""
    if len(files) > MOST_FILES:
        raise _too_much(f"there are {len(files)} files, and {MOST_FILES} may travel")
    listed = []
    for place, file in enumerate(files):
        if not 0 < len(file.data) <= LARGEST_FILE:
            raise _too_much(f"file {place + 1} has {len(file.data):,} bytes; from 1 to {LARGEST_FILE:,} may travel")
        digest = hashlib.sha256(file.data).hexdigest()
        listed.append(Attachment(file.name, file.kind, len(file.data), digest))  # type: ignore[arg-type]  # read below
    return replace(document, attachments=tuple(listed))


def parts_of(document: CaseDocument, files: Sequence[AttachedFile]) -> tuple[bytes, ...]:
    """The salted parts of a document that lists these files."""
    written = document_bytes(document)
    contents = b"".join((len(written).to_bytes(_LENGTH, "big"), written, *(file.data for file in files)))
    if len(contents) > LARGEST_CONTENTS:
        raise _too_much(f"all together has {len(contents):,} bytes, and {LARGEST_CONTENTS:,} may travel")
    return tuple(os.urandom(SALT) + contents[at : at + PART] for at in range(0, len(contents), PART))


def size_of(parts: Iterable[bytes]) -> int:
    """Bytes of the contents in these salted parts."""
    return sum(len(part) - SALT for part in parts)


def hash_of_parts(parts: Iterable[bytes]) -> str:
    """SHA-256 over all salted parts in order, as the manifest has it."""
    found = hashlib.sha256()
    for part in parts:
        found.update(part)
    return found.hexdigest()


def opened(parts: Sequence[bytes], where: str) -> Opened:
    """Document and files of parts that are the manifest's; SourceError where they are not what they say."""
    contents = memoryview(b"".join(part[SALT:] for part in parts))
    end = _LENGTH + int.from_bytes(contents[:_LENGTH], "big")
    if len(contents) < _LENGTH or end > len(contents):
        raise _not_as_said("the document is longer than what came", where)
    document = read_document(bytes(contents[_LENGTH:end]), where)
    files = []
    if len(document.attachments) > MOST_FILES:
        raise _not_as_said("there are too many files", where)
    for place, listed in enumerate(document.attachments):
        data = bytes(contents[end : end + listed.size])
        end += listed.size
        if len(data) != listed.size or hashlib.sha256(data).hexdigest() != listed.sha256:
            raise _not_as_said(f"file {place + 1} is not the one that the document lists", where)
        files.append(AttachedFile(listed.name, listed.kind, data))
    if end != len(contents):
        raise _not_as_said("something stands behind the last file", where)
    return Opened(document, tuple(files))


def _not_as_said(what: str, where: str) -> SourceError:
    return SourceError(what, where=where, to_do="Ask the other municipality to hand it over anew.")


def _too_much(what: str) -> SourceError:
    return SourceError(what, where="the files", to_do="Leave some out, or send them in another way.")
