"""The resources of which a Controller has exactly one: its cluster, the cluster's runtime, its system configuration."""

from __future__ import annotations

import threading
import uuid as uuids
from collections.abc import Callable
from typing import Any

from ako.sim.patching import patched
from ako.sim.problems import FieldCheck, stale

Json = dict[str, Any]

_UP_SINCE = "2020-10-28 04:58:48"
_NODE = "10.79.169.60"
# Of these documents only a part is known; what the simulator itself reads must be there in its form.
_OBJECTS = {
    "cluster_runtime": ("cluster_state",),
    "systemconfiguration": ("global_tenant_config", "portal_configuration"),
}
_TIERS = frozenset({"ENTERPRISE", "ENTERPRISE_WITH_CLOUD_SERVICES", "BASIC", "ESSENTIALS"})


class Singletons:
    """State that is no object of the configuration proper."""

    def __init__(self, version: str) -> None:
        self._lock = threading.Lock()
        self._version = version
        uuid = f"cluster-{uuids.uuid4()}"
        self._documents: dict[str, Json] = {
            "cluster": _cluster(uuid),
            "cluster_runtime": _cluster_runtime(uuid, version),
            "systemconfiguration": _system_configuration(),
        }

    def read(self, name: str) -> Json:
        """Return a resource."""
        with self._lock:
            return dict(self._documents[name])

    def merge(self, name: str, fields: Json) -> Json:
        """Change fields of a resource from outside the API; lists of named nodes are merged by name."""
        with self._lock:
            document = dict(self._documents[name])
            for key, value in fields.items():
                document[key] = _merged(document.get(key), value)
            _insist_on_form(name, document)
            self._documents[name] = document
            return document

    def write(self, name: str, method: str, body: Json, checked: Callable[[Json], Json]) -> Json:
        """Change a resource the way the API does; ``checked`` looks at the fields and gives what is to be stored."""
        with self._lock:
            before = self._documents[name]
            if "_last_modified" in body and body["_last_modified"] != before.get("_last_modified"):
                raise stale("Cluster" if name == "cluster" else "SystemConfiguration")
            if body.get("uuid", before["uuid"]) != before["uuid"]:
                raise FieldCheck("uuid", "is not that of the resource").as_error()
            identity = {"uuid": before["uuid"], "url": before["url"], "_last_modified": str(_next(before))}
            after = body if method == "PUT" else patched(before, body)
            after = {**checked(after), **identity}
            _insist_on_form(name, after)
            self._documents[name] = after
            return after

    def version_document(self) -> Json:
        """Return what the Controller says of its release."""
        return {
            "build": 9148,
            "Tag": f"{self._version}-9148-20210401.101010",
            "ProductName": "Avi Cloud Controller",
            "min_version": 15.2,
            "Version": self._version,
            "Product": "controller",
            "Date": "2021-04-01T10:10:10+00:00",
        }


def _insist_on_form(name: str, document: Json) -> None:
    """Check what is known of a document."""
    for part in _OBJECTS.get(name, ()):
        if not isinstance(document.get(part, {}), dict):
            raise FieldCheck(part, f"expected an object, got {document[part]!r}").as_error()
    tier = document.get("default_license_tier", "ENTERPRISE")
    if not isinstance(tier, str) or tier not in _TIERS:
        raise FieldCheck("default_license_tier", f"{tier!r} is none of {sorted(_TIERS)}").as_error()


def _next(document: Json) -> int:
    return int(document.get("_last_modified", "0")) + 1


def _merged(before: Any, value: Any) -> Any:
    if isinstance(before, dict) and isinstance(value, dict):
        return {**before, **{key: _merged(before.get(key), item) for key, item in value.items()}}
    if isinstance(before, list) and isinstance(value, list):
        known = {item["name"]: item for item in before if isinstance(item, dict) and "name" in item}
        return [_merged(known.get(item["name"]), item) if _is_named(item) else item for item in value]
    return value


def _is_named(item: Any) -> bool:
    return isinstance(item, dict) and "name" in item


def _cluster(uuid: str) -> Json:
    node = {"name": _NODE, "ip": {"addr": _NODE, "type": "V4"}, "vm_hostname": "node1.controller.local"}
    return {
        "uuid": uuid,
        "url": "\x01cluster",
        "name": "cluster-0-1",
        "tenant_ref": "\x01tenant/admin",
        "_last_modified": "1600000000000000",
        "nodes": [node],
    }


def _cluster_runtime(uuid: str, version: str) -> Json:
    node = {
        "name": _NODE,
        "mgmt_ip": _NODE,
        "role": "CLUSTER_LEADER",
        "state": "CLUSTER_ACTIVE",
        "up_since": _UP_SINCE,
    }
    return {
        "node_info": {"uuid": "0050568a7b10", "version": f"{version}(9148)", "mgmt_ip": _NODE, "cluster_uuid": uuid},
        "node_states": [node],
        "cluster_state": {"state": "CLUSTER_UP_NO_HA", "progress": 100, "up_since": _UP_SINCE, "reason": []},
    }


def _system_configuration() -> Json:
    tenancy = {"tenant_vrf": False, "se_in_provider_context": True, "tenant_access_to_provider_se": True}
    return {
        "url": "\x01systemconfiguration",
        "uuid": "default",
        "_last_modified": "1600000000000000",
        "default_license_tier": "ENTERPRISE",
        "global_tenant_config": tenancy,
        "portal_configuration": {"allow_basic_authentication": False, "api_force_timeout": 24},
        "docker_mode": False,
    }
