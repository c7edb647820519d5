"""`ako run`: the controller."""

from __future__ import annotations

import argparse
import faulthandler
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ako.cli.failed_plugins import tell_failed_plugins
from ako.cli.foreground import counts, ended_by_signals, leave, stopped_by_signals, watched
from ako.cli.memory import keep_for_long
from ako.cli.wiring import Wired, add_cluster_arguments, wire
from ako.core.base.errors import AkoError
from ako.core.base.secrecy import Secrecy
from ako.core.control.health_server import HealthServer
from ako.core.control.loop import Controller
from ako.core.control.metrics import Metrics
from ako.core.control.readiness import health_of
from ako.core.kube.cluster import Cluster
from ako.core.kube.errors import KubeError

_log = logging.getLogger(__name__)

AKO_GROUP = "ako.vmware.com"
"""The API group of the custom resources of AKO."""


def declare(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = "Watches a cluster (or a folder of manifests) and keeps the Avi Controller in line with it."
    parser.epilog = (
        "Exit codes: 0 ended by a signal, or with --once everything is in line; 1 failed, or with --once something is "
        "not in line, or a plugin failed; 64 a fault of usage, of settings, or of a plugin. "
        "Example: ako run --once --config values.yaml --manifests manifests"
    )
    add_cluster_arguments(parser)
    parser.add_argument(
        "--confirm", metavar="PLAN", default="", help="allow the plan of this id, however much it deletes"
    )
    parser.add_argument(
        "--once",
        action="store_true",
        help="converge and exit: 0 if everything is in line and no plugin failed, else 1; it knows no election: "
        "stop other replicas first",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run until a signal, or with `--once` until everything is in line."""
    if sys.__stderr__ is not None:
        # Should a C library bring the process down, the log says which thread was where.
        faulthandler.enable(sys.__stderr__)
    keep_for_long()
    metrics = Metrics()
    with ended_by_signals():
        wired = wire(arguments, follows=not arguments.once, observer=metrics)
        controller = wired.controller
        if not arguments.once:
            with watched(controller), _served(wired, metrics, arguments.secrecy), stopped_by_signals(controller):
                # Not waited for: the API server may take its time, and nothing else depends on it.
                threading.Thread(target=_tell_unsupported, args=(wired.cluster,), name="kinds", daemon=True).start()
                controller.run()
            return leave(0)
        _tell_unsupported(wired.cluster)
    with stopped_by_signals(controller), watched(controller):
        controller.run(once=True)
    return _summary(controller)


def _tell_unsupported(cluster: Cluster) -> None:
    """Say once which kinds of AKO the cluster has that are not understood here."""
    try:
        kinds = cluster.kinds_of_group(AKO_GROUP)
    except KubeError:
        return  # that the cluster cannot be read is told by whoever needs it
    if kinds:
        _log.warning("%s of %s are not supported: what they ask for is not done", ", ".join(kinds), AKO_GROUP)


def _summary(controller: Controller) -> int:
    """Print what was done, whose objects have problems, and what is not in line; give the exit code."""
    print(counts(controller))
    reasons = controller.shortcomings()
    for problem in controller.open_problems():
        print(f"{problem.source.key}: {problem.reason}: {problem.explanation}", file=sys.stderr)
    for reason in reasons:
        print(f"not in line: {reason}", file=sys.stderr)
    return 1 if tell_failed_plugins(controller.plugins.calls) or reasons else 0


@contextmanager
def _served(wired: Wired, metrics: Metrics, secrecy: Secrecy) -> Iterator[None]:
    """Serve health and metrics meanwhile; the port is printed because it may be any free one."""
    port = wired.settings.ako_settings.api_server_port
    try:
        server = HealthServer(health_of(wired.controller, metrics), port, masked=secrecy.masked)
    except OSError as error:
        message = f"AKOSettings.apiServerPort: cannot listen on port {port}: {error.strerror}. Set another, or free it."
        raise AkoError(message) from error
    server.start()
    print(f"listening on http://127.0.0.1:{server.port} ({server.address})", flush=True)
    try:
        yield
    finally:
        server.stop()
