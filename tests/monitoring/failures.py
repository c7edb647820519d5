"""What can go wrong, how it is brought about, and what an operator sees of it.

In texts `…` stands for anything: ports, times, ids.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from ako.sim import Simulator, SimulatorOptions
from tests.builders import dated_certificate, endpoints, ingress, secret, service
from tests.e2e.stage import PREFIX
from tests.e2e.test_another_mode import make_enhanced
from tests.monitoring.plugin import install
from tests.monitoring.scene import BANKS, Scene
from tests.program import Start, as_typed, forked
from tests.waiting import eventually

READY = "ready"
SHOP_POOL = f"{PREFIX}shop.com_-default-shop"
WRITES = ("POST", "PUT", "PATCH", "DELETE")
OBJECTS = ("pool", "poolgroup", "virtualservice", "vsvip", "httppolicyset", "sslkeyandcertificate", "vsdatascriptset")


def with_addresses(count: int) -> Mapping[str, Any]:
    """Give the baseline of a Controller that has so many addresses to give away."""

    def v4(number: int) -> Mapping[str, str]:
        return {"addr": f"10.250.0.{number}", "type": "V4"}

    span = {"type": "STATIC_IPS_FOR_VIP_AND_SE", "range": {"begin": v4(1), "end": v4(count)}}
    subnet = {"prefix": {"ip_addr": v4(0), "mask": 16}, "static_ip_ranges": [span]}
    return {"networks": [{"name": "net123", "configured_subnets": [subnet]}]}


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One of them.

    Attributes:
        name: in words.
        inject: brings it about, once all was in line.
        alerts: which fire, and no other.
        readiness: a line of `/readyz?verbose`; empty: nothing answers.
        log: a line of the log; empty: there is none.
        seconds: within which both are there.
        metric: a line of `/metrics` that tells of it; empty: nothing answers.
        prepare: what comes before the start.
        meanwhile: goes on with it, where it would be over at once.
        baseline: how the simulator differs from the usual one.
        start: how the product is started.
    """

    name: str
    inject: Callable[[Scene], object]
    alerts: tuple[str, ...]
    readiness: str
    log: str
    metric: str
    seconds: float = 10
    prepare: Callable[[Scene], object] = lambda _: None
    meanwhile: Callable[[Scene], object] = lambda _: None
    baseline: Mapping[str, Any] = field(default_factory=dict)
    start: Start = forked


def matches(pattern: str, line: str) -> bool:
    """Say whether a line has a text, in which `…` stands for anything."""
    return re.search(".*".join(map(re.escape, pattern.split("…"))), line) is not None


def _unavailable(scene: Scene) -> None:
    scene.avi.misbehave({"unreachable": True})


def _wrong_password(scene: Scene) -> None:
    scene.stage.configure(avicredentials={"password": "changed"})
    scene.avi.expire_sessions()


def _trust_another(scene: Scene) -> None:
    """Have it trust an authority that signs no Controller here; the one it begins with has no certificate."""
    authority, _ = dated_certificate(datetime(2020, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC), "ca")
    scene.stage.configure(avicredentials={"certificateAuthorityData": authority})


def _secure(scene: Scene) -> None:
    """Point it to a Controller with a certificate."""
    other = scene.later.enter_context(Simulator(SimulatorOptions(tls=True)))
    scene.configure_map(controllerIP=other.url)


def _refuse_writes(status: int, **more: Any) -> Callable[[Scene], None]:
    def inject(scene: Scene) -> None:
        for method in WRITES:
            for model in OBJECTS:
                scene.avi.misbehave({"match": {"method": method, "model": model}, "status": status, **more})
        scene.put(ingress("third", ("third.com", "/", "web:80")))

    return inject


def _refuse_one(scene: Scene) -> None:
    match = {"method": "POST", "model": "pool", "name": f"{PREFIX}third.com_-default-third"}
    scene.avi.misbehave({"match": match, "status": 400, "body": {"error": "no such thing as that"}})
    scene.put(ingress("third", ("third.com", "/", "web:80")))


def _delete_many(scene: Scene) -> None:
    scene.kube.delete("IngressClass", "", "avi-lb")


def elect(scene: Scene) -> None:
    """Have replicas elect one, with a Lease that is short."""
    terms = {"leaseDurationSeconds": 3, "renewDeadlineSeconds": 2, "retryPeriodSeconds": 1}
    scene.stage.configure(ako={"leaderElection": {"enabled": True, **terms}})


def _alone(scene: Scene) -> None:
    scene.stage.configure(ako={"leaderElection": {"enabled": False}})
    scene.stage.variables["POD_NAME"] = "ako-0"


def _second_replica(scene: Scene) -> None:
    spec = {"serviceName": "ako", "selector": {}, "template": {}, "replicas": 2}
    metadata = {"name": "ako", "namespace": "avi-system"}
    scene.put({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": metadata, "spec": spec})


def _expiring(days: float) -> Callable[[Scene], None]:
    def inject(scene: Scene) -> None:
        now = datetime.now(UTC)
        dated = dated_certificate(now - timedelta(days=90), now + timedelta(days=days), BANKS[0])
        scene.put(secret("dated", *dated), ingress("bank0", (BANKS[0], "/", "web:80"), tls={BANKS[0]: "dated"}))

    return inject


def _no_address(scene: Scene) -> None:
    """Keep the address of a new virtual service from being seen."""
    found = scene.avi.objects("vsvip")[0]
    bare = {**found, "vip": [{key: vip[key] for key in vip if key != "ip_address"} for vip in found["vip"]]}
    page = {"count": 1, "results": [bare]}
    scene.avi.misbehave({"match": {"model": "vsvip", "method": "GET"}, "status": 200, "body": page})


def _name_tenant(scene: Scene) -> None:
    """Have a namespace in a tenant that the Controller does not have."""
    metadata = {"name": "red", "annotations": {"ako.vmware.com/tenant-name": "red"}}
    scene.put({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    scene.put(ingress("app", ("red.com", "/", "web:80"), namespace="red"))


def _one_too_many(scene: Scene) -> None:
    scene.put(service("lb", type="LoadBalancer"), endpoints("lb", "10.0.0.5"))


def _steal_host(scene: Scene) -> None:
    scene.put(ingress("thief", ("stolen.com", "/", "web:80"), tls={"stolen.com": "nowhere"}))


def _lose_secrets(scene: Scene) -> None:
    scene.kube.fault("/api/v1/secrets", drop="before")
    scene.kube.break_watches("Secret")


def _refuse_statuses(scene: Scene) -> None:
    scene.kube.forbid("*", "ingresses/status")
    scene.put(ingress("third", ("third.com", "/", "web:80")))


def _namesake(scene: Scene) -> None:
    theirs = {"key": "cluster_uid", "values": ["00000000-0000-4000-8000-000000000002"]}
    markers = [{"key": "clustername", "values": ["c"]}, theirs]
    scene.avi.create("pool", {"name": f"{PREFIX}theirs.com_-default-theirs", "created_by": "ako-c", "markers": markers})


def _slow_down(scene: Scene) -> None:
    """Have each answer take seven seconds, and wait for one."""
    taken = 'ako_avi_request_duration_seconds_sum{method="GET"}'
    before = scene.value(taken)
    scene.avi.delay(7000)
    eventually(lambda: scene.value(taken) > before + 7, "an answer that took so long")


def _seldom(scene: Scene) -> None:
    """Have nothing read that would be answered in between."""
    scene.stage.configure(AKOSettings={"fullSyncFrequency": 3600})


FAILURES = (
    Failure(
        name="the Avi Controller does not answer",
        inject=_unavailable,
        alerts=("AkoAviUnreachable",),
        readiness="[-] avi",
        log="Avi Controller",
        metric="ako_avi_up 0.0",
    ),
    Failure(
        name="the password of the Avi Controller was changed",
        inject=_wrong_password,
        alerts=("AkoAviUnreachable",),
        readiness="[-] avi",
        log="Avi Controller",
        metric="ako_avi_up 0.0",
    ),
    Failure(
        name="the certificate of the Avi Controller is not trusted",
        prepare=_trust_another,
        inject=_secure,
        alerts=("AkoAviUnreachable",),
        readiness="[-] avi",
        log="certificate",
        metric="ako_avi_up 0.0",
    ),
    Failure(
        name="the Avi Controller answers every write with 503",
        prepare=_seldom,
        inject=_refuse_writes(503),
        alerts=("AkoAviUnreachable", "AkoHostsNotServed"),
        readiness="[-] avi",
        log="503",
        metric="ako_avi_up 0.0",
    ),
    Failure(
        name="a list of the Avi Controller may not be read (403)",
        inject=lambda scene: scene.avi.misbehave({"match": {"method": "GET", "model": "poolgroup"}, "status": 403}),
        alerts=("AkoNotReady", "AkoFullSyncOverdue"),
        readiness="[-] full sync",
        log="may not read in tenant",
        metric='ako_ready{check="full sync"} 0.0',
    ),
    Failure(
        name="the Avi Controller takes seven seconds for each answer",
        inject=_slow_down,
        meanwhile=_slow_down,
        seconds=30,
        alerts=("AkoAviSlow", "AkoFullSyncOverdue"),
        readiness="ready",
        log="",
        metric="ako_avi_up 1.0",
    ),
    Failure(
        name="a tenant that a Namespace names is not there",
        prepare=lambda scene: scene.configure_map(tenantsPerCluster="true"),
        inject=_name_tenant,
        alerts=("AkoTenantsUnread", "AkoHostsNotServed"),
        readiness="[+] tenants",
        log="red",
        metric="ako_avi_tenants_unread 1.0",
    ),
    Failure(
        name="the Avi Controller throttles every write (429)",
        inject=_refuse_writes(429, headers={"Retry-After": "1"}),
        alerts=("AkoAviRetries", "AkoChangesWait", "AkoHostsNotServed"),
        readiness="ready",
        log="429",
        metric="ako_changes_waiting …",
    ),
    Failure(
        name="the Avi Controller refuses one object (400)",
        inject=_refuse_one,
        alerts=("AkoRefused", "AkoHostsNotServed"),
        readiness="ready",
        log="no such thing as that",
        metric="ako_avi_refused 1.0",
    ),
    Failure(
        name="the IPAM of the Avi cloud has no free address",
        baseline=with_addresses(1),
        inject=_one_too_many,
        alerts=("AkoRefused", "AkoPortsNotServed"),
        readiness="ready",
        log="No available free IPs",
        metric="ako_avi_refused 1.0",
    ),
    Failure(
        name="a virtual service gets no address",
        inject=_no_address,
        alerts=("AkoNoAddress", "AkoHostsNotServed"),
        readiness="ready",
        log="",
        metric="ako_virtual_services_without_address …",
    ),
    Failure(
        name="an object is edited by hand again and again",
        inject=lambda scene: scene.edit_again_and_again(SHOP_POOL, 2),
        meanwhile=lambda scene: scene.edit_again_and_again(SHOP_POOL, 1),
        alerts=("AkoDriftRepeats",),
        readiness="ready",
        log="was changed (servers) by somebody else",
        metric='ako_drift_found_total{type="pool"} …',
    ),
    Failure(
        name="another cluster has our clusterName",
        inject=_namesake,
        alerts=("AkoNamesakes",),
        readiness="[-] namesakes",
        log="another cluster",
        metric="ako_avi_objects_of_namesakes 1.0",
    ),
    Failure(
        name="another AKO works under our names in another mode",
        inject=lambda scene: make_enhanced(scene.stage),
        alerts=("AkoOddVirtualServices",),
        readiness="[-] guard",
        log="never make",
        metric="ako_guard_odd_virtual_services 2.0",
    ),
    Failure(
        name="a large deletion waits for being confirmed",
        inject=_delete_many,
        alerts=("AkoDeletionHeld",),
        readiness="[-] guard",
        log="confirm",
        metric="ako_guard_held 7.0",
    ),
    Failure(
        name="the Kubernetes API server is gone",
        inject=lambda scene: scene.kube.down(),
        alerts=("AkoBlindToKubernetes",),
        readiness="kubernetes the Kubernetes API server has not been heard of",
        log="has not been heard of",
        metric='ako_watch_up{kind="v1/Service"} 0.0',
        seconds=25,
    ),
    Failure(
        name="nothing is heard of one kind any more",
        inject=_lose_secrets,
        alerts=("AkoWatchLost",),
        readiness="nothing has been heard since … v1/Secret",
        log="",
        metric='ako_watch_up{kind="v1/Secret"} 0.0',
    ),
    Failure(
        name="the watch of one kind may not be opened (403)",
        inject=lambda scene: scene.forbid("*", "secrets"),
        alerts=("AkoKindUnread",),
        readiness="[-] kubernetes",
        log="secrets",
        metric='ako_ready{check="kubernetes"} 0.0',
    ),
    Failure(
        name="the Lease cannot be renewed",
        prepare=elect,
        inject=lambda scene: scene.kube.forbid("update", "leases"),
        alerts=("AkoNoLeader",),
        readiness="[-] leader standby",
        log="does not lead any more and writes nothing: the right to update",
        metric="ako_leader 0.0",
    ),
    Failure(
        name="a second replica, and no election",
        prepare=_alone,
        inject=_second_replica,
        alerts=("AkoSeveralWriters",),
        readiness="[-] replicas",
        log="ako.leaderElection.enabled",
        metric='ako_ready{check="replicas"} 0.0',
    ),
    Failure(
        name="statuses may not be written (403)",
        inject=_refuse_statuses,
        alerts=("AkoStatusesNotWritten",),
        readiness="ready",
        log="status not written",
        metric="ako_reports_waiting 1.0",
    ),
    Failure(
        name="a value of the ConfigMap cannot be used",
        inject=lambda scene: scene.configure_map(shardVSSize="HUGE"),
        alerts=("AkoSettingsNotInForce",),
        readiness="ready",
        log="shardVSSize",
        metric="ako_settings_in_force 0.0",
    ),
    Failure(
        name="a setting that takes a restart was changed",
        inject=lambda scene: scene.configure_map(apiConcurrency="3"),
        alerts=("AkoRestartNeeded",),
        readiness="ready",
        log="takes effect at the next start",
        metric="ako_settings_restart_needed 1.0",
    ),
    Failure(
        name="a plugin raises",
        prepare=install,
        start=as_typed,
        inject=lambda scene: scene.put(ingress("third", ("poison.com", "/", "web:80"))),
        alerts=("AkoPluginFails", "AkoHostsNotServed"),
        readiness="ready",
        log="plugin poison raised in ako_translate: RuntimeError: spilled",
        metric='ako_plugin_failures_total{hook="ako_translate",plugin="poison"} …',
    ),
    Failure(
        name="the Secret of a host is not there",
        inject=_steal_host,
        alerts=("AkoHostsNotServed",),
        readiness="ready",
        log="nowhere",
        metric="ako_hosts_unserved…",
    ),
    Failure(
        name="a certificate has expired",
        inject=_expiring(-1),
        alerts=("AkoCertificateExpired",),
        readiness="ready",
        log="expired",
        metric='ako_certificates{expires="expired"} 1.0',
    ),
    Failure(
        name="a certificate expires in five days",
        inject=_expiring(5),
        alerts=("AkoCertificateExpiresSoon",),
        readiness="ready",
        log="",
        metric='ako_certificates{expires="7d"} 1.0',
    ),
    Failure(
        name="the process is killed",
        inject=lambda scene: scene.kill(),
        alerts=("AkoDown",),
        readiness="",
        log="",
        metric="",
    ),
)
