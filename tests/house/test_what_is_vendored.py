"""What the desk serves of others' making is byte for byte what they published, with its licence beside it."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VEGA = ROOT / "src" / "tsunagu_web" / "static" / "vega"
# Of the interpreter, two lines are others than published; VERSIONS.txt says why.
REPLACED = {
    "vega-interpreter.js": (
        ("(() => { const { ascending, isString, DisallowedObjectProperties } = vega;",
         "import { ascending, isString, DisallowedObjectProperties } from 'vega-util';"),
        ("vega.expressionInterpreter = expression; })();", "export { expression as expressionInterpreter };"),
    )
}  # fmt: skip


def named() -> dict[str, tuple[str, str, str, str]]:
    """Package, version, licence and sum by file, as VERSIONS.txt has them."""
    text = (VEGA / "VERSIONS.txt").read_text("utf-8")
    lines = re.findall(r"^(\S+\.js)\s+(\S+)\s+([\d.]+)\s+(\S+)\s+([0-9a-f]{64})$", text, re.MULTILINE)
    return {file: (package, version, licence, digest) for file, package, version, licence, digest in lines}


def published(file: str, content: bytes) -> str:
    """The sum of the file as its makers published it."""
    for ours, theirs in REPLACED.get(file, ()):
        assert content.count(ours.encode()) == 1, f"{file}: the replaced line is another one"
        content = content.replace(ours.encode(), theirs.encode())
    return hashlib.sha256(content).hexdigest()


def test_every_script_there_is_named() -> None:
    assert sorted(path.name for path in VEGA.glob("*.js")) == sorted(named())
    assert len(named()) == 3


@pytest.mark.parametrize("file", sorted(named()))
def test_it_is_what_was_published_and_says_its_licence(file: str) -> None:
    package, version, _licence, digest = named()[file]
    content = (VEGA / file).read_bytes()
    assert published(file, content) == digest
    assert "Redistribution and use" in (VEGA / f"{package}.LICENSE.txt").read_text("utf-8")
    assert f"{package} {version}" in (ROOT / "NOTICE").read_text("utf-8")


@pytest.mark.parametrize("file", sorted(named()))
def test_control_one_other_byte_is_found(file: str) -> None:
    content = (VEGA / file).read_bytes()
    assert published(file, content + b"\n") != named()[file][3]
    assert published(file, content.replace(b"return", b"retrun", 1)) != named()[file][3]


def test_the_version_a_script_says_of_itself_is_the_one_named() -> None:
    vega, lite = ((VEGA / file).read_text("utf-8") for file in ("vega.min.js", "vega-lite.min.js"))
    assert f't.version="{named()["vega.min.js"][1]}"' in vega
    assert f'"{named()["vega-lite.min.js"][1]}"' in lite
