"""Wording: reasons in sentences, ja and en; the only place with sentences for staff.

Read     sentences.py (reasons in words), values.py (numbers and days), vocabulary.py (what a run carries).
"""

from tsunagu.wording.sentences import basis, is_main, may_become, missing_sentence, pattern, reason_sentence, value_text
from tsunagu.wording.values import day_name, number

__all__ = [
    "basis",
    "day_name",
    "is_main",
    "may_become",
    "missing_sentence",
    "number",
    "pattern",
    "reason_sentence",
    "value_text",
]
