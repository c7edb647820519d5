"""Which namespaces are served, and whose a host is: the same for every kind of source, whoever declares it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from msgspec import Struct

from ako import Discovery, HostClaim, Kind, Metadata, PathRule, PathType, SourceObject, View, WatchedKind, hookimpl
from ako.core.engine.changes import Availability, AvailabilityChanged
from ako.core.hooks.claims import PortClaim, Problem
from ako.core.hooks.loading import Plugin
from ako.core.hooks.records import NAMESPACES
from ako.core.hooks.site import SETTINGS
from ako.testing.rehearsal import Manifest, Rehearsal, ref_of
from tests.builders import CLASS, CLOUD_FACTS, ingress, service
from tests.builders import settings as loaded
from tests.contract.moody import Moody, mood


class Name(Struct, frozen=True):
    """A source object in no namespace: it claims the host that it is called after."""

    metadata: Metadata


NAMES = Kind("names.test", "v1", "Name")


class Nameless:
    """Claims hosts for objects that are in no namespace."""

    @hookimpl
    def ako_kinds(self) -> Sequence[WatchedKind]:
        return (WatchedKind(kind=NAMES, plural="names", record=Name, namespaced=False, is_source=True),)

    @hookimpl
    def ako_discover(self, source: SourceObject, view: View) -> Discovery | None:
        record = source.record
        assert isinstance(record, Name)
        rule = PathRule("/", PathType.PREFIX, ())
        return Discovery((HostClaim(source.ref, record.metadata.created, record.metadata.name, (rule,)),))


class Stage(Rehearsal):
    """All plugins of ours and two of others, with settings that change."""

    def __init__(self, *manifests: Manifest, **flags: object) -> None:
        plugins = ("ingress", "openshift_route", "loadbalancer", "clusterip_routes")
        super().__init__((*plugins, Plugin("moody", Moody()), Plugin("nameless", Nameless())), cloud=CLOUD_FACTS)
        self.use(**flags)
        self.apply(CLASS, *manifests)

    def use(self, **flags: object) -> None:
        self.pipeline.engine.set_input(SETTINGS, loaded(**flags))
        self.pipeline.refresh()

    def change(self, *, is_forbidden: bool) -> None:
        """Have Namespaces not listed yet, and not to be listed."""
        store = self.pipeline.store
        store._availability[NAMESPACES.kind] = (Availability.UNKNOWN, "not listed yet")
        self.pipeline.apply([AvailabilityChanged(NAMESPACES.kind, Availability.UNKNOWN, "no", is_forbidden)])
        self.pipeline.refresh()

    def claims(self) -> set[str]:
        """Give the names of the source objects that claim anything."""
        return {str(ref) for ref, found in self.pipeline.claims.values() if found.claims}

    def serving(self) -> set[str]:
        """Give the names of what is there for a source; shared virtual services stay when their last host goes."""
        return {ref.name for ref in self.objects() if ref.type == "pool" or "balanced" in ref.name}

    def told(self, reason: str) -> list[Problem]:
        return [problem for problem in self.problems() if problem.reason == reason]


def a_route(
    namespace: str, name: str = "route", host: str = "route.com", created: str = "", **spec: object
) -> Manifest:
    metadata = {"name": name, "namespace": namespace, "creationTimestamp": created}
    wanted = {"host": host, "to": {"kind": "Service", "name": "web"}, **spec}
    return {"apiVersion": "route.openshift.io/v1", "kind": "Route", "metadata": metadata, "spec": wanted}


def a_name(name: str, created: str = "") -> Manifest:
    metadata = {"name": name, "creationTimestamp": created}
    return {"apiVersion": "names.test/v1", "kind": "Name", "metadata": metadata}


def a_mood(namespace: str, host: str = "mood.com", created: str = "") -> Manifest:
    found = mood("mood", host, created)
    return {**found, "metadata": {**found["metadata"], "namespace": namespace}}


def namespace(name: str, **labels: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def one_of_each(namespace: str) -> tuple[Manifest, ...]:
    return (
        a_route(namespace),
        service("balanced", namespace=namespace, type="LoadBalancer"),
        a_mood(namespace),
    )


SELECTOR = {
    "AKOSettings__namespaceSelector__labelKey": "app.test/served",
    "AKOSettings__namespaceSelector__labelValue": "yes",
}
SERVED: Mapping[str, str] = {"app.test/served": "yes"}


@pytest.mark.parametrize("make", [*one_of_each("red"), ingress("web", ("a.com", "/", "web:80"), namespace="red")])
def test_every_kind_of_source_comes_and_goes_with_the_label(make: Manifest) -> None:
    stage = Stage(make, **SELECTOR)
    assert stage.claims() == set(), "a Namespace that is not there has no label"
    stage.apply(namespace("red"))
    assert stage.claims() == set()
    for labels, is_served in [
        (SERVED, True),
        ({"app.test/served": "Yes"}, False),
        ({**SERVED, "other": "x"}, True),
        ({"app.test/other": "yes"}, False),
    ]:
        stage.apply(namespace("red", **labels))
        assert stage.claims() == ({str(ref_of(make))} if is_served else set())
        assert bool(stage.serving()) is is_served
    assert stage.problems() == (), "nobody is told of what is meant for others"


def test_others_are_not_concerned_by_the_label_of_one() -> None:
    stage = Stage(*one_of_each("red"), *one_of_each("blue"), namespace("red", **SERVED), namespace("blue"), **SELECTOR)
    assert stage.claims() == {str(ref_of(m)) for m in one_of_each("red")}
    stage.apply(namespace("blue", **SERVED), namespace("red"))
    assert stage.claims() == {str(ref_of(m)) for m in one_of_each("blue")}
    stage.delete(namespace("blue"))
    assert stage.claims() == set()


def test_what_is_blocked_is_not_served_whatever_its_label_and_at_once() -> None:
    stage = Stage(*one_of_each("red"), *one_of_each("blue"), namespace("red", **SERVED), namespace("blue", **SERVED))
    red, blue = ({str(ref_of(m)) for m in one_of_each(name)} for name in ("red", "blue"))
    assert stage.claims() == red | blue
    stage.use(AKOSettings__blockedNamespaceList=["red"], **SELECTOR)
    assert stage.claims() == blue
    stage.use(AKOSettings__blockedNamespaceList="blue, green")
    assert stage.claims() == red
    stage.use()
    assert stage.claims() == red | blue


def test_what_is_in_no_namespace_is_not_selected_by_one() -> None:
    stage = Stage(a_name("name.com"), **SELECTOR)
    assert stage.claims() == {str(ref_of(a_name("name.com")))}
    stage.use(AKOSettings__blockedNamespaceList=["default", "red"])
    assert stage.claims() == {str(ref_of(a_name("name.com")))}


def test_without_a_selector_the_label_of_a_namespace_wakes_nobody() -> None:
    stage = Stage(a_mood("red"))
    stage.pipeline.claims.drain()
    stage.apply(namespace("red", app="x"))
    stage.use(AKOSettings__blockedNamespaceList=["green"])
    assert stage.pipeline.claims.drain() == {}
    steps = stage.pipeline.engine.steps
    stage.apply(namespace("red", app="y"))
    assert stage.pipeline.engine.steps <= steps + 1, "but for what annotations of the Namespace ask for"
    assert stage.pipeline.claims.drain() == {}


@pytest.mark.parametrize("is_forbidden", [False, True])
def test_while_labels_cannot_be_read_nothing_is_taken_away_and_nothing_new_is_served(*, is_forbidden: bool) -> None:
    stage = Stage(*one_of_each("red"))
    claims, objects = stage.claims(), stage.objects()
    stage.change(is_forbidden=is_forbidden)
    assert stage.claims() == claims
    stage.use(**SELECTOR)
    assert (stage.claims(), stage.objects()) == (claims, objects)
    new = (a_route("blue", "new"), {**a_mood("red"), "metadata": {"name": "other", "namespace": "red"}})
    stage.apply(*new)
    assert (stage.claims(), stage.objects()) == (claims, objects), "nothing new"
    doubts = {str(row): reason for row, reason in stage.doubts().items()}
    assert {str(ref_of(manifest)) for manifest in new} <= doubts.keys()
    assert all("v1/Namespace is not known" in reason for reason in doubts.values())
    stage.apply(a_mood("red", "new.com"))
    assert (stage.claims(), stage.objects()) == (claims, objects), "an edit waits too"
    stage.use(AKOSettings__blockedNamespaceList=["red"], **SELECTOR)
    assert stage.claims() == set(), "what is blocked needs no label"


def test_where_no_label_is_asked_for_nobody_needs_to_read_namespaces() -> None:
    stage = Stage()
    stage.change(is_forbidden=True)
    stage.apply(*one_of_each("red"))
    assert stage.claims() == {str(ref_of(manifest)) for manifest in one_of_each("red")}


# Whose a host is.

STRICT = {"L7Settings__fqdnReusePolicy": "Strict"}
DAYS = tuple(f"2026-01-0{day}T00:00:00Z" for day in range(1, 8))
SHOP = "Shop.com"


def claimants(host: str = SHOP) -> tuple[Manifest, ...]:
    """Give one claim of each kind for a host, each in a namespace of its own, the oldest last in the alphabet."""
    return (
        a_route("f", host=host.lower(), created=DAYS[0]),
        a_mood("e", host, created=DAYS[1]),
        a_route("d", "pass", host.lower(), DAYS[2], tls={"termination": "passthrough"}),
        a_name(host, created=DAYS[3]),
        a_route("c", host=host.lower(), created=DAYS[4], path="/x"),
    )


def served(stage: Stage, host: str = SHOP) -> set[str]:
    """Give of which source objects anything is served for a host."""
    model = stage.pipeline.model(host.lower())
    assert model is not None
    return {str(source) for source in model.sources if model.virtual_host.serves(source)}


def test_the_first_namespace_has_a_host_and_the_next_takes_over_when_it_goes() -> None:
    left = claimants()
    stage = Stage(*reversed(left), **STRICT)
    while left:
        first, others = ref_of(left[0]), {ref_of(m) for m in left[1:]}
        assert served(stage) <= {str(first)}
        told = stage.told("HostOfOtherNamespace")
        assert {problem.source for problem in told} == others
        assert all(first.key in p.message and SHOP.lower() in p.message.lower() and p.remedy for p in told)
        assert stage.told("HostConflict") == stage.told("DuplicateHostPath") == []
        stage.delete(left[0])
        left = left[1:]
    assert stage.problems() == ()


def test_one_namespace_shares_a_host_with_itself() -> None:
    stage = Stage(a_route("red", "one", path="/a"), a_route("red", "two", path="/b"), a_route("blue"), **STRICT)
    assert served(stage, "route.com") == {str(ref_of(a_route("blue")))}, "of one age the name decides"
    stage.delete(a_route("blue"))
    assert served(stage, "route.com") == {str(ref_of(a_route("red", name))) for name in ("one", "two")}
    assert stage.told("HostOfOtherNamespace") == []


def test_the_policy_changes_while_running() -> None:
    young = a_route("blue", path="/x", created=DAYS[1])
    stage = Stage(a_route("red", created=DAYS[0]), young)
    both = served(stage, "route.com")
    assert len(both) == 2
    stage.use(**STRICT)
    assert both - served(stage, "route.com") == {str(ref_of(young))}
    stage.use(L7Settings__fqdnReusePolicy="InterNamespaceAllowed")
    assert served(stage, "route.com") == both
    assert stage.told("HostOfOtherNamespace") == []


def test_a_wildcard_is_a_host_of_its_own() -> None:
    stage = Stage(a_mood("red", "*.a.com", DAYS[0]), a_route("blue", host="x.a.com", created=DAYS[1]), **STRICT)
    assert len(served(stage, "*.a.com")) == len(served(stage, "x.a.com")) == 1
    stage.apply(a_mood("green", "*.A.com", DAYS[1]))
    assert len(served(stage, "*.a.com")) == 1
    assert [problem.source.namespace for problem in stage.told("HostOfOtherNamespace")] == ["green"]


def test_other_hosts_of_who_loses_one_are_served() -> None:
    mine = ingress("web", ("a.com", "/", "web:80"), namespace="red", created=DAYS[0])
    theirs = ingress(
        "web",
        ("a.com", "/", "web:80"),
        ("b.com", "/", "web:80"),
        ("A.com", "/z", "web:80"),
        namespace="b",
        created=DAYS[1],
    )
    stage = Rehearsal(("ingress", "clusterip_routes"), {"L7Settings.fqdnReusePolicy": "Strict"})
    stage.apply(CLASS, mine, theirs)
    pools = {ref.name for ref in stage.objects() if ref.type == "pool"}
    assert pools == {"my-cluster--a.com_-red-web", "my-cluster--b.com_-b-web"}
    assert [p.source.namespace for p in stage.problems() if p.reason == "HostOfOtherNamespace"] == ["b"]


def test_a_host_that_its_owner_cannot_be_served_with_is_nobody_elses() -> None:
    owner = ingress("web", ("a.com", "/", "web:80"), namespace="red", tls={"a.com": "none"}, created=DAYS[0])
    other = ingress("web", ("a.com", "/", "web:80"), namespace="blue", created=DAYS[1])
    stage = Rehearsal(("ingress", "clusterip_routes"), {"L7Settings.fqdnReusePolicy": "Strict"})
    stage.apply(CLASS, owner, other)
    assert stage.objects() == {}
    assert {p.reason for p in stage.problems()} == {"SecretNotFound", "HostOfOtherNamespace"}


@pytest.mark.parametrize("is_older", [True, False])
def test_a_dns_name_of_a_service_is_a_host_too(*, is_older: bool) -> None:
    """Whoever is older has it, as always: one address has a name. Of the younger ones nobody is told twice."""
    balanced = service("balanced", namespace="red", type="LoadBalancer")
    metadata = {
        **balanced["metadata"],
        "creationTimestamp": DAYS[0 if is_older else 4],
        "annotations": {"external-dns.alpha.kubernetes.io/hostname": "a.com"},
    }
    stage = Stage(
        {**balanced, "metadata": metadata},
        a_route("red", "own", "a.com", DAYS[1]),
        a_route("blue", "other", "a.com", DAYS[2]),
        **STRICT,
    )
    (claim,) = (c for _, d in stage.pipeline.claims.values() for c in d.claims if isinstance(c, PortClaim))
    assert claim.fqdns == ("a.com",)
    reasons = sorted((p.source.name, p.reason) for p in stage.problems() if p.reason != "BackendNotFound")
    if is_older:
        assert served(stage, "a.com") == set()
        assert reasons == [("other", "DnsNameTaken"), ("own", "DnsNameTaken")]
    else:
        assert served(stage, "a.com") == {str(ref_of(a_route("red", "own")))}
        assert reasons == [("balanced", "DnsNameTaken"), ("other", "HostOfOtherNamespace")]
