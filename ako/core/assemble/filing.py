"""What the results of a table are filed under, for the tables after it to read, and which groups are their rows."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator

from msgspec import Struct

from ako.core.assemble.names import needs
from ako.core.assemble.tree import PlacedHost, Tree, place_in_tree
from ako.core.base.refs import TreeName
from ako.core.hooks.claims import Discovery, PortClaim
from ako.core.hooks.translation import HostModel
from ako.core.settle.rivals import Address, DnsName, askers


class Renamed(Struct, frozen=True):
    """A host whose objects do not get all the names that they need, and the tree that it would be on with these."""

    model: HostModel
    instead_of: TreeName


def by_host(discovery: Discovery) -> Iterator[tuple[Hashable, object]]:
    """File claims under their host, those of ports under what only one can have too."""
    for claim in discovery.claims:
        yield claim.key, claim
        if isinstance(claim, PortClaim):
            yield from askers(claim)


def is_host(key: Hashable, _: int) -> bool:
    """Tell what hosts and claims of ports are filed under from what only one can have."""
    return not isinstance(key, (DnsName, Address))


def by_tree_and_name(model: HostModel) -> Iterator[tuple[Hashable, object]]:
    """File a host under the tree that it is on, and the names that its objects need."""
    placed = place_in_tree(model)
    if placed is not None:
        yield placed.tree, placed
    yield from needs(model)


def by_trees(renamed: Renamed) -> Iterator[tuple[Hashable, PlacedHost]]:
    """File a renamed host under the tree that it is on, and the one where it would be."""
    placed = place_in_tree(renamed.model)
    if placed is not None:
        yield from ((tree, placed) for tree in {placed.tree, renamed.instead_of})


def is_tree(key: Hashable, _: int) -> bool:
    """Tell trees from the names of objects."""
    return isinstance(key, TreeName)


def nowhere(_: Tree) -> Iterable[tuple[Hashable, object]]:
    """File nothing: what reads trees reads them all."""
    return ()
