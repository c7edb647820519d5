"""`ako run`: the controller."""

from __future__ import annotations

import argparse
import faulthandler
import gc
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from ako.cli.wiring import Wired, add_cluster_arguments, wire
from ako.core.base.errors import AkoError
from ako.core.control.health_server import HealthServer
from ako.core.control.loop import Controller
from ako.core.control.metrics import Metrics
from ako.core.control.readiness import health_of


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = subparsers.add_parser(
        "run",
        help="keep the Avi Controller in line with the cluster",
        description="Watches a cluster (or a folder of manifests) and keeps the Avi Controller in line with it.",
    )
    add_cluster_arguments(parser)
    parser.add_argument(
        "--confirm", metavar="PLAN", default="", help="allow the plan of this id, however much it deletes"
    )
    parser.add_argument("--once", action="store_true", help="converge and exit: 0 if everything is in line, else 1")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run until a signal, or with `--once` until everything is in line."""
    if sys.__stderr__ is not None:
        # Should a C library bring the process down, the log says which thread was where.
        faulthandler.enable(sys.__stderr__)
    # What is kept is kept for long and holds hardly any cycles: looking for them as often as by default costs a tenth.
    gc.set_threshold(50_000, 20, 50)
    metrics = Metrics()
    wired = wire(arguments, follows=not arguments.once, observer=metrics)
    controller = wired.controller
    if not arguments.once:
        with _served(wired, metrics), stopped_by_signals(controller):
            controller.run()
        return 0
    with stopped_by_signals(controller), progress(controller):
        controller.run(once=True)
    return _summary(controller)


@contextmanager
def progress(controller: Controller) -> Iterator[None]:
    """Show on a terminal how many operations are done; say nothing where nobody looks."""
    if not sys.stderr.isatty():
        yield
        return
    ended = threading.Event()

    def show() -> None:
        while not ended.wait(0.2):
            print(f"\r{_counts(controller)} …", end="", file=sys.stderr, flush=True)
        print("\r" + " " * 60 + "\r", end="", file=sys.stderr, flush=True)

    thread = threading.Thread(target=show, name="progress")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _counts(controller: Controller) -> str:
    done = controller.reconciler.done
    return f"{done['Create']} created, {done['Update']} updated, {done['Delete']} deleted"


def _summary(controller: Controller) -> int:
    """Print what was done, whose objects have problems, and what is not in line; give the exit code."""
    print(_counts(controller))
    reasons = controller.shortcomings()
    for problem in controller.desk.announcer.open_problems:
        print(f"{problem.source.key}: {problem.reason}: {problem.explanation}", file=sys.stderr)
    for reason in reasons:
        print(f"not in line: {reason}", file=sys.stderr)
    return 1 if reasons else 0


@contextmanager
def _served(wired: Wired, metrics: Metrics) -> Iterator[None]:
    """Serve health and metrics meanwhile; the port is printed because it may be any free one."""
    port = wired.settings.ako_settings.api_server_port
    try:
        server = HealthServer(health_of(wired.controller, metrics), port)
    except OSError as error:
        message = f"AKOSettings.apiServerPort: cannot listen on port {port}: {error.strerror}. Set another, or free it."
        raise AkoError(message) from error
    server.start()
    print(f"listening on http://127.0.0.1:{server.port}", flush=True)
    try:
        yield
    finally:
        server.stop()


@contextmanager
def stopped_by_signals(controller: Controller) -> Iterator[None]:
    """Let SIGTERM and SIGINT end the loop after the writes in hand; a second one ends the process at once."""

    def stop(number: int, _: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        controller.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
