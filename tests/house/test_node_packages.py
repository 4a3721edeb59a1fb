"""A holder's node brings few packages, none of the desk's or the linkage's, and none under GPL or AGPL."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MOST = 30


def brought(*given: str) -> set[str]:
    """Every package that these requirements bring on this machine, by the metadata of what is installed."""
    found: set[tuple[str, frozenset[str]]] = set()
    open_ones = [Requirement(one) for one in given]
    while open_ones:
        one = open_ones.pop()
        name, extras = canonicalize_name(one.name), frozenset(one.extras)
        if (name, extras) in found:
            continue
        found.add((name, extras))
        for text in distribution(name).requires or []:
            inner = Requirement(text)
            if inner.marker is None or any(inner.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
                open_ones.append(inner)
    return {name for name, _ in found}


def node() -> set[str]:
    return brought(*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["node"])


def licence(name: str) -> str:
    metadata = distribution(name).metadata
    classifiers = [one for one in metadata.get_all("Classifier") or [] if one.startswith("License")]
    return " ".join([str(metadata.get("License-Expression") or metadata.get("License") or "")[:200], *classifiers])


def test_a_node_brings_few_packages() -> None:
    assert {"cryptography", "duckdb", "pyarrow", "starlette", "urllib3", "http-message-signatures"} <= node()
    assert len(node()) <= MOST, sorted(node())


def test_a_node_brings_neither_desk_nor_linkage_nor_spark() -> None:
    assert node().isdisjoint({"django", "splink", "pyspark", "weasyprint", "openpyxl"})


def test_control_the_walk_finds_what_an_extra_brings() -> None:
    assert {"django", "asgiref", "fido2"} <= brought(*PROJECT["optional-dependencies"]["web"])


def test_each_is_in_the_lock_with_its_version() -> None:
    lock = (ROOT / "requirements" / "demo.txt").read_text(encoding="utf-8")
    locked = dict(re.findall(r"^([a-z0-9.\-]+)==(\S+)", lock, re.MULTILINE))
    assert {name: locked.get(name) for name in node()} == {name: distribution(name).version for name in node()}


def test_none_is_under_gpl_or_agpl() -> None:
    told = {name: licence(name) for name in node()}
    assert {name for name, text in told.items() if not text.strip()} == set()
    assert {name: text for name, text in told.items() if re.search(r"\bA?GPL|General Public", text)} == {}
