"""A verdict in the words of the command line."""

from __future__ import annotations

from tsunagu.audit.verify import Fault, Verdict
from tsunagu.errors import StateError

_KINDS = {
    "edited": "was edited",
    "removed": "was removed",
    "inserted": "was inserted",
    "reordered": "was moved",
    "truncated": "is gone from the end (truncated)",
    "rewritten": "was rewritten, and the chain made to fit",
    "forked": "is not the row of the signed heads: the log was put back and went on another way (forked)",
    "rolled_back": "is gone, and so are the heads that covered it (rolled back)",
}
_OF = {
    "row": "row",
    "head": "a signed head about row",
    "content": "what the log speaks of in row",
    "index": "the list of persons of row",
}


def fault_line(fault: Fault) -> str:
    """One fault as a sentence without its full stop."""
    rows = f"{fault.row:,}" if fault.rows == 1 else f"{fault.row:,} to {fault.row + fault.rows - 1:,}"
    return f"{_OF[fault.of]} {rows} {_KINDS[fault.kind]}"


def require_whole(verdict: Verdict, *, where: str) -> None:
    """StateError that names each bad row, unless the log is whole."""
    if verdict.is_whole:
        return
    lines = "\n".join(f"  - {fault_line(fault)}" for fault in verdict.faults)
    more = verdict.found - len(verdict.faults)
    rest = f"\n  - and {more:,} more" if more else ""
    raise StateError(
        f"the access log is not as it was written ({verdict.found:,} faults; the first {verdict.rows:,} rows are good)"
        f"\n{lines}{rest}",
        where=where,
        to_do="Change nothing, save a copy of the database, and tell the audit office.",
    )


def whole_line(verdict: Verdict, *, heads: int) -> str:
    """One sentence about a log that is whole: how many rows, and how many of them a signed head covers."""
    if not verdict.rows:
        return "The access log has no rows."
    covered = f"{verdict.covered:,} of them under {heads:,} signed heads" if heads else "no signed head was compared"
    return f"The access log is whole: {verdict.rows:,} rows, {covered}; head {verdict.head.hash}."
