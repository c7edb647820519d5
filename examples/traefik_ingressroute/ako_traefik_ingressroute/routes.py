"""One IngressRoute → its routes in order, and what of them cannot be served."""

from __future__ import annotations

from msgspec import Struct

from ako import Backend, ObjectRef, Problem, View, host_fault, site
from ako_traefik_ingressroute.alternatives import Alternative, MatchFault, alternatives
from ako_traefik_ingressroute.decisions import Decisions, Entry, decide
from ako_traefik_ingressroute.match_language import SyntaxFault, parse
from ako_traefik_ingressroute.records import INGRESS_ROUTES, IngressRoute, Route
from ako_traefik_ingressroute.services import Services


class Found(Struct, frozen=True):
    """What was found in an IngressRoute."""

    decisions: Decisions
    problems: tuple[Problem, ...]


def found_in(view: View, namespace: str, name: str) -> Found:
    """Give what is in an IngressRoute (a query); nothing if it is not there."""
    record = view.get(IngressRoute, namespace, name)
    ref = ObjectRef(INGRESS_ROUTES.kind, namespace, name)
    services = Services(ref, view)
    problems: list[Problem] = []
    entries: list[Entry] = []
    for index, route in enumerate((record.spec.routes if record else None) or ()):
        where = f"spec.routes[{index}]"
        matched, faults = _matched(route, where, view)
        problems += (Problem(ref, *fault) for fault in faults)
        if matched:
            order = (-(route.priority or len(route.match)), index)
            entries.append(Entry(order, matched, _backends(route, where, ref, services)))
    return Found(decide(entries), tuple(dict.fromkeys((*problems, *services.problems))))


def _matched(route: Route, where: str, view: View) -> tuple[tuple[Alternative, ...], tuple[tuple[str, str, str], ...]]:
    """Give the alternatives of a route that can be served, and faults: reason, message, remedy."""
    field = f"{where}.match"
    if route.kind not in {None, "", "Rule"}:
        return (), (("RouteKindUnsupported", f"{where}.kind: {route.kind} is not known.", "Use Rule."),)
    node = parse(route.match)
    if isinstance(node, SyntaxFault):
        return (), (("MatchInvalid", f"{field}: character {node.at}: {node.what}.", "Correct it."),)
    found, faults = alternatives(node)
    good: list[Alternative] = []
    told: dict[tuple[str, str, str], None] = dict.fromkeys(_as_told(field, fault) for fault in faults)
    for one in found:
        fault = _NO_HOST if not one.host else host_fault(one.host, view.ask(site), field)
        if fault is None:
            good.append(one)
        else:
            told[fault if fault[1].startswith(field) else (fault[0], f"{field}: {fault[1]}", fault[2])] = None
    return tuple(good), tuple(told)


_NO_HOST = ("NoHost", "requests for any host at all are not served.", "Add && Host(`<name>`).")


def _as_told(field: str, fault: MatchFault) -> tuple[str, str, str]:
    return fault.reason, f"{field}: {fault.what}.", fault.remedy


def _backends(route: Route, where: str, ref: ObjectRef, services: Services) -> tuple[Backend, ...]:
    """Give where a route leads; nowhere if it asks for more, without which too much would be let through."""
    if not route.middlewares:
        return services.backends(route.services, where)
    names = ", ".join(str(one) for one in route.middlewares)
    message = f"{where}.middlewares: {names}: there are no middlewares; the requests of this route are not served."
    services.problems.append(
        Problem(ref, "MiddlewareUnsupported", message, "Take them away to have the route served without them.")
    )
    return ()


def decisions_of(view: View, namespace: str, name: str) -> Decisions:
    """Give the decisions of an IngressRoute (a query: as long as they stay the same, no host is translated anew)."""
    return view.ask(found_in, namespace, name).decisions
