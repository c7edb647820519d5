"""Objects that would have one name, on a Controller: all are served, and a name changes hands without a gap."""

from __future__ import annotations

import hashlib

import pytest

from tests.builders import Manifest, endpoints, ingress, service, tls_secret
from tests.e2e.stage import Stage
from tests.waiting import eventually

OLDER, YOUNGER = ("team", "app-shop.com"), ("team-app", "shop.com")
NAME = "c--team-app-shop.com_-web"
OTHER = f"{NAME}-{hashlib.sha1(b'team-app/Ingress/web/shop.com//web', usedforsecurity=False).hexdigest()[:8]}"
TYPES = ("pool", "poolgroup")


def source(namespace: str, host: str, created: str) -> tuple[Manifest, ...]:
    address = {"team": "10.0.1.1", "team-app": "10.0.1.2"}[namespace]
    return (
        service("web", namespace=namespace),
        endpoints("web", address, namespace=namespace),
        tls_secret("crt", host, namespace=namespace),
        ingress("web", (host, "/", "web:80"), namespace=namespace, tls={host: "crt"}, created=created),
    )


@pytest.fixture
def both(stage: Stage) -> Stage:
    """Declare the older one; the younger is added by `add`."""
    stage.put("older", *source(*OLDER, "2026-01-01T00:00:00Z"))
    return stage


def add(stage: Stage) -> None:
    stage.put("younger", *source(*YOUNGER, "2026-01-02T00:00:00Z"))


def servers(stage: Stage, pool: str) -> list[str]:
    found = stage.avi.ours().get(f"pool/{pool}", {})
    return [server["ip"]["addr"] for server in found.get("servers", [])]


def steps(stage: Stage, mark: int) -> list[tuple[str, str, str]]:
    return [(write.method, write.model, write.name) for write in stage.avi.writes_since(mark)]


def test_all_are_served_and_nothing_of_the_older_is_written(both: Stage) -> None:
    both.converge()
    mark = both.avi.mark()
    add(both)
    both.converge()
    assert servers(both, NAME) == ["10.0.1.1"]
    assert servers(both, OTHER) == ["10.0.1.2"]
    written = steps(both, mark)
    assert {name for _, _, name in written if NAME in name or "app-shop" in name} == {OTHER}
    assert all(f"{kind}/{OTHER}" in both.avi.ours() for kind in TYPES)
    assert both.ako("plan").returncode == 0


def test_the_plain_name_comes_back_and_new_objects_come_first(both: Stage) -> None:
    add(both)
    with both.start() as ako:
        ako.becomes_ready()
        both.comes_in_line()
        assert servers(both, OTHER)
        mark = both.avi.mark()
        both.remove("older")
        eventually(lambda: not any(OTHER in name for name in both.avi.ours()), "the other name is gone")
    written = steps(both, mark)
    for kind in TYPES:
        order = [method for method, model, name in written if model == kind and name in {NAME, OTHER}]
        assert order == ["DELETE", "POST", "DELETE"], f"{kind}: never made of what was the older's: {written}"
    led = written.index(("PATCH", "httppolicyset", "c--default-shop.com"))
    made = written.index(("POST", "poolgroup", NAME))
    gone = written.index(("DELETE", "poolgroup", OTHER))
    assert made < led < gone
    assert servers(both, NAME) == ["10.0.1.2"]
    assert NAME not in both.ako("plan").stdout


def test_it_comes_back_likewise_when_the_older_went_while_nobody_looked(both: Stage) -> None:
    add(both)
    both.converge()
    both.remove("older")
    mark = both.avi.mark()
    planned = both.ako("plan")
    assert planned.returncode == 2
    assert both.avi.writes_since(mark) == []
    both.converge()
    order = [method for method, model, name in steps(both, mark) if model == "pool" and name in {NAME, OTHER}]
    assert order == ["DELETE", "POST", "DELETE"]
    assert servers(both, NAME) == ["10.0.1.2"]
    assert both.ako("plan").returncode == 0


def balancer(namespace: str, name: str, address: str, created: str) -> Manifest:
    found = service(name, namespace=namespace, type="LoadBalancer")
    metadata = {**found["metadata"], "creationTimestamp": created}
    return {**found, "metadata": metadata, "spec": {**found["spec"], "loadBalancerIP": address}}


def addresses(stage: Stage) -> dict[str, list[str]]:
    found = (item for name, item in stage.avi.ours().items() if name.startswith("vsvip/c--team"))
    return {item["name"]: [vip["ip_address"]["addr"] for vip in item["vip"]] for item in found}


def test_a_service_never_gets_the_address_of_another_with_its_name(stage: Stage) -> None:
    name = "c--team-app-shop"
    other = f"{name}-{hashlib.sha1(b'team-app/Service/shop//shop', usedforsecurity=False).hexdigest()[:8]}"
    stage.put("younger", balancer("team-app", "shop", "10.5.5.2", "2026-01-02T00:00:00Z"))
    stage.converge()
    assert addresses(stage) == {name: ["10.5.5.2"]}
    stage.put("older", balancer("team", "app-shop", "10.5.5.1", "2026-01-01T00:00:00Z"))
    stage.converge()
    assert addresses(stage) == {name: ["10.5.5.1"], other: ["10.5.5.2"]}
    stage.remove("older")
    stage.converge()
    assert addresses(stage) == {name: ["10.5.5.2"]}
    assert stage.ako("plan").returncode == 0
