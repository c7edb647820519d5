"""Who is served, by what is on the Controller."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest
from msgspec.structs import replace

from ako.core.assemble.tree import Tree
from ako.core.base.refs import AviRef, TreeName
from ako.core.hooks.translation import Contribution
from ako.core.model import AviObject, HTTPPolicySet, PoolGroup, VsVip
from ako.core.observe.observed import Observed, ObservedObject
from ako.core.observe.presence import Presence
from ako.core.plan.plan import replace_fields
from tests.builders import Fed, endpoints, ingress, service, settings, tls_secret

NAME = "my-cluster--Shared-L7-0"
Seen = dict[AviRef, AviObject]


def world() -> Tree:
    """Give a tree with a plain host of two paths, a secure one with its redirect, and one that rules lead to."""
    fed = Fed(using=settings(L7Settings__shardVSSize="SMALL"))
    fed.apply(service("web"), endpoints("web", "10.0.0.1"), tls_secret("cert"))
    fed.apply(ingress("plain", ("plain.com", "/", "web:80"), ("plain.com", "/x", "web:80")))
    fed.apply(ingress("secure", ("secure.com", "/", "web:80"), tls={"secure.com": "cert"}))
    fed.apply(ingress("ruled", ("*.ruled.com", "/", "web:80")))
    fed.pipeline.refresh()
    tree = fed.pipeline.trees.value(TreeName(NAME))
    assert tree is not None
    return tree


def without(*refs: str) -> Callable[[Seen], None]:
    """Give what takes objects away whose type and name contain these."""

    def take(seen: Seen) -> None:
        for ref in [ref for ref in seen if any(part in f"{ref.type} {ref.name}" for part in refs)]:
            del seen[ref]

    return take


def emptied(of: type[AviObject], field: str) -> Callable[[Seen], None]:
    """Give what empties a list of a shared object."""

    def take(seen: Seen) -> None:
        ref = AviRef(of.avi_type, NAME)
        if field == "http_request_policy":
            seen[ref] = HTTPPolicySet(name=NAME)
        else:
            seen[ref] = replace_fields(seen[ref], {field: ()})

    return take


CASES: Mapping[str, tuple[Sequence[Callable[[Seen], None]], set[str]]] = {
    "all is there": ([], {"plain.com", "secure.com", "*.ruled.com"}),
    "a path is missing": ([without("pool my-cluster--plain.com_x")], {"plain.com", "secure.com", "*.ruled.com"}),
    "no rules": ([without("-paths-")], {"plain.com", "secure.com"}),
    "no pool": ([without("pool my-cluster--plain.com")], {"secure.com", "*.ruled.com"}),
    "no pool of the child": ([without("pool my-cluster--default-secure")], {"plain.com", "*.ruled.com"}),
    "no child": ([without("virtualservice my-cluster--secure")], {"plain.com", "*.ruled.com"}),
    "no parent": ([without(f"virtualservice {NAME}")], set()),
    "no VsVip": ([without("vsvip")], set()),
    "no names": ([emptied(VsVip, "dns_info")], set()),
    "no members": ([emptied(PoolGroup, "members")], {"secure.com", "*.ruled.com"}),
    "no pool group": ([without(f"poolgroup {NAME}")], {"secure.com", "*.ruled.com"}),
    "no redirects": ([emptied(HTTPPolicySet, "http_request_policy")], {"plain.com", "*.ruled.com"}),
    "nothing": ([without("")], set()),
}


@pytest.mark.parametrize("case", CASES)
def test_who_is_served(case: str) -> None:
    changes, served = CASES[case]
    tree = world()
    seen = dict(tree.objects)
    for change in changes:
        change(seen)
    observed = Observed()
    observed.replace({ref: ObservedObject("u", item) for ref, item in seen.items()})
    presence = Presence(tree, observed)
    assert {str(placed.key) for placed in tree.hosts if presence.serves(placed)} == served


def test_who_waits_for_being_let_in_is_not_served() -> None:
    """Its own objects are there, and nobody is led to them."""
    tree = world()
    observed = Observed()
    observed.replace({ref: ObservedObject("u", item) for ref, item in tree.objects.items()})
    presence = Presence(tree, observed)
    for placed in tree.hosts:
        outside = replace(placed, translation=replace(placed.translation, contribution=Contribution()))
        assert presence.serves(placed)
        assert not presence.serves(outside)


def test_a_label_that_is_told_apart_from_a_longer_name_is_there() -> None:
    fed = Fed(using=settings(L7Settings__shardVSSize="SMALL"))
    fed.apply(service("web"), endpoints("web", "10.0.0.1"))
    fed.apply(*(ingress(name, (name, "", "web:80")) for name in ("a.com", "a.com.com")))
    fed.pipeline.refresh()
    tree = fed.pipeline.trees.value(TreeName(NAME))
    assert tree is not None
    observed = Observed()
    for ref, item in tree.objects.items():
        observed.put(ref, ObservedObject(ref.name, item))
    presence = Presence(tree, observed)
    assert [placed.key for placed in tree.hosts if presence.has(placed)] == ["a.com", "a.com.com"]
    group = tree.objects[AviRef(PoolGroup.avi_type, NAME)]
    observed.put(group.ref, ObservedObject("", replace_fields(group, {"members": ()})))
    presence = Presence(tree, observed)
    assert not any(presence.has(placed) for placed in tree.hosts)
