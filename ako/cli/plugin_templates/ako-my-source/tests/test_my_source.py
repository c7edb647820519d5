"""The contract of every plugin, and what is particular to this one."""

from __future__ import annotations

from pathlib import Path

import yaml

from ako import CloudFacts
from ako.testing import Manifest, PluginContract, Rehearsal, custom_object, live, tls_secret

PLUGINS = ("my_source", "clusterip_routes")
EXAMPLES = tuple(
    yaml.safe_load_all((Path(__file__).parents[1] / "manifests" / "example.yaml").read_text(encoding="utf-8"))
)


def asking(host: str, **spec: object) -> Manifest:
    """Build a MySource in front of the Service `web` of the example."""
    return custom_object(
        "example.org/v1", "MySource", "shop", spec={"host": host, "service": "web", "port": 80, **spec}
    )


class TestContract(PluginContract):
    """What every plugin must hold to."""

    plugins = PLUGINS
    examples = (*EXAMPLES, tls_secret("unrelated"))


def test_a_host_becomes_a_pool_with_the_pods_of_its_service() -> None:
    rehearsal = Rehearsal(PLUGINS)
    rehearsal.apply(*EXAMPLES)
    (pool,) = (item for ref, item in rehearsal.objects().items() if ref.type == "pool")
    assert pool.name == "my-cluster--shop.avi.internal_-default-shop"


def test_a_host_of_one_word_gets_the_domain_of_the_settings() -> None:
    rehearsal = Rehearsal(PLUGINS, settings={"ako.my_source.domain": "avi.internal"})
    rehearsal.apply(asking("shop"))
    found = rehearsal.discovery(asking("shop"))
    assert found is not None
    assert [claim.host for claim in found.claims] == ["shop.avi.internal"]


def test_with_a_secret_it_is_served_over_tls() -> None:
    rehearsal = Rehearsal(PLUGINS)
    rehearsal.apply(*EXAMPLES, asking("shop.avi.internal", tlsSecret="shop-tls"))
    rehearsal.apply(tls_secret("shop-tls", "shop.avi.internal"))
    assert "sslkeyandcertificate" in {ref.type for ref in rehearsal.objects()}


def test_a_host_outside_the_domains_of_the_cloud_is_a_problem() -> None:
    rehearsal = Rehearsal(PLUGINS, cloud=CloudFacts(domains=("avi.internal",)))
    rehearsal.apply(asking("shop.elsewhere.test"))
    (problem,) = rehearsal.problems()
    assert problem.reason == "HostOutsideDomains"
    assert "shop.elsewhere.test" in problem.message
    assert rehearsal.objects() == {}


def test_a_port_that_is_none_is_a_problem() -> None:
    rehearsal = Rehearsal(PLUGINS)
    rehearsal.apply(asking("shop.avi.internal", port=70000))
    (problem,) = rehearsal.problems()
    assert (problem.reason, problem.message) == ("PortOutOfRange", "spec.port: 70000 is no port.")


def test_the_status_says_where_it_is_served() -> None:
    rehearsal = Rehearsal(PLUGINS)
    served = asking("shop.avi.internal")
    rehearsal.apply(served)
    patch = rehearsal.report(served, live("shop.avi.internal", address="192.0.2.1"))
    assert patch == {"served": True, "address": "192.0.2.1", "reason": None}
