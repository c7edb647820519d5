"""When the path of a rule is that of a request, in either mode (`L7Settings.pathMatching`). Pure.

In mode `ako` every path is a prefix of the text, as AKO has it, but for exact ones over TLS. In mode `kubernetes` it is
as the Ingress API says: `Exact` is equality, `Prefix` goes by elements of the path, whose trailing slash means nothing;
what `ImplementationSpecific` means is up to us, and is a prefix of the text in both.
"""

from __future__ import annotations

from collections.abc import Container

from msgspec import Struct

from ako.core.hooks.claims import PathRule, PathType
from ako.core.model import PathMatch

EQUALS, BEGINS_WITH = "EQUALS", "BEGINS_WITH"

PathKey = tuple[str, bool]
"""What a path is told apart by on one way to a host: its text, and whether it is an exact one."""


class Matching(Struct, frozen=True):
    """How paths are compared on one way to a host.

    Attributes:
        by_elements: as the Ingress API says.
        is_plain: by labels of pools, which are prefixes; exact paths are so only beside a prefix of the same path.
    """

    by_elements: bool = False
    is_plain: bool = False

    @property
    def folds_case(self) -> bool:
        """Say whether paths that differ in case only are one path: AKO's labels are in lower case."""
        return self.is_plain and not self.by_elements

    def key(self, rule: PathRule) -> PathKey:
        """Give what a path is told apart by: an exact path and a prefix are two, whatever the kind of prefix."""
        is_exact = rule.path_type is PathType.EXACT
        path = rule.path
        if self.by_elements and rule.path_type is PathType.PREFIX and path:
            path = path.rstrip("/") or "/"
        return (path.lower() if self.folds_case else path), is_exact

    def patterns(self, rule: PathRule, others: Container[PathKey] = ()) -> tuple[PathMatch | None, ...]:
        """Give what the path of a request must be like, any of it; None for any path at all.

        `others` are the keys of all paths of the host on this way.
        """
        path, is_exact = self.key(rule)
        if not path:
            return (None,)
        if is_exact and (self.by_elements or not self.is_plain or (path, False) in others):
            return (self._match(EQUALS, path),)
        if self.by_elements and rule.path_type is PathType.PREFIX and path != "/":
            return (self._match(BEGINS_WITH, f"{path}/"), self._match(EQUALS, path))
        return (self._match(BEGINS_WITH, path),)

    def _match(self, criteria: str, path: str) -> PathMatch:
        return PathMatch(criteria, (path,), "INSENSITIVE" if self.folds_case else "SENSITIVE")


def has_both(matching: Matching, rule: PathRule, rules: tuple[PathRule, ...]) -> bool:
    """Say whether a rule is an exact one beside a prefix of the same path."""
    path, is_exact = matching.key(rule)
    return is_exact and any(matching.key(other) == (path, False) for other in rules)
