"""What a controller at rest has counted, against counting everything anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from queue import SimpleQueue

from ako.core.control.loop import Controller
from ako.core.control.underway import Waiting
from ako.core.hooks.claims import VirtualHost
from ako.core.model import VsVip
from ako.core.report.census import Census
from tests.waiting import PATIENCE


def miscounted(controller: Controller) -> list[str]:
    """Say what is counted wrong; asked on the thread that counts."""
    answers: SimpleQueue[list[str]] = SimpleQueue()
    controller._inbox.put(lambda: answers.put(list(_miscounted(controller))))
    return answers.get(timeout=PATIENCE)


def _miscounted(controller: Controller) -> Iterator[str]:
    reconciler = controller.reconciler
    census, anew_all, observed = reconciler.reporter.census, _census(controller), reconciler.observed
    vsvips = {ref for ref, seen in observed.items() if isinstance(seen.object, VsVip) and not seen.object.addresses}
    for what, counted, anew in (
        ("hosts and port claims, by object", census._noted, anew_all._noted),
        ("hosts", census.hosts, anew_all.hosts),
        ("port claims", census.ports, anew_all.ports),
        ("certificates", reconciler.expiries.read(), _ends(controller)),
        ("VsVips without address", observed.without_address, vsvips),
        ("changes that wait", reconciler.underway.waiting, Waiting()),
        ("objects", +observed.counts, Counter(ref.type for ref in observed)),
    ):
        if counted != anew:
            yield f"{what}: counted {counted}, but there are {anew}"


def _census(controller: Controller) -> Census:
    census = Census()
    for ref, outcome in controller.explain():
        census.note(ref, outcome.hosts)
    return census


def _ends(controller: Controller) -> tuple[int, ...]:
    pipeline = controller.reconciler.pipeline
    models = (pipeline.model(key) for key, _ in pipeline.hosts.values())
    hosts = (model.virtual_host for model in models if model is not None)
    held = (host for host in hosts if isinstance(host, VirtualHost) and host.certificate and host.expires)
    return tuple(sorted(ends for _, ends in {(host.certificate, host.expires) for host in held}))
