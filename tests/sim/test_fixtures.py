"""Recorded objects can be written and come back as they were recorded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from ako.sim import Simulator, SimulatorOptions
from tests.sim.client import Client, Json, certificate, fixture, key_and_certificate, pool, vsvip

VERSION = "30.2.1"
_REFERENCE = re.compile(r"https?://[^/]+/api/([a-z]+)/[^#]+#(.*)")
# Given by the controller, different in every recording.
_IDENTITY = {"url", "uuid", "_last_modified", "configpb_attributes"}
# Shown on reading only.
_READ_ONLY = {"version", "vip_runtime", "self_se_election", "marked_for_delete", "vs_refs", "vimgrnw_ref"}
_FIXTURES = (
    "cloud_aws", "cloud_none", "cloud_openstack", "cloud_vcenter", "httppolicyset", "ipamdnsproviderprofile_dns",
    "ipamdnsproviderprofile_ipam", "network", "pool", "poolgroup", "serviceenginegroup_labelled", "tenant",
    "virtualservice_sni_child", "virtualservice_sni_parent", "vrfcontext_labelled_routes", "vsdatascriptset", "vsvip",
)  # fmt: skip
_CLOUD = {"cloud_ref": "/api/cloud?name=vc-cloud"}


@pytest.fixture
def site() -> Iterator[Client]:
    """A controller with what the recordings refer to beside each other."""
    with Simulator(SimulatorOptions(version=VERSION)) as sim, Client(sim.url, version=VERSION) as avi:
        avi.call("POST", "/_sim/objects/vimgrnwruntime", {"name": "mgmt-net"})
        ipam, dns = (_bare(fixture(f"ipamdnsproviderprofile_{name}")) for name in ("ipam", "dns"))
        usable = ipam["internal_profile"].pop("usable_networks")
        profile = avi.create("ipamdnsproviderprofile", ipam)["uuid"]
        avi.create("ipamdnsproviderprofile", dns)
        profiles = {f"{name}_provider_ref": f"/api/ipamdnsproviderprofile?name=demo-{name}" for name in ("ipam", "dns")}
        avi.create("cloud", {"name": "vc-cloud", "vtype": "CLOUD_VCENTER", **profiles})
        for name in ("vip-net", "node-net"):
            avi.create("network", {**_bare(fixture("network")), "name": name})
        patch = {"replace": {"internal_profile": {"usable_networks": usable}}}
        assert avi.call("PATCH", f"/api/ipamdnsproviderprofile/{profile}", patch).status_code == 200
        avi.create("serviceenginegroup", {"name": "k8s-seg", **_CLOUD})
        yield avi


def _bare(recorded: Any) -> Any:
    """Return an object without what only its controller knows: references by name, no identity."""
    if isinstance(recorded, dict):
        return {name: _bare(value) for name, value in recorded.items() if name not in _IDENTITY | _READ_ONLY}
    if isinstance(recorded, list):
        return [_bare(item) for item in recorded]
    found = _REFERENCE.fullmatch(recorded) if isinstance(recorded, str) else None
    return f"/api/{found.group(1)}?name={found.group(2)}" if found else recorded


def _named(reference: str) -> str:
    return reference.partition("?name=")[2]


def _prepare(avi: Client, name: str, body: Json) -> None:
    """Create what one recording refers to beside the site."""
    if name == "poolgroup":
        avi.create("pool", pool(_named(body["members"][0]["pool_ref"]), **_CLOUD))
    elif name == "httppolicyset":
        action = body["http_request_policy"]["rules"][1]["switching_action"]
        avi.create("poolgroup", {"name": _named(action["pool_group_ref"]), **_CLOUD})
    elif name == "vsdatascriptset":
        avi.create("poolgroup", {"name": _named(body["pool_group_refs"][0]), **_CLOUD})
    elif name.startswith("virtualservice"):
        parent = _bare(fixture("virtualservice_sni_parent"))
        avi.create("vsvip", vsvip(_named(parent["vsvip_ref"]), **_CLOUD))
        script = _named(parent["vs_datascripts"][0]["vs_datascript_set_ref"])
        avi.create("vsdatascriptset", {"name": script, "datascript": []})
        if name == "virtualservice_sni_child":
            avi.create("virtualservice", parent)
            avi.create("httppolicyset", {"name": _named(body["http_policies"][0]["http_policy_set_ref"])})
            pair = key_and_certificate()
            avi.create("sslkeyandcertificate", certificate(*pair, name=_named(body["ssl_key_and_certificate_refs"][0])))


@pytest.mark.parametrize("name", _FIXTURES)
def test_recorded_objects_come_back_as_they_were(site: Client, name: str) -> None:
    kind = name.partition("_")[0]
    body = _bare(fixture(name))
    _prepare(site, name, body)
    if site.get(f"/api/{kind}?name={body['name']}").json()["count"]:
        body["name"] += "-again"
    created = site.create(kind, body)
    shown = _bare(site.get(f"/api/{kind}/{created['uuid']}?include_name").json())
    assert shown == body


def test_a_certificate_is_shown_as_recorded(site: Client) -> None:
    recorded = fixture("sslkeyandcertificate")
    created = site.create("sslkeyandcertificate", certificate(*key_and_certificate()))
    shown = site.get(f"/api/sslkeyandcertificate/{created['uuid']}").json()
    assert recorded.keys() - shown.keys() == {"created_by", "markers", "key_passphrase"}
    assert shown.keys() <= recorded.keys()
    assert shown["certificate"].keys() == recorded["certificate"].keys()
    assert shown["key_params"] == recorded["key_params"]
    parts = ("version", "signature_algorithm", "expiry_status", "days_until_expire", "self_signed")
    assert {part: shown["certificate"][part] for part in parts} == {
        part: recorded["certificate"][part] for part in parts
    }


@pytest.mark.parametrize(
    "kind", ["pool", "poolgroup", "httppolicyset", "l4policyset", "pkiprofile", "sslprofile", "vrfcontext"]
)
def test_what_was_read_can_be_written_back(site: Client, kind: str) -> None:
    uuid = site.create(kind, {"name": "minimal"})["uuid"]
    read = site.get(f"/api/{kind}/{uuid}?include_name").json()
    written = site.call("PUT", f"/api/{kind}/{uuid}", read).json()
    assert _bare(written) == _bare(read)


@pytest.mark.parametrize("name", ["cluster", "systemconfiguration"])
def test_singletons_have_the_recorded_shape(site: Client, name: str) -> None:
    document = site.get(f"/api/{name}").json()
    assert document.keys() >= fixture(name).keys() - {"virtual_ip", "dns_configuration"}
    assert document["url"] == f"{site.url}/api/{name}"


def test_singletons_can_be_written(site: Client) -> None:
    read = site.get("/api/systemconfiguration").json()
    changed = site.call("PUT", "/api/systemconfiguration", {**read, "default_license_tier": "BASIC"}).json()
    assert changed["default_license_tier"] == "BASIC"
    assert site.call("PUT", "/api/systemconfiguration", read).status_code == 412
    patched = site.call("PATCH", "/api/systemconfiguration", {"replace": {"docker_mode": True}}).json()
    assert (patched["docker_mode"], patched["default_license_tier"]) == (True, "BASIC")


def test_cluster_runtime_is_stable_and_has_the_recorded_shape(site: Client) -> None:
    documented = fixture("cluster_runtime")
    first, second = (site.get("/api/cluster/runtime").json() for _ in range(2))
    assert first == second
    assert first.keys() == documented.keys()
    assert first["node_states"][0].keys() == documented["node_states"][0].keys()


def test_domain_list(site: Client) -> None:
    cloud = site.read("cloud", "vc-cloud")
    answer = site.get(f"/api/ipamdnsproviderprofiledomainlist?cloud_uuid={cloud['uuid']}").json()
    assert answer == fixture("domainlist")
