"""What leaves the log so that others can check it: a saved head, and the log as a file of JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from tsunagu.audit.chain import FORMAT, Head, SealedRow
from tsunagu.audit.entry import canonical
from tsunagu.audit.heads import SignedHead, head_from, is_signed_by, is_whole, sound_heads
from tsunagu.audit.shelf import PUBLIC_KEY, stored_heads
from tsunagu.audit.verify import Fault, Verdict, verify
from tsunagu.errors import SourceError
from tsunagu.keys import HEADS, read_public_key


def head_text(head: Head) -> str:
    """One line to keep elsewhere: print it, mail it to the audit office, give it to another node."""
    return canonical({"format": FORMAT, "rows": head.rows, "hash": head.hash}) + "\n"


def read_head(path: Path) -> Head | SignedHead:
    """The head saved in a file, plain or signed; SourceError if the file holds none."""
    try:
        text = path.read_text(encoding="utf-8")
        saved = json.loads(text)
        if saved["format"] != FORMAT:
            return head_from(text)
        return Head(rows=int(saved["rows"]), hash=str(saved["hash"]))
    except FileNotFoundError as error:
        raise SourceError(
            "there is no such file", where=str(path), to_do="Name the head that was saved: --head FILE."
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SourceError(
            "this file holds no head of an access log",
            where=str(path),
            to_do="Name a file that `audit-verify --save-head FILE` has written, or a signed head.",
        ) from error


def write_lines(rows: Iterable[SealedRow], out: TextIO) -> int:
    """Writes one JSON line per row and gives the number of lines. The body is carried as the very text hashed."""
    count = 0
    for row in rows:
        out.write(canonical({"number": row.number, "body": row.body, "hash": row.hash}) + "\n")
        count += 1
    return count


def read_lines(path: Path) -> Iterator[SealedRow]:
    """The rows of an exported log; a line that cannot be read comes as a row that no hash fits."""
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            for number, line in enumerate(lines, start=1):
                yield _row(line, number)
    except FileNotFoundError as error:
        raise SourceError(
            "there is no such file", where=str(path), to_do="Name a log written by `tsunagu audit export`."
        ) from error
    except OSError as error:
        raise SourceError(
            f"the exported log cannot be read ({type(error).__name__})",
            where=str(path),
            to_do="Check that it is a file and that you may read it.",
        ) from error


def verify_file(
    path: Path, saved: Head | SignedHead | None = None, *, heads: Path | None = None, key: Path | None = None
) -> tuple[Verdict, int]:
    """Checks an exported log without the database it came from; gives the number of heads compared, too.

    heads  a folder of signed heads
    key    the public key they must be signed with; the one in that folder when none is named
    """
    if key is None and heads is not None:
        key = heads / PUBLIC_KEY
    public = read_public_key(key, HEADS) if key else None
    whole = [head for head in stored_heads(heads) if isinstance(head, SignedHead)] if heads else []
    sound, wrong = sound_heads(whole, public)
    faults = [Fault(one.row, one.kind, of="head") for one in wrong]
    if isinstance(saved, SignedHead):
        if is_whole(saved) and (public is None or is_signed_by(saved, public)):
            sound.append(saved)
        else:
            faults.append(Fault(saved.first, "edited", of="head"))
    plain = Head(saved.rows, saved.hash) if saved else None
    return verify(read_lines(path), plain, sound, faults), len(sound)


def _row(line: str, number: int) -> SealedRow:
    try:
        stored = json.loads(line)
        return SealedRow(int(stored["number"]), str(stored["body"]), str(stored["hash"]))
    except (ValueError, KeyError, TypeError):
        return SealedRow(number, line, "")
