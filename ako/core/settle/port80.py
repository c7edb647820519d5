"""Who is answered how on port 80, path by path: served, or redirected to TLS. Pure.

As everywhere the longest path decides, and of two equal ones the older claim: a younger object that wants its path
redirected takes nothing away from an older one that serves it without TLS.
"""

from __future__ import annotations

from msgspec import Struct

from ako.core.hooks.claims import Problem, ServedRule
from ako.core.hooks.tls import InsecurePolicy
from ako.core.settle.paths import Way, precedence
from ako.core.settle.precedence import named_first


class Port80(Struct, frozen=True):
    """What is done on port 80 of a host.

    Attributes:
        served: rules that are served there.
        redirects: rules whose requests are sent to TLS.
        is_all_redirected: every request is, whatever its path.
        problems: what those are told who are served no more than a redirect.
    """

    served: tuple[ServedRule, ...] = ()
    redirects: tuple[ServedRule, ...] = ()
    is_all_redirected: bool = False
    problems: tuple[Problem, ...] = ()


def share_port_80(plain: Way, secure: Way) -> Port80:
    """Give each path to whoever serves it on plain HTTP, or to a redirect."""
    redirecting = [one for one in secure.served if one.claim.tls and one.claim.tls.insecure is InsecurePolicy.REDIRECT]
    if not plain.served or not redirecting:
        return Port80(plain.served, is_all_redirected=bool(redirecting))
    key = plain.matching.key
    # Paths that are two over TLS may be one here, where case does not count: the oldest of them has it.
    takers = {key(one.rule): one for one in sorted(redirecting, key=lambda one: one.claim.order, reverse=True)}
    # Where all claims of a path are served, the oldest of them keeps it for all.
    holders = {key(one.rule): one for one in reversed(plain.served)}
    won = {
        found: one
        for found, one in takers.items()
        if found not in holders or one.claim.order < holders[found].claim.order
    }
    return Port80(
        tuple(one for one in plain.served if key(one.rule) not in won),
        tuple(sorted(won.values(), key=lambda one: precedence(key(one.rule)))),
        problems=tuple(_told(one, won[key(one.rule)]) for one in plain.served if key(one.rule) in won),
    )


def _told(loser: ServedRule, winner: ServedRule) -> Problem:
    claim = loser.claim
    return Problem(
        claim.source,
        "RedirectedToTls",
        f"plain HTTP requests for {claim.host}{loser.rule.path} are redirected to TLS by "
        f"{named_first(winner.claim, claim)}, so that none of them reaches this object.",
        "Serve the path over TLS here too, or use another path or host.",
    )
