"""What is amiss at the holder is told at the holder, with its cause, and the asker is not blamed for it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import nodes
from answered import a_request
from nodes import HOLDER, REQUESTER, World, a_world
from offices import Holder, agreement_of_today, today
from tsunagu.errors import EngineError, PurposeError, SourceError, StateError
from tsunagu.purposes.agreement import SharingAgreement
from tsunagu_node.asking import Patience
from tsunagu_node.console import NotAgain, console, words_of
from tsunagu_node.inquiry import Inquiry
from tsunagu_node.listening import Limits
from tsunagu_node.log import Log
from tsunagu_node.mailbox import Mailbox
from tsunagu_node.polling import look_once
from tsunagu_node.refusals import Refused

ONCE = Patience(tries=1, connect=5, read=30)
PERSON = "例本 花子"


class Ends:
    """A holder over TLS, its console and log, and one who asks."""

    def __init__(self, world: World, agreement: SharingAgreement, console: pytest.LogCaptureFixture) -> None:
        self.world, self.agreement, self._console = world, agreement, console
        self.holder = Holder(world, agreement)
        self.log = Log(world.folder / REQUESTER / "log.sqlite3", b"r" * 64)
        self.inquiry = Inquiry(world.asking(REQUESTER, patience=ONCE), self.log)

    def refusal(self, **changed: Any) -> Refused:
        """What the asker is told."""
        with pytest.raises(Refused) as refused:
            self.inquiry.ask(self.agreement, a_request(self.agreement, on=today(), **changed))
        return refused.value

    def console(self) -> str:
        return "\n".join(one.getMessage() for one in self._console.records if one.name.startswith("tsunagu_node"))

    def logged(self) -> list[str]:
        """Why, in the holder's log and in the asker's."""
        return [json.loads(list(log.rows())[-1].body)["detail"]["why"] for log in (self.holder.log, self.log)]


@pytest.fixture
def ends(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Ends]:
    caplog.set_level(logging.WARNING)
    made = Ends(a_world(tmp_path), agreement_of_today(), caplog)
    with made.world.served(HOLDER, made.holder.answering):
        yield made


def failing(error: Exception) -> Callable[..., object]:
    def fails(*_: object, **__: object) -> object:
        raise error

    return fails


@pytest.mark.parametrize(
    "error",
    [
        PurposeError("other users may read the key", where="/srv/keys/join.groupkey", to_do="Run: chmod 600"),
        SourceError("this is not a key", where="/srv/keys/join.groupkey", to_do="Put it back."),
        EngineError("the disk is full", where="/srv/log.sqlite3", to_do="Make room."),
    ],
)
def test_an_error_of_the_holders_own_files_is_its_fault_and_told_there(
    ends: Ends, monkeypatch: pytest.MonkeyPatch, error: PurposeError | SourceError | EngineError
) -> None:
    monkeypatch.setattr("tsunagu_node.office.answer", failing(error))
    refused = ends.refusal()
    assert (refused.code, refused.proved) == ("failed", True)
    assert "by a fault of its own" in refused.what
    assert "ask the people who run that node" in refused.to_do
    assert "srv" not in refused.message()
    assert ends.logged() == ["failed", "failed"]
    said = ends.console()
    assert said.startswith("a fault of this node: request ")
    assert f"of {REQUESTER} was not answered" in said
    assert error.message() in said


def test_a_broken_copy_at_the_holder_does_not_read_as_a_malformed_request(
    ends: Ends, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tsunagu_node.office.grant", failing(SourceError("the criteria cannot be read", where="c")))
    assert ends.refusal().code == "failed"
    assert "the criteria cannot be read" in ends.console()


def test_an_error_of_the_program_is_told_by_kind_and_place_and_quotes_nobody(
    ends: Ends, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tsunagu_node.office.answer", failing(KeyError(PERSON)))
    assert ends.refusal().code == "failed"
    said = ends.console()
    assert "KeyError at office.py, line " in said
    assert PERSON not in said
    assert ends.logged() == ["failed", "failed"]


def test_an_error_outside_the_handler_is_told_and_logged_too(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ends.holder.answering, "verify", failing(ValueError(PERSON)))
    refused = ends.refusal()
    assert (refused.code, refused.proved) == ("failed", False)
    assert "by a fault of its own" in refused.what
    assert "a message was not answered: ValueError" in ends.console()
    assert PERSON not in ends.console()
    assert ends.holder.refusals() == [("unknown", "failed")]


def test_what_the_holders_people_have_left_to_do_is_told_at_both_ends(
    ends: Ends, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = StateError("no extracts have been brought in", where="/srv/store", to_do="Bring them in first.")
    monkeypatch.setattr("tsunagu_node.office.answer", failing(waits))
    refused = ends.refusal()
    assert (refused.code, refused.what) == ("not_now", "no extracts have been brought in")
    assert refused.to_do == "This is for the people of the holder: Bring them in first."
    assert ends.logged() == ["not_now", "not_now"]
    assert f"{REQUESTER} was not answered under agreement:" in ends.console()
    assert "Bring them in first." in ends.console()


def test_what_the_copy_does_not_grant_is_no_fault_and_not_on_the_console(ends: Ends) -> None:
    assert ends.refusal(purpose="statistics").code == "not_allowed"
    assert ends.console() == ""


def test_what_is_no_request_is_malformed_still(ends: Ends) -> None:
    with pytest.raises(Refused) as refused:
        ends.inquiry.asking.ask(HOLDER, ends.agreement.id, "0" * 32, b"{}")
    assert refused.value.code == "malformed"
    assert ends.console() == ""


def test_a_node_that_left_the_directory_says_so_and_blames_nobody(ends: Ends) -> None:
    world = ends.world
    before = world.directory
    without = tuple(one for one in before.organisations if one.id != HOLDER)
    asking = world.asking(REQUESTER, patience=ONCE)
    asking.directory.at(nodes.now())
    ended = replace(before, version=2, organisations=without)
    world.publish(ended)
    # The asker still has the version before: it knows where the holder answers.
    asking.directory = world.current(REQUESTER, elapsed=lambda: 0.0)
    asking.directory.at = lambda _now: before  # type: ignore[method-assign]
    with pytest.raises(Refused) as refused:
        asking.told(HOLDER, "GET", "/requests", b"")
    assert (refused.value.code, refused.value.what) == (
        "no_directory",
        "this node is not in the directory that it has",
    )
    assert "a message was not answered: the directory has no such organisation" in ends.console()


def test_a_log_that_cannot_be_written_is_told_on_the_console(ends: Ends) -> None:
    ends.holder.log.close()
    assert ends.refusal().code == "failed"
    assert "log.sqlite3" in ends.console()


def test_a_holder_that_polls_tells_its_fault_on_its_console(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    agreement = agreement_of_today()
    world = a_world(tmp_path, polled=(HOLDER,))
    mailbox = Mailbox(tmp_path / REQUESTER)
    with world.served(REQUESTER, world.answering(REQUESTER, nodes.Dummy()), mailbox=mailbox):
        ends = Ends(world, agreement, caplog)
        Inquiry(ends.inquiry.asking, ends.log, mailbox).leave(a_request(agreement, on=today()))
        monkeypatch.setattr("tsunagu_node.office.answer", failing(KeyError(PERSON)))
        looked = look_once(REQUESTER, world.asking(HOLDER, patience=ONCE), ends.holder.answering)
    assert [one.what for one in looked.left] == ["this node could not answer it"]
    assert "KeyError at office.py" in ends.console()


def test_a_round_that_fails_is_followed_by_the_next(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    world = a_world(tmp_path)
    done: list[int] = []

    def each_round() -> None:
        done.append(1)
        raise KeyError(PERSON)

    with world.served(HOLDER, world.answering(HOLDER, nodes.Dummy()), each_round=each_round, limits=Limits(round=0.01)):
        nodes.wait_until(lambda: len(done) > 2)
    assert "a round of the node failed: KeyError at serving.py, line " in caplog.text
    assert PERSON not in caplog.text


# The console.


def test_the_same_line_stands_once_in_a_minute_and_is_counted() -> None:
    moment = [0.0]
    again = NotAgain(lambda: moment[0])

    def shown(words: str) -> str | None:
        record = logging.LogRecord("tsunagu_node", logging.ERROR, "", 0, "%s", (words,), None)
        return record.getMessage() if again.filter(record) else None

    assert [shown("a"), shown("a"), shown("b"), shown("a")] == ["a", None, "b", None]
    moment[0] = 61.0
    assert shown("a") == "a (and 2 times more since the last line)"
    assert shown("b") == "b"
    assert [shown(str(number)) for number in range(2_000)] == [str(number) for number in range(2_000)]
    assert len(again._seen) <= 500


def test_the_console_has_a_moment_before_each_line_and_ends_with_the_block(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with console():
        logging.getLogger("tsunagu_node.x").warning("something")
        logging.getLogger("tsunagu_node.x").info("nothing")
    logging.getLogger("tsunagu_node.x").error("later")
    shown = capsys.readouterr().err
    assert shown.splitlines()[0][4:5] == "-"
    assert shown.splitlines()[0].endswith(" something")
    assert "nothing" not in shown
    assert len(shown.splitlines()) == 1


def test_words_of_an_error_of_another_library_are_not_shown() -> None:
    with pytest.raises(pa.ArrowInvalid) as error:
        pa.array([PERSON]).cast(pa.int32())
    assert PERSON in str(error.value)
    assert words_of(error.value).startswith("ArrowInvalid at ")
    assert PERSON not in words_of(error.value)
    assert words_of(StateError("w", where="here", to_do="t")) == "here: w\n  t"


def test_a_message_about_no_agreement_is_told_in_the_same_way(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ends.holder.answering.memory, "note_nonce", failing(EngineError("the disk is full", where="m")))
    asking = ends.world.asking(REQUESTER, patience=ONCE)
    with pytest.raises(Refused) as refused:
        asking.told(HOLDER, "GET", "/requests", b"")
    assert refused.value.code == "failed"
    assert "m: the disk is full" in ends.console()
