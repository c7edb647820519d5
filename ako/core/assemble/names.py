"""Who has an Avi name that several hosts need, whatever tree, shard or plugin they come from: the oldest. Pure.

Each host is translated without knowing its neighbours, and files the names that its objects need. Where nobody else
needs them, as is usual, that is all. A name that is contested belongs to the oldest source that needs it; the objects
of every other get a name of their own instead, and since that may be somebody's too, the same holds for it.

    team/web, host app-shop.x ─▶ c--team-app-shop.x_-web ◀─ team-app/web, host shop.x
              older: has it                                 younger: c--team-app-shop.x_-web-1f2e3d4c
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Set

from msgspec import Struct

from ako.core.base.refs import NO_TREE, ObjectRef, TreeName
from ako.core.engine.cells import Rows
from ako.core.engine.view import View
from ako.core.hooks.claims import HostKey, VirtualHost, is_ageless
from ako.core.hooks.object_names import Holder, ObjectName, object_names
from ako.core.hooks.translation import HostModel, OwnTree, ParentTemplate, Translation
from ako.core.model.names import is_shared_name, plain_name
from ako.core.settle.held import HELD


class Needed(Struct, frozen=True):
    """What hosts are filed under for each name that they need."""

    name: str


class Reserved(Struct, frozen=True):
    """A name that no host may have, because of a parent (its name), or of objects that have to go first."""

    name: str
    parent: TreeName = NO_TREE

    @property
    def order(self) -> tuple[str, ...]:
        """Give what comes before the order of any host."""
        return ()


class Loss(Struct, frozen=True):
    """Objects of a host do not get the name that they need, but another."""

    key: HostKey
    name: str
    other: str


def names_of(translation: Translation) -> tuple[str, ...]:
    """Give all names that a translation needs, each once."""
    names = [item.name for item in translation.objects]
    if isinstance(translation.parent, OwnTree):
        names.append(translation.parent.name)
    return tuple(dict.fromkeys(names))


def reserving(reserved: Reserved) -> HostModel:
    """Give what stands among the hosts for a name that none of them may have: a host that nobody claims."""
    return HostModel(VirtualHost(reserved.name, ()), None)


def needs(model: HostModel) -> Iterator[tuple[Needed, HostKey | Reserved]]:
    """File a host under the names that it needs; those of its parent are nobody else's."""
    host = model.virtual_host
    if not host.claims:
        yield Needed(host.host), Reserved(host.host)
    for name in model.names:
        yield Needed(name), host.key
    parent = model.translation.parent if model.translation else None
    if isinstance(parent, ParentTemplate) and not is_shared_name(parent.name):
        yield from ((Needed(name), Reserved(name)) for name in own_names(parent))


def own_names(parent: ParentTemplate) -> set[str]:
    """Give the names of a parent that a host could need; `Shared-…` can be no host's."""
    return {name for name in (parent.name, parent.redirect_on) if name and not is_shared_name(name)}


def is_contested(key: Hashable, hosts: int) -> bool:
    """Say whether a name that so many hosts need may be another's than theirs."""
    return isinstance(key, Needed) and (hosts > 1 or bool(plain_name(key.name)))


def contest(view: View, hosts: Rows, needed: Needed) -> tuple[Loss, ...]:
    """Give who does not get a contested name."""
    asking = [named for named in _asking(view, hosts, needed.name) if isinstance(named, ObjectName)]
    others = [(named, _final(view, hosts, named)) for named in asking]
    return tuple(Loss(named.key, named.name, other) for named, other in others if other != named.name)


def losses(found: tuple[Loss, ...]) -> Iterator[tuple[HostKey, Loss]]:
    """File losses under the hosts that have them."""
    return ((loss.key, loss) for loss in found)


def _final(view: View, hosts: Rows, needed: ObjectName) -> str:
    name = needed.name
    while view.ask(contenders, hosts, name)[0] != needed:
        name = needed.instead_of(name)
    return name


def contenders(view: View, hosts: Rows, name: str) -> tuple[ObjectName | Reserved, ...]:
    """Give all who would have a name, the one who has it first (a query).

    They are those who need it, and those who get it instead of one that somebody older has.
    """
    found = _asking(view, hosts, name)
    if plain := plain_name(name):
        losers = (named for named in view.ask(contenders, hosts, plain)[1:] if isinstance(named, ObjectName))
        found += [named for named in losers if named.instead_of(plain) == name]
    held = view.input(HELD, Needed(name))
    is_held = any(isinstance(one, ObjectName) and one.claim.source in held for one in found)
    return tuple(sorted(found, key=lambda one: (is_held and _is_newcomer(one, held), one.order)))


def _is_newcomer(contender: ObjectName | Reserved, held: Set[ObjectRef]) -> bool:
    """Say whether it has no age, and not the name either: then it does not come before who has it."""
    return isinstance(contender, ObjectName) and is_ageless(contender.claim) and contender.claim.source not in held


def _asking(view: View, hosts: Rows, name: str) -> list[ObjectName | Reserved]:
    filed = view.group(hosts, Needed(name))
    return [key if isinstance(key, Reserved) else object_names(view.row(hosts, key))[name] for key in filed]


HostChange = tuple[HostModel | None, HostModel | None]
"""A host as it was and as it is; None where it is not."""


def left_and_got(changes: Iterable[HostChange]) -> tuple[dict[str, Holder], list[HostModel]]:
    """Give the names that hosts had whose names changed, with whom they were for; and these hosts as they are."""
    changed = [(before, now) for before, now in changes if _naming(before) != _naming(now)]
    return holders(before for before, _ in changed if before), [now for _, now in changed if now]


def holders(models: Iterable[HostModel]) -> dict[str, Holder]:
    """Give whom the names of hosts are for."""
    return {name: named.holder for model in models for name, named in object_names(model).items()}


def _naming(model: HostModel | None) -> tuple[object, ...]:
    return (model.names, model.translation.rules) if model and model.translation else ()
