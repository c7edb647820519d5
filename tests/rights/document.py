"""The list of rights in `docs/rights.md`: each verb on each resource, what for, and the test that fails without it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from tests.rights.shipped import Rule, ako
from tests.rights.stories import name_of_story

DOCUMENT = Path(__file__).parents[2] / "docs" / "rights.md"
_HEAD = ("| role | verb | resource | what for | fails without it |", "|---|---|---|---|---|")
_COMMENT = re.compile(r"  # (?P<verbs>[a-z, ]+): (?P<reason>.*)")


def table(rules: Sequence[Rule]) -> str:
    """Give the table of all rules."""
    reasons = _reasons()
    rows = [
        f"| {rule.role} | {rule.verb} | {_resource(rule)} | {reasons[rule]} | {name_of_story(rule)} |" for rule in rules
    ]
    return "\n".join((*_HEAD, *rows, ""))


def _resource(rule: Rule) -> str:
    resource = f"{rule.resource}.{rule.group}" if rule.group else rule.resource
    return f"`{resource}`" + "".join(f" `{name}`" for name in rule.names)


def _reasons() -> dict[Rule, str]:
    """Read what each right is for from the comments of what `ako rbac` prints."""
    _, out, _ = ako("rbac")
    found: dict[Rule, str] = {}
    pending: list[tuple[str, str]] = []
    role = group = resource = ""
    names: tuple[str, ...] = ()
    for line in out.splitlines():
        if comment := _COMMENT.fullmatch(line):
            pending += [(verb, comment["reason"]) for verb in comment["verbs"].split(", ")]
        key, _, value = line.strip().removeprefix("- ").partition(": ")
        inner = value.strip('[]"')
        if key == "kind" and line.startswith("kind"):
            role = value
        elif key == "apiGroups":
            group, names = inner, ()
        elif key == "resources":
            resource = inner
        elif key == "resourceNames":
            names = (inner,)
        elif key == "verbs":
            found |= {Rule(role, group, resource, verb, names): reason for verb, reason in pending}
            pending = []
    return found
