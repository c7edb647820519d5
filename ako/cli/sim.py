"""``ako sim``: an Avi Controller to try things on, without Avi."""

from __future__ import annotations

import argparse

from ako.sim.program import add_arguments, run

__all__ = ["add_parser", "run"]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the subcommand."""
    parser = subparsers.add_parser(
        "sim",
        help="simulate an Avi Controller",
        description="Serves the REST API of an Avi Controller from memory, strictly: it refuses whatever a real one "
        "would. Below /_sim are requests to look behind the API, to change objects and to inject faults.",
    )
    add_arguments(parser)
    parser.set_defaults(run=run)
