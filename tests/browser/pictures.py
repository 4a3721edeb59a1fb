"""Makes the manual's pictures from those the browser tests took: the top of each main screen, small enough to keep.

`make pictures` runs the walks first. Nobody compares them byte by byte; whoever changes a screen looks at them again.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[2]
SHOTS, IMAGES = ROOT / "build" / "screenshots", ROOT / "docs" / "images"
#: The picture in the manual, and the screenshot it is cut from.
PICTURES = {
    "list": "lists-1-undecided",
    "child": "child",
    "assessment": "assessment-3-conclude",
    "plan": "plan-6-approved",
    "referral": "referral-2-preview",
    "outreach": "outreach",
    "not-seen": "not-seen",
    "again": "reassessment",
    "conference": "conference-3-held",
    "ledger": "ledger",
    "tasks": "tasks-1-team",
    "case": "thread-8-closed",
    "links": "links-2-pair",
    "notes": "notes",
    "standing": "standing-charts",
    "class": "boards-2-class",
    "pupil": "boards-3-pupil",
    "offers": "offers-1-list",
    "offer": "offers-3-planned",
    "criteria": "criteria-2-moved",
    "criteria-approved": "criteria-5-approved",
    "emergency": "emergency-7-review",
    "log": "log",
}
HEIGHTS = {1280: 1000, 390: 844}
COLOURS = 128


def main() -> int:
    missing = [f"{shot}-{width}.png" for shot in PICTURES.values() for width in HEIGHTS if not _is_there(shot, width)]
    if missing:
        sys.stderr.write(f"not taken yet: {', '.join(missing)}. Run: make pictures\n")
        return 1
    for name, shot in PICTURES.items():
        for width, height in HEIGHTS.items():
            with Image.open(SHOTS / f"{shot}-{width}.png") as whole:
                top = whole.convert("RGB").crop((0, 0, width, min(height, whole.height)))
                top.quantize(COLOURS).save(IMAGES / f"screen-{name}-{width}.png", optimize=True)
    return 0


def _is_there(shot: str, width: int) -> bool:
    return (SHOTS / f"{shot}-{width}.png").exists()


if __name__ == "__main__":
    sys.exit(main())
