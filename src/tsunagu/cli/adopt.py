"""`tsunagu adopt`: puts criteria that two people approved into a city's folder, as the set in force."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tsunagu.cli.tables import replace_text
from tsunagu.errors import CriterionError, StateError
from tsunagu.municipality import EARLIER, approval_path, criteria_in_force, require_approved
from tsunagu.runs.approval import Bundle, read_bundle, record_text
from tsunagu.screening.criteria import Criteria
from tsunagu.screening.load import load_criteria
from tsunagu.sources.loading import load_municipality
from tsunagu.sources.spec_loading import load_items


def adopt_bundle(bundle: Path, city: Path) -> Criteria:
    """Checks the bundle against the city and puts it in force; gives what is in force now.

    The file that was in force moves to criteria/earlier, so that it still runs with --criteria. The record comes
    first: a stop half-way leaves the old set in force, with a record more.
    raises  SourceError, StateError or CriterionError; nothing is changed then
    """
    found, items = read_bundle(bundle), load_items(city)
    old_path = criteria_in_force(city, load_municipality(city).criteria)
    old = load_criteria(old_path, items)
    new = _checked(found, city)
    _require_next(found, old, new, old_path)
    folder = city / "criteria"
    replace_text(approval_path(city, new), record_text(found.record))
    replace_text(folder / EARLIER / f"{old.id}-{old.version}.toml", old_path.read_text(encoding="utf-8"))
    replace_text(old_path, found.text)
    require_approved(city, old_path, new)
    return new


def _checked(found: Bundle, city: Path) -> Criteria:
    """The criteria of the bundle, read with the city's catalogue, cases and all."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / found.record.file
        path.write_text(found.text, encoding="utf-8")
        return load_criteria(path, load_items(city))


def _require_next(found: Bundle, old: Criteria, new: Criteria, old_path: Path) -> None:
    record = found.record
    if (record.criteria, record.version, record.supersedes) != (new.id, new.version, new.supersedes):
        raise CriterionError(
            "the file is of another version than its record", where=record.file, to_do="Take the bundle once more."
        )
    if (new.id, new.supersedes) != (old.id, old.version):
        raise StateError(
            f"it takes the place of {new.id}@{new.supersedes}, and in force is {old.name}",
            where=str(old_path),
            to_do="Write the next version at the desk from what is in force, and have that approved.",
        )
