"""Checks of the controller that runs in the cluster, if one does: its pods, and what it says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from ako.core.kube.errors import KubeError
from ako.diagnosis.finding import Finding, each, made, ok, unknown, warning, wrong
from ako.diagnosis.kubernetes import ApiServer
from ako.diagnosis.manifest import Json, at, name_of
from ako.diagnosis.neighbours import image_of_ours

PODS, LEADER, READINESS = "pods", "leader", "readiness"
_ASKED_AT_MOST = 3
"""So many pods are asked: there are seldom more, and each may keep us waiting."""


def running(server: ApiServer, namespace: str, port: int) -> Iterator[Finding]:
    """Say what is wrong with the pods of a controller, and what they say themselves.

    Args:
        server: of their cluster.
        namespace: ours.
        port: their health port; 0 if they have none.

    Raises:
        KubeError: the pods cannot be read.
    """
    pods = [pod for pod in server.listed(f"/api/v1/namespaces/{namespace}/pods") if is_of_ako(pod)]
    if not pods:
        yield ok(PODS, f"none of an AKO is in {namespace}")
        return
    names = sorted(map(name_of, pods))
    yield from each(PODS, pods_faults(pods), f"{', '.join(names)} in {namespace}: one image, nothing ended by itself")
    yield from made(LEADER, lambda: _leader(server.lease_holder(namespace), names))
    if not port:
        yield unknown(READINESS, "cannot be asked for: AKOSettings.apiServerPort is 0")
        return
    up = sorted(name_of(pod) for pod in pods if at(pod, "status", "phase") == "Running")
    for name in up[:_ASKED_AT_MOST]:
        yield from made(READINESS, partial(_readiness, server, namespace, name, port))


def pods_faults(pods: Sequence[Json]) -> Iterator[Finding]:
    """Say which pods do not run, which had to be started again, and whether they are of different versions. Pure."""
    images = {_image(pod) for pod in pods}
    if len(images) > 1:
        text = f"they are of different images: {', '.join(sorted(images))}"
        yield warning(
            PODS, text, "Have the rollout end: `kubectl rollout status statefulset ako` says what it waits for."
        )
    for pod in pods:
        for status in at(pod, "status", "containerStatuses") or ():
            waiting = at(status, "state", "waiting")
            if waiting and waiting.get("reason") not in {"ContainerCreating", "PodInitializing"}:
                why = f"{waiting.get('reason')}: {waiting.get('message') or 'no more is known'}"
                text = f"{name_of(pod)} does not run: {why}"
                yield wrong(PODS, text, f"`kubectl {_place(pod)} describe pod {name_of(pod)}` and its log say why.")
            elif (ended := at(status, "lastState", "terminated")) and ended.get("reason") != "Completed":
                reason = f"{ended.get('reason')}, exit code {ended.get('exitCode')}"
                text = (
                    f"{name_of(pod)} was started again {status.get('restartCount')} times; it ended last with {reason}"
                )
                yield warning(PODS, f"{text} at {ended.get('finishedAt')}", _why_ended(pod, str(ended.get("reason"))))


def _place(pod: Json) -> str:
    return f"-n {at(pod, 'metadata', 'namespace')}"


def _why_ended(pod: Json, reason: str) -> str:
    if reason == "OOMKilled":
        return "Raise the memory limit of the container."
    return f"Its log from before says why: `kubectl {_place(pod)} logs --previous {name_of(pod)}`."


def _leader(holder: str, pods: Sequence[str]) -> Iterator[Finding]:
    """Say who has the Lease by which replicas agree on who works."""
    if not holder:
        yield ok(LEADER, "nobody has the Lease, which a single replica needs not")
    elif holder in pods:
        yield ok(LEADER, f"{holder} has the Lease")
    else:
        text = f"{holder} has the Lease, and is none of {', '.join(pods)}"
        yield warning(
            LEADER, text, "If it runs elsewhere, stop one of the two; else another takes over by itself soon."
        )


def _readiness(server: ApiServer, namespace: str, pod: str, port: int) -> Iterator[Finding]:
    """Have a pod say which of its conditions are not met, by the proxy of the API server."""
    answer = server.ask(f"/api/v1/namespaces/{namespace}/pods/{pod}:{port}/proxy/readyz", {"verbose": ""})
    lines = answer.body.decode(errors="replace").splitlines()
    if not any(line.startswith("[") for line in lines):
        answer.granted()  # says why, if it was refused
        raise KubeError(f"pod {pod} gives no readiness of ako at port {port} ({answer.status})")
    faults = (wrong(READINESS, f"{pod}: {line.removeprefix('[-] ')}") for line in lines if line.startswith("[-]"))
    yield from each(READINESS, faults, f"{pod} is ready")


def is_of_ako(pod: Json) -> bool:
    """Say whether an AKO runs in a pod, this program or the one in Go."""
    return bool(_image(pod))


def has_run_before(pod: Json) -> bool:
    """Say whether a container of a pod was started again."""
    return any(status.get("restartCount") for status in at(pod, "status", "containerStatuses") or ())


def _image(pod: Json) -> str:
    containers: Iterable[Json] = at(pod, "spec", "containers") or ()
    return image_of_ours(containers)
