"""Kubernetes objects a schedule plays with: few enough names that everything meets everything."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from tests.builders import Manifest, certificate_for, endpoints, ingress, secret, service
from tests.campaign.flavour import Flavour
from tests.plugins.clusterip_routes.worlds import node
from tests.plugins.openshift_route.worlds import edge, passthrough, route

Key = tuple[str, str, str]
"""Kind, namespace and name of an object."""

Content = Mapping[Key, Manifest]

HOSTS = ("foo.com", "bar.com", "xyz.com", "noo.com", "shop.com", "bank.com")
PATHS = ("/", "/foo", "/bar")
INGRESSES = ("i1", "i2", "i3", "i4", "i5")
ROUTES = ("r1", "r2", "r3", "r4", "r5")
SERVICES = ("s1", "s2", "s3")
SECRETS = ("t1", "t2")
CERTIFICATES = ("one.com", "two.com", "three.com")
NODES = ("n1", "n2", "n3")
BALANCERS = ("l1", "l2")
NAMES = (*HOSTS[:3], "one.net", "two.net")
"""DNS names that Services ask for: some are those of hosts."""

HOSTNAME = "external-dns.alpha.kubernetes.io/hostname"

_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def key_of(manifest: Manifest) -> Key:
    """Give what tells an object from all others."""
    metadata = manifest["metadata"]
    return (manifest["kind"], metadata.get("namespace", ""), metadata["name"])


def dated(manifest: Manifest, number: int, known: Manifest | None) -> Manifest:
    """Give an object its age: that of the one it replaces, else by its number in the schedule."""
    stamp = (_BEGIN + timedelta(seconds=number)).strftime("%Y-%m-%dT%H:%M:%SZ")
    if known is not None:
        stamp = known["metadata"]["creationTimestamp"]
    return {**manifest, "metadata": {**manifest["metadata"], "creationTimestamp": stamp}}


def told(manifest: Manifest) -> str:
    """Tell an object in a line."""
    text = msgspec.json.encode(manifest.get("spec") or {k: v for k, v in manifest.items() if k != "metadata"}).decode()
    if manifest["kind"] == "Secret":
        text = next(
            (host for host in CERTIFICATES if certificate_for(host)[0] == manifest["stringData"]["tls.crt"]), "?"
        )
    if manifest["kind"] == "Route" and "certificate" in (tls := manifest["spec"].get("tls", {})):
        short = {key: value for key, value in tls.items() if not value.startswith("-----")}
        text = msgspec.json.encode({**manifest["spec"], "tls": short}).decode()
    if manifest["kind"] == "Ingress":
        text = ", ".join(_rules(manifest))
    return "/".join(filter(None, key_of(manifest))) + ": " + text


def _rules(manifest: Manifest) -> Iterator[str]:
    for rule in manifest["spec"]["rules"]:
        for path in rule["http"]["paths"]:
            where = f"{path['pathType']} {rule['host']}{path['path']}"
            yield f"{where} -> {path['backend']['service']['name']}"
    for section in manifest["spec"]["tls"]:
        yield f"{section['hosts'][0]} with {section['secretName']}"


def any_manifest(rng: random.Random, flavour: Flavour) -> Manifest:
    """Make an object, new or in place of one there is."""
    makers = [_ingress, _ingress, _ingress, _endpoints, _endpoints, _service, _secret, _node, _balancer]
    if flavour.routes:
        makers += 4 * [_route]
    return _reachable(rng, rng.choice(makers)(rng), flavour)


def first_content(rng: random.Random, flavour: Flavour) -> list[Manifest]:
    """Make what is there at the start."""
    services = [item for name in SERVICES[:2] for item in (service(name), endpoints(name, "10.0.0.1"))]
    routes = [_route(rng), _route(rng)] if flavour.routes else []
    made = [*services, _secret(rng), _ingress(rng), _ingress(rng), _node(rng), *routes]
    return [_reachable(rng, manifest, flavour) for manifest in made]


def _reachable(rng: random.Random, manifest: Manifest, flavour: Flavour) -> Manifest:
    """Give a Service node ports where pods are reached through them, now and then others."""
    if not flavour.node_ports or manifest["kind"] != "Service":
        return manifest
    spec = manifest["spec"]
    first = 30000 + 10 * (*SERVICES, *BALANCERS).index(manifest["metadata"]["name"]) + rng.randrange(2)
    ports = [{**port, "nodePort": first} for port in spec["ports"]]
    kind = "NodePort" if spec["type"] == "ClusterIP" else spec["type"]
    return {**manifest, "spec": {**spec, "type": kind, "ports": ports}}


def _route(rng: random.Random) -> Manifest:
    host = rng.choice(HOSTS)
    names = rng.sample(SERVICES, rng.choice((1, 1, 2)))
    targets = [f"{name}={rng.choice((0, 10, 100))}" for name in names]
    policy = rng.choice((None, "None", "Allow", "Redirect"))
    certified = rng.choice(CERTIFICATES)
    tls = (
        None,
        passthrough(policy),
        edge(certified, policy),
        edge(certified, policy, "reencrypt", destinationCACertificate=certificate_for(certified)[0]),
    )
    path = {} if rng.random() < 0.5 else {"path": rng.choice(PATHS)}
    chosen = rng.choice(tls)
    if chosen and chosen["termination"] == "passthrough":
        path = {}  # the API takes no passthrough Route with a path
    return route(rng.choice(ROUTES), host, *targets, tls=chosen, **path)


def _ingress(rng: random.Random) -> Manifest:
    hosts = rng.sample(HOSTS, rng.choice((1, 1, 2)))
    rules = [
        (host, path, f"{rng.choice(SERVICES)}:80")
        for host in hosts
        for path in rng.sample(PATHS, rng.choice((1, 1, 2)))
    ]
    tls = {host: rng.choice(SECRETS) for host in hosts if rng.random() < 0.4}
    made = ingress(rng.choice(INGRESSES), *rules, tls=tls)
    for rule in made["spec"]["rules"]:
        for path in rule["http"]["paths"]:
            path["pathType"] = rng.choice(("Prefix", "Prefix", "Exact", "ImplementationSpecific"))
    return made


def _service(rng: random.Random) -> Manifest:
    return service(rng.choice(SERVICES))


def _endpoints(rng: random.Random) -> Manifest:
    name = rng.choice((*SERVICES, *BALANCERS))
    return endpoints(name, *(f"10.0.{rng.randrange(3)}.{last}" for last in rng.sample(range(1, 20), rng.randrange(4))))


def _secret(rng: random.Random) -> Manifest:
    return secret(rng.choice(SECRETS), *certificate_for(rng.choice(CERTIFICATES)))


def _node(rng: random.Random) -> Manifest:
    number = rng.randrange(len(NODES))  # its pod network is a node's for life
    return node(NODES[number], f"10.244.{number}.0/24", addresses=(f"10.1.0.{rng.randrange(1, 4)}",))


def _balancer(rng: random.Random) -> Manifest:
    made = service(rng.choice(BALANCERS), rng.choice((80, 81)), type="LoadBalancer")
    names = rng.sample(NAMES, rng.randrange(3))
    return {**made, "metadata": {**made["metadata"], "annotations": {HOSTNAME: ",".join(names)}}} if names else made
