"""Fields beyond those that the core sets: how they are kept, what is refused, and what two values say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from msgspec import UNSET
from msgspec.structs import replace

from ako.core.avi import codec
from ako.core.base.refs import AviRef
from ako.core.model import (
    CREATABLE_TYPES,
    OWNED_TYPES,
    AviObject,
    HealthMonitor,
    HttpMonitor,
    MonitorTls,
    Pool,
    TcpMonitor,
    UdpMonitor,
    VirtualService,
    VsVip,
)
from ako.core.model.avi_fields import canonical, fields_of_message, fields_of_type, says_nothing
from ako.core.model.base import encoded_names, optional
from ako.core.model.extra import (
    Fields,
    declaration_fault,
    extra,
    faults_of,
    lent_beside,
    modelled,
    undeclared,
    wanting,
    with_fields,
)
from ako.core.model.references import without
from ako.core.model.tenants import in_tenant
from tests.core.model.avi_fields import TARGET, derived

POLICY = {"full_client_logs": {"enabled": True, "throttle": 30}, "all_headers": True}
WAF = AviRef("wafpolicy", "strict")


def test_what_the_core_knows_of_fields_is_what_the_simulator_enforces() -> None:
    assert TARGET.read_text(encoding="utf-8") == derived()


@pytest.mark.parametrize("of", [*OWNED_TYPES, *CREATABLE_TYPES])
def test_every_modelled_field_is_in_the_object_model(of: type[AviObject]) -> None:
    assert not [name for name in modelled(of) if name not in fields_of_type(of.avi_type)]


def test_what_plugins_may_set_is_none_of_what_the_core_sets() -> None:
    assert {"lb_algorithm", "server_timeout", "min_servers_up", "enabled"} <= optional(Pool)
    assert {"waf_policy_ref", "ssl_profile_ref", "analytics_profile_ref", "traffic_enabled"} <= optional(VirtualService)
    cores = {"health_monitor_refs", "application_persistence_profile_ref", "servers", "markers", "cloud_ref"}
    assert not optional(Pool) & cores
    assert not optional(VirtualService) & {"network_security_policy_ref", "services", "vsvip_ref", "enable_rhi"}
    assert not optional(VsVip)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"analytics_policy": POLICY, "description": None},
        {"b": [1, 2.5, True, None, "ö", {"x": [], "a": {}}], "a": [[1], [2, [3]]]},
        {"ref": WAF, "deep": [{"refs": [WAF, AviRef("pool", "p")]}]},
    ],
)
def test_a_mapping_comes_back_as_it_was(fields: Mapping[str, Any]) -> None:
    item = Pool(name="p", extra=extra(fields))
    assert item.extra_fields == fields
    assert hash(item) == hash(Pool(name="p", extra=extra(dict(reversed(list(fields.items()))))))
    assert [name for name, _ in item.extra] == sorted(fields)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"a": {1, 2}}, "a set is no JSON"),
        ({"a": b"x"}, "a bytes is no JSON"),
        ({"a": {1: "x"}}, "a name is an int, not a text"),
        ({1: "x"}, "a name is an int, not a text"),
        ({"a": [float("nan")]}, "there is no nan in JSON"),
        ({"a": float("inf")}, "there is no inf in JSON"),
        ({"a": 2**63}, "64 bits"),
        ({"a": ["\ud800"]}, "no text that can be written"),
        ({"a": UNSET}, "is no JSON"),
    ],
)
def test_what_is_no_json_is_refused_where_it_is_made(fields: Any, told: str) -> None:
    with pytest.raises((TypeError, ValueError), match=told):
        extra(fields)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (
            {"use_servce_port": True},
            "Pool has no field use_servce_port in Avi's schema; did you mean use_service_port?",
        ),
        ({"qqq": 1}, "Pool has no field qqq in Avi's schema"),
        ({"lb_algorithm": "x"}, "lb_algorithm is a field of the model: Pool(lb_algorithm=…)"),
        ({"servers": []}, "servers is a field of the model: Pool(servers=…)"),
        ({"uuid": "x"}, "the field uuid of Pool says whose an object is, or where; no plugin can set it"),
        ({"tenant_ref": "x"}, "no plugin can set it"),
        ({"markers": []}, "no plugin can set it"),
        ({"service_metadata": "x"}, "no plugin can set it"),
        ({"cloud_config_cksum": "x"}, "no plugin can set it"),
        ({"gslb_sp_enabled": True}, "the field gslb_sp_enabled of Pool is the Controller's; no plugin can set it"),
        ({"use_service_port": 1}, "use_service_port is 1, not true or false"),
        ({"capacity_estimation_ttfb_thresh": True}, "capacity_estimation_ttfb_thresh is True, not a whole number"),
        ({"append_port": "NEVR"}, "append_port is 'NEVR', none of PoolAppendPort; did you mean NEVER?"),
        ({"prst_hdr": None}, "Pool has no field prst_hdr"),
        ({"autoscale_policy_ref": "/api/serverautoscalepolicy?name=x"}, "not an AviRef to a serverautoscalepolicy"),
        ({"autoscale_policy_ref": WAF}, "autoscale_policy_ref refers to a wafpolicy, not to a serverautoscalepolicy"),
        ({"nsx_securitygroup": "x"}, "nsx_securitygroup is 'x', not a list"),
        ({"nsx_securitygroup": ["x", 2]}, "nsx_securitygroup[1] is 2, not a text"),
        ({"conn_pool_properties": []}, "conn_pool_properties is a list, not an object"),
        ({"fail_action": {"typ": "x"}}, "fail_action has no field typ; did you mean type?"),
        ({"networks": [{}]}, "networks[0] lacks network_ref, which it needs"),
        (
            {"max_conn_rate_per_server": {"action": {"type": 7}}},
            "max_conn_rate_per_server.action.type is 7, not one of",
        ),
    ],
)
def test_what_the_object_model_does_not_know_is_told_with_what_comes_near(fields: Any, told: str) -> None:
    faults = list(faults_of(Pool(name="p", extra=extra(fields))))
    assert len(faults) == 1
    assert told in faults[0]


@pytest.mark.parametrize(
    "value",
    [
        {"use_service_port": True},
        [("use_service_port", True)],
        (("use_service_port",),),
        (("use_service_port", True), ("host_check_enabled", True)),
        (("use_service_port", True), ("use_service_port", True)),
        (("conn_pool_properties", {}),),
        (("nsx_securitygroup", ["x"]),),
        (("nsx_securitygroup", ("x", float("nan"))),),
        ("use_service_port", True),
        None,
    ],
)
def test_what_extra_does_not_give_is_no_extra(value: Any) -> None:
    assert "ako.extra" in next(faults_of(Pool(name="p", extra=value)))


@pytest.mark.parametrize(
    ("item", "told"),
    [
        (Pool(name="p", lb_algorithm="ROUND_ROBIN"), "none of LbAlgorithm; did you mean LB_ALGORITHM_ROUND_ROBIN?"),
        (Pool(name="p", server_timeout="1s"), "server_timeout is '1s', not a whole number"),  # type: ignore[arg-type]
        (Pool(name="p", ssl_key_and_certificate_ref=WAF), "refers to a wafpolicy"),
        (VirtualService(name="v", waf_policy_ref=AviRef("wafprofile", "x")), "refers to a wafprofile"),
    ],
)
def test_modelled_fields_that_only_plugins_set_are_checked_likewise(item: AviObject, told: str) -> None:
    assert told in next(faults_of(item))


def test_all_that_is_right_passes() -> None:
    fields = {"analytics_policy": POLICY, "performance_limits": {"max_throughput": 5}, "fqdn": None}
    service = VirtualService(name="v", waf_policy_ref=WAF, weight=None, extra=extra(fields))
    pool = Pool(
        name="p",
        lb_algorithm="LB_ALGORITHM_ROUND_ROBIN",
        extra=extra({"fail_action": {"type": "FAIL_ACTION_CLOSE_CONN"}}),
    )
    assert [*faults_of(service), *faults_of(pool), *faults_of(Pool(name="q"))] == []


@pytest.mark.parametrize(
    ("name", "one", "other", "are_same"),
    [
        ("analytics_policy", POLICY, {**POLICY, "client_insights": "NO_INSIGHTS", "udf_log_throttle": 10}, True),
        ("analytics_policy", POLICY, {**POLICY, "udf_log_throttle": 20}, False),
        ("analytics_policy", POLICY, {**POLICY, "metrics_realtime_update": {}}, False),
        ("analytics_policy", {"all_headers": None}, {"all_headers": False}, True),
        ("analytics_policy", {}, None, False),
        ("analytics_profile_ref", AviRef("analyticsprofile", "x"), "https://c/api/analyticsprofile/1#x", True),
        ("analytics_profile_ref", AviRef("analyticsprofile", "x"), "https://c/api/analyticsprofile/1#y", False),
        ("bulk_sync_kvcache", False, None, True),
        ("bulk_sync_kvcache", True, None, False),
        ("nsx_securitygroup", ["a", "b"], ["b", "a"], False),
        ("nsx_securitygroup", [], None, True),
        ("dns_policies", [{"index": 2, "dns_policy_ref": WAF}, {"index": 1, "dns_policy_ref": WAF}], None, False),
        (
            "http_policies",
            [{"index": 2, "http_policy_set_ref": WAF}, {"index": 1, "http_policy_set_ref": WAF}],
            [{"index": 1, "http_policy_set_ref": WAF}, {"index": 2, "http_policy_set_ref": WAF}],
            True,
        ),
    ],
)
def test_two_values_say_the_same_or_not(name: str, one: object, other: object, *, are_same: bool) -> None:
    assert (canonical("virtualservice", name, one) == canonical("virtualservice", name, other)) is are_same


@pytest.mark.parametrize(
    ("name", "value", "is_nothing"),
    [
        ("analytics_profile_ref", AviRef("analyticsprofile", "System-Analytics-Profile"), True),
        ("analytics_profile_ref", AviRef("analyticsprofile", "theirs"), False),
        ("ssl_profile_ref", AviRef("sslprofile", "System-Standard-PFS"), True),
        ("ssl_profile_ref", AviRef("sslprofile", "theirs"), False),
        ("weight", 1, True),
        ("weight", 2, False),
        ("analytics_policy", {"udf_log_throttle": 10}, False),
        ("analytics_policy", POLICY, False),
        ("fqdn", UNSET, True),
    ],
)
def test_what_is_there_where_nobody_says_anything(name: str, value: object, *, is_nothing: bool) -> None:
    assert says_nothing("virtualservice", name, value) is is_nothing


@pytest.mark.parametrize(
    ("of", "message"),
    [
        (HttpMonitor, "HealthMonitorHttp"),
        (TcpMonitor, "HealthMonitorTcp"),
        (UdpMonitor, "HealthMonitorUdp"),
        (MonitorTls, "HealthMonitorSSLAttributes"),
    ],
)
def test_messages_of_monitors_are_modelled_whole(of: type[msgspec.Struct], message: str) -> None:
    """They are replaced whole, so that what is not modelled would go."""
    assert set(of.__struct_encode_fields__) == fields_of_message(message).keys()


def test_undeclared_fields_are_named_and_those_of_the_core_are_not() -> None:
    item = Pool(
        name="p",
        lb_algorithm="LB_ALGORITHM_ROUND_ROBIN",
        server_timeout=None,
        application_persistence_profile_ref=AviRef("applicationpersistenceprofile", "x"),
        health_monitor_refs=(AviRef("healthmonitor", "System-TCP"),),
        extra=extra({"use_service_port": True, "append_port": "NEVER"}),
    )
    assert list(undeclared(item, {})) == ["lb_algorithm", "server_timeout", "append_port", "use_service_port"]
    assert list(undeclared(item, {Pool: frozenset({"lb_algorithm", "use_service_port"})})) == [
        "server_timeout",
        "append_port",
    ]
    assert not list(undeclared(Pool(name="p"), {}))
    assert list(lent_beside(item, {})) == ["application_persistence_profile_ref"]
    assert not list(lent_beside(item, {Pool: frozenset({"application_persistence_profile_ref"})}))
    assert not list(lent_beside(Pool(name="p"), {}))


def test_what_is_declared_and_not_said_is_wanted_absent() -> None:
    fields: Fields = {
        Pool: frozenset({"lb_algorithm", "application_persistence_profile_ref", "ssl_profile_ref", "append_port"})
    }
    bare, said = Pool(name="p"), Pool(name="p", lb_algorithm="LB_ALGORITHM_RANDOM")
    assert wanting(bare, fields) == replace(bare, lb_algorithm=None, application_persistence_profile_ref=None)
    assert wanting(said, fields) == replace(said, application_persistence_profile_ref=None)
    service = VirtualService(name="v")
    assert wanting(service, fields) is service
    # What the core always sets, or never, is not to go because somebody declared it.
    assert wanting(service, {VirtualService: frozenset({"vsvip_ref", "services"})}) is service


def test_a_declaration_of_what_is_not_for_plugins_is_refused() -> None:
    for name in ("uuid", "created_by", "markers", "cloud_ref", "vrf_context_ref", "url", "nobodys"):
        assert declaration_fault(VirtualService, name)
    for name in ("waf_policy_ref", "analytics_policy", "services"):
        assert not declaration_fault(VirtualService, name)


def test_fields_of_a_parent_are_modelled_ones_or_others() -> None:
    fields = extra({"waf_policy_ref": WAF, "weight": 7, "analytics_policy": POLICY, "services": []})
    service = with_fields(VirtualService(name="v"), fields)
    assert (service.waf_policy_ref, service.weight) == (WAF, 7)
    assert service.extra_fields == {"analytics_policy": POLICY, "services": []}
    assert list(faults_of(service)) == ["extra: services is a field of the model: VirtualService(services=…)"]
    assert with_fields(service, ()) is service


def test_references_in_extra_are_references() -> None:
    ours, other = AviRef("pool", "c--p"), AviRef("errorpageprofile", "x")
    item = VirtualService(
        name="v", extra=extra({"pool_ref": ours, "service_pool_select": [{"service_pool_ref": other}]})
    )
    assert set(item.references()) == {ours, other}
    assert set(in_tenant(item, "t").references()) == {AviRef("pool", "c--p", "t"), other}
    (left,) = without([item], {ours})
    assert left.extra_fields == {"service_pool_select": [{"service_pool_ref": other}]}


def test_bodies_have_the_fields_at_their_place() -> None:
    fields = {"analytics_policy": POLICY, "fqdn": None, "pool_ref": AviRef("pool", "c--p")}
    item = VirtualService(name="v", waf_policy_ref=WAF, weight=None, extra=extra(fields))
    body = msgspec.json.decode(codec.encode_new(item, {}))
    assert body["analytics_policy"] == POLICY
    assert (body["pool_ref"], body["waf_policy_ref"]) == ("/api/pool?name=c--p", "/api/wafpolicy?name=strict")
    assert not {"extra", "fqdn", "weight"} & body.keys()
    assert codec.checksum(item) != codec.checksum(VirtualService(name="v", waf_policy_ref=WAF))


def test_of_what_was_read_only_what_is_declared_is_kept() -> None:
    body = codec.encode(
        {
            "name": "v",
            "weight": 7,
            "traffic_enabled": False,
            "fqdn": "x",
            "analytics_policy": {**POLICY, "udf_log_throttle": 10, "client_insights": "NO_INSIGHTS"},
            "pool_ref": "https://c/api/pool/pool-1#c--p",
            "bulk_sync_kvcache": False,
        }
    )
    found = codec.decode(body, VirtualService)
    assert codec.lent_fields(body, found, {}) == VirtualService(name="v")
    declared = frozenset({"weight", "analytics_policy", "pool_ref", "bulk_sync_kvcache", "max_cps_per_client"})
    kept = codec.lent_fields(body, found, {VirtualService: declared})
    fields = {"analytics_policy": POLICY, "pool_ref": AviRef("pool", "c--p")}
    assert kept == VirtualService(name="v", weight=7, extra=extra(fields))


def test_a_monitor_is_read_as_it_is_written() -> None:
    http = HttpMonitor(http_response_code=("HTTP_2XX", "HTTP_3XX"), maintenance_code=(503,))
    item = HealthMonitor(name="c--m", monitor_type="HEALTH_MONITOR_HTTP", send_interval=5, http_monitor=http)
    body = codec.encode_new(item, {})
    assert msgspec.json.decode(body)["http_monitor"] == {
        "http_response_code": ["HTTP_2XX", "HTTP_3XX"],
        "maintenance_code": [503],
    }
    assert codec.decode(body, HealthMonitor) == item
    assert encoded_names(HealthMonitor)["monitor_type"] == "type"
