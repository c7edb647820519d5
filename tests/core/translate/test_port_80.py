"""What is done on port 80: what a label of a pool can say is a label, and all else a rule, in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pytest

from ako.core.assemble.path_sets import MAX_RULES, path_set_names, set_of
from ako.core.assemble.tree import Tree
from ako.core.base.refs import AviRef, TreeName
from ako.core.model import AttachedPolicySet, HTTPPolicySet, PoolGroup, RequestMatch, RequestRule, VirtualService
from ako.core.translate.path_rules import host_match
from tests.builders import Fed, Manifest, endpoints, ingress, service, settings, tls_secret

NAME = "my-cluster--Shared-L7-0"
BASE = (service("web"), endpoints("web", "10.0.0.1"), tls_secret("cert"))
ELEMENTS = "kubernetes"
TEXT = "ako"
TEXTUAL = "ImplementationSpecific"


def tree_of(*manifests: Manifest, mode: str = TEXT) -> Tree:
    fed = Fed(using=settings(L7Settings__shardVSSize="SMALL", L7Settings__pathMatching=mode))
    fed.apply(*BASE, *manifests)
    fed.pipeline.refresh()
    tree = fed.pipeline.trees.value(TreeName(NAME))
    assert tree is not None
    return tree


def typed(manifest: Manifest, *types: str) -> Manifest:
    """Give an Ingress whose paths have these types, in order."""
    spec = dict(manifest["spec"])
    left = iter(types)
    spec["rules"] = [
        {**rule, "http": {"paths": [{**path, "pathType": next(left)} for path in rule["http"]["paths"]]}}
        for rule in spec["rules"]
    ]
    return {**manifest, "spec": spec}


def rules(tree: Tree) -> list[RequestRule]:
    """Give the rules of all policy sets for paths, in their order."""
    sets = (tree.objects.get(AviRef(HTTPPolicySet.avi_type, name)) for name in path_set_names(NAME))
    return [rule for item in sets if isinstance(item, HTTPPolicySet) for rule in item.http_request_policy.rules]


def said(rule: RequestRule) -> str:
    """Give a rule in short: what the path is like, and where it leads."""
    path = rule.match.path
    text = f"{'=' if path.match_criteria == 'EQUALS' else '^'}{path.match_str[0]}" if path else "*"
    text += "" if path and path.match_case == "SENSITIVE" else "~"
    return f"{text} -> {'TLS' if rule.redirect_action else rule.name.removeprefix('my-cluster--')}"


def labels(tree: Tree) -> list[str]:
    """Give the labels of the shared pool group."""
    group = tree.objects[AviRef(PoolGroup.avi_type, NAME)]
    assert isinstance(group, PoolGroup)
    return sorted(str(member.priority_label) for member in group.members)


SOLVER = ingress("solver", ("a.com", "/acme", "web:80"), created="2026-01-02T00:00:00Z")
WHOLE = ingress("app", ("a.com", "/", "web:80"), tls={"a.com": "cert"}, created="2026-01-01T00:00:00Z")

CASES: Mapping[str, tuple[str, Sequence[Manifest], Sequence[str], Sequence[str]]] = {
    "a path of a host that is redirected": (
        TEXT,
        (WHOLE, SOLVER),
        ("^/acme~ -> a.com_acme-default-solver-0", "^/~ -> TLS"),
        ("a.com/acme",),
    ),
    "a redirect of one path takes nothing from a shorter one": (
        TEXT,
        (ingress("old", ("a.com", "/", "web:80")), ingress("new", ("a.com", "/new", "web:80"), tls={"a.com": "cert"})),
        ("^/new~ -> TLS",),
        ("a.com/",),
    ),
    "a label on each side of a redirect": (
        TEXT,
        (
            ingress("old", ("a.com", "/", "web:80"), ("a.com", "/new/open", "web:80"), ("a.com", "/o", "web:80")),
            ingress("new", ("a.com", "/new", "web:80"), tls={"a.com": "cert"}),
        ),
        ("^/new/open~ -> a.com_new_open-default-old-0", "^/new~ -> TLS"),
        ("a.com/", "a.com/new/open", "a.com/o"),
    ),
    "an exact path by itself is a prefix": (
        TEXT,
        (typed(ingress("one", ("a.com", "/X", "web:80")), "Exact"),),
        (),
        ("a.com/x",),
    ),
    "an exact path beside a prefix": (
        TEXT,
        (
            typed(ingress("one", ("a.com", "/X", "web:80")), "Exact"),
            ingress("two", ("a.com", "/x", "web:80"), created="2026-01-02T00:00:00Z"),
        ),
        ("=/x~ -> a.com_X-default-one-0",),
        ("a.com/x",),
    ),
    "elements of a path": (
        ELEMENTS,
        (ingress("one", ("a.com", "/", "web:80"), ("a.com", "/foo/", "web:80")),),
        ("^/foo/ -> a.com_foo_-default-one-0", "=/foo -> a.com_foo_-default-one-1"),
        ("a.com/",),
    ),
    "equality": (
        ELEMENTS,
        (typed(ingress("one", ("a.com", "/Foo", "web:80"), ("a.com", "/", "web:80")), "Exact", "Prefix"),),
        ("=/Foo -> a.com_Foo-default-one-0",),
        ("a.com/",),
    ),
    "text in the mode of elements": (
        ELEMENTS,
        (
            typed(
                ingress("one", ("a.com", "/Foo", "web:80"), ("a.com", "/foo", "web:80")),
                *["ImplementationSpecific"] * 2,
            ),
        ),
        (),
        ("a.com/Foo", "a.com/foo"),
    ),
    "text under elements": (
        ELEMENTS,
        (
            typed(
                ingress("one", ("a.com", "/foo/b", "web:80"), ("a.com", "/foo", "web:80")),
                "ImplementationSpecific",
                "Prefix",
            ),
        ),
        (
            "^/foo/b -> a.com_foo_b-default-one-0",
            "^/foo/ -> a.com_foo-default-one-0",
            "=/foo -> a.com_foo-default-one-1",
        ),
        ("a.com/foo/b",),
    ),
    "a host that is redirected whole has no rule of its own": (TEXT, (WHOLE,), (), ()),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_a_rule_and_what_a_label(case: str) -> None:
    mode, manifests, ruled, labelled = CASES[case]
    tree = tree_of(*manifests, mode=mode)
    assert [said(rule) for rule in rules(tree)] == list(ruled)
    assert labels(tree) == list(labelled)
    assert {rule.name for rule in rules(tree) if rule.match.vs_port} == {
        r.name for r in rules(tree) if r.redirect_action
    }


def test_each_rule_leads_to_a_group_that_is_there_and_no_other_path_has_one() -> None:
    tree = tree_of(WHOLE, SOLVER, ingress("plain", ("b.com", "/", "web:80")))
    groups = {ref.name for ref in tree.objects if ref.type == PoolGroup.avi_type}
    assert groups == {NAME, "my-cluster--a.com_acme-default-solver", "my-cluster--default-a.com_-app"}
    (led,) = {rule.switching_action.pool_group_ref.name for rule in rules(tree) if rule.switching_action}
    assert led == "my-cluster--a.com_acme-default-solver"


def test_the_policy_set_is_asked_before_the_redirects_of_whole_hosts() -> None:
    tree = tree_of(WHOLE, SOLVER, ingress("whole", ("b.com", "/", "web:80"), tls={"b.com": "cert"}))
    parent = tree.objects[AviRef(VirtualService.avi_type, NAME)]
    assert isinstance(parent, VirtualService)
    numbers = {entry.http_policy_set_ref.name: entry.index for entry in parent.http_policies or ()}
    assert len(numbers) == 2
    assert [numbers.pop(NAME), *(index < 11 for index in numbers.values())] == [11, True]


# All names under a domain.


def test_all_names_under_a_domain_are_a_rule_that_leaves_hosts_alone() -> None:
    tree = tree_of(
        ingress("under", ("*.a.com", "/", "web:80"), ("*.b.a.com", "/", "web:80")),
        ingress("exact", ("x.a.com", "/x", "web:80"), ("x.com", "/", "web:80"), ("x.b.a.com", "/", "web:80")),
    )
    found = {rule.match.host_hdr.value: rule.match for rule in rules(tree) if rule.match.host_hdr}
    assert {value: match.host_hdr and match.host_hdr.match_criteria for value, match in found.items()} == {
        (".a.com",): "HDR_ENDS_WITH",
        (".b.a.com",): "HDR_ENDS_WITH",
    }
    assert _excluded(found[(".a.com",)]) == {
        "HDR_DOES_NOT_EQUAL": ("x.a.com", "x.b.a.com"),
        "HDR_DOES_NOT_END_WITH": (".b.a.com",),
    }
    assert _excluded(found[(".b.a.com",)]) == {"HDR_DOES_NOT_EQUAL": ("x.b.a.com",)}
    assert labels(tree) == ["x.a.com/x", "x.b.a.com/", "x.com/"]


def _excluded(match: RequestMatch) -> dict[str, tuple[str, ...]]:
    return {header.match_criteria: header.value for header in match.hdrs or () if header.hdr == "Host"}


def test_all_names_under_a_domain_over_tls() -> None:
    tree = tree_of(ingress("under", ("*.a.com", "/", "web:80"), tls={"*.a.com": "cert"}))
    child = tree.objects[AviRef(VirtualService.avi_type, "my-cluster--*.a.com")]
    assert isinstance(child, VirtualService)
    assert child.vh_domain_name == ("*.a.com",)
    policies = tree.objects[AviRef(HTTPPolicySet.avi_type, "my-cluster--default-*.a.com")]
    assert isinstance(policies, HTTPPolicySet)
    assert [rule.match.host_hdr for rule in policies.http_request_policy.rules] == [host_match("*.a.com")]
    assert [(said(rule), rule.match.host_hdr) for rule in rules(tree)] == [("*~ -> TLS", host_match("*.a.com"))]
    assert AviRef(HTTPPolicySet.avi_type, NAME) not in tree.objects, "the redirect of hosts cannot name it"


# Sizes.


def hosts_of_one_set(count: int) -> list[str]:
    """Give hosts whose rules are in one policy set."""
    names = (f"h{number}.com" for number in range(1000))
    return [host for host in names if set_of(_rule(host)) == set_of(_rule("h0.com"))][:count]


def _rule(host: str) -> RequestRule:
    return RequestRule(name="x", index=0, match=RequestMatch(host_hdr=host_match(host)))


def test_a_host_is_in_one_set_and_comes_and_goes_without_the_others() -> None:
    first = [ingress(f"i{n}", (f"h{n}.com", "/x", "web:80")) for n in range(40)]
    before, after = tree_of(*first[1:], mode=ELEMENTS), tree_of(*first, mode=ELEMENTS)
    changed = [ref for ref, item in after.objects.items() if before.objects.get(ref) != item]
    assert len([ref for ref in changed if ref.type == HTTPPolicySet.avi_type]) == 1
    parent = after.objects[AviRef(VirtualService.avi_type, NAME)]
    assert isinstance(parent, VirtualService)
    attached = parent.http_policies or ()
    assert len({entry.index for entry in attached}) == len(attached) <= 8
    assert all(isinstance(entry, AttachedPolicySet) for entry in attached)


def many(name: str, host: str, paths: Iterable[str], day: int) -> Manifest:
    return ingress(name, *((host, path, "web:80") for path in paths), created=f"2026-01-0{day}T00:00:00Z")


def test_past_the_limit_the_youngest_host_waits_and_nobody_else() -> None:
    older, younger, small = hosts_of_one_set(3)
    half = [f"/p{number}" for number in range(MAX_RULES // 4)]
    tree = tree_of(
        many("older", older, half, 1),
        many("younger", younger, [*half, "/more"], 2),
        many("small", small, ["/a", "/b"], 3),
        mode=ELEMENTS,
    )
    assert {placed.key for placed in tree.hosts} == {older, small}
    (problem,) = tree.problems
    assert (problem.source.name, problem.reason) == ("younger", "LimitReached")
    assert f"{MAX_RULES:,} rules" in problem.message
