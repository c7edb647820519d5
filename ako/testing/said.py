"""What follows from what plugins said, in a form that can be compared: within a process, and across processes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence, Set
from enum import Enum

from msgspec import Struct

from ako.core.hooks.outcome import HostOutcome, HostState, Outcome
from ako.testing.manifests import Manifest
from ako.testing.rehearsal import Rehearsal, ref_of

OUTCOMES = (
    Outcome(),
    Outcome(
        hosts=(HostOutcome("a.example.org", HostState.LIVE, ("192.0.2.1",)),), our_addresses=frozenset({"192.0.2.1"})
    ),
    Outcome(hosts=(HostOutcome("a.example.org", HostState.PENDING),)),
    Outcome(hosts=(HostOutcome("a.example.org", HostState.KEPT, reason="it waits for being confirmed"),)),
    Outcome(hosts=(HostOutcome("a.example.org", HostState.REJECTED, reason="no such service"),)),
)
"""What may have become of an object: each state of a host."""

Said = Mapping[str, object]
"""What it is about, in words → what was said."""


def said(rehearsal: Rehearsal) -> Said:
    """Give everything that follows from what plugins said; shared virtual services without hosts are left out."""
    trees = rehearsal.pipeline.trees
    found: dict[str, object] = {f"the claims of {ref}": value for ref, value in rehearsal.pipeline.claims.values()}
    found |= {f"the objects of {name}": dict(tree.objects) for name, tree in trees.values() if tree.hosts}
    return found | {"the problems": rehearsal.problems(), "what is unknown": rehearsal.doubts()}


def told(rehearsal: Rehearsal, manifests: Sequence[Manifest]) -> Said:
    """Give the status patches of source objects, for each outcome."""
    sources = [manifest for manifest in manifests if rehearsal.source(manifest) is not None]
    return {
        f"the status of {ref_of(manifest)}": [rehearsal.report(manifest, outcome) for outcome in OUTCOMES]
        for manifest in sources
    }


def difference(one: Said, other: Said) -> str:
    """Name the first thing of which other things were said; empty if there is none."""
    return next((about for about in sorted({*one, *other}) if one.get(about) != other.get(about)), "")


def prints(of: Said) -> dict[str, str]:
    """Give a print of each value, the same in every process for equal ones."""
    return {
        about: hashlib.sha256(canonical(value).encode("utf-8", "replace")).hexdigest() for about, value in of.items()
    }


def canonical(value: object) -> str:
    """Write a value down so that equal ones are written alike, in every process, whatever became of it later."""
    if isinstance(value, Struct):
        fields = (f"{name}={canonical(getattr(value, name, None))}" for name in value.__struct_fields__)
        return f"{type(value).__name__}({', '.join(fields)})"
    if isinstance(value, Mapping):
        return f"{{{', '.join(sorted(f'{canonical(key)}: {canonical(item)}' for key, item in value.items()))}}}"
    if isinstance(value, Set):
        return f"{{{', '.join(sorted(map(canonical, value)))}}}"
    if isinstance(value, (list, tuple)):
        return f"({', '.join(map(canonical, value))})"
    return str(value) if isinstance(value, Enum) else repr(value)
