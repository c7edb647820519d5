"""By which rules requests for a host are told apart, in the order in which the Controller asks.

Read from the objects as they are wanted, whoever translated or adjusted them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from ako.core.base.refs import AviRef, ObjectRef
from ako.core.explain.answer import RuleTold
from ako.core.explain.claims import PASSTHROUGH, PLAIN, TLS
from ako.core.explain.picture import title
from ako.core.hooks.claims import PortClaim, VirtualHost
from ako.core.hooks.matching import Matching
from ako.core.hooks.translation import HostModel, Translation
from ako.core.model import (
    HTTPPolicySet,
    L4PolicySet,
    PathMatch,
    PoolGroup,
    PoolGroupMember,
    RequestRule,
    rules_in,
)

ANY_PATH = "any path"
TO_TLS = "redirect to https"

_WORDS = {"EQUALS": "path is", "BEGINS_WITH": "path begins with", "ENDS_WITH": "path ends with"}


class Rule(Struct, frozen=True):
    """A rule as it is told, and the paths that it is for; None for any path."""

    told: RuleTold
    path: PathMatch | None = None

    def takes(self, path: str) -> bool:
        """Say whether a request for a path is matched, as far as the path goes."""
        if self.path is None:
            return True
        is_folded = self.path.match_case == "INSENSITIVE"
        asked = path.lower() if is_folded else path
        texts = [text.lower() if is_folded else text for text in self.path.match_str]
        if self.path.match_criteria == "EQUALS":
            return asked in texts
        return self.path.match_criteria == "BEGINS_WITH" and any(map(asked.startswith, texts))


def rules_of(model: HostModel, plain: Matching) -> tuple[Rule, ...]:
    """Give the rules of a host, those of each way in their order; `plain` says how labels are compared."""
    if model.translation is None:
        return ()
    reading = _Reading(model.translation, plain)
    if isinstance(model.virtual_host, PortClaim):
        return tuple(reading.of_ports())
    return tuple(reading.of_host(model.virtual_host))


def taking(rules: Iterable[Rule], path: str) -> tuple[Rule, ...]:
    """Give the rules that take a request for a path: on each way the first that matches."""
    found: dict[str, Rule] = {}
    for rule in rules:
        if rule.told.way not in found and rule.takes(path):
            found[rule.told.way] = rule
    return tuple(found.values())


class _Reading:
    """Reads the rules of one translation."""

    def __init__(self, translation: Translation, plain: Matching) -> None:
        self._translation = translation
        self._case = "INSENSITIVE" if plain.folds_case else "SENSITIVE"
        self._groups: Mapping[AviRef, PoolGroup] = {
            item.ref: item for item in translation.objects if isinstance(item, PoolGroup)
        }
        self._sources = _sources(translation)

    def of_ports(self) -> Iterator[Rule]:
        """Give the rules of ports."""
        for item in self._translation.objects:
            for rule in item.l4_connection_policy.rules if isinstance(item, L4PolicySet) else ():
                ports = ", ".join(map(str, rule.match.port.ports))
                protocol = rule.match.protocol.protocol.removeprefix("PROTOCOL_")
                pool = rule.action.select_pool.pool_ref.name
                yield Rule(RuleTold(f"{protocol} {ports}", "any connection", f"pool {pool}", self._source(pool)))

    def of_host(self, host: VirtualHost) -> Iterator[Rule]:
        """Give the rules of a host: on port 80 what redirects and rules say before labels, then those over TLS."""
        part = self._translation.contribution
        if part.redirect_hosts or host.redirect:
            yield Rule(RuleTold(PLAIN, ANY_PATH, TO_TLS))
        for rule in part.rules:
            yield from self._requests(PLAIN, rule)
        yield from self._labels(part.members)
        own = (rule for item in self._translation.objects if isinstance(item, HTTPPolicySet) for rule in rules_in(item))
        for rule in own:
            yield from self._requests(TLS, rule)
        for group in part.pool_groups:
            action, source = self._to_group(group)
            yield Rule(RuleTold(PASSTHROUGH, f"server name is {host.host}", action, source))

    def _requests(self, way: str, rule: RequestRule) -> Iterator[Rule]:
        path = rule.match.path or None
        if rule.redirect_action:
            yield Rule(RuleTold(way, _match(rule), TO_TLS), path)
        elif rule.switching_action:
            action, source = self._to_group(rule.switching_action.pool_group_ref)
            yield Rule(RuleTold(way, _match(rule), action, source), path)

    def _labels(self, members: Iterable[PoolGroupMember]) -> Iterator[Rule]:
        """Give what labels say: of those that a request begins with the longest counts; equal ones share."""
        by_label: dict[str, list[PoolGroupMember]] = {}
        for member in members:
            by_label.setdefault(member.priority_label or "", []).append(member)
        for label in sorted(by_label, key=lambda text: (-len(text), text)):
            prefix = f"/{label.partition('/')[2]}"
            path = PathMatch("BEGINS_WITH", (prefix,), self._case) if prefix != "/" else None
            words = f"path begins with {prefix}" if path else ANY_PATH
            action, source = self._to_members(by_label[label])
            yield Rule(RuleTold(PLAIN, words, action, source), path)

    def _to_group(self, ref: AviRef) -> tuple[str, str]:
        group = self._groups.get(ref) or next((g for g in self._groups.values() if g.name == ref.name), None)
        return self._to_members(group.members) if group is not None else (f"pool group {ref.name}", "")

    def _to_members(self, members: Iterable[PoolGroupMember]) -> tuple[str, str]:
        """Give where requests go, and whose rule that is; shares are told where there are several pools."""
        listed = tuple(members)
        sources = dict.fromkeys(filter(None, (self._source(member.pool_ref.name) for member in listed)))
        if len(listed) == 1:
            return f"pool {listed[0].pool_ref.name}", ", ".join(sources)
        total = sum(member.ratio for member in listed) or 1
        shares = (f"{member.pool_ref.name} {100 * member.ratio / total:.4g} %" for member in listed)
        return f"pools {', '.join(shares)}", ", ".join(sources)

    def _source(self, pool: str) -> str:
        found = self._sources.get(pool)
        return title(found) if found is not None else ""


def _sources(translation: Translation) -> Mapping[str, ObjectRef]:
    """Give whose rule a pool is for, by its name."""
    return {pool: rule.served.claim.source for rule in translation.rules for pool in rule.pools}


def _match(rule: RequestRule) -> str:
    """Give the words for what a rule matches beside the host."""
    parts = [_path(rule.match.path)] if rule.match.path else []
    parts += [
        f"header {header.hdr} is {' or '.join(header.value)}"
        for header in rule.match.hdrs or ()
        if not header.is_exclusion
    ]
    return ", ".join(parts) or ANY_PATH


def _path(path: PathMatch) -> str:
    words = _WORDS.get(path.match_criteria, f"path {path.match_criteria.lower()}")
    return f"{words} {' or '.join(path.match_str)}"
