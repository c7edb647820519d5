"""One line about a host: is it served, over what and where, and if not, why."""

from __future__ import annotations

from ako.core.hooks.claims import PortClaim, VirtualHost
from ako.core.hooks.outcome import HostOutcome, HostState
from ako.core.hooks.translation import HostModel


def verdict_of(model: HostModel, best: HostOutcome | None, *, is_observed: bool) -> str:
    """Give the verdict on a host by what became of its best claim."""
    if best is None:
        return "nobody asks for it any more"
    how = _how(model.virtual_host)
    if best.state is HostState.LIVE:
        return f"served at {', '.join(best.addresses)} {how}"
    if best.state is HostState.PENDING:
        return _pending(best, how, is_observed=is_observed)
    why = f": {best.reason}" if best.reason else ""
    return f"still served as it was{why}" if best.state is HostState.KEPT else f"not served{why}"


def _pending(best: HostOutcome, how: str, *, is_observed: bool) -> str:
    if best.reason:
        return f"not served yet: {best.reason}"
    if not is_observed:
        return f"to be served {how}. The Avi Controller was not asked what is there"
    if best.cause == "NoAddress":
        return "not reached yet: it is on the Avi Controller, which has given it no address so far"
    return f"not on the Avi Controller yet: to be served {how}"


def _how(host: VirtualHost | PortClaim) -> str:
    """Give the ways on which a host is served, in words."""
    if isinstance(host, PortClaim):
        ports = ", ".join(f"{port.backend.protocol} {port.number}" for claim in host.claims for port in claim.ports)
        return f"on {ports}" if ports else "on no port"
    ways = []
    if host.secure:
        ways.append("over TLS")
    if host.passthrough:
        ways.append("over TLS that ends at the servers")
    if host.insecure:
        ways.append("over plain HTTP")
    words = " and ".join(ways) or "nowhere"
    if not (host.redirect or host.redirects):
        return words
    what = "plain HTTP is" if host.redirect else "some paths of plain HTTP are"
    return f"{words}; {what} redirected there"
