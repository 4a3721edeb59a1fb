"""What every test shares: generated examples are the same on every CI run; `make deep` looks for new ones."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from migrated import by_one_worker, folder_of_all_workers, migrate

settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("local", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "local")

# Where the environment forbids to keep compiled modules, each worker and each program that a test starts would compile
# all of them anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


def _goes_on(_file: object) -> None:
    """No power fails in the middle of a test: waiting for the disk, a dozen times for each run, proves nothing."""


# In this process alone. What the tests start as a program of its own, to be killed or served, waits as it does for all.
os.fsync = _goes_on


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """With `--dist loadscope` the tests of a file stay with one worker, as they share what is made for it; each test of
    the desk has a state of the database of its own, and goes to whichever worker is free."""
    if config.getvalue("dist") != "loadscope":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return nodeid if nodeid.startswith("tests/web/") else nodeid.partition("::")[0]

    return ByFile(config, log)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database file of a desk with every table and nothing in it, to be copied.

    All migrations take many seconds; so this one desk runs them for all workers.
    """
    with by_one_worker(tmp_path_factory, "migrated") as shared:
        if shared:
            migrate(TSUNAGU_DESK=str(shared / "migrated"))
    return folder_of_all_workers(tmp_path_factory) / "migrated" / "desk.sqlite3"
