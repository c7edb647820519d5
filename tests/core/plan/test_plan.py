"""Desired × observed → plan: which fields count, and what of others stays."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import UNSET

from ako.core.base.refs import AviRef
from ako.core.model import (
    AttachedDataScriptSet,
    AttachedPolicySet,
    AviObject,
    CertificateText,
    DnsInfo,
    Pool,
    PoolGroup,
    PoolGroupMember,
    PoolServer,
    SSLKeyAndCertificate,
    VirtualService,
    VsVip,
)
from ako.core.observe.observed import ObservedObject
from ako.core.plan.plan import (
    Create,
    Delete,
    Update,
    changed_fields,
    merge_observed,
    plan_changes,
    with_foreign_entries,
)

PREFIX = "c--"
ONE, TWO = PoolServer.at("10.0.0.1", 80), PoolServer.at("10.0.0.2", 80)


def policy(name: str, index: int = 11) -> AttachedPolicySet:
    return AttachedPolicySet(index, AviRef("httppolicyset", name))


@pytest.mark.parametrize(
    ("desired", "observed", "fields"),
    [
        (Pool(name="p"), Pool(name="p"), []),
        (Pool(name="p", servers=(ONE, TWO)), Pool(name="p", servers=(TWO, ONE)), []),
        (Pool(name="p", servers=(ONE,)), Pool(name="p", servers=(ONE, TWO)), ["servers"]),
        (Pool(name="p", servers=(ONE, ONE)), Pool(name="p", servers=(ONE, TWO)), ["servers"]),
        (Pool(name="p", servers=(PoolServer.at("10.0.0.1", 81),)), Pool(name="p", servers=(ONE,)), ["servers"]),
        (Pool(name="p", sni_enabled=False), Pool(name="p"), ["sni_enabled"]),
        (Pool(name="p"), Pool(name="p", ssl_profile_ref=AviRef("sslprofile", "s")), ["ssl_profile_ref"]),
        (Pool(name="p", cloud_ref=AviRef("cloud", "a")), Pool(name="p", cloud_ref=AviRef("cloud", "b")), []),
        (VirtualService(name="v"), VirtualService(name="v", enable_rhi=True), []),
        (VirtualService(name="v", enable_rhi=False), VirtualService(name="v"), []),
        (VirtualService(name="v", enable_rhi=True), VirtualService(name="v"), ["enable_rhi"]),
        (VirtualService(name="v", http_policies=()), VirtualService(name="v"), []),
        (VirtualService(name="v", vs_type="VS_TYPE_VH_CHILD"), VirtualService(name="v"), ["vs_type"]),
        (
            VsVip(name="v", dns_info=(DnsInfo("a.com"), DnsInfo("b.com"))),
            VsVip(name="v", dns_info=(DnsInfo("b.com"), DnsInfo("a.com"))),
            [],
        ),
        (
            PoolGroup(name="g", members=(PoolGroupMember(AviRef("pool", "p"), "a.com", 60),)),
            PoolGroup(name="g", members=(PoolGroupMember(AviRef("pool", "p"), "a.com", 40),)),
            ["members"],
        ),
        (
            SSLKeyAndCertificate(name="c", certificate=CertificateText("PEM\n"), key="secret"),
            SSLKeyAndCertificate(name="c", certificate=CertificateText("PEM")),
            [],
        ),
        (SSLKeyAndCertificate(name="c", key="new"), SSLKeyAndCertificate(name="c", key="old"), ["key"]),
        (
            SSLKeyAndCertificate(name="c", certificate=CertificateText("NEW"), key="k"),
            SSLKeyAndCertificate(name="c", certificate=CertificateText("OLD"), key="k"),
            ["certificate"],
        ),
    ],
)
def test_only_fields_of_ours_that_differ_change(desired: AviObject, observed: AviObject, fields: list[str]) -> None:
    assert [change.field for change in changed_fields(desired, observed)] == fields


@pytest.mark.parametrize(
    ("ours", "there", "result"),
    [
        ((), (policy("theirs", 5),), (policy("theirs", 5),)),
        ((policy("c--p"),), (policy("theirs", 5), policy("c--old", 6)), (policy("c--p"), policy("theirs", 5))),
        ((policy("c--p"),), (), (policy("c--p"),)),
        ((policy("c--p"),), UNSET, (policy("c--p"),)),
        (UNSET, (policy("theirs", 5),), UNSET),
    ],
)
def test_policy_sets_of_an_operator_stay(ours: Any, there: Any, result: Any) -> None:
    desired, observed = (VirtualService(name="v", http_policies=value) for value in (ours, there))
    assert with_foreign_entries(desired, observed, PREFIX) == VirtualService(name="v", http_policies=result)


def test_data_scripts_of_an_operator_stay() -> None:
    theirs = AttachedDataScriptSet(1, AviRef("vsdatascriptset", "theirs"))
    ours = AttachedDataScriptSet(0, AviRef("vsdatascriptset", "c--v"))
    held = with_foreign_entries(
        VirtualService(name="v", vs_datascripts=(ours,)), VirtualService(name="v", vs_datascripts=(theirs,)), PREFIX
    )
    assert held == VirtualService(name="v", vs_datascripts=(ours, theirs))


def test_the_three_operations() -> None:
    kept, new, changed, old = (Pool(name=name) for name in ("kept", "new", "changed", "old"))
    before = Pool(name="changed", servers=(ONE,))
    observed = {item.ref: ObservedObject(f"uuid-{item.name}", item) for item in (kept, before, old)}
    plan = plan_changes({item.ref: item for item in (kept, new, changed)}, observed, PREFIX)
    assert [operation.ref.name for operation in plan.of(Create)] == ["new"]
    assert [operation.ref.name for operation in plan.of(Delete)] == ["old"]
    (update,) = plan.of(Update)
    assert (update.ref.name, update.observed.uuid) == ("changed", "uuid-changed")
    assert [(change.field, change.old, change.new) for change in update.changes] == [("servers", (ONE,), ())]


def test_a_plan_has_the_name_of_its_operations() -> None:
    observed = {item.ref: ObservedObject("uuid", item) for item in (Pool(name="a"), Pool(name="b"))}
    one = plan_changes({}, observed, PREFIX)
    other = plan_changes({}, dict(reversed(observed.items())), PREFIX)
    assert one.id == other.id
    assert one.id != plan_changes({}, {AviRef("pool", "a"): observed[AviRef("pool", "a")]}, PREFIX).id
    assert not plan_changes({}, {}, PREFIX)


def test_after_an_update_what_is_not_ours_is_as_it_was() -> None:
    seen = VirtualService(name="v", enable_rhi=True, service_metadata="old")
    now = merge_observed(VirtualService(name="v", service_metadata="new"), seen)
    assert now == VirtualService(name="v", enable_rhi=True, service_metadata="new")
