"""`ako openshift doctor`: what most often goes wrong between ako and a cluster, asked one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import Enum

from msgspec import Struct

from ako.core.kinds import WatchedKind
from ako.openshift_tools.client import Client, ToolError
from ako.openshift_tools.routes import RouteFacts, double_claims, rivals, route_facts

GROUP, PLURAL = "route.openshift.io", "routes"
ROUTES = f"{PLURAL}.{GROUP}"
READING = ("list", "watch")


class Verdict(Enum):
    """How bad it is."""

    FINE = "ok"
    WORTH_A_LOOK = "look"
    WRONG = "wrong"


class Finding(Struct, frozen=True):
    """What a check found."""

    verdict: Verdict
    subject: str
    text: str

    def __str__(self) -> str:
        return f"[{self.verdict.value}]".ljust(8) + f"{self.subject}: {self.text}"


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
        yield Finding(Verdict.FINE, "client", self.client.path)
        for subject, check in self._checks().items():
            try:
                yield from check()
            except ToolError as fault:
                yield Finding(Verdict.WRONG, subject, str(fault))

    def _checks(self) -> dict[str, Callable[[], Iterable[Finding]]]:
        return {"user": self._who, "rights": self._rights, "routes": self._routes}

    def _who(self) -> Iterator[Finding]:
        yield Finding(Verdict.FINE, "user", self.client.user())

    def _rights(self) -> Iterator[Finding]:
        """Ask for every right but those to kinds that need not be there and are not."""
        missing: list[str] = []
        needed = dict.fromkeys(need for kind in self.kinds for need in _needs(kind))
        served = {group: self._is_served(group) for group in {need.group for need in needed if need.is_optional}}
        for need in needed:
            if need.is_optional and not served[need.group]:
                continue
            if not self.client.may(need.verb, need.resource, namespaced=need.is_namespaced, user=self.user):
                missing.append(f"{need.verb} {need.resource}")
        who = self.user or "the present user"
        if missing:
            text = f"{who} may not {', '.join(missing)}. Bind a ClusterRole that allows it."
            yield Finding(Verdict.WRONG, "rights", text)
        else:
            yield Finding(Verdict.FINE, "rights", f"{who} may do everything that is needed")

    def _is_served(self, group: str) -> bool:
        return any(self.client.serves(group, kind.plural) for kind in self.kinds if kind.kind.group == group)

    def _routes(self) -> Iterator[Finding]:
        if not self.client.serves(GROUP, PLURAL):
            text = f"{GROUP} is not served: this is not OpenShift, Ingresses are processed"
            yield Finding(Verdict.WORTH_A_LOOK, "Route API", text)
            return
        yield Finding(Verdict.FINE, "Route API", f"{GROUP} is served: Routes are processed, Ingresses are not")
        routes = [route_facts(found) for found in self.client.objects(ROUTES)]
        yield from _judged(
            "routers", rivals(routes, self.router), f"no other router admits any of {len(routes)} Routes"
        )
        yield from _judged("hosts", double_claims(routes), "no host and path is claimed twice")
        yield self._own(routes)

    def _own(self, routes: list[RouteFacts]) -> Finding:
        ours = sum(self.router in route.admitted_by for route in routes)
        verdict = Verdict.FINE if ours == len(routes) else Verdict.WORTH_A_LOOK
        return Finding(verdict, "admitted", f"{ours} of {len(routes)} Routes are admitted by {self.router}")


class _Need(Struct, frozen=True):
    verb: str
    resource: str
    group: str
    is_namespaced: bool
    is_optional: bool


def _needs(kind: WatchedKind) -> Iterator[_Need]:
    """Give the rights that a kind needs; `<resource>:<verb>` beside reading it."""
    group = kind.kind.group
    is_optional = kind.is_optional or kind.stands_in_for is not None
    wanted = [(kind.plural, verb) for verb in READING]
    wanted += [(resource, verb) for resource, _, verb in (access.partition(":") for access in kind.access)]
    for resource, verb in wanted:
        plural, slash, subresource = resource.partition("/")
        named = f"{plural}.{group}" if group else plural
        yield _Need(verb, f"{named}{slash}{subresource}", group, kind.namespaced, is_optional)


def _judged(subject: str, faults: Iterator[str], fine: str) -> Iterator[Finding]:
    found = [Finding(Verdict.WORTH_A_LOOK, subject, fault) for fault in faults]
    yield from found or [Finding(Verdict.FINE, subject, fine)]
