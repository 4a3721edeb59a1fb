"""A node says that it answers when it can, and what stops it, or one agreement or peer of it, before that."""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import json
import re
import shutil
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from agreements import an_agreement
from nodes import free_port
from served_nodes import a_node, done, published, ran, serving, two_nodes
from tsunagu.audit.entry import Entry
from tsunagu.errors import SourceError, StateError, TsunaguError
from tsunagu.purposes.agreement import SharingAgreement, as_mapping
from tsunagu.purposes.signatures import sign
from tsunagu_node.listening import bound
from tsunagu_node.log import moment
from tsunagu_node.node import Node, open_node
from tsunagu_node.own_heads import OwnHeads
from tsunagu_node.readiness import require_ready
from tsunagu_node.rounds import opened

TODAY = dt.datetime.now(dt.UTC).date()


@pytest.fixture(scope="module")
def as_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    two_nodes(folder)
    a_node(folder, "stranger")
    return folder


@pytest.fixture
def file(as_made: Path, tmp_path: Path) -> Path:
    """The school board's file, in a folder of this test's own."""
    shutil.copytree(as_made, tmp_path / "made")
    return tmp_path / "made" / "school-board" / "HOLDER.toml"


def told(file: Path) -> str:
    """What is told at the start."""
    with opened(open_node(file)) as node:
        return "\n".join(require_ready(node))


def stopped(file: Path) -> TsunaguError:
    with opened(open_node(file)) as node, pytest.raises(TsunaguError) as error:
        require_ready(node)
    return error.value


def agreed(file: Path, *, sides: tuple[str, ...] = ("holder", "requester"), **changed: object) -> SharingAgreement:
    """An agreement of today between the two, at the holder, signed by these sides."""
    first, last = TODAY - dt.timedelta(days=30), TODAY + dt.timedelta(days=300)
    given = {"valid_from": first.isoformat(), "valid_until": last.isoformat(), **changed}
    made = an_agreement(**{"holder": "school-board", "requester": "child-centre", **given})
    for side in sides:
        node = open_node(file.parents[1] / getattr(made, side) / "HOLDER.toml")
        made = sign(made, side, node.signing_key)
    return made


def put(file: Path, name: str, agreement: SharingAgreement) -> Path:
    path = file.parent / "agreements" / f"{name}.json"
    path.write_text(json.dumps(as_mapping(agreement), ensure_ascii=False), encoding="utf-8")
    return path


def counted(file: Path) -> dict[str, int]:
    with opened(open_node(file)) as node:
        return {id: one.version for id, one in node.copies.counted().items()}


def test_of_a_node_that_can_answer_nothing_is_said(file: Path) -> None:
    put(file, "a", agreed(file))
    assert told(file) == ""


# What stops every exchange stops the start.


def without_directory(folder: Path) -> None:
    (folder / "directory.json").unlink()


def without_authorities(folder: Path) -> None:
    (folder / "authorities.pem").unlink()


def not_named(folder: Path) -> None:
    done("directory", folder / "directory.json", "--leave-out", "school-board", "--key", folder / "keeper.key")


def misspelt(folder: Path) -> None:
    file = folder / "school-board" / "HOLDER.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('"school-board"', '"school-bord"'), encoding="utf-8")


def another_key(folder: Path) -> None:
    shutil.copy(folder / "child-centre" / "keys" / "signing.key", folder / "school-board" / "keys" / "signing.key")


def lost_sealing_key(folder: Path) -> None:
    (folder / "school-board" / "keys" / "sealing.key").unlink()


def another_certificate(folder: Path) -> None:
    shutil.rmtree(folder / "school-board" / "tls")
    shutil.copytree(folder / "child-centre" / "tls", folder / "school-board" / "tls")


def revoked_key(folder: Path) -> None:
    entry = json.loads((folder / "school-board" / "entry.json").read_text(encoding="utf-8"))
    name = entry["signing_keys"][0]["id"]
    done("revoke", folder / "directory.json", name, "--key", folder / "keeper.key")


def ended_key(folder: Path) -> None:
    path = folder / "school-board" / "entry.json"
    entry = json.loads(path.read_text(encoding="utf-8"))
    entry["signing_keys"][0] |= {"valid_from": "2024-01-01", "valid_until": "2024-12-31"}
    path.write_text(json.dumps(entry), encoding="utf-8")
    published(folder, "school-board", "child-centre")


@pytest.mark.parametrize(
    ("spoil", "what", "where", "to_do"),
    [
        (without_directory, "the directory cannot be read", "directory.json", "Put the directory's file there"),
        (without_authorities, "the file of authorities cannot be read", "authorities.pem", "Put the certificates"),
        (not_named, "does not name 'school-board'", "directory.json", "Give entry.json to the directory's keeper"),
        (misspelt, "does not name 'school-bord'", "directory.json", "Did you mean: school-board"),
        (another_key, "keys/signing.key is ", "directory.json", "Put back the key"),
        (lost_sealing_key, "the key that opens what is sealed for this node is gone", "sealing.key", "Put it back"),
        (another_certificate, "pins another certificate", "directory.json", "Put back the folder tls/"),
        (revoked_key, r"keys/signing.key \([0-9a-f]{16}\) was revoked", "directory.json", "have the new one named"),
        (ended_key, "is valid from 2024-01-01 to 2024-12-31, not today", "directory.json", "have the new one named"),
    ],
)
def test_who_could_answer_nobody_does_not_start(
    file: Path, spoil: Callable[[Path], object], what: str, where: str, to_do: str
) -> None:
    spoil(file.parents[1])
    error = stopped(file)
    assert isinstance(error, SourceError | StateError)
    assert re.search(what, error.what), error.what
    assert error.where.endswith(where)
    assert to_do in error.to_do


def test_a_head_key_that_nobody_knows_is_no_matter_without_witnesses(file: Path) -> None:
    another = file.parents[1] / "child-centre" / "keys" / "head.key"
    shutil.copy(another, file.parent / "keys" / "head.key")
    assert told(file) == ""
    file.write_text(file.read_text(encoding="utf-8").replace("witnesses = []", 'witnesses = ["child-centre"]'), "utf-8")
    assert "keys/head.key is " in stopped(file).what


def test_who_has_nothing_to_do_is_told_so(file: Path) -> None:
    published(file.parents[1], "school-board", "child-centre", "stranger")
    assert "nothing to do" in stopped(file.parents[1] / "stranger" / "HOLDER.toml").what


def test_the_command_says_no_word_of_answering(file: Path) -> None:
    without_directory(file.parents[1])
    end = ran("serve", file)
    assert end.returncode == SourceError.exit_code
    assert "answers at" not in end.stderr + end.stdout
    assert end.stderr.count("\n") == 2, end.stderr


# What stops one peer or one agreement is told, and the rest is served.


def test_peers_that_nobody_can_reach_are_told_with_the_nearest_name(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    published(file.parents[1], "school-board", "child-centre", "stranger")
    changed = text.replace("witnesses = []", 'witnesses = ["child-center", "stranger"]')
    file.write_text(changed.replace("look_at = []", 'look_at = ["nobody"]'), encoding="utf-8")
    said = told(file)
    assert "as 'child-center': the directory does not name it\n  Correct 'witnesses'. Did you mean: child-cent" in said
    assert "as 'stranger': it listens nowhere itself" in said
    assert "of 'nobody': the directory does not name it\n  Correct 'look_at'. Known:" in said


def test_another_place_than_the_directory_says_is_told(file: Path) -> None:
    listening = file.read_text(encoding="utf-8")
    lines = [one for one in listening.splitlines() if not one.startswith(("listen", "look_at"))]
    file.write_text("\n".join([*lines, 'look_at = ["child-centre"]\n']), encoding="utf-8")
    (line,) = told(file).split("\n  ")[:1]
    assert line.startswith("others ask at https://127.0.0.1:")
    file.write_text(listening, encoding="utf-8")
    entry = file.parent / "entry.json"
    fetches = {**json.loads(entry.read_text(encoding="utf-8")), "endpoint": ""}
    entry.write_text(json.dumps(fetches), encoding="utf-8")
    published(file.parents[1], "school-board", "child-centre")
    assert told(file).startswith("nobody asks here")


@pytest.mark.parametrize("content", ["", "{", '{"id": "A"}', "\udcff", "[1]"])
def test_a_file_that_is_no_agreement_stops_no_other(file: Path, content: str) -> None:
    sound = agreed(file)
    put(file, "sound", sound)
    broken = file.parent / "agreements" / "broken.json"
    broken.write_bytes(content.encode("utf-8", "surrogateescape"))
    said = told(file)
    assert said.startswith("this agreement is not counted, the others are.\n")
    assert str(broken) in said
    assert counted(file) == {sound.id: 1}


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("second", lambda text: text.replace("rows_at_most", "rows")),
        ("{id}-v2", lambda text: ""),
        ("{id}", lambda _: ""),
    ],
)
def test_a_version_that_cannot_be_read_is_not_answered_by_the_one_before(
    file: Path, name: str, spoil: Callable[[str], str]
) -> None:
    """The next version may say less, or have ended it."""
    first, other = agreed(file), agreed(file, id="A-other")
    put(file, "first", first)
    put(file, "other", other)
    second = agreed(file, version=2, replaces=first.hash, rows_at_most=3)
    path = put(file, name.format(id=first.id), second)
    assert counted(file) == {first.id: 2, other.id: 1}
    path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8")
    assert counted(file) == {other.id: 1}
    assert f"Not answered until it is mended: {first.id}.\n" in told(file)
    put(file, name.format(id=first.id), second)
    assert counted(file) == {first.id: 2, other.id: 1}


def test_a_command_that_somebody_watches_does_not_go_on_with_less(file: Path) -> None:
    put(file, "sound", agreed(file))
    (file.parent / "agreements" / "broken.json").write_text("{", encoding="utf-8")
    with opened(open_node(file)) as node, pytest.raises(SourceError, match="broken"):
        node.agreements()


def test_what_breaks_while_it_runs_is_told_once_and_again_when_it_breaks_anew(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put(file, "sound", agreed(file))
    broken = file.parent / "agreements" / "broken.json"

    def told_of(node: Node, content: str | None) -> int:
        caplog.clear()
        if content is None:
            broken.unlink()
        else:
            broken.write_text(content, encoding="utf-8")
        for _ in range(3):
            node.office().copies()
        return sum("broken.json" in one.getMessage() for one in caplog.records)

    with opened(open_node(file)) as node:
        assert [told_of(node, one) for one in ("{", "{", '{"id": 1}', None, "{")] == [1, 0, 1, 0, 1]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sides": ()}, ["the holder has not signed", "the requester has not signed"]),
        ({"sides": ("holder",)}, ["the requester has not signed"]),
        ({"requester": "nobody", "sides": ("holder",)}, ["the directory does not name 'nobody'"]),
        ({"valid_from": "2024-01-01", "valid_until": "2024-12-31", "sides": ()}, []),
        ({"valid_from": "2098-01-01", "valid_until": "2098-12-31"}, []),
        ({"valid_from": "2098-01-01", "valid_until": "2098-12-31", "sides": ("holder",)}, ["requester has not signed"]),
    ],
)
def test_an_agreement_that_is_not_relied_on_is_told_unless_its_days_are_over(
    file: Path, change: dict[str, object], said: list[str]
) -> None:
    made = agreed(file, **change)  # type: ignore[arg-type]
    put(file, "a", made)
    lines = [line for line in told(file).splitlines() if line.startswith("nothing is answered or asked under")]
    assert len(lines) == len(said)
    for line, why in zip(lines, said, strict=True):
        assert f"{made.id} version 1" in line
        assert line.endswith(why)


def test_an_agreement_of_others_is_told(file: Path) -> None:
    put(file, "theirs", agreed(file, holder="stranger", requester="child-centre", sides=()))
    assert "theirs.json: this agreement is between other organisations" in told(file)


def test_a_node_whose_witnesses_are_gone_says_so_at_its_start(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OwnHeads, "standing", lambda *_: "stopped")
    assert "this node answers nobody yet" in told(file)


# The port.


def test_a_port_that_another_has_is_told_before_anything_is_touched(file: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", open_node(file).file.port))
        other.listen()
        end = ran("serve", file)
    assert end.returncode == StateError.exit_code
    assert end.stderr.startswith(f"127.0.0.1:{open_node(file).file.port}: port ")
    assert "is in use on this machine\n  Close the other program, or write another port at 'listen'" in end.stderr
    assert "answers at" not in end.stderr
    assert "rrno" not in end.stderr
    assert not (file.parent / "answers").exists()


def test_a_port_of_the_system_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a user is refused it; the system's own user, as whom tests may run, is not."""

    def refused(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("tsunagu_node.listening._listening", refused)
    with pytest.raises(StateError, match=r"(?s)this user may not listen at port 443.*1024 or above"):
        bound("127.0.0.1", 443)


@pytest.mark.parametrize("host", ["192.0.2.7", "no-such-host.invalid"])
def test_an_address_that_is_not_this_machines_is_told(host: str) -> None:
    with pytest.raises(SourceError, match=r"(?s)does not listen at that address.*ip address"):
        bound(host, free_port())


def test_a_name_of_several_addresses_is_listened_at() -> None:
    port = free_port()
    place = bound("localhost", port)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) == 0
    for one in place:
        one.close()


def test_what_is_told_stands_before_the_line_that_it_answers(file: Path) -> None:
    (file.parent / "agreements" / "broken.json").write_text("{", encoding="utf-8")
    with serving(file) as node:
        said = node.said()
    assert said.index("broken.json") < said.index("school-board answers at https://127.0.0.1:")


# The log.


def an_entry(at: dt.datetime) -> Entry:
    return Entry(moment(at), "org:tax", "peer", "asked", "message", "none", detail={})


def test_a_node_whose_log_is_another_never_says_that_it_answers(file: Path) -> None:
    """Not at the start that finds it, nor at one after the row was put back: the alarm stays."""
    with opened(open_node(file)) as node:
        for _ in range(3):
            node.log.append(an_entry(node.clock()))
        OwnHeads(node.log).sign(node.head_key, node.clock())
    for changed in ("'org:tax', 'org:health'", "'org:health', 'org:tax'"):
        with contextlib.closing(sqlite3.connect(file.parent / "log.sqlite3")) as db:
            db.execute("DROP TRIGGER IF EXISTS log_stays")
            db.execute(f"UPDATE log SET body = replace(body, {changed}) WHERE number = 2")
            db.commit()
        with serving(file, ready="listens at https://127.0.0.1:") as node:
            said = node.said()
        assert "and answers nobody: its log is not the one that it signed. See: tsunagu node alarms" in said
        assert "answers at" not in said


def test_a_node_without_witnesses_for_long_says_that_it_answers_nobody(file: Path) -> None:
    with opened(open_node(file)) as node:
        node.log.append(an_entry(node.clock() - dt.timedelta(days=8)))
    with serving(file, ready="listens at https://127.0.0.1:") as node:
        said = node.said()
    assert "and answers nobody: for seven days too few witnesses have countersigned its log" in said
    assert "answers at" not in said
