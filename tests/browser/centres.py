"""A guidance centre with its past cases and an estimate that is switched on."""

from __future__ import annotations

from pathlib import Path

from learnt import an_estimate
from tsunagu.estimates.card import save_estimate
from tsunagu.simulated_cases import write_simulated_cases


def a_centre(home: Path) -> dict[str, str]:
    """Writes both into that folder, and gives the settings of a desk that reads them."""
    write_simulated_cases(home / "cases", 1_500, 4)
    save_estimate(an_estimate(), home / "estimate")
    (home / "estimate" / "switch").write_text("on\n", encoding="utf-8")
    return {
        "TSUNAGU_GUIDANCE_CENTRE": "yes",
        "TSUNAGU_CENTRE": "north",
        "TSUNAGU_PAST_CASES": str(home / "cases"),
        "TSUNAGU_ESTIMATE": str(home / "estimate"),
    }
