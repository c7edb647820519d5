"""Rights as roles and bindings in YAML, each rule with what it is for; `ako rbac` prints them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from ako.core.kube.rights import Right

SERVICE_ACCOUNT = "ako-sa"
"""The ServiceAccount of the chart, in our own namespace."""

_API = "rbac.authorization.k8s.io"
# Of what is so written YAML makes nothing but text, unless it is one of its words for true, false and nothing.
_PLAIN = re.compile(r"[a-z][a-z0-9./:-]*[a-z0-9]")
_LAST_OF_JSON = 0xFFFF
_WORDS = frozenset({"false", "no", "null", "off", "on", "true", "yes"})


def rendered(rights: Sequence[Right], namespace: str, user: str, *, namespaced: bool) -> str:
    """Give roles and bindings as one stream of YAML documents.

    Args:
        rights: what they grant.
        namespace: our own.
        user: whom they are bound to; empty for the ServiceAccount of the chart.
        namespaced: whether only what lies in our own namespace is given.
    """
    own = [right for right in rights if right.namespace]
    others = [] if namespaced else [right for right in rights if not right.namespace]
    documents = [*_pair("", "ako", namespace, own, user, namespace)]
    if others:
        documents += _pair("Cluster", f"ako-{namespace}", "", others, user, namespace)
    return "---\n".join(documents)


def _pair(scope: str, name: str, inside: str, rights: Sequence[Right], user: str, namespace: str) -> Iterator[str]:
    """Give a role and its binding; the names of those of the cluster tell one installation from another."""
    kind = f"{scope}Role"
    rules = "".join(_rule(list(of_one)) for _, of_one in groupby(sorted(rights, key=_subject), key=_subject))
    yield f"{_head(kind, name, inside)}rules:\n{rules}"
    subject = (
        f"  - {{kind: User, name: {_text(user)}, apiGroup: {_API}}}\n"
        if user
        else f"  - {{kind: ServiceAccount, name: {SERVICE_ACCOUNT}, namespace: {_text(namespace)}}}\n"
    )
    reference = f"roleRef: {{apiGroup: {_API}, kind: {kind}, name: {_text(name)}}}\n"
    yield f"{_head(f'{kind}Binding', name, inside)}{reference}subjects:\n{subject}"


def _head(kind: str, name: str, namespace: str) -> str:
    place = f"  namespace: {_text(namespace)}\n" if namespace else ""
    labels = "  labels:\n    app.kubernetes.io/name: ako\n"
    return f"apiVersion: {_API}/v1\nkind: {kind}\nmetadata:\n  name: {_text(name)}\n{place}{labels}"


def _subject(right: Right) -> tuple[str, str, str]:
    return right.group, right.resource, right.name


def _rule(rights: Sequence[Right]) -> str:
    """Give one rule: all verbs on one resource, and above it what each is for."""
    group, resource, name = _subject(rights[0])
    reasons: dict[str, list[str]] = {}
    for right in rights:
        reasons.setdefault(right.reason, []).append(right.verb)
    comments = "".join(f"  # {', '.join(verbs)}: {reason}\n" for reason, verbs in reasons.items())
    verbs = ", ".join(right.verb for right in rights)
    names = f"    resourceNames: [{_text(name)}]\n" if name else ""
    groups = f"  - apiGroups: [{json.dumps(group)}]\n    resources: [{_text(resource)}]\n"
    return f"{comments}{groups}{names}    verbs: [{verbs}]\n"


def _text(value: str) -> str:
    """Give a text as YAML that means it."""
    return value if _PLAIN.fullmatch(value) and value not in _WORDS else f'"{"".join(map(_escaped, value))}"'


def _escaped(character: str) -> str:
    """Give a character as JSON and YAML write it; beyond the first 65536 only YAML's own way means it there."""
    code = ord(character)
    return json.dumps(character)[1:-1] if code <= _LAST_OF_JSON else f"\\U{code:08X}"
