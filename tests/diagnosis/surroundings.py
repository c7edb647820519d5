"""What stands around the program where nothing is wrong, and how to see what is blamed where something is."""

from __future__ import annotations

from typing import Any

from ako.testing import endpoint_slice, ingress, namespace, service

NAMESPACE = "avi-system"
Findings = dict[str, list[dict[str, str]]]
"""By check."""

SHOP = ingress("shop", ("shop.com", "/", "web:80"), created="2026-01-01T00:00:00Z")
BEHIND = (service("web"), endpoint_slice("web", "10.244.1.5"))


def own_objects() -> list[dict[str, Any]]:
    metadata = {"namespace": NAMESPACE}
    return [
        dict(namespace(NAMESPACE)),
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "avi-k8s-config", **metadata}},
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "avi-secret", **metadata}},
    ]


def blamed(found: Findings) -> dict[str, str]:
    """Give the checks that are not all well, with what they say."""
    return {check: one["verdict"] for check, all_of in found.items() for one in all_of if one["verdict"] != "ok"}
