"""Namespaces in tenants of Avi: each lives in its own, moves while all runs, and harms nobody where it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ako.sim import Baseline, Simulator, SimulatorOptions
from tests.builders import Manifest, endpoints, ingress, service, tls_secret
from tests.e2e.stage import CLUSTER, OWNED_TYPES, PREFIX, AviControl, Json, Running, Stage, config_map
from tests.plugins.clusterip_routes.worlds import node
from tests.program import forked
from tests.waiting import eventually

TENANT = "ako.vmware.com/tenant-name"
UID = "00000000-0000-4000-8000-000000000001"


def namespace(name: str, tenant: str = "", uid: str = "") -> Manifest:
    annotations = {TENANT: tenant} if tenant else {}
    metadata = {"name": name, "annotations": annotations, **({"uid": uid} if uid else {})}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


def app(name: str, host: str, *more: Manifest) -> tuple[Manifest, ...]:
    """Give what a namespace has that serves a host."""
    return (
        service("web", namespace=name),
        endpoints("web", "10.0.1.1", namespace=name),
        ingress("app", (host, "/", "web:80"), namespace=name),
        *more,
    )


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    baseline = Baseline(tenants=[{"name": "red"}, {"name": "blue"}])
    with (
        Simulator(SimulatorOptions(baseline=baseline)) as simulator,
        AviControl(simulator.url) as avi,
    ):
        stage = Stage(tmp_path, avi, simulator.url, forked)
        stage.configure(L7Settings={"shardVSSize": "SMALL"})
        stage.put("config", config_map(tenantsPerCluster="true"))
        stage.put("identity", namespace("kube-system", uid=UID))
        yield stage


def there(stage: Stage, tenant: str) -> dict[str, Json]:
    """Give everything with our prefix in a tenant, by type and name."""
    uuid = stage.avi.named("tenant", tenant)["uuid"]
    found = ((kind, item) for kind in OWNED_TYPES for item in stage.avi.objects(kind))
    return {
        f"{kind}/{item['name']}": dict(item)
        for kind, item in found
        if item["name"].startswith(PREFIX) and str(item["tenant_ref"]).rpartition("/")[2].partition("#")[0] == uuid
    }


def names(stage: Stage, tenant: str) -> set[str]:
    """Give the DNS names in a tenant."""
    found = there(stage, tenant)
    return {info["fqdn"] for name, item in found.items() if name.startswith("vsvip/") for info in item["dns_info"]}


def test_each_namespace_is_in_its_tenant_with_shared_virtual_services_of_its_own(stage: Stage) -> None:
    stage.put("red", namespace("red", "red"), *app("red", "red.com"))
    stage.put("blue", namespace("blue", "blue"), *app("blue", "blue.com"))
    stage.converge()
    assert names(stage, "admin") == {"c--Shared-L7-0.admin.com", "shop.com"}
    assert names(stage, "red") == {"c--Shared-L7-0.red.com", "red.com"}
    assert names(stage, "blue") == {"c--Shared-L7-0.blue.com", "blue.com"}
    assert there(stage, "red").keys() == {
        "virtualservice/c--Shared-L7-0",
        "vsvip/c--Shared-L7-0",
        "poolgroup/c--Shared-L7-0",
        "vsdatascriptset/c--Shared-L7-0",
        "pool/c--red.com_-red-app",
    }
    mark = stage.avi.mark()
    stage.converge()
    assert stage.avi.writes_since(mark) == []
    assert stage.ako("plan").returncode == 0


def served(stage: Stage, tenant: str, *hosts: str) -> None:
    """Wait until hosts are served in a tenant."""
    eventually(lambda: set(hosts) <= names(stage, tenant), f"{hosts} in {tenant}")


def empty(stage: Stage, tenant: str) -> None:
    """Wait until nothing is left in a tenant."""
    eventually(lambda: not there(stage, tenant), f"nothing in {tenant}")


def told(stage: Stage, ako: Running, reason: str) -> str:
    """Wait for an Event; give its message."""

    def messages() -> list[str]:
        events = (line["event"] for line in stage.reported() if "event" in line)
        return [event["message"] for event in events if event["reason"] == reason]

    return eventually(messages, f"{reason}:\n{ako.err[-2000:]}")[0]


RICH = (
    tls_secret("cert", "safe.com", namespace="team"),
    ingress("safe", ("safe.com", "/", "web:80"), namespace="team", tls={"safe.com": "cert"}),
    service("direct", namespace="team", type="LoadBalancer"),
    endpoints("direct", "10.0.1.9", namespace="team"),
)
TEAM = app("team", "team.com", *RICH)


def test_a_namespace_goes_to_another_tenant_while_all_runs(stage: Stage) -> None:
    stage.put("team", *TEAM)
    stage.put("named", namespace("team"))
    with stage.start("--report", str(stage.report)) as ako:
        served(stage, "admin", "team.com", "safe.com")
        stage.comes_in_line()
        for tenant, before in (("red", "admin"), ("blue", "red"), ("", "blue")):
            stage.put("named", namespace("team", tenant))
            served(stage, tenant or "admin", "team.com", "safe.com")
            if before != "admin":
                empty(stage, before)
            stage.comes_in_line()
            assert {"virtualservice/c--team-direct", "virtualservice/c--safe.com"} <= there(
                stage, tenant or "admin"
            ).keys()
            assert "shop.com" in names(stage, "admin")
        ako.stop()


def test_a_tenant_that_is_not_there_harms_nobody_else(stage: Stage) -> None:
    stage.put("red", namespace("red", "red"), *app("red", "red.com"))
    stage.put("lost", namespace("lost", "nowhere"), *app("lost", "lost.com"))
    with stage.start("--report", str(stage.report)) as ako:
        served(stage, "red", "red.com")
        told(stage, ako, "TenantUnknown")
        ako.explains("Tenant 'nowhere' does not exist!")
        assert "lost.com" not in names(stage, "admin") | names(stage, "red") | names(stage, "blue")
        stage.avi.create("tenant", {"name": "nowhere"})
        served(stage, "nowhere", "lost.com")
        ako.stop()
    planned = stage.ako("plan")
    assert planned.returncode == 0, planned.stdout


def test_what_was_live_stays_where_it_is_until_its_tenant_is_there(stage: Stage) -> None:
    stage.put("team", namespace("team", "red"), *app("team", "team.com"))
    with stage.start("--report", str(stage.report)) as ako:
        served(stage, "red", "team.com")
        stage.put("team", namespace("team", "rde"), *app("team", "team.com"))
        told(stage, ako, "TenantUnknown")
        stage.put("more", ingress("more", ("more.com", "/", "web:80"), namespace="team"))
        served(stage, "red", "more.com")
        assert "team.com" in names(stage, "red")
        stage.put("team", namespace("team", "blue"), *app("team", "team.com"))
        served(stage, "blue", "team.com", "more.com")
        empty(stage, "red")
        ako.stop()


def test_what_was_left_in_a_tenant_while_nobody_looked_goes(stage: Stage) -> None:
    stage.put("team", namespace("team", "red"), *TEAM)
    stage.converge()
    assert "team.com" in names(stage, "red")
    stage.put("team", namespace("team"), *TEAM)
    planned = stage.ako("plan")
    assert "- delete vsvip c--Shared-L7-0 in tenant red" in planned.stdout
    stage.converge()
    assert not there(stage, "red")
    assert {"team.com", "safe.com"} <= names(stage, "admin")


@pytest.mark.parametrize("uid", ["", "00000000-0000-4000-8000-00000000000f"])
def test_a_cluster_of_the_same_name_in_another_tenant_is_nobody(stage: Stage, tmp_path: Path, uid: str) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    other = Stage(folder, stage.avi, stage.controller_url, forked)
    other.configure(
        ControllerSettings={"tenantName": "blue"},
        AKOSettings={"clusterName": CLUSTER, "apiServerPort": 0, "disableStaticRouteSync": True},
    )
    if uid:
        other.put("identity", namespace("kube-system", uid=uid))
    other.put("shop", ingress("shop", ("other.com", "/", "web:80")))
    other.converge()
    before = there(stage, "blue")
    assert before
    stage.put("team", namespace("team", "red"), *app("team", "team.com"))
    stage.converge()
    stage.converge()
    done = stage.ako("cleanup", "--yes")
    assert done.returncode == 0, done.stderr
    assert not there(stage, "red") | there(stage, "admin")
    assert there(stage, "blue") == before


def test_a_host_is_in_the_tenant_of_its_first_claim(stage: Stage) -> None:
    older = ingress("app", ("one.com", "/", "web:80"), namespace="red", created="2026-01-01T00:00:00Z")
    younger = ingress("app", ("one.com", "/blue", "web:80"), namespace="blue", created="2026-02-01T00:00:00Z")
    for name, item in (("red", older), ("blue", younger)):
        web = (service("web", namespace=name), endpoints("web", "10.0.1.1", namespace=name))
        stage.put(name, namespace(name, name), *web)
        stage.put(f"{name}-app", item)
    with stage.start("--report", str(stage.report)) as ako:
        served(stage, "red", "one.com")
        message = told(stage, ako, "HostOfOtherTenant")
        assert all(text in message for text in ("one.com", "tenant red", "Ingress/red/app"))
        assert not there(stage, "blue")
        stage.remove("red-app")
        served(stage, "blue", "one.com")
        ako.stop()


def test_what_belongs_to_the_cloud_is_in_admin(stage: Stage) -> None:
    """The tenant of the settings is another; what namespaces name is a third."""
    stage.configure(ControllerSettings={"tenantName": "blue"})
    stage.put("node", node("one", "10.5.0.0/24", addresses=("192.168.1.1",)))
    stage.put("team", namespace("team", "red"), *app("team", "team.com"))
    stage.converge()
    vrf = stage.avi.named("vrfcontext", "global")
    assert [route["route_id"] for route in vrf["static_routes"]] == ["c-1"]
    assert names(stage, "blue") == {"c--Shared-L7-0.blue.com", "shop.com"}
    assert "team.com" in names(stage, "red")
    assert not there(stage, "admin")
    done = stage.ako("cleanup", "--yes")
    assert done.returncode == 0, done.stderr
    assert not stage.avi.named("vrfcontext", "global").get("static_routes")
    assert not there(stage, "red") | there(stage, "blue")


def test_who_has_no_role_in_admin_looks_for_what_belongs_to_the_cloud_at_home(stage: Stage) -> None:
    stage.configure(ControllerSettings={"tenantName": "blue"}, AKOSettings={"disableStaticRouteSync": True})
    stage.put("team", namespace("team", "red"), *app("team", "team.com"))
    for kind in ("serviceenginegroup", "vrfcontext", "network"):
        refused = {"status": 403, "body": {"error": "No role in tenant admin"}}
        stage.avi.misbehave({"match": {"tenant": "admin", "model": kind}, **refused})
    done = stage.converge()
    assert "in our own tenant" in done.stderr
    assert "team.com" in names(stage, "red")
    assert "shop.com" in names(stage, "blue")


def test_the_setting_is_turned_on_and_off_while_all_runs(stage: Stage) -> None:
    stage.put("config", config_map(tenantsPerCluster="false"))
    stage.put("team", namespace("team", "red"), *app("team", "team.com"))
    with stage.start("--report", str(stage.report)) as ako:
        assert "tenantsPerCluster" in told(stage, ako, "TenantUnsupported")
        served(stage, "admin", "shop.com")
        assert not there(stage, "red")
        stage.put("config", config_map(tenantsPerCluster="true"))
        served(stage, "red", "team.com")
        stage.put("config", config_map(tenantsPerCluster="false"))
        empty(stage, "red")
        assert names(stage, "admin") == {"c--Shared-L7-0.admin.com", "shop.com"}
        ako.stop()


def test_with_one_tenant_there_are_no_more_requests_than_before(stage: Stage) -> None:
    """Where it is allowed to name others, three lists more say at a start whether anything is left in any."""
    counts = []
    for given in ("false", "true"):
        stage.put("config", config_map(tenantsPerCluster=given))
        stage.avi.wipe()
        mark = stage.avi.mark()
        stage.converge()
        made = stage.avi.requests_since(mark)
        counts.append((len(made), sorted(f"{r.method} {r.model} {r.name}" for r in made if r.is_write)))
    (before, writes), (after, others) = counts
    assert writes == others
    assert after - before == 3


def test_who_may_not_look_through_all_tenants_goes_on_and_says_so(stage: Stage) -> None:
    stage.put("team", namespace("team", "red"), *app("team", "team.com"))
    stage.avi.misbehave({"match": {"tenant": "*"}, "status": 403, "body": {"error": "No role in tenant *"}})
    with stage.start() as ako:
        served(stage, "red", "team.com")
        ako.explains("No role in tenant *")
        ako.stop()


def test_a_role_that_is_taken_from_us_takes_nothing_off_the_air(stage: Stage) -> None:
    stage.put("team", namespace("team", "red"), *app("team", "team.com"))
    with stage.start("--report", str(stage.report)) as ako:
        served(stage, "red", "team.com")
        stage.comes_in_line()
        before = there(stage, "red")
        stage.avi.misbehave({"match": {"tenant": "red"}, "status": 403, "body": {"error": "User has no role in red"}})
        stage.put("team-more", ingress("more", ("more.com", "/", "web:80"), namespace="team"))
        stage.put("other", ingress("other", ("other.com", "/", "web:80")))
        served(stage, "admin", "other.com")
        ako.explains("User has no role in red")
        assert there(stage, "red") == before
        stage.avi.misbehave(None)
        served(stage, "red", "team.com", "more.com")
        ako.stop()


def test_no_name_of_a_tenant_harms_anybody_else(stage: Stage) -> None:
    """The one stands for all tenants, so that what is in others would look as if it were there; the others are none."""
    stage.put("blue", namespace("blue", "blue"), *app("blue", "blue.com"))
    stage.converge()
    before = {tenant: there(stage, tenant) for tenant in ("admin", "blue")}
    for number, tenant in enumerate(("*", "red\nX-Avi-Tenant: blue", "r\x00d", "long" * 1000, "r\u00f6d", "\u7ea2")):
        name = f"team-{number}"
        stage.put(name, namespace(name, tenant), *app(name, f"{name}.com"))
    stage.put("more", ingress("more", ("more.com", "/", "web:80")))
    done = stage.ako("run", "--once", "--report", str(stage.report))
    assert done.returncode == 1, "what is not served is told"
    assert "more.com" in names(stage, "admin")
    told = {line["object"]: line["event"]["message"] for line in stage.reported() if "TenantUnknown" in str(line)}
    for number in range(6):
        message = told[f"networking.k8s.io/v1/Ingress/team-{number}/app"]
        assert message.isprintable()
        assert len(message) < 1000
    stage.remove("more")
    stage.ako("run", "--once")
    assert {tenant: there(stage, tenant).keys() for tenant in before} == {
        t: found.keys() for t, found in before.items()
    }
    done = stage.ako("cleanup", "--yes")
    assert "in tenant *" not in done.stdout + done.stderr
    assert not there(stage, "admin") | there(stage, "blue")


@pytest.mark.parametrize("fault", [{"status": 500, "body": {"error": "Internal error"}}, {"drop": True}])
def test_a_tenant_that_is_not_answered_in_harms_nobody_else(stage: Stage, fault: Json) -> None:
    stage.put("team", namespace("team", "red"), *app("team", "team.com"))
    stage.converge()
    before = there(stage, "red")
    stage.avi.misbehave({"match": {"tenant": "red"}, **fault})
    stage.put("team", namespace("team"), *app("team", "team.com"))
    stage.put("blue", namespace("blue", "blue"), *app("blue", "blue.com"))
    stage.put("lost", namespace("lost", "red"), *app("lost", "lost.com"))
    with stage.start() as ako:
        served(stage, "blue", "blue.com")
        ako.explains("tenant red cannot be read")
        assert there(stage, "red") == before
        stage.avi.misbehave(None)
        served(stage, "admin", "team.com")
        served(stage, "red", "lost.com")
        ako.stop()


def test_a_move_to_another_tenant_is_foreseen_with_the_address_that_goes(stage: Stage) -> None:
    """By a plan, and by comparing with a state that was kept before."""
    stage.put(
        "shop", namespace("shop", "red"), *app("shop", "a.com"), node("n1", "10.9.0.0/24", addresses=("192.0.2.9",))
    )
    stage.converge()
    state = str(stage.folder / "state.json")
    assert stage.ako("plan", "--save", state).returncode == 0
    assert stage.ako("plan", "--against", state).returncode == 0
    stage.put(
        "shop", namespace("shop", "blue"), *app("shop", "a.com"), node("n1", "10.9.0.0/24", addresses=("192.0.2.9",))
    )
    (address,) = (item["vip"][0]["ip_address"]["addr"] for item in stage.avi.objects("vsvip") if "a.com" in str(item))
    for arguments in ((), ("--against", state)):
        planned = stage.ako("plan", *arguments)
        assert planned.returncode == 2, planned.stderr
        move = f"a.com from {address} (c--Shared-L7-0 in tenant red) to a new address (c--Shared-L7-0 in tenant blue)"
        assert f"moves: {move}" in planned.stdout.splitlines()
