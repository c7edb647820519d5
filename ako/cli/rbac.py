"""`ako rbac`: the rights that the controller takes in the cluster, as roles; with `--check`, which of them it lacks."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ako.cli.api_server import api_cluster, own_namespace, own_secret
from ako.cli.progress import Progress, progress
from ako.cli.roles import SERVICE_ACCOUNT, rendered
from ako.cli.settings_arguments import add_settings_arguments, load_with_plugins, sources_from
from ako.core.control.rights import rights
from ako.core.kube.errors import KubeError
from ako.core.kube.rights import Right
from ako.core.settings.given import CONFIG_MAP

if TYPE_CHECKING:
    from ako.core.kube.api import ApiCluster


def declare(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = (
        "Prints the rights that `ako run` uses with these settings and plugins, and no others, as YAML: a Role for "
        "what lies in our own namespace (POD_NAMESPACE, else avi-system), a ClusterRole for all else, and their "
        "bindings. "
        "With --check it asks the API server which of them are missing, and changes nothing."
    )
    parser.epilog = (
        "Exit codes: 0 printed, or nothing is missing; 1 with --check: something is missing, or cannot be asked; "
        "64 a fault of usage, of settings, or of a plugin. Needed once, and again when plugins change. "
        "Example: ako rbac --config values.yaml | kubectl apply -f -"
    )
    add_settings_arguments(parser)
    parser.add_argument(
        "--namespaced",
        action="store_true",
        help="only Role and RoleBinding, for who may make nothing for the whole cluster; whoever may has to add what "
        "`ako rbac` prints without this, or nothing can be watched",
    )
    whose = parser.add_mutually_exclusive_group()
    whose.add_argument(
        "--for",
        dest="user",
        metavar="USER",
        type=_user,
        help=f"bind to this user instead of the ServiceAccount {SERVICE_ACCOUNT} of our namespace",
    )
    whose.add_argument(
        "--check",
        action="store_true",
        help="ask the API server, as whom the kubeconfig or the pod says, and print a table",
    )
    parser.add_argument(
        "--kubeconfig",
        type=Path,
        metavar="FILE",
        help="this cluster: its ConfigMap counts among the settings, and --check asks there (default: the pod's own)",
    )
    parser.set_defaults(run=run)


def _user(name: str) -> str:
    """Take the name of a user; an empty one is a variable that was not set, and binds nobody by mistake."""
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise argparse.ArgumentTypeError("the name is not UTF-8; give the user as the API server knows it") from error
    if not name.strip():
        raise argparse.ArgumentTypeError("the name is empty; name a user, or leave --for away")
    return name


def run(arguments: argparse.Namespace) -> int:
    """Print roles, or what is missing of them."""
    namespace = own_namespace()
    asks = arguments.check or arguments.kubeconfig is not None
    config_map = _config_map(arguments, namespace) if asks else None
    loaded, plugins = load_with_plugins(replace(sources_from(arguments, os.environ), config_map=config_map))
    for warning in loaded.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    found = rights(plugins, loaded.settings, namespace, own_secret())
    if arguments.check:
        return _check(arguments, [right for right in found if right.namespace or not arguments.namespaced])
    sys.stdout.write(rendered(found, namespace, arguments.user or "", namespaced=arguments.namespaced))
    return 0


def _config_map(arguments: argparse.Namespace, namespace: str) -> Mapping[str, str] | None:
    """Give the settings of the cluster; who may not read them is told so and does without."""
    cluster = api_cluster(arguments.kubeconfig, arguments.secrecy)
    try:
        return cluster.read_config_map(namespace, CONFIG_MAP)
    except KubeError as error:
        print(f"warning: ConfigMap {namespace}/{CONFIG_MAP} is not among the settings: {error}", file=sys.stderr)
        return None
    finally:
        cluster.stop()


def _check(arguments: argparse.Namespace, wanted: Sequence[Right]) -> int:
    """Ask for each right, print all of them, and say what to do about those that are missing."""
    cluster = api_cluster(arguments.kubeconfig, arguments.secrecy)
    try:
        with progress() as line:
            answers = list(_asked(cluster, wanted, line))
    finally:
        cluster.stop()
    rows = [("GRANTED", "VERB", "RESOURCE", "WHERE", "WHAT FOR"), *map(_row, answers)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
    missing = sum(not granted for _, granted in answers)
    if not missing:
        return 0
    print(
        f"{missing} of {len(answers)} rights are missing. Grant them with what `ako rbac` prints for the same "
        "settings: `ako rbac | kubectl apply -f -`; with --for USER where the program does not run as "
        f"ServiceAccount {own_namespace()}/{SERVICE_ACCOUNT}.",
        file=sys.stderr,
    )
    return 1


def _asked(cluster: ApiCluster, wanted: Sequence[Right], line: Progress) -> Iterator[tuple[Right, bool]]:
    for done, right in enumerate(wanted):
        line.say("asking the API server", done, len(wanted), "rights")
        yield right, cluster.may(right)


def _row(answer: tuple[Right, bool]) -> tuple[str, ...]:
    right, granted = answer
    resource = f"{right.resource}.{right.group}" if right.group else right.resource
    place = right.namespace or "everywhere"
    return (
        "yes" if granted else "no",
        right.verb,
        resource,
        f"{place}/{right.name}" if right.name else place,
        right.reason,
    )
