"""Fields that only plugins set, and the monitors they make: written once, kept, taken away, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from msgspec.structs import replace

from ako import AviRef, Needs, Translation, View, VirtualHost, hookimpl
from ako.core.hooks.loading import Plugin
from ako.core.hooks.translation import ParentTemplate
from ako.core.model import (
    AviObject,
    HealthMonitor,
    HttpMonitor,
    HTTPPolicySet,
    Pool,
    PoolGroup,
    SSLKeyAndCertificate,
    VirtualService,
)
from ako.core.model.extra import extra
from tests.builders import CLASS, Manifest, endpoints, ingress, service, tls_secret
from tests.core.control.running import POOL, SHOP, Running
from tests.e2e.stage import AviControl
from tests.waiting import eventually

SHARED = "c--Shared-L7-7"
MONITOR = "c--shop.com-monitor"
POLICY: dict[str, Any] = {"full_client_logs": {"enabled": True, "throttle": 30}, "all_headers": True}
FIELDS = Needs(
    fields={
        Pool: ("lb_algorithm", "min_servers_up", "server_timeout", "fail_action", "use_service_port"),
        VirtualService: (
            "weight",
            "analytics_profile_ref",
            "analytics_policy",
            "icap_request_profile_refs",
            "ssl_profile_ref",
        ),
    }
)
SOME_POOL = {
    "lb_algorithm": "LB_ALGORITHM_ROUND_ROBIN",
    "min_servers_up": 1,
    "extra": extra(
        {
            "fail_action": {
                "type": "FAIL_ACTION_HTTP_LOCAL_RSP",
                "local_rsp": {"status_code": "FAIL_HTTP_STATUS_CODE_503"},
            }
        }
    ),
}


class Changing:
    """Changes what the core makes of hosts."""

    def __init__(
        self,
        change: Callable[[AviObject], AviObject] = lambda item: item,
        needs: Needs | None = FIELDS,
        parent: Mapping[str, object] | None = None,
        more: Callable[[View], Sequence[AviObject]] = lambda _: (),
    ) -> None:
        self.change, self.needs, self.parent, self.more = change, needs, parent or {}, more

    @hookimpl
    def ako_needs(self) -> Needs | None:
        return self.needs

    @hookimpl
    def ako_adjust(self, virtual_host: VirtualHost, translation: Translation, view: View) -> Translation | None:
        parent = translation.parent
        if self.parent and isinstance(parent, ParentTemplate):
            parent = replace(parent, fields=extra(self.parent))
        objects = (*map(self.change, translation.objects), *self.more(view))
        return replace(translation, parent=parent, objects=objects)


def pools(**fields: Any) -> Callable[[AviObject], AviObject]:
    """Set fields of every pool."""
    return lambda item: replace(item, **fields) if isinstance(item, Pool) else item


def monitored(item: AviObject) -> AviObject:
    refs = (AviRef("healthmonitor", MONITOR),)
    return replace(item, health_monitor_refs=refs) if isinstance(item, Pool) else item


def monitor(_: View, **fields: Any) -> Sequence[AviObject]:
    http = HttpMonitor(http_request="GET /healthz HTTP/1.0", http_response_code=("HTTP_2XX",))
    made = HealthMonitor(name=MONITOR, monitor_type="HEALTH_MONITOR_HTTP", send_interval=5, http_monitor=http)
    return (replace(made, **fields),)


COOKIE = AviRef("applicationpersistenceprofile", "System-Persistence-Http-Cookie")
MONITORING = Needs(creates=(HealthMonitor,))


@contextmanager
def running(url: str, plugin: Changing | None, manifests: Sequence[Manifest] = SHOP, **flags: Any) -> Iterator[Running]:
    """Give a controller that has come to rest; without a plugin, none."""
    plugins = [Plugin("changing", plugin)] if plugin else []
    with Running(url, plugins=plugins, manifests=manifests, **flags) as ako:
        ako.comes_to_rest()
        yield ako


def full_sync(ako: Running) -> None:
    count = ako.controller.state.full_syncs
    ako.controller._inbox.put(ako.controller.full_sync.request)
    eventually(lambda: ako.controller.state.full_syncs > count, "a full sync")
    ako.comes_to_rest()


# Modelled fields, and others.


def test_fields_are_written_kept_over_a_restart_and_taken_away_when_nobody_sets_them(avi: AviControl, url: str) -> None:
    with running(url, Changing(pools(**SOME_POOL))) as ako:
        pool = avi.named("pool", POOL)
        assert (pool["lb_algorithm"], pool["min_servers_up"]) == ("LB_ALGORITHM_ROUND_ROBIN", 1)
        assert pool["fail_action"]["local_rsp"]["status_code"] == "FAIL_HTTP_STATUS_CODE_503"
        mark = avi.mark()
        full_sync(ako)
        assert avi.writes_since(mark) == []
    with running(url, Changing(pools(**SOME_POOL))) as ako:
        full_sync(ako)
        assert avi.writes_since(mark) == [], "what is as it is wanted is not written"
    with running(url, Changing()) as ako:
        pool = avi.named("pool", POOL)
        assert pool["lb_algorithm"] == "LB_ALGORITHM_LEAST_CONNECTIONS"
        assert not {"min_servers_up", "fail_action"} & pool.keys()
        assert len(avi.writes_since(mark)) == 1
        mark = avi.mark()
        full_sync(ako)
        assert avi.writes_since(mark) == []


def test_persistence_goes_with_the_answer_that_asked_for_it(avi: AviControl, url: str) -> None:
    needs = Needs(fields={Pool: ("application_persistence_profile_ref",)})
    with running(url, Changing(pools(application_persistence_profile_ref=COOKIE), needs)):
        assert avi.named("pool", POOL)["application_persistence_profile_ref"].endswith(f"#{COOKIE.name}")
    with running(url, Changing(needs=needs)):
        assert "application_persistence_profile_ref" not in avi.named("pool", POOL)


def test_an_answer_that_no_longer_sets_a_field_takes_it_away_at_once(avi: AviControl, url: str) -> None:
    plugin = Changing(pools(**SOME_POOL))
    with running(url, plugin) as ako:
        plugin.change = pools(server_timeout=5000, extra=extra({"use_service_port": True}))
        ako.cluster.declare(
            endpoints("web", "10.0.0.1"), ingress("shop", ("shop.com", "/", "web:80"), created="2020-01-01T00:00:00Z")
        )
        eventually(lambda: avi.named("pool", POOL).get("server_timeout") == 5000, "the other field")
        pool = avi.named("pool", POOL)
        assert pool["use_service_port"] is True
        assert pool["lb_algorithm"] == "LB_ALGORITHM_LEAST_CONNECTIONS"
        assert not {"min_servers_up", "fail_action"} & pool.keys()


@pytest.mark.parametrize(
    "edit",
    [
        {"lb_algorithm": "LB_ALGORITHM_RANDOM"},
        pytest.param({"min_servers_up": 3}, marks=pytest.mark.campaign),
        pytest.param({"server_timeout": 9}, marks=pytest.mark.campaign),
        pytest.param({"use_service_port": True}, marks=pytest.mark.campaign),
        {"fail_action": {"type": "FAIL_ACTION_CLOSE_CONN"}},
        {
            "fail_action": {
                "type": "FAIL_ACTION_HTTP_LOCAL_RSP",
                "local_rsp": {"status_code": "FAIL_HTTP_STATUS_CODE_200"},
            }
        },
    ],
    ids=str,
)
def test_an_edit_of_a_declared_field_is_drift_and_repaired(avi: AviControl, url: str, edit: dict[str, Any]) -> None:
    with running(url, Changing(pools(**SOME_POOL))) as ako:
        before, mark = avi.named("pool", POOL), avi.mark()
        avi.edit("pool", POOL, **edit)
        full_sync(ako)
        after = avi.named("pool", POOL)
        own = {"_last_modified", "cloud_config_cksum"}
        assert {k: v for k, v in after.items() if k not in own} == {k: v for k, v in before.items() if k not in own}
        assert len(avi.writes_since(mark)) == 1
        drift = ako.controller.reconciler.dispatcher.planner.drift
        assert (dict(drift.found), dict(drift.repaired)) == ({"pool": 1}, {"pool": 1})


def test_by_policy_an_edit_of_a_declared_field_is_left_and_told(avi: AviControl, url: str) -> None:
    with running(url, Changing(pools(**SOME_POOL)), ako__drift__policy="report") as ako:
        mark = avi.mark()
        avi.edit("pool", POOL, fail_action={"type": "FAIL_ACTION_CLOSE_CONN"})
        full_sync(ako)
        full_sync(ako)
        assert avi.writes_since(mark) == []
        assert dict(ako.controller.reconciler.dispatcher.planner.drift.found) == {"pool": 2}


def test_what_nobody_declares_stays_as_an_operator_has_it(avi: AviControl, url: str) -> None:
    with running(url, None):
        pass
    theirs = {"lb_algorithm": "LB_ALGORITHM_RANDOM", "description": "hands off", "use_service_port": True}
    avi.edit("pool", POOL, **theirs, server_timeout=7)
    mark = avi.mark()
    with running(url, None) as ako:
        full_sync(ako)
        assert avi.writes_since(mark) == []
    needs = Needs(fields={Pool: ("server_timeout",)})
    with running(url, Changing(needs=needs)) as ako:
        full_sync(ako)
        pool = avi.named("pool", POOL)
        assert {name: pool[name] for name in theirs} == theirs
        assert pool["server_timeout"] == 0
        assert len(avi.writes_since(mark)) == 1


def test_a_pool_that_was_there_before_gets_the_fields_and_is_not_made_anew(avi: AviControl, url: str) -> None:
    with running(url, None):
        uuid = avi.named("pool", POOL)["uuid"]
    mark = avi.mark()
    with running(url, Changing(pools(**SOME_POOL))):
        pool = avi.named("pool", POOL)
        assert (pool["uuid"], pool["lb_algorithm"]) == (uuid, "LB_ALGORITHM_ROUND_ROBIN")
        assert [request.method for request in avi.writes_since(mark)] == ["PATCH"]


def test_without_a_plugin_nothing_more_is_asked_or_known(avi: AviControl, url: str) -> None:
    with running(url, None) as ako:
        mark = avi.mark()
        full_sync(ako)
        asked = {request.path for request in avi.requests_since(mark)}
        assert not [path for path in asked if "healthmonitor" in path]
        seen = ako.controller.reconciler.observed.get(AviRef("pool", POOL))
        assert seen is not None
        assert isinstance(seen.object, Pool)
        assert (seen.object.extra, type(seen.object.lb_algorithm).__name__) == ((), "UnsetType")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"server_timeout": -1}, "server_timeout"),
        ({"extra": extra({"conn_pool_properties": {"upstream_connpool_server_max_cache": -5}})}, "upstream_connpool"),
    ],
)
def test_what_the_controller_refuses_is_told_and_harms_only_its_host(
    avi: AviControl, url: str, fields: dict[str, Any], words: str
) -> None:
    def change(item: AviObject) -> AviObject:
        return replace(item, **fields) if item.name == POOL else item

    others = ingress("other", ("other.com", "/", "web:80"))
    needs = Needs(fields={Pool: ("server_timeout", "conn_pool_properties")})
    with running(url, Changing(change, needs), (*SHOP, others)) as ako:
        assert avi.pool_of("other.com")
        assert avi.pool_of("shop.com") is None
        assert words in str([event for _, event in ako.cluster.events])


RESPONSES = {
    "rules": [
        {
            "name": "late",
            "index": 2,
            "enable": True,
            "hdr_action": [{"action": "HTTP_REMOVE_HDR", "hdr": {"name": "x"}}],
        },
        {"name": "soon", "index": 1, "enable": True},
    ]
}
OF_EVERY_TYPE: dict[type[AviObject], dict[str, Any]] = {
    HTTPPolicySet: {"http_response_policy": RESPONSES},
    SSLKeyAndCertificate: {"enable_ocsp_stapling": True},
    PoolGroup: {"fail_action": {"type": "FAIL_ACTION_CLOSE_CONN"}, "min_servers": 1},
    VirtualService: {"analytics_policy": POLICY, "performance_limits": {"max_throughput": 4}},
}


def test_other_types_have_more_fields_and_lose_them_again(avi: AviControl, url: str) -> None:
    secret = tls_secret("tls", "shop.com")
    shop = ingress("shop", ("shop.com", "/", "web:80"), tls={"shop.com": "tls"})
    manifests = (CLASS, service("web"), endpoints("web", "10.0.0.1"), secret, shop)
    needs = Needs(fields={of: tuple(fields) for of, fields in OF_EVERY_TYPE.items()})
    names = {name for fields in OF_EVERY_TYPE.values() for name in fields} - {"enable_ocsp_stapling", "min_servers"}

    def change(item: AviObject) -> AviObject:
        return replace(item, extra=extra(OF_EVERY_TYPE[type(item)])) if type(item) in OF_EVERY_TYPE else item

    with running(url, None, manifests):
        assert not any(names & item.keys() for item in avi.ours().values())
    with running(url, Changing(change, needs), manifests):
        assert sum(len(names & item.keys()) for item in avi.ours().values()) == len(names)
        mark = avi.mark()
    with running(url, Changing(change, needs), manifests):
        assert avi.writes_since(mark) == []
    with running(url, Changing(needs=needs), manifests) as ako:
        assert not any(names & item.keys() for item in avi.ours().values())
        mark = avi.mark()
        full_sync(ako)
        assert avi.writes_since(mark) == []


# Parents.


def test_a_parent_has_fields_and_loses_them_with_the_plugin_that_gave_them(avi: AviControl, url: str) -> None:
    avi.create("analyticsprofile", {"name": "slow", "tenant_ref": "/api/tenant/?name=admin"})
    given = {"weight": 7, "analytics_profile_ref": AviRef("analyticsprofile", "slow"), "analytics_policy": POLICY}
    manifests = (*SHOP, ingress("other", ("h28.com", "/", "web:80")))
    with running(url, Changing(parent=given), manifests) as ako:
        service = avi.named("virtualservice", SHARED)
        assert (service["weight"], service["analytics_policy"]["udf_log_throttle"]) == (7, 10)
        assert service["analytics_profile_ref"].endswith("#slow")
        assert service["analytics_policy"]["full_client_logs"]["throttle"] == 30
        mark = avi.mark()
        full_sync(ako)
        assert avi.writes_since(mark) == []
    with running(url, Changing(parent=given), manifests):
        assert avi.writes_since(mark) == []
    with running(url, Changing(), manifests) as ako:
        service = avi.named("virtualservice", SHARED)
        assert service["weight"] == 1
        assert "analytics_policy" not in service
        assert service["analytics_profile_ref"].endswith("#System-Analytics-Profile")
        mark = avi.mark()
        full_sync(ako)
        assert avi.writes_since(mark) == [], "what the Controller fills in by itself is no difference"


@pytest.mark.parametrize(
    ("name", "tenant", "told"),
    [
        ("c--gone", "", "neither in the answer nor of its parent"),
        (POOL, "", "neither in the answer nor of its parent"),
        ("theirs", "blue", "the tenant is not for a plugin to say"),
    ],
    ids=["of nobody", "of the host", "in a tenant"],
)
def test_fields_of_a_parent_refer_to_nothing_of_one_host(
    avi: AviControl, url: str, name: str, tenant: str, told: str
) -> None:
    needs = Needs(fields={VirtualService: ("service_pool_select",)})
    parent = {"service_pool_select": [{"service_port": 8080, "service_pool_ref": AviRef("pool", name, tenant)}]}
    with running(url, None):
        before, mark = avi.named("virtualservice", SHARED), avi.mark()
    with running(url, Changing(needs=needs, parent=parent)) as ako:
        assert avi.named("virtualservice", SHARED) == before
        assert avi.writes_since(mark) == []
        words = str([event for _, event in ako.cluster.events])
        assert "parent.fields refers to pool" in words
        assert told in words


def test_fields_of_a_parent_that_are_refused_leave_it_and_its_hosts_go_on(avi: AviControl, url: str) -> None:
    needs = Needs(fields={VirtualService: ("weight",)})
    with running(url, None):
        before = avi.named("virtualservice", SHARED)
    with running(url, Changing(needs=needs, parent={"weight": 4000})) as ako:
        assert avi.named("virtualservice", SHARED) == before
        assert "weight" in str(ako.controller.shortcomings())
        ako.cluster.declare(endpoints("web", "10.0.0.7"))
        eventually(lambda: "10.0.0.7" in str(avi.named("pool", POOL)["servers"]), "the server that is new")
        ako.cluster.declare(ingress("shop", ("shop.com", "/", "web:80"), ("shop.com", "/new", "web:80")))
        eventually(lambda: len(avi.named("poolgroup", SHARED)["members"]) == 2, "the path that is new")
        secure = ingress("other", ("x11.com", "/", "web:80"), tls={"x11.com": "other"})
        ako.cluster.declare(tls_secret("other"), secure)
        eventually(
            lambda: "c--x11.com" in {item["name"] for item in avi.objects("virtualservice")}, "the child that is new"
        )


def test_a_parent_may_refer_to_what_is_its_own(avi: AviControl, url: str) -> None:
    needs = Needs(fields={VirtualService: ("service_pool_select",)})
    parent = {"service_pool_select": [{"service_port": 8080, "service_pool_group_ref": AviRef("poolgroup", SHARED)}]}
    with running(url, Changing(needs=needs, parent=parent)) as ako:
        (selected,) = avi.named("virtualservice", SHARED)["service_pool_select"]
        assert selected["service_pool_group_ref"].endswith(f"#{SHARED}")
        mark = avi.mark()
        full_sync(ako)
        assert avi.writes_since(mark) == []


def test_declared_profiles_that_the_controller_fills_in_are_left(avi: AviControl, url: str) -> None:
    secret = tls_secret("tls", "shop.com")
    shop = ingress("shop", ("shop.com", "/", "web:80"), tls={"shop.com": "tls"})
    manifests = (CLASS, service("web"), endpoints("web", "10.0.0.1"), secret, shop)
    with running(url, Changing(), manifests) as ako:
        mark = avi.mark()
        full_sync(ako)
        assert avi.writes_since(mark) == []


# Health monitors.


def test_a_monitor_is_made_before_its_pool_and_goes_after_it(avi: AviControl, url: str) -> None:
    plugin = Changing(monitored, MONITORING, more=monitor)
    with running(url, plugin) as ako:
        made = avi.named("healthmonitor", MONITOR)
        assert (made["send_interval"], made["receive_timeout"], made["http_monitor"]["http_request"]) == (
            5,
            4,
            "GET /healthz HTTP/1.0",
        )
        assert {"key": "clustername", "values": ["c"]} in made["markers"]
        assert avi.named("pool", POOL)["health_monitor_refs"][0].endswith(f"#{MONITOR}")
        mark = avi.mark()
        full_sync(ako)
        assert avi.writes_since(mark) == []
    with running(url, Changing(monitored, MONITORING, more=monitor)):
        assert avi.writes_since(mark) == []
    with running(url, Changing(needs=MONITORING)):
        assert MONITOR not in {item["name"] for item in avi.objects("healthmonitor")}
        assert [request.method for request in avi.writes_since(mark)] == ["PATCH", "DELETE"]


def test_a_monitor_that_is_gone_is_made_again_when_a_new_pool_needs_it(avi: AviControl, url: str) -> None:
    with running(url, Changing(monitored, MONITORING, more=monitor)) as ako:
        avi.delete("healthmonitor", MONITOR, force=True)
        ako.cluster.declare(ingress("shop", ("shop.com", "/", "web:80"), ("shop.com", "/new", "web:80")))
        eventually(lambda: len(avi.objects("pool")) == 2, "the second pool")
        ako.comes_to_rest()
        assert avi.named("healthmonitor", MONITOR)["send_interval"] == 5
        assert ako.cluster.events == [], "nobody is told that it was refused"


@pytest.mark.parametrize(
    "edit", [{"send_interval": 60}, {"failed_checks": 9}, {"http_monitor": {"http_response_code": ["HTTP_5XX"]}}]
)
def test_an_edit_of_a_monitor_is_repaired(avi: AviControl, url: str, edit: dict[str, Any]) -> None:
    with running(url, Changing(monitored, MONITORING, more=monitor)) as ako:
        before = avi.named("healthmonitor", MONITOR)
        avi.edit("healthmonitor", MONITOR, **edit)
        full_sync(ako)
        after = avi.named("healthmonitor", MONITOR)
        assert {**after, "_last_modified": ""} == {**before, "_last_modified": ""}


def test_a_monitor_that_lost_its_marker_gets_it_again(avi: AviControl, url: str) -> None:
    with running(url, Changing(monitored, MONITORING, more=monitor)) as ako:
        before, mark = avi.named("healthmonitor", MONITOR), avi.mark()
        avi.edit("healthmonitor", MONITOR, markers=[])
        full_sync(ako)
        assert avi.named("healthmonitor", MONITOR)["markers"] == before["markers"]
        assert avi.named("pool", POOL)["health_monitor_refs"][0].endswith(f"#{MONITOR}")
        assert [request.path.split("/")[2] for request in avi.writes_since(mark)] == ["healthmonitor"]


def test_a_monitor_of_an_operator_that_is_called_like_one_of_ours_is_not_ours(avi: AviControl, url: str) -> None:
    theirs = {"name": "c--theirs", "type": "HEALTH_MONITOR_TCP", "tenant_ref": "/api/tenant/?name=admin"}
    others = {**theirs, "name": "c--others", "markers": [{"key": "clustername", "values": ["d"]}]}
    for body in (theirs, others):
        avi.create("healthmonitor", body)
    with running(url, Changing(monitored, MONITORING, more=monitor)) as ako:
        full_sync(ako)
    with running(url, Changing(needs=MONITORING)) as ako:
        full_sync(ako)
        assert {"c--theirs", "c--others"} <= {item["name"] for item in avi.objects("healthmonitor")}


def test_before_there_were_markers_a_monitor_is_ours_if_a_pool_of_ours_refers_to_it(avi: AviControl, url: str) -> None:
    old: dict[str, Any] = {"ControllerSettings__controllerVersion": "20.1.4"}
    avi.create("healthmonitor", {"name": "c--theirs", "type": "HEALTH_MONITOR_TCP"})
    with running(url, Changing(monitored, MONITORING, more=monitor), **old) as ako:
        assert "markers" not in avi.named("healthmonitor", MONITOR)
        mark = avi.mark()
        full_sync(ako)
        assert avi.writes_since(mark) == []
    with running(url, Changing(needs=MONITORING), **old) as ako:
        full_sync(ako)
        left = [item["name"] for item in avi.objects("healthmonitor") if item["name"].startswith("c--")]
        assert left == ["c--theirs"]


def test_a_monitor_goes_with_its_plugin(avi: AviControl, url: str) -> None:
    with running(url, Changing(monitored, MONITORING, more=monitor)):
        avi.create("healthmonitor", {"name": "c--theirs", "type": "HEALTH_MONITOR_TCP"})
        mark = avi.mark()
    with running(url, None) as ako:
        assert [item["name"] for item in avi.objects("healthmonitor") if item["name"].startswith("c--")] == [
            "c--theirs"
        ]
        assert [request.method for request in avi.writes_since(mark)] == ["PATCH", "DELETE"]
        mark = avi.mark()
        full_sync(ako)
        assert not [request for request in avi.requests_since(mark) if "healthmonitor" in request.path]


def test_a_monitor_that_is_left_and_may_not_be_read_harms_nobody(avi: AviControl, url: str) -> None:
    with running(url, Changing(monitored, MONITORING, more=monitor)):
        pass
    avi.misbehave({"match": {"model": "healthmonitor", "method": "GET"}, "status": 403})
    with running(url, None):
        assert avi.named("pool", POOL)["health_monitor_refs"][0].endswith("#System-TCP")


def test_monitors_of_the_controller_are_named_without_any_declaration(avi: AviControl, url: str) -> None:
    refs = (AviRef("healthmonitor", "System-HTTP"), AviRef("healthmonitor", "System-Ping"))
    with running(url, Changing(pools(health_monitor_refs=refs), None)) as ako:
        mark = avi.mark()
        assert [ref.partition("#")[2] for ref in avi.named("pool", POOL)["health_monitor_refs"]] == [
            r.name for r in refs
        ]
        full_sync(ako)
        assert avi.writes_since(mark) == []


def test_a_monitor_in_the_tenant_of_its_namespace(avi: AviControl, url: str) -> None:
    metadata = {"name": "default", "annotations": {"ako.vmware.com/tenant-name": "blue"}}
    manifests = (*SHOP, {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    flags = {"ControllerSettings__tenantsPerCluster": "true"}
    avi.create("tenant", {"name": "blue"})
    with running(url, Changing(monitored, MONITORING, more=monitor), manifests, **flags) as ako:
        (made,) = (item for item in avi.objects("healthmonitor") if item["name"] == MONITOR)
        assert made["tenant_ref"].endswith("#blue")
        mark = avi.mark()
        full_sync(ako)
        assert avi.writes_since(mark) == []
    with running(url, Changing(needs=MONITORING), manifests, **flags):
        assert MONITOR not in {item["name"] for item in avi.objects("healthmonitor")}


def test_monitors_go_with_everything_else(avi: AviControl, url: str) -> None:
    with running(url, Changing(monitored, MONITORING, more=monitor)):
        pass
    with Running(url, AKOSettings__deleteConfig="true"):
        eventually(lambda: avi.ours() == {}, "all gone")
        eventually(lambda: MONITOR not in {item["name"] for item in avi.objects("healthmonitor")}, "the monitor gone")


def test_a_monitor_that_is_refused_is_told_and_its_host_served(avi: AviControl, url: str) -> None:
    with running(url, Changing(monitored, MONITORING, more=lambda view: monitor(view, send_interval=99999))) as ako:
        assert avi.named("pool", POOL)["servers"]
        assert "send_interval" in str([event for _, event in ako.cluster.events])


# What may be said.


@pytest.mark.parametrize(
    ("change", "more", "told"),
    [
        (pools(lb_algorithm="LB_ALGORITHM_RANDOM"), None, "sets lb_algorithm, which no plugin declares"),
        (pools(extra=extra({"use_service_port": True})), None, "sets use_service_port, which no plugin declares"),
        (pools(extra=extra({"use_servce_port": True})), None, "did you mean use_service_port?"),
        (pools(application_persistence_profile_ref=COOKIE), None, "sets application_persistence_profile_ref, which"),
        (pools(), monitor, "a HealthMonitor, which no plugin declares to create"),
    ],
    ids=["modelled", "extra", "unknown", "persistence", "monitor"],
)
def test_what_is_not_declared_is_the_plugins_fault_and_changes_nothing(
    avi: AviControl, url: str, change: Any, more: Any, told: str
) -> None:
    with running(url, None):
        before, mark = avi.named("pool", POOL), avi.mark()
    with running(url, Changing(change, None, more=more or (lambda _: ()))) as ako:
        assert avi.writes_since(mark) == []
        assert avi.named("pool", POOL) == before
        words = str([event for _, event in ako.cluster.events])
        assert told in words
        assert "`changing`" in words
