"""Prometheus' own tool for rules: whether it is there, and what it says of tests."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

MISSING = "promtool is missing: install Prometheus (Debian: apt-get install prometheus), or put promtool into PATH"


def is_there() -> bool:
    """Say whether it can be started."""
    return shutil.which("promtool") is not None


def run(*arguments: str | Path, given: str = "") -> tuple[int, str]:
    """Start it, with what is given as its input; give its exit code and all that it printed."""
    variables = {**os.environ, "GOGC": "800"}  # a third of its time would go into looking for garbage
    command = ["promtool", *map(str, arguments)]
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False, env=variables)
    return done.returncode, done.stdout + done.stderr
