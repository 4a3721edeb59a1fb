"""Each import contract holds, and each is seen to fail on a deliberate break."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMES = [
    contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
]
# contract name -> (file, line that breaks it)
BREAKS = {
    "The flow: a stage may use earlier stages, never later ones": (
        "tsunagu/sources/broken.py",
        "import tsunagu.screening",
    ),
    "The core knows no web framework and no program built on it": ("tsunagu/screening/broken.py", "import django"),
    "A holder's node ranks nobody and knows nothing of the desk": (
        "tsunagu_node/broken.py",
        "import tsunagu.screening",
    ),
    "The desk sees results, never raw records": ("tsunagu_web/broken.py", "import tsunagu.linkage"),
    "The desk's rooms: a room may use those below it, never those above": (
        "tsunagu_web/access/broken.py",
        "import tsunagu_web.cases.models",
    ),
    "Splink is imported in one module": ("tsunagu/linkage/broken.py", "import splink"),
    "PySpark is imported in one module": ("tsunagu/screening/broken.py", "import pyspark"),
    "numpy is imported in one module": ("tsunagu/estimates/broken.py", "import numpy"),
}


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", program, "--no-logo", "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder / "src"), "PATH": "/usr/bin:/bin", "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    return tmp_path


def test_every_contract_has_a_break() -> None:
    assert sorted(BREAKS) == sorted(NAMES)


def test_all_contracts_hold(copy: Path) -> None:
    done = _lint(copy)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


@pytest.mark.parametrize("name", NAMES)
def test_a_deliberate_break_is_seen(copy: Path, name: str) -> None:
    file, line = BREAKS[name]
    (copy / "src" / file).write_text(f'"""Broken on purpose."""\n\n{line}\n', encoding="utf-8")
    done = _lint(copy)
    assert done.returncode != 0
    assert f"{name} BROKEN" in " ".join(done.stdout.split()), done.stdout[-3000:]


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("tsunagu_web/reports/broken.py", "import tsunagu.evaluation.whatif"),
        ("tsunagu_web/boards/broken.py", "import tsunagu.screening.load"),
        ("tsunagu_web/criteria/broken.py", "import tsunagu.linkage.model"),
        ("tsunagu_web/criteria/broken.py", "import tsunagu.evaluation.curves"),
    ],
)
def test_the_editor_of_criteria_alone_reaches_screening_and_nothing_else(copy: Path, file: str, line: str) -> None:
    """The exception of decision 0031: these edges of that room, and no way round through it."""
    (copy / "src" / file).write_text(f'"""Broken on purpose."""\n\n{line}\n', encoding="utf-8")
    done = _lint(copy)
    assert done.returncode != 0
    assert "The desk sees results, never raw records BROKEN" in " ".join(done.stdout.split()), done.stdout[-3000:]


@pytest.mark.parametrize(
    ("file", "line", "name"),
    [
        ("tsunagu/purposes/broken.py", "import urllib3", "The core knows no web framework and no program built on it"),
        ("tsunagu/purposes/broken.py", "import uvicorn", "The core knows no web framework and no program built on it"),
        ("tsunagu_web/broken.py", "import tsunagu_node", "The desk sees results, never raw records"),
    ],
)
def test_the_transport_of_a_node_is_known_to_the_node_alone(copy: Path, file: str, line: str, name: str) -> None:
    (copy / "src" / file).write_text(f'"""Broken on purpose."""\n\n{line}\n', encoding="utf-8")
    done = _lint(copy)
    assert done.returncode != 0
    assert f"{name} BROKEN" in " ".join(done.stdout.split()), done.stdout[-3000:]


def test_a_new_room_must_be_given_its_place(copy: Path) -> None:
    (copy / "src" / "tsunagu" / "utils").mkdir()
    (copy / "src" / "tsunagu" / "utils" / "__init__.py").write_text("", encoding="utf-8")
    done = _lint(copy)
    assert done.returncode != 0
    assert "utils" in done.stdout
