"""Paths of the Kubernetes API."""

from __future__ import annotations

from ako.core.refs import Kind


def path_of_kind(kind: Kind, plural: str) -> str:
    """Give the path of all objects of a kind, in all namespaces."""
    return f"{_root(kind)}/{plural}"


def path_of_object(kind: Kind, plural: str, namespace: str, name: str) -> str:
    """Give the path of one object; an empty namespace means cluster-scoped."""
    scope = f"/namespaces/{namespace}" if namespace else ""
    return f"{_root(kind)}{scope}/{plural}/{name}"


def _root(kind: Kind) -> str:
    return f"/apis/{kind.group}/{kind.version}" if kind.group else f"/api/{kind.version}"
