"""What became of each source object: its outcome."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from ako.core.assemble.pipeline import Pipeline
from ako.core.assemble.tree import PlacedHost, Tree
from ako.core.base.refs import ObjectRef, TreeName
from ako.core.engine.cells import Unknown
from ako.core.engine.view import View
from ako.core.hooks.claims import Claim, HostClaim, PortClaim, Problem
from ako.core.hooks.outcome import HostOutcome, HostState, Outcome
from ako.core.hooks.scope import are_tenants_hidden
from ako.core.hooks.selection import is_selected
from ako.core.hooks.tenants import NOT_READ, UNKNOWN
from ako.core.model import AviObject
from ako.core.observe.observed import Observed
from ako.core.observe.presence import Presence
from ako.core.plan.refusals import Refusals
from ako.core.report.remains import Remains
from ako.core.settle.secured import unreadable


class Outcomes:
    """Works out what became of source objects, from what is desired and what is observed."""

    def __init__(self, pipeline: Pipeline, observed: Observed, refused: Refusals, router_name: str) -> None:
        self._pipeline = pipeline
        self._observed = observed
        self._refused = refused
        self._router_name = router_name
        self._presence: dict[TreeName, Presence] = {}
        self._remains = Remains(pipeline, observed)

    def begin(self) -> None:
        """Look at everything anew: what is asked for until the next call is all from one moment."""
        self._presence.clear()

    def of(self, ref: ObjectRef) -> Outcome:
        """Give the outcome of a source object."""
        discovery = self._pipeline.claims.value(ref)
        doubt = self._pipeline.unreadable(ref) or self._pipeline.claims.doubts.get(ref, "")
        selected = self._is_selected(ref) if doubt else True
        doubt = "" if selected is False else doubt
        # Of Namespaces that cannot be read the operator is told, once, and not everybody in the cluster.
        problems = [unreadable_object(ref, doubt, has_older=discovery is not None)] if doubt and selected else []
        problems += discovery.problems if discovery else ()
        is_readable = all(problem.reason != UNKNOWN for problem in problems)  # else that is told, and why
        claims = discovery.claims if discovery else ()
        hosts: list[HostOutcome] = []
        for claim in claims:
            host, faults = self._host(claim)
            host = self._remains.kept(claim, host) if host.state is HostState.REJECTED else host
            hosts.append(replace(host, is_port=True) if isinstance(claim, PortClaim) else host)
            problems += faults if is_readable else (fault for fault in faults if fault.reason != "Unreadable")
        hosts += self._remains.unclaimed(ref, claims)
        is_served = any(host.state is HostState.KEPT for host in hosts)
        return Outcome(
            tuple(hosts),
            tuple(dict.fromkeys(_with_consequence(problem, is_served=is_served) for problem in problems)),
            self._observed.addresses,
            self._router_name,
            doubt,
        )

    def _is_selected(self, ref: ObjectRef) -> bool | None:
        """Say whether the namespace of an object is served, None while that, or where it is, is not known."""
        view = View(self._pipeline.engine)
        try:
            return None if are_tenants_hidden(view) else is_selected(view, ref.namespace)
        except Unknown:
            return None

    def _host(self, claim: Claim) -> tuple[HostOutcome, list[Problem]]:
        host, source = claim.host, claim.source
        model = self._pipeline.model(claim.key)
        doubt = self._pipeline.hosts.doubts.get(claim.key, "")
        if model is None:
            is_told = bool(doubt) and not doubt.endswith(NOT_READ)
            problem = Problem(source, "Unreadable", f"{doubt} (host {host})") if is_told else None
            return HostOutcome(host, HostState.PENDING, reason=doubt, cause="Unreadable"), [problem] if problem else []
        if isinstance(model.virtual_host, PortClaim):
            claim = model.virtual_host.of(source)  # with the names that are left to it
            host = claim.host
        problems = [problem for problem in model.problems if problem.source == source]
        if isinstance(claim, HostClaim):
            problems += (self._in_doubt(claim, fault) for who, fault in model.virtual_host.in_doubt if who == source)
        if doubt:
            problems.append(Problem(source, "Unreadable", f"{doubt} (host {host})"))
        if model.translation is None or not model.translation.objects or not model.virtual_host.serves(source):
            return _rejected(host, problems, model.tree, "nothing of it is served"), problems
        tree = self._pipeline.trees.value(model.tree)
        placed = tree.by_key.get(claim.key) if tree else None
        not_taken_in = tree.problems_of.get(source, ()) if tree else ()
        problems += not_taken_in
        if tree is None or placed is None:
            return _rejected(host, not_taken_in, model.tree, "not taken in"), problems
        return self._progress(claim, tree, placed, problems)

    def _progress(
        self, claim: Claim, tree: Tree, placed: PlacedHost, problems: list[Problem]
    ) -> tuple[HostOutcome, list[Problem]]:
        refused = [*self._refusals(claim.source, placed.translation.objects)]
        is_live = self._presence_in(tree).serves(placed)
        if not is_live:
            refused += self._refusals(claim.source, tree.shared)
        problems += refused
        vsvip = self._observed.vsvip(tree.name)
        addresses = vsvip.addresses if vsvip else ()
        if isinstance(claim, PortClaim) and claim.address and addresses and claim.address not in addresses:
            problems.append(_other_address(claim, addresses[0]))
        if is_live and addresses:
            return HostOutcome(claim.host, HostState.LIVE, addresses, tree=tree.name), problems
        if refused:
            return _rejected(claim.host, refused, tree.name, ""), problems
        cause = "NoAddress" if is_live else "Pending"
        return HostOutcome(claim.host, HostState.PENDING, tree=tree.name, cause=cause), problems

    def _in_doubt(self, claim: Claim, fault: str) -> Problem:
        """Say what is served of a claim whose certificate never could be read since this process started."""
        return unreadable(claim, fault, self._remains.consequence(claim))

    def _refusals(self, source: ObjectRef, objects: Iterable[AviObject]) -> Iterator[Problem]:
        for wanted in objects:
            if (refusal := self._refused.of(wanted)) is not None:
                message = f"the Avi Controller refused {wanted.ref!r}: {refusal.message}"
                yield Problem(source, "Rejected", message, refusal.remedy)

    def _presence_in(self, tree: Tree) -> Presence:
        if tree.name not in self._presence:
            self._presence[tree.name] = Presence(tree, self._observed)
        return self._presence[tree.name]


def _rejected(host: str, why: Sequence[Problem], tree: TreeName, otherwise: str) -> HostOutcome:
    """Give the outcome of a host that is not served, for the first of some problems, or for a reason in words."""
    reason, cause = (why[0].message, why[0].reason) if why else (otherwise, "NotServed")
    return HostOutcome(host, HostState.REJECTED, reason=reason, tree=tree, cause=cause)


def _with_consequence(problem: Problem, *, is_served: bool) -> Problem:
    """Say with a problem that keeps an object from being served whether anything of it still is."""
    if not problem.unserved:
        return problem
    consequence = "What is still served of it goes when nothing holds that back." if is_served else "It is not served."
    return replace(problem, message=f"{problem.message} {consequence}")


def _other_address(claim: PortClaim, present: str) -> Problem:
    """Say that an address, once given, cannot be changed: the Controller asks to create the VsVip anew."""
    message = f"asks for the address {claim.address}, but has {present}, which cannot be changed while it is in use."
    return Problem(claim.source, "AddressInUse", message, "Delete the object and create it anew to move it.")


def unreadable_object(ref: ObjectRef, doubt: str, *, has_older: bool) -> Problem:
    """Say that an object cannot be read, and whether an older version of it counts meanwhile."""
    consequence = "The version before it stays in force." if has_older else "Nothing is done for it until it is mended."
    return Problem(ref, "Unreadable", f"cannot be read: {doubt}", consequence)
