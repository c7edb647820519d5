"""A plugin in a process of its own, that nobody was asked in before: what it says there, and what it does to it.

What ends, hangs or changes a process is so seen without harm to the tests. The process has another environment than
the tests have, and another seed of hashes: who says the same there depends on neither.
"""

from __future__ import annotations

import faulthandler
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from ako.core.base.errors import AkoError
from ako.core.hooks.loading import load_plugins
from ako.testing.footprint import Footprint
from ako.testing.manifests import Manifest
from ako.testing.rehearsal import Rehearsal
from ako.testing.said import prints, said, told
from ako.typed_json import reader

PATIENCE = 10.0
"""Seconds that all of it may take; a small plugin takes one."""

_STRANGE: Mapping[str, str] = {"PYTHONHASHSEED": "1", "TZ": "Asia/Kathmandu", "HOME": "/nonexistent", "USER": "nobody"}
_KEPT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT")


class Course(Struct, frozen=True):
    """What is done: plugins, the first of which is the one that is judged, settings and objects."""

    plugins: tuple[str, ...]
    settings: dict[str, Any]
    examples: tuple[dict[str, Any], ...]


class Report(Struct, frozen=True):
    """What came of it.

    Attributes:
        prints: what was said, as `said.prints` gives it.
        fault: why nothing was said; empty if something was.
        faults: what went wrong with the answers, in words.
        left: what the plugin changed in the process.
    """

    prints: dict[str, str] = {}
    fault: str = ""
    faults: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


_decode_course = reader(Course).decode
_decode_report = reader(Report).decode


def fresh(plugins: Sequence[str], settings: Mapping[str, object], examples: Sequence[Manifest]) -> Report:
    """Rehearse in a process of its own; the same course only once in this one."""
    course = Course(tuple(plugins), dict(settings), tuple(dict(manifest) for manifest in examples))
    return _reported(msgspec.json.encode(course, enc_hook=str))


@lru_cache(maxsize=16)
def _reported(course: bytes) -> Report:
    variables = {name: os.environ[name] for name in _KEPT if name in os.environ}
    variables |= {**_STRANGE, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "ako.testing.fresh_process", str(report)]
        try:
            done = subprocess.run(  # noqa: S603 - this interpreter, and a module of ours
                command, input=course, env=variables, capture_output=True, timeout=PATIENCE + 5, check=False
            )
            code, printed = done.returncode, done.stderr
        except subprocess.TimeoutExpired as late:
            code, printed = None, late.stderr or b""
        if report.exists():
            return _decode_report(report.read_bytes())
    return Report(fault=_ending(code, printed.decode("utf-8", "replace")))


def _ending(code: int | None, printed: str) -> str:
    """Say how a process ended that gave no report."""
    lines = [line.strip() for line in printed.splitlines() if line.strip(" ^~")]
    last = "; ".join(lines[-4:])[-700:]
    if code is None or "Timeout (" in printed:
        stack = [line.strip() for line in printed.partition("Timeout (")[2].splitlines() if "File " in line]
        where = f", at {stack[0]}" if stack else ""
        return f"it does not come to an end within {PATIENCE:.0f} s{where}"
    if code < 0:
        return f"it ends the process with signal {-code}: {last}"
    return f"it ends the process with code {code}: {last or 'without a word'}"


def main() -> int:
    """Do the course on stdin, and write the report to the file that is named."""
    course = _decode_course(sys.stdin.buffer.read())
    faulthandler.enable()
    faulthandler.dump_traceback_later(PATIENCE, exit=True)
    report = _rehearsed(course)
    faulthandler.cancel_dump_traceback_later()
    Path(sys.argv[1]).write_bytes(msgspec.json.encode(report))
    # Threads that a plugin left are not waited for.
    sys.stderr.flush()
    os._exit(0)


def _rehearsed(course: Course) -> Report:
    load_plugins(course.plugins[1:])
    before = Footprint()
    try:
        rehearsal = Rehearsal(course.plugins, course.settings)
        rehearsal.apply(*course.examples)
        found = {**said(rehearsal), **told(rehearsal, course.examples)}
    except AkoError as fault:
        return Report(fault=str(fault).encode("utf-8", "backslashreplace").decode(), left=tuple(before.left_since()))
    return Report(prints(found), faults=rehearsal.faults(), left=tuple(before.left_since()))


if __name__ == "__main__":
    sys.exit(main())
