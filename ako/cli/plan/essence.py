"""What matters of an object that is created, in a few words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sized
from typing import Any

from ako.core.explain.certificate_text import certificate_read, in_one_line
from ako.core.model import (
    AviObject,
    DataScriptSet,
    HTTPPolicySet,
    L4PolicySet,
    NetworkSecurityPolicy,
    Pool,
    PoolGroup,
    SSLKeyAndCertificate,
    VirtualService,
    VsVip,
    rules_in,
)

_COUNTED: Mapping[type[AviObject], tuple[Callable[[Any], Sized], str]] = {
    Pool: (lambda item: item.servers, "server"),
    PoolGroup: (lambda item: item.members, "pool"),
    HTTPPolicySet: (rules_in, "rule"),
    L4PolicySet: (lambda item: item.l4_connection_policy.rules, "rule"),
    NetworkSecurityPolicy: (lambda item: item.rules, "rule"),
    DataScriptSet: (lambda item: item.pool_group_refs, "pool group"),
    VsVip: (lambda item: item.fqdns, "DNS name"),
}
"""Types of which it matters how many of something they have."""


def essence(item: AviObject) -> str:
    """Say in a few words what matters of an object; empty if its type says it all.

    Args:
        item: the object.
    """
    if isinstance(item, SSLKeyAndCertificate):
        told = certificate_read(item.certificate.certificate)
        return in_one_line(told) if told else "a certificate that cannot be read"
    if isinstance(item, VirtualService):
        return _listening(item)
    if type(item) not in _COUNTED:
        return ""
    parts, what = _COUNTED[type(item)]
    number = len(parts(item))
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _listening(item: VirtualService) -> str:
    ports = sorted({service.port for service in item.services or ()})
    if not ports:
        return ", ".join(item.vh_domain_name or ())
    return f"{'port' if len(ports) == 1 else 'ports'} {', '.join(map(str, ports))}"
