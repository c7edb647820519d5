"""Modules and functions stay small enough to be read in one go."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "ako").rglob("*.py"))
LINES_OF_A_MODULE = 400
LINES_OF_A_FUNCTION = 50


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Give the name and the length of every function of a file, nested ones too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", (node.end_lineno or 0) - node.lineno + 1


def test_there_is_something_to_measure() -> None:
    assert len(FILES) > 100


def test_modules_are_small() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert {name: length for name, length in lengths.items() if length > LINES_OF_A_MODULE} == {}


def test_functions_are_small() -> None:
    lengths = dict(entry for path in FILES for entry in functions(path))
    assert {name: length for name, length in lengths.items() if length > LINES_OF_A_FUNCTION} == {}
