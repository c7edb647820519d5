"""What is wrong with manifests: why files are none, and what the program tells of the objects in them."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping, Sequence

from ako.cli.api_server import own_namespace
from ako.cli.check.report import Checked, Finding
from ako.core.base.backoff import Pace
from ako.core.base.refs import NamespacedName, ObjectRef
from ako.core.control.offline import assumed_cloud, offline
from ako.core.control.reconcile import Reconciler
from ako.core.engine.store import ObjectKey
from ako.core.engine.view import View
from ako.core.hooks.claims import HostClaim, Problem
from ako.core.hooks.plugin_host import PluginHost
from ako.core.hooks.records import Secret
from ako.core.kube.folder import FolderCluster
from ako.core.kube.manifests import Fault
from ako.core.kube.positions import Positions
from ako.core.report.outcomes import unreadable_object
from ako.core.settings import Settings

UNNAMED = frozenset({"NoDomain"})
"""What is told where the cloud serves no domain: which it serves is not known unless somebody says it."""

ABSENT = frozenset({"BackendNotFound", "IngressClassNotFound", "NoNodeSelected", "SecretNotFound"})
"""What is told of objects that are not there, and may be in the cluster."""

_REMEDIES: Mapping[str, str] = {
    "InvalidJson": "Correct it; nothing in the file counts until then.",
    "InvalidObject": "Correct it, or keep the file elsewhere; nothing in it counts until then.",
    "InvalidYaml": "Correct it; nothing in the file counts until then.",
    "Unreadable": "Make it readable; nothing in it counts until then.",
}
"""What to do about a file, where its fault does not say it."""


class Manifests:
    """The manifests of a cluster that is a folder, worked through as the controller would.

    Args:
        cluster: not started yet.
        settings: to go by.
        plugins: the hooks.
        domains: DNS domains of the cloud; none: any.
        positions: finds lines.
    """

    def __init__(
        self,
        cluster: FolderCluster,
        settings: Settings,
        plugins: PluginHost,
        domains: Sequence[str],
        positions: Positions,
    ) -> None:
        self._cluster = cluster
        self._positions = positions
        pace = Pace(time.monotonic, random.Random())  # noqa: S311 - nothing is tried again
        cloud = assumed_cloud(settings, domains)
        self.reconciler: Reconciler = offline(settings, plugins, cluster, own_namespace(), cloud, pace)
        self._outcomes = self.reconciler.reporter.explain()

    def problems(self) -> tuple[Problem, ...]:
        """Give what the controller would tell of all objects."""
        return tuple(problem for _, outcome in self._outcomes for problem in outcome.problems)

    def missing_secrets(self) -> Mapping[NamespacedName, set[str]]:
        """Give the Secrets that are named for certificates and are not there, with the hosts of each."""
        pipeline, found = self.reconciler.pipeline, dict[NamespacedName, set[str]]()
        for _, discovery in pipeline.claims.values():
            for claim in discovery.claims:
                secret = claim.tls.certificate if isinstance(claim, HostClaim) and claim.tls else None
                if isinstance(secret, NamespacedName) and not pipeline.store.holds(ObjectKey(Secret, secret)):
                    found.setdefault(secret, set()).add(claim.host)
        return found

    def unreadable(self) -> Iterator[Problem]:
        """Give what cannot be read of objects that others refer to; of these the controller tells with those others."""
        pipeline = self.reconciler.pipeline
        told = {ref for ref, outcome in self._outcomes if outcome.doubt}
        for kind in pipeline.watched:
            for ref in self._cluster.refs(kind.kind):
                why = pipeline.store.unreadable(ObjectKey(kind.record, ref.namespaced_name))
                if why and ref not in told:
                    told.add(ref)
                    yield unreadable_object(ref, why, has_older=False)

    def objects(self) -> Iterator[Checked]:
        """Give the objects that may ask for something."""
        pipeline = self.reconciler.pipeline
        for ref, outcome in self._outcomes:
            file, line = self._place(ref, "")
            whose = None if outcome.hosts or outcome.doubt else pipeline.whose(View(pipeline.engine), ref)
            why = whose.why if whose and not whose.is_ours else ""
            yield Checked(about=name_of(ref), file=file, line=line, why_not_ours=why)

    def passed_over(self) -> Iterator[str]:
        """Say of which kinds no object is looked at, and why."""
        pipeline = self.reconciler.pipeline
        for kind in sorted({ref.kind for ref, _ in self._outcomes}):
            if whose := pipeline.passed_over(View(pipeline.engine), kind):
                yield f"no {kind.name} was checked: {whose.why}"

    def finding(self, problem: Problem) -> Finding:
        """Give a problem with its place."""
        file, line = self._place(problem.source, problem.message)
        return Finding(
            about=name_of(problem.source),
            reason=problem.reason,
            message=problem.message,
            remedy=problem.remedy,
            file=file,
            line=line,
        )

    def _place(self, ref: ObjectRef, words: str) -> tuple[str, int]:
        written = self._cluster.written(ref)
        if written is None:
            return "", 0
        return str(written[0]), self._positions.line_about(*written, words) if words else written[1].line


def file_findings(faults: Sequence[Fault]) -> Iterator[Finding]:
    """Give what is wrong with files."""
    for fault in faults:
        yield Finding(
            about=fault.file,
            reason=fault.reason,
            message=fault.text,
            remedy=_REMEDIES.get(fault.reason, ""),
            file=fault.file,
            line=fault.line,
        )


def name_of(ref: ObjectRef) -> str:
    """Give the name of an object, such as `Ingress/default/shop`."""
    return f"{ref.kind.name}/{ref.namespaced_name}"
