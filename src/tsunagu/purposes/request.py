"""A request: what one side asks under an agreement, on a day. It can ask for less than agreed, never for more."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from tsunagu.errors import SourceError
from tsunagu.purposes.agreement import GRANULARITIES, Cohort, read_cohort
from tsunagu.purposes.canonical import canonical, hash_of, read_object
from tsunagu.purposes.named import STATED
from tsunagu.purposes.strict import HASH, IDENTIFIER, Part

FORM = "tsunagu-request-1"
#: Persons that one request can name.
MOST_NAMED = 5_000
_TOKEN = re.compile(r"[0-9a-f]{64}")
_REQUEST = re.compile(r"[0-9a-f]{32}")
#: Of a request, not of its question.
_NOT_ASKED = frozenset({"id", "asked_by", "reason"})


@dataclass(frozen=True)
class Asked:
    """One item or indicator asked for, in the version and with the definition that the requester knows."""

    id: str
    version: str
    sha256: str


@dataclass(frozen=True)
class DataRequest:
    """A request as it was written.

    id                32 hexadecimal digits, new for every request; the same one again is the same request
    agreement_sha256  hash of the version that the requester holds (SharingAgreement.hash)
    on                the day that the answer is to speak of
    named             tokens of the persons asked about, where the agreement is about named ones; else none
    asked_by          account of the person who asks, at the requester's: of the desk, or of the machine; never a name
    reason            why persons are named, as the requester states it: one of named.STATED; empty where nobody is
    """

    id: str
    agreement: str
    agreement_sha256: str
    requester: str
    holder: str
    purpose: str
    granularity: str
    wanted: tuple[Asked, ...]
    cohort: Cohort
    on: date
    asked_by: str
    named: tuple[bytes, ...] = ()
    reason: str = ""

    @property
    def question(self) -> str:
        """Hash of what is asked, whoever asks, why and however often: two requests with one question get one answer."""
        return hash_of({key: value for key, value in as_mapping(self).items() if key not in _NOT_ASKED})


def as_mapping(request: DataRequest) -> dict[str, object]:
    """The request as plain JSON values."""
    return {
        "form": FORM,
        "id": request.id,
        "agreement": request.agreement,
        "agreement_sha256": request.agreement_sha256,
        "requester": request.requester,
        "holder": request.holder,
        "purpose": request.purpose,
        "granularity": request.granularity,
        "wanted": [{"id": one.id, "version": one.version, "sha256": one.sha256} for one in request.wanted],
        "cohort": {"age_from": request.cohort.age_from, "age_to": request.cohort.age_to},
        "on": request.on.isoformat(),
        "asked_by": request.asked_by,
        "named": [token.hex() for token in request.named],
        "reason": request.reason,
    }


def bytes_of(request: DataRequest) -> bytes:
    """The request as it is sent and signed."""
    return canonical(as_mapping(request))


def read_request(data: bytes) -> DataRequest:
    """The request in a message; SourceError names every mistake, of values by their form."""
    part = Part(read_object(data, "request"), "", [])
    made = _request(part)
    if part.mistakes:
        listed = "\n  ".join(part.mistakes)
        raise SourceError(f"the request cannot be read\n  {listed}", where="request", to_do="Correct each of them.")
    return made


def _request(part: Part) -> DataRequest:
    part.choice("form", (FORM,))
    made = DataRequest(
        id=part.match("id", _REQUEST, "32 hexadecimal digits"),
        agreement=part.match("agreement", IDENTIFIER, "an identifier"),
        agreement_sha256=part.match("agreement_sha256", HASH, "the hash of an agreement"),
        requester=part.match("requester", IDENTIFIER, "an identifier"),
        holder=part.match("holder", IDENTIFIER, "an identifier"),
        purpose=part.match("purpose", IDENTIFIER, "an identifier"),
        granularity=part.choice("granularity", GRANULARITIES),
        wanted=part.parts("wanted", read_asked),
        cohort=part.part("cohort", read_cohort),
        on=part.day("on"),
        asked_by=part.match("asked_by", re.compile(r"[a-z]{1,16}:[0-9]{1,10}"), "an account such as staff:12"),
        named=_named(part),
        reason=part.choice("reason", ("", *STATED)),
    )
    if bool(made.named) != bool(made.reason):
        part.wrong("reason", "is given where persons are named, and nowhere else")
    part.done()
    ids = [one.id for one in made.wanted]
    if len(set(ids)) < len(ids):
        part.wrong("wanted", "says the same twice")
    return made


def _named(part: Part) -> tuple[bytes, ...]:
    found = part.texts("named")
    if len(found) > MOST_NAMED:
        part.wrong("named", f"names more than {MOST_NAMED:,}")
    if wrong := [one for one in found if not _TOKEN.fullmatch(one)]:
        part.wrong("named", f"'{wrong[0][:8]}' is not a token of 64 hexadecimal digits")
        return ()
    return tuple(bytes.fromhex(one) for one in found)


def read_asked(part: Part) -> Asked:
    """An object that names one item or indicator."""
    return Asked(
        id=part.match("id", IDENTIFIER, "an identifier"),
        version=part.text("version"),
        sha256=part.match("sha256", HASH, "a hash of 64 hexadecimal digits"),
    )
