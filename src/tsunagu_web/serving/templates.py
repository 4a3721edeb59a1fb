"""Templates put into each language once: words that never change are text afterwards, and are not looked up again.

Django looks up each `{% translate %}` of a page, each address without a part that changes, and each static file's
address at every rendering. What they say depends on the language alone, so a template is kept once for each language
with these as text; neighbours become one. What a page says stays the same letter by letter.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

from django.template import Context, Node, NodeList
from django.template.base import TextNode, Variable
from django.template.defaulttags import URLNode
from django.template.loaders import cached
from django.templatetags.i18n import TranslateNode
from django.templatetags.static import StaticNode
from django.utils.translation import get_language

# A kept template is handed to every thread: each waits until its words stand, or would read while they are put there.
_SETTLING = threading.Lock()
_INSIDE = ("nodelist", "nodelist_loop", "nodelist_empty")


class Loader(cached.Loader):
    """Django's keeping loader, with one template for each language."""

    def cache_key(self, template_name: str, skip: list[object] | None = None) -> str:
        return f"{get_language()} {super().cache_key(template_name, skip)}"

    def get_template(self, template_name: str, skip: list[object] | None = None) -> object:
        template = super().get_template(template_name, skip)
        if not getattr(template, "is_in_one_language", False):
            with _SETTLING:
                if not getattr(template, "is_in_one_language", False):
                    settle(template.nodelist)
                    template.is_in_one_language = True
        return template


def settle(nodes: NodeList) -> None:
    """Puts text in place of what is the same at every rendering in the present language, in place."""
    settled: list[Node] = []
    for node in nodes:
        for inside in _inside(node):
            settle(inside)
        text = TextNode(node.render(Context())) if _never_changes(node) else node
        if isinstance(text, TextNode) and settled and isinstance(settled[-1], TextNode):
            text = TextNode(settled.pop().s + text.s)
        settled.append(text)
    nodes[:] = settled


def _inside(node: Node) -> Iterator[NodeList]:
    yield from (found for name in _INSIDE if isinstance(found := getattr(node, name, None), NodeList))
    yield from (found for _condition, found in getattr(node, "conditions_nodelists", ()))


def _never_changes(node: Node) -> bool:
    if isinstance(node, TranslateNode):
        said = node.filter_expression
        is_plain = not (said.filters or node.asvar or node.noop or node.message_context)
        return is_plain and (isinstance(said.var, str) or _is_literal(said.var))
    if isinstance(node, URLNode):
        return not (node.args or node.kwargs or node.asvar) and _is_literal(node.view_name.var)
    return isinstance(node, StaticNode) and not node.varname and _is_literal(node.path.var)


def _is_literal(value: object) -> bool:
    """A word that stands in the template itself, not a name of something."""
    return isinstance(value, str) or (isinstance(value, Variable) and value.lookups is None)
