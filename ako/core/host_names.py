"""Which host names are served: the same for every source."""

from __future__ import annotations

from ako.core.site import Site

MAX_HOST_BYTES = 253
"""The longest name that DNS can carry (RFC 1035)."""


def host_fault(host: str, here: Site) -> tuple[str, str, str] | None:
    """Say why a host cannot be served (reason, message, remedy), None if it can."""
    if "*" in host:
        return "WildcardHost", f"wildcard host {host} is not supported.", "List the hosts."
    if len(host.encode()) > MAX_HOST_BYTES:
        return "HostTooLong", f"host {host[:60]}… is longer than {MAX_HOST_BYTES} bytes.", "Shorten it."
    if not here.serves_domain(host):
        message = f"Didn't find match for hostname :{host} Available sub-domains:{','.join(here.domains)}"
        return "HostOutsideDomains", message, "Use a host in one of these domains."
    return None
