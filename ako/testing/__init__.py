"""What plugin authors test with: the contract of every plugin, rehearsals, builders, and stand-ins of servers.

* `PluginContract`: tests that a plugin's own suite inherits.
* `Rehearsal`: manifests through the whole pure half of the controller, with no server.
* `KubeApi`: a Kubernetes API server for a test, also as a process of its own: `python -m ako.testing.kube_api`.
* builders of manifests (`service`, `ingress`, `custom_object`, …) and of what hooks take and give (`virtual_host`,
  `host_claim`, `backend`, `live`, …).

Each is imported when it is asked for: the simulator, which uses stand-ins of this package, knows nothing of the rest.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ako.testing.claims import backend, host_claim, live, port_claim, rejected, virtual_host
    from ako.testing.kube_api import KubeApi
    from ako.testing.manifests import (
        Manifest,
        custom_object,
        endpoint_slice,
        endpoints,
        ingress,
        ingress_class,
        namespace,
        node,
        route,
        secret,
        service,
        tls_secret,
    )
    from ako.testing.plugin_contract import PluginContract
    from ako.testing.rehearsal import Rehearsal, ref_of

__all__ = [
    "KubeApi",
    "Manifest",
    "PluginContract",
    "Rehearsal",
    "backend",
    "custom_object",
    "endpoint_slice",
    "endpoints",
    "host_claim",
    "ingress",
    "ingress_class",
    "live",
    "namespace",
    "node",
    "port_claim",
    "ref_of",
    "rejected",
    "route",
    "secret",
    "service",
    "tls_secret",
    "virtual_host",
]

_PLACES = {
    "claims": "backend host_claim live port_claim rejected virtual_host",
    "kube_api": "KubeApi",
    "manifests": "Manifest custom_object endpoint_slice endpoints ingress ingress_class namespace node route secret "
    "service tls_secret",
    "plugin_contract": "PluginContract",
    "rehearsal": "Rehearsal ref_of",
}
_MODULES = {name: module for module, names in _PLACES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
