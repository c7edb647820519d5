"""Shared objects that the Controller took or refused: who may go in, who is suspected, and who stands in meanwhile."""

from __future__ import annotations

from collections.abc import Iterable

from ako.core.apply.dispatcher import Dispatcher
from ako.core.apply.jobs import Applied
from ako.core.apply.quarantine import Quarantine
from ako.core.assemble.pipeline import SUBSTITUTES, Pipeline
from ako.core.assemble.tree import Tree
from ako.core.base.refs import AviRef, TreeName
from ako.core.hooks.translation import ParentTemplate
from ako.core.plan.left_out import Refusal
from ako.core.report.reporter import Reporter


class Suspicion:
    """Has it found out whose part the Controller does not take, so that one host spoils nothing for its neighbours.

    Args:
        pipeline: is told who stands in for whom.
        dispatcher: knows what was refused, and tries again.
        quarantine: keeps what is known of each host.
        reporter: tells whoever is concerned.
    """

    def __init__(self, pipeline: Pipeline, dispatcher: Dispatcher, quarantine: Quarantine, reporter: Reporter) -> None:
        self._pipeline = pipeline
        self._dispatcher = dispatcher
        self._quarantine = quarantine
        self._reporter = reporter

    def forget(self) -> None:
        """Suspect nobody: it is another Controller."""
        self._substitute_on(self._quarantine.forget())

    def retry(self) -> None:
        """Give those who were found out another chance."""
        self._substitute_on(self._quarantine.retry())

    def conclude(self, applied: Applied) -> None:
        """Learn from what became of shared objects who may go in, and who may not."""
        refused = self._dispatcher.planner.refused
        for name in applied.trees:
            tree = self._pipeline.trees.value(name)
            if tree is None or not tree.shared:
                continue
            shared = (item.ref for item in tree.shared if item.ref in applied.failed)
            first = next(((ref, found) for ref in shared if (found := refused.get(ref))), None)
            if first is not None:
                is_changed = self._suspect(tree, *first)
            else:
                is_taken = not applied.failed and self._dispatcher.is_settled(name)
                is_changed = is_taken and self._quarantine.note_accepted(tree)
            if is_changed:
                self._substitute(name)

    def _suspect(self, tree: Tree, ref: AviRef, refusal: Refusal) -> bool:
        """Have it found out who spoils a shared object, if it is anybody; say whether something else is to be tried."""
        if refusal.is_forbidden and isinstance(tree.parent, ParentTemplate):
            self._dispatcher.try_later(tree.name, ref, refusal.message)
            return False
        is_changed = self._quarantine.note_refused(tree, ref, refusal.message)
        if fault := self._quarantine.fault(tree.name):
            self._dispatcher.try_later(tree.name, ref, fault)
        return is_changed

    def _substitute_on(self, trees: Iterable[TreeName]) -> None:
        for tree in trees:
            self._substitute(tree)

    def _substitute(self, tree: TreeName) -> None:
        """Have others stand in for hosts of a tree than did, and those told for whom that is news."""
        before = self._pipeline.engine.inputs.get((SUBSTITUTES, tree), {})
        after = self._quarantine.substitutes(tree)
        for key in before.keys() | after.keys():
            if before.get(key) != after.get(key):
                self._reporter.concern((before.get(key) or after[key]).refused.sources)
        self._pipeline.engine.set_input(SUBSTITUTES, after, tree)
