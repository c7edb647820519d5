"""IngressRoutes: the contract of every plugin, and what is particular to this one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from ako import CloudFacts, HostClaim, HTTPPolicySet, InsecurePolicy, NamespacedName, Pool, RequestRule
from ako.testing import Manifest, PluginContract, Rehearsal

PLUGINS = ("traefik_ingressroute", "ingress", "clusterip_routes")
MANIFESTS = Path(__file__).parents[1] / "manifests"


def manifests(name: str) -> list[Manifest]:
    """Read a file of the examples."""
    return list(yaml.safe_load_all((MANIFESTS / name).read_text(encoding="utf-8")))


SHOP, MIXED = manifests("shop.yaml")
BACKENDS = manifests("backends.yaml")
INGRESS = manifests("ingress.yaml")
(SECRET,) = manifests("shop-tls.yaml")
NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}}
HOST = "Host(`shop.avi.internal`)"
TO_WEB = {"name": "web", "port": 80}
TO_MIXED = {"name": "mixed", "kind": "TraefikService"}


class TestContract(PluginContract):
    """What every plugin must hold to."""

    plugins = PLUGINS
    examples = (SHOP, MIXED, *BACKENDS[:2], *BACKENDS[4:], SECRET, NAMESPACE)


def a_route(match: str = HOST, *services: Mapping[str, Any], **more: object) -> Mapping[str, Any]:
    """Build a route."""
    return {"match": match, "kind": "Rule", "services": list(services or (TO_WEB,)), **more}


def an_ingress_route(*routes: Mapping[str, Any], of_class: str = "", **spec: object) -> Manifest:
    """Build the IngressRoute with other routes."""
    annotations = {"kubernetes.io/ingress.class": of_class} if of_class else {}
    metadata = {**SHOP["metadata"], "annotations": annotations}
    return {**SHOP, "metadata": metadata, "spec": {"routes": list(routes), **spec}}


@cache
def rehearsed(settings: tuple[tuple[str, object], ...]) -> Rehearsal:
    """Give a cluster in which the IngressRoute is put again and again."""
    rehearsal = Rehearsal(PLUGINS, dict(settings))
    rehearsal.apply(*BACKENDS, MIXED, SECRET, NAMESPACE)
    return rehearsal


def served(manifest: Manifest, **settings: object) -> Rehearsal:
    """Put an IngressRoute into the cluster, alone."""
    rehearsal = rehearsed(tuple((f"ako.traefik_ingressroute.{key}", value) for key, value in settings.items()))
    rehearsal.apply(manifest)
    return rehearsal


def reasons(rehearsal: Rehearsal) -> list[str]:
    """Give the reasons of all problems."""
    return [problem.reason for problem in rehearsal.problems()]


def hosts(rehearsal: Rehearsal) -> list[str]:
    """Give the hosts that the IngressRoute claims."""
    found = rehearsal.discovery(SHOP)
    return [claim.host for claim in found.claims if isinstance(claim, HostClaim)] if found else []


def rules(rehearsal: Rehearsal) -> list[RequestRule]:
    """Give the rules of all policy sets, in order."""
    return [rule for item in rehearsal.objects().values() if isinstance(item, HTTPPolicySet) for rule in item.rules]


def weights(rehearsal: Rehearsal, path: str = "/") -> dict[str, int]:
    """Give what the backends of a path of the claim weigh."""
    found = rehearsal.discovery(SHOP)
    claims = [claim for claim in (found.claims if found else ()) if isinstance(claim, HostClaim)]
    backends = [one for claim in claims for rule in claim.rules if rule.path == path for one in rule.backends]
    return {one.service: one.weight for one in backends}


def test_routes_by_path_alone_are_translated_by_the_core() -> None:
    rehearsal = served(
        an_ingress_route(a_route(), a_route(f"{HOST} && PathPrefix(`/api`)", {"name": "api", "port": "http"}))
    )
    pools = {
        item.name: [server.ip.addr for server in item.servers]
        for item in rehearsal.objects().values()
        if isinstance(item, Pool)
    }
    assert pools == {
        "my-cluster--shop.avi.internal_-default-shop-web": ["10.0.0.1"],
        "my-cluster--shop.avi.internal_api-default-shop-api": ["10.0.0.2"],
    }
    assert rules(rehearsal) == []
    assert reasons(rehearsal) == []


def test_a_header_is_asked_at_every_path_before_the_rest() -> None:
    rehearsal = served(SHOP)
    seen = [(rule.match.path and rule.match.path.match_str[0], bool(rule.match.hdrs)) for rule in rules(rehearsal)]
    assert seen == [("/api", True), ("/api", False), ("/", True), ("/", False)]
    header = next(one for rule in rules(rehearsal) for one in rule.match.hdrs or ())
    assert (header.hdr, header.match_criteria, header.value, header.match_case) == (
        "x-version",
        "HDR_EQUALS",
        ("2",),
        "SENSITIVE",
    )


def test_a_route_that_counts_less_than_all_paths_above_it_has_no_rule() -> None:
    rehearsal = served(
        an_ingress_route(
            a_route(priority=100), a_route(f"{HOST} && PathPrefix(`/api`)", {"name": "api", "port": 80}, priority=1)
        )
    )
    assert weights(rehearsal, "/api") == {"web": 1}


@pytest.mark.parametrize(
    ("settings", "entry_points", "is_tls", "found"),
    [
        ({}, None, False, []),
        ({}, ["web"], False, []),
        ({}, ["web", "websecure"], False, []),
        ({}, ["websecure"], False, ["EntryPointUnsupported"]),
        ({}, ["metrics"], False, ["EntryPointUnsupported"]),
        ({}, ["websecure"], True, []),
        ({}, ["web"], True, ["EntryPointUnsupported"]),
        ({"plainEntryPoint": "http", "tlsEntryPoint": "https"}, ["http"], False, []),
        ({"plainEntryPoint": "http", "tlsEntryPoint": "https"}, ["websecure"], True, ["EntryPointUnsupported"]),
    ],
)
def test_entry_points(
    settings: Mapping[str, object], entry_points: list[str] | None, is_tls: bool, found: list[str]
) -> None:
    asked: dict[str, Any] = {"entryPoints": entry_points} if entry_points else {}
    asked |= {"tls": {"secretName": "shop-tls"}} if is_tls else {}
    rehearsal = served(an_ingress_route(a_route(), **asked), **settings)
    assert [one for one in reasons(rehearsal) if one != "CertificateForOtherName"] == found
    assert bool(hosts(rehearsal)) is not bool(found)


@pytest.mark.parametrize(
    ("tls", "reason"),
    [
        ({}, "CertificateNotNamed"),
        ({"certResolver": "acme"}, "CertificateNotNamed"),
        ({"secretName": "shop-tls", "passthrough": True}, "PassthroughUnsupported"),
        ({"passthrough": True}, "PassthroughUnsupported"),
        ({"secretName": "shop-tls", "options": {"name": "mtls"}}, "TlsOptionsUnsupported"),
    ],
)
def test_tls_that_cannot_be_served_as_asked_is_not_served(tls: Mapping[str, object], reason: str) -> None:
    rehearsal = served(an_ingress_route(a_route(), tls=tls))
    assert reasons(rehearsal) == [reason]
    assert rehearsal.problems()[0].unserved
    assert hosts(rehearsal) == []


@pytest.mark.parametrize(("redirect", "policy"), [("true", InsecurePolicy.REDIRECT), ("false", InsecurePolicy.NONE)])
def test_the_settings_say_what_becomes_of_plain_http(redirect: str, policy: InsecurePolicy) -> None:
    rehearsal = served(an_ingress_route(a_route(), tls={"secretName": "shop-tls"}), redirect=redirect)
    found = rehearsal.discovery(SHOP)
    assert found is not None
    (claim,) = found.claims
    assert isinstance(claim, HostClaim)
    assert claim.tls is not None
    assert (claim.tls.insecure, claim.tls.certificate) == (policy, NamespacedName("default", "shop-tls"))


def test_only_the_class_of_the_settings_is_served() -> None:
    named = an_ingress_route(a_route(), of_class="avi")
    assert hosts(served(named, ingressClass="avi")) == ["shop.avi.internal"]
    assert hosts(served(an_ingress_route(a_route()), ingressClass="avi")) == []
    assert hosts(served(named)) == ["shop.avi.internal"]


@pytest.mark.parametrize(
    ("service", "reason"),
    [
        ({"name": "web", "port": 80, "kind": "Job"}, "ServiceKindUnsupported"),
        ({"name": "", "port": 80}, "ServiceNotNamed"),
        ({"name": "web", "port": 80, "namespace": "other"}, "CrossNamespace"),
        ({"name": "web", "port": 443, "scheme": "https"}, "SchemeUnsupported"),
        ({"name": "web", "port": 80, "weight": -1}, "WeightInvalid"),
        ({"name": "gone", "kind": "TraefikService"}, "TraefikServiceNotFound"),
        ({"name": "mixed", "kind": "TraefikService", "namespace": "other"}, "CrossNamespace"),
    ],
)
def test_a_service_that_cannot_be_served_harms_no_other_route(service: Mapping[str, Any], reason: str) -> None:
    bad = a_route(f"{HOST} && PathPrefix(`/bad`)", service)
    rehearsal = served(an_ingress_route(a_route(), bad))
    assert reasons(rehearsal) == [reason]
    assert rehearsal.problems()[0].message.startswith("spec.routes[1].services[0]")
    assert weights(rehearsal) == {"web": 1}
    assert weights(rehearsal, "/bad") == {}


def test_what_has_no_effect_is_told() -> None:
    options = {"sticky": {"cookie": {}}, "serversTransport": "x", "passHostHeader": False, "healthCheck": {"path": "/"}}
    rehearsal = served(an_ingress_route(a_route(HOST, {**TO_WEB, **options})))
    assert reasons(rehearsal) == ["ServiceOptionUnsupported"] * 4
    assert weights(rehearsal) == {"web": 1}


@pytest.mark.parametrize(
    ("given", "shares"),
    [
        ((None, 3), {"web": 1, "api": 3}),
        ((0, 1), {"web": 0, "api": 1}),
        ((1000, 1), {"web": 1000, "api": 1}),
        ((5000, 2500), {"web": 1000, "api": 500}),
        ((1, 1_000_000), {"web": 1, "api": 1000}),
        ((0, 1_000_000), {"web": 0, "api": 1000}),
    ],
)
def test_shares_fit_avi(given: tuple[int | None, int], shares: Mapping[str, int]) -> None:
    services = [
        {"name": name, "port": 80, "weight": weight} for name, weight in zip(("web", "api"), given, strict=True)
    ]
    assert weights(served(an_ingress_route(a_route(HOST, *services)))) == shares


def test_a_traefik_service_that_shares_is_its_services() -> None:
    rehearsal = served(an_ingress_route(a_route(HOST, TO_MIXED)))
    assert weights(rehearsal) == {"api": 1, "next": 1}
    assert reasons(rehearsal) == []


@pytest.mark.parametrize(
    "spec", [{}, {"mirroring": {"name": "web"}}, {"weighted": {"services": []}}], ids=["empty", "mirroring", "none"]
)
def test_another_traefik_service_is_told(spec: Mapping[str, Any]) -> None:
    rehearsal = Rehearsal(PLUGINS)
    rehearsal.apply(*BACKENDS, {**MIXED, "spec": spec}, an_ingress_route(a_route(HOST, TO_MIXED)))
    (problem,) = rehearsal.problems()
    assert "TraefikService default/mixed" in problem.message


def test_a_traefik_service_that_comes_later_is_seen() -> None:
    rehearsal = Rehearsal(PLUGINS)
    rehearsal.apply(*BACKENDS, an_ingress_route(a_route(HOST, TO_MIXED)))
    assert reasons(rehearsal) == ["TraefikServiceNotFound"]
    rehearsal.apply(MIXED)
    assert (reasons(rehearsal), weights(rehearsal)) == ([], {"api": 1, "next": 1})


@pytest.mark.parametrize("services", [None, []])
def test_a_route_without_services_is_told(services: list[object] | None) -> None:
    route = {"match": HOST, "kind": "Rule", **({} if services is None else {"services": services})}
    assert reasons(served(an_ingress_route(route))) == ["NoService"]


def test_what_a_middleware_guards_is_served_by_nobody() -> None:
    """Not by a route that counts less, either: it would be without what guards it."""
    guarded = a_route(f"{HOST} && PathPrefix(`/admin`)", TO_WEB, middlewares=[{"name": "login", "namespace": "edge"}])
    rehearsal = served(an_ingress_route(a_route(), guarded))
    (problem,) = rehearsal.problems()
    assert problem.message == (
        "spec.routes[1].middlewares: edge/login: there are no middlewares; the requests of this route are not served."
    )
    (first, *_) = rules(rehearsal)
    assert first.match.path
    assert first.match.path.match_str == ("/admin",)
    assert first.switching_action
    group = rehearsal.objects()[first.switching_action.pool_group_ref]
    assert getattr(group, "members", None) == ()


@pytest.mark.parametrize(
    ("route", "reason", "place"),
    [
        (a_route("PathPrefix(`/x`)"), "NoHost", "spec.routes[1].match: requests for any host"),
        (a_route("Host(`shop`) &&"), "MatchInvalid", "spec.routes[1].match: character 16"),
        (a_route("HostRegexp(`.*`)"), "MatcherUnsupported", "spec.routes[1].match: HostRegexp(`.*`)"),
        (a_route(HOST, kind="Mirror"), "RouteKindUnsupported", "spec.routes[1].kind: Mirror"),
    ],
)
def test_a_route_that_cannot_be_understood_is_left_out(route: Mapping[str, Any], reason: str, place: str) -> None:
    rehearsal = served(an_ingress_route(a_route(), route))
    (problem,) = rehearsal.problems()
    assert problem.reason == reason
    assert problem.message.startswith(place)
    assert problem.remedy
    assert weights(rehearsal) == {"web": 1}


def test_a_host_outside_the_domains_of_the_cloud_is_told() -> None:
    rehearsal = Rehearsal(PLUGINS, cloud=CloudFacts(domains=("avi.internal",)))
    rehearsal.apply(*BACKENDS, an_ingress_route(a_route("Host(`shop.avi.internal`) || Host(`shop.test`)")))
    assert reasons(rehearsal) == ["HostOutsideDomains"]
    assert hosts(rehearsal) == ["shop.avi.internal"]


def test_pools_keep_their_names_when_a_header_comes_or_goes() -> None:
    """So that nothing is replaced that serves."""
    with_header = {ref for ref in served(SHOP).objects() if ref.type == "pool"}
    without = {ref for ref in served(an_ingress_route(*SHOP["spec"]["routes"][:2])).objects() if ref.type == "pool"}
    assert without < with_header
