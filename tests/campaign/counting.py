"""What a controller at rest has counted, against counting everything anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from queue import SimpleQueue

from ako.core.control.loop import Controller
from ako.core.control.underway import Waiting
from ako.core.hooks.claims import VirtualHost
from ako.core.hooks.outcome import HostState
from ako.core.model import VsVip
from ako.core.report.census import Counts
from tests.waiting import PATIENCE


def miscounted(controller: Controller) -> list[str]:
    """Say what is counted wrong; asked on the thread that counts."""
    answers: SimpleQueue[list[str]] = SimpleQueue()
    controller._inbox.put(lambda: answers.put(list(_miscounted(controller))))
    return answers.get(timeout=PATIENCE)


def _miscounted(controller: Controller) -> Iterator[str]:
    reconciler = controller.reconciler
    census, observed = reconciler.reporter.census, reconciler.observed
    vsvips = {ref for ref, seen in observed.items() if isinstance(seen.object, VsVip) and not seen.object.addresses}
    for what, counted, anew in (
        ("hosts", census.hosts, _asked_for(controller, is_port=False)),
        ("port claims", census.ports, _asked_for(controller, is_port=True)),
        ("certificates", reconciler.expiries.read(), _ends(controller)),
        ("VsVips without address", observed.without_address, vsvips),
        ("changes that wait", reconciler.underway.waiting, Waiting()),
        ("objects", +observed.counts, Counter(ref.type for ref in observed)),
    ):
        if counted != anew:
            yield f"{what}: counted {counted}, but there are {anew}"


def _asked_for(controller: Controller, *, is_port: bool) -> Counts:
    causes: dict[Hashable, set[str]] = {}
    for ref, outcome in controller.explain():
        for host in outcome.hosts:
            if host.is_port is is_port:
                key: Hashable = ref if is_port else host.host.lower()
                is_served = host.state in {HostState.LIVE, HostState.KEPT}
                causes.setdefault(key, set()).add("" if is_served else host.cause or "Pending")
    of = ("" if "" in found else "Pending" if "Pending" in found else min(found) for found in causes.values())
    counts = Counter(of)
    return Counts(counts.pop("", 0), dict(counts))


def _ends(controller: Controller) -> tuple[int, ...]:
    pipeline = controller.reconciler.pipeline
    models = (pipeline.model(key) for key, _ in pipeline.hosts.values())
    hosts = (model.virtual_host for model in models if model is not None)
    held = (host for host in hosts if isinstance(host, VirtualHost) and host.certificate and host.expires)
    return tuple(sorted(ends for _, ends in {(host.certificate, host.expires) for host in held}))
