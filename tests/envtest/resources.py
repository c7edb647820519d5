"""What a real API server serves, read from its discovery."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol


class Reads(Protocol):
    """Somebody who reads a path."""

    def read(self, path: str) -> Any:
        """Give the JSON of a path."""

    def find(self, path: str) -> Any | None:
        """Give the JSON of a path, None if nothing is there."""


class Resource(NamedTuple):
    """A kind as it is served."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool
    has_status: bool

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """Give the path of all objects, of those of a namespace, or of one."""
        root = "/apis" if "/" in self.api_version else "/api"
        place = f"/namespaces/{namespace}" if namespace and self.namespaced else ""
        return "/".join(filter(None, (f"{root}/{self.api_version}{place}/{self.plural}", name, subresource)))


class Served:
    """Every kind that is served; one that is not known is looked for anew."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._found: list[Resource] = []

    def of(self, kind: str, api_version: str = "") -> Resource:
        """Give a kind, of the most stable version if none is named.

        Raises:
            LookupError: it is not served.
        """
        found = self._named(kind, api_version)
        if found is None:
            self._found = list(self._discovered())
            found = self._named(kind, api_version)
        if found is None:
            raise LookupError(f"the API server does not serve {kind} {api_version}".rstrip())
        return found

    def forget(self) -> None:
        """Have everything looked for anew: definitions came or went."""
        self._found = []

    def _named(self, kind: str, api_version: str) -> Resource | None:
        fitting = [one for one in self._found if one.kind == kind and api_version in {"", one.api_version}]
        return min(fitting, key=lambda one: not one.api_version.rpartition("/")[2].strip("v").isdigit(), default=None)

    def _discovered(self) -> Iterator[Resource]:
        groups = self._reads.read("/apis")["groups"]
        versions = ["v1", *(version["groupVersion"] for group in groups for version in group["versions"])]
        for version in versions:
            root = "/apis" if "/" in version else "/api"
            # A group of a definition that has just come or gone is listed, and not there.
            listed = (self._reads.find(f"{root}/{version}") or {"resources": []})["resources"]
            names = {one["name"] for one in listed}
            for one in listed:
                if "/" not in one["name"]:
                    has_status = f"{one['name']}/status" in names
                    yield Resource(version, one["kind"], one["name"], one["namespaced"], has_status)
