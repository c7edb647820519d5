"""Who has on the Controller what only one can have, and claims without an age ask for: a name, an address, a port."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

from ako.core.assemble.names import Needed, Reserved
from ako.core.assemble.pipeline import LIVE, Pipeline
from ako.core.assemble.tree import NO_ROOM
from ako.core.base.refs import TreeName
from ako.core.hooks.claims import HostClaim, HostKey, PortClaim, has_no_age, is_ageless
from ako.core.hooks.object_names import object_names
from ako.core.model import Pool, VirtualService, VsVip
from ako.core.observe.observed import Observed
from ako.core.observe.served import owners_of, tree_of
from ako.core.settle.held import HELD, Claimant, SharedPort
from ako.core.settle.rivals import Address, DnsName
from ako.core.translate.metadata import read_metadata

Dispute = tuple[Hashable, Sequence[Claimant]]
"""What is asked for, and who asks."""


def assign_holders(pipeline: Pipeline, observed: Observed, key: HostKey) -> bool:
    """Say of what is asked for under a key, by several of whom one has no age, who has it; say whether that is news."""
    is_news = False
    for what, asking in (*_disputes(pipeline, key), *_contests(pipeline, key)):
        if len(asking) > 1 and any(has_no_age(one.created) for one in asking):
            held = frozenset(one.source for one in asking if _has(observed, what, one))
            is_news |= pipeline.engine.inputs.get((HELD, what), frozenset()) != held
            pipeline.engine.set_input(HELD, held, what)
    return is_news


def assign_live(pipeline: Pipeline, observed: Observed, name: TreeName) -> bool:
    """Say of a tree that has not room for all its hosts which are live on it; say whether that is news."""
    tree = pipeline.trees.value(name)
    if tree is None or not any(problem.reason == NO_ROOM for problem in tree.problems):
        return False
    if not any(placed.is_newcomer(frozenset()) for placed in tree.hosts):
        return False  # all have an age
    vsvip = observed.vsvip(name)
    live = frozenset(vsvip.fqdns if vsvip is not None else ())
    is_news: bool = pipeline.engine.inputs.get((LIVE, name), frozenset()) != live
    pipeline.engine.set_input(LIVE, live, name)
    return is_news


def _disputes(pipeline: Pipeline, key: HostKey) -> Iterator[Dispute]:
    """Give what claims of a key ask for that others may ask for too."""
    claims = pipeline.claims
    filed = claims.group(key)
    names = [key] if isinstance(key, str) else [fqdn for claim in filed for fqdn in claim.fqdns]
    for name in dict.fromkeys(names):
        if rivals := claims.group(DnsName(name)):
            yield DnsName(name), (*claims.group(name), *rivals)
    if isinstance(key, str):
        return
    for address in dict.fromkeys(claim.address for claim in filed if claim.address):
        yield Address(address), claims.group(Address(address))
    if len(filed) > 1:
        yield key, [claim for claim in filed if claim.address]
        for port in dict.fromkeys(port for claim in filed for port in _ports(claim)):
            yield port, [claim for claim in filed if port in _ports(claim)]


def _contests(pipeline: Pipeline, key: HostKey) -> Iterator[Dispute]:
    """Give the names of Avi objects that hosts need of which this one has no age, and who needs them."""
    model = pipeline.hosts.value(key)
    if model is None or not any(map(is_ageless, model.virtual_host.claims)):
        return
    for needed in map(Needed, model.names):
        if pipeline.hosts.size(needed) > 1:
            keys = (found for found in pipeline.hosts.group(needed) if not isinstance(found, Reserved))
            models = map(pipeline.hosts.value, keys)
            yield needed, [object_names(found)[needed.name].claim for found in models if found is not None]


def _ports(claim: PortClaim) -> list[SharedPort]:
    return [SharedPort(claim.key, port.number, port.backend.protocol) for port in claim.ports]


def _has(observed: Observed, what: Hashable, one: Claimant) -> bool:
    """Say whether who asks for something has it, by what is written on the objects that are there for it."""
    owner = one.source.namespaced_name
    mine = [seen.object for ref in observed.owned_by(owner) if (seen := observed.get(ref)) is not None]
    if isinstance(what, Needed):  # of a policy set, only who refers to it says whose it is
        return any(what.name in {item.name, *(ref.name for ref in item.references())} for item in mine)
    if isinstance(one, HostClaim):
        pools = (observed.get(ref) for ref in observed.serving(one.host))
        return any(seen is not None and owner in owners_of(seen.object) for seen in pools)
    if isinstance(what, SharedPort):
        end = f"-{what.protocol}-{what.number}"
        return any(isinstance(item, Pool) and item.name.endswith(end) for item in mine)
    vsvips = [
        vsvip
        for item in mine
        if isinstance(item, VirtualService) and read_metadata(item.service_metadata).namespace_svc_name
        if (vsvip := observed.vsvip(tree_of(item))) is not None
    ]
    return any(_leads_there(vsvip, what, one) for vsvip in vsvips)


def _leads_there(vsvip: VsVip, what: Hashable, one: Claimant) -> bool:
    if isinstance(what, DnsName):
        return what.name in vsvip.fqdns
    address = what.text if isinstance(what, Address) else getattr(one, "address", "")
    return address in vsvip.addresses
