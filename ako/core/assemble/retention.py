"""Shared virtual services that serve nobody any more: kept, until the next start or for a grace period.

| `ako.gc.sharedVsGracePeriod` | last host gone            | next start                             |
|------------------------------|---------------------------|----------------------------------------|
| 0                            | kept                      | deleted                                |
| n seconds                    | deleted after n seconds   | deleted                                |

With `ako.gc.keepVip` the VsVip, and so the address, outlives the virtual service in both cases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec.structs import replace

from ako.core.assemble.pipeline import Pipeline
from ako.core.hooks.translation import ParentTemplate
from ako.core.model import NORMAL
from ako.core.model.names import Names
from ako.core.settings import Settings
from ako.core.translate.host import shared_parent


class Retention:
    """Follows which shared virtual services are empty, and since when."""

    def __init__(self, pipeline: Pipeline, clock: Callable[[], float]) -> None:
        self._pipeline = pipeline
        self._clock = clock
        self._empty_since: dict[str, float] = {}
        self._grace = 0.0

    def note(self, trees: Iterable[str], settings: Settings) -> None:
        """Note which of the changed trees are empty now; of all trees, when there is a grace period from now on."""
        before, self._grace = self._grace, settings.ako.gc.shared_vs_grace_period
        if not self._grace:
            self._empty_since.clear()
            return
        for name in trees if before else (str(name) for name, _ in self._pipeline.trees.values()):
            tree = self._pipeline.trees.value(name)
            if tree is None or tree.hosts or not isinstance(tree.parent, ParentTemplate) or tree.parent.is_vip_only:
                self._empty_since.pop(name, None)
            else:
                self._empty_since.setdefault(name, self._clock())

    def release_due(self, settings: Settings) -> None:
        """Let go of what was empty for long enough."""
        grace = settings.ako.gc.shared_vs_grace_period
        for name in [name for name, since in self._empty_since.items() if since + grace <= self._clock()]:
            del self._empty_since[name]
            tree = self._pipeline.trees.value(name)
            if settings.ako.gc.keep_vip and tree is not None and isinstance(tree.parent, ParentTemplate):
                self._pipeline.retain(name, replace(tree.parent, is_vip_only=True))
            else:
                self._pipeline.release(name)

    def next_due(self, settings: Settings) -> float | None:
        """Give the time at which the next one goes, None if none does."""
        first = min(self._empty_since.values(), default=None)
        return None if first is None else first + settings.ako.gc.shared_vs_grace_period

    def keep_addresses(self, vsvips: Iterable[str], settings: Settings) -> None:
        """At a start, keep the VsVips of shared virtual services that serve nobody, if that is wanted."""
        if not settings.ako.gc.keep_vip:
            return
        names = Names(settings.ako_settings.cluster_name)
        for name in vsvips:
            stem, dash, number = name.rpartition("-")
            if not number.isdecimal() or self._pipeline.trees.value(name) is not None:
                continue
            if stem + dash == names.shared_stem:
                parent = self._pipeline.engine.ask(shared_parent, int(number))
                self._pipeline.retain(name, replace(parent, is_vip_only=True))
            elif stem + dash == names.passthrough_stem:
                self._pipeline.retain(name, _passthrough_address(name))


def _passthrough_address(name: str) -> ParentTemplate:
    """Give a passthrough parent of which nothing but the VsVip is wanted; how to make the rest its plugin knows."""
    return ParentTemplate(
        name=name, vs_type=NORMAL, application_profile="", network_profile="", services=(), is_vip_only=True
    )
