"""Who else is in a cluster: other controllers for our hosts, several of our kind, classes that say nothing clear."""

from __future__ import annotations

from typing import Any

from ako.core.base.refs import ObjectRef
from ako.diagnosis.finding import Finding, Verdict, wrong
from ako.diagnosis.neighbours import classes, making_routes, other_ingresses, workloads
from ako.plugins.ingress.records import INGRESS
from ako.testing import custom_object, ingress, ingress_class

NGINX = custom_object(
    "networking.k8s.io/v1", "IngressClass", "nginx", namespace="", spec={"controller": "k8s.io/ingress-nginx"}
)
SHOP = ObjectRef(INGRESS, "default", "shop")


def workload(namespace: str, image: str, **spec: Any) -> dict[str, Any]:
    template = {"spec": {"containers": [{"image": image}]}}
    return dict(
        custom_object("apps/v1", "StatefulSet", "ako", namespace=namespace, spec={"template": template, **spec})
    )


def only(findings: Any) -> Finding:
    (found,) = findings
    assert isinstance(found, Finding)
    return found


def test_one_class_of_ours_is_enough() -> None:
    assert only(classes([ingress_class(), NGINX])).verdict is Verdict.OK
    assert "not the default" in only(classes([ingress_class(is_default=False), NGINX])).text


def test_no_class_of_ours_or_two_defaults_are_worth_a_word() -> None:
    found = only(classes([NGINX]))
    assert (found.verdict, "ako.vmware.com/avi-lb" in found.text, "avi" in found.remedy) == (
        Verdict.WARNING,
        True,
        True,
    )
    found = only(classes([ingress_class(), ingress_class("other")]))
    assert (found.verdict, "avi-lb, other" in found.text) == (Verdict.WARNING, True)


def test_another_controller_on_a_host_of_ours_is_named_with_its_class() -> None:
    theirs = ingress("shop-old", ("Shop.com", "/", "web:80"), ingressClassName="nginx")
    elsewhere = ingress("blog", ("blog.com", "/", "web:80"), ingressClassName="nginx")
    ours = ingress("shop", ("shop.com", "/", "web:80"))
    found = only(other_ingresses([theirs, elsewhere, ours], [NGINX], {"shop.com"}, {SHOP}))
    assert found.verdict is Verdict.WARNING
    assert "Ingress/default/shop-old of class nginx (k8s.io/ingress-nginx) asks for shop.com" in found.text
    assert only(other_ingresses([elsewhere, ours], [NGINX], {"shop.com"}, {SHOP})).verdict is Verdict.OK


def test_an_ingress_of_our_class_or_that_routes_are_made_of_is_nobody_elses() -> None:
    refused = ingress("refused", ("shop.com", "/", "web:80"), ingressClassName="avi-lb")
    made_of = ingress("old", ("shop.com", "/", "web:80"))
    generated = {"metadata": {"namespace": "default", "ownerReferences": [{"kind": "Ingress", "name": "old"}]}}
    ours = {SHOP, *making_routes([generated])}
    assert only(other_ingresses([refused, made_of], [ingress_class()], {"shop.com"}, ours)).verdict is Verdict.OK


def test_what_somebody_made_up_stays_on_its_line() -> None:
    told = str(wrong("avi", "it says\r\n[ok] \x1b[2Jnothing", "Do\tit."))
    assert told == r"[wrong]   avi: it says [ok] \u001b[2Jnothing. Do it."


def test_two_akos_are_wrong_and_one_that_is_scaled_down_is_none() -> None:
    go = workload("avi-system", "registry.example.com:5000/ako/ako:1.12.1")
    new = workload("lb", "registry.example.com/ako@sha256:0123", replicas=2)
    found = only(workloads([go, new, workload("web", "example.com/ako-exporter:1")]))
    assert found.verdict is Verdict.WRONG
    assert "avi-system/ako" in found.text
    assert "lb/ako" in found.text
    assert "web/ako" not in found.text
    stopped = workload("avi-system", "ako:1.12.1", replicas=0)
    assert only(workloads([stopped, new])).text == (
        "one AKO runs in this cluster: lb/ako (registry.example.com/ako@sha256:0123)"
    )


def test_what_lacks_every_field_harms_no_check() -> None:
    bare = {"metadata": None, "spec": None}
    assert only(workloads([bare])).verdict is Verdict.OK
    assert only(other_ingresses([bare], [bare], {"shop.com"}, set())).verdict is Verdict.OK
    assert only(classes([bare])).verdict is Verdict.WARNING
