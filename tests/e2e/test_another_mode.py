"""Another AKO under our clusterName, in a mode that is not taken over: nothing is deleted until an operator says so."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.builders import CLASS, endpoints, ingress, service
from tests.e2e.stage import FULL_SYNCS, Running, Stage, config_map
from tests.waiting import eventually

CLOUD = {"tenant_ref": "/api/tenant/?name=admin", "cloud_ref": "/api/cloud/?name=Default-Cloud"}
PARENT, CHILD = "c--Shared-L7-EVH-0", "c--0beec7b5ea3f0fdbc95d0dd47f3c5bc275da8a33"
STALE = "pool/c--gone.com_-default-gone"
SHOP_POOL = "pool/c--shop.com_-default-shop"
ENHANCED: dict[str, Any] = {"created_by": "ako-c", "vh_type": "VS_TYPE_VH_ENHANCED", **CLOUD}


def make_enhanced(stage: Stage) -> None:
    """Make what AKO in Go makes of a host where Enhanced Virtual Hosting is on."""
    avi = stage.avi
    avi.create("vsvip", {"name": PARENT, "vip": [{"vip_id": "0", "auto_allocate_ip": True}], **CLOUD})
    avi.create("pool", {"name": CHILD, "created_by": "ako-c", **CLOUD})
    services = [{"port": 80}, {"port": 443, "enable_ssl": True}]
    vsvip = f"/api/vsvip/?name={PARENT}"
    parent = {"name": PARENT, "type": "VS_TYPE_VH_PARENT", "vsvip_ref": vsvip, "services": services}
    avi.create("virtualservice", {**ENHANCED, **parent})
    child = {
        "name": CHILD,
        "type": "VS_TYPE_VH_CHILD",
        "vh_parent_vs_ref": f"/api/virtualservice/?name={PARENT}",
        "vh_matches": [{"host": "evh.com"}],
        "pool_ref": f"/api/pool/?name={CHILD}",
    }
    avi.create("virtualservice", {**ENHANCED, **child})


def unmake(stage: Stage) -> None:
    for name in (CHILD, PARENT):
        stage.avi.delete("virtualservice", name, force=False)
    stage.avi.delete("vsvip", PARENT, force=False)
    stage.avi.delete("pool", CHILD, force=False)


@pytest.fixture
def served(stage: Stage) -> Stage:
    """Give a stage on which two hosts are served, something of ours is stale, and somebody else works."""
    stage.put("gone", ingress("gone", ("gone.com", "/", "web:80")))
    stage.converge()
    make_enhanced(stage)
    stage.configure(AKOSettings={"fullSyncFrequency": 1})
    return stage


def held(ako: Running) -> str:
    """Wait until everything waits, and give what readiness says."""
    eventually(lambda: ako.checks()["guard"].startswith("-"), "deletions wait")
    return ako.checks()["guard"]


def test_nothing_is_deleted_and_everything_else_goes_on(served: Stage) -> None:
    before = served.avi.ours()
    served.remove("gone")
    served.put("new", ingress("new", ("new.com", "/", "web:80")))
    served.put("base", CLASS, service("web"), endpoints("web", "10.0.0.9"))
    done = served.ako("run", "--once", "--report", str(served.report))
    assert done.returncode == 1
    assert CHILD in done.stderr
    assert PARENT in done.stderr
    assert served.reasons().count("DeletionGuard") == 1
    after = served.avi.ours()
    assert before.keys() < after.keys()
    assert "pool/c--new.com_-default-new" in after
    assert [server["ip"]["addr"] for server in after[SHOP_POOL]["servers"]] == ["10.0.0.9"]
    assert served.avi.pool_of("gone.com") is not None
    members = [item["pool_ref"] for item in served.avi.named("poolgroup", _group_of(served, STALE))["members"]]
    assert any(STALE.partition("/")[2] in member for member in members)
    planned = json.loads(served.ako("plan", "--format", "json").stdout)
    assert set(planned["held"]["odd"]) == {PARENT, CHILD}


def _group_of(stage: Stage, pool: str) -> str:
    name = pool.partition("/")[2]
    groups = [item for key, item in stage.avi.ours().items() if key.startswith("poolgroup/")]
    return next(str(g["name"]) for g in groups if any(name in m["pool_ref"] for m in g["members"]))


def test_it_is_told_once_and_mended_when_it_goes(served: Stage) -> None:
    with served.start("--report", str(served.report)) as ako:
        assert PARENT in held(ako)
        served.remove("gone")
        syncs = _full_syncs(ako)
        eventually(lambda: _full_syncs(ako) > syncs + 2, "more full syncs")
        assert f"virtualservice/{CHILD}" in served.avi.ours()
        assert "ako_guard_odd_virtual_services 2.0" in ako.get("/metrics").text
        unmake(served)
        ako.becomes_ready()
        eventually(lambda: STALE not in served.avi.ours(), "what nobody wants goes")
        assert "ako_guard_odd_virtual_services 0.0" in ako.get("/metrics").text
        ako.stop()
    assert served.reasons().count("DeletionGuard") == 1
    assert served.reasons().count("DeletionConfirmed") == 1


def _full_syncs(ako: Running) -> float:
    return ako.metric(FULL_SYNCS)


def test_an_operator_says_that_it_may_go(served: Stage) -> None:
    served.remove("gone")
    with served.start() as ako:
        told = re.findall(r"plan ([0-9a-f]{12})", held(ako))[0]
        served.put("own", config_map({"ako.vmware.com/confirm-deletion": told}))
        eventually(lambda: not _odd(served), "what is left over of the other mode goes")
        eventually(lambda: STALE not in served.avi.ours(), "what nobody wants goes")
        ako.becomes_ready()
        ako.stop()
    assert served.ako("plan").returncode == 0


def _odd(stage: Stage) -> set[str]:
    return {name for name in stage.avi.ours() if PARENT in name or CHILD in name}


def test_with_the_word_on_the_command_line_all_goes_at_once(served: Stage) -> None:
    served.remove("gone")
    told = re.findall(r"--confirm ([0-9a-f]{12})\.", served.ako("plan").stdout)[0]
    served.converge("--confirm", told)
    assert not _odd(served)
    assert STALE not in served.avi.ours()
    assert SHOP_POOL in served.avi.ours()


def test_who_deletes_everything_means_that_too(served: Stage) -> None:
    assert served.ako("cleanup", "--yes").returncode == 0
    assert served.avi.ours() == {}


def test_old_shared_parents_of_ours_and_orphans_still_go_at_a_start(stage: Stage) -> None:
    """They have our names and our types, and bear no mark, as those of AKO in Go."""
    stage.converge()
    vsvip = "c--Shared-L7-5"
    stage.avi.create("vsvip", {"name": vsvip, "vip": [{"vip_id": "0", "auto_allocate_ip": True}], **CLOUD})
    stage.avi.create(
        "virtualservice",
        {
            "name": vsvip,
            "created_by": "ako-c",
            "type": "VS_TYPE_VH_PARENT",
            "vsvip_ref": f"/api/vsvip/?name={vsvip}",
            "services": [{"port": 80}],
            **CLOUD,
        },
    )
    stage.avi.create("pool", {"name": "c--orphan", "created_by": "ako-c", **CLOUD})
    stage.converge()
    assert not {name for name in stage.avi.ours() if vsvip in name or "orphan" in name}
