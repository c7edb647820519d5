"""The controller and `ako check` side by side: what both tell of the same objects, with the same settings and cloud."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import msgspec
import yaml

from ako.cli.check import assumed
from ako.cli.check.manifests import name_of
from ako.cli.main import build_parser
from ako.cli.wiring import wire
from ako.core.control.own_objects import KINDS
from ako.core.engine.changes import Upserted
from ako.core.hooks.claims import Problem
from ako.core.hooks.site import CLOUD
from ako.core.kube.cluster import watches
from ako.core.kube.decode import RecordDecoder
from ako.sim import Baseline, Simulator, SimulatorOptions
from tests.builders import CLASS, CLOUD_FACTS, Manifest, kind_of
from tests.builders import name_of as name_of_object
from tests.cli.check.running import Done, check
from tests.core.control.rig import Rig
from tests.program import environment
from tests.scenarios.ako_thread import logging_to
from tests.scenarios.scenario import JsonObject, merged
from tests.scenarios.surroundings import AVI_VERSION

FROM_THE_CONTROLLER: Mapping[str, str] = {
    "Rejected": "the Controller did not take an object: only by asking it that is known",
    "AddressInUse": "it gave another address than the one that is asked for: likewise",
}
"""Reasons that come about on the Avi Controller alone, and why."""

FROM_THE_CLOUD: Mapping[str, str] = {
    "NoDomain": "it serves no domain: where nobody says which there are, `check` takes it to serve some",
}
"""Reasons that come about by what is not told with `--domains`, and why."""

FROM_THE_CHART: Mapping[str, str] = {
    "IngressClassNotFound": "the class that the chart makes is not there: `check` takes it to be, if no file has one",
}
"""Reasons that come about where the chart was not used, and why."""


class Told(NamedTuple):
    """What is told of an object."""

    about: str
    reason: str
    message: str
    remedy: str


class Sides(NamedTuple):
    """What each side tells, without what only one of them can know."""

    controller: set[Told]
    check: set[Told]


def sides(
    folder: Path, manifests: Iterable[JsonObject], config: JsonObject, baseline: JsonObject, cluster: Sequence[str] = ()
) -> Sides:
    """Run the controller once on an empty Avi Controller, then check the same manifests.

    Args:
        folder: for files; nothing must be in it but what earlier calls left.
        manifests: what there is.
        config: the settings, in the layout of `values.yaml`.
        baseline: what is on the Avi Controller, as scenarios say it.
        cluster: the arguments that say where the controller reads; without any the same files.
    """
    things, values = folder / "things", folder / "values.yaml"
    things.mkdir(exist_ok=True)
    for file in things.iterdir():
        file.unlink()
    for number, manifest in enumerate(manifests):
        (things / f"{number:04}.json").write_bytes(msgspec.json.encode(manifest))
    options = SimulatorOptions(baseline=Baseline.of(baseline), version=AVI_VERSION)
    with Simulator(options) as simulator:
        where = {"ControllerSettings": {"controllerHost": simulator.url}, "AKOSettings": {"apiServerPort": 0}}
        login = {"avicredentials": {"username": options.username, "password": options.password}}
        values.write_text(yaml.safe_dump(merged(config, {**where, **login})), encoding="utf-8")
        controller, domains = _of_controller(
            folder, (*(cluster or ("--manifests", str(things))), "--config", str(values))
        )
    stated = ("--domains", ",".join(domains)) if domains else ()
    done = check(folder, "things", "--config", str(values), "--format", "json", *stated)
    assert not done.err, done.err
    left_out = {*FROM_THE_CONTROLLER, *(() if domains else FROM_THE_CLOUD)}
    left_out |= set(FROM_THE_CHART) if f"IngressClass {assumed.CLASS} is assumed" in done.out else set()
    return Sides({told for told in controller if told.reason not in left_out}, _in_report(done))


class Ran(Rig):
    """A controller in this process, without threads; it is given manifests, which may be wrong."""

    def apply(self, *manifests: Manifest) -> None:
        """Take in objects, as they are read."""
        gathered = watches((*self._plugins.watched, *KINDS))
        for manifest in manifests:
            name, watch = name_of_object(manifest), gathered[kind_of(manifest)]
            records = RecordDecoder(watch.records).records(name, msgspec.json.encode(manifest))
            self.change(Upserted(watch.kind, name, records))

    @property
    def told(self) -> set[Told]:
        """Give what it tells now."""
        found = (problem for problems in self.desk.standing.values() for problem in problems)
        return {_told(problem) for problem in found if problem.reason not in FROM_THE_CONTROLLER}


RAN_WITH: Mapping[str, str] = {
    "AKOSettings.disableStaticRouteSync": "true",
    "ako.plugins.enabled": "ingress,clusterip_routes,loadbalancer",
}
"""The settings of a rig."""


def checked(folder: Path, manifests: Iterable[Manifest]) -> set[Told]:
    """Check manifests with the settings and the cloud of a rig."""
    things = {"apiVersion": "v1", "kind": "List", "items": [CLASS, *manifests]}
    (folder / "things.json").write_bytes(msgspec.json.encode(things))
    given = [word for key, value in RAN_WITH.items() for word in ("--set", f"{key}={value}")]
    domains = ",".join(CLOUD_FACTS.domains)
    done = check(folder, "things.json", "--format", "json", "--domains", domains, *given)
    assert not done.err, done.err
    return _in_report(done)


def _in_report(done: Done) -> set[Told]:
    return {Told(p["about"], p["reason"], p["message"], p.get("remedy", "")) for p in done.problems}


def _told(problem: Problem) -> Told:
    return Told(name_of(problem.source), problem.reason, problem.message, problem.remedy)


def _of_controller(folder: Path, arguments: Sequence[str]) -> tuple[set[Told], Sequence[str]]:
    """Run the controller until it is in line; give what it tells, and the domains that it found."""
    surroundings = environment(os.environ)
    with mock.patch.dict(os.environ, surroundings, clear=True), logging_to(folder / "ako.log"):
        wired = wire(build_parser("run").parse_args(["run", *arguments]), follows=False)
        wired.controller.run(once=True)
    found = set(map(_told, wired.controller.open_problems()))
    cloud: Any = wired.controller.reconciler.pipeline.engine.input(CLOUD)
    return found, cloud.domains
