"""`python -m tests.campaign.mutants`: one rule is broken at a time, and a test that is named beside it has to notice.

The rules are data, in `mutants.toml`. Each is broken in a copy of the program and its tests, and only the tests that
are named run there; they have to pass on an unchanged copy first. Ends with 1 if a broken rule goes unnoticed, or if
the line that keeps it is not where it was.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct

from tests.waiting import PATIENCE

ROOT = Path(__file__).parents[2]
COPIED = ("ako", "tests", "setup.cfg", "pyproject.toml")
LIST = Path(__file__).with_name("mutants.toml")

LIMIT = 1.5 * PATIENCE
"""Seconds for the tests of one rule; a broken one may have them go round for ever, or wait once in vain."""

FAILED = 1
"""The code that pytest ends with if tests ran and some failed; with others they did not run."""


class Mutant(Struct, frozen=True, forbid_unknown_fields=True):
    """A documented rule, and how it is broken.

    Attributes:
        rule: in words.
        file: where it is kept.
        old: what keeps it; stands there exactly once.
        new: what stands there when it is broken.
        tests: those that have to notice, as pytest is told them.
    """

    rule: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


class Verdict(Struct, frozen=True):
    """Whether a broken rule was noticed, and by what; or why that cannot be said."""

    is_killed: bool
    told: str


def load() -> Mapping[str, Mutant]:
    """Give all mutants by name."""
    return msgspec.convert(tomllib.loads(LIST.read_text(encoding="utf-8")), dict[str, Mutant])


def faults(mutant: Mutant) -> Iterator[str]:
    """Say why a mutant cannot be judged: the program, or a test, is not as it says."""
    path = ROOT / mutant.file
    count = path.read_text(encoding="utf-8").count(mutant.old) if path.is_file() else 0
    if count != 1:
        yield f"the old line occurs {count} times" if count else "the old line is not there any more"
    if mutant.old == mutant.new:
        yield "nothing is broken"
    for test in mutant.tests:
        file, _, function = test.partition("::")
        if function.partition("[")[0] not in _functions(ROOT / file):
            yield f"there is no test {test}"


def judge(mutant: Mutant) -> Verdict:
    """Break a rule in a copy, and run the tests that have to notice."""
    if told := "; ".join(faults(mutant)):
        return Verdict(is_killed=False, told=told)
    with _copy() as root:
        path = root / mutant.file
        path.write_text(path.read_text(encoding="utf-8").replace(mutant.old, mutant.new), encoding="utf-8")
        try:
            ended = _run(root, mutant.tests)
        except subprocess.TimeoutExpired:
            return Verdict(is_killed=True, told="tests that do not end")
    if ended.returncode == 0:
        return Verdict(is_killed=False, told="SURVIVED")
    failed = re.search(r"^FAILED \S+?::(.+?)(?: - .*)?$", ended.stdout, re.MULTILINE)
    if ended.returncode != FAILED or failed is None:
        return Verdict(is_killed=False, told=f"its tests do not run:\n{ended.stdout}{ended.stderr}")
    return Verdict(is_killed=True, told=failed[1])


def fails_unbroken(tests: Iterable[str]) -> str:
    """Run tests on an unchanged copy; give what they say if they do not all pass."""
    with _copy() as root:
        ended = _run(root, sorted(set(tests)), limit=None)
    return f"{ended.stdout}{ended.stderr}" if ended.returncode else ""


@contextmanager
def _copy() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        for name in COPIED:
            source, target = ROOT / name, Path(folder) / name
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, target)
        yield Path(folder)


def _run(root: Path, tests: Sequence[str], limit: float | None = LIMIT) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        "--hypothesis-profile=unshrunk",
        *tests,
    ]
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        command, cwd=root, env=environment, timeout=limit, capture_output=True, text=True, check=False
    )


@cache
def _functions(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8")) if file.is_file() else ast.Module([], [])
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def main() -> int:
    """Judge all mutants, or those that are named; print a line for each."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaign.mutants", description=__doc__)
    parser.add_argument("--only", action="append", metavar="NAME", help="this one; may be given several times")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="at a time (default: %(default)s)")
    arguments = parser.parse_args()
    mutants = load()
    if unknown := set(arguments.only or ()) - mutants.keys():
        parser.error(f"there is no mutant {', '.join(sorted(unknown))}")
    chosen = {name: mutants[name] for name in arguments.only or mutants}
    began = time.monotonic()
    if told := fails_unbroken(test for mutant in chosen.values() for test in mutant.tests):
        print(f"the tests fail though nothing is broken:\n{told}")
        return 1
    survivors = []
    width = max(len(mutant.rule) for mutant in chosen.values())
    with ThreadPoolExecutor(arguments.jobs) as pool:
        for name, verdict in zip(chosen, pool.map(judge, chosen.values()), strict=True):
            by = "killed by " if verdict.is_killed else ""
            print(f"{chosen[name].rule:{width}}  {by}{verdict.told}", flush=True)
            survivors += [] if verdict.is_killed else [name]
    killed = len(chosen) - len(survivors)
    print(f"{killed} of {len(chosen)} broken rules are noticed, {time.monotonic() - began:.0f} s")
    for name in survivors:
        print(f"again: python -m tests.campaign.mutants --only {name}")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
