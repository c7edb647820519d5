"""A Rollout as this plugin reads it: its two Services, and how its controller shares requests between them now."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from ako import SERVICES, Kind, Metadata, NamespacedName, WatchedKind


class Canary(Struct, frozen=True, rename="camel"):
    """The two Services of a canary: one for what is there, one for what is new."""

    stable_service: str | None = None
    canary_service: str | None = None


class Strategy(Struct, frozen=True):
    """How a Rollout replaces its pods; blue-green has no weights."""

    canary: Canary | None = None


class RolloutSpec(Struct, frozen=True):
    """The part of a Rollout's spec that names Services."""

    strategy: Strategy = Strategy()


class Destination(Struct, frozen=True):
    """What one of the two gets."""

    weight: int = 0


class Weights(Struct, frozen=True):
    """What each gets; `additional` are those of experiments."""

    canary: Destination | None = None
    stable: Destination | None = None
    additional: tuple[Destination, ...] | None = None


class CanaryStatus(Struct, frozen=True):
    """The state of a canary."""

    weights: Weights | None = None


class RolloutStatus(Struct, frozen=True):
    """The part of a Rollout's status that decides where requests go."""

    canary: CanaryStatus | None = None
    abort: bool | None = None


class NamedRollout(Struct, frozen=True):
    """A Rollout as the Services that it names: what it is found by, also where the rest of it cannot be read."""

    metadata: Metadata
    spec: RolloutSpec = RolloutSpec()

    @property
    def stable(self) -> str:
        """Give the Service that Ingresses and Routes name; empty if there is none."""
        return (self.spec.strategy.canary.stable_service or "") if self.spec.strategy.canary else ""

    @property
    def canary(self) -> str:
        """Give the Service of what is new; empty if there is none."""
        return (self.spec.strategy.canary.canary_service or "") if self.spec.strategy.canary else ""


class Rollout(NamedRollout, frozen=True):
    """A Rollout; of its status only what decides something, so that nothing else wakes anybody."""

    status: RolloutStatus | None = None

    @property
    def is_aborted(self) -> bool:
        """Say whether it was given up: all requests are for what was there before."""
        return bool(self.status and self.status.abort)

    @property
    def weights(self) -> Weights:
        """Give what each Service is to get, as its controller says; nothing is said before it has begun."""
        given = self.status.canary.weights if self.status and self.status.canary else None
        return given or Weights()


def _of_stable(record: NamedRollout) -> Iterator[NamespacedName]:
    if record.stable and record.canary:
        yield NamespacedName(record.metadata.namespace, record.stable)


ROLLOUTS = WatchedKind(
    kind=Kind("argoproj.io", "v1alpha1", "Rollout"),
    plural="rollouts",
    record=Rollout,
    is_source=True,  # only to be told what is wrong with it
    is_optional=True,
    indexes={"stable": _of_stable},
    outline=NamedRollout,
)
KINDS = (ROLLOUTS, SERVICES)
