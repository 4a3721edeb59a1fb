"""A requester's side of an exchange: logged before it asks, the answer held against its own copy, then logged again.

Each inquiry ends in its log with one of two entries: `received`, once for each request id, or `refused` with a code.
Where the other end decided, the code is the one that stands in the other end's log.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import pyarrow as pa

from tsunagu.audit.entry import Entry
from tsunagu.errors import EngineError, PurposeError, SourceError, StateError, TsunaguError
from tsunagu.purposes.agreement import SharingAgreement
from tsunagu.purposes.grant import REFUSALS
from tsunagu.purposes.manifest import AnswerManifest, read_manifest, received, require_room
from tsunagu.purposes.request import DataRequest, bytes_of
from tsunagu_node.asking import Asking
from tsunagu_node.log import Log, moment, object_of
from tsunagu_node.mailbox import Mailbox
from tsunagu_node.opening import Answered
from tsunagu_node.refusals import Refused

#: Codes of this side alone: nothing came; this side has no directory to rely on, or the holder polls; what came is no
#: answer; it is another one than was asked for; this side's own disk failed.
OWN = ("unreachable", "not_possible", "unreadable", "not_taken", "failed")
# On the way a refusal has the code of its kind and the words of its reason; both ends have the same words.
_BY_WORDS = {what: code for code, what in REFUSALS.items()}


@dataclass(frozen=True)
class Taken:
    """An answer that was taken. table: what was received; manifest: what was said of it, held against the table."""

    table: pa.Table
    manifest: AnswerManifest


@dataclass(frozen=True)
class Inquiry:
    """Inquiries of one organisation.

    log      of this node
    mailbox  for holders who poll; None where there are none
    """

    asking: Asking
    log: Log
    mailbox: Mailbox | None = None

    def ask(self, agreement: SharingAgreement, request: DataRequest) -> Taken:
        """What a listening holder answers with; asked again under the same id, the same.

        agreement  this side's own copy, against which the answer is held
        raises     TsunaguError where there is none, after it was logged: Refused as the holder says, or as this side
                   finds; PurposeError where it is another answer; EngineError where nothing comes, StateError where
                   the holder polls
        """
        self._note(request, "asking", _asked(request))
        with self._logged(request):
            answered = self.asking.ask(agreement.holder, request.agreement, request.id, bytes_of(request))
            return self._taken(answered, agreement, request)

    def leave(self, request: DataRequest) -> None:
        """Leaves a request for a holder who polls; once more is nothing new, and is logged all the same."""
        mailbox = self._own_mailbox(request)
        self._note(request, "asking", _asked(request))
        with self._logged(request):
            mailbox.put(request.holder, request.agreement, request.id, bytes_of(request), self.asking.clock())

    def collect(self, agreement: SharingAgreement, request: DataRequest) -> Taken | None:
        """What the holder has brought for a request that was left, or None while it has not.

        raises  as `ask`; a refusal that was brought is logged once, however often one looks
        """
        brought = self._own_mailbox(request).brought(request.id)
        if brought is None:
            return None
        with self._logged(request, once=f"reply {brought.proof.key} {brought.proof.nonce}"):
            return self._taken(self.asking.opened_reply(brought), agreement, request)

    @contextmanager
    def _logged(self, request: DataRequest, once: str = "") -> Iterator[None]:
        """Whatever ends an inquiry without a table is in the log before it is raised. once: of one reply, looked at."""
        try:
            yield
        except (TsunaguError, OSError) as error:
            entry = self._entry(request, "refused", _why(error))
            if once:
                self.log.append_once(once, "refused", entry)
            else:
                self.log.append(entry)
            if isinstance(error, OSError):
                raise EngineError(
                    f"the answer could not be kept ({type(error).__name__})",
                    where=request.agreement,
                    to_do="Check the disk, and ask again under the same id.",
                ) from error
            raise

    def _taken(self, answered: Answered, agreement: SharingAgreement, request: DataRequest) -> Taken:
        """The answer, once it is what was asked for and is logged; of anything else nothing stays."""
        try:
            manifest = read_manifest(answered.manifest)
            require_room(answered.size, manifest, agreement)  # before it is read into memory
            table = received(manifest, answered.payload.read_bytes(), request, agreement)
        except SourceError as error:
            raise _NotTaken("unreadable", error) from error
        except PurposeError as error:
            raise _NotTaken("not_taken", error) from error
        else:
            self._note_received(answered, manifest, request, _named(table, request))
        finally:
            answered.payload.unlink(missing_ok=True)
        return Taken(table, manifest)

    def _note_received(
        self, answered: Answered, manifest: AnswerManifest, request: DataRequest, named: Mapping[str, str | int]
    ) -> None:
        detail: dict[str, str | int] = {
            "question": request.question,
            "agreement_sha256": manifest.agreement_sha256,
            "rows": manifest.rows,
            "payload_sha256": manifest.sha256,
            "key": answered.signature.key,
            **named,
            **({"attempt": manifest.attempt} if manifest.attempt > 1 else {}),
        }
        name = f"received {request.holder} {request.id}"
        before = self.log.append_once(name, manifest.sha256, self._entry(request, "received", detail))
        if before is None:
            return
        if before != manifest.sha256:
            other = PurposeError(
                "the answer was not taken: another one was received before under this id",
                where=request.agreement,
                to_do="Nothing of it was kept. Ask the holder's people why one question had two answers.",
            )
            raise _NotTaken("not_taken", other)
        self._note(request, "received_again", detail)

    def _own_mailbox(self, request: DataRequest) -> Mailbox:
        if self.mailbox is None:
            raise StateError(
                "this node has no mailbox", where=request.holder, to_do="Give the node one, and ask again."
            )
        return self.mailbox

    def _note(self, request: DataRequest, action: str, detail: Mapping[str, str | int]) -> None:
        self.log.append(self._entry(request, action, detail))

    def _entry(self, request: DataRequest, action: str, detail: Mapping[str, str | int]) -> Entry:
        return Entry(
            at=moment(self.asking.clock()),
            actor=request.asked_by,
            role="requester",
            action=action,
            object=object_of(request.agreement),
            purpose=request.purpose,
            detail={"request": request.id, "of": f"org:{request.holder}", **detail},
        )


class _NotTaken(PurposeError):
    """An answer that this side does not take, in the words of what was found. code: one of OWN."""

    def __init__(self, code: str, error: TsunaguError) -> None:
        super().__init__(error.what, where=error.where, to_do=error.to_do)
        self.code = code


def _asked(request: DataRequest) -> dict[str, str | int]:
    """What is asked, and of how many by name and why, where it names somebody."""
    asked: dict[str, str | int] = {"question": request.question}
    if request.named:
        asked |= {"named": len(request.named), "reason": request.reason, "run": request.on.isoformat()}
    return asked


def _named(table: pa.Table, request: DataRequest) -> dict[str, str | int]:
    """How many were named of those whom the request names, and how many besides; nothing where it names nobody."""
    if not request.named:
        return {}
    tokens = set(table.column("token").unique().to_pylist())
    here = len(tokens & set(request.named))
    return {"named": here, "beside": len(tokens) - here, "reason": request.reason, "run": request.on.isoformat()}


def _why(error: TsunaguError | OSError) -> dict[str, str | int]:
    """How a refusal stands in the log. proved: by a signature of the holder, or by a check of this side."""
    if isinstance(error, Refused):
        return {"why": _BY_WORDS.get(error.what, error.code), "proved": "yes" if error.proved else "no"}
    if isinstance(error, _NotTaken):
        return {"why": error.code, "proved": "yes"}
    if isinstance(error, OSError):
        return {"why": "failed", "proved": "yes"}
    return {"why": "unreachable" if isinstance(error, EngineError) else "not_possible", "proved": "no"}
