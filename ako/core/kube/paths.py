"""Paths of the Kubernetes API."""

from __future__ import annotations

from ako.core.base.refs import Kind

GROUPS = "/apis"
"""Path of the list of all groups but the core group."""


def path_of_kind(kind: Kind, plural: str, namespace: str = "") -> str:
    """Give the path of all objects of a kind, in one namespace or in all."""
    scope = f"/namespaces/{namespace}" if namespace else ""
    return f"{path_of_version(kind)}{scope}/{plural}"


def path_of_object(kind: Kind, plural: str, namespace: str, name: str) -> str:
    """Give the path of one object; an empty namespace means cluster-scoped."""
    return f"{path_of_kind(kind, plural, namespace)}/{name}"


def path_of_version(kind: Kind) -> str:
    """Give the path of the list of kinds in a kind's group and version."""
    return f"{GROUPS}/{kind.group}/{kind.version}" if kind.group else f"/api/{kind.version}"
