"""Whatever namespaces do with their tenants: what is there in the end is what a first start makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ako.core.avi.errors import AviError, AviForbidden, AviRejected
from ako.core.base.refs import AviRef
from ako.core.control.own_objects import why_unselected
from ako.core.control.tenants import Tenants, why_unread
from ako.core.engine.changes import Availability, AvailabilityChanged, Change, Listed
from ako.core.hooks.records import NAMESPACES as NAMESPACE_KIND
from ako.core.model import AviObject, VrfContext, VsVip
from ako.core.model.mark import Mark
from ako.core.observe.full_sync import Observation
from ako.core.observe.observed import Observed, ObservedObject
from ako.core.observe.tenants import InTenants
from ako.core.plan.plan import Create, Delete, Operation
from tests.builders import CLOUD_FACTS, Manifest, endpoints, ingress, service, tls_secret
from tests.core.control.rig import Rig
from tests.core.strict_controller import StrictController
from tests.properties import share_of

UID = "00000000-0000-4000-8000-000000000001"
TENANTS = ("", "red", "blue", "lost")
NAMESPACES = ("one", "two", "three")
FLAGS: dict[str, Any] = {"L7Settings__shardVSSize": "SMALL", "ControllerSettings__tenantsPerCluster": True}


def namespace(name: str, tenant: str = "", uid: str = "") -> Manifest:
    annotations = {"ako.vmware.com/tenant-name": tenant}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "annotations": annotations, "uid": uid}}


def base(name: str) -> tuple[Manifest, ...]:
    return (
        service("web", namespace=name),
        endpoints("web", "10.0.0.1", namespace=name),
        tls_secret("cert", namespace=name),
        endpoints("direct", "10.0.0.2", namespace=name),
    )


class Controller(StrictController):
    """A Controller some of whose tenants cannot be read."""

    lost: frozenset[str] = frozenset()


class TenantRig(Rig):
    """A rig that reads the tenants that it is asked to, but for those that are lost."""

    def sync(self) -> None:
        self._read()
        while self.reconciler.is_outdated:
            self._read()

    def _read(self) -> None:
        sought = self.reconciler.begin_observation()
        lost = self.controller.lost if isinstance(self.controller, Controller) else frozenset[str]()
        read = sought.tenants - lost
        seen = dict(self.controller.observed.items())
        marked = {uid: {r.tenant for r, s in seen.items() if s.cluster_uid == uid} for uid in {UID} if sought.finds}
        unread = dict.fromkeys(sought.tenants & lost, "403 Tenant does not exist!")
        objects = {ref: found for ref, found in seen.items() if ref.tenant in {"", *read}}
        found = InTenants(read=read, unread=unread, marked=marked, is_looked_through=sought.finds)
        self.reconciler.observe(Observation(CLOUD_FACTS, objects, found))
        self.settle()

    def turn(self) -> None:
        super().turn()
        if self.reconciler.is_outdated and not self._in_flight:
            self._read()


def objects(controller: StrictController) -> Mapping[AviRef, AviObject]:
    """Give what is there, without shared virtual services that serve nobody."""
    found = {ref: seen.object for ref, seen in controller.observed.items()}
    empty = {
        ref.namesake
        for ref, item in found.items()
        if isinstance(item, VsVip) and not [fqdn for fqdn in item.fqdns if not fqdn.startswith(f"{ref.name}.")]
    }
    return {ref: item for ref, item in found.items() if "Shared" not in ref.name or ref.namesake not in empty}


class History:
    """Namespaces with what is in them, and the programs that look after them, one after the other."""

    def __init__(self) -> None:
        self.controller = Controller()
        self.flags = FLAGS
        self.manifests: dict[tuple[str, str, str], Manifest] = {}
        self._remember(namespace("kube-system", uid=UID), *map(namespace, NAMESPACES))
        self._remember(*(manifest for name in NAMESPACES for manifest in base(name)))
        self.restart("", 0)

    def _remember(self, *manifests: Manifest) -> None:
        for manifest in manifests:
            metadata = manifest["metadata"]
            self.manifests[manifest["kind"], metadata.get("namespace", ""), metadata["name"]] = manifest

    def _apply(self, *manifests: Manifest) -> None:
        self._remember(*manifests)
        self.rig.apply(*manifests)

    def rig_on(self, controller: StrictController) -> TenantRig:
        """Start a program."""
        return TenantRig(*self.manifests.values(), controller=controller, faults=[self._refuse], **self.flags)

    def _refuse(self, operation: Operation) -> AviError | None:
        """Refuse what is in a lost tenant, and what needs a DNS name from there."""
        if operation.ref.tenant in self.controller.lost:
            return AviForbidden("Tenant does not exist!", status=403)
        wanted = None if isinstance(operation, Delete) else operation.object
        holders = map(self.controller.observed.holder, wanted.fqdns if isinstance(wanted, VsVip) else ())
        if any(holder is not None and holder.tenant in self.controller.lost for holder in holders):
            return AviRejected("FQDN is already used", status=400)
        return None

    # What can happen.

    def restart(self, _: str, __: int) -> None:
        self.rig = self.rig_on(self.controller)

    def name(self, where: str, number: int) -> None:
        self._apply(namespace(where, TENANTS[number]))

    def plain(self, where: str, number: int) -> None:
        host, created = f"h{number}.com", f"2026-01-0{1 + NAMESPACES.index(where)}T00:00:00Z"
        self._apply(ingress(f"i{number}", (host, "/", "web:80"), namespace=where, created=created))

    def secure(self, where: str, number: int) -> None:
        host, created = f"h{number}.com", f"2026-01-0{1 + NAMESPACES.index(where)}T00:00:00Z"
        tls = {host: "cert"}
        self._apply(ingress(f"i{number}", (host, "/", "web:80"), namespace=where, created=created, tls=tls))

    def direct(self, where: str, _: int) -> None:
        self._apply(service("direct", namespace=where, type="LoadBalancer"))

    def delete(self, where: str, number: int) -> None:
        for key in (("Ingress", where, f"i{number}"), ("Service", where, "direct")):
            if (manifest := self.manifests.pop(key, None)) is not None:
                self.rig.delete(manifest)
                return

    def lose(self, _: str, number: int) -> None:
        """Take a tenant away, or our role in it."""
        self.controller.lost = frozenset({TENANTS[number]}) - {""}
        self.rig.sync()

    def regain(self, _: str, __: int) -> None:
        self.controller.lost = frozenset()
        self.rig.sync()

    def sync(self, _: str, __: int) -> None:
        self.rig.sync()


STEPS = ("name", "name", "name", "plain", "plain", "secure", "direct", "delete", "lose", "regain", "restart", "sync")
HISTORIES = st.lists(
    st.tuples(st.sampled_from(STEPS), st.sampled_from(NAMESPACES), st.integers(0, 3)), min_size=6, max_size=14
)


@settings(max_examples=share_of(24))
@example([("plain", "one", 0), ("secure", "two", 0), ("name", "one", 1), ("name", "two", 1), ("name", "one", 2)])
@example([("secure", "one", 1), ("direct", "one", 0), ("name", "one", 1), ("lose", "one", 1), ("name", "one", 2)])
@example([("plain", "one", 1), ("name", "one", 1), ("name", "one", 0), ("restart", "one", 0)])
@given(HISTORIES)
def test_what_is_there_in_the_end_is_what_a_first_start_makes(steps: Sequence[tuple[str, str, int]]) -> None:
    history = History()
    for step, where, number in steps:
        getattr(history, step)(where, number)
        history.rig.settle()
    history.regain("", 0)
    history.rig.wait(600.0)
    fresh = StrictController()
    first = history.rig_on(fresh)
    first.wait(600.0)
    assert objects(history.controller) == objects(fresh)
    assert [faults.count for faults in history.rig.reconciler.faults] == [0, 0, 0]
    history.restart("", 0)
    history.rig.wait(600.0)
    assert objects(history.controller) == objects(fresh)


def test_nobody_is_taken_off_the_air_by_a_tenant_that_cannot_be_read() -> None:
    history = History()
    history.plain("one", 0)
    history.name("one", 1)
    history.rig.settle()
    assert history.controller.observed.holder("h0.com") == AviRef("vsvip", "my-cluster--Shared-L7-0", "red")
    history.lose("", 1)
    assert history.rig.served() == {"h0.com"}
    assert why_unread("red", "403 Tenant does not exist!") in history.rig.reconciler.tenants.faults
    history.restart("", 0)
    assert history.rig.served() == {"h0.com"}
    assert not history.rig.writes


def test_what_was_left_is_found_although_it_is_known_only_later_whose_it_is() -> None:
    history = History()
    history.plain("one", 0)
    history.name("one", 1)
    history.rig.settle()
    del history.manifests["Namespace", "", "kube-system"], history.manifests["Ingress", "one", "i0"]
    history._remember(namespace("one"))
    history.restart("", 0)
    assert {ref.tenant for ref in history.controller.observed if ref.type == "pool"} == {"red"}
    history._apply(namespace("kube-system", uid=UID))
    history.rig.wait(600.0)
    assert not {ref for ref in history.controller.observed if ref.tenant}


def test_what_comes_into_sight_again_in_a_tenant_is_nobodys_edit() -> None:
    """Else it would stay, with the DNS name that is to go elsewhere, where edits of others are left as they are."""
    history = History()
    history.flags = {**FLAGS, "ako__drift__policy": "report"}
    history.plain("one", 0)
    history.name("one", 1)
    history.restart("", 0)
    history.lose("", 1)
    history.name("one", 2)
    history.rig.wait(60.0)
    history.regain("", 0)
    history.rig.wait(600.0)
    assert {ref.tenant for ref in history.controller.observed if ref.type == "pool"} == {"blue"}
    assert not history.rig.reconciler.take_drift()


def test_what_belongs_to_the_cloud_is_as_it_was_read_also_where_its_tenant_is_not_answered_in() -> None:
    ref, observed = AviRef("vrfcontext", "global", "admin"), Observed()
    before, now = (ObservedObject("1", VrfContext(name="global", owner="c", tenant="admin"), v) for v in "12")
    observed.put(ref, before)
    rig = Rig()
    tenants = Tenants(rig.reconciler.pipeline, observed)
    tenants.latest = InTenants(unread={"admin": "no answer"}, silent=frozenset({"admin"}))
    found = tenants.ours_in(Observation(CLOUD_FACTS, {ref: now}), rig.settings(), Mark())
    assert found == {ref: now}


class Promising(TenantRig):
    """A rig that looks, after each write, whether a host is served wherever clients look for it."""

    host = ""
    tenants: tuple[str, ...] = ()

    def answer(self, ref: AviRef | None = None) -> None:
        super().answer(ref)
        holder = self.controller.observed.holder(self.host)
        if holder is not None and self.tenants[-1:] != (holder.tenant,):
            self.tenants += (holder.tenant,)
        for tenant in self.tenants[-1:]:  # while the name is nowhere clients go on where it was
            assert self._is_served(tenant), f"{self.host} leads to tenant {tenant or 'admin'}, which does not serve it"

    def _is_served(self, tenant: str) -> bool:
        seen = self.controller.observed
        serving = [ref for ref in seen.serving(self.host) if ref.tenant == tenant]
        parent = AviRef("virtualservice", "my-cluster--Shared-L7-0", tenant)
        return parent in seen and any(map(seen.is_reached, serving))


@pytest.mark.parametrize("tls", [None, {"shop.com": "cert"}])
def test_whoever_moves_is_served_all_the_while(tls: dict[str, str] | None) -> None:
    shop = ingress("shop", ("shop.com", "/", "web:80"), namespace="one", tls=tls)
    rig = Promising(namespace("kube-system", uid=UID), *base("one"), shop, **FLAGS)
    rig.host = "shop.com"
    for tenant in ("red", "blue", ""):
        rig.apply(namespace("one", tenant))
        rig.settle()
        assert {ref.tenant for ref in rig.controller.observed if ref.type == "pool"} == {tenant}
    assert rig.tenants == ("", "red", "blue", "")
    assert [faults.count for faults in rig.reconciler.faults] == [0, 0, 0]


def test_a_service_with_an_address_of_its_own_moves_with_it() -> None:
    """Nobody else may have the address, so that it has to be free in the one tenant before it is had in the other."""
    direct = service("direct", namespace="one", type="LoadBalancer")
    direct["spec"]["loadBalancerIP"] = "10.9.9.9"
    rig = TenantRig(namespace("kube-system", uid=UID), *base("one"), direct, **FLAGS)
    rig.faults.append(lambda operation: _taken(rig, operation))
    rig.apply(namespace("one", "red"))
    rig.wait(600.0)
    found = {ref.tenant for ref in rig.controller.observed if ref.name == "my-cluster--one-direct"}
    assert found == {"red"}


def _taken(rig: TenantRig, operation: Operation) -> AviError | None:
    if not isinstance(operation, Create) or not isinstance(operation.object, VsVip):
        return None
    items = (seen.object for _, seen in rig.controller.observed.items())
    held = {item.vip[0].ip_address for item in items if isinstance(item, VsVip)}
    asked = operation.object.vip[0].ip_address
    return AviRejected("the address is in use", status=400) if asked and asked in held else None


FORBIDDEN = AvailabilityChanged(NAMESPACE_KIND.kind, Availability.UNKNOWN, "no right (403)", is_forbidden=True)
FAILED = AvailabilityChanged(NAMESPACE_KIND.kind, Availability.UNKNOWN, "try again (503)")


class Blind(TenantRig):
    """A rig that never could read Namespaces."""

    why = FORBIDDEN

    def change(self, *changes: Change) -> None:
        is_list = [isinstance(change, Listed) and change.kind == NAMESPACE_KIND.kind for change in changes]
        super().change(*(self.why if old else change for change, old in zip(changes, is_list, strict=True)))


@pytest.mark.parametrize("why", [FORBIDDEN, FAILED])
def test_who_may_not_read_namespaces_at_a_start_moves_nobody(why: AvailabilityChanged) -> None:
    """They lived in the tenant that theirs names, which nobody knows by now: the common one is not for them."""
    inside = (*base("one"), ingress("shop", ("shop.com", "/", "web:80"), namespace="one"))
    direct = service("direct", namespace="one", type="LoadBalancer")
    first = TenantRig(namespace("kube-system", uid=UID), namespace("one", "red"), *inside, direct, **FLAGS)
    assert {ref.tenant for ref in first.controller.observed} == {"red"}
    before = objects(first.controller)
    more = ingress("more", ("more.com", "/", "web:80"), namespace="one")
    asking = ingress("asking", ("red.com", "/", "web:80"), namespace="one")
    asking["metadata"]["annotations"] = {"ako.vmware.com/tenant-name": "red"}

    Blind.why = why
    rig = Blind(namespace("kube-system", uid=UID), *inside, direct, more, asking, controller=first.controller, **FLAGS)
    rig.wait(600.0)
    assert rig.writes == []
    assert objects(first.controller) == before
    assert rig.desk.told == []
    assert why_unselected(rig.reconciler.pipeline.store)
