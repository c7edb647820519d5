"""What users do meanwhile: create, edit and delete, in namespaces that come and go with their labels."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator

from ako.testing import KubeApi
from tests.builders import CLASS, Manifest, certificate_for, endpoints, ingress, secret, service

LABEL, VALUE = "served", "yes"
NAMESPACES = tuple(f"team-{number}" for number in range(16))
SERVICES = ("web", "api", "shop")
SECRETS = ("t1", "t2")
CERTIFICATES = ("one.com", "two.com", "three.com")
OTHER_CLASS = "avi-other"
OURS, THEIRS = "ako.vmware.com/avi-lb", "example.com/other"


def namespace(name: str, *, is_served: bool) -> Manifest:
    """Build a namespace with our label, or with another value of it."""
    labels = {LABEL: VALUE if is_served else "no"}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def other_class(controller: str) -> Manifest:
    """Build the IngressClass that some Ingresses name, and that is now ours and now somebody else's."""
    return {**CLASS, "metadata": {"name": OTHER_CLASS}, "spec": {"controller": controller}}


class Churn:
    """Users of a cluster with about so many Ingresses.

    Attributes:
        done: how often each thing was done.
    """

    def __init__(self, kube: KubeApi, rng: random.Random, ingresses: int) -> None:
        self.done: Counter[str] = Counter()
        self._kube, self._rng, self._wanted = kube, rng, ingresses
        self._there: set[str] = set()
        self._made = 0
        self._steps: tuple[tuple[str, Callable[[], None], int], ...] = (
            ("Ingress created", self._create, 20),
            ("Ingress edited", self._edit, 30),
            ("Ingress deleted", self._delete, 20),
            ("endpoints edited", self._move_pods, 15),
            ("Secret edited", self._renew, 6),
            ("namespace labelled", self._label, 1),
            ("class edited", self._reclass, 1),
        )

    def begin(self) -> None:
        """Put everything there."""
        self._apply(other_class(OURS))
        for name in NAMESPACES:
            self._apply(namespace(name, is_served=True))
            for one in SERVICES:
                self._apply(service(one, namespace=name), self._endpoints(one, name))
            for one in SECRETS:
                self._apply(self._secret(one, name))
        self.fill_up()

    def fill_up(self) -> None:
        """Have exactly as many Ingresses as wanted."""
        while len(self._there) < self._wanted:
            self._create()
        while len(self._there) > self._wanted:
            self._delete()

    def work(self) -> None:
        """Do what makes for writes of every kind, to Avi and to Kubernetes."""
        for name, step, _ in self._steps[:3]:
            step()
            self.done[name] += 1

    def step(self) -> None:
        """Do something."""
        names, steps, weights = zip(*self._steps, strict=True)
        (number,) = self._rng.choices(range(len(names)), weights)
        steps[number]()
        self.done[names[number]] += 1

    def look_again(self) -> None:
        """See what there is: the cluster is not as we left it."""
        found = self._kube.list("Ingress")
        self._there = {f"{one['metadata']['namespace']}/{one['metadata']['name']}" for one in found}

    def _apply(self, *manifests: Manifest) -> None:
        self._kube.apply(*map(dict, manifests))

    def _create(self) -> None:
        self._made += 1
        self._put(f"{self._rng.choice(NAMESPACES)}/i{self._made}")

    def _edit(self) -> None:
        self._put(self._pick())

    def _delete(self) -> None:
        if len(self._there) < 2:
            return
        key = self._pick()
        self._kube.delete("Ingress", *key.split("/"))
        self._there.discard(key)

    def _pick(self) -> str:
        return self._rng.choice(sorted(self._there))

    def _put(self, key: str) -> None:
        where, _, name = key.partition("/")
        host = f"{name}.soak.com" if self._rng.random() < 0.95 else f"common{self._rng.randrange(5)}.soak.com"
        rules = [(host, f"/{path}", f"{self._rng.choice(SERVICES)}:80") for path in self._rng.sample("abc", 1)]
        tls = {host: self._rng.choice(SECRETS)} if self._rng.random() < 0.05 else None
        named = {"ingressClassName": OTHER_CLASS} if self._rng.random() < 0.02 else {}
        self._apply(ingress(name, *rules, namespace=where, tls=tls, **named))
        self._there.add(key)

    def _endpoints(self, name: str, where: str) -> Manifest:
        count = self._rng.randrange(1, 4)
        addresses = (f"10.{self._rng.randrange(4)}.0.{last}" for last in self._rng.sample(range(1, 30), count))
        return endpoints(name, *addresses, namespace=where)

    def _secret(self, name: str, where: str) -> Manifest:
        return secret(name, *certificate_for(self._rng.choice(CERTIFICATES)), namespace=where)

    def _move_pods(self) -> None:
        self._apply(self._endpoints(self._rng.choice(SERVICES), self._rng.choice(NAMESPACES)))

    def _renew(self) -> None:
        self._apply(self._secret(self._rng.choice(SECRETS), self._rng.choice(NAMESPACES)))

    def _label(self) -> None:
        """Take a namespace out or in: one of three only, for all of its Ingresses go or come."""
        self._apply(namespace(self._rng.choice(NAMESPACES[:3]), is_served=self._rng.random() < 0.5))

    def _reclass(self) -> None:
        self._apply(other_class(self._rng.choice((OURS, THEIRS))))


def content_of(kube: KubeApi) -> Iterator[Manifest]:
    """Give what users declared, as somebody else would declare it."""
    for kind in ("Namespace", "IngressClass", "Service", "EndpointSlice", "Secret", "Ingress"):
        for found in kube.list(kind):
            kept = ("name", "namespace", "labels", "annotations", "creationTimestamp")
            metadata = {key: value for key, value in found["metadata"].items() if key in kept}
            if metadata["name"] != "kube-system":
                yield {**{key: value for key, value in found.items() if key != "status"}, "metadata": metadata}
