"""What an explanation reads: everything that the stages hold, at one moment; nothing here changes any of it."""

from __future__ import annotations

from msgspec import Struct

from ako.core.apply.quarantine import Quarantine
from ako.core.assemble.pipeline import Pipeline
from ako.core.assemble.tree import PlacedHost, Tree
from ako.core.base.refs import ObjectRef, TreeName
from ako.core.engine.onlooker import Onlooker
from ako.core.engine.view import View
from ako.core.explain.question import SHARED
from ako.core.hooks.claims import HostKey, Problem
from ako.core.hooks.outcome import Outcome
from ako.core.hooks.site import SETTINGS
from ako.core.hooks.translation import HostModel
from ako.core.model.names import Names
from ako.core.observe.observed import Observed
from ako.core.plan.deletion_guard import Held
from ako.core.plan.plan import Desired
from ako.core.plan.planner import Planner
from ako.core.report.outcomes import Outcomes
from ako.core.settings import Settings


class Picture(Struct, frozen=True):
    """The stages of one controller.

    Attributes:
        pipeline: claims, hosts and trees.
        outcomes: what became of source objects.
        observed: what is on the Avi Controller.
        planner: what was refused, is held, belongs where.
        quarantine: who is kept out of shared objects.
        held: what waits for being confirmed.
        is_observed: the Controller has been read.
    """

    pipeline: Pipeline
    outcomes: Outcomes
    observed: Observed
    planner: Planner
    quarantine: Quarantine
    held: Held
    is_observed: bool

    @property
    def view(self) -> View:
        """Give something to read through that leaves no trace."""
        return Onlooker(self.pipeline.engine)

    @property
    def settings(self) -> Settings:
        """Give the settings in force."""
        return self.pipeline.engine.input(SETTINGS)

    @property
    def prefix(self) -> str:
        """Give what every name of ours begins with."""
        return Names(self.settings.ako_settings.cluster_name).prefix

    def desired_of(self, tree: TreeName) -> Desired:
        """Give the objects that are wanted of a tree."""
        return self.planner.desired_of(tree)

    def host(self, key: HostKey) -> HostModel | None:
        """Give a host under the names that its objects have, None if it is not known."""
        return self.pipeline.model(key)

    def tree_of(self, model: HostModel | None) -> Tree | None:
        """Give the tree that a host is on, None if it is on none."""
        return self.pipeline.trees.value(model.tree) if model is not None and model.tree else None

    def placed(self, model: HostModel | None) -> PlacedHost | None:
        """Give a host as it was taken into its tree, None if it was not."""
        tree = self.tree_of(model)
        return tree.by_key.get(model.virtual_host.key) if tree is not None and model is not None else None

    def outcome(self, ref: ObjectRef) -> Outcome:
        """Give what became of a source object."""
        return self.outcomes.of(ref)


def title(ref: ObjectRef) -> str:
    """Give the words by which a Kubernetes object is told, and asked for: `Ingress/default/shop`."""
    return f"{ref.kind.name}/{ref.namespaced_name}"


def named(key: HostKey) -> str:
    """Give the words for what claims are filed under: a host, a Service, or an address that Services share."""
    if isinstance(key, str):
        return key
    return title(key) if isinstance(key, ObjectRef) else f"{SHARED}{key.namespace}/{key.name}"


def listed_once(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Give problems without repetitions, in their order."""
    return tuple(dict.fromkeys(problems))
