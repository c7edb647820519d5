"""Who asks for another network or tenant is not served and told, whatever kind of object it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from ako.testing.rehearsal import Manifest, Rehearsal

INFRA, TENANT = "aviinfrasetting.ako.vmware.com/name", "ako.vmware.com/tenant-name"


def metadata(annotations: Mapping[str, str] | None = None) -> dict[str, object]:
    return {"name": "shop", "namespace": "red", "annotations": annotations}


def an_ingress(annotations: Mapping[str, str] | None = None, **spec: object) -> Manifest:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    rule = {"host": "a.com", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
    kind = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress"}
    return {**kind, "metadata": metadata(annotations), "spec": {"rules": [rule], **spec}}


def a_route(annotations: Mapping[str, str] | None = None) -> Manifest:
    kind = {"apiVersion": "route.openshift.io/v1", "kind": "Route"}
    return {**kind, "metadata": metadata(annotations), "spec": {"host": "a.com", "to": {"name": "web"}}}


def a_service(annotations: Mapping[str, str] | None = None) -> Manifest:
    spec = {"type": "LoadBalancer", "ports": [{"port": 80, "protocol": "TCP"}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata(annotations), "spec": spec}


def namespace(annotations: Mapping[str, str], name: str = "red") -> Manifest:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "annotations": annotations}}


def a_class(name: str, *, is_default: bool = False, **spec: object) -> Manifest:
    annotations = {"ingressclass.kubernetes.io/is-default-class": "true"} if is_default else {}
    kind = {"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass"}
    controller = "ako.vmware.com/avi-lb"
    return {**kind, "metadata": {"name": name, "annotations": annotations}, "spec": {"controller": controller, **spec}}


Maker = Callable[..., Manifest]
KINDS = pytest.mark.parametrize("make", [an_ingress, a_route, a_service])
PLUGINS = ("ingress", "openshift_route", "loadbalancer", "clusterip_routes")
PARAMETERS = {"apiGroup": "ako.vmware.com", "kind": "AviInfraSetting", "name": "internal"}


def after(*manifests: Manifest, **settings: str) -> tuple[Rehearsal, list[str]]:
    stage = Rehearsal(PLUGINS, settings={key.replace("__", "."): value for key, value in settings.items()})
    stage.apply(*manifests)
    return stage, [problem.reason for problem in stage.problems() if problem.source.name == "shop"]


def is_served(stage: Rehearsal) -> bool:
    return any(ref.type == "pool" for ref in stage.objects())


ELSEWHERE = [
    (INFRA, "internal", "InfraSettingUnsupported"),
    (TENANT, "blue", "TenantUnsupported"),
]


@KINDS
@pytest.mark.parametrize(("annotation", "value", "reason"), ELSEWHERE)
def test_who_asks_for_it_is_not_served_also_when_it_was(make: Maker, annotation: str, value: str, reason: str) -> None:
    stage, before = after(make())
    assert is_served(stage)
    stage.apply(make({annotation: value}))
    assert not is_served(stage)
    (problem,) = set(stage.problems()) - {p for p in stage.problems() if p.reason in before}
    assert (problem.reason, value in problem.message, annotation in problem.message) == (reason, True, True)
    stage.apply(make())
    assert is_served(stage)


@KINDS
@pytest.mark.parametrize(("annotation", "value", "reason"), ELSEWHERE)
def test_a_namespace_asks_for_all_in_it_and_for_nobody_else(
    make: Maker, annotation: str, value: str, reason: str
) -> None:
    stage, told = after(make(), namespace({annotation: value}))
    assert not is_served(stage)
    assert reason in told
    stage, told = after(make(), namespace({annotation: value}, "blue"))
    assert is_served(stage)
    assert reason not in told


@KINDS
def test_the_tenant_that_everything_is_in_is_no_other(make: Maker) -> None:
    stage, told = after(make({TENANT: "blue"}), ControllerSettings__tenantName="blue")
    assert is_served(stage)
    assert "TenantUnsupported" not in told


@KINDS
def test_the_objects_own_word_goes_before_that_of_its_namespace(make: Maker) -> None:
    stage, _ = after(make({TENANT: "admin"}), namespace({TENANT: "blue"}))
    assert is_served(stage)


@KINDS
@pytest.mark.parametrize("value", ["", " "])
def test_an_empty_annotation_asks_for_nothing(make: Maker, value: str) -> None:
    stage, told = after(make({INFRA: value, TENANT: value}))
    assert is_served(stage)
    assert not {"InfraSettingUnsupported", "TenantUnsupported"} & set(told)


@KINDS
@pytest.mark.parametrize(
    "annotation",
    [
        "passthrough.ako.vmware.com/enabled",
        "ako.vmware.com/enable-tls",
        "ako.vmware.com/l4rule",
        "ako.vmware.com/application-profile",
    ],
)
def test_what_has_no_effect_is_told_and_served(make: Maker, annotation: str) -> None:
    stage, told = after(make({annotation: "true"}))
    assert is_served(stage)
    assert told.count("AnnotationUnsupported") == 1
    stage, told = after(make({annotation: "false"}))
    assert "AnnotationUnsupported" not in told


def test_a_class_with_an_infra_setting_serves_none_of_its_ingresses() -> None:
    classes = (a_class("open", is_default=True), a_class("internal", parameters=PARAMETERS))
    stage, told = after(*classes, an_ingress(ingressClassName="internal"))
    assert not is_served(stage)
    assert told == ["InfraSettingUnsupported"]
    assert any("AviInfraSetting internal" in problem.message for problem in stage.problems())
    stage.apply(a_class("internal"))
    assert is_served(stage)


def test_the_default_class_counts_for_ingresses_that_name_none() -> None:
    stage, told = after(a_class("internal", is_default=True, parameters=PARAMETERS), an_ingress())
    assert not is_served(stage)
    assert told == ["InfraSettingUnsupported"]


def test_the_class_of_somebody_else_is_none_of_our_business() -> None:
    other = {**a_class("other"), "spec": {"controller": "example.com/other", "parameters": PARAMETERS}}
    assert after(other, an_ingress(ingressClassName="other"))[1] == []
