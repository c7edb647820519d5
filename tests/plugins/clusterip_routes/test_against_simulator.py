"""Static routes and the SE group's label on an Avi Controller: one write a change, nothing of others touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from ako.sim import Simulator, SimulatorOptions
from tests.e2e.stage import CLUSTER, AviControl, Stage, config_map
from tests.plugins.clusterip_routes.worlds import Json, node, raw_route
from tests.scenarios.world import AviRequest
from tests.waiting import eventually

FOREIGN = [raw_route("default", "0.0.0.0/0"), raw_route(f"{CLUSTER}-2-1", "10.9.0.0/24", owner=f"{CLUSTER}-2")]
"""An operator's route, and one of another cluster whose name begins with ours."""


def ids(stage: Stage) -> dict[str, str]:
    """Give our routes, as network → id."""
    label = {"key": "clustername", "value": CLUSTER}
    routes = stage.avi.named("vrfcontext", "global").get("static_routes", [])
    ours = [route for route in routes if label in route.get("labels", ())]
    return {f"{r['prefix']['ip_addr']['addr']}/{r['prefix']['mask']}": r["route_id"] for r in ours}


def foreign(stage: Stage) -> list[Json]:
    label = {"key": "clustername", "value": CLUSTER}
    routes: list[Json] = stage.avi.named("vrfcontext", "global").get("static_routes", [])
    return [route for route in routes if label not in route.get("labels", ())]


def writes(stage: Stage, mark: int, model: str) -> list[AviRequest]:
    return [write for write in stage.avi.writes_since(mark) if write.model == model]


def test_a_change_of_nodes_is_one_write_and_others_keep_their_routes(stage: Stage) -> None:
    stage.avi.edit("vrfcontext", "global", static_routes=FOREIGN)
    before = stage.avi.named("vrfcontext", "global")
    stage.put("nodes", node("a", "10.244.1.0/24"), node("b", "10.244.2.0/24"))
    with stage.start() as ako:
        ako.becomes_ready()
        stage.comes_in_line()
        assert len(ids(stage)) == 2
        mark = stage.avi.mark()
        stage.put("nodes", node("0", "10.244.3.0/24"), node("b", "10.244.2.0/24"))
        expected = {"10.244.3.0/24": f"{CLUSTER}-1", "10.244.2.0/24": f"{CLUSTER}-2"}
        eventually(lambda: ids(stage) == expected, "the nodes of the second file")
        stage.comes_in_line()
        ako.stop()
    assert [(write.method, write.status) for write in writes(stage, mark, "vrfcontext")] == [("PUT", 200)]
    after = stage.avi.named("vrfcontext", "global")
    assert foreign(stage) == FOREIGN
    assert before["uuid"] == after["uuid"]
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert changed - {"_last_modified", "configpb_attributes"} == {"static_routes"}
    mark = stage.avi.mark()
    stage.converge()
    assert stage.avi.writes_since(mark) == []


@pytest.mark.parametrize(("theirs", "asked_for"), [("22.1.4", "20.1.5"), ("30.2.1", "20.1.5"), ("31.1.1", "")])
def test_what_the_administrator_set_stays_whatever_version_we_ask_for(
    tmp_path: Path, theirs: str, asked_for: str
) -> None:
    """Fields that are newer than that version are in no answer to it: whoever sends such an answer back resets them."""
    peer = {"remote_as": 65001, "peer_ip": {"addr": "10.1.1.1", "type": "V4"}, "ibgp_local_as_override": True}
    profile = {"ibgp": True, "local_as": 65000, "peers": [peer]}
    with Simulator(SimulatorOptions(version=theirs)) as simulator, AviControl(simulator.url) as avi:
        avi.edit("serviceenginegroup", "Default-Group", netlink_poller_threads=7)
        avi.edit("vrfcontext", "global", bgp_profile=profile)
        stage = Stage(tmp_path, avi, simulator.url)
        stage.configure(ControllerSettings={"controllerVersion": asked_for})
        stage.put("nodes", node("a", "10.244.1.0/24"))
        stage.converge()
        group, vrf = avi.named("serviceenginegroup", "Default-Group"), avi.named("vrfcontext", "global")
        assert group["labels"] == [{"key": "clustername", "value": CLUSTER}]
        assert len(ids(stage)) == 1
        assert group["netlink_poller_threads"] == 7
        assert vrf["bgp_profile"]["peers"][0]["ibgp_local_as_override"] is True
        mark = avi.mark()
        stage.converge()
        assert avi.writes_since(mark) == []


def test_who_writes_in_between_loses_nothing(stage: Stage) -> None:
    stage.put("nodes", node("a", "10.244.1.0/24"))
    with stage.start() as ako:
        ako.becomes_ready()
        stage.comes_in_line()
        assert ids(stage)
        theirs = [*stage.avi.named("vrfcontext", "global")["static_routes"], *FOREIGN]
        stage.avi.edit("vrfcontext", "global", static_routes=theirs)
        mark = stage.avi.mark()
        stage.put("nodes", node("a", "10.244.1.0/24"), node("b", "10.244.2.0/24"))
        eventually(lambda: len(ids(stage)) == 2, "the second route")
        ako.stop()
    assert [write.status for write in writes(stage, mark, "vrfcontext")] == [412, 200]
    assert foreign(stage) == FOREIGN


def test_routes_stay_when_they_are_switched_off(stage: Stage) -> None:
    stage.put("nodes", node("a", "10.244.1.0/24"))
    stage.converge()
    assert len(ids(stage)) == 1
    stage.configure(AKOSettings={"disableStaticRouteSync": True})
    stage.put("nodes", node("a", "10.244.7.0/24"))
    stage.converge()
    assert ids(stage) == {"10.244.1.0/24": f"{CLUSTER}-1"}


def test_a_plan_shows_the_routes_and_writes_nothing(stage: Stage) -> None:
    stage.avi.edit("vrfcontext", "global", static_routes=FOREIGN)
    stage.put("nodes", node("a", "10.244.1.0/24"))
    mark = stage.avi.mark()
    printed = stage.ako("plan").stdout
    assert "~ update vrfcontext global" in printed
    assert "10.244.1.0" in printed
    assert "10.9.0.0" not in printed
    assert "~ update serviceenginegroup Default-Group" in printed
    assert [write for write in stage.avi.writes_since(mark) if "login" not in write.path] == []


def test_delete_config_takes_our_routes_and_our_label_and_nothing_else(stage: Stage) -> None:
    stage.avi.edit("vrfcontext", "global", static_routes=FOREIGN)
    stage.put("nodes", node("a", "10.244.1.0/24"))
    stage.converge()
    assert stage.avi.named("serviceenginegroup", "Default-Group")["labels"]
    stage.configure(AKOSettings={"deleteConfig": True})
    stage.converge()
    assert ids(stage) == {}
    assert foreign(stage) == FOREIGN
    assert not stage.avi.named("serviceenginegroup", "Default-Group").get("labels")


def test_delete_config_takes_what_is_left_from_before_routes_were_switched_off(stage: Stage) -> None:
    """It is nobody's drift either, so that a policy to leave drift does not keep it."""
    stage.avi.edit("vrfcontext", "global", static_routes=FOREIGN)
    stage.put("nodes", node("a", "10.244.1.0/24"))
    stage.converge()
    stage.put("config", config_map(disableStaticRouteSync="true", driftPolicy="report"))
    with stage.start("--report", str(stage.report)) as ako:
        ako.becomes_ready()
        assert len(ids(stage)) == 1
        stage.put("config", config_map(disableStaticRouteSync="true", driftPolicy="report", deleteConfig="true"))
        eventually(lambda: "AKODeleteConfigDone" in stage.report.read_text(), "done")
        assert ids(stage) == {}
        assert foreign(stage) == FOREIGN
        assert not stage.avi.named("serviceenginegroup", "Default-Group").get("labels")
        assert "by somebody else" not in ako.err
        ako.stop()


def test_delete_config_goes_on_without_a_vrf_context_it_may_not_read(stage: Stage) -> None:
    stage.configure(AKOSettings={"disableStaticRouteSync": True})
    stage.converge()
    stage.avi.misbehave({"match": {"method": "GET", "path": "/api/vrfcontext"}, "status": 403, "body": {"error": "no"}})
    stage.configure(AKOSettings={"deleteConfig": True})
    assert "static routes of ours may be left from before" in stage.converge().stderr
    assert stage.avi.ours() == {}


def test_an_se_group_of_another_cluster_is_said_and_mended_without_a_restart(stage: Stage) -> None:
    labels = [{"key": "clustername", "value": f"{CLUSTER}-2"}]
    stage.avi.edit("serviceenginegroup", "Default-Group", labels=labels)
    with stage.start() as ako:
        ako.says("labels does not match with cluster name")
        assert not ako.is_ready()
        assert stage.avi.ours() == {}
        assert stage.avi.named("serviceenginegroup", "Default-Group")["labels"] == labels
        stage.avi.edit("serviceenginegroup", "Default-Group", labels=None)
        ako.becomes_ready()
        ours = [{"key": "clustername", "value": CLUSTER}]
        eventually(
            lambda: stage.avi.named("serviceenginegroup", "Default-Group").get("labels") == ours, "our own label"
        )
        ako.stop()
