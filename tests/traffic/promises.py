"""A cluster → what its clients must get.

A judge of the product: it reads the objects and the decisions about them, and nothing of the product's code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tests.traffic.answers import Found, Host, row
from tests.traffic.asking import Asked
from tests.traffic.balancers import STRANGERS, balancer_promises
from tests.traffic.claims import WILDCARD, Claim, World, covers, first_namespace_only
from tests.traffic.ingresses import ingress_claims
from tests.traffic.promise import NO_ROW, NOBODY, Promise
from tests.traffic.reading import Cluster, Setup, Thing, Who, status_addresses
from tests.traffic.routes import route_claims
from tests.traffic.servers import servers

UNKNOWN_LABEL = "nobody-has-this-name"
NOTHING_HERE = "/nothing-here"


def promises(cluster: Sequence[Thing], config: Mapping[str, Any], domains: Sequence[str] = ()) -> list[Promise]:
    """Say what clients must get.

    Args:
        cluster: objects as an API server gives them.
        config: helm values.
        domains: the DNS domains of the Avi cloud; none serve any host.

    Returns:
        Requests with what must answer, each request once.
    """
    if str((config.get("AKOSettings") or {}).get("deleteConfig", "")).lower() == "true":
        return []
    world = World(Cluster(cluster), Setup(config, tuple(domains)))
    ours, theirs = (claims_of(world, who) for who in Who)
    hosts = {one.host: None for one in ours}
    found = [promise for host in hosts for promise in _of_host(host, ours, theirs, world)]
    found += balancer_promises(world, frozenset(one.host for one in ours if not one.refused))
    once = {promise.asked: promise for promise in reversed(found)}
    return [_with_others(one, ours, world) for one in reversed(once.values())]


def claims_of(world: World, who: Who) -> list[Claim]:
    """Give what all source objects ask for."""
    claims = [*ingress_claims(world, who), *route_claims(world, who)]
    is_strict = world.setup.value("L7Settings", "fqdnReusePolicy").lower() == "strict"
    return first_namespace_only(claims) if is_strict else claims


def _of_host(pattern: str, ours: list[Claim], theirs: list[Claim], world: World) -> Iterator[Promise]:
    name = pattern.replace("*", "any-name", 1) if pattern.startswith(WILDCARD) else pattern
    here, there = Host.of(name, ours, world, Who.OURS), Host.of(name, theirs, world, Who.THEIRS)
    table = _Answers(here, there, _address(name, world.cluster), is_known=pattern == name and not there.is_mixed)
    for path in _telling_paths(pattern, ours):
        yield table.plain(Asked(name, "http", path, port=80))
        yield table.secure(Asked(name, "https", path, port=443))
    if here.claims:
        yield from _other_ways(table, _first_path(here))
        yield from _other_names(table, ours)


class _Answers:
    """What the two say of one host."""

    def __init__(self, here: Host, there: Host, address: str, *, is_known: bool) -> None:
        self.here, self.there = here, there
        self._address, self._is_known = address, is_known

    def plain(self, asked: Asked, what: str = "") -> Promise:
        """Promise something about a request to port 80."""
        return self._promise(asked, self.here.port_80(asked.path), self.there.port_80(asked.path), what)

    def secure(self, asked: Asked, what: str = "") -> Promise:
        """Promise something about a request to port 443."""
        return self._promise(asked, self.here.port_443(asked.path), self.there.port_443(asked.path), what)

    def nobody(self, asked: Asked, what: str) -> Promise:
        """Promise that no virtual service serves a request."""
        return Promise(asked, NOBODY, NOBODY, f"{self.here.asked}: {what}", address=self._address)

    def _promise(self, asked: Asked, ours: Found, theirs: Found, what: str) -> Promise:
        decision = row(ours, theirs, self.here, self.there) if self._is_known else NO_ROW
        reason = ours.claims[0].rule if ours.claims else self._why_not(ours)
        expected = theirs.expected if self._is_known else None
        text = f"{reason}{', ' if what else ''}{what}"
        return Promise(asked, ours.expected, expected, text, decision, address=self._address)

    def _why_not(self, ours: Found) -> str:
        host = self.here
        if not host.claims:
            refused = "; ".join(sorted({f"{one.source}: {one.refused}" for one in host.refused}))
            return f"{host.asked}: {refused}"
        return f"{host.asked}: {'no path matches' if ours.expected.statuses == {404} else 'not served so'}"


def _telling_paths(pattern: str, claims: list[Claim]) -> list[str]:
    """Give paths at which two readings of the rules of a host would show."""
    paths = ["/", NOTHING_HERE, f"{NOTHING_HERE}/"]
    for path in (one.path for one in claims if one.host == pattern):
        base = path.rstrip("/")
        paths += [
            path or "/",
            base or "/",
            f"{base}/",
            f"{base}/x",
            f"{base or '/'}x",
            path.upper() or "/",
            f"/x{base}",
        ]
    return list(dict.fromkeys(paths))


def _first_path(here: Host) -> str:
    return next((one.path for one in here.claims if one.path), "/")


def _other_ways(table: _Answers, path: str) -> Iterator[Promise]:
    """Ask the same in other words."""
    name = table.here.asked
    yield table.plain(Asked(name, "http", path, port=80, client=STRANGERS[0]), "another client")
    yield table.plain(Asked(name, "http", path, "POST", port=80), "another method")
    yield table.plain(Asked(name, "http", f"{path}?a=b&c=%2F", port=80), "with a query")
    if not table.here.port_80(path).expected.location and not table.there.port_80(path).expected.location:
        for host in (name.upper(), f"{name}:80"):
            asked = Asked(name, "http", path, headers=(("Host", host),), port=80)
            yield table.plain(asked, "host written in another way")
    if table.here.has_edge or table.here.is_passed:
        yield table.secure(Asked(name, "https", path, port=443, client=STRANGERS[0]), "another client")
        yield table.nobody(Asked(name, "https", path, port=443, sni=""), "a hello without a name")


def _other_names(table: _Answers, claims: list[Claim]) -> Iterator[Promise]:
    """Ask the address of a host for names that nobody has."""
    name = table.here.asked
    domain = name.partition(".")[2] or name
    strangers = [f"{UNKNOWN_LABEL}.{domain}", f"{UNKNOWN_LABEL}.{name}", f"{name}.{UNKNOWN_LABEL}.{domain}"]
    for stranger in strangers:
        if any(covers(one.host, stranger) or stranger.endswith(one.host[1:]) for one in _wild(claims)):
            continue
        asked = Asked(name, "http", _first_path(table.here), headers=(("Host", stranger),), port=80)
        found = table.nobody(asked, f"nobody has {stranger}")
        has_bare_label = any(not one.path and one.is_plain for one in table.there.claims)
        # The label `foo.com` alone may be taken for a prefix of `foo.com.other` too: at the address of foo.com only
        # its owner can be reached in that way.
        is_doubtful = stranger.startswith(name) and has_bare_label
        yield _or_itself(found, table) if is_doubtful else found
        if table.here.has_edge or table.here.is_passed:
            asked = replace(asked, scheme="https", port=443, sni=stranger)
            yield table.nobody(asked, f"nobody has {stranger}")


def _or_itself(promise: Promise, table: _Answers) -> Promise:
    """Let the host itself answer what was asked in a longer name."""
    own = table.here.port_80(promise.asked.path).expected
    ours = replace(promise.ours, servers=own.servers, statuses=promise.ours.statuses | own.statuses)
    return replace(promise, ours=ours, theirs=None, decision=NO_ROW)


def _wild(claims: list[Claim]) -> list[Claim]:
    return [one for one in claims if one.host.startswith(WILDCARD)]


def _address(host: str, cluster: Cluster) -> str:
    """Give where a status says that a host is."""
    things = [*cluster.of("Ingress"), *cluster.of("Route")]
    return next((found for thing in things for its, found in status_addresses(thing) if its == host), "")


def _with_others(promise: Promise, claims: list[Claim], world: World) -> Promise:
    """Name the other rules that the same servers stand behind."""
    if not promise.ours.servers:
        return promise
    others = tuple(
        one.rule
        for one in claims
        if not promise.reason.startswith(one.rule)
        and any(servers(its, world.cluster, world.setup, Who.OURS) & promise.ours.servers for its in one.backends)
    )
    return replace(promise, ambiguous_with=others)
