"""`ako demo`: the whole product against the simulator, on the example manifests, in a few seconds.

It uses nothing but what any user has: `ako plan` and `ako run` as processes of their own, a folder of manifests, the
API of the Controller. Every step checks what it says, against what the Controller holds and the requests it got.
"""

from __future__ import annotations

import argparse

from ako.cli.demo.program import run_demo


def declare(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = (
        "Starts the Avi Controller simulator and runs the controller on example manifests: plan, converge, "
        "change, repair, remove. Needs neither Avi nor Kubernetes, and leaves nothing behind."
    )
    parser.epilog = "Exit codes: 0 everything went as it should; 1 it did not; 128+n signal n."
    parser.add_argument(
        "--serve",
        action="store_true",
        help="stop after the table of what is served, and keep everything running until Ctrl-C, to try things by hand",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Tell the story, or with `--serve` its first half."""
    return run_demo(serves=arguments.serve)
