"""The coarse word of a browser or a system, as somebody knows it."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext_lazy as _

register = template.Library()
_WORDS = {
    "edge": "Edge",
    "firefox": "Firefox",
    "chrome": "Chrome",
    "safari": "Safari",
    "android": "Android",
    "iphone": "iPhone",
    "ipad": "iPad",
    "chromeos": "ChromeOS",
    "windows": "Windows",
    "mac": "Mac",
    "linux": "Linux",
    "other": _("unknown"),
}


@register.filter
def browser_word(code: str) -> object:
    return _WORDS.get(code, code)
