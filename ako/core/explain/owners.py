"""For whom wanted objects are: the host, and whoever asked for just that part of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from ako.core.assemble.tree import PlacedHost, Tree
from ako.core.base.refs import AviRef, NamespacedName
from ako.core.explain.picture import title
from ako.core.hooks.translation import NamedRule
from ako.core.model import ForeignObject, Pool, PoolGroup, SSLKeyAndCertificate, VirtualService


class Owner(Struct, frozen=True):
    """For whom an object is.

    Attributes:
        host: the host name; of ports what they are called in messages.
        sources: the Kubernetes objects that ask for it, such as `Ingress/default/shop`.
        gone: those of them that are not there any more.
        origin: where its content comes from, if that is none of these: a Service, or a Secret.
    """

    host: str
    sources: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    origin: str = ""


class Owners:
    """Looks up whose wanted objects and DNS names are.

    Args:
        trees: all that are looked at.
    """

    def __init__(self, trees: Iterable[Tree]) -> None:
        self._own: dict[AviRef, Owner] = {}
        self._named: dict[str, Owner] = {}
        self._addresses: dict[str, AviRef] = {}
        self._sharing: dict[AviRef, tuple[Owner, ...]] = {}
        for tree in trees:
            wholes = tuple(self._take(placed) for placed in tree.hosts)
            shared = (item.ref for item in tree.shared if not isinstance(item, ForeignObject))
            self._sharing.update(dict.fromkeys(shared, wholes))

    def _take(self, placed: PlacedHost) -> Owner:
        """Note whose the objects of a host are; give whose the host is as a whole."""
        rules = placed.translation.rules
        asking = dict.fromkeys(rule.served.claim.source for rule in rules) or dict.fromkeys(placed.sources)
        whole = Owner(host_of(placed), tuple(map(title, asking)))
        of_rules = {ref: owner for rule in rules for ref, owner in _of_rule(rule, whole.host, placed.tree.tenant)}
        secrets = tuple(dict.fromkeys(_secrets(rules)))
        with_secret = Owner(whole.host, whole.sources, origin=", ".join(secrets)) if secrets else whole
        for ref in placed.refs:
            otherwise = with_secret if ref.type == SSLKeyAndCertificate.avi_type else whole
            self._own[ref] = of_rules.get(ref, otherwise)
        if not isinstance(placed.key, str):
            services = (ref for ref in placed.refs if ref.type == VirtualService.avi_type)
            self._addresses.update((whole.host, ref) for ref in services)
        self._named.update(dict.fromkeys((whole.host, *placed.translation.contribution.fqdns), whole))
        return whole

    def of(self, ref: AviRef) -> Owner | None:
        """Give whose an object is that one host alone wants, None if there is none."""
        return self._own.get(ref)

    def sharing(self, ref: AviRef) -> Sequence[Owner] | None:
        """Give who shares an object, which may be nobody; None if it is not one that is shared."""
        return self._sharing.get(ref)

    def address(self, ports: str) -> AviRef | None:
        """Give the virtual service of ports by what they are called; None for a host."""
        return self._addresses.get(ports)

    def named(self, name: str) -> Owner | None:
        """Give whose a DNS name is, None if nobody wants it."""
        return self._named.get(name)


def host_of(placed: PlacedHost) -> str:
    """Give the host name; of ports what they are called in messages."""
    return placed.key if isinstance(placed.key, str) else placed.title


def _of_rule(rule: NamedRule, host: str, tenant: str) -> Iterator[tuple[AviRef, Owner]]:
    """Give whose the pools of a path are, and the group of them."""
    asking = (title(rule.served.claim.source),)
    for pool, backend in zip(rule.pools, rule.served.rule.backends, strict=True):
        service = f"Service/{backend.namespace}/{backend.service}"
        yield AviRef(Pool.avi_type, pool, tenant), Owner(host, asking, origin=service)
    yield AviRef(PoolGroup.avi_type, rule.name, tenant), Owner(host, asking)


def _secrets(rules: Iterable[NamedRule]) -> Iterator[str]:
    for rule in rules:
        tls = rule.served.claim.tls
        if tls is not None and isinstance(tls.certificate, NamespacedName):
            yield f"Secret/{tls.certificate}"
