"""What could not be read takes nothing away. Pure.

While something is unknown and never was known, the plan is additive for everything that it could own: no delete, and no
update that takes an entry away. Lists become desired ∪ observed, until the unknown is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from typing import Any

from msgspec import Struct
from msgspec.structs import replace as replace_struct

from ako.core.assemble.doubt import Doubt
from ako.core.base.refs import AviRef, NamespacedName
from ako.core.model import (
    AttachedDataScriptSet,
    AttachedL4PolicySet,
    AttachedPolicySet,
    AviObject,
    DnsInfo,
    ForeignObject,
    HTTPPolicySet,
    Pool,
    PoolGroupMember,
    PoolServer,
    RequestPolicy,
    RequestRule,
    SSLKeyAndCertificate,
    VirtualService,
    VsVip,
)
from ako.core.observe.observed import Observed, ObservedObject
from ako.core.plan.plan import Desired, Seen, replace_fields
from ako.core.plan.proposal import Proposal
from ako.core.translate.metadata import read_metadata

Entry = object


class Protection(Struct, frozen=True):
    """What must not be taken away.

    Attributes:
        everything: something is unknown that could own anything.
        owners: objects that could not be read; what was made for them says so in its metadata.
        hosts: hosts that could not be worked out.
        refs: these very objects.
    """

    everything: bool = False
    owners: frozenset[NamespacedName] = frozenset()
    hosts: frozenset[str] = frozenset()
    refs: frozenset[AviRef] = frozenset()

    def __bool__(self) -> bool:
        return self.everything or bool(self.owners or self.hosts or self.refs)

    def __or__(self, other: Protection) -> Protection:
        return Protection(
            self.everything or other.everything,
            self.owners | other.owners,
            self.hosts | other.hosts,
            self.refs | other.refs,
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
        return not self.owners.isdisjoint(metadata.owners) or not self.hosts.isdisjoint(metadata.hostnames or ())


def protection_for(doubts: Iterable[Doubt]) -> Protection:
    """Give what a set of doubts may own."""
    listed = tuple(doubts)
    return Protection(
        everything=any(doubt.source is None and not doubt.host for doubt in listed),
        owners=frozenset(doubt.source.namespaced_name for doubt in listed if doubt.source is not None),
        hosts=frozenset(doubt.host for doubt in listed if doubt.host),
    )


def protection_against(losses: Iterable[ObservedObject]) -> Protection:
    """Give what keeps objects that would go, and what their hosts are reached by."""
    doomed = tuple(seen.object for seen in losses)
    return Protection(
        hosts=frozenset(host for item in doomed for host in _hosts_of(item)),
        refs=frozenset(item.ref for item in doomed),
    )


class Protected:
    """A policy: what is not known takes nothing away.

    Args:
        observed: what is on the Controller.
        tree_of: the tree of an object.

    Attributes:
        protection: what must not be taken away.
    """

    def __init__(self, observed: Observed, tree_of: Callable[[AviRef], str]) -> None:
        self.protection = Protection()
        self._observed = observed
        self._tree_of = tree_of

    def trees(self) -> set[str] | None:
        """Give the trees that hold anything protected; None for all of them."""
        if self.protection.everything:
            return None
        return {self._tree_of(ref) for ref in self._covered()}

    def scope(self, trees: frozenset[str], desired: Desired) -> Set[AviRef]:
        """Give what is protected in some trees, and what is around that."""
        if not self.protection:
            return frozenset()
        if self.protection.everything:
            return {*desired, *(ref for ref in self._observed if self._tree_of(ref) in trees)}
        covered = {ref for ref in self._covered() if self._tree_of(ref) in trees}
        if not covered:
            return frozenset()
        return surroundings(trees, covered, desired, self._observed)

    def apply(self, proposals: Sequence[Proposal]) -> Sequence[Proposal]:
        """Take nothing away that is protected."""
        if not self.protection:
            return proposals
        return [p.wanting(hold_back(p.desired, p.observed, self.protection)) for p in proposals]

    def _covered(self) -> set[AviRef]:
        """Give the objects that are protected by what is written on them."""
        hosts = (self._observed.serving(host) for host in self.protection.hosts)
        owners = (self._observed.owned_by(owner) for owner in self.protection.owners)
        return {ref for found in (*hosts, *owners, self.protection.refs) for ref in found}


def hold_back(desired: Desired, observed: Seen, protection: Protection) -> dict[AviRef, AviObject]:
    """Give a desired state that takes nothing protected away from what is observed."""
    if not protection:
        return dict(desired)
    protected = {ref for ref, seen in observed.items() if protection.covers(seen.object)}
    hosts = protection.hosts | {h for ref in protected for h in _hosts_of(observed[ref].object)}
    kept = _connected(protected, desired, observed)
    redirects = {item.ref: item for item in _kept_redirects(desired, observed, hosts) if item.ref not in protected}
    result = {**desired, **{ref: observed[ref].object for ref in kept if ref not in desired}, **redirects}
    kept |= redirects.keys() | protected
    for ref, wanted in desired.items():
        seen = observed.get(ref)
        if seen is not None and wanted is not seen.object and not isinstance(wanted, ForeignObject):
            keeps = _anything if ref in protected else lambda entry: _mentions(entry, kept, hosts)
            result[ref] = _with_kept(wanted, seen.object, keeps)
    return {ref: _without_names_held(item, result, observed) for ref, item in result.items()}


def _without_names_held(item: AviObject, desired: Desired, observed: Seen) -> AviObject:
    """Leave out DNS names that another VsVip has and keeps: the Controller wants them unique."""
    if not isinstance(item, VsVip):
        return item
    held = {
        fqdn
        for ref, seen in observed.items()
        if ref != item.ref and isinstance(seen.object, VsVip) and isinstance(kept := desired.get(ref), VsVip)
        for fqdn in frozenset(seen.object.fqdns) & frozenset(kept.fqdns)
    }
    names = tuple(info for info in item.dns_info if info.fqdn not in held)
    return item if len(names) == len(item.dns_info) else replace_fields(item, {"dns_info": names})


def _kept_redirects(desired: Desired, observed: Seen, hosts: Set[str]) -> Iterator[HTTPPolicySet]:
    """Give the redirects that nobody wants any more, as far as they are for hosts that must be kept."""
    for ref, seen in observed.items():
        if ref in desired or not isinstance(seen.object, HTTPPolicySet):
            continue
        rules = []
        for rule in seen.object.http_request_policy.rules:
            match = rule.match.host_hdr
            left = tuple(host for host in match.value if host in hosts) if match and rule.redirect_action else ()
            if match and left:
                rules.append(
                    replace_struct(rule, match=replace_struct(rule.match, host_hdr=replace_struct(match, value=left)))
                )
        if rules:
            yield replace_struct(seen.object, http_request_policy=RequestPolicy(tuple(rules)))


def _anything(_: Entry) -> bool:
    return True


def _hosts_of(item: AviObject) -> tuple[str, ...]:
    return read_metadata(getattr(item, "service_metadata", None)).hostnames or ()


def connected(
    protected: Set[AviRef],
    desired: Desired,
    observed: Callable[[AviRef], ObservedObject | None],
    referrers: Callable[[AviRef], Iterable[AviRef]],
) -> set[AviRef]:
    """Give the protected objects and what they cannot be without: what they refer to, and what makes them reachable.

    Where the object that refers to a protected one is desired, only its entry is kept; else it is kept as it is.
    """
    kept: set[AviRef] = set()
    pending = list(protected)
    while pending:
        ref = pending.pop()
        seen = None if ref in kept else observed(ref)
        if seen is None:
            continue
        kept.add(ref)
        if ref in desired and ref not in protected:
            continue
        pending += seen.object.references()
        pending += [referrer for referrer in referrers(ref) if referrer not in desired]
    return kept


def surroundings(trees: Set[str], protected: Set[AviRef], desired: Desired, observed: Observed) -> set[AviRef]:
    """Give what has to be looked at where something of some trees is protected.

    That is what it is connected to, with all that this refers to: nobody may want a redirect any more that has to stay.
    And who holds which DNS names.
    """
    kept = connected(protected, desired, observed.get, observed.referrers)
    around = {other for ref in kept if (seen := observed.get(ref)) for other in seen.object.references()}
    return kept | around | {AviRef(VsVip.avi_type, tree) for tree in trees}


def _connected(protected: set[AviRef], desired: Desired, observed: Seen) -> set[AviRef]:
    referrers: dict[AviRef, list[AviRef]] = {}
    for ref, seen in observed.items():
        for other in seen.object.references():
            referrers.setdefault(other, []).append(ref)
    return connected(protected, desired, observed.get, lambda ref: referrers.get(ref, ()))


def _mentions(entry: Entry, refs: set[AviRef], hosts: Set[str]) -> bool:
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
        return _with_kept_hosts(wanted, seen, keeps)
    fields: dict[str, Any] = {}
    if keeps is _anything and (metadata := getattr(seen, "service_metadata", None)):
        # It says who the owners are, and must still do so at the next start.
        fields["service_metadata"] = metadata
    for name in wanted.__struct_fields__:
        new, old = getattr(wanted, name), getattr(seen, name)
        if isinstance(new, tuple) and isinstance(old, tuple):
            names = {_identity(entry) for entry in new}
            extra = [entry for entry in old if _identity(entry) not in names and keeps(entry)]
            if extra:
                fields[name] = _renumbered((*new, *extra))
    return replace_fields(wanted, fields) if fields else wanted


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
    if isinstance(entry, RequestRule):
        return entry.name
    return entry


def _renumbered(entries: tuple[Any, ...]) -> tuple[Any, ...]:
    """Give attached policy sets and DataScripts indexes of their own again."""
    if not isinstance(entries[0], (AttachedPolicySet, AttachedDataScriptSet, AttachedL4PolicySet)):
        return entries
    first = entries[0].index
    return tuple(type(entry)(index, _identity(entry)) for index, entry in enumerate(entries, first))


def _with_kept_hosts(wanted: HTTPPolicySet, seen: HTTPPolicySet, keeps: Callable[[Entry], bool]) -> HTTPPolicySet:
    """Keep the hosts of a redirect that must be kept; the other rules of a policy set belong to one host."""
    before = {rule.name: rule for rule in seen.http_request_policy.rules}
    rules = []
    for rule in wanted.http_request_policy.rules:
        old = before.get(rule.name)
        host_match = rule.match.host_hdr
        if old is not None and rule.redirect_action and host_match and old.match.host_hdr:
            extra = [h for h in old.match.host_hdr.value if h not in host_match.value and keeps(h)]
            hosts = replace_struct(host_match, value=tuple(sorted({*host_match.value, *extra})))
            rules.append(replace_struct(rule, match=replace_struct(rule.match, host_hdr=hosts)))
        else:
            rules.append(rule)
    return replace_struct(wanted, http_request_policy=replace_struct(wanted.http_request_policy, rules=tuple(rules)))
