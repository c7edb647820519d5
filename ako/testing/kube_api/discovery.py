"""The documents a client finds its way by: version, health, groups and the resources of each."""

from __future__ import annotations

import msgspec

from ako.testing.kube_api import errors
from ako.testing.kube_api.resources import Manifest, group_document
from ako.testing.kube_api.store import Store
from ako.testing.listener import Request, Response

_encode = msgspec.json.Encoder().encode
_PLAIN = "text/plain; charset=utf-8"

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
_HEALTH = {"/healthz", "/livez", "/readyz"}


def discover(store: Store, request: Request) -> Response | None:
    """Answer a request for a discovery document; None if it asks for something else."""
    path = request.path.rstrip("/") or "/"
    if path in _HEALTH:
        check = path[1:]
        text = f"[+]ping ok\n[+]etcd ok\n{check} check passed\n" if "verbose" in request.query else "ok"
        return Response(200, text.encode(), _PLAIN, [("X-Content-Type-Options", "nosniff")])
    document = _document(store, path, request.headers.get("host", ""))
    return None if document is None else Response(200, _encode(document) + b"\n")


def _document(store: Store, path: str, host: str) -> Manifest | None:
    match path.split("/")[1:]:
        case ["version"]:
            return VERSION
        case ["api"]:
            addresses = [{"clientCIDR": "0.0.0.0/0", "serverAddress": host}]
            return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": addresses}
        case ["api", "v1"]:
            return _resources(store, "", "v1")
        case ["apis"]:
            groups = [group_document(group, store.versions_of(group)) for group in store.groups()]
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
        case ["apis", group] if versions := store.versions_of(group):
            return {"kind": "APIGroup", "apiVersion": "v1", **group_document(group, versions)}
        case ["apis", group, version] if store.versions_of(group).get(version):
            return _resources(store, group, version)
    return None


def _resources(store: Store, group: str, version: str) -> Manifest:
    resources = sorted(store.versions_of(group).get(version, ()), key=lambda resource: resource.plural)
    if not resources:
        raise errors.unknown_resource()
    return {
        "kind": "APIResourceList",
        **({"apiVersion": "v1"} if group else {}),
        "groupVersion": resources[0].api_version,
        "resources": [entry for resource in resources for entry in resource.discovery()],
    }
