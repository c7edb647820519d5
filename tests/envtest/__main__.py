"""`python -m tests.envtest [pytest arguments]`: starts real API servers, and runs tests on them.

Where they name no tests everything that can run on one is run: the acceptance scenarios, the contract suite of the API
stand-in, the rights one by one, and the chart. One server a worker, as tests need a cluster of their own: two workers,
or as many as `ENVTEST_WORKERS` says.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.envtest.binaries import Binaries, NoBinaries, in_folder, named
from tests.envtest.named import KUBECONFIG, WORKER
from tests.envtest.server import NotStarted, control_plane

SUITES = (
    "tests/chart/test_installed.py",
    "tests/kube_api/test_any_server.py",
    "tests/rights",
    "tests/scenarios/test_scenarios.py",
)
_ALL = "campaign or not campaign"
_ROOT = Path(__file__).parents[2]


def main(arguments: Sequence[str]) -> int:
    """Run tests on servers of the binaries that are named; 0 if there are none, for that is no fault."""
    try:
        folder = named()
    except NoBinaries as reason:
        print(reason)
        return 0
    # Whoever ends this ends the servers too.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        binaries = in_folder(folder)
        print(f"on kube-apiserver {binaries.version()} from {folder}", flush=True)
        # Options alone are for all of them.
        names_tests = any((_ROOT / argument.partition("::")[0]).exists() for argument in arguments)
        return _run(binaries, arguments if names_tests else (*SUITES, *arguments))
    except (LookupError, NotStarted) as error:
        print(error, file=sys.stderr)
        return 1


def _run(binaries: Binaries, arguments: Sequence[str]) -> int:
    workers = int(os.environ.get("ENVTEST_WORKERS", "2"))
    with tempfile.TemporaryDirectory(prefix="envtest-") as name, ExitStack() as stack:
        for number in range(workers):
            stack.enter_context(control_plane(binaries, Path(name) / f"gw{number}"))
        environment = {**os.environ, KUBECONFIG: str(Path(name) / WORKER / "kubeconfig")}
        command = [sys.executable, "-m", "pytest", "-n", str(workers), "-m", _ALL, *arguments]
        return subprocess.run(command, cwd=_ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
