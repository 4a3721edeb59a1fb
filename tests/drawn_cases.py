"""Cases that schemathesis draws from a description, so that each caller can be asked with the same ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode


def drawn(
    raw: dict[str, Any], how_many: int, *, by: int = 1, only: Callable[[str], bool] = lambda _path: True
) -> list[Case]:
    """So many cases of each operation that fit the description, and as many that do not; the same for the same seed."""
    schema = schemathesis.openapi.from_dict(raw)
    found: list[Case] = []
    for result in schema.get_all_operations():
        operation = result.ok()
        if not only(operation.path):
            continue
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            drawing = settings(
                max_examples=how_many,
                database=None,
                deadline=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )

            @drawing
            @seed(by)
            @given(case=operation.as_strategy(generation_mode=mode))
            def draw(case: Case) -> None:
                found.append(case)

            try:
                draw()
            except Unsatisfiable:
                continue  # an operation without a part has nothing that could be wrong
    return found
