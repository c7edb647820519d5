"""Whose an object is, and what that costs: two clusters of one name, one that is built anew, one that is not known."""

from __future__ import annotations

import pytest

from ako.core.base.refs import Kind
from ako.core.control.own_objects import cluster_uid, unread, why_anonymous
from ako.core.engine.changes import Availability, AvailabilityChanged, Listed
from ako.core.model.mark import KEY
from ako.core.observe.full_sync import Observation
from ako.core.plan.plan import Update
from tests.builders import CLOUD_FACTS, Manifest, endpoints, ingress, service, tls_secret
from tests.core.control.rig import Rig
from tests.core.strict_controller import StrictController

ONE, TWO = "uid-1", "uid-2"
NAMESPACES = Kind("", "v1", "Namespace")
FORBIDDEN = AvailabilityChanged(NAMESPACES, Availability.UNKNOWN, "not for you (403)", is_forbidden=True)
FAILED = AvailabilityChanged(NAMESPACES, Availability.UNKNOWN, "try again (503)")
NOT_SERVED = AvailabilityChanged(NAMESPACES, Availability.NOT_SERVED, "the folder holds none")
HOSTS = (
    service("web"),
    endpoints("web", "10.0.0.1"),
    tls_secret("cert", "b.com"),
    ingress("a", ("a.com", "/", "web:80")),
    ingress("b", ("b.com", "/", "web:80"), tls={"b.com": "cert"}),
)


def kube_system(uid: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-system", "uid": uid}}


def cluster(uid: str, *manifests: Manifest, controller: StrictController | None = None) -> Rig:
    return Rig(kube_system(uid), *manifests, controller=controller, L7Settings__shardVSSize="SMALL")


def told_of(rig: Rig) -> set[str]:
    """Give the Ingresses that were told that a name of theirs is another cluster's."""
    return {told.source.name for told in rig.desk.told if "belongs to another cluster" in told.message}


def test_what_is_the_others_costs_no_request_however_often_ours_changes() -> None:
    one = cluster(ONE, *HOSTS)
    two = cluster(TWO, *HOSTS, controller=one.controller)
    for address in ("10.0.0.2", "10.0.0.3"):
        two.apply(endpoints("web", address), service("web", 81), tls_secret("cert", "*.com"))
        two.wait(600)
    two.sync()
    assert two.sent == []
    assert two.lookups == []
    assert told_of(two) == {"a", "b"}
    (namesake,) = two.reconciler.namesakes
    assert {ref.name.partition("--")[2] for ref in namesake.objects} >= {"Shared-L7-0", "b.com"}
    one.forget_writes()
    one.sync()
    assert one.sent == []
    assert one.reconciler.namesakes == ()


def test_what_goes_at_one_of_them_goes_for_that_one_alone() -> None:
    one = cluster(ONE, *HOSTS)
    two = cluster(TWO, *HOSTS[:2], ingress("c", ("c.com", "/", "web:80")), controller=one.controller)
    one.sync()
    assert one.has("pool", "c.com_-default-c")
    one.delete(*HOSTS[3:])
    one.settle()
    assert not one.has("pool", "a.com_-default-a")
    assert one.has("pool", "c.com_-default-c")
    two.delete(ingress("c"))
    two.settle()
    assert not one.has("pool", "c.com_-default-c")


def test_whoever_has_a_name_next_finds_it_free_at_a_full_sync() -> None:
    one = cluster(ONE, *HOSTS)
    two = cluster(TWO, *HOSTS, controller=one.controller)
    assert two.served() == {"a.com", "b.com"}
    one.reconciler.delete_everything(is_wanted=True)
    one.settle()
    assert two.served() == set()
    two.sync()
    assert two.served() == {"a.com", "b.com"}
    assert two.reconciler.namesakes == ()


def test_a_place_that_is_taken_costs_one_write_for_each_object_and_deletes_what_is_left() -> None:
    one = cluster(ONE, *HOSTS, ingress("old", ("old.com", "/", "web:80")))
    count = len(one.controller.observed)
    two = cluster(TWO, *HOSTS, controller=one.controller)
    (namesake,) = two.reconciler.namesakes
    two.reconciler.confirm("another")
    assert not two.reconciler.is_outdated
    two.reconciler.confirm(namesake.id)
    assert two.reconciler.is_outdated
    assert two.sent == []
    two.sync()
    assert not two.reconciler.is_outdated
    assert len(two.sent) == count
    remarked = [update for update in two.sent if isinstance(update, Update)]
    assert all(KEY in {change.field for change in update.changes} for update in remarked)
    assert {seen.cluster_uid for _, seen in two.controller.observed.items()} == {TWO}
    assert two.served() == {"a.com", "b.com"}
    assert two.reconciler.take_drift() == []
    two.forget_writes()
    two.sync()
    assert two.sent == []
    one.forget_writes()
    one.sync()  # should it be there after all, it has no more than what nobody took
    assert {operation.ref.name.partition("--")[2] for operation in one.sent} == {"old.com_-default-old"}
    assert told_of(one) == {"a", "b", "old"}


@pytest.mark.parametrize("change", [FAILED, FORBIDDEN, NOT_SERVED, Listed(NAMESPACES, {})])
def test_who_is_not_known_yet_concludes_nothing_and_who_may_not_be_known_goes_on(
    change: AvailabilityChanged | Listed,
) -> None:
    rig = Rig(L7Settings__shardVSSize="SMALL")
    store = rig.reconciler.pipeline.store
    store._availability[NAMESPACES] = (Availability.UNKNOWN, "not listed yet")
    rig.reconciler.is_observed = False
    rig.apply(*HOSTS)
    rig.change(change)
    rig.reconciler.observe(Observation(CLOUD_FACTS, {}))
    rig.settle()
    is_known = change is not FAILED
    assert bool(rig.sent) is is_known
    assert cluster_uid(store) == ("" if is_known else None)
    assert why_anonymous(store) == ("not for you (403)" if change is FORBIDDEN else "")
    assert list(unread(store)) == ([f"{NAMESPACES}: try again (503)"] if change is FAILED else [])


def test_who_could_not_be_known_and_then_may_not_goes_on() -> None:
    rig = Rig(L7Settings__shardVSSize="SMALL")
    rig.reconciler.pipeline.store._availability[NAMESPACES] = (Availability.UNKNOWN, "not listed yet")
    rig.apply(*HOSTS)
    rig.change(FAILED)
    rig.settle()
    assert not rig.sent
    rig.change(FORBIDDEN)
    rig.settle()
    assert rig.sent


def test_who_was_known_goes_on_whatever_becomes_of_the_namespace() -> None:
    rig = cluster(ONE, *HOSTS)
    for change in (FORBIDDEN, FAILED, Listed(NAMESPACES, {}), NOT_SERVED):
        rig.change(change)
        rig.forget_writes()
        rig.apply(endpoints("web", f"10.0.1.{len(rig.writes) + 1}"))
        rig.sync()
        assert not rig.reconciler.is_outdated
    rig.apply(endpoints("web", "10.0.2.1"))
    rig.settle()
    assert {seen.cluster_uid for _, seen in rig.controller.observed.items()} == {ONE}


def test_a_right_that_is_granted_later_has_all_read_anew() -> None:
    one = cluster(ONE, *HOSTS)
    two = Rig(*HOSTS[:2], L7Settings__shardVSSize="SMALL")
    two.change(FORBIDDEN)
    two.controller = one.controller
    two.apply(kube_system(TWO))
    assert two.reconciler.is_outdated
    two.sync()
    assert [namesake.uid for namesake in two.reconciler.namesakes] == [ONE]
    assert two.sent == []
