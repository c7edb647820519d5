"""What a request asks for, read from its path alone as an API server does before it looks at anything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ako.testing.listener import Request

_VERBS = {"GET": "get", "HEAD": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_OF_A_NAMESPACE = {"status", "finalize"}


class User(NamedTuple):
    """Somebody who asks."""

    name: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attributes:
    """Who asks for what.

    Attributes:
        user: who.
        verb: `list`, `patch`, ...; in lower case the HTTP method for a path that is no resource.
        group: API group, "" for the core.
        resource: plural name, "" for a path that is no resource.
        subresource: `status`, or "".
        namespace: "" for the whole cluster.
        name: the object the path names, or "".
        selected: the object that a list or watch names by `fieldSelector=metadata.name=...`, or "".
        path: the path, if it is no resource.
        version: API version, "" where it does not matter.
    """

    user: User
    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    selected: str = ""
    path: str = ""
    version: str = ""

    @property
    def what(self) -> str:
        """Return resource and subresource as rules name them."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource

    @property
    def about(self) -> str:
        """Return the one object that the request is about, "" if there may be several."""
        return self.name or self.selected

    def complaint(self) -> str:
        """Return the words of a refusal."""
        if not self.resource:
            return f'User "{self.user.name}" cannot {self.verb} path "{self.path}"'
        where = f'in the namespace "{self.namespace}"' if self.namespace else "at the cluster scope"
        what = f'resource "{self.what}" in API group "{self.group}"'
        return f'User "{self.user.name}" cannot {self.verb} {what} {where}'


def attributes(user: User, request: Request) -> Attributes:
    """Read a request."""
    parts = request.path.strip("/").split("/")
    if parts[0] == "api" and len(parts) > 2:
        group, version, rest = "", parts[1], parts[2:]
    elif parts[0] == "apis" and len(parts) > 3:
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return Attributes(user, request.method.lower(), path=request.path)
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 1:
        namespace = rest[1]
        if len(rest) > 2 and rest[2] not in _OF_A_NAMESPACE:
            rest = rest[2:]
    name, subresource = "".join(rest[1:2]), "/".join(rest[2:])
    verb = _verb(request.method, request.query, name)
    selected = "" if name else _named(request.query.get("fieldSelector", ""))
    return Attributes(user, verb, group, rest[0], subresource, namespace, name, selected, version=version)


def _verb(method: str, query: Mapping[str, str], name: str) -> str:
    verb = _VERBS.get(method, method.lower())
    if verb == "get" and query.get("watch") in {"true", "1"}:
        return "watch"
    if name:
        return verb
    return {"get": "list", "delete": "deletecollection"}.get(verb, verb)


def _named(selector: str) -> str:
    for part in selector.split(","):
        field, separator, value = part.partition("=")
        if field.strip() == "metadata.name" and separator:
            return value.removeprefix("=").strip()
    return ""
