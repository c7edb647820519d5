"""Whom an object's name is for: what decides who has it, and what the objects of everybody else are called instead."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from ako.core.hooks.claims import Claim, HostKey, PathType, PortClaim, SharedVip
from ako.core.hooks.translation import HostModel, NamedRule
from ako.core.model.names import told_apart

Holder = tuple[HostKey, str | None, bool]
"""Whose objects have a name: a host and a path of it, None where they are there for the host as a whole; and whether
that is an exact path."""


class ObjectName(Struct, frozen=True):
    """A name that objects of a host need, and what they are for.

    Attributes:
        name: what they are called unless somebody older is called so.
        claim: what they are made for; that of the oldest source, if they are there for the host as a whole.
        path: of the rule they are made for; None if there is none.
        service: the Service they lead to, empty if there may be several.
        is_exact: the path is an exact one.
    """

    name: str
    claim: Claim
    path: str | None = None
    service: str = ""
    is_exact: bool = False

    @property
    def key(self) -> HostKey:
        """Give what the claims of the host are filed under."""
        return self.claim.key

    @property
    def order(self) -> tuple[str, ...]:
        """Give the key that decides who has a name, as for claims."""
        return (*self.claim.order, self.claim.host, self.path or "", self.name)

    @property
    def holder(self) -> Holder:
        """Give who has the name; who claims the path does not matter, as its requests go to whoever has it now."""
        return (self.key, self.path, self.is_exact)

    def instead_of(self, name: str) -> str:
        """Give the name they get where this one is another's."""
        if isinstance(self.key, SharedVip):
            return told_apart(name, f"{self.key.namespace}/SharedVip/{self.key.name}//")
        source = self.claim.source
        host = "" if isinstance(self.claim, PortClaim) else self.claim.host
        whose = f"{source.namespace}/{source.kind.name}/{source.name}/{host}{self.path or ''}/{self.service}"
        return told_apart(name, whose)


def object_names(model: HostModel) -> dict[str, ObjectName]:
    """Give what the names of a host's objects are for."""
    oldest = model.virtual_host.oldest
    services = {port.backend.service for port in oldest.ports} if isinstance(oldest, PortClaim) else set()
    whole = ObjectName("", oldest, service=services.pop() if len(services) == 1 else "")
    names = {name: replace(whole, name=name) for name in model.names}
    for rule in model.translation.rules if model.translation else ():
        names.update((named.name, named) for named in _of_rule(rule) if named.name in names)
    return names


def _of_rule(named: NamedRule) -> Iterator[ObjectName]:
    claim, rule = named.served.claim, named.served.rule
    own = (named.name, *named.others) if named.has_group else named.others
    is_exact = rule.path_type is PathType.EXACT
    yield from (ObjectName(name, claim, rule.path, is_exact=is_exact) for name in own)
    for pool, backend in zip(named.pools, rule.backends, strict=True):
        yield ObjectName(pool, claim, rule.path, backend.service, is_exact)
