"""``ako sim``: an Avi Controller to try things on, without Avi."""

from __future__ import annotations

import argparse

from ako.sim.program import add_arguments, run

__all__ = ["declare", "run"]


def declare(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = (
        "Serves the REST API of an Avi Controller from memory, strictly: it refuses whatever a real one "
        "would. Below /_sim are requests to look behind the API, to change objects and to inject faults."
    )
    parser.epilog = (
        "Exit codes: 0 ended by a signal; 1 it cannot listen there; 64 a fault of usage. Example: ako sim --port 8443"
    )
    add_arguments(parser)
    parser.set_defaults(run=run)
