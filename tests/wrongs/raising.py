"""Plugins that raise, in every way there is."""

from __future__ import annotations

from tests.wrongs.author import INDEXED
from tests.wrongs.wrong import Wrong

RAISING = (
    Wrong(
        name="divides",
        does="raises an exception",
        code="1 / 0",
        says="it raised ZeroDivisionError: division by zero",
    ),
    Wrong(
        name="exits",
        does="ends the program",
        top="import sys",
        code='sys.exit("this host is not allowed")',
        says="it raised SystemExit: this host is not allowed",
    ),
    Wrong(
        name="interrupts",
        does="raises KeyboardInterrupt, as if somebody had pressed Ctrl-C",
        code="raise KeyboardInterrupt",
        says="it raised KeyboardInterrupt",
    ),
    Wrong(
        name="leaves",
        does="raises GeneratorExit",
        code="raise GeneratorExit",
        hook="ako_place_backend",
        says="it raised GeneratorExit",
    ),
    Wrong(
        name="dooms",
        does="raises a BaseException of its own",
        top="class Doom(BaseException): pass",
        code='raise Doom("all is lost")',
        hook="ako_report",
        says="it raised Doom: all is lost",
    ),
    Wrong(
        name="every_third",
        does="raises every third time only",
        top="import itertools\n\nTIMES = itertools.count(1)",
        code='if next(TIMES) % 3 == 0:\n    raise RuntimeError("three is too many")',
        says="it raised RuntimeError: three is too many",
    ),
    Wrong(
        name="recurses",
        does="calls itself without an end",
        top="def parent_of(name): return parent_of(name)",
        code="parent_of(thing.metadata.name)",
        says="it raised RecursionError: maximum recursion depth exceeded",
    ),
    Wrong(
        name="wants_all",
        does="asks for more memory than there is",
        code='" " * (1 << 60)',
        says="it raised MemoryError",
    ),
    Wrong(
        name="mute",
        does="raises an exception that cannot be told: its text raises",
        top='class Mute(Exception):\n    def __str__(self): raise ValueError("no words")\n    __repr__ = __str__',
        code="raise Mute",
        says="it raised Mute",
    ),
    Wrong(
        name="verbose",
        does="raises an exception with a text of megabytes, in thousands of lines, of characters that are none",
        code='raise LookupError("not in \\ud800:\\n" + "a line\\n" * 300_000)',
        says="it raised LookupError: not in ",
    ),
    Wrong(
        name="queries",
        does="has a query that ends the program, asked again when something that it read has changed",
        top="import sys\n\n"
        'def owner(view):\n    signal = view.get(ako.Service, "default", "signal")\n'
        "    if signal and signal.ports[0].port == 81: sys.exit(3)",
        always="view.ask(owner)",
        says="it raised SystemExit: 3",
    ),
    Wrong(
        name="indexes",
        does="has an index that raises",
        top="def by_host(thing): return [1 / 0] if thing.spec.wrong else []",
        bottom=INDEXED,
        hook="ako_kinds",
        says="it raised ZeroDivisionError: division by zero",
    ),
)
