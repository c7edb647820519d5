"""`ako openshift doctor`: what most often goes wrong between ako and a cluster, asked one by one."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from ako.core.engine.kinds import WatchedKind
from ako.diagnosis.bundle import resource_name
from ako.diagnosis.finding import Finding, Verdict
from ako.diagnosis.routes import RouteFacts, double_claims, rivals, route_facts
from ako.openshift_tools.client import Client, ToolError

GROUP, PLURAL = "route.openshift.io", "routes"
READING = ("list", "watch")


class Need(Struct, frozen=True):
    """A right; the resource is `<plural>.<group>`, with `/<subresource>` if it is one."""

    verb: str
    resource: str
    is_namespaced: bool = True


EVENTS = (Need("create", "events"), Need("patch", "events"), Need("list", "events"))
"""Events are written and counted up; those of an earlier run are not written again."""


class Doctor(Struct, frozen=True):
    """Who asks what.

    Attributes:
        client: asks the cluster.
        kinds: what the enabled plugins watch, each with the rights it needs.
        router: our name in the statuses of Routes.
        user: whose rights are looked at; empty for whoever asks.
    """

    client: Client
    kinds: tuple[WatchedKind, ...]
    router: str
    user: str = ""

    def examine(self) -> Iterator[Finding]:
        """Make all checks; one that cannot be made says so and ends no other."""
        yield Finding(Verdict.OK, "client", self.client.path)
        for subject, check in (("user", self._who), ("rights", self._rights), ("routes", self._routes)):
            try:
                yield from check()
            except ToolError as fault:
                yield Finding(Verdict.WRONG, subject, str(fault))

    def _who(self) -> Iterator[Finding]:
        try:
            yield Finding(Verdict.OK, "user", self.client.user())
        except ToolError as fault:  # an older client or cluster cannot say; nothing depends on it
            yield Finding(Verdict.WARNING, "user", f"not known: {fault}")

    def _rights(self) -> Iterator[Finding]:
        needed = dict.fromkeys(need for kind in self.kinds if self._is_watched(kind) for need in _needs(kind))
        missing = [
            f"{need.verb} {need.resource}"
            for need in (*needed, *EVENTS)
            if not self.client.may(need.verb, need.resource, namespaced=need.is_namespaced, user=self.user)
        ]
        who = self.user or "the present user"
        if missing:
            text = f"{who} may not {', '.join(missing)}. Bind a ClusterRole that allows it."
            yield Finding(Verdict.WRONG, "rights", text)
        else:
            yield Finding(Verdict.OK, "rights", f"{who} may do everything that is needed")

    def _is_watched(self, kind: WatchedKind) -> bool:
        """Say whether a kind is watched here: not if it may be missing and is, nor as a stand-in without need."""
        if kind.stands_in_for is not None:
            replaced = [other for other in self.kinds if other.kind == kind.stands_in_for]
            return not any(self.client.serves(other.kind.group, other.plural) for other in replaced)
        return not kind.is_optional or self.client.serves(kind.kind.group, kind.plural)

    def _routes(self) -> Iterator[Finding]:
        if not self.client.serves(GROUP, PLURAL):
            text = f"{GROUP} is not served: this is not OpenShift, Ingresses are processed"
            yield Finding(Verdict.WARNING, "Route API", text)
            return
        yield Finding(Verdict.OK, "Route API", f"{GROUP} is served: Routes are processed, Ingresses are not")
        routes = [route_facts(found) for found in self.client.manifests(GROUP, PLURAL)]
        yield from _judged("routers", rivals(routes, self.router), "no Route is admitted by another router")
        yield from _judged("hosts", double_claims(routes), "no host and path is claimed twice")
        yield self._own(routes)

    def _own(self, routes: list[RouteFacts]) -> Finding:
        ours = sum(self.router in route.admitted_by for route in routes)
        verdict = Verdict.OK if ours == len(routes) else Verdict.WARNING
        return Finding(verdict, "admitted", f"{ours} of {len(routes)} Routes are admitted by {self.router}")


def _needs(kind: WatchedKind) -> Iterator[Need]:
    """Give the rights that a kind needs: reading it, and what it says itself as `<resource>:<verb>`."""
    wanted = [(kind.plural, verb) for verb in READING]
    wanted += [(resource, verb) for resource, _, verb in (access.partition(":") for access in kind.access)]
    for resource, verb in wanted:
        plural, slash, subresource = resource.partition("/")
        yield Need(verb, f"{resource_name(plural, kind.kind.group)}{slash}{subresource}", kind.namespaced)


def _judged(subject: str, faults: Iterator[str], fine: str) -> Iterator[Finding]:
    found = [Finding(Verdict.WARNING, subject, fault) for fault in faults]
    yield from found or [Finding(Verdict.OK, subject, fine)]
