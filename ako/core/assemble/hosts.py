"""The rows of hosts: claims of one host, or of the ports of one address → settled, translated, adjusted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from ako.core.assemble.names import Reserved, names_of, reserving
from ako.core.assemble.names_of_others import without_claimed
from ako.core.assemble.rename import fitting
from ako.core.assemble.tenants import translation_in
from ako.core.base.refs import ObjectRef
from ako.core.engine.cells import Rows
from ako.core.engine.view import View
from ako.core.hooks.claims import HostClaim, HostKey, PortClaim, VirtualHost
from ako.core.hooks.plugin_host import PluginHost
from ako.core.hooks.site import site
from ako.core.hooks.tenants import tenant_of
from ako.core.hooks.translation import HostModel, Translation
from ako.core.settle.held import HELD
from ako.core.settle.reuse import settled
from ako.core.settle.rivals import Address, DnsName, address_taken, host_taken, names_left
from ako.core.settle.seats import SEATS, seated
from ako.core.settle.secured import Secured, as_before, secured
from ako.core.settle.shared_ports import share
from ako.core.translate import translate_host


class Hosts:
    """Computes the rows of the table of hosts.

    Args:
        host: the plugins, of which some translate and adjust.
        claims: the table of what source objects ask for.
    """

    def __init__(self, host: PluginHost, claims: Rows) -> None:
        self._host = host
        self._claims = claims

    def model(self, view: View, key: HostKey | Reserved) -> HostModel:
        """Give a host with what is made of it (the row function)."""
        if isinstance(key, Reserved):
            return reserving(key)
        host = self._settled(view, key)
        is_served = bool(host.served if isinstance(host, VirtualHost) else host.ports)
        translation = self._translated(view, host) if is_served else None
        if translation is None:
            return HostModel(host, None)
        translation = self._host.adjust(host, translation, view)
        translation = without_claimed(host, translation, lambda name: self._is_claimed(view, name))
        translation = translation_in(translation, tenant_of(view, host.oldest), view.ask(site))
        return fitting(HostModel(host, translation, names_of(translation)))

    def _is_claimed(self, view: View, name: str) -> bool:
        return bool(view.group(self._claims, name) or view.group(self._claims, DnsName(name)))

    def _translated(self, view: View, host: VirtualHost | PortClaim) -> Translation | None:
        translation = self._host.translate(host, view)
        if translation is None and isinstance(host, VirtualHost):
            return translate_host(host, view)
        return translation

    def _settled(self, view: View, key: HostKey) -> VirtualHost | PortClaim:
        claims = view.group(self._claims, key)
        if not isinstance(key, str):
            left = [self._left_of(view, claim) for claim in claims]
            return share(left, lambda what: view.input(HELD, what)) if left[0].shares else left[0]
        rivals = view.group(self._claims, DnsName(key))
        judged = tuple(self._judge(view, key, claims))
        if len(judged) > 1 and not all(one.claim.created for one in judged):
            judged = seated(judged, view.input(SEATS, key), view.ask(site).names)
        taken = host_taken(key, claims, rivals, view.input(HELD, DnsName(key))) if rivals else None
        return taken or settled(view, key, judged)

    def _judge(self, view: View, key: HostKey, claims: Iterable[HostClaim]) -> Iterator[Secured]:
        """Give claims as they are in force: while a certificate cannot be read, its claim is secured as it was."""
        counts: Counter[ObjectRef] = Counter()
        for claim in claims:
            last, fault = view.last(self._secured, key, claim.source, counts[claim.source])
            counts[claim.source] += 1
            yield last if last is not None and not fault else as_before(claim, last, fault)

    def _secured(self, view: View, key: HostKey, source: ObjectRef, number: int) -> Secured:
        """Give a claim of an object for a host, the first one or another, with its certificate (a query)."""
        return secured(view, [claim for claim in view.group(self._claims, key) if claim.source == source][number])

    def _left_of(self, view: View, asked: PortClaim) -> PortClaim:
        """Give what of a claim of ports no older one has, whatever address either is for."""
        if asked.address:
            address = Address(asked.address)
            if taken := address_taken(asked, view.group(self._claims, address), view.input(HELD, address)):
                return replace(asked, ports=(), fqdns=(), problems=(taken,))
        askers = {n: view.group(self._claims, n) + view.group(self._claims, DnsName(n)) for n in asked.fqdns}
        return names_left(asked, askers, lambda name: view.input(HELD, name))
