"""Everything that follows from Kubernetes objects and settings, without an Avi Controller: an empty one is assumed.

It is never asked. What only it knows is assumed: which DNS domains its cloud serves is for the caller to say, and any
tenant that a Namespace names is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from queue import SimpleQueue

from ako.core.apply.jobs import Halt
from ako.core.base.avi_version import NEWEST_KNOWN, choose_version
from ako.core.base.backoff import Pace
from ako.core.base.refs import AviRef
from ako.core.control.own_objects import kinds_in
from ako.core.control.plugin_watch import PluginWatch
from ako.core.control.reconcile import Reconciler
from ako.core.engine.changes import Change
from ako.core.hooks.plugin_host import PluginHost
from ako.core.hooks.site import CloudFacts
from ako.core.kube.cluster import Cluster
from ako.core.model.mark import Mark
from ako.core.observe.full_sync import Observation
from ako.core.observe.tenants import InTenants, Sought, why_impossible
from ako.core.plan.plan import Operation
from ako.core.report.status_desk import StatusDesk
from ako.core.settings import Settings


def assumed_cloud(settings: Settings, domains: Sequence[str] = ()) -> CloudFacts:
    """Give a cloud that takes whatever the settings ask for.

    Args:
        settings: say which version of the API is asked for.
        domains: DNS domains that it serves; any, if there is none.
    """
    version = choose_version(NEWEST_KNOWN, settings.controller_settings.controller_version)
    return CloudFacts(domains=tuple(sorted(domains)), version=version)


def offline(
    settings: Settings, plugins: PluginHost, cluster: Cluster, namespace: str, cloud: CloudFacts, pace: Pace
) -> Reconciler:
    """Give a reconciler that knows what a cluster declares, and an Avi Controller with nothing of ours on it.

    `pipeline` and `reporter.explain()` say what is made of it, and `preview()` the plan, which creates all of it.
    Nothing is written, and the cluster is let go.

    Args:
        settings: in force; `deleteConfig` is not heeded.
        plugins: the hooks; `plugins.calls` says which of them failed.
        cluster: what is declared; it must not have been started.
        namespace: our own.
        cloud: what is assumed of it, as `assumed_cloud` gives it.
        pace: time.
    """
    return offline_after(settings, plugins, cluster, namespace, Observation(cloud, {}), pace)


def offline_after(
    settings: Settings, plugins: PluginHost, cluster: Cluster, namespace: str, seen: Observation, pace: Pace
) -> Reconciler:
    """Give the like, where the Avi Controller is taken to be as it was seen once.

    Args:
        settings: as above.
        plugins: as above.
        cluster: as above.
        namespace: as above.
        seen: what there was; what it says of tenants is not heeded.
        pace: time.
    """
    inbox: SimpleQueue[Change] = SimpleQueue()
    reconciler = Reconciler(settings, plugins, _Nobody(), StatusDesk(cluster, pace, lambda _: None), pace)
    hooks = PluginWatch(plugins, reconciler.pipeline, pace.clock)
    reconciler.observe(Observation(seen.cloud, {}))
    cluster.start([*plugins.watched, *kinds_in(namespace)], inbox.put)
    try:
        while not reconciler.is_informed or not inbox.empty():
            reconciler.take([inbox.get()])
        reconciler.observe(Observation(seen.cloud, seen.objects, _all_there(reconciler.begin_observation())))
        with hooks.limited():
            hooks.begin_pass(reconciler.reporter.concern_all)
            reconciler.look(cluster.incompleteness())
            hooks.check()
    finally:
        cluster.stop()
    return reconciler


def _all_there(sought: Sought) -> InTenants:
    """Have all tenants that are looked for read, and nothing found in them; no Controller has one of another name."""
    unread = {tenant: fault for tenant in sought.tenants if (fault := why_impossible(tenant))}
    return InTenants(read=sought.tenants - unread.keys(), unread=unread, is_looked_through=sought.finds)


class _Nobody:
    """Stands where requests are sent: none are, for nothing is carried out."""

    def carry_out(self, operation: Operation, halt: Halt, mark: Mark) -> None:  # noqa: ARG002
        """Refuse to be asked."""
        raise AssertionError(operation)

    def look_up(self, ref: AviRef) -> None:
        """Refuse to be asked."""
        raise AssertionError(ref)

    def retire(self) -> None:
        """Do nothing."""
