"""Every decision of a pass, one line each, at DEBUG: who is where, what is done to which object and why, what is not.

Only called where the level is DEBUG, so that it costs nothing else. Values of fields are in no line: some are secret.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping

from ako.core.base.log import about
from ako.core.base.refs import AviRef
from ako.core.control.reconcile import Reconciler
from ako.core.observe.served import served_by
from ako.core.plan.plan import Create, Delete, Operation, Update, plan_changes
from ako.core.plan.proposal import Proposal

_log = logging.getLogger(__name__)

_LONGEST = 500
"""Characters of a line."""

_SHARD = re.compile(r"--Shared-L7-(?:EVH-)?(\d+)$")


def tell_decisions(proposals: Iterable[Proposal], reconciler: Reconciler, plan: str) -> None:
    """Tell what is decided in these proposals; `plan` is the id of all that is to be done."""
    for proposal in proposals:
        for key, text in _decisions(proposal, reconciler):
            short = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
            _log.debug("%s", short, extra=about(key, plan=plan))


def _decisions(proposal: Proposal, reconciler: Reconciler) -> Iterator[tuple[str, str]]:
    done = {operation.ref: operation for operation in proposal.plan.operations}
    yield from _hosts(proposal, reconciler)
    for ref, operation in done.items():
        yield str(ref), _why(operation, proposal)
    asked = plan_changes(proposal.asked, proposal.observed, proposal.prefix)
    whys = _why_not(proposal, reconciler)
    for operation in asked.operations:
        if operation.ref not in done:
            why = whys.get(operation.ref, "something that it depends on is not known, refused or held")
            yield str(operation.ref), f"{operation.ref!r} is left as it is, not {_PAST[type(operation)]}: {why}"
    for loss in proposal.held:
        yield loss.name, f"{loss.name} stays served: its deletion is held back until it is confirmed"


_PAST: Mapping[type[Operation], str] = {Create: "created", Update: "updated", Delete: "deleted"}


def _why(operation: Operation, proposal: Proposal) -> str:
    drifted = operation.ref in {drift.ref for drift in proposal.drifts}
    somebody = "; somebody else has changed it" if drifted else ""
    if isinstance(operation, Create):
        return f"create {operation.ref!r}: it is wanted and not there{somebody}"
    if isinstance(operation, Delete):
        return f"delete {operation.ref!r}: nothing that is declared needs it{somebody}"
    fields = ", ".join(change.field for change in operation.changes)
    return f"update {operation.ref!r}: it differs in {fields}{somebody}"


def _why_not(proposal: Proposal, reconciler: Reconciler) -> Mapping[AviRef, str]:
    """Say of objects that stay as they are why they do, as far as there is one reason."""
    planner = reconciler.dispatcher.planner
    refused = {ref: f"the Avi Controller refused it: {refusal.message}" for ref, refusal in planner.refused.items()}
    held = {ref: "its deletion waits for being confirmed" for loss in proposal.held for ref in loss.carriers}
    drifts = (drift.ref for drift in proposal.drifts if drift.action == "report")
    return {**held, **dict.fromkeys(drifts, "somebody else has changed it (ako.drift.policy)"), **refused}


def _hosts(proposal: Proposal, reconciler: Reconciler) -> Iterator[tuple[str, str]]:
    """Say where the hosts are for which something is done, and who asks for them."""
    operations = proposal.plan.operations
    items = (op.observed.object if isinstance(op, Delete) else op.object for op in operations)
    hosts = {host for item in items for host in served_by(item) if isinstance(host, str)}
    for tree in sorted(proposal.trees):
        found = reconciler.pipeline.trees.value(tree)
        for placed in found.hosts if found else ():
            if placed.key in hosts:
                hosts.discard(str(placed.key))
                shard = _SHARD.search(tree.name)
                where = f"tree {tree}, shard {shard[1]}" if shard else f"tree {tree}"
                sources = ", ".join(source.key for source in placed.sources)
                yield placed.title, f"{placed.title} is in {where}, for {sources}"
    for host in sorted(hosts):
        yield host, f"{host} is in no tree any more"
