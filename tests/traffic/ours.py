"""Our product on a cluster that is plain data, once, until the Avi Controller of a simulator is in line with it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

from ako.cli.main import build_parser
from ako.cli.wiring import wire
from tests.program import environment
from tests.scenarios.ako_thread import logging_to
from tests.scenarios.scenario import merged
from tests.traffic.reading import Thing

LOGIN = {"username": "admin", "password": "admin"}


def converge(cluster: Sequence[Thing], config: Mapping[str, Any], controller_url: str, folder: Path) -> Sequence[str]:
    """Do what `ako run --once` does with these objects and helm values; give what is not in line afterwards.

    Their ConfigMap is left out: it says where another Controller is.
    """
    manifests, values = folder / "manifests", folder / "values.yaml"
    manifests.mkdir()
    things = [thing for thing in cluster if thing["kind"] != "ConfigMap"]
    (manifests / "all.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": things}), "utf-8")
    surroundings = {"ControllerSettings": {"controllerHost": controller_url}, "avicredentials": LOGIN}
    values.write_text(json.dumps(merged(config, surroundings)), "utf-8")
    arguments = build_parser("run").parse_args(
        ["run", "--once", "--config", str(values), "--manifests", str(manifests)]
    )
    with mock.patch.dict(os.environ, environment(os.environ), clear=True), logging_to(folder / "ako.log"):
        controller = wire(arguments, follows=False).controller
        controller.run(once=True)
    return controller.shortcomings()
