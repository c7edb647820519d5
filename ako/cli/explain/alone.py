"""Worked out here, as `ako plan` does: all is read, nothing written; without an Avi Controller up to the plan."""

from __future__ import annotations

import argparse
import random
import time

from msgspec.structs import replace

from ako.cli.api_server import own_namespace
from ako.cli.examination import quiet
from ako.cli.foreground import looked
from ako.cli.wiring import Given, cluster_of, given
from ako.core.base.backoff import Pace
from ako.core.base.errors import AkoError
from ako.core.base.moment import rfc3339_now
from ako.core.control.offline import assumed_cloud, offline
from ako.core.control.questions import picture_of
from ako.core.explain.answer import Answer
from ako.core.explain.explainer import Explainer
from ako.core.plan.deletion_guard import Held
from ako.core.settings import SettingsError, require_controller

ASSUMED = "So it is not known what is there, and any host is taken to be in a DNS domain of the Avi cloud."


def worked_out(arguments: argparse.Namespace, question: str) -> Answer:
    """Answer from what a cluster or folder declares, and what is on the Avi Controller.

    Args:
        arguments: of the command line.
        question: as it was written.

    Raises:
        AkoError: cluster or settings cannot be read.
    """
    found = given(arguments)
    try:
        endpoint = require_controller(found.loaded)
    except SettingsError as error:
        missing = ", ".join(fault.key for fault in error.faults)
        return _without_controller(arguments, found, question, f"the settings name none (missing: {missing})")
    try:
        with quiet(), looked(arguments) as controller:  # an outage is told in the answer
            answer = controller.questions.answer(question, controller.reconciler.preview().held)
    except AkoError as error:
        return _without_controller(arguments, found, question, str(error))
    return replace(answer, asked_of=f"{_place(arguments, found)} and the Avi Controller {endpoint}")


def _without_controller(arguments: argparse.Namespace, found: Given, question: str, why: str) -> Answer:
    settings, pace = found.loaded.settings, Pace(time.monotonic, random.Random(), now=time.time)  # noqa: S311 - jitter
    cluster = cluster_of(arguments)
    reconciler = offline(settings, found.plugins, cluster, own_namespace(), assumed_cloud(settings), pace)
    answer = Explainer(picture_of(reconciler, Held(), is_asked=False)).answer(question)
    note = f"no Avi Controller was asked: {why.rstrip('.')}. {ASSUMED}"
    asked_of = f"{_place(arguments, found)}, without an Avi Controller"
    return replace(answer, asked_of=asked_of, at=rfc3339_now(), notes=(*answer.notes, note))


def _place(arguments: argparse.Namespace, found: Given) -> str:
    if arguments.manifests is not None:
        return f"the manifests in {arguments.manifests}"
    return f"the cluster {found.server}"
