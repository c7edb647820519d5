"""One Ingress → host claims: whose it is, which hosts, which paths, and what its owner is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ako.core.base.refs import AviRef, NamespacedName, ObjectRef
from ako.core.hooks.claims import BackendPort, Discovery, HostClaim, PathType
from ako.core.hooks.site import CloudFacts
from ako.core.model import AviObject, HTTPPolicySet, PathMatch, PoolGroup, SwitchingAction
from ako.plugins.ingress.records import INGRESS
from tests.builders import CLASS, Fed, Manifest, settings, tls_secret

BACKEND = {"service": {"name": "web", "port": {"number": 80}}}
PATH = {"path": "/", "pathType": "Prefix", "backend": BACKEND}


def shop(*rules: Mapping[str, Any], annotations: Mapping[str, str] | None = None, **spec: Any) -> Manifest:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "shop", "namespace": "red", "annotations": annotations},
        "spec": {"rules": list(rules), **spec},
    }


def rule(host: str | None = "shop.com", *paths: Mapping[str, Any]) -> dict[str, Any]:
    return {"host": host, "http": {"paths": list(paths) or [PATH]}}


def ingress_class(name: str, controller: str, *, is_default: bool = False) -> Manifest:
    annotations = {"ingressclass.kubernetes.io/is-default-class": "true"} if is_default else {}
    return {**CLASS, "metadata": {"name": name, "annotations": annotations}, "spec": {"controller": controller}}


def discovered(
    manifest: Manifest, *others: Manifest, domains: Sequence[str] = (".com",), default: bool = True
) -> Discovery:
    fed = Fed(using=settings(L7Settings__defaultIngController=default), cloud=CloudFacts(domains=tuple(domains)))
    if others:
        fed.delete(CLASS)
    fed.apply(*others, manifest)
    fed.pipeline.refresh()
    found = fed.pipeline.claims.value(ObjectRef(INGRESS, "red", "shop"))
    assert found is not None
    return found


def claims(found: Discovery) -> list[HostClaim]:
    return [claim for claim in found.claims if isinstance(claim, HostClaim)]


def hosts(found: Discovery) -> list[str]:
    return [claim.host for claim in claims(found)]


def reasons(found: Discovery) -> list[str]:
    return [problem.reason for problem in found.problems]


OURS, THEIRS = "ako.vmware.com/avi-lb", "example.org/other"
OUR_CLASS, OUR_DEFAULT = ingress_class("avi", OURS), ingress_class("avi", OURS, is_default=True)
OTHER, OTHER_DEFAULT = ingress_class("other", THEIRS), ingress_class("other", THEIRS, is_default=True)
AVI, NGINX = {"kubernetes.io/ingress.class": "avi"}, {"kubernetes.io/ingress.class": "nginx"}


@pytest.mark.parametrize(
    ("classes", "named", "annotations", "default", "is_ours"),
    [
        # A class is named: it exists and is ours, whatever the annotation says.
        ((OUR_CLASS,), "avi", None, False, True),
        ((OUR_CLASS,), "avi", NGINX, False, True),
        ((OUR_CLASS, OTHER), "other", None, True, False),
        ((OUR_CLASS, OTHER), "other", AVI, True, False),
        ((OUR_CLASS,), "nowhere", AVI, True, False),
        # The annotation says so, or says another.
        ((OUR_CLASS,), None, AVI, False, True),
        ((OUR_DEFAULT,), None, NGINX, True, False),
        ((OTHER,), None, AVI, False, True),
        ((OTHER,), None, NGINX, True, False),
        # Nothing is said: the default class, or the default controller where no class is ours.
        ((OUR_DEFAULT,), None, None, False, True),
        ((OUR_CLASS,), None, None, True, False),
        ((OUR_CLASS, OTHER_DEFAULT), None, None, True, False),
        ((OTHER_DEFAULT,), None, None, True, False),
        ((OUR_DEFAULT, OTHER_DEFAULT), None, None, False, True),
        ((OTHER,), None, None, True, True),
        ((OTHER,), None, None, False, False),
    ],
)
def test_whose_it_is(
    classes: Sequence[Manifest], named: str | None, annotations: Mapping[str, str] | None, default: bool, is_ours: bool
) -> None:
    manifest = shop(rule(), annotations=annotations, **({"ingressClassName": named} if named else {}))
    assert bool(discovered(manifest, *classes, default=default).claims) is is_ours


def test_an_ingress_of_another_is_not_complained_about() -> None:
    found = discovered(shop(rule("*.com"), ingressClassName="other"), OTHER)
    assert found == Discovery()


@pytest.mark.parametrize(
    ("host", "domains", "reason"),
    [
        ("shop.com", (), None),
        ("shop.com", (".com",), None),
        ("shop.com", ("com",), None),
        ("shop.com", ("shop.com",), None),
        ("a.shop.com", ("shop.com",), None),
        ("SHOP.Com", (".com",), None),
        ("shop.com", ("org", "com"), None),
        ("workshop.com", ("shop.com",), "HostOutsideDomains"),
        ("shop.com.org", (".com",), "HostOutsideDomains"),
        ("shop.com", ("a.shop.com",), "HostOutsideDomains"),
        ("*.shop.com", (".com",), None),
        ("*.shop.com", (".org",), "HostOutsideDomains"),
        ("*.*.shop.com", (".com",), "WildcardHost"),
        ("shop.*.com", (".com",), "WildcardHost"),
        ("*shop.com", (".com",), "WildcardHost"),
        ("*", (), "WildcardHost"),
        ("x" * 250 + ".com", (".com",), "HostTooLong"),
        (".".join(["x" * 62] * 4)[:249] + ".com", (".com",), None),
        ("x" * 63 + ".com", (".com",), None),
        ("x" * 64 + ".com", (".com",), "InvalidHost"),
        ("shop.com.", (".com",), None),
        ("bad_host.com", (".com",), "InvalidHost"),
        ("bad..com", (".com",), "InvalidHost"),
        ("-bad.com", (".com",), "InvalidHost"),
        ("bad-.com", (), "InvalidHost"),
        ("bad.com..", (), "InvalidHost"),
        ("käse.com", (), "InvalidHost"),
        ("a b.com", (), "InvalidHost"),
        ("ü" * 125 + ".com", (".com",), "HostTooLong"),
    ],
)
def test_hosts(host: str, domains: Sequence[str], reason: str | None) -> None:
    found = discovered(shop(rule(host)), domains=domains)
    assert reasons(found) == ([reason] if reason else [])
    assert len(found.claims) == (0 if reason else 1)


def test_what_is_no_host_name_is_told_with_its_place() -> None:
    found = discovered(shop(rule("good.com"), rule("bad_host.com")))
    assert [p.message for p in found.problems] == ["spec.rules[1].host: 'bad_host.com' is not a host name (RFC 1123)."]


def test_a_host_is_named_as_in_dns() -> None:
    found = discovered(shop(rule("Shop.COM."), tls=[{"hosts": ["SHOP.com"], "secretName": "one"}]))
    (claim,) = claims(found)
    assert (claim.host, claim.tls is not None) == ("shop.com", True)


def test_a_host_that_is_not_served_leaves_the_others() -> None:
    found = discovered(shop(rule("*x.com"), rule("good.com"), rule("else.org")))
    assert hosts(found) == ["good.com"]
    assert reasons(found) == ["WildcardHost", "HostOutsideDomains"]


@pytest.mark.parametrize("host", [None, ""])
def test_a_rule_without_host_gets_a_name(host: str | None) -> None:
    assert hosts(discovered(shop(rule(host)), domains=("org", ".com"))) == ["shop.red.com"]


def test_a_rule_without_host_cannot_be_named_without_domain() -> None:
    found = discovered(shop(rule(None), rule("good.com")), domains=())
    assert (hosts(found), reasons(found)) == (["good.com"], ["NoDomain"])


NO_PATHS = ({"host": "shop.com"}, {"host": "shop.com", "http": None}, {"host": "shop.com", "http": {"paths": []}})


@pytest.mark.parametrize(
    ("rules", "more"), [((), {"defaultBackend": BACKEND}), *(((one,), {}) for one in NO_PATHS), ((), {})]
)
def test_without_any_backend_it_is_not_processed(rules: Sequence[Mapping[str, Any]], more: Mapping[str, Any]) -> None:
    found = discovered(shop(*rules, **more))
    assert found.claims == ()
    assert [problem.message for problem in found.problems] == [
        "Found Ingress: shop without service backends. Not going to process."
    ]


def test_a_rule_without_http_is_skipped_in_silence() -> None:
    found = discovered(shop({"host": "empty.com"}, rule("good.com")))
    assert (hosts(found), reasons(found)) == (["good.com"], [])


def test_rules_of_one_host_are_one_claim_and_equal_paths_one_path() -> None:
    found = discovered(shop(rule("a.com", PATH), rule("b.com"), rule("a.com", {**PATH, "path": "/x"}, PATH)))
    assert [(claim.host, [r.path for r in claim.rules]) for claim in claims(found)] == [
        ("a.com", ["/", "/x"]),
        ("b.com", ["/"]),
    ]


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("Exact", PathType.EXACT),
        ("Prefix", PathType.PREFIX),
        ("ImplementationSpecific", PathType.IMPLEMENTATION_SPECIFIC),
        (None, PathType.IMPLEMENTATION_SPECIFIC),
        ("Regex", PathType.IMPLEMENTATION_SPECIFIC),
    ],
)
def test_path_types(given: str | None, meant: PathType) -> None:
    (claim,) = claims(discovered(shop(rule("a.com", {**PATH, "pathType": given}))))
    assert claim.rules[0].path_type is meant


@pytest.mark.parametrize(
    ("port", "meant"),
    [
        ({"number": 80}, BackendPort(number=80)),
        ({"name": "http"}, BackendPort(name="http")),
        ({}, BackendPort()),
        (None, BackendPort()),
    ],
)
def test_ports(port: Mapping[str, Any] | None, meant: BackendPort) -> None:
    path = {**PATH, "backend": {"service": {"name": "web", "port": port}}}
    (claim,) = claims(discovered(shop(rule("a.com", path))))
    (backend,) = claim.rules[0].backends
    assert (backend.namespace, backend.service, backend.port) == ("red", "web", meant)


@pytest.mark.parametrize("backend", [{}, {"resource": {"kind": "Bucket", "name": "b"}}])
def test_a_backend_that_is_no_service_is_told_and_other_paths_are_served(backend: Mapping[str, Any]) -> None:
    found = discovered(shop(rule("a.com", {"path": "/b", "backend": backend}, PATH)))
    assert [r.path for claim in claims(found) for r in claim.rules] == ["/"]
    assert reasons(found) == ["NoServiceBackend"]


def test_tls_sections() -> None:
    tls = [{"hosts": ["a.com", "b.com"], "secretName": "one"}, {"hosts": ["b.com", "c.com"], "secretName": "two"}]
    found = discovered(shop(rule("a.com"), rule("b.com"), rule("c.com"), rule("d.com"), tls=tls))
    secrets = {claim.host: claim.tls.certificate if claim.tls else None for claim in claims(found)}
    assert secrets == {
        "a.com": NamespacedName("red", "one"),
        "b.com": NamespacedName("red", "one"),
        "c.com": NamespacedName("red", "two"),
        "d.com": None,
    }


def test_a_tls_section_without_hosts_is_told() -> None:
    found = discovered(shop(rule("a.com"), tls=[{"hosts": ["a.com"], "secretName": "a"}, {"secretName": "one"}]))
    assert [(p.reason, p.message) for p in found.problems] == [
        ("TlsWithoutHosts", "spec.tls[1] names no hosts: no host is served over TLS because of it.")
    ]


@pytest.mark.parametrize("secret_name", [{}, {"secretName": None}, {"secretName": ""}])
def test_a_tls_section_without_secret_is_told_and_its_hosts_are_not_served(secret_name: Mapping[str, Any]) -> None:
    found = discovered(shop(rule("a.com"), rule("b.com"), tls=[{"hosts": ["a.com"], **secret_name}]))
    assert hosts(found) == ["b.com"]
    assert [(p.reason, p.message) for p in found.problems] == [
        (
            "CertificateMissing",
            "spec.tls[0].secretName is not set, so that host a.com has no certificate; its paths here are not served.",
        )
    ]


@pytest.mark.parametrize("one", [rule("a.com"), *({**empty, "host": "a.com"} for empty in NO_PATHS)])
def test_a_default_backend_takes_what_no_path_of_the_hosts_matches(one: Mapping[str, Any]) -> None:
    found = discovered(shop(one, rule("b.com"), defaultBackend=BACKEND))
    assert (hosts(found), reasons(found)) == (["a.com", "b.com"], [])
    for claim in claims(found):
        assert [rule.path for rule in claim.rules][-1] == ""


def test_a_default_backend_that_is_no_service_is_told() -> None:
    found = discovered(shop(rule("a.com"), defaultBackend={"resource": {"kind": "Bucket", "name": "b"}}))
    assert (hosts(found), reasons(found)) == (["a.com"], ["NoServiceBackend"])
    assert "spec.defaultBackend" in found.problems[0].message


@pytest.mark.parametrize(
    ("host", "secret"),
    [("a.com", "one"), ("x.a.com", "wild"), ("exact.a.com", "exact"), ("y.x.a.com", None), ("xa.com", None)],
)
def test_a_wildcard_in_a_tls_section_covers_one_label_and_an_exact_host_goes_before(
    host: str, secret: str | None
) -> None:
    tls = [
        {"hosts": ["*.A.com"], "secretName": "wild"},
        {"hosts": ["exact.a.com"], "secretName": "exact"},
        {"hosts": ["a.com"], "secretName": "one"},
    ]
    (claim,) = claims(discovered(shop(rule(host), tls=tls)))
    found = claim.tls.certificate if claim.tls else None
    assert found == (NamespacedName("red", secret) if secret else None)


def test_a_host_of_a_tls_section_that_no_rule_has_is_told_and_no_other() -> None:
    named = ["a.com", "www.a.com", "*.a.com", "*.b.com", "B.com."]
    found = discovered(shop(rule("a.com"), rule("x.a.com"), rule("b.com"), tls=[{"hosts": named, "secretName": "s"}]))
    assert [(p.reason, p.message) for p in found.problems] == [
        ("TlsHostWithoutRule", f"spec.tls[0] names host {host}, for which there is no rule: nothing is done for it.")
        for host in ("www.a.com", "*.b.com")
    ]


@pytest.mark.parametrize("name", ["alb-vi", "nginx"])
def test_a_class_that_is_not_there_is_told_with_those_that_are(name: str) -> None:
    (problem,) = discovered(shop(rule(), ingressClassName=name), OTHER, OUR_CLASS).problems
    assert (problem.reason, problem.message) == (
        "IngressClassNotFound",
        f"there is no IngressClass {name}; there are avi, other.",
    )


@pytest.mark.parametrize(
    "path", ["/*", "/foo/*", "/.*", "/foo(/|$)(.*)", "/v[0-9]/x", "^/api", "/api$", "/users/{id}", "/a?b"]
)
def test_a_path_that_looks_like_a_pattern_is_told_and_served_as_it_is_written(path: str) -> None:
    found = discovered(shop(rule("a.com", {**PATH, "path": path}, PATH)))
    assert reasons(found) == ["PathIsPattern"]
    assert [r.path for claim in claims(found) for r in claim.rules] == [path, "/"]


@pytest.mark.parametrize(
    "path", ["/", "/api/v1.2", "/c++", "/item(1)", "/$metadata", "/~user", "/a,b;c=d", "/%2A", "/.well-known/x"]
)
def test_a_path_that_does_not_is_not(path: str) -> None:
    assert discovered(shop(rule("a.com", {**PATH, "path": path}))).problems == ()


@pytest.mark.parametrize("tls", [[], [{}], [{"hosts": None}], [{"secretName": "one"}], [{"hosts": ["other.com"]}]])
def test_tls_sections_that_name_no_host_of_ours(tls: list[Mapping[str, Any]]) -> None:
    (claim,) = claims(discovered(shop(rule("a.com"), tls=tls)))
    assert claim.tls is None


def test_one_path_of_two_types_is_served_twice_over_plain_http() -> None:
    fed = Fed()
    fed.apply(shop(rule("shop.com", {**PATH, "path": "/x"}, {**PATH, "path": "/x", "pathType": "Exact"})))
    fed.pipeline.refresh()
    host = fed.pipeline.hosts.value("shop.com")
    assert host is not None
    assert {p.reason for p in host.problems} <= {"BackendNotFound"}
    pools = {"my-cluster--shop.com_x-red-shop", "my-cluster--shop.com_x-red-shop-exact"}
    assert {item.name for item in objects_of(fed) if item.avi_type == "pool"} == pools
    (policies,) = (item for item in objects_of(fed) if isinstance(item, HTTPPolicySet))
    (rule_,) = policies.http_request_policy.rules
    assert rule_.match.path == PathMatch("EQUALS", ("/x",), "INSENSITIVE")
    assert rule_.switching_action == SwitchingAction(AviRef("poolgroup", "my-cluster--shop.com_x-red-shop-exact"))
    groups = (item for item in objects_of(fed) if isinstance(item, PoolGroup))
    (group,) = (item for item in groups if item.name.startswith("my-cluster--Shared"))
    assert [(m.pool_ref.name, m.priority_label) for m in group.members] == [(min(pools), "shop.com/x")]


def test_one_path_of_two_types_is_served_twice_over_tls() -> None:
    fed = Fed()
    paths = ({**PATH, "path": "/x"}, {**PATH, "path": "/x", "pathType": "Exact"})
    fed.apply(shop(rule("shop.com", *paths), tls=[{"hosts": ["shop.com"], "secretName": "crt"}]))
    fed.apply(tls_secret("crt", namespace="red"))
    fed.pipeline.refresh()
    (policies,) = (p for p in objects_of(fed) if isinstance(p, HTTPPolicySet) and p.name == "my-cluster--red-shop.com")
    plain = "my-cluster--red-shop.com_x-shop"
    assert [(r.index, r.name, r.match.path) for r in policies.http_request_policy.rules] == [
        (0, f"{plain}-exact-0", PathMatch("EQUALS", ("/x",))),
        (1, f"{plain}-0", PathMatch("BEGINS_WITH", ("/x",))),
    ]


def objects_of(fed: Fed) -> list[AviObject]:
    return [item for _, tree in fed.pipeline.trees.values() for item in tree.objects.values()]


def test_a_missing_service_is_told_once_with_the_paths_it_hits_and_what_to_do() -> None:
    fed = Fed()
    fed.apply(shop(rule("shop.com", *({**PATH, "path": path} for path in ("/a", "/b", "/c")))))
    fed.pipeline.refresh()
    host = fed.pipeline.hosts.value("shop.com")
    assert host is not None
    assert [problem.explanation for problem in host.problems] == [
        "shop.com/a and 2 more: service red/web does not exist. Create it, or name another one."
    ]
