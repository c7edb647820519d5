"""A path rule → rules of a policy set: which requests they are for, and where these go. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import UNSET

from ako.core.base.refs import AviRef
from ako.core.hooks.claims import ServedRule
from ako.core.hooks.host_names import domain_under
from ako.core.hooks.matching import Matching, has_both
from ako.core.hooks.translation import NamedRule
from ako.core.model import (
    HostMatch,
    PathMatch,
    PortMatch,
    RedirectAction,
    RequestMatch,
    RequestRule,
    SwitchingAction,
)

EXACT = "-exact"
"""What the names of the objects of an exact path end with where one object has a prefix of the same path beside it."""

Patterns = Iterable[PathMatch | None]


def suffix(served: ServedRule, matching: Matching) -> str:
    """Give what the name of a rule's objects ends with, so that those of another path of its object have another."""
    return EXACT if has_both(matching, served.rule, served.claim.rules) else ""


def host_match(host: str) -> HostMatch:
    """Match a host, or whatever is under the domain of a wildcard.

    Args:
        host: a host name, or `*.<domain>`.
    """
    domain = domain_under(host)
    return HostMatch((f".{domain}",), "HDR_ENDS_WITH") if domain else HostMatch((host,))


def switches(host: str, rule: NamedRule, patterns: Patterns) -> Iterator[RequestRule]:
    """Build the rules that send the requests of a path to its pool group; their numbers are given later.

    Args:
        host: the host that they are for, as for `host_match`.
        rule: its name is that of the pool group.
        patterns: what the path is like, any of it; `site.tls_matching.patterns(rule.served.rule)` gives that,
            `[None]` is any path. There is a rule for each.
    """
    for number, path in enumerate(patterns):
        yield RequestRule(
            name=f"{rule.name}-{number}",
            index=0,
            match=RequestMatch(host_hdr=host_match(host), path=UNSET if path is None else path),
            switching_action=SwitchingAction(AviRef("poolgroup", rule.name)),
        )


def redirects(host: str, name: str, patterns: Patterns, *, is_exact: bool = False) -> Iterator[RequestRule]:
    """Build the rules that send the plain HTTP requests of a path to TLS; their numbers are given later.

    An exact path and a prefix of it have different names.

    Args:
        host: the host that they are for, as for `host_match`.
        name: what their names begin with.
        patterns: as for `switches`.
        is_exact: the path is an exact one.
    """
    kind = "redirect-exact" if is_exact else "redirect"
    for number, path in enumerate(patterns):
        yield RequestRule(
            name=f"{name}-{kind}-{number}",
            index=0,
            match=RequestMatch(
                host_hdr=host_match(host), path=UNSET if path is None else path, vs_port=PortMatch((80,))
            ),
            redirect_action=RedirectAction(),
        )
