"""`ako openshift`: looks at a cluster through `oc` or `kubectl`, for people and bug reports."""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from ako.cli.api_server import own_namespace
from ako.cli.plan.as_json import as_json
from ako.cli.settings_arguments import add_settings_arguments, load_with_plugins, sources_from
from ako.cli.wiring import wire
from ako.core.base.errors import AkoError
from ako.core.base.version import build
from ako.core.control.own_objects import KINDS
from ako.core.hooks.outcome import Outcome
from ako.core.hooks.plugin_host import PluginHost
from ako.core.model.names import Names
from ako.core.settings import LoadedSettings
from ako.core.settings.given import CONFIG_MAP
from ako.core.settings.plain import shown
from ako.openshift_tools.bundle import Bundle, collect
from ako.openshift_tools.client import Client, connected
from ako.openshift_tools.doctor import Doctor, Verdict


def declare(parser: argparse.ArgumentParser) -> None:
    """Say what `ako openshift doctor` and `ako openshift inspect` take."""
    parser.description = "Asks a cluster through oc, or through kubectl where there is no oc; changes nothing."
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    doctor = actions.add_parser(
        "doctor",
        help="who am I, have I the rights, is the Route API there, who else admits Routes, what is claimed twice",
        epilog="Exit codes: 0 nothing is wrong; 1 something is; 64 settings fault.",
    )
    doctor.add_argument("--as", dest="user", default="", metavar="USER", help="look at the rights of this user instead")
    doctor.set_defaults(run=_doctor)
    inspect = actions.add_parser("inspect", help="objects, statuses, Events, plan and explanation in one archive")
    inspect.add_argument("--namespace", default="", metavar="NAME", help="only the objects of this namespace")
    inspect.add_argument("--output", type=Path, metavar="FILE", help="default: ako-inspect-<time>.tar.gz")
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
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    output: Path = arguments.output or Path(f"ako-inspect-{stamp}.tar.gz")
    bundle = Bundle(arguments.secrecy)
    with connected(arguments.kubeconfig, os.environ) as client:
        loaded, plugins = _settings(arguments, client)
        bundle.add("versions.json", lambda: {"ako": build()["version"], "python": build()["python"]})
        bundle.add("settings.json", lambda: shown(loaded))
        bundle.add("doctor.txt", lambda: "\n".join(map(str, _doctor_for(client, loaded, plugins).examine())))
        collect(bundle, client, plugins.watched, own_namespace(), arguments.namespace)
        bundle.add("commands.json", client.transcript)
    _add_view(bundle, arguments)
    try:
        bundle.write(output)
    except OSError as error:
        raise AkoError(f"--output {output}: {error.strerror}") from error
    print(output)
    for part, reason in bundle.errors.items():
        print(f"without {part}: {reason}")
    return 0


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


def _add_view(bundle: Bundle, arguments: argparse.Namespace) -> None:
    """Add what we would do and what became of every object, or why that cannot be said."""

    def view() -> Any:
        controller = wire(arguments, follows=False).controller
        plan = as_json(controller.preview())
        outcomes = controller.explain()
        told = {str(ref): _explained(outcome) for ref, outcome in outcomes if outcome.hosts or outcome.problems}
        return {"plan": plan, "explanation": told}

    bundle.add("view.json", view)


def _explained(outcome: Outcome) -> Any:
    return {
        "hosts": msgspec.to_builtins(outcome.hosts),
        "problems": [f"{problem.reason}: {problem.explanation}" for problem in outcome.problems],
    }
