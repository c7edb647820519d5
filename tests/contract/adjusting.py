"""A plugin that adjusts as a function says, and hosts that it is tried on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ako import (
    AviObject,
    AviRef,
    Needs,
    Pool,
    PortClaim,
    Translation,
    View,
    VirtualHost,
    hookimpl,
    site,
)
from ako.core.hooks.loading import Plugin
from ako.testing.rehearsal import Rehearsal
from tests.builders import CLASS, Manifest, endpoints, ingress, service, tls_secret

Adjusting = Callable[[VirtualHost | PortClaim, Translation, View], Translation | None]

WEB = (service("web"), endpoints("web", "10.0.0.1"))
SHOP = ingress("shop", ("shop.com", "/", "web:80"), created="2024-01-01T00:00:00Z")
OTHER = ingress("other", ("other.com", "/", "web:80"), created="2024-02-01T00:00:00Z")
SAFE = ingress("safe", ("safe.com", "/", "web:80"), tls={"safe.com": "safe"}, created="2024-03-01T00:00:00Z")
SHOP_POOL = AviRef("pool", "my-cluster--shop.com_-default-shop")
STICKY = AviRef("applicationpersistenceprofile", "sticky")
STICKS = Needs(fields={Pool: ("application_persistence_profile_ref",)})


class Adjuster:
    """Adjusts as a function says, hosts of one name only if there is one."""

    def __init__(self, adjust: Adjusting, host: str = "") -> None:
        self.adjust = adjust
        self.host = host
        self.asked: list[str] = []

    @hookimpl
    def ako_needs(self) -> Needs:
        return STICKS

    @hookimpl
    def ako_adjust(
        self, virtual_host: VirtualHost | PortClaim, translation: Translation, view: View
    ) -> Translation | None:
        self.asked.append(virtual_host.title)
        if self.host and virtual_host.host != self.host:
            return None
        return self.adjust(virtual_host, translation, view)


def rehearse(*adjusters: Adjuster, manifests: tuple[Manifest, ...] = (SHOP, OTHER)) -> Rehearsal:
    named = [Plugin(f"adjuster{number}", adjuster) for number, adjuster in enumerate(adjusters)]
    rehearsal = Rehearsal((*named, "ingress", "clusterip_routes", "loadbalancer"), {"L7Settings.shardVSSize": "SMALL"})
    rehearsal.apply(CLASS, *WEB, tls_secret("safe", "safe.com"), *manifests)
    return rehearsal


def sticky(_: object, translation: Translation, __: View) -> Translation:
    return translation.with_fields(Pool, application_persistence_profile_ref=STICKY)


def pool_of(rehearsal: Rehearsal, ref: AviRef = SHOP_POOL) -> Pool:
    found = rehearsal.objects()[ref]
    assert isinstance(found, Pool)
    return found


def own(kind: type[AviObject], name: str, view: View, **fields: Any) -> Any:
    """Build an object of ours."""
    names = view.ask(site).names
    return kind(name=f"{names.prefix}{name}", created_by=names.created_by, **fields)  # type: ignore[call-arg]
