"""`ako openshift`: looks at a cluster through `oc` or `kubectl`, for people and bug reports."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path

from ako.cli.api_server import own_namespace
from ako.cli.inspect import add_archive_arguments, add_versions, add_view, written
from ako.cli.progress import progress
from ako.cli.settings_arguments import add_settings_arguments, load_with_plugins, sources_from
from ako.core.base.errors import AkoError
from ako.core.control.own_objects import KINDS
from ako.core.hooks.plugin_host import PluginHost
from ako.core.model.names import Names
from ako.core.settings import LoadedSettings
from ako.core.settings.given import CONFIG_MAP
from ako.core.settings.plain import shown
from ako.diagnosis.bundle import Bundle, collect
from ako.diagnosis.finding import Verdict
from ako.openshift_tools.client import Client, connected
from ako.openshift_tools.doctor import Doctor


def declare(parser: argparse.ArgumentParser) -> None:
    """Say what `ako openshift doctor` and `ako openshift inspect` take."""
    parser.description = "Asks a cluster through oc, or through kubectl where there is no oc; changes nothing."
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    doctor = actions.add_parser(
        "doctor",
        help="who am I, have I the rights, is the Route API there, who else admits Routes, what is claimed twice",
        description="Looks at a cluster as the user of oc: rights, Route API, other routers, what is claimed twice.",
        epilog="Exit codes: 0 nothing is wrong; 1 something is; 64 settings fault. Example: ako openshift doctor",
    )
    doctor.add_argument("--as", dest="user", default="", metavar="USER", help="look at the rights of this user instead")
    doctor.set_defaults(run=_doctor)
    inspect = actions.add_parser(
        "inspect",
        help="objects, statuses, Events, plan and explanation in one archive",
        description="Writes the archive of `ako inspect`, with what the user of oc can see.",
        epilog="Exit codes: 0 written, be it without some parts, which are named; 1 failed; 64 settings fault. "
        "Example: ako openshift inspect --namespace shop",
    )
    add_archive_arguments(inspect)
    inspect.set_defaults(run=_inspect, manifests=None, report=None)
    for action in (doctor, inspect):
        add_settings_arguments(action)
        action.add_argument("--kubeconfig", type=Path, metavar="FILE", help="ask this cluster, not the present one")


def _doctor(arguments: argparse.Namespace) -> int:
    with connected(arguments.kubeconfig, os.environ) as client:
        is_wrong = False
        for finding in _doctor_for(client, *_settings(arguments, client), arguments.user).examine():
            print(finding, flush=True)
            is_wrong |= finding.verdict is Verdict.WRONG
    return int(is_wrong)


def _inspect(arguments: argparse.Namespace) -> int:
    with progress() as line:
        bundle = Bundle(arguments.secrecy, lambda part: line.say(f"gathering {part}"))
        with connected(arguments.kubeconfig, os.environ) as client:
            loaded, plugins = _settings(arguments, client)
            add_versions(bundle)
            bundle.add("settings.json", lambda: shown(loaded))
            bundle.add("doctor.txt", lambda: "\n".join(map(str, _doctor_for(client, loaded, plugins).examine())))
            collect(bundle, client, plugins.watched, own_namespace(), arguments.namespace)
            bundle.add("commands.json", client.transcript)
        add_view(bundle, arguments)
    return written(bundle, arguments.output)


def _doctor_for(client: Client, loaded: LoadedSettings, plugins: PluginHost, user: str = "") -> Doctor:
    router = Names(loaded.settings.ako_settings.cluster_name).created_by
    return Doctor(client, (*plugins.watched, *KINDS), router, user)


def _settings(arguments: argparse.Namespace, client: Client) -> tuple[LoadedSettings, PluginHost]:
    """Load the settings as `run` does, but for the credentials, which nobody needs here."""
    try:
        found = client.objects("configmaps", own_namespace())
    except AkoError:
        found = ()  # the doctor says what is wrong
    data = next((item.as_dict().get("data") for item in found if item.name() == CONFIG_MAP), None)
    return load_with_plugins(replace(sources_from(arguments, os.environ), config_map=data))
