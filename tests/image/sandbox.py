"""A root like that of a container in the strictest cluster, and a process alone in it.

There is the interpreter, the folder of the image, the libraries of the system, and nothing else: no shell, no other
program, no `/tmp`, no list of users. All of it is read-only, for every user. The process is the first of its own, has
the user that is asked for, no right of root, and cannot get any.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.program import Command
from tests.waiting import eventually

ENTER = Path(__file__).parent / "enter.py"


class Sandboxed:
    """`tests.program.Start`: starts the program of an image's folder in a sandbox; `folders` are seen in it too."""

    def __init__(self, image: Path, root: Path, uid: int, *folders: Path) -> None:
        self._image, self._root, self._uid, self._folders = image, root, uid, folders

    def __call__(self, command: Command) -> Inside:
        return self.python(command, "-m", "ako", *command.arguments)

    def python(self, command: Command, *words: str) -> Inside:
        """Start the interpreter with other words."""
        unshare, interpreter = shutil.which("unshare"), os.path.realpath(sys.executable)
        assert unshare, "unshare is a part of util-linux"
        variables = {**command.variables, "PYTHONPATH": str(self._image / "lib"), **IMAGE_VARIABLES}
        for gone in ("HOME", "VIRTUAL_ENV", "TMPDIR", "COVERAGE_PROCESS_START"):
            variables.pop(gone, None)
        seen = map(str, (self._image, command.folder, *self._folders, Path(sys.base_prefix)))
        outside = (interpreter, str(ENTER), str(self._root), str(self._uid), *seen, "--")
        with Path(command.stdin).open("rb") as stdin, command.out.open("ab") as out, command.err.open("ab") as err:
            process = subprocess.Popen(
                [unshare, "--mount", "--pid", "--fork", "--kill-child", *outside, interpreter, *words],
                env=variables,
                stdin=stdin,
                stdout=out,
                stderr=err,
            )
        return Inside(process)


IMAGE_VARIABLES = {
    "PYTHONSAFEPATH": "1",
    "PYTHONNOUSERSITE": "1",
    "PYTHONUNBUFFERED": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}
"""What the image sets beside its paths."""


class Inside:
    """The process in the sandbox, by what started it."""

    def __init__(self, outside: subprocess.Popen[bytes]) -> None:
        self._outside = outside

    @property
    def pid(self) -> int:
        """Give its id as it is seen from outside; inside it is 1."""
        children = Path(f"/proc/{self._outside.pid}/task/{self._outside.pid}/children")
        return int(eventually(lambda: children.read_text(encoding="ascii"), "the process in the sandbox").split()[0])

    def poll(self) -> int | None:
        return self._outside.poll()

    def wait(self, timeout: float | None = None) -> int:
        return self._outside.wait(timeout)

    def send_signal(self, number: int, /) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self._outside.kill()


def status_of(pid: int) -> dict[str, str]:
    """Give what the kernel says of a process."""
    return dict(re.findall(r"^(\w+):\s*(.*)$", Path(f"/proc/{pid}/status").read_text(encoding="ascii"), re.M))
