"""A host that moves from one virtual service to another: the new is there before the old goes."""

from __future__ import annotations

import pytest

from ako.core.hooks.sharding import shard_of
from tests.builders import endpoints, ingress, service, tls_secret
from tests.e2e.stage import Stage
from tests.waiting import eventually

HERE = "a"
THERE = next(n for n in "bcdefgh" if shard_of(n, 8, "md5") != shard_of(HERE, 8, "md5"))
"""Two namespaces that do not share a virtual service."""


@pytest.fixture
def moving(stage: Stage) -> Stage:
    """Let a secure host be claimed by an older Ingress in one namespace, and by a younger one in another."""
    stage.configure(L7Settings={"l7ShardingScheme": "namespace"})
    for namespace, created in ((HERE, "2020-01-01T00:00:00Z"), (THERE, "2021-01-01T00:00:00Z")):
        stage.put(
            f"base-{namespace}",
            service("web", namespace=namespace),
            endpoints("web", "10.0.0.1", namespace=namespace),
            tls_secret("cert", "bank.com", namespace=namespace),
        )
        rule = ("bank.com", f"/{namespace}", "web:80")
        stage.put(namespace, ingress("x", rule, namespace=namespace, tls={"bank.com": "cert"}, created=created))
    return stage


def vsvip_of(stage: Stage, host: str) -> str | None:
    found = stage.avi.ours().items()
    holders = [n for n, item in found if any(info["fqdn"] == host for info in item.get("dns_info", ()))]
    assert len(holders) < 2
    return holders[0] if holders else None


def test_a_host_stays_on_its_virtual_service_when_its_oldest_claim_goes(moving: Stage) -> None:
    """Also one that came after the last full sync: its address is in caches of DNS."""
    with moving.start() as ako:
        ako.becomes_ready()
        before = eventually(lambda: vsvip_of(moving, "bank.com"), "bank.com served")
        eventually(lambda: "virtualservice/c--bank.com" in moving.avi.ours(), "its child")
        moving.remove(HERE)
        eventually(lambda: f"pool/c--{HERE}-bank.com_{HERE}-x" not in moving.avi.ours(), "the old path goes")
        assert vsvip_of(moving, "bank.com") == before
