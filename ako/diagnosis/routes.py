"""What Routes look like from outside: which others admit them too, which of them want the same. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple


class RouteFacts(NamedTuple):
    """One Route, oldest first when sorted."""

    created: str
    namespace: str
    name: str
    host: str
    path: str
    admitted_by: tuple[str, ...]

    @property
    def title(self) -> str:
        """Give namespace and name."""
        return f"{self.namespace}/{self.name}"


def route_facts(route: Mapping[str, Any]) -> RouteFacts:
    """Read the manifest of a Route; what is not there is empty."""
    metadata, spec, status = (route.get(part) or {} for part in ("metadata", "spec", "status"))
    admitting = [entry.get("routerName") for entry in status.get("ingress") or () if _is_admitted(entry)]
    return RouteFacts(
        created=str(metadata.get("creationTimestamp") or ""),
        namespace=str(metadata.get("namespace") or ""),
        name=str(metadata.get("name") or ""),
        host=str(spec.get("host") or ""),
        path=str(spec.get("path") or ""),
        admitted_by=tuple(str(name) for name in admitting if name),
    )


def _is_admitted(entry: Mapping[str, Any]) -> bool:
    return any((c.get("type"), c.get("status")) == ("Admitted", "True") for c in entry.get("conditions") or ())


def rivals(routes: Iterable[RouteFacts], router: str) -> Iterator[str]:
    """Name the Routes that another router admits, and these routers."""
    for route in sorted(routes):
        others = [name for name in route.admitted_by if name != router]
        if others:
            yield f"{route.title}: host {route.host} is admitted by {', '.join(others)}"


def double_claims(routes: Iterable[RouteFacts]) -> Iterator[str]:
    """Name what more than one Route claims; the oldest of them has it."""
    claimants: dict[tuple[str, str], list[RouteFacts]] = {}
    for route in sorted(routes):
        claimants.setdefault((route.host.lower(), route.path), []).append(route)
    for (host, path), sharing in sorted(claimants.items()):
        if host and len(sharing) > 1:
            others = ", ".join(route.title for route in sharing[1:])
            yield f"{host}{path}: {sharing[0].title} is the oldest and has it; {others} too"
