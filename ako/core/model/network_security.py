"""Network security policies: whose connections a virtual service takes at all."""

from __future__ import annotations

from typing import ClassVar

from msgspec import UNSET, Struct, UnsetType

from ako.core.model.base import AviObject, IpPrefix
from ako.core.model.http_policy_set import PortMatch

DENY = "NETWORK_SECURITY_POLICY_ACTION_TYPE_DENY"


class ClientMatch(Struct, frozen=True):
    """The client's address is in one of these networks, or in none of them.

    Attributes:
        prefixes: the networks.
        match_criteria: `IS_IN` or `IS_NOT_IN`.
    """

    prefixes: tuple[IpPrefix, ...]
    match_criteria: str = "IS_NOT_IN"


class SecurityMatch(Struct, frozen=True):
    """All parts that are given must match.

    Attributes:
        client_ip: where the client is.
        vs_port: the port of the virtual service.
    """

    client_ip: ClientMatch
    vs_port: PortMatch | UnsetType = UNSET


class SecurityRule(Struct, frozen=True, kw_only=True):
    """One rule: whom it is about, and what becomes of the connection.

    Attributes:
        name: no other rule of the policy has it.
        index: rules are asked by it, the lowest first.
        enable: it is asked at all.
        match: whom it is about.
        action: such as `NETWORK_SECURITY_POLICY_ACTION_TYPE_DENY` or `…_ALLOW`.
    """

    name: str
    index: int
    enable: bool = True
    match: SecurityMatch
    action: str = DENY


class NetworkSecurityPolicy(AviObject, frozen=True, kw_only=True):
    """Rules for clients, by index; whom none is about is let in.

    Attributes:
        created_by: our mark, `site.names.created_by`.
        rules: in the order of their index.
    """

    avi_type: ClassVar[str] = "networksecuritypolicy"

    created_by: str | None = None
    rules: tuple[SecurityRule, ...] = ()
