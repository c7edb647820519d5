"""Checks of what is declared in the cluster: what the pipeline concludes of it, told in as few lines as will do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ako.core.base.moment import rfc3339
from ako.core.base.refs import ObjectRef
from ako.core.base.wording import some_of
from ako.core.control.confirmation import by_confirming, waiting, why_apart
from ako.core.control.own_objects import unread
from ako.core.control.preview import Preview
from ako.core.control.reconcile import Reconciler
from ako.core.hooks.claims import Problem, VirtualHost
from ako.core.hooks.outcome import Outcome
from ako.core.hooks.records import Node
from ako.core.hooks.selection import why_needed
from ako.core.observe.assignment import told
from ako.diagnosis.finding import Finding, each, ok, unknown, warning, wrong

SOON = 30 * 86400.0
"""Seconds before its end from which on a certificate is told of."""

TOLD_AT_MOST = 5

_TWICE = frozenset({"DuplicateHostPath", "HostConflict", "HostOfOtherNamespace", "AddressConflict"})
_CERTIFICATES = frozenset({"CertificateExpired", "CertificateNotYetValid", "CertificateForOtherName"})
_SELDOM = "`ako explain` says of each object what is wrong, and what would make it right."

Outcomes = Sequence[tuple[ObjectRef, Outcome]]


class Declared:
    """Looks at what the pipeline made of what is declared.

    Args:
        reconciler: which has looked at everything.
        now: the time of day, in seconds since 1970.
    """

    def __init__(self, reconciler: Reconciler, now: float) -> None:
        self._reconciler = reconciler
        self._now = now
        self._outcomes: Outcomes = reconciler.reporter.explain()

    def hosts(self) -> frozenset[str]:
        """Give the hosts that objects of ours ask for, as DNS compares names."""
        return frozenset(host.host.lower() for _, outcome in self._outcomes for host in outcome.hosts if host.host)

    def claimants(self) -> frozenset[ObjectRef]:
        """Give the objects that ask for anything of us."""
        return frozenset(ref for ref, outcome in self._outcomes if outcome.hosts)

    def examine(self) -> Iterator[Finding]:
        """Say what of it is wrong."""
        yield from self._read()
        problems = [problem for _, outcome in self._outcomes for problem in outcome.problems]
        twice = [problem for problem in problems if problem.reason in _TWICE]
        yield from each("duplicates", _told("duplicates", twice), "no host, path or address is claimed twice")
        yield from self._certificates([problem for problem in problems if problem.reason in _CERTIFICATES])
        others = [problem for problem in problems if problem.reason not in _TWICE | _CERTIFICATES]
        nodes = [problem for problem in others if problem.source.kind.name == "Node"]
        yield from each("nodes", _told("nodes", nodes), self._nodes())
        rest = [problem for problem in others if problem not in nodes]
        yield from each("objects", _told("objects", rest), "nothing else is wrong with them")

    def _read(self) -> Iterator[Finding]:
        """Say what there is; and what cannot be read, for nothing can be said of that, neither good nor bad."""
        reconciler = self._reconciler
        unknowns = list(unread(reconciler.pipeline.store, are_needed=bool(why_needed(reconciler.settings))))
        if unknowns:
            text = f"what follows does not count what cannot be read: {some_of(unknowns, TOLD_AT_MOST)}"
            yield unknown("declared", text, "See to the API server; or grant what `ako rbac --check` lists.")
            return
        hosts = len(self.hosts())
        yield ok("declared", f"objects that ask for something: {len(self.claimants())}, for {_hosts(hosts)}")

    def _nodes(self) -> str:
        pipeline = self._reconciler.pipeline
        records = {kind.record for kind in pipeline.watched if issubclass(kind.record, Node)}
        count = max((sum(1 for _ in pipeline.store.names(record)) for record in records), default=0)
        if not self._reconciler.settings.programs_static_routes:
            return f"{count} known; no static routes to their pods are wanted"
        return f"static routes lead to the pods of all {count}" if count else "none is known"

    def standing(self, preview: Preview) -> Iterator[Finding]:
        """Say what of the plan, or on the Controller, waits for somebody."""
        yield from each(
            "one controller",
            (wrong("one controller", why_apart(namesake)) for namesake in preview.namesakes),
            "nothing on the Avi Controller is of another cluster with our name",
        )
        if preview.held:
            remedy = f"Look at `ako plan`; confirm it: {by_confirming(preview.held.id)}"
            yield wrong("guard", waiting(preview.held), remedy)
        else:
            yield ok("guard", "nothing waits for being confirmed")
        yield from each(
            "tenants", (wrong("tenants", fault) for fault in preview.tenants), "all that are named are read"
        )
        yield ok("shards", told(preview.elsewhere) or "every host is where the settings put it")

    def _certificates(self, problems: Sequence[Problem]) -> Iterator[Finding]:
        check, remedy = "certificates", "Renew them; the new ones are used as soon as they are there."
        yield from _told(check, problems)
        ends = sorted(
            (model.virtual_host.expires, str(key))
            for key, model in self._reconciler.pipeline.hosts.values()
            if isinstance(model.virtual_host, VirtualHost) and model.virtual_host.expires > self._now
        )
        soon = [f"{host} ({rfc3339(end)})" for end, host in ends if end <= self._now + SOON]
        if soon:
            yield warning(check, f"end within 30 days: {some_of(soon, TOLD_AT_MOST)}", remedy)
        elif not problems:
            yield ok(
                check,
                f"those of {_hosts(len(ends))} are valid; the first ends at {rfc3339(ends[0][0])}"
                if ends
                else "no host has one",
            )


def _hosts(count: int) -> str:
    return "1 host" if count == 1 else f"{count} hosts"


def _told(check: str, problems: Sequence[Problem]) -> Iterator[Finding]:
    """Tell the first problems, and how many there are."""
    for problem in problems[:TOLD_AT_MOST]:
        yield warning(check, f"{problem.source.key}: {problem.reason}: {problem.message}", problem.remedy)
    if len(problems) > TOLD_AT_MOST:
        yield warning(check, f"{len(problems) - TOLD_AT_MOST} more", _SELDOM)
