"""Fills what the Controller adds to an object of its own accord: tenant, cloud and the relations left out."""

from __future__ import annotations

from ako.sim.references import ADMIN, Place, Resolver
from ako.sim.schema import Schema
from ako.sim.store import Json, Record, mark

# Type -> field -> (type of the target, its name); looked up in the object's own cloud.
_RELATIONS: dict[str, dict[str, tuple[str, str]]] = {
    "virtualservice": {
        "vrf_context_ref": ("vrfcontext", "global"),
        "se_group_ref": ("serviceenginegroup", "Default-Group"),
        "application_profile_ref": ("applicationprofile", "System-HTTP"),
        "network_profile_ref": ("networkprofile", "System-TCP-Proxy"),
        "analytics_profile_ref": ("analyticsprofile", "System-Analytics-Profile"),
    },
    "vsvip": {"vrf_context_ref": ("vrfcontext", "global")},
    "pool": {
        "vrf_ref": ("vrfcontext", "global"),
        "analytics_profile_ref": ("analyticsprofile", "System-Analytics-Profile"),
    },
}
_TENANT_SETTINGS = {"tenant_vrf": False, "se_in_provider_context": True, "tenant_access_to_provider_se": True}


class Filler:
    """Completes objects on their way into the store."""

    def __init__(self, schema: Schema, resolver: Resolver) -> None:
        self._schema = schema
        self._resolver = resolver

    def fill(self, kind: str, data: Json, place: Place, cloud: Record | None) -> None:
        """Complete an object whose references are resolved."""
        for name, (target, wanted) in _RELATIONS.get(kind, {}).items():
            if name not in data:
                data[name] = self._relation(target, wanted, place)
        if kind == "virtualservice":
            self._fill_virtual_service(data, place, cloud)
        elif kind == "pool":
            for server in data.get("servers", ()):
                if "hostname" not in server:
                    server["hostname"] = server["ip"]["addr"]
        elif kind == "tenant":
            data.setdefault("config_settings", dict(_TENANT_SETTINGS))

    def _fill_virtual_service(self, data: Json, place: Place, cloud: Record | None) -> None:
        if cloud is not None:
            data["cloud_type"] = cloud.data["vtype"]
        services = data.get("services", ())
        for service in services:
            if not service.get("port_range_end"):
                service["port_range_end"] = service["port"]
        if "ssl_profile_ref" not in data and any(service.get("enable_ssl") for service in services):
            data["ssl_profile_ref"] = self._relation("sslprofile", "System-Standard-PFS", place)

    def _relation(self, target: str, name: str, place: Place) -> str:
        kind = self._schema.kinds[target]
        record = self._resolver.by_name(kind, name, [place.tenant, ADMIN], place.cloud, place.tenant)
        return mark(target, record.uuid)
