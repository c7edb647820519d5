"""`ako demo`: the whole product against the simulator, on the example manifests, in a few seconds.

It uses nothing but what any user has: `ako plan` and `ako run` as processes of their own, a folder of manifests, the
API of the Controller, and requests of clients. Every step checks what it says, against what the Controller holds, the
requests it got, and who answers clients.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

from ako.cli.parser import USAGE_FAULT


def declare(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = (
        "Starts the Avi Controller simulator and runs the controller on example manifests: plan, converge, "
        "ask, change, repair, remove. Needs neither Avi nor Kubernetes, and leaves nothing behind. Requests go "
        "through the simulator, which needs the extra ako[sim]."
    )
    parser.epilog = (
        "Exit codes: 0 everything went as it should; 1 it did not; 64 the extra is not installed; 128+n signal n. "
        "Example: ako demo --serve"
    )
    parser.add_argument(
        "--serve",
        action="store_true",
        help="stop after the first requests, and keep everything running until Ctrl-C, to try things by hand",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Tell the story, or with `--serve` its first half."""
    try:
        import_module("ako.sim.data_plane")
        program = import_module("ako.cli.demo.program")
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] == "ako":
            raise
        print(f"ako demo: sending requests needs {missing.name}: install ako[sim]", file=sys.stderr)
        return USAGE_FAULT
    return int(program.run_demo(serves=arguments.serve))
