"""Prints the house: the folders of the core in the order of its layers, with their sizes, and circles of imports.

`python -m tests.contract.house` ends with 1 if files import each other in a circle; imports that are there for type
checkers only count like all others.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping
from configparser import ConfigParser
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[2]
CORE = ROOT / "ako" / "core"


def layers() -> list[str]:
    """Give the folders of the core as `setup.cfg` orders them, from the loop down."""
    declared = ConfigParser()
    declared.read(ROOT / "setup.cfg")
    lines = declared["importlinter:contract:one-way"]["layers"].split()
    return [folder for folder in lines if folder != "|"]


def circle(imports: Mapping[str, set[str]]) -> tuple[str, ...]:
    """Give one circle of modules that import each other, the first one again at its end; empty if there is none."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return tuple(reversed(error.args[1]))
    return ()


def imports_of(package: str) -> dict[str, set[str]]:
    """Give what each module of a package imports directly."""
    graph = grimp.build_graph(package, exclude_type_checking_imports=False, cache_dir=None)
    return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


def sentence(folder: Path) -> str:
    """Give the first sentence of a folder's docstring."""
    docstring = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))) or ""
    return docstring.splitlines()[0] if docstring else ""


def table() -> list[str]:
    """Give a line a folder: its name, how many modules and lines it has, and its sentence."""
    rows = []
    total = [0, 0]
    for folder in layers():
        lengths = [len(path.read_text(encoding="utf-8").splitlines()) for path in (CORE / folder).rglob("*.py")]
        rows.append(f"{folder:10} {len(lengths):7} {sum(lengths):6}  {sentence(CORE / folder)}")
        total = [total[0] + len(lengths), total[1] + sum(lengths)]
    head = f"{'folder':10} {'modules':>7} {'lines':>6}"
    return [head, *rows, f"{len(rows):2} folders {total[0]:7} {total[1]:6}"]


def main() -> int:
    """Print the house."""
    print("\n".join(table()))
    found = circle(imports_of("ako"))
    print(f"circles of files: {'a circle: ' + ' → '.join(found) if found else '0'}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
