"""Labels, blocked namespaces, selector and Strict in whatever order: the end is as if all was so from the start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import Manifest, endpoints, ingress, kind_of, name_of, service, tls_secret
from tests.core.control.echo import EchoingRig
from tests.core.control.test_convergence import assert_same_but_for_empty_parents
from tests.core.control.test_namespaces import namespace
from tests.core.strict_controller import contents
from tests.properties import share_of

NAMESPACES = ("blue", "green", "red")
DAYS = tuple(f"2026-01-{day:02}T00:00:00Z" for day in range(1, 4))
BASE = tuple(
    manifest
    for name in NAMESPACES
    for manifest in (
        service("web", namespace=name),
        endpoints("web", "10.0.0.1", namespace=name),
        tls_secret("cert", "a.com", namespace=name),
    )
)
# Nothing is held here, and nothing waits: what a history leaves behind is looked at.
ALWAYS = {"L7Settings__shardVSSize": 2, "ako__guard__maxDeletePercent": 100}

Step = tuple[str, Any]


def sources(where: str, name: str, host: str, path: str, created: str, *, secure: bool) -> Manifest:
    tls = {host: "cert"} if secure else {}
    return ingress(name, (host, path, "web:80"), namespace=where, tls=tls, created=created)


def balanced(where: str, name: str, created: str) -> Manifest:
    found = service(name, namespace=where, type="LoadBalancer")
    annotations = {"external-dns.alpha.kubernetes.io/hostname": name + ".com"}
    return {**found, "metadata": {**found["metadata"], "creationTimestamp": created, "annotations": annotations}}


AT = (st.sampled_from(NAMESPACES), st.sampled_from(("a", "b")))
INGRESSES = st.builds(
    sources, *AT, st.sampled_from(("a.com", "A.com", "b.com")), st.sampled_from(("/", "/x")), st.sampled_from(DAYS),
    secure=st.booleans(),
)  # fmt: skip
SERVICES = st.builds(balanced, *AT, st.sampled_from(DAYS))
LABELS = st.sampled_from(((), (("app", "yes"),), (("app", "no"),)))
LABELLED = st.builds(lambda name, labels: namespace(name, *labels), st.sampled_from(NAMESPACES), LABELS)
STEPS = st.one_of(
    st.tuples(st.just("apply"), st.one_of(INGRESSES, INGRESSES, SERVICES)),
    st.tuples(st.just("apply"), LABELLED),
    st.tuples(st.just("delete"), st.one_of(INGRESSES, SERVICES, st.builds(namespace, st.sampled_from(NAMESPACES)))),
    st.tuples(st.just("blocked"), st.sets(st.sampled_from(NAMESPACES), max_size=2)),
    st.tuples(st.just("selector"), st.booleans()),
    st.tuples(st.just("strict"), st.booleans()),
)


class World:
    """What is declared and set, and which program looks after it."""

    def __init__(self) -> None:
        self.manifests: dict[object, Manifest] = {}
        self.blocked: frozenset[str] = frozenset()
        self.selects = self.is_strict = False
        self.rig = EchoingRig(*BASE, **self.flags)

    @property
    def flags(self) -> Mapping[str, Any]:
        label = ("app", "yes") if self.selects else ("", "")
        return {
            **ALWAYS,
            "AKOSettings__blockedNamespaceList": sorted(self.blocked),
            "AKOSettings__namespaceSelector__labelKey": label[0],
            "AKOSettings__namespaceSelector__labelValue": label[1],
            "L7Settings__fqdnReusePolicy": "Strict" if self.is_strict else "",
        }

    def step(self, action: str, argument: Any) -> None:
        if action == "apply":
            self.manifests[self._identity(argument)] = argument
            self.rig.apply(argument)
        elif action == "delete":
            if self.manifests.pop(self._identity(argument), None) is not None:
                self.rig.delete(argument)
        else:
            self.blocked = frozenset(argument) if action == "blocked" else self.blocked
            self.selects = argument if action == "selector" else self.selects
            self.is_strict = argument if action == "strict" else self.is_strict
            self.rig.use(**self.flags)

    @staticmethod
    def _identity(manifest: Manifest) -> object:
        return kind_of(manifest), name_of(manifest)

    def statuses(self) -> Mapping[object, Any]:
        """Give all statuses; an empty one is none."""
        listed = {self._identity(m): (m.get("status") or {}).get("loadBalancer") or {} for m in self.rig.manifests()}
        return {identity: found["ingress"] for identity, found in listed.items() if found.get("ingress")}

    def told(self) -> set[tuple[str, str, str]]:
        standing = self.rig.desk.standing.values()
        return {(str(p.source), p.reason, p.message) for problems in standing for p in problems}


@settings(max_examples=share_of(120), deadline=None)
@given(st.lists(st.tuples(STEPS, st.booleans()), min_size=2, max_size=14))
def test_any_history_ends_as_from_scratch(steps: Sequence[tuple[Step, bool]]) -> None:
    world = World()
    for (action, argument), settles in steps:
        world.step(action, argument)
        if settles:
            world.rig.settle()
    world.rig.wait(120)

    fresh = EchoingRig(*BASE, *world.manifests.values(), **world.flags)
    fresh.wait(120)
    assert_same_but_for_empty_parents(contents(world.rig.controller.observed), contents(fresh.controller.observed))
    other = World()
    other.rig = fresh
    assert world.statuses() == other.statuses()
    assert world.told() == other.told()
    invariants(world)


def invariants(world: World) -> None:
    """Check the rules themselves: who is not selected claims nothing, and with Strict a host is of one namespace."""
    pipeline = world.rig.reconciler.pipeline
    labels = {name_of(m).name: m["metadata"]["labels"] for m in world.manifests.values() if m["kind"] == "Namespace"}
    claiming = {claim.source.namespace for _, found in pipeline.claims.values() for claim in found.claims}
    selected = {n for n in NAMESPACES if n not in world.blocked}
    if world.selects:
        selected = {n for n in selected if labels.get(n, {}).get("app") == "yes"}
    declared = {str(name_of(m).namespace) for m in world.manifests.values() if m["kind"] in {"Ingress", "Service"}}
    assert claiming == selected & declared
    for host in ("a.com", "b.com"):
        model = pipeline.model(host)
        if model is not None and world.is_strict:
            assert len({source.namespace for source in model.sources if model.virtual_host.serves(source)}) <= 1
