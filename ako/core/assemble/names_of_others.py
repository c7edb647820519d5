"""DNS names that a plugin adds to a host: who claims a name has it, who only adds it has it until then. Pure."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from ako.core.hooks.claims import PortClaim, Problem, VirtualHost
from ako.core.hooks.translation import Translation
from ako.core.settle.rivals import REASON


def without_claimed(
    host: VirtualHost | PortClaim, translation: Translation, is_claimed: Callable[[str], bool]
) -> Translation:
    """Leave out what a host adds to its parent for names that others claim, and say so.

    Args:
        host: the host.
        translation: what it was translated to.
        is_claimed: whether anybody claims a name, which is in lower case.
    """
    added = translation.contribution
    own = {name.lower() for name in (host.fqdns if isinstance(host, PortClaim) else (host.host,))}
    names = {name.lower() for name in added.fqdns} - own
    taken = {name for name in names if is_claimed(name)}
    if not taken:
        return translation

    def is_left(name: str) -> bool:
        return name.lower() not in taken

    rules = (rule.only_for(is_left) for rule in added.rules)
    left = replace(
        added,
        fqdns=tuple(filter(is_left, added.fqdns)),
        redirect_hosts=tuple(filter(is_left, added.redirect_hosts)),
        members=tuple(m for m in added.members if is_left(str(m.priority_label or "").partition("/")[0])),
        rules=tuple(rule for rule in rules if rule is not None),
    )
    remedy = "It is for whoever claims it; a plugin that wants a name for sure claims it too."
    messages = [f"{host.title} was to have the DNS name {name} too, which others claim." for name in sorted(taken)]
    sources = dict.fromkeys(claim.source for claim in host.claims)
    problems = (Problem(source, REASON, message, remedy) for source in sources for message in messages)
    return replace(translation, contribution=left).with_problems(*problems)
