"""Reads what we have to know about the Avi cloud before anything can be planned, and says what is wrong with it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from msgspec import Struct

from ako.core.avi import codec
from ako.core.avi.errors import AviRejected
from ako.core.avi.session import AviSession, api_path
from ako.core.base.errors import AkoError
from ako.core.hooks.site import PUBLIC_CLOUDS, SUBNET_CLOUDS, VCENTER, CloudFacts
from ako.core.model import ServiceEngineGroup
from ako.core.settings import Settings

_log = logging.getLogger(__name__)

_FORBIDDEN = 403
ADMIN = "admin"
"""The tenant of the provider."""


class InvalidInput(AkoError):  # noqa: N818 - the word users look for in the log
    """Settings name something that the Controller does not have or that cannot be used; all faults at once."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("Invalid input detected: " + "; ".join(faults))
        self.faults = tuple(faults)


def read_cloud(session: AviSession, settings: Settings) -> CloudFacts:
    """Read the cloud of the settings, its DNS domains and the VRF, and look for all that the settings name.

    Raises:
        InvalidInput: what the settings name is not there or cannot be used.
        AviError: the Controller did not answer, or refused.
    """
    name = settings.controller_settings.cloud_name
    cloud = _find(session, "cloud", {"name": name})
    if cloud is None:
        raise InvalidInput([_missing(session, "ControllerSettings.cloudName", "cloud", name, "on the Avi Controller")])
    tenant = _tenant_of(cloud, settings)
    try:
        return _facts(_Place(session, settings, tenant), cloud)
    except AviRejected as error:
        if not tenant or error.status != _FORBIDDEN:
            raise
        _log.warning("what belongs to the cloud is read, and would be written, in our own tenant: %s", error)
        return _facts(_Place(session, settings, ""), cloud)


def _facts(place: _Place, cloud: Mapping[str, Any]) -> CloudFacts:
    """Give what there is to know of a cloud, as far as it is seen from a place."""
    name, kind = place.settings.controller_settings.cloud_name, str(cloud.get("vtype", "CLOUD_NONE"))
    faults = []
    if kind not in PUBLIC_CLOUDS and not cloud.get("ipam_provider_ref"):
        cloud_key = place.session.places.named("ControllerSettings.cloudName")
        faults.append(
            f"ipam_provider_ref: cloud {name!r} has no IPAM profile; add one, addresses are taken from it, "
            f"or name another cloud in {cloud_key}"
        )
    vrf = _vrf(place, kind, faults)
    if kind == VCENTER:
        faults += _node_network_faults(place)
    faults += _group_faults(place)
    if faults:
        raise InvalidInput(faults)
    session, uuid = place.session, str(cloud["uuid"])
    listed = session.get(
        "/api/ipamdnsproviderprofiledomainlist", params={"cloud_uuid": uuid}, tenant=place.tenant or None
    )
    domains = tuple(sorted(map(str, msgspec.json.decode(listed).get("domains") or ())))
    return CloudFacts(type=kind, domains=domains, vrf=vrf, version=session.version, tenant=place.tenant)


class _Place(Struct, frozen=True):
    """Where what belongs to the cloud is looked for."""

    session: AviSession
    settings: Settings
    tenant: str

    def find(self, avi_type: str, name: str) -> Mapping[str, Any] | None:
        """Find an object of the cloud."""
        query = {"name": name, "cloud_ref.name": self.settings.controller_settings.cloud_name}
        return _find(self.session, avi_type, query, self.tenant)


def _tenant_of(cloud: Mapping[str, Any], settings: Settings) -> str:
    """Give the tenant of what belongs to the cloud, as in `AviRef`: `admin` for a cloud of admin, if tenants count."""
    controller = settings.controller_settings
    is_admins = str(cloud.get("tenant_ref", "")).partition("#")[0].endswith("/admin")
    return ADMIN if controller.tenants_per_cluster and is_admins and controller.tenant_name != ADMIN else ""


@contextmanager
def rights_required(session: AviSession, settings: Settings) -> Iterator[None]:
    """Make a 403 of the Controller an `InvalidInput` that says who lacks a right, and what to do."""
    try:
        yield
    except AviRejected as error:
        if error.status != _FORBIDDEN:
            raise
        raise InvalidInput([_forbidden(session, settings, error)]) from error


def _forbidden(session: AviSession, settings: Settings, error: AviRejected) -> str:
    """Say what a 403 means: the Controller gives it for a tenant that is not there, and where a role is missing."""
    setting = session.places.named("ControllerSettings.tenantName")
    return (
        f"ControllerSettings.tenantName: user {settings.credentials.username!r} may not read in tenant "
        f"{settings.controller_settings.tenant_name!r} ({error}); create the tenant, correct its name in {setting}, "
        "or, if it is there, give the user a role in it that may read this"
    )


def _vrf(place: _Place, kind: str, faults: list[str]) -> str:
    """Find the VRF context: the one that is named, else that of the VIP network; `global` where neither is."""
    settings = place.settings
    network = _vip_network(place, kind, faults)
    name = settings.controller_settings.vrf_name
    if name and kind == VCENTER:
        if place.find("vrfcontext", name) is None:
            faults.append(_missing(place.session, "ControllerSettings.vrfName", "VRF context", name))
        return name
    if network is None or settings.l7_settings.service_type == "NodePort":
        return "global"
    return str(network.get("vrf_context_ref", "")).partition("#")[2] or "global"


def _vip_network(place: _Place, kind: str, faults: list[str]) -> Mapping[str, Any] | None:
    """Find the network of virtual addresses; None where none is named, or its name is that of a public cloud."""
    network_settings = place.settings.network_settings
    name = next((network.network_name for network in network_settings.vip_networks), "")
    if not name and kind in SUBNET_CLOUDS:
        faults.append(
            "NetworkSettings.networkName: is not set; name the subnet that addresses are taken from in "
            f"{place.session.places.named('NetworkSettings.networkName')}, which a cloud of type {kind} needs"
        )
    if not name or kind in PUBLIC_CLOUDS:
        return None
    network = place.find("network", name)
    if network is None:
        key = "vipNetworkList" if network_settings.vip_network_list else "networkName"
        faults.append(_missing(place.session, f"NetworkSettings.{key}", "network", name))
    return network


def _node_network_faults(place: _Place) -> Iterator[str]:
    for name in dict.fromkeys(network.network_name for network in place.settings.network_settings.node_network_list):
        if place.find("network", name) is None:
            yield _missing(place.session, "NetworkSettings.nodeNetworkList", "network", name)


def _group_faults(place: _Place) -> Iterator[str]:
    """Say why the SE group cannot be used, or cannot take our routes.

    Engines take the routes that carry a label of their group. A group without labels gets ours; one that has labels,
    but not ours, is another cluster's.
    """
    settings = place.settings
    name = settings.controller_settings.service_engine_group_name
    key = "ControllerSettings.serviceEngineGroupName"
    group = place.find("serviceenginegroup", name)
    if group is None:
        yield _missing(place.session, key, "Service Engine Group", name)
        return
    cluster = settings.ako_settings.cluster_name
    there = {"name": name, "owner": cluster, "labels": group.get("labels") or ()}
    seen = codec.decode(codec.encode(there), ServiceEngineGroup)
    if settings.programs_static_routes and seen.is_of_another:
        found = ", ".join(f"{label.key}={label.value}" for label in seen.labels)
        yield (
            f"{key}: labels does not match with cluster name {cluster!r}: "
            f"Service Engine Group {name!r} has {found}; "
            f"name a group of its own for each cluster in {place.session.places.named(key)}, or remove the labels"
        )


def _missing(session: AviSession, key: str, what: str, name: str, where: str = "in the cloud") -> str:
    """Say that what a setting names is not there, where the setting was given, and what to do."""
    remedy = f"correct the name in {session.places.named(key)}, or create it there"
    return f"{key}: there is no {what} {name!r} {where}; {remedy}"


def _find(session: AviSession, avi_type: str, query: Mapping[str, str], tenant: str = "") -> Mapping[str, Any] | None:
    params = {"include_name": "true", **query}
    answer = msgspec.json.decode(session.get(api_path(avi_type), params=params, tenant=tenant or None))
    results = answer.get("results") or ()
    return results[0] if results else None
