"""States in files: saved with a plan, and compared with what is declared now, where no Avi Controller is."""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

import msgspec
from msgspec import Struct

from ako.cli.api_server import own_namespace
from ako.cli.wiring import cluster_of, given
from ako.core.base.backoff import Pace
from ako.core.base.errors import AkoError
from ako.core.control.offline import offline_after
from ako.core.control.preview import Preview
from ako.core.control.reconcile import Reconciler
from ako.core.control.states import compared, objects_in, state_in, state_of
from ako.core.hooks.plugin_host import PluginHost
from ako.core.observe.full_sync import Observation
from ako.core.settings import LoadedSettings


def save(reconciler: Reconciler, loaded: LoadedSettings, arguments: argparse.Namespace) -> None:
    """Write the state of now into the file that the command line names.

    Args:
        reconciler: knows it.
        loaded: the settings in force.
        arguments: of the command line.

    Raises:
        AkoError: the file cannot be written.
    """
    path: Path = arguments.save
    text = msgspec.json.format(msgspec.json.encode(state_of(reconciler, loaded, arguments.secrecy)), indent=1)
    try:
        path.write_bytes(text + b"\n")
    except OSError as error:
        raise AkoError(f"--save {path}: {error.strerror}; name a file that can be written.") from error


class Compared(Struct, frozen=True):
    """What came of a comparison, and of what."""

    preview: Preview
    reconciler: Reconciler
    loaded: LoadedSettings
    plugins: PluginHost


def against(arguments: argparse.Namespace) -> Compared:
    """Compare what is declared now with a saved state; no Avi Controller is asked.

    Args:
        arguments: of the command line.

    Raises:
        AkoError: the file is no state, or one of another cluster; settings or manifests cannot be read.
    """
    path: Path = arguments.against
    try:
        before = state_in(path.read_bytes(), f"--against {path}")
    except OSError as error:
        raise AkoError(f"--against {path}: {error.strerror}; name a file that `ako plan --save` wrote.") from error
    found = given(arguments)
    settings = found.loaded.settings
    cluster = settings.ako_settings.cluster_name
    if cluster != before.cluster:
        raise AkoError(
            f"--against {path} is a state of {before.cluster!r}, and AKOSettings.clusterName is {cluster!r}: all names "
            "would differ; give the settings of the same cluster."
        )
    seen = Observation(before.cloud, objects_in(before.there, cluster))
    pace = Pace(time.monotonic, random.Random())  # noqa: S311 - jitter
    reconciler = offline_after(settings, found.plugins, cluster_of(arguments), own_namespace(), seen, pace)
    if settings.ako_settings.delete_config:
        reconciler.delete_everything(is_wanted=True)
    preview = compared(reconciler, found.loaded, before, arguments.secrecy)
    return Compared(preview, reconciler, found.loaded, found.plugins)
