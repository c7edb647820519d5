"""Records are read by readers of `ako.typed_json` only: two threads never look at the fields of one at a time."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import ako
from tests.waiting import PATIENCE

PACKAGE = Path(str(ako.__file__)).parent

RACE = """
import sys, threading
import msgspec
from ako.typed_json import reader

def shapes(number):
    inner = msgspec.defstruct(f"Inner{number}", [("a", int, 0), ("b", str | None, None), ("c", list[str], [])])
    return msgspec.defstruct(f"Outer{number}", [("x", inner | None, None), ("y", list[inner], []), ("w", int, 0)])

def read(shape, together, good):
    together.wait()
    good.append(READER(shape).decode(b'{"x": {"a": 1}, "y": [{"b": "b"}], "w": 2}').x.a)

sys.setswitchinterval(1e-6)
for number in range(200):
    together, good = threading.Barrier(6), []
    shape = shapes(number)
    threads = [threading.Thread(target=read, args=(shape, together, good)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert good == [1] * 6, good
"""


def race(make_reader: str) -> subprocess.CompletedProcess[str]:
    """Have six threads read at the same time into a record that is new to them, 200 times."""
    program = RACE.replace("READER", make_reader)
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def readers_made(path: Path) -> Iterator[str]:
    """Give the places of a module where msgspec makes a reader, openly or behind the scenes."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        is_typed = any(keyword.arg == "type" for keyword in node.keywords)
        if (
            called == "msgspec.convert"
            or (called.endswith("json.decode") and is_typed)
            or (called in {"Decoder", "json.Decoder", "msgspec.json.Decoder"} and node.args)
        ):
            yield f"{path.relative_to(PACKAGE)}: {ast.unparse(node)}"


def test_threads_that_meet_a_record_together_all_read_it() -> None:
    done = race("reader")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("package", ["cli", "core", "diagnosis", "sim", "testing", "openshift_tools", "plugins"])
def test_nobody_else_makes_readers(package: str) -> None:
    made = [place for path in sorted((PACKAGE / package).rglob("*.py")) for place in readers_made(path)]
    # Neither has a record in it, and what has none is kept nowhere.
    allowed = {
        "core/avi/codec.py: msgspec.json.decode(body, type=dict[str, msgspec.Raw])",
        "plugins/clusterip_routes/pod_networks.py: msgspec.json.decode(text, type=dict[str, str | tuple[str, ...]])",
    }
    assert set(made) <= allowed
