"""How failures are brought about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ako.sim import Simulator, SimulatorOptions
from tests.builders import dated_certificate, endpoints, ingress, secret, service
from tests.e2e.stage import PREFIX
from tests.monitoring.scene import BANKS, Scene
from tests.waiting import eventually

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


def unavailable(scene: Scene) -> None:
    scene.avi.misbehave({"unreachable": True})


def wrong_password(scene: Scene) -> None:
    scene.stage.configure(avicredentials={"password": "changed"})
    scene.avi.expire_sessions()


def trust_another(scene: Scene) -> None:
    """Have it trust an authority that signs no Controller here; the one it begins with has no certificate."""
    authority, _ = dated_certificate(datetime(2020, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC), "ca")
    scene.stage.configure(avicredentials={"certificateAuthorityData": authority})


def secure(scene: Scene) -> None:
    """Point it to a Controller with a certificate."""
    other = scene.later.enter_context(Simulator(SimulatorOptions(tls=True)))
    scene.configure_map(controllerIP=other.url)


def refuse_writes(status: int, **more: Any) -> Callable[[Scene], None]:
    def inject(scene: Scene) -> None:
        for method in WRITES:
            for model in OBJECTS:
                scene.avi.misbehave({"match": {"method": method, "model": model}, "status": status, **more})
        scene.put(ingress("third", ("third.com", "/", "web:80")))

    return inject


def refuse_one(scene: Scene) -> None:
    match = {"method": "POST", "model": "pool", "name": f"{PREFIX}third.com_-default-third"}
    scene.avi.misbehave({"match": match, "status": 400, "body": {"error": "no such thing as that"}})
    scene.put(ingress("third", ("third.com", "/", "web:80")))


def delete_many(scene: Scene) -> None:
    scene.kube.delete("IngressClass", "", "avi-lb")


def elect(scene: Scene) -> None:
    """Have replicas elect one, with a Lease that is short."""
    terms = {"leaseDurationSeconds": 3, "renewDeadlineSeconds": 2, "retryPeriodSeconds": 1}
    scene.stage.configure(ako={"leaderElection": {"enabled": True, **terms}})


def alone(scene: Scene) -> None:
    scene.stage.configure(ako={"leaderElection": {"enabled": False}})
    scene.stage.variables["POD_NAME"] = "ako-0"


def second_replica(scene: Scene) -> None:
    spec = {"serviceName": "ako", "selector": {}, "template": {}, "replicas": 2}
    metadata = {"name": "ako", "namespace": "avi-system"}
    scene.put({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": metadata, "spec": spec})


def expiring(days: float) -> Callable[[Scene], None]:
    def inject(scene: Scene) -> None:
        now = datetime.now(UTC)
        dated = dated_certificate(now - timedelta(days=90), now + timedelta(days=days), BANKS[0])
        scene.put(secret("dated", *dated), ingress("bank0", (BANKS[0], "/", "web:80"), tls={BANKS[0]: "dated"}))

    return inject


def no_address(scene: Scene) -> None:
    """Keep the address of a new virtual service from being seen."""
    found = scene.avi.objects("vsvip")[0]
    bare = {**found, "vip": [{key: vip[key] for key in vip if key != "ip_address"} for vip in found["vip"]]}
    page = {"count": 1, "results": [bare]}
    scene.avi.misbehave({"match": {"model": "vsvip", "method": "GET"}, "status": 200, "body": page})


def name_tenant(scene: Scene) -> None:
    """Have a namespace in a tenant that the Controller does not have."""
    metadata = {"name": "red", "annotations": {"ako.vmware.com/tenant-name": "red"}}
    scene.put({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    scene.put(ingress("app", ("red.com", "/", "web:80"), namespace="red"))


def one_too_many(scene: Scene) -> None:
    scene.put(service("lb", type="LoadBalancer"), endpoints("lb", "10.0.0.5"))


def steal_host(scene: Scene) -> None:
    scene.put(ingress("thief", ("stolen.com", "/", "web:80"), tls={"stolen.com": "nowhere"}))


def lose_secrets(scene: Scene) -> None:
    scene.kube.fault("/api/v1/secrets", drop="before")
    scene.kube.break_watches("Secret")


def refuse_statuses(scene: Scene) -> None:
    scene.kube.forbid("*", "ingresses/status")
    scene.put(ingress("third", ("third.com", "/", "web:80")))


def namesake(scene: Scene) -> None:
    theirs = {"key": "cluster_uid", "values": ["00000000-0000-4000-8000-000000000002"]}
    markers = [{"key": "clustername", "values": ["c"]}, theirs]
    scene.avi.create("pool", {"name": f"{PREFIX}theirs.com_-default-theirs", "created_by": "ako-c", "markers": markers})


def slow_down(scene: Scene) -> None:
    """Have each answer take seven seconds, and wait for one."""
    taken = 'ako_avi_request_duration_seconds_sum{method="GET"}'
    before = scene.value(taken)
    scene.avi.delay(7000)
    eventually(lambda: scene.value(taken) > before + 7, "an answer that took so long")


def seldom(scene: Scene) -> None:
    """Have nothing read that would be answered in between."""
    scene.stage.configure(AKOSettings={"fullSyncFrequency": 3600})


def go_on(scene: Scene) -> None:
    """Have what goes on in every cluster: pods that change, a host that comes and is served, and goes."""
    scene.put(ingress("third", ("third.com", "/", "web:80")), endpoints("web", "10.0.0.2", "10.0.0.3"))
    eventually(lambda: scene.avi.pool_of("third.com"), "third.com served")
    scene.put(endpoints("web", "10.0.0.1", "10.0.0.2"))
    scene.kube.delete("Ingress", "default", "third")
    eventually(lambda: not scene.avi.pool_of("third.com"), "third.com gone")


def be_away(scene: Scene) -> None:
    """Let the Controller not answer until that was noticed."""
    scene.avi.misbehave({"unreachable": True})
    eventually(lambda: scene.value("ako_avi_up") == 0, "that it is away")
    scene.avi.misbehave(None)
    eventually(lambda: scene.value("ako_avi_up") == 1, "that it is back")
