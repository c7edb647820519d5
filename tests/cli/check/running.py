"""`ako check` as it is typed, in this process."""

from __future__ import annotations

import contextlib
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from ako.cli.main import main
from tests.program import environment
from tests.scenarios.ako_thread import logging_to


class Done(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """Give what it printed."""
        return self.out.splitlines()

    @property
    def problems(self) -> list[dict[str, Any]]:
        """Give the problems, if it printed JSON."""
        found: list[dict[str, Any]] = json.loads(self.out)["problems"]
        return found

    @property
    def told(self) -> list[str]:
        """Give each finding in a few words: file, line, object and reason."""
        return [f"{Path(p['file']).name}:{p['line']} {p['about']} {p['reason']}" for p in self.problems]


def check(folder: Path, *arguments: str, stdin: str = "") -> Done:
    """Check as if typed in a folder."""
    return typed(folder, "check", *arguments, stdin=stdin)


def typed(folder: Path, *arguments: str, stdin: str = "") -> Done:
    """Type a command in a folder."""
    out, err = io.StringIO(), io.StringIO()
    given = io.TextIOWrapper(io.BytesIO(stdin.encode()))
    with _in(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), mock.patch("sys.stdin", given):
        try:
            code = main(arguments)
        except SystemExit as end:
            code = int(end.code or 0)
    return Done(code, out.getvalue(), err.getvalue())


@contextlib.contextmanager
def _in(folder: Path) -> Iterator[None]:
    """Be in a folder, with an environment from which no setting comes, and have the log as before afterwards."""
    with (
        contextlib.chdir(folder),
        mock.patch.dict(os.environ, environment(os.environ), clear=True),
        logging_to(Path(os.devnull)),
    ):
        yield
