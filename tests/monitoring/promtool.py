"""Prometheus' own tool for rules: whether it is there, and what it says of tests."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

MISSING = "promtool is missing: install Prometheus (Debian: apt-get install prometheus), or put promtool into PATH"


def is_there() -> bool:
    """Say whether it can be started."""
    return shutil.which("promtool") is not None


def run(*arguments: str | Path) -> tuple[int, str]:
    """Start it; give its exit code and all that it printed."""
    done = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr
