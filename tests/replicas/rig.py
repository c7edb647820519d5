"""Two replicas, each with ways of its own to one API server and one Avi Controller."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml

from ako.testing import KubeApi
from tests.builders import CLASS, endpoints, ingress, service
from tests.e2e.stage import AviControl, Running
from tests.program import Command, Start, environment
from tests.replicas.relay import Log, Relay, Seen
from tests.waiting import eventually

LEASE_SECONDS = 3
NAMESPACE = "avi-system"
TERMS = {"leaseDurationSeconds": LEASE_SECONDS, "renewDeadlineSeconds": 2, "retryPeriodSeconds": 1}
LEASE: dict[str, Any] = {
    "apiVersion": "coordination.k8s.io/v1",
    "kind": "Lease",
    "metadata": {"name": "ako-leader", "namespace": NAMESPACE},
    "spec": {"holderIdentity": "", "leaseDurationSeconds": 1, "leaseTransitions": 5},
}
POOL = "pool/c--{host}.com_-default-{host}"


def stateful_set(replicas: int) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "ako", "namespace": NAMESPACE},
        "spec": {"serviceName": "ako", "selector": {}, "template": {}, "replicas": replicas},
    }


class Replica:
    """One of them; `pod` is its name."""

    def __init__(self, rig: Rig, pod: str, running: Running, kube: Relay, avi: Relay) -> None:
        self._rig = rig
        self.pod = pod
        self.running = running
        self.kube, self.avi = kube, avi

    @property
    def requests(self) -> Sequence[Seen]:
        return self._rig.log.of(self.pod)

    @property
    def avi_writes(self) -> Sequence[Seen]:
        return [seen for seen in self.requests if seen.is_avi_write]

    def leads(self) -> bool:
        return self._rig.holder().startswith(f"{self.pod}_")

    def freeze(self) -> None:
        self.running.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.running.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self.running.process.send_signal(signal.SIGKILL)

    def metric(self, name: str) -> float:
        lines = self.running.get("/metrics").text.splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


class Rig:
    """The servers, and the replicas that were started."""

    def __init__(self, folder: Path, kube: KubeApi, avi: AviControl, controller_url: str, start: Start) -> None:
        self.folder, self.cluster, self.avi_control = folder, kube, avi
        self.controller_url = controller_url
        self.log = Log()
        self._start = start
        self._replicas: list[Replica] = []
        self._numbers = itertools.count()
        for manifest in (CLASS, service("web"), endpoints("web", "10.0.0.1", "10.0.0.2")):
            kube.apply(dict(manifest))
        self.declare("shop")

    def start(self, pod: str, *, election: Mapping[str, Any] | None = None) -> Replica:
        """Start a replica as the pod of this name."""
        number = next(self._numbers)
        kube, avi = Relay(self.cluster.url, pod, self.log), Relay(self.controller_url, pod, self.log)
        config, kubeconfig = self.folder / f"values-{number}.yaml", self.folder / f"kubeconfig-{number}"
        settings = {
            "AKOSettings": {"clusterName": "c", "apiServerPort": 0, "logLevel": "INFO"},
            "ControllerSettings": {"controllerHost": avi.url},
            "avicredentials": {"username": "admin", "password": "admin"},
            "ako": {"api": {"retryCeilingSeconds": 1}, "leaderElection": {**TERMS, **(election or {})}},
        }
        config.write_text(yaml.safe_dump(settings), encoding="utf-8")
        self.cluster.write_kubeconfig(kubeconfig)
        kubeconfig.write_text(kubeconfig.read_text(encoding="utf-8").replace(self.cluster.url, kube.url))
        out, err = self.folder / f"out-{number}", self.folder / f"err-{number}"
        arguments = ["run", "--config", str(config), "--kubeconfig", str(kubeconfig)]
        variables = {**environment(os.environ), "POD_NAME": pod}
        command = Command(arguments=arguments, variables=variables, folder=self.folder, out=out, err=err)
        replica = Replica(self, pod, Running(self._start(command), out, err), kube, avi)
        self._replicas.append(replica)
        return replica

    def pair(self, *, election: Mapping[str, Any] | None = None) -> tuple[Replica, Replica]:
        """Start two, of which the first leads and has everything programmed; there is a Lease that nobody has."""
        self.cluster.apply(stateful_set(2), LEASE)
        leader = self.start("ako-0", election=election)
        eventually(leader.leads, f"a leader: {leader.running.err[-2000:]}")
        eventually(lambda: self.serves("shop"), "shop.com served")
        standby = self.start("ako-1", election=election)
        eventually(lambda: "standby, leader is ako-0_" in standby.running.get("/readyz?verbose").text, "a standby")
        eventually(standby.running.is_ready, "a standby that is ready")
        return leader, standby

    def lease(self) -> Mapping[str, Any]:
        """Give the spec of the Lease; empty if there is none."""
        found = self.cluster.get("Lease", NAMESPACE, "ako-leader")
        return found["spec"] if found else {}

    def holder(self) -> str:
        return str(self.lease().get("holderIdentity") or "")

    def serves(self, host: str) -> bool:
        return POOL.format(host=host) in self.avi_control.ours()

    def declare(self, host: str) -> None:
        """Have one more host wanted."""
        self.cluster.apply(dict(ingress(host, (f"{host}.com", "/", "web:80"))))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.log.on_request = lambda _: None
        for replica in self._replicas:
            replica.running.__exit__()
            replica.kube.close()
            replica.avi.close()


def assert_one_writer_at_a_time(log: Log, writes: Callable[[Seen], bool] = lambda seen: seen.is_avi_write) -> None:
    """Insist that no replica wrote while a write of another was under way, or after another took its place."""
    written = sorted(
        ((seen.whole, seen) for seen in log.seen if seen.whole is not None and writes(seen)), key=lambda pair: pair[0]
    )
    turns = [replica for replica, _ in itertools.groupby(written, key=lambda pair: pair[1].replica)]
    assert len(turns) == len(set(turns)), f"taken in turns: {turns}"
    for (_, earlier), (begun, later) in itertools.pairwise(written):
        if earlier.replica != later.replica:
            before = [seen for _, seen in written if seen.replica == earlier.replica]
            under_way = [seen for seen in before if seen.ended is None or seen.ended > begun]
            assert not under_way, (under_way, later)
