"""What is said where: flags and commands only in the command line's own code."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BELOW = sorted(
    path for path in (ROOT / "tfod").rglob("*.py") if "cli" not in path.relative_to(ROOT).parts
)


def strings(path):
    """Every string literal of a file that is no docstring, with its line."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in docstrings:
            yield node.lineno, node.value


@pytest.mark.parametrize("path", BELOW, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_below_the_command_line_names_a_flag_or_a_command(path):
    named = [
        f"{path.relative_to(ROOT)}:{line}: {text!r}"
        for line, text in strings(path)
        if " --" in f" {text}" or "tfod " in text
    ]
    assert not named, "\n".join(named)
