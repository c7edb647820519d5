"""One host, or the ports of one address, from its claims to its servers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from ako.core.base.refs import ObjectRef
from ako.core.explain.answer import Fault, HostTold, RuleTold
from ako.core.explain.certificates import certificate_told
from ako.core.explain.claims import claims_told, ports_told
from ako.core.explain.objects import Objects
from ako.core.explain.picture import Picture, listed_once, named, title
from ako.core.explain.pools import pools_told, without_servers
from ako.core.explain.rules import Rule, rules_of, taking
from ako.core.explain.shards import shard_told
from ako.core.explain.verdicts import verdict_of
from ako.core.explain.waits import notes_of, waits_of
from ako.core.hooks.claims import Claim, HostKey, PortClaim, Problem
from ako.core.hooks.outcome import HostOutcome, HostState
from ako.core.hooks.site import site
from ako.core.hooks.translation import HostModel, ParentTemplate
from ako.core.model import VirtualService

_BEST_FIRST = (HostState.LIVE, HostState.PENDING, HostState.KEPT, HostState.REJECTED)


class Hosts:
    """Tells about hosts.

    Args:
        picture: what is known.
    """

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._objects = Objects(picture)

    def told(self, key: HostKey, path: str = "") -> HostTold:
        """Give a host; with a path, the rules that take a request for it first, marked so."""
        picture, view = self._picture, self._picture.view
        claims: tuple[Claim, ...] = picture.pipeline.claims.group(key)
        model = picture.host(key)
        outcomes = [(claim.source, found) for claim in claims if (found := self._outcome(claim)) is not None]
        best = min((found for _, found in outcomes), key=lambda one: _BEST_FIRST.index(one.state), default=None)
        sources = tuple(dict.fromkeys(claim.source for claim in claims))
        problems = self._problems(sources, key, model)
        if model is None:
            state = best.state.value if best else HostState.PENDING.value
            reason = best.reason if best else "it is not known yet"
            return HostTold(named(key), state, reason, problems=problems)
        here = view.ask(site)
        placed = picture.placed(model)
        tree = picture.tree_of(model)
        own = placed.translation.objects if placed else ()
        service = next((item.name for item in own if isinstance(item, VirtualService)), "")
        parent = model.translation.parent if model.translation else None
        shared = parent.name if isinstance(parent, ParentTemplate) else ""
        rules, pools = rules_of(model, here.plain_matching), pools_told(picture, model, here.names)
        host = model.virtual_host
        return HostTold(
            host=named(key),
            state=best.state.value if best else HostState.REJECTED.value,
            verdict=verdict_of(model, best, is_observed=picture.is_observed),
            claims=ports_told(host, _port_claims(claims))
            if isinstance(host, PortClaim)
            else claims_told(host, here, listed_once(tuple(self._raw_problems(sources))), dict(outcomes)),
            certificate=None if isinstance(host, PortClaim) else certificate_told(view, host),
            shard=shard_told(view, model),
            addresses=best.addresses if best else (),
            virtual_service=service or shared,
            parent=shared if service and service != shared else "",
            tenant=model.tree.tenant,
            rules=tuple(_marked(rules, path)),
            pools=pools,
            objects=self._objects.of_host(own, tree.shared if tree and placed else ()),
            waits=(*waits_of(picture, key, model), *without_servers(pools)),
            notes=tuple(notes_of(picture, key, own)),
            problems=problems,
        )

    def _outcome(self, claim: Claim) -> HostOutcome | None:
        """Give what became of a claim."""
        is_port = isinstance(claim, PortClaim)
        for found in self._picture.outcome(claim.source).hosts:
            if found.is_port == is_port and (is_port or found.host.lower() == claim.key):
                return found
        return None

    def _problems(self, sources: Sequence[ObjectRef], key: HostKey, model: HostModel | None) -> tuple[Fault, ...]:
        """Give what the owners of the claims are told that bears on this host: all, but for those of other hosts."""
        found = dict.fromkeys(problem for problem in self._raw_problems(sources))
        return tuple(fault_told(problem) for problem in found if self._bears_on(problem, key, model))

    def _raw_problems(self, sources: Iterable[ObjectRef]) -> Iterator[Problem]:
        for source in sources:
            yield from self._picture.outcome(source).problems

    def _bears_on(self, problem: Problem, key: HostKey, model: HostModel | None) -> bool:
        """Say whether a problem of a source concerns a host of it: it is not said of another host of it alone."""
        if model is None or problem in model.problems or not isinstance(key, str):
            return True
        discovery = self._picture.pipeline.claims.value(problem.source)
        others = {claim.key for claim in discovery.claims} - {key} if discovery else set()
        return not any(other is not None and problem in other.problems for other in map(self._picture.host, others))


def _port_claims(claims: Iterable[Claim]) -> list[PortClaim]:
    return [claim for claim in claims if isinstance(claim, PortClaim)]


def _marked(rules: Sequence[Rule], path: str) -> Iterator[RuleTold]:
    """Give rules as they are told; those that take a request for the path that was asked for say so."""
    takers = taking(rules, path) if path else ()
    for rule in rules:
        yield replace(rule.told, takes=True) if any(rule is one for one in takers) else rule.told


def fault_told(problem: Problem) -> Fault:
    """Give a problem as it is told to its owner."""
    return Fault(title(problem.source), problem.reason, problem.message, problem.remedy)
