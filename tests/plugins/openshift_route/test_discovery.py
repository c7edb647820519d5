"""One Route → its claim, or why it has none."""

from __future__ import annotations

from typing import Any

import pytest

from ako import (
    Backend,
    BackendPort,
    HostClaim,
    InlineCertificate,
    InsecurePolicy,
    Kind,
    NamespacedName,
    PathRule,
    PathType,
    Termination,
    Tls,
)
from ako.core.engine.changes import Availability, AvailabilityChanged
from tests.builders import Manifest, certificate_for, settings
from tests.plugins.openshift_route.worlds import CA, edge, hosts_of, passthrough, problems, route, world

CERTIFICATE, KEY = certificate_for("shop.com")
ROUTERS = Kind("operator.openshift.io", "v1", "IngressController")
FIELDS = ("tls.certificate", "tls.key", "tls.caCertificate")
OWN = InlineCertificate(CERTIFICATE, KEY, fields=FIELDS)


def claim_of(manifest: Manifest) -> HostClaim:
    claims = [claim for _, discovery in world(manifest).pipeline.claims.values() for claim in discovery.claims]
    (claim,) = claims
    assert isinstance(claim, HostClaim)
    return claim


def test_a_route_claims_one_host_and_one_path() -> None:
    claim = claim_of(route("shop", "shop.com", "web=70", "api=0", path="/pay", created="2026-01-01T00:00:00Z"))
    assert claim.host == "shop.com"
    assert claim.created == "2026-01-01T00:00:00Z"
    assert claim.names_service
    assert claim.tls is None
    backends = (Backend("default", "web", weight=70), Backend("default", "api", weight=0))
    assert claim.rules == (PathRule("/pay", PathType.PREFIX, backends),)


def test_weight_and_path_may_be_left_out() -> None:
    (rule,) = claim_of(route("shop", "shop.com", "web", "api=5")).rules
    assert rule.path == ""
    assert [backend.weight for backend in rule.backends] == [100, 5]


@pytest.mark.parametrize(
    ("port", "expected"),
    [
        (None, BackendPort()),
        ({}, BackendPort()),
        ({"targetPort": 8080}, BackendPort(number=8080, is_target=True)),
        ({"targetPort": "http"}, BackendPort(name="http", is_target=True)),
        ({"targetPort": "8080"}, BackendPort(number=8080, is_target=True)),
    ],
)
def test_the_port_is_one_of_the_endpoints(port: Any, expected: BackendPort) -> None:
    (rule,) = claim_of(route("shop", "shop.com", port=port)).rules
    assert rule.backends[0].port == expected


@pytest.mark.parametrize(
    ("tls", "expected"),
    [
        (edge("shop.com"), Tls(Termination.EDGE, OWN, InsecurePolicy.NONE)),
        (edge("shop.com", "None"), Tls(Termination.EDGE, OWN, InsecurePolicy.NONE)),
        (edge("shop.com", "Allow"), Tls(Termination.EDGE, OWN, InsecurePolicy.ALLOW)),
        (edge("shop.com", "Redirect"), Tls(Termination.EDGE, OWN, InsecurePolicy.REDIRECT)),
        (edge("shop.com", destinationCACertificate=CA), Tls(Termination.EDGE, OWN, InsecurePolicy.NONE)),
        (
            edge("shop.com", caCertificate=CA),
            Tls(Termination.EDGE, InlineCertificate(CERTIFICATE, KEY, CA, FIELDS), InsecurePolicy.NONE),
        ),
        (
            edge("shop.com", "Redirect", "reencrypt", destinationCACertificate=CA),
            Tls(Termination.REENCRYPT, OWN, InsecurePolicy.REDIRECT, CA),
        ),
        (passthrough(), Tls(Termination.PASSTHROUGH, insecure=InsecurePolicy.NONE)),
        (passthrough("Redirect"), Tls(Termination.PASSTHROUGH, insecure=InsecurePolicy.REDIRECT)),
        (passthrough("Allow"), Tls(Termination.PASSTHROUGH, insecure=InsecurePolicy.NONE)),
    ],
)
def test_tls(tls: Any, expected: Tls) -> None:
    assert claim_of(route("shop", "shop.com", tls=tls)).tls == expected


REJECTED: dict[str, tuple[Manifest, str, str]] = {
    "a Service twice": (
        route("shop", "shop.com", "web", "api", "web=1"),
        "MultipleBackendsWithSameServiceError",
        "multiple backends with name web found for route: shop",
    ),
    "an alternate twice": (
        route("shop", "shop.com", "web", "api", "api", tls=passthrough()),
        "MultipleBackendsWithSameServiceError",
        "multiple backends with name api found for route: shop",
    ),
    "no host": (route("shop", ""), "NoHost", "has no host"),
    "not a Service": (
        route("shop", "shop.com", to={"kind": "Pod", "name": "web"}),
        "NoServiceBackend",
        "backend Pod web is not a Service with a name.",
    ),
    "no Service at all": (
        route("shop", "shop.com", to={"kind": "Service", "name": ""}),
        "NoServiceBackend",
        "(no name)",
    ),
    "wildcard policy": (
        route("shop", "shop.com", wildcardPolicy="Zigzag"),
        "WildcardPolicy",
        "wildcardPolicy Zigzag is not known.",
    ),
    "wildcard host": (route("shop", "*.shop.com"), "WildcardHost", "spec.host: *.shop.com is no host name"),
    "long host": (route("shop", "a" * 260 + ".com"), "HostTooLong", "longer than 253 bytes"),
    "no host name": (route("shop", "bad_host.com"), "InvalidHost", "spec.host: 'bad_host.com' is not a host name"),
    "foreign domain": (
        route("shop", "shop.org"),
        "HostOutsideDomains",
        "Didn't find match for hostname :shop.org Available sub-domains:.com,avi.internal",
    ),
    "unknown termination": (
        route("shop", "shop.com", tls={"termination": "zigzag"}),
        "UnknownTermination",
        "tls.termination zigzag is not known.",
    ),
    "no termination": (route("shop", "shop.com", tls={}), "UnknownTermination", "tls.termination (none)"),
    "path on passthrough": (
        route("shop", "shop.com", path="/pay", tls=passthrough()),
        "PathOnPassthrough",
        "path /pay cannot be matched",
    ),
    "no certificate and key": (
        route("shop", "shop.com", tls={"termination": "edge"}),
        "CertificateMissing",
        "there is no tls.certificate and no tls.key.",
    ),
    "a certificate in a Secret": (
        route("shop", "shop.com", tls={"termination": "edge", "externalCertificate": {"name": "cert"}}),
        "CertificateMissing",
        "tls.externalCertificate is not supported.",
    ),
    "no key": (
        route("shop", "shop.com", tls={"termination": "reencrypt", "certificate": CERTIFICATE}),
        "CertificateMissing",
        "there is no tls.key.",
    ),
    "no certificate": (
        route("shop", "shop.com", tls={"termination": "edge", "key": KEY}),
        "CertificateMissing",
        "there is no tls.certificate.",
    ),
}


@pytest.mark.parametrize("case", REJECTED)
def test_what_cannot_be_served_is_not_and_says_why(case: str) -> None:
    manifest, reason, words = REJECTED[case]
    fed = world(manifest, route("other", "other.com"))
    assert hosts_of(fed) == {"other.com"}
    found = problems(fed)
    assert list(found) == [reason]
    assert words in found[reason]


@pytest.mark.parametrize(
    ("tls", "words"),
    [
        (
            passthrough("Allow"),
            "insecureEdgeTerminationPolicy Allow is not supported with passthrough; served as None.",
        ),
        (edge("shop.com", "Maybe"), "insecureEdgeTerminationPolicy Maybe is not supported with edge; served as None."),
    ],
)
def test_a_policy_that_cannot_be_had_is_none(tls: Any, words: str) -> None:
    fed = world(route("shop", "shop.com", tls=tls))
    assert hosts_of(fed) == {"shop.com"}
    assert problems(fed) == {"InsecurePolicyUnsupported": words}


def test_a_path_of_slashes_only_is_no_exception_on_passthrough() -> None:
    fed = world(route("shop", "shop.com", path="/", tls=passthrough()))
    assert problems(fed).keys() == {"PathOnPassthrough"}


def test_the_default_certificate_stands_in_for_one_that_is_not_complete() -> None:
    using = settings(L7Settings__defaultRouteCertificate="red/spare")
    fed = world(route("shop", "shop.com", tls={"termination": "edge", "caCertificate": CA}), using=using)
    (claim,) = [claim for _, discovery in fed.pipeline.claims.values() for claim in discovery.claims]
    assert isinstance(claim, HostClaim)
    setting = "L7Settings.defaultRouteCertificate"
    spare = NamespacedName("red", "spare")
    assert claim.tls == Tls(Termination.EDGE, spare, InsecurePolicy.NONE, named_by=setting)
    assert problems(fed) == {"SecretNotFound": f"secret: red/spare does not exist (host shop.com, named by {setting})."}


@pytest.mark.parametrize(
    ("spec", "hosts"),
    [
        ({"host": "", "subdomain": "shop"}, {"shop.com"}),
        ({"host": "bank.com", "subdomain": "shop"}, {"bank.com"}),
        ({"host": "", "subdomain": "Shop.eu"}, {"shop.eu.com"}),
        ({"host": ""}, set()),
    ],
)
def test_a_subdomain_stands_for_a_host_in_our_domain(spec: dict[str, str], hosts: set[str]) -> None:
    fed = world({**route("shop", ""), "spec": {**route("shop", "")["spec"], **spec}})
    assert hosts_of(fed) == hosts
    assert ("NoHost" in problems(fed)) == (not hosts)


def test_a_certificate_in_a_secret_is_said_to_be_ignored_where_there_is_another() -> None:
    fed = world(route("shop", "shop.com", tls={**edge("shop.com"), "externalCertificate": {"name": "cert"}}))
    assert hosts_of(fed) == {"shop.com"}
    assert problems(fed).keys() == {"ExternalCertificateIgnored"}


def test_no_text_of_a_certificate_is_ever_shown() -> None:
    fed = world(route("shop", "shop.com", tls=edge("shop.com")))
    shown = repr(list(fed.pipeline.claims.values())) + repr(
        [fed.pipeline.source(ref) for ref in fed.pipeline.source_refs()]
    )
    assert "PRIVATE KEY" not in shown
    assert "shop.com" in shown


def ingress_controller(policy: str | None) -> Manifest:
    return {
        "apiVersion": "operator.openshift.io/v1",
        "kind": "IngressController",
        "metadata": {"name": "default", "namespace": "openshift-ingress-operator"},
        "spec": {} if policy is None else {"routeAdmission": {"wildcardPolicy": policy}},
    }


def test_all_names_under_a_domain_are_served_where_the_cluster_admits_that() -> None:
    fed = world(route("shop", "www.shop.com", wildcardPolicy="Subdomain"), ingress_controller("WildcardsAllowed"))
    assert hosts_of(fed) == {"*.shop.com"}
    fed.apply(ingress_controller("WildcardsDisallowed"))
    fed.pipeline.refresh()
    assert hosts_of(fed) == set()
    assert "is not admitted in this cluster" in problems(fed)["WildcardPolicy"]
    fed.apply(ingress_controller(None))
    assert hosts_of(fed) == set()
    fed.pipeline.apply([AvailabilityChanged(ROUTERS, Availability.NOT_SERVED, "no operator has it")])
    assert hosts_of(fed) == {"*.shop.com"}


@pytest.mark.parametrize(
    ("wanted", "words"), [({"host": ""}, "goes with spec.host"), ({"host": "*.a.com"}, "no host name")]
)
def test_what_asks_for_a_domain_in_another_way_is_told(wanted: dict[str, str], words: str) -> None:
    manifest = route("shop", "www.shop.com", wildcardPolicy="Subdomain")
    fed = world(
        {**manifest, "spec": {**manifest["spec"], "subdomain": "x", **wanted}}, ingress_controller("WildcardsAllowed")
    )
    assert hosts_of(fed) == set()
    assert any(words in message for message in problems(fed).values())


def test_a_domain_is_not_served_with_passthrough() -> None:
    manifest = route("shop", "www.shop.com", tls=passthrough(), wildcardPolicy="Subdomain")
    fed = world(manifest, ingress_controller("WildcardsAllowed"))
    assert hosts_of(fed) == set()
    assert "is not served with passthrough" in problems(fed)["WildcardPolicy"]
