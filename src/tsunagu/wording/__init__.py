"""Wording: reasons in sentences, ja and en; the only place with sentences for staff.

Read     sentences.py (reasons in words), values.py (numbers and days), vocabulary.py (what a run carries).
"""

from tsunagu.wording.sentences import (
    GAPS,
    LIMIT_FORMS,
    basis,
    is_main,
    limit_names,
    may_become,
    missing_sentence,
    pattern,
    reason_sentence,
    value_text,
    with_limits,
)
from tsunagu.wording.values import day_name, number

__all__ = [
    "GAPS",
    "LIMIT_FORMS",
    "basis",
    "day_name",
    "is_main",
    "limit_names",
    "may_become",
    "missing_sentence",
    "number",
    "pattern",
    "reason_sentence",
    "value_text",
    "with_limits",
]
