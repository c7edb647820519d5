"""`ako inspect`: everything that a bug report needs, in one archive, without secrets."""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from ako.cli.api_server import loader_of, own_namespace
from ako.cli.examination import Examination, origin_of, quiet
from ako.cli.plan.as_json import as_json
from ako.cli.progress import progress
from ako.cli.settings_arguments import load_with_plugins, sources_from
from ako.cli.wiring import add_looking_arguments, cluster_of, wire
from ako.core.base.errors import AkoError
from ako.core.base.version import build
from ako.core.control.document import document_of
from ako.core.control.loop import Controller
from ako.core.hooks.outcome import Outcome
from ako.core.hooks.plugin_host import PluginHost
from ako.core.kube.errors import KubeError
from ako.core.settings import Sources
from ako.core.settings.given import CONFIG_MAP
from ako.core.settings.plain import shown
from ako.diagnosis.bundle import Bundle, collect
from ako.diagnosis.kubernetes import ApiServer
from ako.diagnosis.manifest import name_of
from ako.diagnosis.running import has_run_before, is_of_ako


def declare(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = (
        "Writes an archive for a bug report: versions, settings, what `ako doctor` says, objects, statuses and Events, "
        "logs, the plan, and what became of each object. Without passwords, keys and Secrets; changes nothing."
    )
    parser.epilog = (
        "Exit codes: 0 written, be it without some parts, which are named; 1 failed; 64 a fault of usage. "
        "Example: ako inspect --kubeconfig ~/.kube/config --output ako.tar.gz"
    )
    add_looking_arguments(parser)
    add_archive_arguments(parser)
    parser.set_defaults(run=run, user="")


def add_archive_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what says what is in the archive, and where it is written."""
    parser.add_argument(
        "--namespace", default="", metavar="NAME", help="only the objects of this namespace (default: of all)"
    )
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="the archive to write (default: ako-inspect-<time>.tar.gz)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Gather all parts, and write the archive."""
    with quiet(), progress() as line:
        bundle = Bundle(arguments.secrecy, lambda part: line.say(f"gathering {part}"))
        add_versions(bundle)
        plugins = _settings(bundle, arguments)
        bundle.add("doctor.txt", lambda: "\n".join(map(str, Examination(arguments).examine())))
        if arguments.manifests is None:
            _collect(bundle, arguments, plugins)
        add_view(bundle, arguments)
    return written(bundle, arguments.output)


def written(bundle: Bundle, output: Path | None) -> int:
    """Write the archive, and say where it is and what is missing in it.

    Raises:
        AkoError: it cannot be written.
    """
    path = output or Path(f"ako-inspect-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}.tar.gz")
    try:
        bundle.write(path)
    except OSError as error:
        raise AkoError(f"--output {path}: {error.strerror}") from error
    print(path)
    for part, reason in bundle.errors.items():
        print(f"without {part}: {reason}")
    return 0


def add_versions(bundle: Bundle) -> None:
    """Add which program this is."""
    bundle.add("versions.json", lambda: {"ako": build()["version"], "python": build()["python"]})


def add_view(bundle: Bundle, arguments: argparse.Namespace) -> None:
    """Add what we would do and what became of every object, or why that cannot be said; and what the page opens."""
    found: list[Controller] = []

    def view() -> Any:
        controller = wire(arguments, follows=False).controller
        plan = as_json(controller.preview())
        found.append(controller)
        outcomes = controller.explain()
        told = {str(ref): _explained(outcome) for ref, outcome in outcomes if outcome.hosts or outcome.problems}
        return {"plan": plan, "explanation": told}

    bundle.add("view.json", view)
    if not found:
        bundle.errors["page.json"] = "it is made of what view.json is made of"
    else:
        # All fields are ours: what is called a secret in them is the name of one. Values are masked as everywhere.
        bundle.add("page.json", lambda: document_of(found[0]), redact=lambda document: document)


def _explained(outcome: Outcome) -> Any:
    return {
        "hosts": msgspec.to_builtins(outcome.hosts),
        "problems": [f"{problem.reason}: {problem.explanation}" for problem in outcome.problems],
    }


def _settings(bundle: Bundle, arguments: argparse.Namespace) -> PluginHost:
    """Add the settings, and give the plugins of which objects are gathered: all, if the settings cannot be used."""
    try:
        loaded, plugins = load_with_plugins(_sources(bundle, arguments))
    except AkoError as error:
        bundle.errors["settings.json"] = str(error)
        return load_with_plugins(Sources())[1]
    bundle.add("settings.json", lambda: shown(loaded))
    return plugins


def _sources(bundle: Bundle, arguments: argparse.Namespace) -> Sources:
    """Give the places of settings; the ConfigMap as far as it can be read."""
    sources = sources_from(arguments, os.environ)
    try:
        cluster = cluster_of(arguments)
        try:
            return replace(sources, config_map=cluster.read_config_map(own_namespace(), CONFIG_MAP))
        finally:
            cluster.stop()
    except AkoError as error:
        bundle.errors["settings of the cluster"] = str(error)
        return sources


def _collect(bundle: Bundle, arguments: argparse.Namespace, plugins: PluginHost) -> None:
    """Add objects, as far as the cluster gives them."""
    from ako.core.kube.connection import Connection  # noqa: PLC0415 - the client library takes half a second

    try:
        connection = Connection(loader_of(arguments.kubeconfig), pool_size=1, secrecy=arguments.secrecy)
    except KubeError as error:
        bundle.errors["objects"] = str(error)
        return
    try:
        server = ApiServer(connection, origin_of(arguments), time.time)
        collect(bundle, server, plugins.watched, own_namespace(), arguments.namespace)
        _add_logs(bundle, server)
    finally:
        connection.close()


def _add_logs(bundle: Bundle, server: ApiServer) -> None:
    """Add the end of the log of each of our pods, that of its run before too, if there was one."""
    namespace = own_namespace()
    pods = (pod for pod in bundle.parts.get("own/pods.json") or () if is_of_ako(pod))
    for pod in pods:
        name = name_of(pod)
        bundle.add(f"own/logs/{name}.txt", partial(server.log, namespace, name))
        if has_run_before(pod):
            bundle.add(f"own/logs/{name}-before.txt", partial(server.log, namespace, name, is_previous=True))
