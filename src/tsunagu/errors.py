"""Five kinds of error, each with an exit code: what happened, where, what to do.

A message never shows a personal value. Where a value matters, show its form (`tsunagu.text.form`).
"""

from __future__ import annotations


class TsunaguError(Exception):
    """An error a person can act on.

    what   one sentence: what is wrong
    where  file, row, setting or address, as far as it is known
    to_do  one sentence: the next step
    """

    exit_code = 1
    kind = "error"

    def __init__(self, what: str, *, where: str = "", to_do: str = "") -> None:
        self.what = what
        self.where = where
        self.to_do = to_do
        super().__init__(self.message())

    def message(self) -> str:
        """The whole message in the order what, where, what to do; no trailing blank parts."""
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}\n  {self.to_do}" if self.to_do else head


class SourceError(TsunaguError):
    """A holder's file, a delivery or a city folder cannot be read as it stands."""

    exit_code = 3
    kind = "source"


class CriterionError(TsunaguError):
    """A criteria file says something that has no meaning or that contradicts itself."""

    exit_code = 4
    kind = "criterion"


class PurposeError(TsunaguError):
    """Not allowed to know: no purpose, no role or no permission covers the request."""

    exit_code = 5
    kind = "purpose"


class StateError(TsunaguError):
    """Not allowed now: the thing is in another state than the step needs."""

    exit_code = 6
    kind = "state"


class EngineError(TsunaguError):
    """The machine underneath failed: disk, memory, database, or a table of the wrong shape."""

    exit_code = 7
    kind = "engine"
