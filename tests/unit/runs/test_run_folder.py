"""A run folder is whole or absent, opens only unchanged, and gives the same bytes for the same run."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pyarrow as pa
import pytest

from tsunagu.errors import EngineError, PurposeError, SourceError, StateError
from tsunagu.records.run_tables import IDENTITIES, PLAIN_TABLES, SEALED_TABLES
from tsunagu.runs import crypt, folder

KEY = bytes(range(64))
ADDRESS_KEY = bytes(range(64, 128))


def _write(out: Path, *, address: str = "", **changes: object) -> None:
    """A run; with an address it carries the sealed tables too."""
    identities = IDENTITIES.empty().from_pylist(
        [
            {
                "person_id": "P1",
                "household_id": "1",
                "is_noticed": True,
                "relation": "子",
                "name": "例川　あおい",
                "birth_date": dt.date(2016, 5, 1),
            }
        ],
        schema=IDENTITIES.schema,
    )
    folder.write_run(
        out,
        plain={shape.name: shape.empty() for shape in PLAIN_TABLES},
        identities=identities,
        vocabulary={"levels": {}},
        manifest={"on": "2026-09-30", **changes},
        key=KEY,
        sealed=_sealed(address),
        address_key=ADDRESS_KEY if address else None,
    )


def _sealed(address: str) -> dict[str, pa.Table]:
    tables = {shape.name: shape.empty() for shape in SEALED_TABLES}
    row = {"person_id": "P1", "kind": "current", "address": address}
    shape = SEALED_TABLES[0]
    return {**tables, shape.name: pa.Table.from_pylist([row], schema=shape.schema)}


def test_what_was_written_is_read(tmp_path: Path) -> None:
    _write(tmp_path / "run")
    run = folder.open_run(tmp_path / "run")
    assert run.manifest["on"] == "2026-09-30"
    assert run.table("notices").num_rows == 0
    assert run.identities(KEY).column("name").to_pylist() == ["例川　あおい"]


def test_a_run_made_before_there_were_programmes_found_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as before:
        before.setattr(folder, "PLAIN_TABLES", tuple(s for s in PLAIN_TABLES if s.name != "entitlements"))
        _write(tmp_path / "run")
    run = folder.open_run(tmp_path / "run")
    assert "entitlements" not in run.manifest["tables"]
    assert run.table("entitlements").num_rows == 0
    (tmp_path / "run" / "notices.parquet").unlink()
    with pytest.raises(StateError):
        folder.open_run(tmp_path / "run")


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    _write(tmp_path / "a")
    _write(tmp_path / "b")
    names = sorted(p.name for p in (tmp_path / "a").iterdir())
    assert names == sorted(p.name for p in (tmp_path / "b").iterdir())
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_no_name_stands_in_the_folder_in_the_clear(tmp_path: Path) -> None:
    _write(tmp_path / "run")
    for path in (tmp_path / "run").iterdir():
        data = path.read_bytes()
        for encoding in ("utf-8", "utf-16-le", "cp932"):
            assert "あおい".encode(encoding) not in data, path.name


def test_nobody_else_on_the_machine_may_read_a_run(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        _write(tmp_path / "run", address="1-2-3")
    finally:
        os.umask(before)
    written = [tmp_path / "run", *(tmp_path / "run").iterdir()]
    assert len(written) > 5
    assert {path.name: oct(path.stat().st_mode & 0o7) for path in written} == {path.name: "0o0" for path in written}


@pytest.mark.parametrize("name", ["manifest.json", "vocabulary.json", "notices.parquet", "reasons.parquet"])
def test_a_changed_file_is_refused(tmp_path: Path, name: str) -> None:
    _write(tmp_path / "run")
    path = tmp_path / "run" / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(StateError, match=name.replace(".", r"\.")):
        folder.open_run(tmp_path / "run")


def test_a_manifest_with_a_new_seal_does_not_open_the_names(tmp_path: Path) -> None:
    _write(tmp_path / "run")
    _write(tmp_path / "other", on="2026-10-31")
    (tmp_path / "run" / "manifest.json").write_bytes((tmp_path / "other" / "manifest.json").read_bytes())
    run = folder.open_run(tmp_path / "run")
    with pytest.raises(PurposeError):
        run.identities(KEY)


def test_another_key_does_not_open_the_names(tmp_path: Path) -> None:
    _write(tmp_path / "run")
    with pytest.raises(PurposeError):
        folder.open_run(tmp_path / "run").identities(bytes(64))


def test_a_finished_run_is_never_overwritten(tmp_path: Path) -> None:
    _write(tmp_path / "run")
    before = (tmp_path / "run" / "manifest.json").read_bytes()
    with pytest.raises(StateError, match="already there"):
        _write(tmp_path / "run", on="2026-10-31")
    assert (tmp_path / "run" / "manifest.json").read_bytes() == before


def test_a_folder_without_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not a run folder"):
        folder.open_run(tmp_path)


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder, "_write", full)
    with pytest.raises(EngineError, match="No space left"):
        _write(tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_killed_while_writing_leaves_no_run_folder_and_the_next_run_cleans_up(tmp_path: Path) -> None:
    program = textwrap.dedent(
        """
        import sys, time
        from pathlib import Path
        sys.path.insert(0, sys.argv[2])
        from tsunagu.runs import folder
        whole = folder._write
        def slow(path, data):
            whole(path, data)
            print(path.name, flush=True)
            time.sleep(60)
        folder._write = slow
        import test_run_folder
        test_run_folder._write(Path(sys.argv[1]) / "run")
        """
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path), str(Path(__file__).parent)], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip()  # at least one file is on the disk
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "run").exists()
    assert [p.suffix for p in tmp_path.iterdir()] == [".partial"]
    time.sleep(0.05)
    _write(tmp_path / "run")
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_a_key_file_is_private_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "identity.key"
    key = crypt.create_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert crypt.read_key(path) == key
    with pytest.raises(StateError):
        crypt.create_key(path)
    path.chmod(0o644)
    with pytest.raises(PurposeError, match="other users"):
        crypt.read_key(path)


@pytest.mark.parametrize("text", ["", "nonsense", "tsunagu-key-1 AAAA", "tsunagu-key-1 ****"])
def test_what_is_no_key_file_is_said(tmp_path: Path, text: str) -> None:
    path = tmp_path / "k.key"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(SourceError, match="not a tsunagu key"):
        crypt.read_key(path)
    with pytest.raises(SourceError, match="no key file"):
        crypt.read_key(tmp_path / "absent.key")


def test_addresses_are_sealed_with_a_key_of_their_own(tmp_path: Path) -> None:
    _write(tmp_path / "run", address="瑞野市星影台1-2-3")
    run = folder.open_run(tmp_path / "run")
    assert run.sealed("addresses", ADDRESS_KEY).column("address").to_pylist() == ["瑞野市星影台1-2-3"]
    with pytest.raises(PurposeError):
        run.sealed("addresses", KEY)
    with pytest.raises(PurposeError):
        run.identities(ADDRESS_KEY)


def test_a_run_without_an_address_key_says_so(tmp_path: Path) -> None:
    _write(tmp_path / "run")
    run = folder.open_run(tmp_path / "run")
    assert not run.carries_addresses
    with pytest.raises(StateError, match="carries no addresses"):
        run.sealed("addresses", ADDRESS_KEY)


def test_two_runs_that_differ_in_a_sealed_address_differ_nowhere_else(tmp_path: Path) -> None:
    _write(tmp_path / "a", address="瑞野市星影台1-2-3")
    _write(tmp_path / "b", address="瑞野市南野四丁目29番地の15 とても長い名前の集合住宅 1207号室")
    for path in sorted((tmp_path / "a").iterdir()):
        other = tmp_path / "b" / path.name
        if path.name == "addresses.parquet.enc":
            assert path.read_bytes() != other.read_bytes(), "the test would see a difference"
            assert path.stat().st_size == other.stat().st_size
        else:
            assert path.read_bytes() == other.read_bytes(), path.name


def test_sealed_tables_do_not_open_in_each_others_place(tmp_path: Path) -> None:
    _write(tmp_path / "run", address="瑞野市星影台1-2-3")
    (tmp_path / "run" / "residences.parquet.enc").write_bytes((tmp_path / "run" / "addresses.parquet.enc").read_bytes())
    with pytest.raises(PurposeError):
        folder.open_run(tmp_path / "run").sealed("residences", ADDRESS_KEY)
