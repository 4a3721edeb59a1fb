"""Words that somebody types: taken whole, and told by how much they are too long; never cut.

A browser cuts what is pasted beyond `maxlength` without a word, so no field of the desk brings one.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _


def too_long(now: int, most: int) -> str:
    """What is said of `now` characters where `most` fit."""
    said = _("Characters too many: %(over)d (%(now)d are written, %(most)d fit). What you wrote stands here uncut.")
    return said % {"over": now - most, "now": now, "most": most}


class FreeText(forms.CharField):
    """A field for words of at most `most` characters; the end of a line is one, as it is in a browser.

    The control says its limit as `data-most`, by which free-text.js tells how many are left; nothing depends on it.
    """

    def __init__(self, *, most: int, **how: Any) -> None:
        self.most = most
        super().__init__(**how)

    def to_python(self, value: Any) -> str:
        return super().to_python(value.replace("\r\n", "\n") if isinstance(value, str) else value) or ""

    def run_validators(self, value: Any) -> None:
        super().run_validators(value)
        if len(value) > self.most:
            raise forms.ValidationError(too_long(len(value), self.most), code="max_length")

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "data-most": self.most}
