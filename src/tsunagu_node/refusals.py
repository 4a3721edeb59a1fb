"""How a node refuses: one JSON object with a code, what is the matter and what to do; never a value of a person."""

from __future__ import annotations

import json

from tsunagu.errors import PurposeError, TsunaguError
from tsunagu.purposes.canonical import canonical, read_object

#: code -> HTTP status. A code that is not here does not exist.
STATUS = {
    "malformed": 400,
    "unsigned": 401,
    "bad_signature": 401,
    "changed_body": 401,
    "unknown_key": 401,
    "key_not_valid": 401,
    "revoked_key": 401,
    "clock": 401,
    "replayed": 401,
    "other_certificate": 403,
    "not_allowed": 403,
    "not_known": 404,
    "not_this_method": 405,
    "too_slow": 408,
    "other_content": 409,
    "not_now": 409,
    "not_witnessed": 409,
    "log_differs": 409,
    "not_kept": 410,
    "no_length": 411,
    "too_large": 413,
    "too_many_headers": 431,
    "failed": 500,
    "being_answered": 503,
    "no_directory": 503,
}
#: Worth the same request once more, a moment later.
PASSING = frozenset({"too_slow", "being_answered", "no_directory", "failed"})


class Refused(PurposeError):
    """A request or an answer that is not taken.

    code    key of STATUS
    proved  whether the other side's signature stands under the refusal; True for what this side itself refuses
    """

    def __init__(self, code: str, what: str, *, to_do: str, where: str = "", proved: bool = True) -> None:
        super().__init__(what, where=where, to_do=to_do)
        self.code = code
        self.proved = proved

    @property
    def status(self) -> int:
        """The HTTP status that goes with the code."""
        return STATUS[self.code]

    @property
    def passes(self) -> bool:
        """Whether the same request may be answered a moment later."""
        return self.code in PASSING

    def body(self) -> bytes:
        """What the other side reads. Where this machine keeps its files is not among it."""
        return canonical({"code": self.code, "what": self.what, "to_do": self.to_do})


def of_error(error: TsunaguError) -> Refused:
    """How an error of the core reads to the other side: its kind and its words, without the place."""
    if isinstance(error, Refused):
        return error
    if error.kind == "purpose":
        return Refused("not_allowed", error.what, to_do=error.to_do or "Ask for what the agreement says.")
    if error.kind == "state":
        return Refused("not_now", error.what, to_do=error.to_do or "Ask again when that has changed.")
    return failed(error)


def failed(error: BaseException | None = None) -> Refused:
    """A fault of this side, of which the other learns nothing more than that it is none of its own.

    error  what went wrong, for the console of this side
    """
    made = Refused(
        "failed",
        "the other node could not answer, by a fault of its own",
        to_do="Ask again later, unchanged; if it stays so, ask the people who run that node: its console says why.",
    )
    made.__cause__ = error
    return made


def read_refusal(data: bytes, *, status: int, where: str, proved: bool) -> Refused:
    """The refusal that another node sent; one that is no refusal of ours is told by its status alone."""
    try:
        read = read_object(data, where)
        code, what, to_do = (read[key] for key in ("code", "what", "to_do"))
        if isinstance(code, str) and isinstance(what, str) and isinstance(to_do, str) and STATUS[code] == status:
            return Refused(code, what, to_do=to_do, where=where, proved=proved)
    except (TsunaguError, KeyError, json.JSONDecodeError):
        pass
    return Refused(
        "failed",
        f"the other side answered with status {status} and no reason",
        to_do="Ask the people who run it.",
        where=where,
        proved=False,
    )
