"""What a Service Engine answers to a request, followed through the objects that are wanted. Pure.

DNS leads to a VsVip. Over TLS the SNI child of the name goes on, an exact name before a wildcard. Of a virtual service
the policy sets are asked by index, the rules of each by index, and then the script: it takes the members of the pool
group whose label is the longest prefix of what it looks up. What is not known here raises, so that nothing is passed
over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from msgspec import Struct

from ako.core.base.refs import AviRef
from ako.core.model import (
    CHILD,
    AviObject,
    DataScriptSet,
    HTTPPolicySet,
    L4PolicySet,
    Pool,
    PoolGroup,
    RequestMatch,
    RequestRule,
    VirtualService,
    VsVip,
)

Objects = Mapping[AviRef, AviObject]
T = TypeVar("T")
Answer = frozenset[str]
"""The addresses of the servers that may answer."""

NOTHING: Answer = frozenset()
TO_TLS: Answer = frozenset({"a redirect to TLS"})

_TEXTS: Mapping[str, Callable[[str, str], bool]] = {
    "EQUALS": lambda text, value: text == value,
    "BEGINS_WITH": str.startswith,
    "ENDS_WITH": str.endswith,
    "CONTAINS": lambda text, value: value in text,
}


class Request(Struct, frozen=True):
    """A request: `http` on port 80 or `https` on port 443, the name it asks for, and the path."""

    scheme: str
    host: str
    path: str

    @property
    def port(self) -> int:
        """Give the port that it comes in on."""
        return {"http": 80, "https": 443}[self.scheme]

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}{self.path}"


class DisagreementError(Exception):
    """Two policy sets of one virtual service answer one request in two ways; who is asked first is up to numbers."""


class World:
    """Objects, ready to be asked; `is_ordered` lets policy sets disagree, and asks the one of the lowest number."""

    def __init__(self, objects: Objects, *, is_ordered: bool = False) -> None:
        self._objects = objects
        self._is_ordered = is_ordered
        self._services = [item for item in objects.values() if isinstance(item, VirtualService)]
        self._vips = [item for item in objects.values() if isinstance(item, VsVip)]

    def answer(self, request: Request) -> Answer:
        """Say what is answered."""
        host = request.host.lower()
        vip = longest_name(host, ((fqdn, vip) for vip in self._vips for fqdn in vip.fqdns))
        for service in self._services:
            if vip is not None and service.vs_type != CHILD and service.vsvip_ref == vip.ref:
                ports = {port.port: port.enable_ssl for port in service.services or ()}
                if request.port in ports:
                    return self._of(self._child(service, host) if ports[request.port] else service, request)
        return NOTHING

    def connected(self, name: str, port: int, protocol: str = "PROTOCOL_TCP") -> Answer:
        """Say who answers a connection to a port of a name."""
        vips = [vip.ref for vip in self._vips if name in vip.fqdns]
        for service in self._services:
            if service.vsvip_ref not in vips or port not in {listening.port for listening in service.services or ()}:
                continue
            for entry in sorted(service.l4_policies or (), key=lambda entry: entry.index):
                policies = self._objects[entry.l4_policy_set_ref]
                assert isinstance(policies, L4PolicySet)
                for rule in sorted(policies.l4_connection_policy.rules, key=lambda rule: rule.index):
                    if port in rule.match.port.ports and rule.match.protocol.protocol == protocol:
                        return self._servers(rule.action.select_pool.pool_ref)
        return NOTHING

    def _child(self, parent: VirtualService, host: str) -> VirtualService | None:
        children = [item for item in self._services if item.vh_parent_vs_ref == parent.ref]
        return longest_name(host, ((name, child) for child in children for name in child.vh_domain_name or ()))

    def _of(self, service: VirtualService | None, request: Request) -> Answer:
        if service is None:
            return NOTHING
        attached = sorted(service.http_policies or (), key=lambda entry: entry.index)
        assert len({entry.index for entry in attached}) == len(attached), f"{service.name} has two sets of one number"
        found = [rule for entry in attached if (rule := self._first(entry.http_policy_set_ref, request)) is not None]
        answers = [self._done(rule) for rule in found]
        if len(set(answers)) > 1 and not self._is_ordered:
            raise DisagreementError(f"{request}: {', '.join(rule.name for rule in found)}")
        return answers[0] if answers else self._scripted(service, request)

    def _first(self, ref: AviRef, request: Request) -> RequestRule | None:
        policies = self._objects[ref]
        assert isinstance(policies, HTTPPolicySet)
        rules = sorted(policies.http_request_policy.rules, key=lambda rule: rule.index)
        assert [rule.index for rule in rules] == list(range(len(rules))), f"{ref!r} has rules of one number"
        assert len({rule.name for rule in rules}) == len(rules), f"{ref!r} has rules of one name"
        return next((rule for rule in rules if rule.enable and is_for(rule.match, request)), None)

    def _done(self, rule: RequestRule) -> Answer:
        if rule.redirect_action:
            assert (rule.redirect_action.protocol, rule.redirect_action.port) == ("HTTPS", 443)
            return TO_TLS
        assert rule.switching_action, f"rule {rule.name} does nothing"
        return self._servers(rule.switching_action.pool_group_ref)

    def _scripted(self, service: VirtualService, request: Request) -> Answer:
        for entry in service.vs_datascripts or ():
            scripts = self._objects[entry.vs_datascript_set_ref]
            assert isinstance(scripts, DataScriptSet)
            (script,) = scripts.datascript
            folds_path = 'string.lower(host .. "/" .. path)' in script.script
            assert folds_path or 'string.lower(host) .. "/" .. path' in script.script, "the script is another one"
            path = request.path.lower() if folds_path else request.path
            (group,) = scripts.pool_group_refs
            return self._labelled(group, request.host.lower() + path)
        return NOTHING

    def _labelled(self, ref: AviRef, text: str) -> Answer:
        group = self._objects[ref]
        assert isinstance(group, PoolGroup)
        labels = [str(member.priority_label) for member in group.members if text.startswith(str(member.priority_label))]
        longest = max(labels, key=len, default=None)
        members = [member.pool_ref for member in group.members if member.priority_label == longest]
        return frozenset().union(*(self._servers(pool) for pool in members)) if longest is not None else NOTHING

    def _servers(self, ref: AviRef) -> Answer:
        item = self._objects[ref]
        if isinstance(item, PoolGroup):
            return frozenset().union(*(self._servers(member.pool_ref) for member in item.members))
        assert isinstance(item, Pool)
        return frozenset(server.ip.addr for server in item.servers)


def longest_name(host: str, named: Iterable[tuple[str, T]]) -> T | None:
    """Give what has a name, else what has the longest domain above it as a wildcard; None if nothing has."""

    def fitting() -> Iterator[tuple[bool, int, T]]:
        for name, item in named:
            if name == host or (name.startswith("*.") and host.endswith(name[1:])):
                yield name == host, len(name), item

    return max(fitting(), key=lambda one: one[:2], default=(False, 0, None))[2]


def is_for(match: RequestMatch, request: Request) -> bool:
    """Say whether all parts of a match fit a request."""
    host = request.host.lower()
    if match.host_hdr and not _fits(match.host_hdr.match_criteria, "HDR_", host, match.host_hdr.value, folds=True):
        return False
    if match.path:
        folds = {"SENSITIVE": False, "INSENSITIVE": True}[match.path.match_case]
        if not _fits(match.path.match_criteria, "", request.path, match.path.match_str, folds=folds):
            return False
    if match.vs_port:
        assert match.vs_port.match_criteria == "IS_IN"
        if request.port not in match.vs_port.ports:
            return False
    for header in match.hdrs or ():
        assert header.hdr == "Host", f"header {header.hdr} is not asked for here"
        if not _fits(header.match_criteria, "HDR_", host, header.value, folds=header.match_case == "INSENSITIVE"):
            return False
    return True


_DENIED = {"DOES_NOT_EQUAL": "EQUALS", "DOES_NOT_END_WITH": "ENDS_WITH", "DOES_NOT_BEGIN_WITH": "BEGINS_WITH"}


def _fits(criteria: str, prefix: str, text: str, values: Iterable[str], *, folds: bool) -> bool:
    name = criteria.removeprefix(prefix)
    compare = _TEXTS[_DENIED.get(name, name)]
    is_one = any(compare(*((text.lower(), value.lower()) if folds else (text, value))) for value in values)
    return is_one is (name not in _DENIED)
