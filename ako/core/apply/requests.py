"""Operations of a plan as HTTP requests: values, sent by somebody else.

Whatever is written bears the mark of the cluster from then on.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from ako.core.avi import codec
from ako.core.model import ForeignObject, Pool, PoolServer, VsVip
from ako.core.model.mark import KEY, UNMARKED, Mark
from ako.core.plan.plan import Create, Delete, FieldChange, Operation, Update


class Request(Struct, frozen=True):
    """One request to the Avi Controller."""

    method: str
    path: str
    body: bytes | None = None


def request_for(operation: Operation, mark: Mark = UNMARKED) -> Request:
    """Give the request that carries out an operation for the cluster of a mark."""
    path = f"/api/{operation.ref.type}"
    if isinstance(operation, Create):
        return Request("POST", path, codec.encode_new(operation.object, mark.fields(operation.object)))
    path = f"{path}/{operation.observed.uuid}"
    if isinstance(operation, Delete):
        return Request("DELETE", path)
    if operation.observed.body is not None:
        return Request("PUT", path, _overlaid(operation, mark))
    return Request("PATCH", path, _patch(operation, mark))


def _overlaid(operation: Update, mark: Mark) -> bytes:
    """Lay our fields over the whole object as it was read; its `_last_modified` guards a concurrent change (412).

    Entries of a VsVip's DNS names that stay keep what the Controller or an operator put into them.
    """
    body = dict(operation.observed.body or {})
    for change in operation.changes:
        if change.field != KEY:
            body[codec.encoded_name(operation.object, change.field)] = change.new
    body.update(mark.fields(operation.object, operation.observed.object))
    if isinstance(operation.object, VsVip):
        known = {entry.get("fqdn"): entry for entry in (operation.observed.body or {}).get("dns_info", ())}
        body["dns_info"] = [known.get(fqdn, {"fqdn": fqdn}) for fqdn in operation.object.fqdns]
    if isinstance(operation.object, ForeignObject):
        body.update(operation.object.overlay(operation.observed.body or {}))
    return codec.encode({name: value for name, value in body.items() if value is not None})


def _patch(operation: Update, mark: Mark) -> bytes:
    """Touch only the fields of ours that differ, so that what an operator set beside them survives.

    A field that must be absent is deleted; deleting needs the value that is there.
    """
    actions: dict[str, dict[str, Any]] = {"replace": {}, "add": {}, "delete": {}}
    marks = mark.fields(operation.object, operation.observed.object)
    if operation.observed.cluster_uid != mark.uid:
        actions["replace"].update(marks)
    for change in operation.changes:
        if change.field == KEY:
            continue
        name = codec.encoded_name(operation.object, change.field)
        if change.field in marks:
            actions["replace"][name] = marks[change.field]
        elif change.new is None:
            actions["delete"][name] = change.old
        elif (single := _members_only(operation, change)) is not None:
            action, members = single
            actions[action][name] = members
        else:
            actions["replace"][name] = change.new
    if operation.object.has_checksum:
        actions["replace"]["cloud_config_cksum"] = codec.checksum(operation.object)
    return codec.encode({action: fields for action, fields in actions.items() if fields})


def _members_only(operation: Update, change: FieldChange) -> tuple[str, list[PoolServer]] | None:
    """Send only the servers that come or only those that go, if it is one of the two.

    The Controller finds a server to delete by address and port.
    """
    if not isinstance(operation.object, Pool) or change.field != "servers" or not change.old or not change.new:
        return None
    old, new = set(change.old), set(change.new)
    if old < new:
        return "add", [server for server in change.new if server not in old]
    if new < old:
        return "delete", [PoolServer(server.ip, server.port) for server in change.old if server not in new]
    return None
