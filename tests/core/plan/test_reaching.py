"""What stays for something protected to be reached, where nobody wants it any more: that, and nothing beside it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from ako.core.assemble.pipeline import STATIC_ROUTES
from ako.core.base.refs import AviRef, NamespacedName
from ako.core.model import (
    AttachedPolicySet,
    AviObject,
    DataScriptSet,
    DnsInfo,
    HTTPPolicySet,
    PoolGroup,
    VirtualService,
    VsVip,
)
from ako.core.observe.observed import ObservedObject
from ako.core.plan.protection import Protection, hold_back
from tests.builders import Fed, Manifest, endpoints, ingress, service, settings, tls_secret
from tests.plugins.openshift_route.worlds import passthrough, route, world

BASE = (service("web"), endpoints("web", "10.0.0.1"), tls_secret("cert"))
ONE_SHARD = settings(L7Settings__shardVSSize="SMALL")
SHARED, PASSED = "my-cluster--Shared-L7-0", "my-cluster--Shared-Passthrough-0"

Objects = dict[AviRef, AviObject]


def plain(name: str) -> Manifest:
    return ingress(name, (f"{name}.com", "/", "web:80"))


def secure(name: str) -> Manifest:
    return ingress(name, (f"{name}.com", "/", "web:80"), tls={f"{name}.com": "cert"})


def served(*manifests: Manifest) -> Objects:
    fed = Fed(using=ONE_SHARD)
    fed.apply(*BASE, *manifests)
    return objects_of(fed)


def objects_of(fed: Fed) -> Objects:
    fed.pipeline.refresh()
    trees = [tree for name, tree in fed.pipeline.trees.values() if name != STATIC_ROUTES]
    return {ref: item for tree in trees for ref, item in tree.objects.items()}


def left_of(before: Objects, protection: Protection) -> Objects:
    """Give what stays of all that is there while nothing of it is wanted."""
    return hold_back({}, {ref: ObservedObject("u", item) for ref, item in before.items()}, protection)


def protecting(name: str) -> list[Protection]:
    """Give the ways in which what an Ingress has of its host may be protected."""
    owner, host = NamespacedName("default", name), f"{name}.com"
    return [
        Protection(owners=frozenset({owner})),
        Protection(hosts=frozenset({host})),
        Protection(claims=frozenset({(owner, host)})),
    ]


@pytest.mark.parametrize("kept", [plain, secure])
@pytest.mark.parametrize("gone", [plain, secure])
@pytest.mark.parametrize("protection", protecting("kept"), ids=("owner", "host", "claim"))
def test_what_remains_is_as_if_nothing_else_had_ever_been_there(
    kept: Callable[[str], Manifest], gone: Callable[[str], Manifest], protection: Protection
) -> None:
    before = served(kept("kept"), gone("gone"), gone("another"))
    assert left_of(before, protection) == served(kept("kept"))


def test_of_a_host_that_two_objects_share_only_the_paths_in_doubt_stay() -> None:
    mine = secure("kept")
    theirs = ingress("theirs", ("kept.com", "/x", "web:80"), tls={"kept.com": "cert"})
    protection = Protection(claims=frozenset({(NamespacedName("default", "kept"), "kept.com")}))
    left, alone = left_of(served(mine, theirs), protection), served(mine)
    assert left.keys() == alone.keys()
    child = AviRef("virtualservice", "my-cluster--kept.com")
    assert {ref: item for ref, item in left.items() if ref != child} == {
        ref: item for ref, item in alone.items() if ref != child
    }
    assert {ref.name for ref in left[child].references() if ref.type == HTTPPolicySet.avi_type} == {
        "my-cluster--default-kept.com"
    }


def test_rules_in_doubt_stay_in_the_order_of_the_host() -> None:
    """The oldest claim gives the policy set its name; while that cannot be read, the host has another one."""
    other = (service("web", namespace="first"), endpoints("web", "10.0.0.1", namespace="first"))
    older = ingress("older", ("kept.com", "/x", "web:80"), namespace="first", tls={"kept.com": "cert"}, created="2026")
    mine = ingress("kept", ("kept.com", "/", "web:80"), tls={"kept.com": "cert"}, created="2027")
    before = served(*other, tls_secret("cert", namespace="first"), older, mine)
    observed = {ref: ObservedObject("u", item) for ref, item in before.items()}
    protection = Protection(owners=frozenset({NamespacedName("first", "older")}))
    left = hold_back(served(mine), observed, protection)
    assert {ref.name for ref in before if ref.type == HTTPPolicySet.avi_type} == {SHARED, "my-cluster--first-kept.com"}
    assert {ref.name for ref in left if ref.type == HTTPPolicySet.avi_type} == {SHARED, "my-cluster--default-kept.com"}
    child = left[AviRef("virtualservice", "my-cluster--kept.com")]
    (policies,) = (left[ref] for ref in child.references() if ref.type == HTTPPolicySet.avi_type)
    assert isinstance(policies, HTTPPolicySet)
    rules = policies.http_request_policy.rules
    assert [(rule.index, rule.match.path and rule.match.path.match_str) for rule in rules] == [
        (0, ("/x",)),
        (1, ("/",)),
    ]
    assert all(ref in left for ref in policies.references())


def test_beside_a_redirect_in_doubt_a_neighbour_is_still_led_past_it() -> None:
    """Nothing but the redirect is what its path needs a rule for: a label would serve it otherwise."""
    good = ingress("good", ("kept.com", "/open", "web:80"))
    before = served(secure("kept"), good)
    observed = {ref: ObservedObject("u", item) for ref, item in before.items()}
    left = hold_back(served(good), observed, Protection(owners=frozenset({NamespacedName("default", "kept")})))
    (path_set,) = (ref for ref in left if "-paths-" in ref.name)
    assert left[path_set] == before[path_set]
    assert all(ref in left for ref in left[path_set].references())


def test_the_redirects_of_a_passthrough_host_stay_where_they_come_from() -> None:
    kept = route("kept", "kept.com", tls=passthrough("Redirect"))
    one_shard = settings(L7Settings__passthroughShardSize="SMALL")
    others = (route("gone", "gone.com", tls=passthrough("Redirect")), route("third", "third.com", tls=passthrough()))
    protection = Protection(owners=frozenset({NamespacedName("default", "kept")}))
    before = objects_of(world(kept, *others, using=one_shard))
    left = left_of(before, protection)
    assert left == objects_of(world(kept, using=one_shard))
    assert AviRef(VirtualService.avi_type, f"{PASSED}-insecure") in left


def test_without_a_redirect_that_is_kept_nothing_is_redirected() -> None:
    kept = route("kept", "kept.com", tls=passthrough())
    one_shard = settings(L7Settings__passthroughShardSize="SMALL")
    before = objects_of(world(kept, route("gone", "gone.com", tls=passthrough("Redirect")), using=one_shard))
    left = left_of(before, Protection(owners=frozenset({NamespacedName("default", "kept")})))
    assert AviRef(VirtualService.avi_type, f"{PASSED}-insecure") not in left
    assert AviRef(HTTPPolicySet.avi_type, f"{PASSED}-insecure") not in left


def test_a_script_keeps_the_pool_group_that_it_names() -> None:
    """Also when nobody is in it any more."""
    left = left_of(served(secure("kept"), plain("gone")), protecting("kept")[0])
    scripts, group = left[AviRef(DataScriptSet.avi_type, SHARED)], left[AviRef(PoolGroup.avi_type, SHARED)]
    assert isinstance(scripts, DataScriptSet)
    assert isinstance(group, PoolGroup)
    assert (scripts.pool_group_refs, group.members) == ((group.ref,), ())


def test_what_an_operator_attached_stays() -> None:
    before = served(secure("kept"))
    parent = before[AviRef(VirtualService.avi_type, SHARED)]
    assert isinstance(parent, VirtualService)
    waf = AttachedPolicySet(5, AviRef(HTTPPolicySet.avi_type, "waf"))
    attached = replace(parent, http_policies=(waf, *(parent.http_policies or ())))
    left = left_of({**before, parent.ref: attached}, protecting("kept")[0])
    assert left == {**before, parent.ref: attached}


def test_the_names_of_a_vsvip_stay_where_its_virtual_service_is_protected_itself() -> None:
    """What is written on a virtual service may not say all its names."""
    names = VsVip(name="c--own", dns_info=(DnsInfo("own.com"),))
    own = VirtualService(name="c--own", vsvip_ref=names.ref)
    before: Objects = {names.ref: names, own.ref: own}
    assert left_of(before, Protection(refs=frozenset({own.ref}))) == before
