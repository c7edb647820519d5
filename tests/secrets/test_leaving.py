"""Who writes secrets into files for a while removes them, also where a thread keeps the process from ending."""

from __future__ import annotations

import subprocess
import sys

LEAVING = """
import atexit, threading
from ako.cli.foreground import leave

atexit.register(print, "removed")
threading.Thread(target=threading.Event().wait).start()
raise SystemExit(leave(3))
"""


def test_what_is_to_be_done_at_the_end_is_done() -> None:
    done = subprocess.run([sys.executable, "-c", LEAVING], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (3, "removed\n", "")
