"""Checks of a Kubernetes API server: is it there, which is it, may we do there what we have to."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping

from ako.core.base.wording import some_of
from ako.core.kube.connection import Answer, Connection, Request
from ako.core.kube.errors import KubeError, KubeRefused, KubeUnreachable
from ako.core.kube.lease_lock import LeaseLock
from ako.core.kube.reviews import is_granted
from ako.core.kube.rights import Right
from ako.diagnosis.clocks import clock
from ako.diagnosis.finding import Finding, ok, unknown, warning, wrong
from ako.diagnosis.manifest import Json

OLDEST = (1, 21)
"""The first Kubernetes with `discovery.k8s.io/v1`, which is watched."""

_LIST = "`ako rbac --check` lists them all with what they are for"
_GRANT = "`ako rbac{} | kubectl apply -f -` grants them."

LINES_OF_LOG = 10_000
"""How much is read of a log, from its end."""

PATIENCE = (3.0, 10.0)
"""Seconds to wait for a connection, and for an answer."""


class ApiServer:
    """Asks an API server, read-only.

    Args:
        connection: to it.
        origin: where its address and credentials come from, in words.
        now: the time of day, in seconds since 1970.
    """

    def __init__(self, connection: Connection, origin: str, now: Callable[[], float]) -> None:
        self._connection = connection
        self._origin = origin
        self._now = now
        self.is_there = False

    def examine(self) -> Iterator[Finding]:
        """Say whether it is there, which version it is, and whether its clock goes right."""
        tried = f"GET {self._connection.server}/version, with {self._origin}"
        try:
            answer = self.ask("/version")
            version = json.loads(answer.granted())["gitVersion"]
        except KubeRefused as error:
            # Whoever may do nothing may still be told the version, so that a refusal is one of the credentials.
            yield wrong("kubernetes", f"refuses us: {error} (tried {tried})", _credentials(error.status))
            return
        except KubeUnreachable as error:
            yield wrong("kubernetes", f"{error} (tried {tried})", _way(str(error)))
            return
        except (ValueError, KeyError, TypeError):
            remedy = "Correct the address in the kubeconfig."
            yield wrong("kubernetes", f"what answers is no API server (tried {tried})", remedy)
            return
        self.is_there = True
        yield ok("kubernetes", f"{self._connection.server} answers ({self._origin})")
        yield _version(str(version))
        yield from clock("kubernetes clock", answer.date, self._now())

    def rights(self, wanted: Iterable[Right], user: str = "") -> Iterator[Finding]:
        """Say which rights we lack, or another user does."""
        rights = list(wanted)
        missing = [right for right in rights if not is_granted(self._connection, right, user)]
        whose = f" for {user}" if user else ""
        if not missing:
            yield ok("rights", f"all {len(rights)} are granted{whose}")
            return
        yield wrong(
            "rights",
            f"{len(missing)} of {len(rights)} are missing{whose}: {some_of(map(_in_words, missing), 5)}",
            _GRANT.format(f" --for {shlex.quote(user)}") if user else f"{_LIST}; {_GRANT.format('')}",
        )

    def own_objects(self, namespace: str, config_map: str, secret: str, *, are_needed: bool) -> Iterator[Finding]:
        """Say whether our namespace is there, with ConfigMap and Secret.

        Args:
            namespace: ours.
            config_map: its name.
            secret: likewise.
            are_needed: settings lack something that they could give.
        """
        check = "own namespace"
        if self.ask(f"/api/v1/namespaces/{namespace}").status == 404:
            remedy = "Create it, or say with POD_NAMESPACE which it is."
            yield (wrong if are_needed else warning)(check, f"there is no Namespace {namespace}", remedy)
            return
        found = {
            f"{kind} {name}": self.ask(f"/api/v1/namespaces/{namespace}/{plural}/{name}").status
            for kind, plural, name in (("ConfigMap", "configmaps", config_map), ("Secret", "secrets", secret))
        }
        forbidden = [name for name, status in found.items() if status in {401, 403}]
        missing = [name for name, status in found.items() if status == 404]
        if forbidden:
            text = f"{namespace}: {' and '.join(forbidden)} may not be read by us"
            yield unknown(check, text, "Take credentials that may, or its settings do not count here.")
        if missing:
            text = f"{namespace}: there is no {' and no '.join(missing)}"
            remedy = "Create it, if the pod is to have its settings from there."
            yield (wrong if are_needed else warning)(check, text, remedy)
        if not forbidden and not missing:
            yield ok(check, f"{namespace} has {' and '.join(found)}")

    def listed(self, path: str) -> list[Json]:
        """List objects; none where the kind is not served.

        Raises:
            KubeError: they cannot be read.
        """
        answer = self.ask(path)
        if answer.status == 404:
            return []
        try:
            items = json.loads(answer.granted())["items"]
        except (ValueError, KeyError, TypeError) as error:
            raise KubeError(f"GET {path}: the answer is no list") from error
        return [item for item in items if isinstance(item, dict)]

    def serves(self, group: str, plural: str) -> bool:
        """Say whether a resource is served.

        Raises:
            KubeError: discovery cannot be read.
        """
        if group and self.ask(f"/apis/{group}").status == 404:
            return False
        found = json.loads(self.ask(self._base(group)).granted())
        return any(resource.get("name") == plural for resource in found.get("resources") or ())

    def manifests(self, group: str, plural: str, namespace: str = "") -> list[Json]:
        """Give the objects of a resource, of all namespaces or one, in the version that the group prefers.

        Raises:
            KubeError: they cannot be read.
        """
        within = f"/namespaces/{namespace}" if namespace else ""
        return self.listed(f"{self._base(group)}{within}/{plural}")

    def if_served(self, group: str, plural: str) -> list[Json]:
        """Give the objects of a resource, none where it is not served, whatever rights there are.

        Raises:
            KubeError: they cannot be read.
        """
        return self.manifests(group, plural) if self.serves(group, plural) else []

    def _base(self, group: str) -> str:
        if not group:
            return "/api/v1"
        try:
            preferred = json.loads(self.ask(f"/apis/{group}").granted())["preferredVersion"]["groupVersion"]
        except (ValueError, KeyError, TypeError) as error:
            raise KubeError(f"GET /apis/{group}: the answer names no version") from error
        return f"/apis/{preferred}"

    def lease_holder(self, namespace: str) -> str:
        """Give the pod that has the Lease of the replicas; empty for nobody.

        Raises:
            KubeError: it cannot be read.
        """
        lease = LeaseLock(lambda: self._connection, namespace).read(PATIENCE[0])
        return lease.claim.pod if lease is not None else ""

    def log(self, namespace: str, pod: str, *, is_previous: bool = False) -> str:
        """Give the end of the log of a pod; `is_previous`: of its run before.

        Raises:
            KubeError: it cannot be read.
        """
        query = {"tailLines": str(LINES_OF_LOG), "previous": str(is_previous).lower()}
        return self.ask(f"/api/v1/namespaces/{namespace}/pods/{pod}/log", query).granted().decode(errors="replace")

    def ask(self, path: str, query: Mapping[str, str] = {}) -> Answer:
        """Send a GET.

        Raises:
            KubeUnreachable: there was no answer.
        """
        connect, read = PATIENCE
        return self._connection.send(Request(path=path, query=query, connect_seconds=connect, read_seconds=read))


def _version(version: str) -> Finding:
    numbers = re.match(r"v?(\d+)\.(\d+)", version)
    if numbers and (int(numbers[1]), int(numbers[2])) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        return wrong("kubernetes version", f"{version} is older than {oldest}, the oldest supported", "Upgrade it.")
    return ok("kubernetes version", version)


def _in_words(right: Right) -> str:
    resource = f"{right.resource}.{right.group}" if right.group else right.resource
    return f"{right.verb} {resource}{f' in {right.namespace}' if right.namespace else ''}"


def _credentials(status: int) -> str:
    if status == 401:
        return "The credentials are not, or no longer, valid: log in again, or take another kubeconfig."
    return "Take credentials that may read there: see `ako rbac`."


def _way(message: str) -> str:
    lower = message.lower()
    if "cannot be loaded" in lower:
        return "Correct the kubeconfig, or name another with --kubeconfig."
    if "certificate" in lower or "ssl" in lower or "tls" in lower:
        return "Correct certificate-authority-data and the address in the kubeconfig."
    if "resolve" in lower or "name or service" in lower:
        return "Correct the name in the kubeconfig, or the DNS of this machine."
    if "refused" in lower:
        return "Nothing listens there: correct address and port in the kubeconfig, or start the API server."
    return "Correct the address in the kubeconfig, or open the way to it."
