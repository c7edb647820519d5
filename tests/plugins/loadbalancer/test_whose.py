"""Why a Service is ours, or is not."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ako.testing.rehearsal import Rehearsal
from tests.plugins.loadbalancer.worlds import service

CLASS = "ako.vmware.com/avi-lb"
UNNAMED = "L4Settings.defaultLBController"


@pytest.mark.parametrize(
    ("spec", "settings", "why", "remedy"),
    [
        (
            {"type": "ClusterIP"},
            {},
            "spec.type is ClusterIP: it asks for no address; it may be behind an Ingress or a Route.",
            "Make it one of type LoadBalancer to have it on an address of its own.",
        ),
        (
            {},
            {"AKOSettings.layer7Only": True},
            "AKOSettings.layer7Only is true: Services of type LoadBalancer are not served.",
            "Set it to false.",
        ),
        ({"loadBalancerClass": CLASS}, {}, f"spec.type is LoadBalancer, and spec.loadBalancerClass is {CLASS}.", ""),
        ({}, {}, f"spec.type is LoadBalancer, spec.loadBalancerClass is not set, and {UNNAMED} is true.", ""),
        (
            {},
            {UNNAMED: False},
            f"spec.loadBalancerClass is not set, and {UNNAMED} is false.",
            f"Set spec.loadBalancerClass to {CLASS}; it can be set only when a Service is created.",
        ),
        (
            {"loadBalancerClass": "example.org/metal"},
            {},
            f"spec.loadBalancerClass is example.org/metal, not {CLASS}.",
            f"Create it anew with the class {CLASS}: that of a Service cannot be changed.",
        ),
    ],
)
def test_why(spec: Mapping[str, object], settings: Mapping[str, object], why: str, remedy: str) -> None:
    rehearsal = Rehearsal(("ingress", "clusterip_routes", "loadbalancer"), settings)
    manifest = service(**{"type": "LoadBalancer", **spec})  # type: ignore[arg-type]
    rehearsal.apply(manifest)
    found, discovery = rehearsal.whose(manifest), rehearsal.discovery(manifest)
    assert (found.why, found.remedy) == (why, remedy)
    assert discovery is not None
    assert found.is_ours is bool(discovery.claims)
