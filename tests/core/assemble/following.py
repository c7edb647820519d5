"""What a Service Engine would answer to connections, followed through the objects on a Controller."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ako.core.base.refs import AviRef
from ako.core.model import (
    CHILD,
    AviObject,
    DataScriptSet,
    L4PolicySet,
    Pool,
    PoolGroup,
    VirtualService,
    VsVip,
)
from ako.core.translate.metadata import read_metadata

Objects = Mapping[AviRef, AviObject]
Addresses = frozenset[str]

NOTHING: Addresses = frozenset()


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


def _servers(objects: Objects, *refs: AviRef) -> Addresses:
    found: set[str] = set()
    for ref in refs:
        item = objects[ref]
        if isinstance(item, PoolGroup):
            found |= _servers(objects, *(member.pool_ref for member in item.members))
        elif isinstance(item, Pool):
            found |= {server.ip.addr for server in item.servers}
    return frozenset(found)
