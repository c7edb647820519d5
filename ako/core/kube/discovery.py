"""Asks an API server what it serves; the reflectors call it when a kind answers 404.

An API server answers 404 to everything of a group while that is registered anew; its discovery tells that from a kind
that is gone. A deleted CustomResourceDefinition takes its kind out of the list of the group's version, and with the
last kind the version out of `/apis`.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from ako.core.base.refs import Kind
from ako.core.kube.connection import Connection, Request
from ako.core.kube.errors import KubeError
from ako.core.kube.paths import GROUPS, path_of_version
from ako.typed_json import reader


class _Named(Struct, frozen=True):
    name: str = ""
    kind: str = ""


class _Resources(Struct, frozen=True):
    resources: tuple[_Named, ...]


class _Version(Struct, frozen=True):
    version: str = ""


class _Group(Struct, frozen=True):
    name: str = ""
    versions: tuple[_Version, ...] = ()


class _Groups(Struct, frozen=True):
    groups: tuple[_Group, ...]


_decode_resources = reader(_Resources).decode
_decode_groups = reader(_Groups).decode


def doubt_of_absence(connection: Connection, kind: Kind, plural: str) -> str:
    """Say why a kind may be served though it answers 404; empty if discovery answers, and without it."""
    try:
        answer = connection.send(Request(path=path_of_version(kind)))
        if answer.status != 404:
            served = _decode_resources(answer.granted())
            return "discovery lists it" if any(resource.name == plural for resource in served.resources) else ""
        groups = _decode_groups(connection.send(Request(path=GROUPS)).granted()).groups
    except (KubeError, msgspec.DecodeError) as error:
        return f"discovery cannot be read: {error}"
    versions = {(group.name, version.version) for group in groups for version in group.versions}
    if kind.group and (kind.group, kind.version) not in versions:
        return ""
    return f"discovery lists {kind.api_version}"


def kinds_of_group(connection: Connection, group: str) -> tuple[str, ...]:
    """Give the kinds that an API server serves in a group, ordered by name.

    Raises:
        KubeError: discovery cannot be read.
    """
    try:
        groups = _decode_groups(connection.send(Request(path=GROUPS)).granted()).groups
        versions = [version.version for found in groups if found.name == group for version in found.versions]
        answers = [connection.send(Request(path=path_of_version(Kind(group, version, "")))) for version in versions]
        listed = [_decode_resources(answer.granted()).resources for answer in answers if answer.status != 404]
    except msgspec.DecodeError as error:
        raise KubeError(f"discovery cannot be read: {error}") from error
    return tuple(sorted({found.kind for resources in listed for found in resources if "/" not in found.name}))
