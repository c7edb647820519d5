"""L4 policy sets: which pool takes the connections to a port."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from ako.core.base.refs import AviRef
from ako.core.model.base import AviObject
from ako.core.model.http_policy_set import PortMatch


class ProtocolMatch(Struct, frozen=True):
    """The connection is of this protocol.

    Attributes:
        protocol: `PROTOCOL_TCP` or `PROTOCOL_UDP`, or what else the API has.
        match_criteria: `IS_IN` or `IS_NOT_IN`.
    """

    protocol: str
    match_criteria: str = "IS_IN"


class ConnectionMatch(Struct, frozen=True):
    """Both parts must match.

    Attributes:
        port: the port of the virtual service.
        protocol: of the connection.
    """

    port: PortMatch
    protocol: ProtocolMatch


class SelectPool(Struct, frozen=True):
    """Send the connection to a pool.

    Attributes:
        pool_ref: the pool.
        action_type: says that it is one.
    """

    pool_ref: AviRef
    action_type: str = "L4_RULE_ACTION_SELECT_POOL"


class ConnectionAction(Struct, frozen=True):
    """What to do with a connection.

    Attributes:
        select_pool: the pool that it goes to.
    """

    select_pool: SelectPool


class ConnectionRule(Struct, frozen=True, kw_only=True):
    """One rule: a match and what to do.

    Attributes:
        name: no other rule of the policy set has it.
        index: rules are asked by it, the lowest first.
        match: the connections that it is for.
        action: what becomes of them.
    """

    name: str
    index: int
    match: ConnectionMatch
    action: ConnectionAction


class ConnectionPolicy(Struct, frozen=True):
    """Rules, evaluated by index: the first that matches decides.

    Attributes:
        rules: in the order of their index.
    """

    rules: tuple[ConnectionRule, ...] = ()


class L4PolicySet(AviObject, frozen=True, kw_only=True):
    """Rules for connections, attached to a virtual service.

    Attributes:
        created_by: our mark, `site.names.created_by`.
        l4_connection_policy: the rules.
    """

    avi_type: ClassVar[str] = "l4policyset"

    created_by: str | None = None
    l4_connection_policy: ConnectionPolicy = ConnectionPolicy()
