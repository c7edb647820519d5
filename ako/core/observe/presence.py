"""Is what a host adds to its tree on the Controller? Other hosts, and what an operator added, do not matter."""

from __future__ import annotations

from msgspec.structs import replace

from ako.core.assemble.path_sets import path_set_names
from ako.core.assemble.tree import PlacedHost, Tree
from ako.core.base.refs import AviRef
from ako.core.hooks.translation import Contribution, ParentTemplate
from ako.core.model import PoolGroup, PoolGroupMember, rules_in
from ako.core.observe.observed import Observed


class Presence:
    """What is in the shared objects of one tree as they were last seen."""

    def __init__(self, tree: Tree, observed: Observed) -> None:
        name = tree.name
        self._is_shared = isinstance(tree.parent, ParentTemplate)
        parents = {name.ref("vsvip"), name.ref("virtualservice")}
        self._observed = observed
        self._parents = [item.ref for item in tree.shared if item.ref in parents]
        vsvip = observed.vsvip(name)
        group = observed.get(name.ref("poolgroup"))
        names = (name.name, f"{name.name}-insecure", *path_set_names(name.name))
        policies = [seen for policy in names if (seen := observed.get(AviRef("httppolicyset", policy, name.tenant)))]
        rules = [rule for seen in policies for rule in rules_in(seen.object)]
        self._fqdns = frozenset(vsvip.fqdns if vsvip else ())
        members = group.object.members if group and isinstance(group.object, PoolGroup) else ()
        self._members = frozenset(map(_as_alone, members))
        self._redirects = frozenset(
            host for rule in rules if rule.match.host_hdr and not rule.match.path for host in rule.match.host_hdr.value
        )
        self._rules = frozenset(rule.for_all for rule in rules)

    def has(self, placed: PlacedHost) -> bool:
        """Say whether all that a host adds to its parent is there."""
        contribution = placed.translation.contribution
        return (
            self._fqdns.issuperset(contribution.fqdns)
            and self._members.issuperset(map(_as_alone, contribution.members))
            and self._redirects.issuperset(contribution.redirect_hosts)
            and self._rules.issuperset(rule.for_all for rule in contribution.rules)
        )

    def serves(self, placed: PlacedHost) -> bool:
        """Say whether a host is served; a change of it that is under way, or was refused, makes it no less so.

        A path more or less does not matter: one pool is enough.
        """
        services = [ref for ref in placed.refs if ref.type == "virtualservice"]
        pools = [ref for ref in placed.refs if ref.type == "pool"]
        is_there = all(ref in self._observed for ref in (*self._parents, *services))
        if not placed.refs or not is_there or (pools and not any(ref in self._observed for ref in pools)):
            return False
        contribution = placed.translation.contribution
        if self._is_shared and contribution == Contribution():
            return False  # it has its own objects, and waits for being let in
        return (
            self._fqdns.issuperset(contribution.fqdns)
            and self._redirects.issuperset(contribution.redirect_hosts)
            and self._leads_to(contribution)
        )

    def _leads_to(self, contribution: Contribution) -> bool:
        """Say whether any of the ways to a host's pools over plain HTTP is there, if it has some."""
        members = {member.pool_ref for member in contribution.members}
        rules = {rule.for_all for rule in contribution.rules}
        if not members and not rules:
            return True
        return not members.isdisjoint(member.pool_ref for member in self._members) or not rules.isdisjoint(self._rules)


def _as_alone(member: PoolGroupMember) -> PoolGroupMember:
    """Give a member without what depends on others: whether the label of a host without a path ends with a slash."""
    label = member.priority_label
    if isinstance(label, str) and label.find("/") == len(label) - 1:
        return replace(member, priority_label=label.removesuffix("/"))
    return member
