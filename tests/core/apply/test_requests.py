"""Operations as HTTP requests: exactly the fields of ours that differ, and everything of others as it was."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import UNSET
from msgspec.structs import replace

from ako.core.apply.requests import request_for
from ako.core.base.refs import AviRef
from ako.core.model import (
    AviObject,
    DnsInfo,
    KeyValues,
    Pool,
    PoolGroup,
    PoolServer,
    SSLKeyAndCertificate,
    VirtualService,
    VsVip,
)
from ako.core.model.extra import extra
from ako.core.model.mark import KEY, UNMARKED, Mark
from ako.core.observe.observed import ObservedObject
from ako.core.plan.plan import Create, Delete, FieldChange, Operation, Update, changed_fields, plan_changes

ONE, TWO, THREE = (PoolServer.at(f"10.0.0.{n}", 80, f"node-{n}") for n in (1, 2, 3))


def server(number: int, *, node: bool = True) -> dict[str, Any]:
    found: dict[str, Any] = {"ip": {"addr": f"10.0.0.{number}", "type": "V4"}, "port": 80}
    return {**found, "server_node": f"node-{number}"} if node else found


def update(desired: AviObject, observed: AviObject, body: dict[str, Any] | None = None) -> Update:
    seen = ObservedObject("uuid-1", observed, "17", body)
    return Update(desired, seen, tuple(changed_fields(desired, observed)))


def body_of(operation: Operation, mark: Mark = UNMARKED) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(request_for(operation, mark).body or b"{}")
    for fields in (body, *(part for part in body.values() if isinstance(part, dict))):
        fields.pop("cloud_config_cksum", None)
    return {name: value for name, value in body.items() if value != {}}


def test_a_new_object_is_posted_with_its_fields_and_their_names_in_json() -> None:
    operation = Create(VirtualService(name="c--v", vs_type="VS_TYPE_NORMAL", vsvip_ref=AviRef("vsvip", "c--v /ü")))
    request = request_for(operation)
    assert (request.method, request.path) == ("POST", "/api/virtualservice")
    assert body_of(operation) == {
        "name": "c--v",
        "type": "VS_TYPE_NORMAL",
        "vsvip_ref": "/api/vsvip?name=c--v%20%2F%C3%BC",
    }


def test_an_object_is_deleted_by_its_uuid() -> None:
    request = request_for(Delete(AviRef("pool", "p"), ObservedObject("uuid-1", Pool(name="p"))))
    assert (request.method, request.path, request.body) == ("DELETE", "/api/pool/uuid-1", None)


PROFILE = AviRef("sslprofile", "System-Standard")


@pytest.mark.parametrize(
    ("desired", "observed", "body"),
    [
        (Pool(name="p", servers=(ONE, TWO)), Pool(name="p", servers=(ONE,)), {"add": {"servers": [server(2)]}}),
        (
            Pool(name="p", servers=(ONE,)),
            Pool(name="p", servers=(ONE, TWO)),
            {"delete": {"servers": [server(2, node=False)]}},
        ),
        (
            Pool(name="p", servers=(ONE, THREE)),
            Pool(name="p", servers=(ONE, TWO)),
            {"replace": {"servers": [server(1), server(3)]}},
        ),
        (Pool(name="p", servers=(ONE,)), Pool(name="p"), {"replace": {"servers": [server(1)]}}),
        (Pool(name="p"), Pool(name="p", servers=(ONE,)), {"replace": {"servers": []}}),
        (
            Pool(name="p", ssl_profile_ref=PROFILE),
            Pool(name="p"),
            {"replace": {"ssl_profile_ref": "/api/sslprofile?name=System-Standard"}},
        ),
        (
            Pool(name="p"),
            Pool(name="p", ssl_profile_ref=PROFILE),
            {"delete": {"ssl_profile_ref": "/api/sslprofile?name=System-Standard"}},
        ),
        (
            Pool(name="p", sni_enabled=False, servers=(ONE, TWO)),
            Pool(name="p", servers=(ONE,), ssl_profile_ref=PROFILE),
            {
                "replace": {"sni_enabled": False},
                "add": {"servers": [server(2)]},
                "delete": {"ssl_profile_ref": "/api/sslprofile?name=System-Standard"},
            },
        ),
        (
            VirtualService(name="v", vs_type="VS_TYPE_VH_CHILD", enable_rhi=True),
            VirtualService(name="v", vs_type="VS_TYPE_NORMAL", enable_rhi=True),
            {"replace": {"type": "VS_TYPE_VH_CHILD"}},
        ),
        (
            SSLKeyAndCertificate(name="c", key="new"),
            SSLKeyAndCertificate(name="c", key="old"),
            {"replace": {"key": "new"}},
        ),
    ],
)
def test_a_patch_holds_what_differs_and_nothing_else(
    desired: AviObject, observed: AviObject, body: dict[str, Any]
) -> None:
    operation = update(desired, observed)
    request = request_for(operation)
    assert (request.method, request.path) == ("PATCH", f"/api/{desired.avi_type}/uuid-1")
    assert body_of(operation) == body


def test_a_vsvip_is_put_with_everything_of_others_in_it() -> None:
    body = {
        "uuid": "uuid-1",
        "_last_modified": "17",
        "name": "c--v",
        "dns_info": [{"fqdn": "a.com", "ttl": 30}, {"fqdn": "old.com"}],
        "vip": [{"vip_id": "0", "ip_address": {"addr": "10.250.0.7", "type": "V4"}, "avi_allocated_vip": True}],
        "tier1_lr": "theirs",
    }
    observed = VsVip(name="c--v", dns_info=(DnsInfo("a.com"), DnsInfo("old.com")))
    operation = update(VsVip(name="c--v", dns_info=(DnsInfo("a.com"), DnsInfo("b.com"))), observed, body)
    request = request_for(operation)
    assert (request.method, request.path) == ("PUT", "/api/vsvip/uuid-1")
    assert body_of(operation) == {**body, "dns_info": [{"fqdn": "a.com", "ttl": 30}, {"fqdn": "b.com"}]}


def test_a_vsvip_can_lose_its_last_name() -> None:
    body = {"uuid": "uuid-1", "_last_modified": "17", "name": "c--v", "dns_info": [{"fqdn": "a.com"}]}
    operation = update(VsVip(name="c--v"), VsVip(name="c--v", dns_info=(DnsInfo("a.com"),)), body)
    assert body_of(operation) == {**body, "dns_info": []}


MARK = Mark("uid-1", has_markers=True)
OURS, THEIRS = {"key": KEY, "values": ["uid-1"]}, {"key": KEY, "values": ["uid-2"]}
TEAM = {"key": "team", "values": ["web"]}
TEXT, MARKED = '{"namespace":"x"}', f'{{"namespace":"x","{KEY}":"uid-1"}}'


def test_a_new_object_is_marked_and_its_checksum_is_not() -> None:
    pool = Pool(name="p", service_metadata=TEXT)
    body = json.loads(request_for(Create(pool), MARK).body or b"")
    assert (body["service_metadata"], body["markers"]) == (MARKED, [OURS])
    assert body["cloud_config_cksum"] == json.loads(request_for(Create(pool)).body or b"")["cloud_config_cksum"]


@pytest.mark.parametrize(
    ("uid", "marks"),
    [
        ("uid-1", {}),
        ("", {"service_metadata": MARKED, "markers": [TEAM, OURS]}),
        ("uid-2", {"service_metadata": MARKED, "markers": [TEAM, OURS]}),
    ],
)
def test_an_object_is_marked_with_the_next_change_if_it_is_not_yet(uid: str, marks: dict[str, Any]) -> None:
    before = Pool(name="p", service_metadata=TEXT, servers=(ONE,), markers=(KeyValues("team", ("web",)),))
    wanted = Pool(name="p", service_metadata=TEXT)
    seen = ObservedObject("uuid-1", before, cluster_uid=uid)
    operation = Update(wanted, seen, tuple(changed_fields(wanted, before)))
    assert body_of(operation, MARK) == {"replace": {**marks, "servers": []}}
    assert body_of(operation) == {"replace": {"servers": []}}


def test_other_metadata_is_written_with_the_mark() -> None:
    seen = ObservedObject("uuid-1", Pool(name="p", service_metadata="{}"), cluster_uid="uid-1")
    wanted = Pool(name="p", service_metadata=TEXT)
    operation = Update(wanted, seen, tuple(changed_fields(wanted, seen.object)))
    assert body_of(operation, MARK) == {"replace": {"service_metadata": MARKED}}


@pytest.mark.parametrize("item", [Pool(name="p", service_metadata=TEXT), PoolGroup(name="p")])
@pytest.mark.parametrize("remark", ["", "uid-1"])
def test_only_what_is_taken_over_is_written_for_its_mark_alone(item: AviObject, remark: str) -> None:
    seen = ObservedObject("uuid-1", replace(item), cluster_uid="uid-2", remark=remark)
    updates = plan_changes({item.ref: item}, {item.ref: seen}, "c--").of(Update)
    assert [update.changes for update in updates] == ([(FieldChange(KEY, "uid-2", "uid-1"),)] if remark else [])
    assert [body_of(update, MARK)["replace"]["markers"] for update in updates] == ([[OURS]] if remark else [])


def test_the_marker_of_a_vsvip_is_replaced_and_others_are_not() -> None:
    body = {"uuid": "uuid-1", "name": "v", "markers": [TEAM, THEIRS], "dns_info": [{"fqdn": "a.com"}]}
    before = VsVip(name="v", dns_info=(DnsInfo("a.com"),), markers=(KeyValues("team", ("web",)),))
    seen = ObservedObject("uuid-1", before, "17", body, "uid-2")
    operation = Update(before, seen, (FieldChange(KEY, "uid-2", "uid-1"),))
    assert body_of(operation, MARK) == {**body, "markers": [TEAM, OURS]}


FAIL = {"type": "FAIL_ACTION_CLOSE_CONN"}
PERSISTENCE = AviRef("applicationpersistenceprofile", "x")


@pytest.mark.parametrize(
    ("wanted", "there", "body"),
    [
        ({"fail_action": FAIL}, {}, {"replace": {"fail_action": FAIL}}),
        ({"fail_action": FAIL}, {"fail_action": FAIL}, {}),
        (
            {"fail_action": FAIL},
            {"fail_action": {"type": "FAIL_ACTION_BACKUP_POOL"}},
            {"replace": {"fail_action": FAIL}},
        ),
        ({}, {"fail_action": FAIL}, {"delete": {"fail_action": FAIL}}),
        ({"fail_action": None}, {"fail_action": FAIL}, {"delete": {"fail_action": FAIL}}),
        ({"fail_action": None}, {}, {}),
        ({"use_service_port": False}, {}, {}),
        (
            {"autoscale_policy_ref": PERSISTENCE},
            {},
            {"replace": {"autoscale_policy_ref": "/api/applicationpersistenceprofile?name=x"}},
        ),
        (
            {"use_service_port": True, "append_port": "NEVER"},
            {"use_service_port": True, "fail_action": FAIL},
            {"replace": {"append_port": "NEVER"}, "delete": {"fail_action": FAIL}},
        ),
    ],
)
def test_of_fields_that_are_not_modelled_only_what_differs_is_sent(
    wanted: dict[str, Any], there: dict[str, Any], body: dict[str, Any]
) -> None:
    operation = update(Pool(name="p", extra=extra(wanted)), Pool(name="p", extra=extra(there)))
    assert body_of(operation) == body
    assert bool(operation.changes) is bool(body)


@pytest.mark.parametrize(
    ("wanted", "there", "body"),
    [
        (None, "LB_ALGORITHM_LEAST_CONNECTIONS", {}),
        (None, UNSET, {}),
        (None, "LB_ALGORITHM_RANDOM", {"delete": {"lb_algorithm": "LB_ALGORITHM_RANDOM"}}),
        ("LB_ALGORITHM_LEAST_CONNECTIONS", UNSET, {}),
        ("LB_ALGORITHM_RANDOM", UNSET, {"replace": {"lb_algorithm": "LB_ALGORITHM_RANDOM"}}),
        (UNSET, "LB_ALGORITHM_RANDOM", {}),
    ],
)
def test_a_field_that_is_to_be_absent_is_as_by_default(wanted: Any, there: Any, body: dict[str, Any]) -> None:
    assert body_of(update(Pool(name="p", lb_algorithm=wanted), Pool(name="p", lb_algorithm=there))) == body


def test_what_is_sent_back_whole_has_more_fields_too() -> None:
    there = {"name": "c--v", "uuid": "u", "ipam_selector": {"type": "SELECTOR_IPAM"}, "use_standard_alb": True}
    wanted = VsVip(name="c--v", extra=extra({"bgp_peer_labels": ["x"], "ipam_selector": None}))
    before = VsVip(name="c--v", extra=extra({"ipam_selector": {"type": "SELECTOR_IPAM"}}))
    body = body_of(update(wanted, before, there))
    assert body == {"name": "c--v", "uuid": "u", "use_standard_alb": True, "bgp_peer_labels": ["x"], "dns_info": []}
