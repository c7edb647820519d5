"""Which host names are served: the same for every source."""

from __future__ import annotations

import re

from ako.core.hooks.site import Site

MAX_HOST_BYTES = 253
"""The longest name that DNS can carry (RFC 1035)."""

_LABEL = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*")
"""A host name as in RFC 1123, which is also all that the API server takes in a status; case does not count."""


def host_fault(host: str, here: Site, field: str = "host") -> tuple[str, str, str] | None:
    """Say why a host cannot be served (reason, message, remedy), None if it can; `field` says where it is written."""
    if "*" in host:
        return "WildcardHost", f"wildcard host {host} is not supported.", "List the hosts."
    if len(host.encode()) > MAX_HOST_BYTES:
        return "HostTooLong", f"host {host[:60]}… is longer than {MAX_HOST_BYTES} bytes.", "Shorten it."
    if not _NAME.fullmatch(host.lower()):
        remedy = "Use parts of letters, digits and '-', of at most 63 characters each, with single dots between them."
        return "InvalidHost", f"{field}: {host!r} is not a host name (RFC 1123).", remedy
    if not here.serves_domain(host):
        message = f"Didn't find match for hostname :{host} Available sub-domains:{','.join(here.domains)}"
        return "HostOutsideDomains", message, "Use a host in one of these domains."
    return None
