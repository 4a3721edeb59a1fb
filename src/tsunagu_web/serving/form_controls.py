"""The plain controls of forms, drawn without templates: a page has dozens, and a template takes ten times as long.

What they draw is to the letter what Django's own templates draw; a test holds the two side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

Widget = Mapping[str, Any]


class PlainControls(DjangoTemplates):
    """Django's renderer of forms; draws inputs, choices and text areas itself and leaves the rest to templates."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        draw = _DRAWN.get(template_name.removeprefix("django/forms/widgets/"))
        # A choice that brings its own label is drawn by its template: no page of the desk has one.
        if draw is None or context["widget"].get("wrap_label"):
            return super().render(template_name, context, request)
        return mark_safe(draw(context["widget"]))


def _input(widget: Widget) -> str:
    value = widget["value"]
    written = "" if value is None else f' value="{conditional_escape(value)}"'
    return f'<input type="{widget["type"]}" name="{conditional_escape(widget["name"])}"{written}{_attributes(widget)}>'


def _select(widget: Widget) -> str:
    drawn = []
    for group, options, _index in widget["optgroups"]:
        inside = "".join(f"\n  {_option(option)}" for option in options)
        named = f'\n  <optgroup label="{conditional_escape(group)}">{inside}\n  </optgroup>' if group else inside
        drawn.append(named)
    return f'<select name="{conditional_escape(widget["name"])}"{_attributes(widget)}>{"".join(drawn)}\n</select>'


def _option(option: Widget) -> str:
    value, label = conditional_escape(option["value"]), conditional_escape(option["label"])
    return f'<option value="{value}"{_attributes(option)}>{label}</option>\n'


def _text_area(widget: Widget) -> str:
    # The line break after the tag is no part of the text: a browser drops it.
    text = conditional_escape(widget["value"]) if widget["value"] else ""
    return f'<textarea name="{conditional_escape(widget["name"])}"{_attributes(widget)}>\n{text}</textarea>'


def _attributes(widget: Widget) -> str:
    return "".join(_attribute(name, value) for name, value in widget["attrs"].items() if value is not False)


def _attribute(name: str, value: object) -> SafeString | str:
    return f" {name}" if value is True else f' {name}="{conditional_escape(value)}"'


_INPUTS = ("input", "text", "number", "date", "time", "hidden", "email", "checkbox", "checkbox_option", "radio_option")
_DRAWN: Mapping[str, Callable[[Widget], str]] = {
    **{f"{name}.html": _input for name in _INPUTS},
    "select.html": _select,
    "textarea.html": _text_area,
}
