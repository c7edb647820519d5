"""What a Service Engine would answer, followed through the objects on a Controller."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ako.core.base.refs import AviRef
from ako.core.model import (
    CHILD,
    AviObject,
    DataScriptSet,
    HTTPPolicySet,
    L4PolicySet,
    Pool,
    PoolGroup,
    RequestRule,
    VirtualService,
    VsVip,
)
from ako.core.translate.metadata import read_metadata

Objects = Mapping[AviRef, AviObject]
Addresses = frozenset[str]

NOTHING: Addresses = frozenset()


def plain(objects: Objects, host: str, path: str) -> Addresses:
    """Give the servers of a plain HTTP request: those behind the longest label of host and path."""
    for parent in _parents(objects, host):
        group = objects.get(AviRef("poolgroup", parent.name))
        if isinstance(group, PoolGroup):
            labels = [
                m.priority_label or "" for m in group.members if f"{host}{path}".startswith(m.priority_label or "-")
            ]
            members = [m for m in group.members if labels and m.priority_label == max(labels, key=len)]
            return _servers(objects, *(member.pool_ref for member in members))
    return NOTHING


def tls(objects: Objects, host: str, path: str) -> Addresses:
    """Give the servers of a request over TLS: the SNI child's first rule that matches says which."""
    for item in objects.values():
        if isinstance(item, VirtualService) and item.vs_type == CHILD and item.vh_domain_name == (host,):
            for attached in sorted(item.http_policies or (), key=lambda attached: attached.index):
                policies = objects[attached.http_policy_set_ref]
                assert isinstance(policies, HTTPPolicySet)
                for rule in policies.http_request_policy.rules:
                    if rule.switching_action and _matches(rule, host, path):
                        return _servers(objects, rule.switching_action.pool_group_ref)
    return NOTHING


def passthrough(objects: Objects, host: str) -> Addresses:
    """Give the servers of a connection whose hello names a host: the script says which pool group."""
    for parent in _parents(objects, host):
        for attached in parent.vs_datascripts or ():
            scripts = objects[attached.vs_datascript_set_ref]
            assert isinstance(scripts, DataScriptSet)
            (script,) = scripts.datascript
            prefix = re.findall(r'"([^"]*)" \.\. string\.lower\(server\)', script.script)[0]
            renamed = dict(re.findall(r'\["([^"]*)"\]="([^"]*)"', script.script))
            group = AviRef("poolgroup", renamed.get(prefix + host, prefix + host))
            return _servers(objects, group) if group in scripts.pool_group_refs else NOTHING
    return NOTHING


def balanced(objects: Objects, service: str) -> Addresses:
    """Give the servers behind the virtual service of a Service of type LoadBalancer."""
    for item in objects.values():
        if isinstance(item, VirtualService) and service in map(str, read_metadata(item.service_metadata).owners):
            for attached in item.l4_policies or ():
                policies = objects[attached.l4_policy_set_ref]
                assert isinstance(policies, L4PolicySet)
                rules = policies.l4_connection_policy.rules
                return _servers(objects, *(rule.action.select_pool.pool_ref for rule in rules))
    return NOTHING


def _parents(objects: Objects, host: str) -> Iterator[VirtualService]:
    """Give the virtual services at the address that DNS leads to."""
    for item in objects.values():
        if isinstance(item, VirtualService) and item.vsvip_ref and item.vs_type != CHILD:
            vsvip = objects[item.vsvip_ref]
            if isinstance(vsvip, VsVip) and host in vsvip.fqdns:
                yield item


def _matches(rule: RequestRule, host: str, path: str) -> bool:
    hosts, paths = rule.match.host_hdr, rule.match.path
    if not hosts or host not in hosts.value:
        return False
    return not paths or any(path.startswith(begin) for begin in paths.match_str)


def _servers(objects: Objects, *refs: AviRef) -> Addresses:
    found: set[str] = set()
    for ref in refs:
        item = objects[ref]
        if isinstance(item, PoolGroup):
            found |= _servers(objects, *(member.pool_ref for member in item.members))
        elif isinstance(item, Pool):
            found |= {server.ip.addr for server in item.servers}
    return frozenset(found)
