"""What could not be read takes nothing away. Pure.

While something is unknown and never was known, the plan is additive for everything that it could own: no delete, and no
update that takes an entry away. Lists become desired ∪ observed, until the unknown is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

from msgspec import Struct
from msgspec.structs import replace as replace_struct

from ako.core.assemble.doubt import Doubt
from ako.core.base.refs import AviRef, NamespacedName, TreeName
from ako.core.model import (
    CHILD,
    MAX_DNS_NAMES,
    AttachedDataScriptSet,
    AttachedL4PolicySet,
    AttachedPolicySet,
    AviObject,
    ConnectionPolicy,
    ConnectionRule,
    DnsInfo,
    ForeignObject,
    HTTPPolicySet,
    L4PolicySet,
    Pool,
    PoolGroup,
    PoolGroupMember,
    PoolServer,
    RequestRule,
    SecurityRule,
    SSLKeyAndCertificate,
    VirtualService,
    VsVip,
    in_order,
    rules_in,
)
from ako.core.observe.observed import Observed, ObservedObject
from ako.core.observe.served import hosts_of
from ako.core.plan.homes import Homes
from ako.core.plan.plan import Desired, Seen, replace_fields
from ako.core.plan.proposal import Proposal
from ako.core.plan.reaching import is_for, kept_for, surroundings
from ako.core.translate.metadata import read_metadata

Entry = object


class Protection(Struct, frozen=True):
    """What must not be taken away.

    Attributes:
        everything: something is unknown that could own anything.
        owners: objects that could not be read; what was made for them says so in its metadata.
        hosts: hosts that could not be worked out.
        claims: what objects claim of hosts and could not be judged; of a host that several objects share, only the
            pools are each one's own, and lead to all that they are reached by.
        trees: trees that could not be worked out: all that is there of them.
        refs: these very objects.
        led_to: what leads to these objects; they may change.
        named: what names these hosts, whatever becomes of their objects.
    """

    everything: bool = False
    owners: frozenset[NamespacedName] = frozenset()
    hosts: frozenset[str] = frozenset()
    claims: frozenset[tuple[NamespacedName, str]] = frozenset()
    trees: frozenset[TreeName] = frozenset()
    refs: frozenset[AviRef] = frozenset()
    led_to: frozenset[AviRef] = frozenset()
    named: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return self != Protection()

    def __or__(self, other: Protection) -> Protection:
        return Protection(
            self.everything or other.everything,
            self.owners | other.owners,
            self.hosts | other.hosts,
            self.claims | other.claims,
            self.trees | other.trees,
            self.refs | other.refs,
            self.led_to | other.led_to,
            self.named | other.named,
        )

    def is_within(self, other: Protection) -> bool:
        """Say whether all that this protects is protected by another too."""
        return other.everything or (self | other) == other

    def covers(self, item: AviObject) -> bool:
        """Say whether an object may belong to something unknown."""
        if self.everything or item.ref in self.refs:
            return True
        if not isinstance(item, (Pool, VirtualService)):
            return False
        metadata = read_metadata(item.service_metadata)
        owners, hosts = metadata.owners, metadata.hostnames or ()
        if not self.owners.isdisjoint(owners) or not self.hosts.isdisjoint(hosts):
            return True
        return isinstance(item, Pool) and any((owner, host) in self.claims for owner in owners for host in hosts)


def protection_for(doubts: Iterable[Doubt]) -> Protection:
    """Give what a set of doubts may own."""
    listed = tuple(doubts)
    return Protection(
        everything=any(doubt.source is None and not (doubt.host or doubt.tree) for doubt in listed),
        owners=frozenset(doubt.source.namespaced_name for doubt in listed if doubt.source and not doubt.host),
        hosts=frozenset(doubt.host for doubt in listed if doubt.host and not doubt.source),
        claims=frozenset((doubt.source.namespaced_name, doubt.host) for doubt in listed if doubt.source and doubt.host),
        trees=frozenset(doubt.tree for doubt in listed if doubt.tree),
    )


def protection_against(losses: Iterable[ObservedObject]) -> Protection:
    """Give what keeps objects that would go, and what their hosts are reached by."""
    doomed = tuple(seen.object for seen in losses)
    return Protection(
        hosts=frozenset(host for item in doomed for host in hosts_of(item)),
        refs=frozenset(item.ref for item in doomed),
    )


class Protected:
    """A policy: what is not known takes nothing away.

    Args:
        observed: what is on the Controller.
        homes: the trees of its objects.

    Attributes:
        protection: what must not be taken away.
    """

    def __init__(self, observed: Observed, homes: Homes) -> None:
        self.protection = Protection()
        self._observed = observed
        self._homes = homes

    def scope(self, trees: frozenset[TreeName], desired: Desired) -> Set[AviRef]:
        """Give what is protected in some trees, and what is around that."""
        if not self.protection:
            return frozenset()
        if self.protection.everything:
            return {*desired, *(ref for ref in self._observed if self._homes.tree_for(ref) in trees)}
        covered = {ref for ref in self._covered() if self._homes.tree_for(ref) in trees}
        if not covered:
            return frozenset()
        return surroundings(trees, covered, desired, self._observed)

    def apply(self, proposals: Sequence[Proposal]) -> Sequence[Proposal]:
        """Take nothing away that is protected."""
        if not self.protection:
            return proposals
        protected = {self._homes.tree_for(ref) for ref in self._covered()}
        protection = replace_struct(self.protection, refs=self.protection.refs | self._of_trees())
        return [
            p.wanting(hold_back(p.desired, p.observed, protection))
            if protection.everything or not protected.isdisjoint(p.trees)
            else p
            for p in proposals
        ]

    def _covered(self) -> set[AviRef]:
        """Give what is protected by what is written on it or by its tree, and who holds the names of hosts."""
        hosts = (self._observed.serving(host) for host in self.protection.hosts)
        holders = {found for host in self.protection.hosts if (found := self._observed.holder(host)) is not None}
        owners = (self._observed.owned_by(owner) for owner in self.protection.owners)
        claims = (self._observed.pools_of(owner, host) for owner, host in self.protection.claims)
        all_of_them = (*hosts, holders, *owners, *claims, self._of_trees(), self.protection.refs)
        return {ref for refs in all_of_them for ref in refs}

    def _of_trees(self) -> set[AviRef]:
        return {ref for tree in self.protection.trees for ref in self._homes.objects_of(tree)}


def hold_back(desired: Desired, observed: Seen, protection: Protection) -> dict[AviRef, AviObject]:
    """Give a desired state that takes nothing protected away from what is observed."""
    if not protection:
        return dict(desired)
    protected = {ref for ref, seen in observed.items() if protection.covers(seen.object)}
    services = [item for ref in protected if isinstance(item := observed[ref].object, VirtualService)]
    protected |= {guard for item in services if (guard := item.guard) and guard in observed}
    hosts = protection.hosts | protection.named | {h for ref in protected for h in hosts_of(observed[ref].object)}
    protected |= set(_beside_redirects(desired, observed, hosts))
    redirects = {item.ref: item for item in _kept_redirects(desired, observed, hosts) if item.ref not in protected}
    kept = kept_for(protected, redirects, hosts, desired, observed)
    leads = kept.keys() | protection.led_to
    result = {**desired, **{ref: item for ref, item in kept.items() if ref not in desired}}
    for ref, wanted in desired.items():
        seen = observed.get(ref)
        if seen is not None and wanted is not seen.object and not isinstance(wanted, ForeignObject):
            keeps = _anything if ref in protected else lambda entry: _mentions(entry, leads, hosts)
            result[ref] = _with_kept(wanted, seen.object, keeps)
    for ref in [ref for ref, item in result.items() if isinstance(item, VirtualService) and item.vs_type == CHILD]:
        _with_one_order(result, ref, kept.keys() - desired.keys())
    return {ref: _with_names_free(item, result, observed) for ref, item in result.items()}


def _with_one_order(desired: dict[AviRef, AviObject], child: AviRef, kept: Set[AviRef]) -> None:
    """Put rules that stay on a child in a policy set that nobody wants into the one that is wanted: order is there."""
    service = desired[child]
    attached = service.http_policies if isinstance(service, VirtualService) else None
    left = tuple(entry for entry in attached or () if entry.http_policy_set_ref not in kept)
    refs = [entry.http_policy_set_ref for entry in attached or () if entry not in left]
    target = next((item for e in left if isinstance(item := desired.get(e.http_policy_set_ref), HTTPPolicySet)), None)
    if not refs or target is None:
        return
    policies = [item for ref in refs if isinstance(item := desired.pop(ref, None), HTTPPolicySet)]
    rules = {rule.name: rule for item in (*policies, target) for rule in item.rules}
    desired[target.ref] = target.with_rules(in_order(rules.values()))
    desired[child] = replace_fields(service, {"http_policies": left})


def _with_names_free(item: AviObject, desired: Desired, observed: Seen) -> AviObject:
    """Leave out DNS names that another VsVip has and keeps, and new ones for which what is kept leaves no room."""
    if not isinstance(item, VsVip):
        return item
    held = {
        fqdn
        for ref, seen in observed.items()
        if ref != item.ref and isinstance(seen.object, VsVip) and isinstance(kept := desired.get(ref), VsVip)
        for fqdn in frozenset(seen.object.fqdns) & frozenset(kept.fqdns)
    }
    names = tuple(info for info in item.dns_info if info.fqdn not in held)
    if len(names) > MAX_DNS_NAMES:
        before = observed[item.ref].object if item.ref in observed else None
        there = frozenset(before.fqdns if isinstance(before, VsVip) else ())
        new = [info for info in names if info.fqdn not in there]
        late = frozenset(new[max(0, MAX_DNS_NAMES - len(names) + len(new)) :])
        names = tuple(info for info in names if info not in late)
    return item if len(names) == len(item.dns_info) else replace_fields(item, {"dns_info": names})


def _kept_redirects(desired: Desired, observed: Seen, hosts: Set[str]) -> Iterator[HTTPPolicySet]:
    """Give the policy sets with redirects that nobody wants any more, as far as these are for hosts to be kept."""
    for ref, seen in observed.items():
        if ref in desired or not isinstance(seen.object, HTTPPolicySet):
            continue
        kept = (rule.only_for(hosts.__contains__) if rule.redirect_action else rule for rule in seen.object.rules)
        rules = [rule for rule in kept if rule]
        if any(rule.redirect_action for rule in rules):
            yield seen.object.with_rules(rules)


def _beside_redirects(desired: Desired, observed: Seen, hosts: Set[str]) -> Iterator[AviRef]:
    """Give the pool groups of wanted pools that only rules lead past a redirect of a host that must be kept."""
    for seen in observed.values():
        rules = [rule for rule in rules_in(seen.object) if is_for(rule, hosts)]
        if any(rule.redirect_action and rule.match.path for rule in rules):
            groups = (rule.switching_action.pool_group_ref for rule in rules if rule.switching_action)
            for ref in groups:
                group = observed[ref].object if ref in observed else None
                if isinstance(group, PoolGroup) and any(member.pool_ref in desired for member in group.members):
                    yield ref


def _anything(_: Entry) -> bool:
    return True


def _mentions(entry: Entry, refs: Set[AviRef], hosts: Set[str]) -> bool:
    if isinstance(entry, AviRef):
        return entry in refs
    if isinstance(entry, str):
        return entry in hosts
    if isinstance(entry, tuple):
        return any(_mentions(item, refs, hosts) for item in entry)
    if isinstance(entry, Struct):
        return any(_mentions(getattr(entry, name), refs, hosts) for name in entry.__struct_fields__)
    return False


def _with_kept(wanted: AviObject, seen: AviObject, keeps: Callable[[Entry], bool]) -> AviObject:
    """Add the entries that are observed, not desired, and must be kept."""
    if isinstance(seen, SSLKeyAndCertificate):
        return seen if keeps is _anything else wanted
    if isinstance(wanted, HTTPPolicySet) and isinstance(seen, HTTPPolicySet):
        return _with_kept_rules(wanted, seen, keeps)
    if isinstance(wanted, L4PolicySet) and isinstance(seen, L4PolicySet):
        rules = _with_kept_entries(wanted.l4_connection_policy.rules, seen.l4_connection_policy.rules, keeps)
        return replace_struct(wanted, l4_connection_policy=ConnectionPolicy(rules))
    fields: dict[str, Any] = {}
    if keeps is _anything and (metadata := getattr(seen, "service_metadata", None)):
        # It says who the owners are, and must still do so at the next start.
        fields["service_metadata"] = metadata
    if keeps is _anything and isinstance(wanted, VirtualService) and isinstance(seen, VirtualService):
        fields |= {} if wanted.guard or not seen.guard else {"network_security_policy_ref": seen.guard}
    for name in wanted.__struct_fields__:
        new, old = getattr(wanted, name), getattr(seen, name)
        if isinstance(new, tuple) and isinstance(old, tuple):
            entries = _with_kept_entries(new, old, keeps)
            if entries is not new:
                fields[name] = entries
    return replace_fields(wanted, fields) if fields else wanted


def _with_kept_entries(new: tuple[Any, ...], old: tuple[Any, ...], keeps: Callable[[Entry], bool]) -> tuple[Any, ...]:
    there = frozenset(new)
    left = [entry for entry in old if entry not in there]  # of a long list little changes
    names = {_identity(entry) for entry in new} if left else frozenset()
    extra = [entry for entry in left if _identity(entry) not in names and keeps(entry)]
    return _renumbered((*new, *extra)) if extra else new


def _identity(entry: Entry) -> object:
    """Give what makes two entries of a list the same one."""
    if isinstance(entry, PoolGroupMember):
        return (entry.pool_ref, entry.priority_label)
    if isinstance(entry, PoolServer):
        return (entry.ip, entry.port)
    if isinstance(entry, AttachedPolicySet):
        return entry.http_policy_set_ref
    if isinstance(entry, AttachedDataScriptSet):
        return entry.vs_datascript_set_ref
    if isinstance(entry, AttachedL4PolicySet):
        return entry.l4_policy_set_ref
    if isinstance(entry, DnsInfo):
        return entry.fqdn
    if isinstance(entry, (RequestRule, ConnectionRule, SecurityRule)):
        return entry.name
    return entry


def _renumbered(entries: tuple[Any, ...]) -> tuple[Any, ...]:
    """Give attached policy sets, DataScripts, and rules of connections indexes of their own again."""
    if isinstance(entries[0], (ConnectionRule, SecurityRule)):
        return tuple(replace_struct(entry, index=index) for index, entry in enumerate(entries))
    if not isinstance(entries[0], (AttachedPolicySet, AttachedDataScriptSet, AttachedL4PolicySet)):
        return entries
    first = entries[0].index
    return tuple(type(entry)(index, _identity(entry)) for index, entry in enumerate(entries, first))


def _with_kept_rules(wanted: HTTPPolicySet, seen: HTTPPolicySet, keeps: Callable[[Entry], bool]) -> HTTPPolicySet:
    """Keep the rules that must be kept, in their places, and the hosts of a redirect of all of them."""
    before = {rule.name: rule for rule in seen.rules}
    rules = []
    for rule in wanted.rules:
        old = before.get(rule.name)
        host_match = rule.match.host_hdr
        if old is not None and rule.redirect_action and host_match and old.match.host_hdr:
            there = frozenset(host_match.value)
            extra = [host for host in old.match.host_hdr.value if host not in there and keeps(host)]
            value = tuple(sorted({*there, *extra})) if extra else host_match.value
            hosts = replace_struct(host_match, value=value)
            rules.append(replace_struct(rule, match=replace_struct(rule.match, host_hdr=hosts)))
        else:
            rules.append(rule)
    names = {rule.name for rule in rules}
    kept = [r for name, r in before.items() if name not in names and keeps(r.switching_action or r.hosts)]
    left = in_order(_among(rules, kept, before)) if kept else tuple(rules)
    return wanted.with_rules(left)


def _among(
    rules: Sequence[RequestRule], kept: Iterable[RequestRule], before: Mapping[str, RequestRule]
) -> list[RequestRule]:
    """Put rules that stay before those they were asked before: an exact path and a prefix may match the same text."""
    found = list(rules)
    for rule in kept:
        later = (n for n, other in enumerate(found) if other.name in before and before[other.name].index > rule.index)
        found.insert(next(later, len(found)), rule)
    return found
