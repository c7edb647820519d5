"""A real API server as scenarios see a cluster: what the stand-in offers, by requests that everybody can make.

What differs from a cluster with nodes: nobody but the test writes EndpointSlices, and nobody ends Namespaces, so that
the test does it. Ages are the server's, in whole seconds: what is applied later is younger by waiting for the clock.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import yaml

from tests.envtest.client import Client, Refused
from tests.envtest.resources import Resource, Served
from tests.waiting import eventually, wait_until

Manifest = dict[str, Any]
# Inside the class the name `list` is a method.
Objects = list[Manifest]

AGED = frozenset({"Ingress", "Route", "Service", "Namespace", "IngressClass"})
"""Kinds of which it matters which object is older."""

_DEFINITION = "CustomResourceDefinition"
_TRIES = 20
_GIVEN_TO_SERVICES = ("clusterIP", "clusterIPs")


class RealCluster:
    """A cluster as one sees it who may do everything."""

    def __init__(self, kubeconfig: Path) -> None:
        self.client = Client(kubeconfig)
        self.served = Served(self.client)
        self._newest = 0.0

    # ---- what is in it ---------------------------------------------------------------------------------------

    def get(self, kind: str, namespace: str, name: str) -> Manifest | None:
        """Give an object, None if there is none."""
        found: Manifest | None = self.client.find(self.served.of(kind).path(namespace, name))
        return found

    def list(self, kind: str, namespace: str = "") -> Objects:
        """Give the objects of a kind, by default those of all namespaces."""
        resource = self.served.of(kind)
        items = self.client.read(resource.path(namespace))["items"]
        return [{"apiVersion": resource.api_version, "kind": kind, **item} for item in items]

    def events(self) -> Objects:
        """Give all Events."""
        return self.list("Event")

    def mark(self) -> int:
        """Give the present revision, to be given to `history` later."""
        return int(self.client.read("/api/v1/namespaces?limit=1")["metadata"]["resourceVersion"])

    def history(self, kind: str, namespace: str, name: str, since: int) -> Objects:
        """Give every version an object has had since a mark, oldest first: what a watch from there tells."""
        query = f"watch=true&timeoutSeconds=1&resourceVersion={since}&fieldSelector=metadata.name={name}"
        lines = self.client.lines(f"{self.served.of(kind).path(namespace)}?{query}")
        told = [json.loads(line) for line in lines]
        return [event["object"] for event in told if event["type"] in {"ADDED", "MODIFIED"}]

    # ---- what is done to it ----------------------------------------------------------------------------------

    def apply(self, *manifests: Manifest) -> Objects:
        """Create or replace objects, with their status and their namespaces; each is younger than all before it."""
        return [self._apply(manifest) for manifest in manifests]

    def delete(self, manifest: Manifest) -> None:
        """Delete an object, and wait until it is gone; one that is not there is no error."""
        metadata = manifest["metadata"]
        resource = self.served.of(manifest["kind"], manifest.get("apiVersion", ""))
        path = resource.path(metadata.get("namespace") or "default", metadata["name"])
        if self.client.find(path) is None:
            return
        if manifest["kind"] == "Namespace":
            self._empty(metadata["name"])
        self.client.send("DELETE", path, {"propagationPolicy": "Background"})
        if manifest["kind"] == "Namespace":
            self._finalize(path)
        eventually(lambda: self.client.find(path) is None, f"{path} is gone")

    def _apply(self, manifest: Manifest) -> Manifest:
        resource = self.served.of(manifest["kind"], manifest["apiVersion"])
        metadata = {"namespace": "default", **manifest["metadata"]} if resource.namespaced else manifest["metadata"]
        if resource.namespaced:
            self._ensure_namespace(metadata["namespace"])
        wanted = {**manifest, "metadata": metadata}
        stored = self._stored(resource, wanted)
        if "status" in manifest and resource.has_status:
            path = resource.path(metadata.get("namespace", ""), metadata["name"], "status")
            stored = self._replaced(path, {**stored, "status": manifest["status"]})
        if manifest["kind"] == _DEFINITION:
            self._establish(manifest)
        return stored

    def _stored(self, resource: Resource, wanted: Manifest) -> Manifest:
        metadata = wanted["metadata"]
        path = resource.path(metadata.get("namespace", ""), metadata["name"])
        if self.client.find(path) is not None:
            try:
                return self._replaced(path, wanted)
            except Refused as error:
                # What may not change is made anew.
                if error.status != HTTPStatus.UNPROCESSABLE_ENTITY or "immutable" not in str(error):
                    raise
                self.delete(wanted)
        if resource.kind in AGED:
            wait_until(lambda: True if int(time.time()) > self._newest else None)
        bare = {name: value for name, value in metadata.items() if name not in {"resourceVersion", "uid"}}
        created: Manifest = self.client.send("POST", path.rpartition("/")[0], {**wanted, "metadata": bare})
        if resource.kind in AGED:
            self._newest = datetime.fromisoformat(created["metadata"]["creationTimestamp"]).timestamp()
        return created

    def _replaced(self, path: str, wanted: Manifest) -> Manifest:
        """Replace an object, whatever others write into it meanwhile."""
        for _ in range(_TRIES):
            present = self.client.read(path.removesuffix("/status"))
            try:
                replaced: Manifest = self.client.send("PUT", path, _over(present, wanted))
            except Refused as error:
                if error.status != HTTPStatus.CONFLICT:
                    raise
            else:
                return replaced
        raise RuntimeError(f"{path} is written by others all the time")

    def _ensure_namespace(self, name: str) -> None:
        if self.client.find(f"/api/v1/namespaces/{name}") is None:
            self._apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})

    def _establish(self, definition: Manifest) -> None:
        """Wait until the kinds of a definition are served and listed by discovery."""
        spec = definition["spec"]
        version = f"{spec['group']}/{spec['versions'][0]['name']}"

        def is_served() -> bool:
            self.served.forget()
            try:
                self.list_of(self.served.of(spec["names"]["kind"], version))
            except (LookupError, Refused):
                return False
            return True

        eventually(is_served, f"{definition['metadata']['name']} is served", interval=0.1)

    def list_of(self, resource: Resource) -> Objects:
        """Give all objects of a kind as one version has them."""
        items: Objects = self.client.read(resource.path())["items"]
        return items

    def _empty(self, namespace: str) -> None:
        """Delete what is in a namespace, as the controllers of a cluster do."""
        for kind in ("Ingress", "Service", "EndpointSlice", "Endpoints", "Secret", "ConfigMap", "Route", "StatefulSet"):
            with suppress(LookupError):
                for item in self.list(kind, namespace):
                    self.delete(item)

    def _finalize(self, path: str) -> None:
        present = self.client.read(path)
        self.client.send("PUT", f"{path}/finalize", {**present, "spec": {"finalizers": []}})

    # ---- who gets in -----------------------------------------------------------------------------------------

    def write_kubeconfig(self, path: Path, user: str) -> Path:
        """Write a kubeconfig for a ServiceAccount, named as the API server names it, with a token of its own."""
        namespace, name = user.removeprefix("system:serviceaccount:").split(":")
        self.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"namespace": namespace, "name": name}})
        request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
        accounts = f"/api/v1/namespaces/{namespace}/serviceaccounts"
        token = self.client.send("POST", f"{accounts}/{name}/token", request)["status"]["token"]
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "t", "cluster": self.client.cluster}],
            "users": [{"name": name, "user": {"token": token}}],
            "contexts": [{"name": "t", "context": {"cluster": "t", "user": name}}],
            "current-context": "t",
        }
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        return path

    def close(self) -> None:
        """End the connection."""
        self.client.close()


def _over(present: Manifest, wanted: Manifest) -> Manifest:
    """Give an object as it is to replace the present one: with what a client may not take away."""
    body = {**wanted, "metadata": {**wanted["metadata"], "resourceVersion": present["metadata"]["resourceVersion"]}}
    if wanted["kind"] == "Service":
        given = {name: present["spec"][name] for name in _GIVEN_TO_SERVICES if name in present["spec"]}
        body["spec"] = {**given, **wanted["spec"]}
    return body
