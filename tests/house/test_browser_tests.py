"""A browser test waits for what its click brings before it goes elsewhere or reads what is there at that moment."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

BROWSER = Path(__file__).parents[1] / "browser"
# These ask at once; the others (expect, check, shoot, settled, wait_for_..., fill, click) wait for what they need.
_AT_ONCE = {"goto", "count", "content", "evaluate", "all_inner_texts", "all_text_contents", "is_visible", "cookies"}
_AT_ONCE |= {"give_password", "give_login", "log_in", "url", "add_cookies", "clear_cookies"}

_WAITS = {"expect", "wait_for_url"}


def unwaited(source: str) -> list[int]:
    """Lines whose click, or key that sends a form, is followed by what does not wait; or by the end of the test."""
    return [line for function in ast.walk(ast.parse(source)) for line in _in(function)]


def _in(function: ast.AST) -> Iterator[int]:
    if not isinstance(function, ast.FunctionDef):
        return
    for here, after in zip(function.body, [*function.body[1:], None], strict=True):
        is_last = after is None and function.name.startswith("test_")
        if _sends(here) and (is_last or (after is not None and _at_once(after))):
            yield here.lineno


def _sends(statement: ast.stmt) -> bool:
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return False
    keys = [key.value for key in call.args if isinstance(key, ast.Constant)]
    return call.func.attr == "click" or (call.func.attr == "press" and keys == ["Enter"])


def _at_once(statement: ast.stmt) -> bool:
    names = {n.attr for n in ast.walk(statement) if isinstance(n, ast.Attribute)}
    names |= {n.id for n in ast.walk(statement) if isinstance(n, ast.Name)}
    return bool(names & _AT_ONCE) and not names & _WAITS


@pytest.mark.parametrize("path", sorted(BROWSER.glob("*.py")), ids=lambda p: p.name)
def test_no_click_is_followed_by_what_does_not_wait(path: Path) -> None:
    assert unwaited(path.read_text("utf-8")) == []


def test_control_the_rule_sees_a_click_that_nobody_waits_for() -> None:
    source = "def test_it(page):\n    page.a().click()\n    page.goto('/')\n    page.b().click()\n    expect(page)\n"
    assert unwaited(source + "    page.c().press('Enter')\n") == [2, 6]
    assert unwaited(source.replace("page.goto('/')", "settled(page)")) == []
