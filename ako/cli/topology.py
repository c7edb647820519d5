"""Who is served by what: host → virtual service → pool → servers, read off the Avi objects, as rows and as a table.

Pure: `observe_all` reads the objects, any command may show them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from msgspec import Struct
from msgspec.structs import replace

from ako.core.base.refs import AviRef
from ako.core.model import (
    AviObject,
    DataScriptSet,
    L4PolicySet,
    Pool,
    PoolGroup,
    PoolGroupMember,
    RequestRule,
    VirtualService,
    VsVip,
    rules_in,
)
from ako.core.model.virtual_service import CHILD
from ako.core.translate.metadata import read_metadata

MOST_SERVERS = 6
"""Servers of one pool that the table lists before it only counts them."""

_HEADER = ("HOST AND PATH", "VIRTUAL SERVICE AND POOLS", "ADDRESS AND SERVERS")


class Route(Struct, frozen=True, order=True, kw_only=True):
    """What takes the requests to one path of one host, or the connections to one port.

    Attributes:
        scheme: `http`, `https`, `tls` (passed through), or the protocol of a port: `tcp`, `udp`, `sctp`.
        host: the DNS name; the address where there is none, empty for a virtual service that serves nobody.
        path: such as `/cart`, or `:5672` for a port; empty for a redirect and for nobody.
        virtual_service: its name.
        parent: the virtual service that listens for it, empty if it listens itself.
        addresses: where it listens.
        pool: the pool's name; empty where there is none.
        servers: `address:port` of the pool's servers, sorted.
        share: part of the requests in per cent; 100 unless several pools share a path.
        redirect: where clients are sent instead, such as `https`.
    """

    host: str = ""
    scheme: str = ""
    path: str = ""
    virtual_service: str
    parent: str = ""
    addresses: tuple[str, ...] = ()
    pool: str = ""
    servers: tuple[str, ...] = ()
    share: int = 100
    redirect: str = ""

    @property
    def url(self) -> str:
        """Give scheme and host as people write them."""
        return f"{self.scheme}://{self.host}" if self.host else "(no host)"


def topology(objects: Iterable[AviObject]) -> tuple[Route, ...]:
    """Give every route, ordered by host; a virtual service without any has one row of its own."""
    return tuple(sorted(_Reader({item.ref: item for item in objects}).routes()))


def as_table(routes: Iterable[Route]) -> Iterator[str]:
    """Give the lines of a table with a heading for each host; names are never cut."""
    cells = [_HEADER, *(row for _, group in groupby(routes, _heading_of) for row in _block(tuple(group)))]
    widths = [max(len(row[column]) for row in cells) for column in range(2)]
    for row in cells:
        yield "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[2]]).rstrip()


def _heading_of(route: Route) -> tuple[str, str, str]:
    return route.url, route.virtual_service, route.redirect


def _block(routes: tuple[Route, ...]) -> Iterator[tuple[str, str, str]]:
    """Give the rows of one host on one virtual service: a heading, then a row for each path and server."""
    first = routes[0]
    yield first.url, first.virtual_service, _note(first)
    for route in routes:
        if route.pool:
            share = "" if route.share == 100 else f" ({route.share} %)"
            servers = list(route.servers[:MOST_SERVERS]) or ["no servers"]
            if len(route.servers) > MOST_SERVERS:
                servers.append(f"and {len(route.servers) - MOST_SERVERS} more")
            yield f"  {route.path}{share}", route.pool, servers[0]
            yield from (("", "", server) for server in servers[1:])


def _note(route: Route) -> str:
    where = ", ".join(route.addresses) or "no address yet"
    via = f" ({route.parent})" if route.parent else ""
    aim = f", redirects to {route.redirect}" if route.redirect else ""
    return f"{where}{via}{aim}"


class _Reader:
    """Follows references; what is missing on the Controller is left out."""

    def __init__(self, objects: Mapping[AviRef, AviObject]) -> None:
        self._objects = objects

    def routes(self) -> Iterator[Route]:
        for item in self._objects.values():
            if isinstance(item, VirtualService):
                yield from self._of(item)

    def _of(self, service: VirtualService) -> Iterator[Route]:
        readers = (self._child,) if service.vs_type == CHILD else (self._labels, self._ports, self._redirects)
        base = self._base(service)
        found = [route for reader in readers for route in reader(service, base)]
        yield from found or [base]

    def _base(self, service: VirtualService) -> Route:
        parent = service.vh_parent_vs_ref
        listener = self._objects.get(parent) if parent else service
        vip = self._vsvip(listener) if isinstance(listener, VirtualService) else None
        return Route(
            virtual_service=service.name,
            parent=parent.name if parent else "",
            addresses=vip.addresses if vip else (),
        )

    def _vsvip(self, service: VirtualService) -> VsVip | None:
        found = self._objects.get(service.vsvip_ref) if service.vsvip_ref else None
        return found if isinstance(found, VsVip) else None

    def _child(self, service: VirtualService, base: Route) -> Iterator[Route]:
        """An SNI child: its HTTP policies switch each path to a pool group."""
        for host in service.vh_domain_name or ():
            for rule in self._rules(service):
                action, match = rule.switching_action, rule.match.path
                group = self._objects.get(action.pool_group_ref) if action else None
                for path in match.match_str if match else ("/",):
                    if isinstance(group, PoolGroup):
                        yield from self._members(group.members, _at(base, "https", host, path))

    def _labels(self, service: VirtualService, base: Route) -> Iterator[Route]:
        """A shared virtual service: its DataScript picks a member by its label, or a pool group by its host."""
        for attached in service.vs_datascripts or ():
            script_set = self._objects.get(attached.vs_datascript_set_ref)
            for ref in script_set.pool_group_refs if isinstance(script_set, DataScriptSet) else ():
                group = self._objects.get(ref)
                if isinstance(group, PoolGroup):
                    yield from self._labelled(group, base)

    def _labelled(self, group: PoolGroup, base: Route) -> Iterator[Route]:
        labels = dict.fromkeys(member.priority_label for member in group.members)
        for label in labels:
            if isinstance(label, str):
                host, slash, path = label.partition("/")
                those = tuple(member for member in group.members if member.priority_label == label)
                yield from self._members(those, _at(base, "http", host, slash + path))
        if any(not isinstance(member.priority_label, str) for member in group.members):
            pool = self._objects.get(group.members[0].pool_ref)
            hosts = read_metadata(pool.service_metadata).hostnames if isinstance(pool, Pool) else None
            name = hosts[0] if hosts else group.name.partition("--")[2]
            yield from self._members(group.members, _at(base, "tls", name, ""))

    def _ports(self, service: VirtualService, base: Route) -> Iterator[Route]:
        """A Service of type LoadBalancer: its L4 policies give each port a pool."""
        vip = self._vsvip(service)
        names = (*vip.fqdns, *vip.addresses) if vip else ()
        for attached in service.l4_policies or ():
            policy = self._objects.get(attached.l4_policy_set_ref)
            for rule in policy.l4_connection_policy.rules if isinstance(policy, L4PolicySet) else ():
                scheme = rule.match.protocol.protocol.rpartition("_")[2].lower()
                for port in rule.match.port.ports:
                    host = names[0] if names else service.name
                    yield self._through(rule.action.select_pool.pool_ref, _at(base, scheme, host, f":{port}"))

    def _redirects(self, service: VirtualService, base: Route) -> Iterator[Route]:
        for rule in self._rules(service):
            target, match = rule.redirect_action, rule.match.host_hdr
            if target and match:
                for host in match.value:
                    yield replace(_at(base, "http", host, ""), redirect=target.protocol.lower())

    def _rules(self, service: VirtualService) -> Iterator[RequestRule]:
        for attached in service.http_policies or ():
            yield from rules_in(self._objects.get(attached.http_policy_set_ref))

    def _members(self, members: Sequence[PoolGroupMember], base: Route) -> Iterator[Route]:
        """Those that share a path."""
        total = sum(member.ratio for member in members)
        for member in members:
            share = round(100 * member.ratio / total) if total else 0
            yield self._through(member.pool_ref, base, share)

    def _through(self, ref: AviRef, base: Route, share: int = 100) -> Route:
        pool = self._objects.get(ref)
        servers = pool.servers if isinstance(pool, Pool) else ()
        texts = tuple(sorted(_address(server.ip.addr, server.port) for server in servers))
        return replace(base, pool=ref.name, servers=texts, share=share)


def _at(base: Route, scheme: str, host: str, path: str) -> Route:
    return replace(base, scheme=scheme, host=host, path=path)


def _address(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
