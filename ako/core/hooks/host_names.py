"""Which host names are served: the same for every source."""

from __future__ import annotations

import re

from ako.core.hooks.site import Site

MAX_HOST_BYTES = 253
"""The longest name that DNS can carry (RFC 1035)."""

_LABEL = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*")
"""A host name as in RFC 1123, which is also all that the API server takes in a status; case does not count."""


def domain_under(host: str) -> str:
    """Give the domain under which a wildcard host stands for every name; empty for any other host.

    Args:
        host: a host name, or `*.<domain>`.
    """
    return host[2:] if host.startswith("*.") else ""


def host_fault(host: str, here: Site, field: str = "host") -> tuple[str, str, str] | None:
    """Say why a host cannot be served (reason, message, remedy), None if it can; `field` says where it is written.

    Args:
        host: the host, as it is written.
        here: `view.ask(site)`.
        field: where it is written, for the message.
    """
    name = domain_under(host) or host
    if "*" in name:
        message = f"{field}: {host} is no wildcard host; the first label of a name can be *, and nothing else of it."
        return "WildcardHost", message, "Use *.<domain>, or list the hosts."
    if len(host.encode()) > MAX_HOST_BYTES:
        return "HostTooLong", f"host {host[:60]}… is longer than {MAX_HOST_BYTES} bytes.", "Shorten it."
    if not _NAME.fullmatch(name.lower()):
        remedy = "Use parts of letters, digits and '-', of at most 63 characters each, with single dots between them."
        return "InvalidHost", f"{field}: {host!r} is not a host name (RFC 1123).", remedy
    if not here.serves_domain(host):
        message = f"Didn't find match for hostname :{host} Available sub-domains:{','.join(here.domains)}"
        return "HostOutsideDomains", message, "Use a host in one of these domains."
    return None
