"""What leaves the log so that others can check it: a saved head, and the log as a file of JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from tsunagu.audit.chain import FORMAT, Head, SealedRow
from tsunagu.audit.entry import canonical
from tsunagu.audit.verify import Verdict, verify
from tsunagu.errors import SourceError


def head_text(head: Head) -> str:
    """One line to keep elsewhere: print it, mail it to the audit office, give it to another node."""
    return canonical({"format": FORMAT, "rows": head.rows, "hash": head.hash}) + "\n"


def read_head(path: Path) -> Head:
    """The head saved in a file; SourceError if the file holds none."""
    try:
        saved = json.loads(path.read_text(encoding="utf-8"))
        if saved["format"] != FORMAT:
            raise ValueError("another format")
        return Head(rows=int(saved["rows"]), hash=str(saved["hash"]))
    except FileNotFoundError as error:
        raise SourceError(
            "there is no such file", where=str(path), to_do="Name the head that was saved: --head FILE."
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SourceError(
            "this file holds no head of an access log",
            where=str(path),
            to_do="Name a file that `audit-verify --save-head FILE` has written.",
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


def verify_file(path: Path, saved: Head | None = None) -> Verdict:
    """Checks an exported log without the database it came from."""
    return verify(read_lines(path), saved)


def _row(line: str, number: int) -> SealedRow:
    try:
        stored = json.loads(line)
        return SealedRow(int(stored["number"]), str(stored["body"]), str(stored["hash"]))
    except (ValueError, KeyError, TypeError):
        return SealedRow(number, line, "")
