"""What settings name on the Avi Controller is looked for first: if it is not there, that is told and waited for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.stage import Stage, config_map
from tests.plugins.clusterip_routes.worlds import node
from tests.waiting import eventually

NODE_NETWORK = {"nodeNetworkList": [{"networkName": "rack-7", "cidrs": ["10.0.0.0/24"]}]}
IN_NET123 = {"nodeNetworkList": [{"networkName": "net123", "cidrs": ["10.0.0.0/24"]}]}
NETWORK = {"name": "rack-7", "cloud_ref": "/api/cloud/?name=Default-Cloud"}
GROUP = {"name": "fast", "cloud_ref": "/api/cloud/?name=Default-Cloud"}

MISSING: dict[str, tuple[dict[str, Any], str, tuple[str, dict[str, Any]]]] = {
    "the tenant": (
        {"ControllerSettings": {"tenantName": "nobody"}},
        "ControllerSettings.tenantName: user 'admin' may not read in tenant 'nobody' (",
        ("tenant", {"name": "nobody"}),
    ),
    "the SE group": (
        {"ControllerSettings": {"serviceEngineGroupName": "fast"}},
        "ControllerSettings.serviceEngineGroupName: there is no Service Engine Group 'fast'",
        ("serviceenginegroup", GROUP),
    ),
    "the SE group, with node ports": (
        {"ControllerSettings": {"serviceEngineGroupName": "fast"}, "L7Settings": {"serviceType": "NodePort"}},
        "ControllerSettings.serviceEngineGroupName: there is no Service Engine Group 'fast'",
        ("serviceenginegroup", GROUP),
    ),
    "the SE group, without static routes": (
        {"ControllerSettings": {"serviceEngineGroupName": "fast"}, "AKOSettings": {"disableStaticRouteSync": True}},
        "ControllerSettings.serviceEngineGroupName: there is no Service Engine Group 'fast'",
        ("serviceenginegroup", GROUP),
    ),
    "a node network": (
        {"NetworkSettings": NODE_NETWORK},
        "NetworkSettings.nodeNetworkList: there is no network 'rack-7' in the cloud",
        ("network", NETWORK),
    ),
    "the VIP network, with node ports": (
        {"NetworkSettings": {"networkName": "rack-7"}, "L7Settings": {"serviceType": "NodePort"}},
        "NetworkSettings.networkName: there is no network 'rack-7' in the cloud",
        ("network", NETWORK),
    ),
    "the VIP network of the list": (
        {"NetworkSettings": {"networkName": "net123", "vipNetworkList": [{"networkName": "rack-7"}]}},
        "NetworkSettings.vipNetworkList: there is no network 'rack-7' in the cloud",
        ("network", NETWORK),
    ),
    "the VRF context": (
        {"ControllerSettings": {"vrfName": "blue"}},
        "ControllerSettings.vrfName: there is no VRF context 'blue' in the cloud",
        ("vrfcontext", {"name": "blue", "cloud_ref": "/api/cloud/?name=Default-Cloud"}),
    ),
}


@pytest.mark.parametrize("missing", MISSING.values(), ids=MISSING.keys())
def test_what_is_missing_is_told_and_waited_for(
    stage: Stage, missing: tuple[dict[str, Any], str, tuple[str, dict[str, Any]]]
) -> None:
    sections, message, (kind, body) = missing
    stage.configure(**sections)
    stage.put("config", config_map())
    with stage.start("--report", str(stage.report)) as ako:
        ako.says(f"Invalid input detected: {message}")
        ako.becomes_unready()
        ako.explains(message)
        eventually(lambda: "InvalidConfiguration" in stage.reasons(), "the Event")
        assert "AviUnreachable" not in stage.reasons()
        assert not [write for write in stage.avi.writes_since(0) if write.model]
        stage.avi.create(kind, body)
        eventually(lambda: "AviRecovered" in stage.reasons(), "going on by itself")
        ako.stop()


@pytest.mark.parametrize("model", ["serviceenginegroup", "pool", "vrfcontext"])
def test_a_right_that_is_missing_is_told_with_what_it_is_missing_for(stage: Stage, model: str) -> None:
    stage.put("config", config_map())
    refusal = {"status": 403, "body": {"error": "No permission"}}
    stage.avi.misbehave({"match": {"method": "GET", "model": model}, **refusal})
    done = stage.ako("run", "--once", "--report", str(stage.report))
    assert done.returncode == 1
    assert "Invalid input detected: ControllerSettings.tenantName: user 'admin' may not read in tenant" in done.stderr
    assert f"GET /api/{model}" in done.stderr
    assert "403 No permission" in done.stderr
    assert "give the user a role in it" in done.stderr
    assert stage.reasons() == ["InvalidConfiguration"]


def test_a_restart_reads_little(stage: Stage) -> None:
    stage.configure(NetworkSettings={"networkName": "net123", **IN_NET123})
    stage.converge()
    mark = stage.avi.mark()
    stage.converge()
    assert len(stage.avi.requests_since(mark)) <= 30


def test_all_that_is_missing_is_told_together(stage: Stage) -> None:
    stage.configure(
        ControllerSettings={"serviceEngineGroupName": "fast", "vrfName": "blue"},
        NetworkSettings={**NODE_NETWORK, "networkName": "front"},
    )
    done = stage.ako("run", "--once")
    assert done.returncode == 1
    for key in ("serviceEngineGroupName", "vrfName", "nodeNetworkList", "networkName"):
        assert f"Settings.{key}: there is no " in done.stderr


def test_a_named_vrf_context_holds_everything(stage: Stage) -> None:
    stage.avi.create("vrfcontext", {"name": "blue", "cloud_ref": "/api/cloud/?name=Default-Cloud"})
    stage.configure(ControllerSettings={"vrfName": "blue"})
    stage.put("nodes", node("a", "10.244.1.0/24"))
    stage.converge()
    pool = stage.avi.pool_of("shop.com")
    assert pool is not None
    assert pool["vrf_ref"].endswith("#blue")
    assert len(stage.avi.named("vrfcontext", "blue")["static_routes"]) == 1
    assert not stage.avi.named("vrfcontext", "global").get("static_routes")


def test_the_newer_list_of_networks_counts_alone(stage: Stage) -> None:
    """The older keys neither give the name nor the subnet beside it."""
    stage.configure(
        NetworkSettings={
            "networkName": "front",
            "subnetIP": "10.9.0.0",
            "subnetPrefix": 24,
            "vipNetworkList": [{"networkName": "net123", "cidr": "10.250.0.0/16"}],
        }
    )
    stage.converge()
    (vip,) = next(item for name, item in stage.avi.ours().items() if name.startswith("vsvip/"))["vip"]
    place = vip["ipam_network_subnet"]
    assert place["network_ref"].endswith("#net123")
    assert (place["subnet"]["ip_addr"]["addr"], place["subnet"]["mask"]) == ("10.250.0.0", 16)


@pytest.mark.parametrize("kind", ["CLOUD_AWS", "CLOUD_AZURE"])
def test_a_cloud_whose_addresses_come_from_a_named_subnet_waits_for_its_name(stage: Stage, kind: str) -> None:
    stage.avi.edit("cloud", "Default-Cloud", vtype=kind, ipam_provider_ref=None)
    stage.put("config", config_map(networkName=""))
    with stage.start("--report", str(stage.report)) as ako:
        ako.says("Invalid input detected: NetworkSettings.networkName: is not set")
        ako.becomes_unready()
        ako.explains(kind)
        assert not [write for write in stage.avi.writes_since(0) if write.model]
        stage.put("config", config_map(networkName="subnet-12"))
        ako.becomes_ready()
        stage.comes_in_line()
        (vip,) = next(item for name, item in stage.avi.ours().items() if name.startswith("vsvip/"))["vip"]
        assert vip["subnet_uuid"] == "subnet-12"
        ako.stop()


def test_a_google_cloud_needs_no_name_of_a_network(stage: Stage) -> None:
    stage.avi.edit("cloud", "Default-Cloud", vtype="CLOUD_GCP", ipam_provider_ref=None)
    stage.converge()
    assert any(name.startswith("vsvip/") for name in stage.avi.ours())
