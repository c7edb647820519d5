"""Whatever objects ask for, in whatever order they come and go: each request is answered as is promised."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests import builders
from tests.builders import Fed, Manifest, certificate_for, endpoints, service, tls_secret
from tests.core.assemble.worlds import CLOUD, objects_of
from tests.core.translate.promised import ALLOW, EXACT, NONE, PLAIN, PREFIX, REDIRECT, TEXT, Asked, promised
from tests.core.translate.requests import Request, World
from tests.properties import share_of

HOSTS = ("a.co", "a.com", "*.a.com", "x.a.com")
NAMESPACES = ("n", "n-a")
BACKENDS = {f"s{number}": f"10.0.0.{number}" for number in range(4)}
DAYS = tuple(f"2026-01-0{day}T00:00:00Z" for day in range(1, 5))
PATHS = ("/", "/a", "/a/", "/A", "/a/b", "/a/b/", "/a_b", "/a/B", "/ab", "/a/b/c", "/b")
FEW = ("/a", "/a/", "/A")

REQUESTS = [
    Request(scheme, host, path)
    for scheme in ("http", "https")
    for host in ("a.co", "a.com", "A.COM", "x.a.com", "y.a.com", "z.x.a.com", "b.com")
    for path in (*PATHS, "/a/bc", "/a/b/cd", "/A/B/c", "/a//b", "/a_bc", "/abc", "/c", "/B", "/a/b/c/")
]


class Rule(NamedTuple):
    """A path of a host; of an Ingress it has a kind."""

    host: str
    path: str
    kind: str
    backend: str


class Object(NamedTuple):
    """An Ingress (some hosts of which have TLS) or a Route, which has one rule and a policy."""

    name: str
    namespace: str
    created: str
    rules: tuple[Rule, ...]
    secure: frozenset[str] = frozenset()
    policy: str = ""

    @property
    def key(self) -> tuple[str, str, bool]:
        """Give its identity."""
        return self.name, self.namespace, bool(self.policy)

    @property
    def asked(self) -> Iterator[Asked]:
        """Give what it asks for; of two objects of one age the names decide, then the kinds."""
        kind = "Route" if self.policy else "Ingress"
        for number, rule in enumerate(self.rules):
            is_secure = not self.secure.isdisjoint({rule.host, f"*.{rule.host.partition('.')[2]}"})
            policy = self.policy or (REDIRECT if is_secure else PLAIN)
            age = (self.created, self.namespace, self.name, kind, number)
            yield Asked(rule.host, rule.path, rule.kind, policy, age, f"{self.namespace}/{rule.backend}")

    @property
    def manifest(self) -> Manifest:
        """Give it as it is written."""
        metadata = {"name": self.name, "namespace": self.namespace, "creationTimestamp": self.created}
        if self.policy:
            return {
                "apiVersion": "route.openshift.io/v1",
                "kind": "Route",
                "metadata": metadata,
                "spec": {
                    "host": self.rules[0].host,
                    "path": self.rules[0].path,
                    "to": {"kind": "Service", "name": self.rules[0].backend},
                    **_section(self.rules[0].host, self.policy),
                },
            }
        return {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": metadata,
            "spec": {
                "rules": [{"host": rule.host, "http": {"paths": [_path(rule)]}} for rule in self.rules],
                "tls": [{"hosts": [host], "secretName": secret_of(host)} for host in sorted(self.secure)],
            },
        }


def _path(rule: Rule) -> Mapping[str, Any]:
    backend = {"service": {"name": rule.backend, "port": {"number": 80}}}
    return {"path": rule.path, "pathType": rule.kind, "backend": backend}


def _section(host: str, policy: str) -> Mapping[str, Any]:
    if policy == PLAIN:
        return {}
    certificate, key = certificate_for(host)
    policies = {"insecureEdgeTerminationPolicy": policy}
    return {"tls": {"termination": "edge", "certificate": certificate, "key": key, **policies}}


def secret_of(host: str) -> str:
    return f"cert-{HOSTS.index(host)}"


def address(namespace: str, backend: str) -> str:
    return f"10.0.{NAMESPACES.index(namespace)}.{backend[1:]}"


def world_of(mode: str) -> Fed:
    using = builders.settings(
        L7Settings__shardVSSize="SMALL", L7Settings__pathMatching=mode, ako__sources=["ingress", "openshift_route"]
    )
    fed = Fed("ingress", "openshift_route", "clusterip_routes", using=using, cloud=CLOUD)
    for namespace in NAMESPACES:
        fed.apply(*(tls_secret(secret_of(host), host, namespace=namespace) for host in HOSTS))
        for backend in BACKENDS:
            here = endpoints(backend, address(namespace, backend), namespace=namespace)
            fed.apply(service(backend, namespace=namespace), here)
    return fed


def answers_as_promised(fed: Fed, mode: str, live: Mapping[tuple[str, str, bool], Object]) -> None:
    """Ask everything, and compare."""
    fed.pipeline.refresh()
    world = World(objects_of(fed))
    asked = [one for item in live.values() for one in item.asked]
    for request in REQUESTS:
        wanted = promised(mode, asked, request.scheme, request.host, request.path)
        answer = address(*wanted.split("/")) if "/" in wanted else wanted
        assert world.answer(request) == frozenset({answer} - {""}), f"{request} is for {wanted or 'nobody'}"


# One host and few paths are drawn more often, so that many objects meet there.
RULES = st.builds(
    Rule,
    st.sampled_from([*HOSTS, *["a.com"] * 4]),
    st.sampled_from([*PATHS, *FEW * 2]),
    st.sampled_from([PREFIX, PREFIX, EXACT, TEXT]),
    st.sampled_from(sorted(BACKENDS)),
)
INGRESSES = st.builds(
    Object,
    st.sampled_from(["i", "a-i"]),
    st.sampled_from(NAMESPACES),
    st.sampled_from(DAYS),
    st.lists(RULES, min_size=1, max_size=5).map(tuple),
    st.frozensets(st.sampled_from(HOSTS)),
    st.just(""),
)
ROUTES = st.builds(
    Object,
    st.sampled_from(["r", "a-i"]),
    st.sampled_from(NAMESPACES),
    st.sampled_from(DAYS),
    st.tuples(
        st.builds(
            Rule,
            st.sampled_from([*(host for host in HOSTS if "*" not in host), *["a.com"] * 4]),
            st.sampled_from(["", *PATHS, *FEW * 2]),
            st.just(PREFIX),
            st.sampled_from(sorted(BACKENDS)),
        )
    ),
    st.just(frozenset()),
    st.sampled_from([PLAIN, NONE, ALLOW, REDIRECT]),
)
EVENTS = st.lists(st.tuples(INGRESSES | ROUTES, st.sampled_from([True, True, True, False])), min_size=1, max_size=8)
"""Objects that come or are edited (true), or go."""


def one_path(host: str, path: str, day: int, policy: str) -> tuple[Object, bool]:
    rule = Rule(host, path, PREFIX, f"s{day}")
    return Object(f"r{day}", "n", DAYS[day], (rule,), frozenset(), policy), True


@pytest.mark.long
@example(
    "ako",
    [
        one_path("a.com", "/a", 0, REDIRECT),
        one_path("a.com", "/A", 1, PLAIN),
        one_path("a.com", "/A", 2, REDIRECT),
    ],
    3,
)
@example("ako", [one_path("a.co", "", 0, PLAIN), one_path("a.com", "/a", 1, PLAIN)], 1)
@example("ako", [one_path("a.co", "", 0, PLAIN), one_path("a.com", "/a", 1, PLAIN), one_path("a.co", "/", 2, PLAIN)], 1)
@settings(max_examples=share_of(1000), suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(["ako", "kubernetes"]), EVENTS, st.integers(1, 8))
def test_every_request_is_answered_as_promised(mode: str, events: Sequence[tuple[Object, bool]], together: int) -> None:
    """Some events are taken in together; it is asked after each of these."""
    fed = world_of(mode)
    live: dict[tuple[str, str, bool], Object] = {}
    for count, (item, comes) in enumerate(events, 1):
        if comes:
            fed.apply(item.manifest)
            live[item.key] = item
        else:
            fed.delete(item.manifest)
            live.pop(item.key, None)
        if count % together == 0 or count == len(events):
            answers_as_promised(fed, mode, live)
