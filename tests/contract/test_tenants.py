"""Which tenant everything of a namespace is in: the same for every kind of source, whoever declares its kind."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ako.core.base.refs import AviRef
from ako.core.hooks.tenants import NOT_READ, TENANTS
from ako.core.model import AviObject, VsVip
from tests.builders import Manifest, ingress, service, tls_secret
from tests.contract.test_namespaces import Stage, a_mood, a_route

TENANT = "ako.vmware.com/tenant-name"
PER_CLUSTER: dict[str, object] = {"ControllerSettings__tenantsPerCluster": True, "L7Settings__shardVSSize": "SMALL"}
ROUTE = a_route("red", tls={"termination": "passthrough"})
SECURE = ingress("web", ("safe.com", "/", "web:80"), namespace="red", tls={"safe.com": "cert"})
ONE_OF_EACH = [
    a_mood("red"),
    a_route("red"),
    ROUTE,
    ingress("web", ("a.com", "/", "web:80"), namespace="red"),
    SECURE,
    service("balanced", namespace="red", type="LoadBalancer"),
]


def namespace(name: str, tenant: str) -> Manifest:
    metadata = {"name": name, "annotations": {TENANT: tenant}}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


def stage_with(make: Manifest, tenant: str, **flags: object) -> Stage:
    secret = tls_secret("cert", "safe.com", namespace="red")
    return Stage(secret, namespace("red", tenant), make, **{**PER_CLUSTER, **flags})


def told(stage: Stage, tenant: str, fault: str) -> None:
    """Have it known what came of reading a tenant."""
    stage.pipeline.engine.set_input(TENANTS, fault, tenant)
    stage.pipeline.refresh()


def served(stage: Stage) -> Mapping[AviRef, AviObject]:
    """Give what is there for somebody."""
    trees = [tree for _, tree in stage.pipeline.trees.values() if tree.hosts]
    return {ref: item for tree in trees for ref, item in tree.objects.items()}


@pytest.mark.parametrize("make", ONE_OF_EACH)
def test_everything_of_a_namespace_is_in_its_tenant_under_the_same_names(make: Manifest) -> None:
    plain = stage_with(make, "")
    before = served(plain)
    assert before
    assert {ref.tenant for ref in before} == {""}
    stage = stage_with(make, "blue")
    told(stage, "blue", "")
    there = served(stage)
    assert {(ref.type, ref.name) for ref in there} == {(ref.type, ref.name) for ref in before}
    assert {ref.tenant for ref in there} == {"blue"}
    for item in there.values():
        assert item.tenant == "blue"
        types = {ref.type for ref in before}
        assert all((ref.tenant == "blue") is (ref.type in types) for ref in item.references()), f"{item.ref!r}"
    assert stage.told("TenantUnsupported") == []


@pytest.mark.parametrize("make", ONE_OF_EACH)
def test_nobody_leaves_a_tenant_before_the_next_has_been_read(make: Manifest) -> None:
    stage = stage_with(make, "blue")
    assert served(stage) == {}
    assert stage.told("TenantUnknown") == [], "it has only not been read yet"
    told(stage, "blue", "")
    there = served(stage)
    stage.apply(namespace("red", "green"))
    assert served(stage) == there
    told(stage, "green", "403 Tenant 'green' does not exist!")
    assert served(stage) == there
    (problem,) = set(stage.told("TenantUnknown"))
    assert all(text in problem.explanation for text in (TENANT, "red", "green", "403 Tenant", "stays in tenant blue"))
    told(stage, "green", "")
    assert {ref.tenant for ref in served(stage)} == {"green"}
    assert stage.told("TenantUnknown") == []
    told(stage, "green", NOT_READ)
    assert {ref.tenant for ref in served(stage)} == {"green"}
    stage.apply(namespace("red", "admin"))
    assert {ref.tenant for ref in served(stage)} == {""}


@pytest.mark.parametrize("make", ONE_OF_EACH)
def test_without_the_setting_no_other_tenant_is_served(make: Manifest) -> None:
    stage = stage_with(make, "blue", ControllerSettings__tenantsPerCluster=False)
    assert served(stage) == {}
    (problem,) = set(stage.told("TenantUnsupported"))
    assert all(text in problem.explanation for text in (TENANT, "red", "blue", "tenantsPerCluster"))
    stage.use(**PER_CLUSTER)
    told(stage, "blue", "")
    assert {ref.tenant for ref in served(stage)} == {"blue"}
    stage.use(**{**PER_CLUSTER, "ControllerSettings__tenantsPerCluster": False})
    assert served(stage) == {}


@pytest.mark.parametrize(("own", "is_served"), [("blue", True), ("", True), ("admin", False), ("green", False)])
def test_an_object_may_name_the_tenant_of_its_namespace_and_no_other(own: str, *, is_served: bool) -> None:
    make = ingress("web", ("a.com", "/", "web:80"), namespace="red")
    make["metadata"]["annotations"] = {TENANT: own}
    stage = stage_with(make, "blue")
    told(stage, "blue", "")
    assert bool(served(stage)) is is_served
    assert bool(stage.told("TenantUnsupported")) is not is_served


def test_a_host_is_that_of_the_tenant_of_its_first_claim() -> None:
    older = ingress("older", ("a.com", "/", "web:80"), namespace="red", created="2026-01-01T00:00:00Z")
    beside = ingress("beside", ("a.com", "/beside", "web:80"), namespace="red", created="2026-03-01T00:00:00Z")
    stage = stage_with(older, "blue")
    younger = a_mood("other", "a.com", "2026-02-01T00:00:00Z")
    stage.apply(namespace("other", ""))
    stage.apply(beside, younger)
    told(stage, "blue", "")
    assert {ref.tenant for ref in served(stage)} == {"blue"}
    (problem,) = set(stage.told("HostOfOtherTenant"))
    assert problem.source.namespace == "other"
    assert all(text in problem.message for text in ("a.com", "tenant blue", "Ingress/red/older"))
    stage.delete(older)
    assert {ref.tenant for ref in served(stage)} == {""}
    assert {problem.source.name for problem in stage.told("HostOfOtherTenant")} == {"beside"}
    stage.delete(younger)
    assert {ref.tenant for ref in served(stage)} == {"blue"}
    assert stage.told("HostOfOtherTenant") == []


def test_nobody_comes_up_elsewhere_because_the_namespace_is_told_later() -> None:
    """An API server has a Namespace for everything, whichever is told first."""
    aged = ingress("web", ("a.com", "/", "web:80"), namespace="red", created="2026-01-01T00:00:00Z")
    stage = Stage(aged, **PER_CLUSTER)
    told(stage, "blue", "")
    assert served(stage) == {}
    stage.apply(namespace("red", "blue"))
    there = served(stage)
    assert {ref.tenant for ref in there} == {"blue"}
    stage.delete(namespace("red", "blue"))
    assert served(stage) == there, "it is going, and what is in it goes too"
    stage.delete(aged)
    assert served(stage) == {}


def test_in_a_folder_no_namespace_is_one_that_names_no_tenant() -> None:
    stage = Stage(ingress("web", ("a.com", "/", "web:80"), namespace="red"), **PER_CLUSTER)
    told(stage, "blue", "")
    assert {ref.tenant for ref in served(stage)} == {""}
    stage.apply(namespace("red", "blue"))
    assert {ref.tenant for ref in served(stage)} == {"blue"}
    stage.delete(namespace("red", "blue"))
    assert {ref.tenant for ref in served(stage)} == {""}


def test_the_tenant_of_the_settings_is_one_whoever_named_it_before() -> None:
    """A namespace that stays where it is, as its new tenant cannot be read, is at home when that is home by now."""
    stage = stage_with(SECURE, "blue")
    told(stage, "blue", "")
    stage.apply(namespace("red", "bleu"))
    told(stage, "bleu", "403 Tenant 'bleu' does not exist!")
    assert {ref.tenant for ref in served(stage)} == {"blue"}
    stage.use(**PER_CLUSTER, ControllerSettings__tenantName="blue")
    assert {ref.tenant for ref in served(stage)} == {""}


@pytest.mark.parametrize("tenant", ["My Team", "r\u00f6d", "t" * 64, ".".join(["tenant"] * 36)])
def test_no_tenant_is_called_so_that_nothing_can_be_served_in_it(tenant: str) -> None:
    """A shared virtual service has a DNS name with its tenant in it, which would be none."""
    stage = stage_with(ingress("web", ("a.com", "/", "web:80"), namespace="red"), tenant)
    told(stage, tenant, "")
    assert [item.fqdns for item in served(stage).values() if isinstance(item, VsVip)] == [("a.com",)]
    told(stage, "fine_1", "")
    stage.apply(namespace("red", "fine_1"))
    (names,) = [item.fqdns for item in served(stage).values() if isinstance(item, VsVip)]
    assert names[0].endswith(".fine_1.com")
