"""A plugin that translates otherwise puts its objects on the shared virtual services, as the core does."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from ako import (
    Contribution,
    HeaderMatch,
    HTTPPolicySet,
    PoolBuilder,
    PortClaim,
    RequestRule,
    Translation,
    View,
    VirtualHost,
    WantedRule,
    hookimpl,
    name_rules,
    shard,
    shared_parent,
    site,
    sni_certificate,
    sni_child,
    switches,
)
from ako.core.hooks.loading import Plugin
from ako.testing.rehearsal import Rehearsal
from tests.builders import CLASS, Manifest, ingress, tls_secret
from tests.contract.adjusting import (
    SAFE,
    SHOP,
    WEB,
)
from tests.core.assemble.worlds import answered
from tests.core.translate.requests import Request


class Guest:
    """Puts passthrough hosts nowhere, and all others on the shard that they belong to, with rules of its own."""

    @hookimpl
    def ako_translate(self, virtual_host: VirtualHost | PortClaim, view: View) -> Translation | None:
        if not isinstance(virtual_host, VirtualHost):
            return None
        here = view.ask(site)
        parent = view.ask(shared_parent, view.ask(shard, virtual_host.host, virtual_host.host))
        builder = PoolBuilder(view, here)
        name = f"{here.names.prefix}guest-{virtual_host.host}"
        rules = name_rules([WantedRule(served, name, has_group=True) for served in virtual_host.served])
        pools = [pool for rule in rules for pool in builder.build_named(rule, virtual_host.host)]
        objects = [item for pool in pools for item in pool.objects]
        objects += [builder.group(rule.name, builder.build_named(rule, virtual_host.host)) for rule in rules]
        switched = [
            s for rule in rules for s in switches(virtual_host.host, rule, here.tls_matching.patterns(rule.served.rule))
        ]
        if virtual_host.certificate:
            objects += sni_certificate(virtual_host, virtual_host.certificate, here)
            objects += sni_child(virtual_host, switched, parent.name, here)
        added = Contribution(fqdns=(virtual_host.host,), rules=() if virtual_host.certificate else tuple(switched))
        problems = tuple(builder.placement_problems(virtual_host.served))
        return Translation(parent=parent, objects=tuple(objects), contribution=added, rules=rules, problems=problems)


@pytest.mark.parametrize(
    ("source", "request_"), [(SHOP, Request("http", "shop.com", "/")), (SAFE, Request("https", "safe.com", "/"))]
)
def test_a_translating_plugin_puts_its_objects_on_shared_virtual_services_as_the_core_does(
    source: Manifest, request_: Request
) -> None:
    rehearsal = Rehearsal((Plugin("guest", Guest()), "ingress", "clusterip_routes"))
    rehearsal.apply(CLASS, *WEB, tls_secret("safe", "safe.com"), source)
    assert not rehearsal.doubts()
    assert not rehearsal.problems()
    plain = Rehearsal(("ingress", "clusterip_routes"))
    plain.apply(CLASS, *WEB, tls_secret("safe", "safe.com"), source)
    assert answered(rehearsal.objects(), request_) == answered(plain.objects(), request_) == {"10.0.0.1"}
    trees = [{tree.name for _, tree in one.pipeline.trees.values() if tree.hosts} for one in (rehearsal, plain)]
    assert trees[0] == trees[1], "the same shard"


class ByHeader:
    """Puts hosts on the shared virtual service, one rule for those who send a header and one for all others."""

    @hookimpl
    def ako_translate(self, virtual_host: VirtualHost | PortClaim, view: View) -> Translation | None:
        if not isinstance(virtual_host, VirtualHost):
            return None
        builder = PoolBuilder(view, view.ask(site))
        wanted = [
            WantedRule(served, builder.site.names.host(virtual_host.host), has_group=True)
            for served in virtual_host.served
        ]
        (rule,) = name_rules(wanted)
        built = tuple(builder.build_named(rule, virtual_host.host))
        (plain,) = switches(virtual_host.host, rule, [None])
        header = HeaderMatch("X-Env", "HDR_EQUALS", ("canary",))
        canary = replace(plain, name=f"{plain.name}-canary", match=replace(plain.match, hdrs=(header,)))
        return Translation(
            parent=view.ask(shared_parent, 0),
            objects=(*(item for pool in built for item in pool.objects), builder.group(rule.name, built)),
            contribution=Contribution(fqdns=(virtual_host.host,), rules=(canary, plain)),
            rules=(rule,),
        )


def test_headers_of_rules_stay_beside_those_that_leave_names_to_more_exact_hosts() -> None:
    rehearsal = Rehearsal((Plugin("by-header", ByHeader()), "ingress", "clusterip_routes"))
    rehearsal.apply(CLASS, *WEB, ingress("wild", ("*.shop.com", "/", "web:80")))
    alone = rules_of(rehearsal)["my-cluster--*.shop.com-0-canary"]
    rehearsal.apply(ingress("exact", ("a.shop.com", "/", "web:80")))
    beside = rules_of(rehearsal)
    canary, plain = beside["my-cluster--*.shop.com-0-canary"], beside["my-cluster--*.shop.com-0"]
    assert canary.index < plain.index, "in the order in which they were given"
    assert [header.hdr for header in canary.match.hdrs or ()] == ["X-Env", "Host"]
    assert [header.hdr for header in plain.match.hdrs or ()] == ["Host"]
    assert canary.excluded == plain.excluded == ("a.shop.com",)
    assert canary.for_all == alone.for_all, "the same rule, whoever else is there"
    assert canary.for_all.match.hdrs == alone.match.hdrs


def rules_of(rehearsal: Rehearsal) -> dict[str, RequestRule]:
    sets = (item for item in rehearsal.objects().values() if isinstance(item, HTTPPolicySet))
    return {rule.name: rule for item in sets for rule in item.rules}
