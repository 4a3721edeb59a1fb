"""What several test rooms agree on: where the repository is, the sample's day, a key and a password of no use."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

ROOT = Path(__file__).parents[1]
ON = dt.date(2026, 9, 30)
KEY = bytes(range(64))
PASSWORD = "a long test password"
