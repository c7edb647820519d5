"""HTTP policy sets: switching to a pool group, redirecting to HTTPS."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from ako.core.base.refs import AviRef
from ako.core.model.base import AviObject


class HostMatch(Struct, frozen=True):
    """The Host header is one of these, or ends with one of them.

    Attributes:
        value: names of hosts; of `HDR_ENDS_WITH` domains that begin with a dot.
        match_criteria: such as `HDR_EQUALS` or `HDR_ENDS_WITH`; case does not count.
    """

    value: tuple[str, ...]
    match_criteria: str = "HDR_EQUALS"

    @property
    def hosts(self) -> tuple[str, ...]:
        """Give the hosts that it is for as sources name them: all names under a domain are `*.<domain>`."""
        return tuple(f"*{end}" for end in self.value) if self.match_criteria == "HDR_ENDS_WITH" else self.value


class PathMatch(Struct, frozen=True):
    """The path is like one of these.

    Attributes:
        match_criteria: such as `EQUALS`, `BEGINS_WITH`, `ENDS_WITH`, `CONTAINS`, `REGEX_MATCH`.
        match_str: texts, any of which will do; a path begins with a slash.
        match_case: `SENSITIVE` or `INSENSITIVE`.
    """

    match_criteria: str
    match_str: tuple[str, ...]
    match_case: str = "SENSITIVE"


class HeaderMatch(Struct, frozen=True):
    """What a header must be like; of a criterion that denies, none of the values may be its value.

    Attributes:
        hdr: its name.
        match_criteria: such as `HDR_EQUALS`, `HDR_BEGINS_WITH`, `HDR_EXISTS`, `HDR_DOES_NOT_EQUAL`.
        value: texts, any of which will do; none for `HDR_EXISTS` and `HDR_DOES_NOT_EXIST`.
        match_case: of the values, `SENSITIVE` or `INSENSITIVE`; that of names never counts.
    """

    hdr: str
    match_criteria: str
    value: tuple[str, ...]
    match_case: str = "INSENSITIVE"

    @property
    def is_exclusion(self) -> bool:
        """Say whether it leaves hosts to rules that are more exact, as the core adds it to rules for a whole domain."""
        return self.hdr == "Host" and self.match_criteria in {"HDR_DOES_NOT_EQUAL", "HDR_DOES_NOT_END_WITH"}


class PortMatch(Struct, frozen=True):
    """The request came in on one of these ports.

    Attributes:
        ports: numbers.
        match_criteria: `IS_IN` or `IS_NOT_IN`.
    """

    ports: tuple[int, ...]
    match_criteria: str = "IS_IN"


class RequestMatch(Struct, frozen=True, kw_only=True):
    """All parts that are given must match.

    Attributes:
        host_hdr: the host.
        path: the path, without the query.
        vs_port: the port of the virtual service.
        hdrs: headers, all of which must match.
    """

    host_hdr: HostMatch | UnsetType = UNSET
    path: PathMatch | UnsetType = UNSET
    vs_port: PortMatch | UnsetType = UNSET
    hdrs: tuple[HeaderMatch, ...] | UnsetType = UNSET


class SwitchingAction(Struct, frozen=True):
    """Send the request to a pool group.

    Attributes:
        pool_group_ref: the pool group.
        action: says that it is one.
    """

    pool_group_ref: AviRef
    action: str = "HTTP_SWITCHING_SELECT_POOLGROUP"


class RedirectAction(Struct, frozen=True):
    """Answer with a redirect to HTTPS.

    Attributes:
        protocol: of the address that is given, `HTTPS` or `HTTP`.
        port: likewise.
        status_code: such as `HTTP_REDIRECT_STATUS_CODE_301`.
    """

    protocol: str = "HTTPS"
    port: int = 443
    status_code: str = "HTTP_REDIRECT_STATUS_CODE_302"


class RequestRule(Struct, frozen=True, kw_only=True):
    """One rule: a match and what to do.

    Attributes:
        name: no other rule of the policy set has it.
        index: rules are asked by it, the lowest first; the core gives it, so that 0 will do.
        enable: it is asked at all.
        match: the requests that it is for.
        switching_action: where they go.
        redirect_action: or what they are answered.
    """

    name: str
    index: int
    enable: bool = True
    match: RequestMatch
    switching_action: SwitchingAction | UnsetType = UNSET
    redirect_action: RedirectAction | UnsetType = UNSET

    @property
    def hosts(self) -> tuple[str, ...]:
        """Give the hosts that it is for, as sources name them; empty if it is for any."""
        return self.match.host_hdr.hosts if self.match.host_hdr else ()

    @property
    def for_all(self) -> RequestRule:
        """Give the rule without what depends on others: its number, and which names are more exact."""
        own = tuple(header for header in self.match.hdrs or () if not header.is_exclusion)
        return replace(self, index=0, match=replace(self.match, hdrs=own or UNSET))

    @property
    def excluded(self) -> tuple[str, ...]:
        """Give the names that it leaves to rules that are more exact; a domain begins with its dot."""
        return tuple(name for header in self.match.hdrs or () if header.is_exclusion for name in header.value)

    def only_for(self, is_kept: Callable[[str], bool]) -> RequestRule | None:
        """Give the rule for some of its hosts alone, None if that leaves it without any, which would match them all."""
        match = self.match.host_hdr
        if not match:
            return None
        left = tuple(value for value, host in zip(match.value, match.hosts, strict=True) if is_kept(host))
        if not left:
            return None
        return replace(self, match=replace(self.match, host_hdr=replace(match, value=left)))

    @property
    def precedence(self) -> tuple[int, bool, str]:
        """Give what puts rules of one host in order: the longest path first, an exact one before a prefix."""
        path = self.match.path
        if not path:
            return (0, True, "")
        return (-len(path.match_str[0]), path.match_criteria != "EQUALS", path.match_str[0])


def in_order(rules: Iterable[RequestRule]) -> tuple[RequestRule, ...]:
    """Give rules of a policy set in the order in which they are to be asked, with their numbers.

    Args:
        rules: of one policy set, whatever their numbers; of two that are alike the first stays before the other.
    """

    def place(rule: RequestRule) -> tuple[object, ...]:
        return (rule.match.host_hdr.value if rule.match.host_hdr else (), rule.precedence)

    ordered = sorted(rules, key=place)
    return tuple(replace(rule, index=index) if rule.index != index else rule for index, rule in enumerate(ordered))


class RequestPolicy(Struct, frozen=True):
    """Rules, evaluated by index: the first that matches decides.

    Attributes:
        rules: in the order of their index.
    """

    rules: tuple[RequestRule, ...] = ()


class HTTPPolicySet(AviObject, frozen=True, kw_only=True):
    """Rules for HTTP requests, attached to a virtual service.

    Attributes:
        created_by: our mark, `site.names.created_by`.
        http_request_policy: the rules.
    """

    avi_type: ClassVar[str] = "httppolicyset"
    has_checksum: ClassVar[bool] = True

    created_by: str | None = None
    http_request_policy: RequestPolicy = RequestPolicy()

    @property
    def rules(self) -> tuple[RequestRule, ...]:
        """Give its rules."""
        return self.http_request_policy.rules

    @property
    def hosts(self) -> frozenset[str]:
        """Give the hosts that its rules are for, as sources name them."""
        return frozenset(host for rule in self.rules for host in rule.hosts)

    def with_rules(self, rules: Iterable[RequestRule]) -> HTTPPolicySet:
        """Give it with other rules; these know their numbers."""
        return replace(self, http_request_policy=RequestPolicy(tuple(rules)))


def rules_in(item: AviObject | None) -> tuple[RequestRule, ...]:
    """Give the rules of a policy set; none, if an object is none."""
    return item.rules if isinstance(item, HTTPPolicySet) else ()
