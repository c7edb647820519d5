"""What a plugin translates is ours to the last object, or none of it is used: that is a fault of the plugin."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from ako import (
    AviObject,
    AviRef,
    Contribution,
    HostMatch,
    Kind,
    ListeningPort,
    ObjectRef,
    OwnTree,
    ParentTemplate,
    Pool,
    PoolGroup,
    PoolGroupMember,
    Problem,
    RequestMatch,
    RequestRule,
    Translation,
    View,
    VirtualHost,
    VirtualService,
    hookimpl,
    site,
)
from ako.core.hooks.loading import Plugin
from ako.core.hooks.plugin_faults import failing_hook
from ako.core.model import HealthMonitor, KeyValues, VrfContext, VsVip
from ako.core.model.extra import extra
from tests.builders import Fed, endpoints, ingress, service
from tests.core.assemble.worlds import objects_of

PREFIX = "my-cluster--"
MINE = Pool(name=f"{PREFIX}mine", created_by="ako-my-cluster")
PARENT = ParentTemplate(
    name=f"{PREFIX}edge", vs_type="VS_TYPE_NORMAL", application_profile="System-HTTP", network_profile="x", services=()
)


class Translator:
    """Translates the host odd.com as it is told to."""

    def __init__(self, answer: Translation) -> None:
        self.answer = answer

    @hookimpl
    def ako_translate(self, virtual_host: VirtualHost, view: View) -> Translation | None:
        view.ask(site)
        return self.answer if virtual_host.host == "odd.com" else None


class Translating(Fed):
    """A pipeline with a plugin of somebody else that translates one host."""

    def __init__(self, answer: Translation) -> None:
        super().__init__(more=[Plugin("odd", Translator(answer))])
        self.apply(service("web"), endpoints("web", "10.0.0.1"))
        self.apply(ingress("odd", ("odd.com", "/", "web:80")), ingress("even", ("even.com", "/", "web:80")))
        self.pipeline.refresh()

    def told(self) -> list[tuple[str, str]]:
        models = (model for _, model in self.pipeline.hosts.values())
        return [(problem.reason, problem.message) for model in models for problem in model.problems]


def own(*objects: AviObject, **fields: Any) -> Translation:
    return Translation(parent=OwnTree(f"{PREFIX}mine"), objects=objects or (MINE,), **fields)


FOREIGN = {
    "another cluster's name": (
        own(replace(MINE, name="my-cluster-2--mine")),
        "objects[0].name is 'my-cluster-2--mine'",
    ),
    "a name of nobody's": (own(replace(MINE, name="operators-pool")), "objects[0].name is 'operators-pool'"),
    "nothing after the prefix": (
        own(replace(MINE, name=PREFIX)),
        f"objects[0].name is '{PREFIX}', which does not begin with",
    ),
    "no mark": (own(replace(MINE, created_by=None)), "objects[0].created_by is None, not ako-my-cluster"),
    "another's mark": (
        own(replace(MINE, created_by="ako-prod")),
        "objects[0].created_by is ako-prod, not ako-my-cluster",
    ),
    "the name of a shared virtual service": (
        own(VirtualService(name=f"{PREFIX}Shared-L7-0", created_by="ako-my-cluster")),
        "Shared-L7-0', which is the name of a shared virtual service",
    ),
    "an object of the administrator": (
        own(VrfContext(name="global")),
        "objects[0] is vrfcontext global, of a type that is never ours",
    ),
    "a VsVip of another cluster": (
        own(VsVip(name=f"{PREFIX}mine", markers=(KeyValues("clustername", ("prod",)),))),
        "objects[0].markers says 'clustername', as that of another cluster would",
    ),
    "a pool of another cluster": (
        own(replace(MINE, markers=(KeyValues("clustername", ("prod",)),))),
        "objects[0].markers says 'clustername', as that of another cluster would",
    ),
    "the uid of another cluster": (
        own(replace(MINE, markers=(KeyValues("team", ("a",)), KeyValues("cluster_uid", ("0815",))))),
        "objects[0].markers says 'cluster_uid', as that of another cluster would",
    ),
    "one name twice": (
        own(MINE, replace(MINE, sni_enabled=False)),
        f"objects[1] is pool {PREFIX}mine, as objects[0] is",
    ),
    "a tree of another name": (replace(own(), parent=OwnTree("mine")), "parent.name is 'mine'"),
    "a parent of another name": (
        Translation(parent=replace(PARENT, name="edge"), objects=(MINE,)),
        "parent.name is 'edge'",
    ),
    "a redirector of another name": (
        Translation(parent=replace(PARENT, redirect_on="edge-80"), objects=(MINE,)),
        "parent.redirect_on is 'edge-80'",
    ),
}


EVERYBODYS = RequestRule(name="r", index=0, match=RequestMatch())
OTHERS = RequestRule(name="r", index=0, match=RequestMatch(host_hdr=HostMatch(("even.com",))))
TO_EVEN = AviRef("pool", f"{PREFIX}even.com_-default-even")
IN_TENANT = AviRef("pool", "x", "blue")
EVEN = ObjectRef(Kind("networking.k8s.io", "v1", "Ingress"), "default", "even")


def shared(parent: ParentTemplate = PARENT, **contribution: Any) -> Translation:
    return Translation(parent=parent, objects=(MINE,), contribution=Contribution(**contribution))


OF_OTHERS = {
    "a rule for every host": (shared(rules=(EVERYBODYS,)), "rules[0].match.host_hdr is UNSET, so that it is for every"),
    "a rule for another host": (shared(rules=(OTHERS,)), "has 'even.com', which is not host odd.com nor in"),
    "a redirect of another host": (
        shared(replace(PARENT, redirect_on=PARENT.name), redirect_hosts=("even.com",)),
        "redirect_hosts has 'even.com', which is not host odd.com nor in fqdns",
    ),
    "a redirect of nobody's": (shared(redirect_hosts=("odd.com",)), "but parent.redirect_on says nothing"),
    "names for the core to give": (shared(renamed_groups=(("a", "b"),)), "renamed_groups is for the core to fill in"),
    "a pool of another host": (
        shared(members=(PoolGroupMember(TO_EVEN),)),
        f"contribution refers to {TO_EVEN!r}, which is neither in the answer nor of its parent",
    ),
    "a member of nobody's": (
        own(PoolGroup(name=f"{PREFIX}mine", created_by="ako-my-cluster", members=(PoolGroupMember(TO_EVEN),))),
        f"objects[0] refers to {TO_EVEN!r}",
    ),
    "an object in another tenant": (
        own(PoolGroup(name=f"{PREFIX}g", created_by="ako-my-cluster", members=(PoolGroupMember(IN_TENANT),))),
        "objects[0] refers to pool x in tenant blue, and the tenant is not for a plugin to say",
    ),
    "an object of others in a tenant": (
        own(replace(MINE, health_monitor_refs=(AviRef("healthmonitor", "System-HTTP", "admin"),))),
        "objects[0] refers to healthmonitor System-HTTP in tenant admin, and the tenant is not for a plugin to say",
    ),
    "a tenant": (own(replace(MINE, tenant="blue")), "objects[0].tenant is set"),
    "a problem of another's source": (
        own(problems=(Problem(EVEN, "Odd", "is odd"),)),
        "problems[0].source is 'networking.k8s.io/v1/Ingress/default/even', not an object that claims host odd.com",
    ),
    "a name over two lines": (
        own(replace(MINE, name=f"{PREFIX}a\nb")),
        "objects[0].name is 'my-cluster--a\\nb', with a",
    ),
    "a port twice": (
        shared(replace(PARENT, services=(ListeningPort(80), ListeningPort(80, enable_ssl=True)))),
        "parent.services has a port twice: 80, 80",
    ),
    "a field that nobody declares": (
        own(replace(MINE, server_timeout=5)),
        "objects[0] sets server_timeout, which no plugin declares as a field of Pool (ako_needs: fields)",
    ),
    "a field that there is not": (
        own(replace(MINE, extra=extra({"max_connexions": 5}))),
        "has no field max_connexions",
    ),
    "a field of the parent that nobody declares": (
        shared(replace(PARENT, fields=extra({"description": "x"}))),
        "parent.fields sets description, which no plugin declares as a field of VirtualService",
    ),
    "a monitor that nobody declares": (
        own(MINE, HealthMonitor(name=f"{PREFIX}m", monitor_type="HEALTH_MONITOR_TCP")),
        "objects[1] is a HealthMonitor, which no plugin declares to create (ako_needs: creates)",
    ),
}


@pytest.mark.parametrize(("answer", "words"), (FOREIGN | OF_OTHERS).values(), ids=FOREIGN | OF_OTHERS)
def test_what_is_not_ours_is_a_fault_of_the_plugin_and_nothing_of_it_is_wanted(answer: Translation, words: str) -> None:
    world = Translating(answer)
    assert world.told() == [], "no fault of the user"
    doubt = world.pipeline.hosts.doubts["odd.com"]
    assert failing_hook(doubt) == ("odd", "ako_translate")
    assert words in doubt
    assert list(world.pipeline.hosts.doubts) == ["odd.com"]
    names = {ref.name for ref in objects_of(world)}
    assert {name for name in names if "Shared" not in name} == {f"{PREFIX}even.com_-default-even"}


def test_what_is_ours_is_taken_in() -> None:
    world = Translating(own())
    assert world.told() == []
    assert MINE.ref in objects_of(world)


def test_a_reference_to_what_is_not_ours_is_no_claim_to_it() -> None:
    world = Translating(own(replace(MINE, health_monitor_refs=(AviRef("healthmonitor", "System-HTTP"),))))
    assert world.told() == []


def test_what_is_no_avi_object_is_a_failure_of_the_plugin() -> None:
    world = Translating(own("pool"))  # type: ignore[arg-type]
    assert world.told() == []
    assert "objects[0] is a str, not an Avi object" in world.pipeline.hosts.doubts["odd.com"]


@pytest.mark.parametrize("name", ["even.com_-default-even", "even.com"])
def test_a_plugin_that_needs_a_name_of_ours_does_nothing_for_being_served(name: str) -> None:
    """The age decides: the Ingress that it translates is the younger one by its name."""
    pool = replace(MINE, name=f"{PREFIX}{name}")
    parent = replace(PARENT, has_pool_group=True)
    member = PoolGroupMember(pool.ref, "odd.com")
    world = Translating(Translation(parent=parent, objects=(pool,), contribution=Contribution(members=(member,))))
    objects = objects_of(world)
    assert world.told() == []
    group = objects[AviRef("poolgroup", parent.name)]
    (reference,) = (ref for ref in group.references() if ref.type == "pool")
    assert objects[reference] == replace(pool, name=reference.name)
    assert reference.name.startswith(pool.name)
    assert (reference.name == pool.name) is (name == "even.com")


@pytest.mark.parametrize("is_first", [True, False])
def test_the_name_of_a_parent_is_nobody_elses(*, is_first: bool) -> None:
    """A host of the parent may come before or after the one that needs its name."""
    parent = replace(PARENT, name=f"{PREFIX}even.com_-default-even", has_pool_group=True)
    world = Translating(Translation(parent=parent, objects=(MINE,)))
    if is_first:
        world.delete(ingress("even", ("even.com", "/", "web:80")))
        world.pipeline.refresh()
        world.apply(ingress("even", ("even.com", "/", "web:80")))
        world.pipeline.refresh()
    names = [ref.name for ref in objects_of(world) if ref.type == "pool" and ref != MINE.ref]
    assert len(names) == 1
    assert names[0].startswith(f"{parent.name}-")
    world.delete(ingress("odd", ("odd.com", "/", "web:80")))
    world.pipeline.refresh()
    assert [ref.name for ref in objects_of(world) if ref.type == "pool"] == names, "it is kept, and so is its name"
    world.pipeline.release(parent.tree)
    world.pipeline.refresh()
    assert [ref.name for ref in objects_of(world) if ref.type == "pool"] == [parent.name]
