"""Namespaces come into selection and go out of it: what is served follows, statuses too, and the guard has its word."""

from __future__ import annotations

from typing import Any

import pytest

from ako.core.control.own_objects import unread, why_unselected
from ako.core.engine.changes import Availability, AvailabilityChanged, Change
from ako.core.hooks.records import NAMESPACES
from ako.core.model import Pool
from ako.core.observe.served import owners_of
from tests.builders import CLASS, Manifest, endpoints, ingress, service
from tests.core.control.echo import EchoingRig
from tests.core.control.rig import Rig
from tests.core.control.running import Running
from tests.core.control.test_told_to_operators import told
from tests.e2e.stage import AviControl
from tests.waiting import eventually

LABELLED: dict[str, Any] = {
    "AKOSettings__namespaceSelector__labelKey": "app",
    "AKOSettings__namespaceSelector__labelValue": "migrate",
}
SMALL: dict[str, Any] = {"L7Settings__shardVSSize": "SMALL"}
STRICT: dict[str, Any] = {"L7Settings__fqdnReusePolicy": "Strict", **SMALL}
FORBIDDEN = AvailabilityChanged(NAMESPACES.kind, Availability.UNKNOWN, "no right (403)", is_forbidden=True)
FAILED = AvailabilityChanged(NAMESPACES.kind, Availability.UNKNOWN, "try again (503)")
RIGHT = ("app", "migrate")
WRONG = ("app", "migrate2")


def namespace(name: str, *labels: tuple[str, str]) -> Manifest:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": dict(labels)}}


def inside(name: str, *hosts: str) -> tuple[Manifest, ...]:
    """Give what there is in a namespace: an Ingress for each host, called after it, and a Service they name."""
    return (
        service("web", namespace=name),
        endpoints("web", "10.0.0.1", namespace=name),
        *(ingress(f"{name}-{host}", (host, "/", "web:80"), namespace=name) for host in hosts),
    )


def balanced(name: str) -> Manifest:
    return service("lb", namespace=name, type="LoadBalancer")


def reasons(rig: EchoingRig) -> list[tuple[str, str]]:
    return [(problem.source.name, problem.reason) for problem in rig.news()]


def test_what_is_served_and_statuses_come_and_go_with_the_label() -> None:
    rig = EchoingRig(namespace("red", WRONG), *inside("red", "a.com"), **SMALL, **LABELLED)
    assert (rig.served(), rig.writes, rig.hosts("red-a.com")) == (set(), [], [])
    rig.apply(namespace("red", ("app", "other")))
    rig.settle()
    assert rig.writes == []
    for _ in range(2):
        rig.apply(namespace("red", RIGHT))
        rig.settle()
        assert (rig.served(), rig.hosts("red-a.com")) == ({"a.com"}, ["a.com"])
        rig.apply(namespace("red", WRONG))
        rig.settle()
        assert (rig.served(), rig.hosts("red-a.com")) == (set(), [])
        assert not rig.has("pool", "a.com_-red-red-a.com")
    assert rig.news() == [], "nobody is told of what is meant for others"


def test_so_do_services_by_a_setting() -> None:
    rig = EchoingRig(balanced("red"), **SMALL)
    assert len(rig.entries("lb", "Service")) == 1
    rig.use(**SMALL, AKOSettings__blockedNamespaceList="red")
    assert (rig.entries("lb", "Service"), rig.has("virtualservice", "red-lb")) == ([], False)
    rig.use(**SMALL, AKOSettings__blockedNamespaceList="blue")
    assert (len(rig.entries("lb", "Service")), rig.has("virtualservice", "red-lb")) == (1, True)


def test_what_went_out_of_selection_while_we_were_away_goes_with_its_status() -> None:
    before = EchoingRig(namespace("red", RIGHT), *inside("red", "a.com"), **SMALL, **LABELLED)
    assert before.hosts("red-a.com") == ["a.com"]
    left = [m for m in before.manifests() if m["kind"] != "Namespace"]
    rig = EchoingRig(*left, namespace("red"), controller=before.controller, **SMALL, **LABELLED)
    assert (rig.served(), rig.hosts("red-a.com")) == (set(), [])


def test_several_hosts_that_go_with_a_label_or_a_setting_wait_for_a_word() -> None:
    rig = EchoingRig(namespace("red", RIGHT), *inside("red", "a.com", "b.com", "c.com"), **SMALL, **LABELLED)
    rig.apply(namespace("red", WRONG))
    rig.settle()
    assert rig.served() == rig.reconciler.held.served == {"a.com", "b.com", "c.com"}
    assert rig.hosts("red-a.com") == ["a.com"], "a status says what is served"
    rig.apply(namespace("red", RIGHT))
    rig.settle()
    assert not rig.reconciler.held
    rig.use(**SMALL, **LABELLED, AKOSettings__blockedNamespaceList=["red"])
    assert rig.served() == rig.reconciler.held.served == {"a.com", "b.com", "c.com"}
    rig.reconciler.confirm(rig.reconciler.held.id)
    rig.settle()
    assert (rig.served(), rig.hosts("red-a.com")) == (set(), [])


def test_a_namespace_that_users_delete_takes_all_in_it_along_whatever_is_seen_first() -> None:
    """The Namespace may be seen to be gone before the last of what was in it: that waits, and is meant after all."""
    all_of_red = inside("red", "a.com", "b.com", "c.com")
    rig = EchoingRig(namespace("red", RIGHT), *all_of_red, **SMALL, **LABELLED)
    rig.delete(namespace("red", RIGHT))
    rig.settle()
    rig.delete(*(m for m in all_of_red if m["kind"] == "Ingress"))
    rig.settle()
    assert rig.served() == set()
    assert not rig.reconciler.held


def test_nobody_is_told_of_what_cannot_be_read_where_nothing_is_served() -> None:
    rig = EchoingRig(*inside("red", "a.com"), **SMALL)
    (wrong,) = (manifest for manifest in inside("red", "a.com") if manifest["kind"] == "Ingress")
    rig.spoil(wrong)
    rig.settle()
    assert reasons(rig) == [("red-a.com", "Unreadable")]
    assert rig.served() == {"a.com"}
    rig.use(**SMALL, AKOSettings__blockedNamespaceList=["red"])
    assert (rig.served(), reasons(rig)) == (set(), [])
    assert rig.desk.standing == {ref: frozenset() for ref in rig.desk.standing}
    rig.spoil(wrong)  # writing its status has made it readable
    rig.settle()
    assert reasons(rig) == []
    rig.use(**SMALL)
    assert reasons(rig) == [("red-a.com", "Unreadable")]


@pytest.mark.parametrize("change", [FORBIDDEN, FAILED])
def test_while_labels_cannot_be_read_what_is_served_stays_over_a_restart(change: AvailabilityChanged) -> None:
    before = EchoingRig(namespace("red", RIGHT), *inside("red", "a.com", "b.com"), balanced("red"), **SMALL, **LABELLED)
    left = [m for m in before.manifests() if m["kind"] != "Namespace"]
    served, status = before.served(), before.hosts("red-a.com")
    rig = Blind(change, *left, *inside("blue", "new.com"), controller=before.controller, **SMALL, **LABELLED)
    assert (rig.writes, rig.served(), rig.hosts("red-a.com")) == ([], served, status)
    assert rig.hosts("blue-new.com") == []
    assert "nothing is taken away" in why_unselected(rig.reconciler.pipeline.store)
    assert rig.desk.told == [], "the operator is told, once, and not everybody in the cluster"
    rig.relist(namespace("red", RIGHT), namespace("blue", WRONG))
    rig.settle()
    assert (rig.served(), rig.hosts("red-a.com")) == (served, status)
    rig.apply(namespace("blue", RIGHT))
    rig.settle()
    assert rig.hosts("blue-new.com") == ["new.com"]


class Blind(EchoingRig):
    """A rig to which Namespaces were never listed; which cluster it is it knows."""

    def __init__(self, change: AvailabilityChanged, *manifests: Manifest, **arguments: Any) -> None:
        self._change: AvailabilityChanged | None = change
        super().__init__(*manifests, **arguments)

    def change(self, *changes: Change) -> None:
        if self._change is not None:
            change, self._change = self._change, None
            changes = (change, *(each for each in changes if each.kind != NAMESPACES.kind))
        super().change(*changes)

    def relist(self, *manifests: Manifest) -> None:
        Rig.relist(self, *manifests)


def test_the_operator_is_told_where_labels_are_asked_for_and_only_there(avi: AviControl, url: str) -> None:
    with Running(url, manifests=(CLASS, *inside("red", "a.com"), namespace("red", RIGHT)), **LABELLED) as ako:
        eventually(lambda: ako.controller.state.is_observed or None, "a full sync")
        ako.comes_to_rest()
        store = ako.controller.reconciler.pipeline.store
        assert why_unselected(store) == ""
        assert not ako.controller.state.unread
        ako.cluster.tell(FORBIDDEN)
        eventually(lambda: told(ako, "NamespacesUnknown") or None, "the operator's Event")
        ako.comes_to_rest()
        (message,) = told(ako, "NamespacesUnknown")
        assert "AKOSettings.namespaceSelector" in message
        assert message.endswith("those known last count: no right (403)")
        assert list(ako.controller.state.unread) == [f"{NAMESPACES.kind}: no right (403)"]
        assert list(unread(store)) == [], "where no label is asked for that right is not needed"
        assert ako.cluster.status_of("red-a.com")


# Whose a host is, where nobody has an age.


def shop(name: str, namespace: str, *paths: str) -> Manifest:
    return ingress(name, *(("shop.com", path, "web:80") for path in paths), namespace=namespace)


def holders(rig: EchoingRig) -> set[str]:
    """Give the namespaces that are served."""
    pools = (seen.object for _, seen in rig.controller.observed.items() if isinstance(seen.object, Pool))
    return {owners_of(pool)[0].namespace for pool in pools}


def test_a_namespace_keeps_its_host_without_an_age_while_running_and_over_a_restart() -> None:
    rig = EchoingRig(*inside("z"), *inside("a"), shop("zeta", "z", "/"), **STRICT)
    assert holders(rig) == {"z"}
    rig.apply(shop("alpha", "a", "/", "/x"))
    rig.settle()
    assert (holders(rig), rig.hosts("zeta"), rig.hosts("alpha")) == ({"z"}, ["shop.com"], [])
    assert reasons(rig) == [("alpha", "HostOfOtherNamespace")]
    again = EchoingRig(*rig.manifests(), controller=rig.controller, **STRICT)
    again.settle()
    assert (again.writes, holders(again)) == ([], {"z"})
    again.delete(shop("zeta", "z"))
    again.settle()
    assert (holders(again), again.hosts("alpha")) == ({"a"}, ["shop.com"])
    again.apply(shop("zeta", "z", "/"))
    again.settle()
    assert (holders(again), again.hosts("zeta")) == ({"a"}, [])


def test_the_policy_takes_what_others_have_and_their_statuses_and_gives_it_back() -> None:
    rig = EchoingRig(*inside("z"), *inside("a"), shop("alpha", "a", "/"), shop("zeta", "z", "/x"), **SMALL)
    assert holders(rig) == {"a", "z"}
    rig.use(**STRICT)
    assert (holders(rig), rig.hosts("alpha"), rig.hosts("zeta")) == ({"a"}, ["shop.com"], [])
    rig.use(**SMALL)
    assert (holders(rig), rig.hosts("zeta")) == ({"a", "z"}, ["shop.com"])


@pytest.mark.parametrize("created", [None, "2026-01-01T00:00:00Z"])
def test_a_host_of_an_object_that_cannot_be_read_is_handed_to_nobody(created: str | None) -> None:
    """Over a restart nothing but the Controller says who had it; and nobody whether it is still wanted."""
    base = (*inside("z"), *inside("a"))
    before = EchoingRig(*base, shop("zeta", "z", "/"), **STRICT)
    alpha = ingress("alpha", ("shop.com", "/x", "web:80"), namespace="a", created=created)
    rig = EchoingRig(*base, alpha, unreadable=[shop("zeta", "z")], controller=before.controller, **STRICT)
    rig.settle()
    assert (rig.writes, holders(rig), rig.hosts("alpha")) == ([], {"z"}, [])
    (problem,) = (problem for problem in rig.news() if problem.source.name == "alpha")
    assert problem.reason == "HostOfOtherNamespace"
    assert "z/zeta" in problem.message
    rig.apply(shop("second", "z", "/y"))
    rig.settle()
    assert rig.hosts("second") == ["shop.com"], "its own namespace goes on"
    rig.delete(shop("second", "z"))
    rig.settle()
    assert rig.hosts("alpha") == []
    rig.apply(shop("zeta", "z", "/new")) if created is None else rig.delete(shop("zeta", "z"))
    rig.settle()
    is_given_up = created is not None
    assert (holders(rig), rig.hosts("alpha")) == (({"a"}, ["shop.com"]) if is_given_up else ({"z"}, []))


def test_who_is_live_loses_nothing_because_another_cannot_be_read() -> None:
    """Both were served when the policy was another."""
    base = (*inside("z"), *inside("a"))
    both = (shop("alpha", "a", "/"), shop("zeta", "z", "/x"))
    before = EchoingRig(*base, *both, **SMALL)
    rig = EchoingRig(*base, both[0], unreadable=[both[1]], controller=before.controller, **STRICT)
    rig.settle()
    assert (rig.writes, holders(rig), rig.hosts("alpha")) == ([], {"a", "z"}, ["shop.com"])
    rig.use(**SMALL)
    assert rig.writes == []
    rig.delete(both[1])
    rig.settle()
    assert holders(rig) == {"a"}
