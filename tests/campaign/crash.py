"""Kills the real process at every request of a scripted run, starts it again, and compares the end with a calm run.

`python -m tests.campaign.crash` does so for every request, `--every N` for every Nth.
"""

from __future__ import annotations

import argparse
import functools
import os
import sys
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

import yaml

from ako.sim import Simulator
from ako.testing.listener import Request, Response
from tests.builders import Manifest, certificate_for, endpoints, ingress, secret, service
from tests.campaign.content import Key, dated, key_of
from tests.campaign.judgement import undisturbed
from tests.campaign.life import Life
from tests.campaign.view import View, difference, view_of, without_unused
from tests.campaign.world import CLUSTER, World
from tests.plugins.clusterip_routes.worlds import node
from tests.program import Command, Process, environment, forked
from tests.waiting import wait_until


@dataclass(frozen=True)
class Part:
    """One part of the script: what is declared and what is withdrawn, once the part before has had its effect."""

    declared: tuple[Manifest, ...]
    withdrawn: tuple[Key, ...] = ()


def _certificate(name: str) -> Manifest:
    return secret("t1", *certificate_for(name))


SCRIPT = (
    Part((
        service("s1"),
        endpoints("s1", "10.0.0.1"),
        service("s2"),
        endpoints("s2", "10.0.0.2", "10.0.0.3"),
        _certificate("one.com"),
        node("n1", "10.244.1.0/24"),
        ingress("i1", ("foo.com", "/", "s1:80"), ("foo.com", "/api", "s2:80")),
        ingress("i2", ("bar.com", "/", "s1:80"), tls={"bar.com": "t1"}),
        service("l1", type="LoadBalancer"),
        endpoints("l1", "10.0.0.9"),
    )),
    Part((
        endpoints("s1", "10.0.0.1", "10.0.0.4"),
        ingress("i3", ("shop.com", "/", "s2:80"), ("xyz.com", "/", "s2:80"), tls={"shop.com": "t1"}),
    )),
    Part((_certificate("two.com"),)),
    Part((
        ingress("i1", ("foo.com", "/", "s1:80"), ("foo.com", "/api", "s2:80"), tls={"foo.com": "t1"}),
        node("n2", "10.244.2.0/24"),
    )),
    Part((ingress("i3", ("shop.com", "/new", "s1:80")),), (("Ingress", "default", "i2"),)),
    Part((ingress("i4", ("foo.com", "/", "s2:80")),), (("Ingress", "default", "i1"), ("Service", "default", "l1"))),
)  # fmt: skip


class DeadlySimulator(Simulator):
    """Kills its client at a request: it is carried out, but the answer finds nobody."""

    def __init__(self, fatal: int) -> None:
        super().__init__()
        self.victim: Process | None = None
        self.count = 0
        self.has_struck = threading.Event()
        self._fatal = fatal
        self._counting = threading.Lock()

    def _answer(self, request: Request) -> Response:
        if request.path.startswith("/_sim"):
            return super()._answer(request)
        with self._counting:
            self.count += 1
            is_fatal = self.count == self._fatal
        response = super()._answer(request)
        if is_fatal and self.victim is not None:
            self.victim.kill()
            self.victim.wait()
            self.has_struck.set()
        return response


@dataclass
class Run:
    """What a run of the script came to."""

    requests: int
    created: Mapping[tuple[str, str], int]
    faults: list[str] = field(default_factory=list)


def contents() -> Sequence[Sequence[Manifest]]:
    """Give what is declared after each part of the script."""
    declared: dict[Key, Manifest] = {}
    stages: list[tuple[Manifest, ...]] = []
    for number, part in enumerate(SCRIPT):
        for manifest in part.declared:
            declared[key_of(manifest)] = dated(manifest, number, declared.get(key_of(manifest)))
        for key in part.withdrawn:
            del declared[key]
        stages.append(tuple(declared.values()))
    return stages


@functools.cache
def calm_views() -> Sequence[View]:
    """Give what a controller makes of each stage that sees nothing else."""
    return [undisturbed(content, seed) for seed, content in enumerate(contents())]


def run_script(views: Sequence[View], fatal: int = 0) -> Run:
    """Run the script with a process that is killed at its request of that number; 0: it is left alone."""
    simulator = DeadlySimulator(fatal)
    with simulator, World(simulator) as world:
        folder = world.kubeconfig.parent
        faults: list[str] = []
        simulator.victim = _start(world, folder)
        try:
            for number, (part, content) in enumerate(zip(SCRIPT, contents(), strict=True)):
                names = {key_of(manifest) for manifest in part.declared}
                world.declare(*(manifest for manifest in content if key_of(manifest) in names))
                for key in part.withdrawn:
                    world.kube.delete(*key)
                faults = _differences(world, views[number], simulator, folder)
                if faults:
                    log = (folder / "log").read_text(encoding="utf-8")[-1500:]
                    return Run(
                        simulator.count, {}, [f"killed at request {fatal}, part {number}: {f}" for f in faults] + [log]
                    )
        finally:
            simulator.victim.kill()
            simulator.victim.wait()
        requests, created = simulator.count, _created(world)
        faults = [f"killed at request {fatal}, at the next start: {fault}" for fault in _leaks(world, views[-1])]
        faults += [f"touched, though not ours: {name}" for name in world.touched()]
        return Run(requests, created, faults)


def _start(world: World, folder: Path) -> Process:
    settings = {
        "AKOSettings": {"clusterName": CLUSTER, "apiServerPort": 0},
        "ControllerSettings": {"controllerHost": world.simulator.url},
        "L7Settings": {"shardVSSize": "MEDIUM"},
        "avicredentials": {"username": "admin", "password": "admin"},
        "ako": {"api": {"retryCeilingSeconds": 1}, "guard": {"maxDeletePercent": 100}},
    }
    config = folder / "values.yaml"
    config.write_text(yaml.safe_dump(settings), encoding="utf-8")
    arguments = ["run", "--config", str(config), "--kubeconfig", str(world.kubeconfig)]
    log, variables = folder / "log", environment(os.environ)
    return forked(Command(arguments=arguments, variables=variables, folder=folder, out=log, err=log))


def _differences(world: World, expected: View, simulator: DeadlySimulator, folder: Path) -> list[str]:
    """Wait until a part of the script has had its effect, starting the process again if it was killed meanwhile."""
    faults: list[str] = []

    def is_right() -> bool | None:
        if simulator.has_struck.is_set():
            simulator.has_struck.clear()
            simulator.victim = _start(world, folder)
        faults.clear()
        faults.extend(difference(without_unused(expected), without_unused(view_of(world))))
        return not faults or None

    wait_until(is_right, interval=0.02)
    return list(faults)


def _created(world: World) -> Mapping[tuple[str, str], int]:
    """Count how often each object was created, but for shared virtual services: a start removes unused ones."""
    made = (r for r in world.avi.requests_since(0) if (r.method, r.status) == ("POST", 201) and r.model)
    return Counter((r.model, r.name) for r in made if "--Shared-" not in r.name)


def _leaks(world: World, expected: View) -> list[str]:
    """Start once more, which removes unused shared virtual services, and compare everything."""
    life = Life(world, 0)
    try:
        faults: list[str] = []

        def is_right() -> bool | None:
            faults[:] = difference(expected, view_of(world))
            return not faults or None

        wait_until(is_right, interval=0.02)
        return list(faults)
    finally:
        life.end()


def crash_at(fatal: int) -> list[str]:
    """Run the script with a kill at a request; give what differs from a calm run."""
    run = run_script(calm_views(), fatal)
    twice = [f"{key} was created {n} times" for key, n in run.created.items() if n > 1]
    return [*run.faults, *(f"killed at request {fatal}: {fault}" for fault in twice)]


def main() -> int:
    """Kill at every Nth request."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaign.crash", description=__doc__)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="kill at every Nth request (default: all)")
    parser.add_argument("--at", type=int, metavar="K", help="kill at this request only")
    parser.add_argument("--processes", type=int, default=2, metavar="N", help="runs at a time (default: %(default)s)")
    arguments = parser.parse_args()
    calm = run_script(calm_views())
    numbers = [arguments.at] if arguments.at else list(range(1, calm.requests + 1, arguments.every))
    print(f"a calm run takes {calm.requests} requests; killing at {len(numbers)} of them", flush=True)
    faults = list(calm.faults)
    with ProcessPoolExecutor(arguments.processes, get_context("spawn")) as pool:
        for found in pool.map(crash_at, numbers):
            faults += found
            print("\n".join(found), end="\n" if found else "", flush=True)
    print(f"{len(faults)} faults" if faults else "every run ended like the calm one")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
