"""A host with routes that ask for headers → rules for all of its requests.

Hosts without such routes are translated by the core. Of one with them every path has rules, also those of Ingresses:
rules are asked before labels, the longest path first, and at one path those with headers first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Set
from itertools import groupby

from msgspec import Struct
from msgspec.structs import replace

from ako import (
    AviObject,
    Contribution,
    HeaderMatch,
    Matching,
    NamedRule,
    NamespacedName,
    PathKey,
    PathMatch,
    PathType,
    PoolBuilder,
    PoolGroupMember,
    RequestRule,
    ServedRule,
    Translation,
    View,
    VirtualHost,
    WantedRule,
    name_rules,
    redirects,
    shard,
    shared_parent,
    site,
    sni_certificate,
    sni_child,
    switches,
)
from ako_traefik_ingressroute.alternatives import Header
from ako_traefik_ingressroute.decisions import Branch, Decision
from ako_traefik_ingressroute.records import INGRESS_ROUTES
from ako_traefik_ingressroute.routes import decisions_of


class Way(Struct, frozen=True):
    """A way to a host, plain HTTP or TLS: what is served, how paths are compared, and what objects are called."""

    served: tuple[ServedRule, ...]
    matching: Matching
    known: Set[PathKey]
    name: Callable[[str, str, NamespacedName], str]


class Step(Struct, frozen=True):
    """What becomes of requests at a path with these headers, or of the rest; with a label where one could say that."""

    served: ServedRule
    wanted: WantedRule
    patterns: tuple[PathMatch | None, ...]
    headers: tuple[Header, ...] = ()
    label: str = ""


class Built(Struct, frozen=True):
    """What is made for the steps of a way."""

    objects: tuple[AviObject, ...]
    rules: tuple[RequestRule, ...]
    members: tuple[PoolGroupMember, ...]


def translate_by_headers(host: VirtualHost, view: View) -> Translation | None:
    """Translate a host of which an IngressRoute asks for more than paths; None for any other."""
    here = view.ask(site)
    matching = here.plain_matching
    known = frozenset(matching.key(served.rule) for served in (*host.insecure, *host.redirects))
    plain = Way(host.insecure, matching, known, here.names.insecure_pool)
    secure = Way(host.secure, here.tls_matching, frozenset(), here.names.secure_path)
    if not any(_asks_for_more(served, way.matching, view) for way in (plain, secure) for served in way.served):
        return None
    key = host.oldest.source.namespace if here.shards_by_namespace else host.host
    parent = view.ask(shared_parent, view.ask(shard, key, host.host))
    first, second = tuple(_steps(host.host, plain, view)), tuple(_steps(host.host, secure, view))
    rules = name_rules([step.wanted for step in (*first, *second)])
    builder = PoolBuilder(view, here)
    at_80 = _built(host.host, first, rules[: len(first)], builder)
    at_443 = _built(host.host, second, rules[len(first) :], builder)
    child: tuple[AviObject, ...] = ()
    if host.certificate is not None and second:
        child = (*sni_certificate(host, host.certificate, here), *sni_child(host, at_443.rules, parent.name, here))
    return Translation(
        parent=parent,
        objects=(*at_80.objects, *at_443.objects, *child),
        contribution=Contribution(
            fqdns=(host.host,),
            members=at_80.members,
            rules=(*at_80.rules, *_redirects(host, plain, here.names.host(host.host))),
            redirect_hosts=(host.host,) if host.redirect and child else (),
        ),
        problems=tuple(builder.placement_problems(rule.served for rule in rules)),
        rules=(*_named(first, rules[: len(first)]), *_named(second, rules[len(first) :])),
    )


def _decision(served: ServedRule, view: View) -> Decision | None:
    """Give what an IngressRoute decides at a path; None for the path of anything else."""
    source = served.claim.source
    if source.kind != INGRESS_ROUTES.kind:
        return None
    paths = view.ask(decisions_of, source.namespace, source.name).get(served.claim.host, {})
    return paths.get((served.rule.path, served.rule.path_type is PathType.EXACT))


def _asks_for_more(served: ServedRule, matching: Matching, view: View) -> bool:
    """Say whether a rule is one that the core would serve otherwise: by headers, by nobody, or an exact path as one."""
    decision = _decision(served, view)
    is_widened = served.rule.path_type is PathType.EXACT and matching.is_plain and not matching.by_elements
    return decision is not None and (is_widened or not decision.is_plain)


def _steps(host: str, way: Way, view: View) -> Iterator[Step]:
    for served in way.served:
        rule, claim = served.rule, served.claim
        decision = _decision(served, view)
        path, is_exact = way.matching.key(rule)
        has_both = is_exact and any(way.matching.key(other) == (path, False) for other in claim.rules)
        name = way.name(host, rule.path, claim.source.namespaced_name) + ("-exact" if has_both else "")
        patterns = way.matching.patterns(rule, way.known)
        if decision is not None and is_exact:
            patterns = (PathMatch("EQUALS", (rule.path,)),)
        for branch in decision.branches if decision else (Branch((), rule.backends),):
            part = replace(served, rule=replace(rule, backends=branch.backends))
            wanted = WantedRule(part, f"{name}{_suffix(branch.headers)}", has_group=True)
            has_label = way.matching.is_plain and not branch.headers and _is_prefix(patterns)
            yield Step(served, wanted, patterns, branch.headers, f"{host.lower()}{path}" if has_label else "")


def _suffix(headers: tuple[Header, ...]) -> str:
    """Tell the objects for some headers from those for others, so that none moves when another comes or goes."""
    text = "\n".join(f"{header.name}\n{header.value}\n{header.is_denied}" for header in headers)
    return f"-{hashlib.sha256(text.encode()).hexdigest()[:8]}" if headers else ""


def _is_prefix(patterns: tuple[PathMatch | None, ...]) -> bool:
    return len(patterns) == 1 and (patterns[0] is None or patterns[0].match_criteria == "BEGINS_WITH")


def _named(steps: tuple[Step, ...], rules: tuple[NamedRule, ...]) -> Iterator[NamedRule]:
    """Give the names that are for each rule of a claim: those for headers stand beside those for the rest."""
    for served, part in groupby(zip(steps, rules, strict=True), key=lambda pair: pair[0].served):
        pairs = tuple(part)
        others = [name for step, rule in pairs if step.headers for name in (rule.name, *rule.pools, *rule.others)]
        rest = next((rule for step, rule in pairs if not step.headers), NamedRule(served, pairs[0][1].name, ()))
        yield replace(rest, served=served, others=(*rest.others, *others))


def _built(host: str, steps: tuple[Step, ...], named: tuple[NamedRule, ...], builder: PoolBuilder) -> Built:
    objects: list[AviObject] = []
    rules: list[RequestRule] = []
    members: list[PoolGroupMember] = []
    for step, rule in zip(steps, named, strict=True):
        pools = tuple(builder.build_named(rule, host))
        objects += (item for pool in pools for item in pool.objects)
        objects.append(builder.group(rule.name, pools))
        members += (pool.member(step.label) for pool in pools if step.label)
        for switch in switches(host, rule, step.patterns):
            headers = tuple(map(_header_match, step.headers))
            rules.append(replace(switch, match=replace(switch.match, hdrs=headers)) if headers else switch)
    return Built(tuple(objects), tuple(rules), tuple(members))


def _header_match(header: Header) -> HeaderMatch:
    criterion = "HDR_DOES_NOT_EQUAL" if header.is_denied else "HDR_EQUALS"
    return HeaderMatch(header.name, criterion, (header.value,), "SENSITIVE")


def _redirects(host: VirtualHost, plain: Way, name: str) -> Iterator[RequestRule]:
    """Give the redirects of single paths to TLS, as the core does."""
    for served in host.redirects:
        path, is_exact = plain.matching.key(served.rule)
        patterns = plain.matching.patterns(served.rule, plain.known)
        yield from redirects(host.host, f"{name}{path}", patterns, is_exact=is_exact)
