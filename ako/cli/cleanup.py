"""`ako cleanup`: what `deleteConfig` does, once and from the command line."""

from __future__ import annotations

import argparse
import sys

from ako.cli.foreground import previewed, stopped_by_signals, watched
from ako.cli.plan.as_text import show
from ako.cli.screen import Screen
from ako.cli.wiring import add_cluster_arguments, wire

NOT_CONFIRMED = 2


def declare(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = (
        "Prints everything of this cluster on the Avi Controller, asks, and deletes it, as deleteConfig "
        "does: static routes, the label of the SE group and statuses in Kubernetes too, and nothing that is not ours. "
        "Stop `ako run` first, or it makes all of it anew."
    )
    parser.epilog = (
        "Exit codes: 0 nothing of ours is left; 1 something is, or failed; 2 not confirmed, nothing was changed; "
        "64 settings fault. Example: ako cleanup --config values.yaml --kubeconfig kubeconfig"
    )
    add_cluster_arguments(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask; without a terminal nothing is deleted else")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Show what would go, have it confirmed, and delete it."""
    arguments.settings_flags = [*arguments.settings_flags, ("AKOSettings.deleteConfig", "true")]
    wired, preview = previewed(arguments)
    show(preview, Screen(), is_whole=True)
    sys.stdout.flush()
    if not arguments.yes:
        if not preview.plan:
            return 0
        if not _is_confirmed(wired.settings.ako_settings.cluster_name):
            print("nothing was changed", file=sys.stderr)
            return NOT_CONFIRMED
    return _delete(arguments)


def _is_confirmed(cluster: str) -> bool:
    """Ask for the name of the cluster, so that nobody deletes another one's objects by habit."""
    if not sys.stdin.isatty():
        print("there is no terminal to confirm this on; --yes does without", file=sys.stderr)
        return False
    print(f"To delete all of this, type the name of the cluster ({cluster}): ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip() == cluster


def _delete(arguments: argparse.Namespace) -> int:
    controller = wire(arguments, follows=False).controller
    with stopped_by_signals(controller), watched(controller):
        controller.run(once=True)
    left, reasons, done = controller.left(), controller.shortcomings(), controller.state.done
    print(f"{done.get('Delete', 0)} deleted, {done.get('Update', 0)} updated, {len(left)} left")
    for reason in reasons:
        print(f"not done: {reason}", file=sys.stderr)
    for ref in left:
        print(f"left: {ref!r}", file=sys.stderr)
    return 1 if left or reasons else 0
