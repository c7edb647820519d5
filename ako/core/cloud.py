"""Reads what we have to know about the Avi cloud before anything can be planned, and says what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from ako.core.avi.session import AviSession, api_path
from ako.core.errors import AkoError
from ako.core.model import ServiceEngineGroup
from ako.core.settings import Settings
from ako.core.site import PUBLIC_CLOUDS, CloudFacts


class InvalidInput(AkoError):  # noqa: N818 - the word users look for in the log
    """Settings name something that the Controller does not have or that cannot be used; all faults at once."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("Invalid input detected: " + "; ".join(faults))
        self.faults = tuple(faults)


def read_cloud(session: AviSession, settings: Settings) -> CloudFacts:
    """Read the cloud of the settings, its DNS domains and the VRF of the VIP network.

    Raises:
        InvalidInput: what the settings name is not there or cannot be used.
        AviError: the Controller did not answer.
    """
    name = settings.controller_settings.cloud_name
    cloud = _find(session, "cloud", {"name": name})
    if cloud is None:
        raise InvalidInput([f"ControllerSettings.cloudName: there is no cloud {name!r} on the Avi Controller"])
    kind = str(cloud.get("vtype", "CLOUD_NONE"))
    faults = []
    if kind not in PUBLIC_CLOUDS and not cloud.get("ipam_provider_ref"):
        faults.append(f"ipam_provider_ref: cloud {name!r} has no IPAM profile; add one, addresses are taken from it")
    vrf = _vrf(session, settings, kind, faults)
    if settings.programs_static_routes:
        faults += _label_faults(session, settings)
    if faults:
        raise InvalidInput(faults)
    listed = session.get("/api/ipamdnsproviderprofiledomainlist", params={"cloud_uuid": str(cloud["uuid"])})
    domains = msgspec.json.decode(listed).get("domains") or ()
    return CloudFacts(type=kind, domains=tuple(sorted(map(str, domains))), vrf=vrf, version=session.version)


def _vrf(session: AviSession, settings: Settings, kind: str, faults: list[str]) -> str:
    """Find the VRF context of the VIP network; `global` where there is none to look for."""
    network_settings = settings.network_settings
    listed = network_settings.vip_network_list
    name = network_settings.network_name or (listed[0].network_name if listed else "")
    if not name or kind in PUBLIC_CLOUDS or settings.l7_settings.service_type == "NodePort":
        return "global"
    network = _find(session, "network", {"name": name, "cloud_ref.name": settings.controller_settings.cloud_name})
    if network is None:
        faults.append(f"NetworkSettings.networkName: there is no network {name!r} in the cloud")
        return "global"
    return str(network.get("vrf_context_ref", "")).partition("#")[2] or "global"


def _label_faults(session: AviSession, settings: Settings) -> Iterator[str]:
    """Say why the SE group cannot take our routes: engines take those that carry a label of their group.

    A group without labels gets ours; one that has labels, but not ours, is another cluster's.
    """
    name, cloud = settings.controller_settings.service_engine_group_name, settings.controller_settings.cloud_name
    key = "ControllerSettings.serviceEngineGroupName"
    group = _find(session, "serviceenginegroup", {"name": name, "cloud_ref.name": cloud})
    if group is None:
        yield f"{key}: there is no Service Engine Group {name!r} in the cloud"
        return
    cluster = settings.ako_settings.cluster_name
    seen = msgspec.convert({"name": name, "owner": cluster, "labels": group.get("labels") or ()}, ServiceEngineGroup)
    if seen.is_of_another:
        found = ", ".join(f"{label.key}={label.value}" for label in seen.labels)
        yield (
            f"{key}: labels does not match with cluster name {cluster!r}: Service Engine Group {name!r} has {found}; "
            "use a group of its own for each cluster, or remove the labels"
        )


def _find(session: AviSession, avi_type: str, query: Mapping[str, str]) -> Mapping[str, Any] | None:
    answer = msgspec.json.decode(session.get(api_path(avi_type), params={"include_name": "true", **query}))
    results = answer.get("results") or ()
    return results[0] if results else None
