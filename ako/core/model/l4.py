"""L4 policy sets: which pool takes the connections to a port."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from ako.core.base.refs import AviRef
from ako.core.model.base import AviObject
from ako.core.model.http_policy_set import PortMatch


class ProtocolMatch(Struct, frozen=True):
    """The connection is of this protocol."""

    protocol: str
    match_criteria: str = "IS_IN"


class ConnectionMatch(Struct, frozen=True):
    """Both parts must match."""

    port: PortMatch
    protocol: ProtocolMatch


class SelectPool(Struct, frozen=True):
    """Send the connection to a pool."""

    pool_ref: AviRef
    action_type: str = "L4_RULE_ACTION_SELECT_POOL"


class ConnectionAction(Struct, frozen=True):
    """What to do with a connection."""

    select_pool: SelectPool


class ConnectionRule(Struct, frozen=True, kw_only=True):
    """One rule: a match and what to do."""

    name: str
    index: int
    match: ConnectionMatch
    action: ConnectionAction


class ConnectionPolicy(Struct, frozen=True):
    """Rules, evaluated by index."""

    rules: tuple[ConnectionRule, ...] = ()


class L4PolicySet(AviObject, frozen=True, kw_only=True):
    """Rules for connections, attached to a virtual service."""

    avi_type: ClassVar[str] = "l4policyset"

    created_by: str | None = None
    l4_connection_policy: ConnectionPolicy = ConnectionPolicy()
