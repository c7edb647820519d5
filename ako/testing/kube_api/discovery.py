"""The documents a client finds its way by: version, health, groups and the resources of each."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ako.testing.kube_api.media import accepted
from ako.testing.kube_api.resources import Manifest, Resource
from ako.testing.kube_api.reviews import REVIEWS, Review
from ako.testing.kube_api.store import Store
from ako.testing.listener import Request, Response

_encode = msgspec.json.Encoder().encode
_PLAIN = "text/plain; charset=utf-8"
_AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

VERSION: Manifest = {
    "major": "1",
    "minor": "36",
    "emulationMajor": "1",
    "emulationMinor": "36",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "35",
    "gitVersion": "v1.36.2",
    "gitCommit": "none",
    "gitTreeState": "clean",
    "buildDate": "2026-07-23T00:00:00Z",
    "goVersion": "go1.26.6",
    "compiler": "gc",
    "platform": "linux/amd64",
}
HEALTH = ("/healthz", "/livez", "/readyz")

Served = Resource | Review
Versions = dict[str, list[Served]]


def discover(store: Store, request: Request) -> Response | None:
    """Answer a request for a discovery document; None if it asks for something else."""
    path = request.path.rstrip("/") or "/"
    if path in HEALTH:
        return health(path, request.query)
    if path in {"/api", "/apis"} and _wants_aggregated(request):
        items = [_aggregated(group, versions) for group, versions in _groups(store).items()]
        shown = [item for item in items if ("name" in item["metadata"]) is (path == "/apis")]
        document: Manifest | None = {
            "kind": "APIGroupDiscoveryList",
            "apiVersion": "apidiscovery.k8s.io/v2",
            "metadata": {},
            "items": shown,
        }
        return Response(200, _encode(document) + b"\n", _AGGREGATED)
    document = _document(_groups(store), path, request.headers.get("host", ""))
    return None if document is None else Response(200, _encode(document) + b"\n")


def health(path: str, query: Mapping[str, str], failing: str = "") -> Response:
    """Answer a health check.

    Args:
        path: which one.
        query: `verbose` lists what was looked at.
        failing: the part that is not well, "" if all are.
    """
    parts = list(dict.fromkeys(["ping", "log", "etcd", *([failing] if failing else [])]))
    lines = [f"[-]{part} failed: reason withheld" if part == failing else f"[+]{part} ok" for part in parts]
    lines.append(f"{path[1:]} check {'failed' if failing else 'passed'}")
    text = "ok" if not failing and "verbose" not in query else "".join(f"{line}\n" for line in lines)
    return Response(500 if failing else 200, text.encode(), _PLAIN, [("X-Content-Type-Options", "nosniff")])


def _wants_aggregated(request: Request) -> bool:
    """Say whether the first form a client names that can be had is the one that lists everything at once."""
    for kind, parameters in accepted(request.headers.get("accept", "")):
        if kind == "application/json" and parameters.get("as") == "APIGroupDiscoveryList":
            return (parameters.get("g"), parameters.get("v")) == ("apidiscovery.k8s.io", "v2")
        if kind in {"application/json", "*/*"}:
            return False
    return False


def _groups(store: Store) -> dict[str, Versions]:
    """Return what is served, by group and version, each sorted by name."""
    groups: dict[str, Versions] = {
        group: {version: list[Served](served) for version, served in store.versions_of(group).items()}
        for group in ("", *store.groups())
    }
    for review in REVIEWS:
        groups.setdefault(review.group, {}).setdefault("v1", []).append(review)
    for versions in groups.values():
        for served in versions.values():
            served.sort(key=lambda one: one.plural)
    return groups


def _document(groups: dict[str, Versions], path: str, host: str) -> Manifest | None:
    match path.split("/")[1:]:
        case ["version"]:
            return VERSION
        case ["api"]:
            addresses = [{"clientCIDR": "0.0.0.0/0", "serverAddress": host}]
            return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": addresses}
        case ["api", "v1"]:
            return _resources("", "v1", groups[""]["v1"])
        case ["apis"]:
            named = [_group(group, versions) for group, versions in groups.items() if group]
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": named}
        case ["apis", group] if group and (versions := groups.get(group)):
            return {"kind": "APIGroup", "apiVersion": "v1", **_group(group, versions)}
        case ["apis", group, version] if group and (served := groups.get(group, {}).get(version)):
            return _resources(group, version, served)
    return None


def _group(group: str, versions: Versions) -> Manifest:
    listed = [{"groupVersion": f"{group}/{version}", "version": version} for version in versions]
    return {"name": group, "versions": listed, "preferredVersion": listed[0]}


def _resources(group: str, version: str, served: list[Served]) -> Manifest:
    return {
        "kind": "APIResourceList",
        **({"apiVersion": "v1"} if group else {}),
        "groupVersion": f"{group}/{version}" if group else version,
        "resources": [entry for one in served for entry in one.discovery()],
    }


def _aggregated(group: str, versions: Versions) -> Manifest:
    shown = [
        {"version": version, "resources": [_aggregated_resource(one) for one in served], "freshness": "Current"}
        for version, served in versions.items()
    ]
    return {"metadata": {"name": group} if group else {}, "versions": shown}


def _aggregated_resource(served: Served) -> Manifest:
    main, *others = served.discovery()
    kind = _response_kind(served)
    shown: Manifest = {
        "resource": main["name"],
        "responseKind": kind,
        "scope": "Namespaced" if main["namespaced"] else "Cluster",
        "singularResource": main["singularName"],
        **{field: main[field] for field in ("verbs", "shortNames", "categories") if field in main},
    }
    if others:
        shown["subresources"] = [
            {"subresource": one["name"].rpartition("/")[2], "responseKind": kind, "verbs": one["verbs"]}
            for one in others
        ]
    return shown


def _response_kind(served: Served) -> Manifest:
    # Built-in kinds leave out what follows from the place in the document.
    if isinstance(served, Resource) and served.custom:
        return {"group": served.group, "version": served.version, "kind": served.kind}
    return {"group": "", "version": "", "kind": served.kind}
