"""The Kubernetes stand-in from outside: objects go in, statuses are seen through a watch, as any client sees them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import Any, Self

import msgspec
import requests

from bench.errors import BenchError
from bench.objects import NAMESPACE, Manifest, name_of

_INGRESSES = "/apis/networking.k8s.io/v1"
_BATCH = 500


class _LoadBalancer(msgspec.Struct):
    ingress: list[dict[str, Any]] = []


class _Status(msgspec.Struct):
    load_balancer: _LoadBalancer = msgspec.field(default_factory=_LoadBalancer, name="loadBalancer")


class _Metadata(msgspec.Struct):
    name: str = ""


class _Ingress(msgspec.Struct):
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)
    status: _Status = msgspec.field(default_factory=_Status)


class _Event(msgspec.Struct):
    type: str
    object: _Ingress


class Cluster:
    """Puts objects into the stand-in, and knows since when each Ingress has an address in its status."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = requests.Session()
        self._http.trust_env = False
        self._watch = StatusWatch(url)
        self.has_status_since = self._watch.has_status_since

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._watch.close()
        self._http.close()

    def apply(self, manifests: Iterable[Manifest]) -> float:
        """Create or replace objects; give the time just before the first went in."""
        every = list(manifests)
        begun = time.time()
        for start in range(0, len(every), _BATCH):
            body = msgspec.json.encode(every[start : start + _BATCH])
            self._checked(self._http.post(f"{self._url}/_kube/apply", data=body, timeout=120))
        return begun

    def delete_ingress(self, number: int) -> float:
        """Delete the Ingress of a host; give the time just before."""
        path = f"{_INGRESSES}/namespaces/{NAMESPACE}/ingresses/{name_of(number)}"
        begun = time.time()
        self._checked(self._http.delete(f"{self._url}{path}", timeout=30))
        return begun

    @staticmethod
    def _checked(answer: requests.Response) -> None:
        if answer.status_code >= 400:
            raise BenchError(f"the Kubernetes stand-in answers {answer.status_code}: {answer.text[:500]}")


class StatusWatch:
    """A watch on all Ingresses.

    Attributes:
        has_status_since: when a status with an address was first seen, by name of the Ingress.
    """

    def __init__(self, url: str) -> None:
        self.has_status_since: dict[str, float] = {}
        self._decoder = msgspec.json.Decoder(_Event)
        self._http = requests.Session()
        self._http.trust_env = False
        self._stream = self._http.get(f"{url}{_INGRESSES}/ingresses?watch=true", stream=True, timeout=(5, 3600))
        self._thread = threading.Thread(target=self._follow, name="statuses", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the watch."""
        self._stream.raw.shutdown()
        self._thread.join()
        self._stream.close()
        self._http.close()

    def _follow(self) -> None:
        try:
            for line in self._stream.iter_lines(chunk_size=None):
                self._note(self._decoder.decode(line), time.time())
        except (requests.RequestException, OSError):
            return  # the stream was cut: nobody wants to know more

    def _note(self, event: _Event, seen: float) -> None:
        name = event.object.metadata.name
        if event.type != "DELETED" and event.object.status.load_balancer.ingress:
            self.has_status_since.setdefault(name, seen)
        else:
            self.has_status_since.pop(name, None)
