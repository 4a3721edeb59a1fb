"""What the repository must never carry: addresses of registries, machine paths, unfinished marks, large files."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def _files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return [ROOT / name for name in listed if (ROOT / name).is_file()]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_lock_files_carry_no_address() -> None:
    locks = sorted((ROOT / "requirements").glob("*.txt"))
    assert locks
    for path in locks:
        text = _text(path)
        assert "://" not in text, path.name
        pinned = re.findall(r"^[a-zA-Z0-9_.\-\[\]]+==\S+", text, re.MULTILINE)
        assert len(pinned) > 10
        for block in re.split(r"\n(?=[a-zA-Z0-9])", text):
            if "==" in block.split("\n")[0]:
                assert "--hash=sha256:" in block, block.split()[0]


def test_no_machine_path_and_no_folder_beside_the_repository() -> None:
    # written in pieces so that this test does not find itself
    machine = re.compile("(?<![A-Za-z0-9_.~-])/(" + "|".join(["wor" + "k", "ro" + "ot", "home/[a-z]+"]) + ")/[A-Za-z.]")
    beside = ".." + "/shared"
    for path in _files():
        text = _text(path)
        assert not machine.search(text), f"{path.relative_to(ROOT)} names a path of a machine"
        assert beside not in text, f"{path.relative_to(ROOT)} reads beside the repository"


def test_no_unfinished_mark_in_the_source() -> None:
    marks = re.compile("|".join(["TO" + "DO", "FIX" + "ME", "X" * 3 + r"\b", r"\bNotImplemented" + "Error"]))
    for path in (ROOT / "src").rglob("*.py"):
        assert not marks.search(_text(path)), path.relative_to(ROOT)


def test_no_large_file() -> None:
    large = [str(p.relative_to(ROOT)) for p in _files() if p.stat().st_size > 2 * 1024 * 1024]
    assert large == []


def test_no_decision_number_stands_twice() -> None:
    numbers = [p.name[:4] for p in (ROOT / "docs" / "decisions").glob("[0-9][0-9][0-9][0-9]-*.md")]
    assert numbers
    assert len(numbers) == len(set(numbers)), sorted(numbers)
