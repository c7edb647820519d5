"""A plugin may put Services with ports of their own onto the virtual service that hosts share."""

from __future__ import annotations

import logging

import pytest
from msgspec.structs import replace

from ako import Contribution, PoolGroupMember, PortClaim, Translation, View, VirtualHost, hookimpl
from ako.core.assemble.doubt import Doubt
from ako.core.base.refs import TreeName
from ako.core.hooks.loading import Plugin
from ako.core.hooks.plugin_faults import failing_hook
from ako.core.hooks.shared_parents import shared_parent
from ako.core.model import VirtualService
from ako.testing.rehearsal import Rehearsal
from tests.builders import CLASS, endpoints, ingress, service

SHARED = "my-cluster--Shared-L7-0"
ODD = "my-cluster--odd"


class Sharer:
    """Gives Services of type LoadBalancer a name on the first shared virtual service, but for one that is odd."""

    @hookimpl
    def ako_translate(self, virtual_host: VirtualHost | PortClaim, view: View) -> Translation | None:
        if not isinstance(virtual_host, PortClaim):
            return None
        parent = view.ask(shared_parent, 0)
        if virtual_host.source.name == "odd":
            members = (PoolGroupMember(pool_ref=None),)  # type: ignore[arg-type]  # as a plugin may err
            return Translation(parent=replace(parent, name=ODD), contribution=Contribution(members=members * 2))
        return Translation(parent=parent, contribution=Contribution(fqdns=(f"{virtual_host.source.name}.com",)))


@pytest.fixture
def rehearsal() -> Rehearsal:
    plugins = (Plugin("sharer", Sharer()), "ingress", "clusterip_routes", "loadbalancer")
    made = Rehearsal(plugins, {"L7Settings.shardVSSize": "SMALL"})
    made.apply(CLASS, service("web"), endpoints("web", "10.0.0.1"), ingress("shop", ("shop.com", "/", "web:80")))
    return made


def test_hosts_and_services_have_their_place_on_one_parent(rehearsal: Rehearsal) -> None:
    rehearsal.apply(service("b", type="LoadBalancer"), service("a", type="LoadBalancer"))
    assert rehearsal.doubts() == {}
    tree = rehearsal.pipeline.trees.value(TreeName(SHARED))
    assert tree is not None
    assert {placed.title for placed in tree.hosts} == {"host shop.com", "Service/default/a", "Service/default/b"}
    assert len([item for item in tree.shared if isinstance(item, VirtualService)]) == 1


def test_a_tree_that_could_not_be_worked_out_is_not_let_in_and_its_host_is_in_doubt_alone(
    rehearsal: Rehearsal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, logger="ako.core")  # its stack is logged
    rehearsal.apply(service("odd", type="LoadBalancer"))
    (doubt,) = rehearsal.pipeline.doubts()
    assert doubt == Doubt(doubt.reason, source=doubt.source)
    assert doubt.source is not None
    assert doubt.source.key == "Service/default/odd"
    assert failing_hook(doubt.reason) == ("sharer", "ako_translate")
    assert "contribution.members[0].pool_ref is None, not an AviRef" in doubt.reason
    assert rehearsal.pipeline.trees.value(TreeName(ODD)) is None
    assert rehearsal.pipeline.trees.value(TreeName(SHARED))


class Greedy:
    """Has hosts on a virtual service of its own, one of which, that says it is the oldest, wants another profile."""

    @hookimpl
    def ako_translate(self, virtual_host: VirtualHost | PortClaim, view: View) -> Translation | None:
        parent = replace(view.ask(shared_parent, 0), name=ODD, redirect_on=ODD)
        if virtual_host.host == "aaa.com":
            parent = replace(parent, application_profile="System-L4-Application")
        return Translation(parent=parent, contribution=Contribution(fqdns=(virtual_host.host,)))


def test_what_most_hosts_want_of_it_counts_and_not_what_the_oldest_does() -> None:
    made = Rehearsal((Plugin("greedy", Greedy()), "ingress", "clusterip_routes"))
    hosts = [ingress(name, (f"{name}.com", "/", "web:80"), created="2026-01-01T00:00:00Z") for name in ("shop", "blog")]
    made.apply(CLASS, service("web"), endpoints("web", "10.0.0.1"), *hosts)
    made.apply(ingress("aaa", ("aaa.com", "/", "web:80"), created="2020-01-01T00:00:00Z"))
    tree = made.pipeline.trees.value(TreeName(ODD))
    assert tree is not None
    assert {placed.title for placed in tree.hosts} == {"host shop.com", "host blog.com"}
    (problem,) = made.problems()
    assert (problem.source.name, problem.reason) == ("aaa", "ParentConflict")
