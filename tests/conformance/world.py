"""The Ingresses of all features in one cluster: the product runs once, and a pod stands behind every server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import yaml

from ako.sim import Baseline, Simulator, SimulatorOptions
from ako.testing.echo import Echo, EchoServers
from ako.testing.echoing import SET_HEADER
from tests.builders import Manifest, endpoints, service, tls_secret
from tests.conformance.table import ANY, NO_ADDRESS, Row
from tests.e2e.stage import AviControl, Stage
from tests.traffic.asking import Answer, Asked
from tests.traffic.stage import at_address
from tests.traffic.visitor import Visitor

DATA = Path(__file__).parent / "data"
PODS = {"ten-pods": 10}
"""How many pods a Service has that has not one."""
PORT, TARGET = 8080, 3000
SENT = (("User-Agent", "conformance/1"), (SET_HEADER, "Date:today,Server:echo"))
"""Headers of every request; the second asks the pod for headers that servers have and echo servers have not."""
HEADERS = ("content-length", "content-type", "date", "server")
"""Headers that an answer has to have."""


class World:
    """Where the rows are asked."""

    def __init__(self, stage: Stage, visitor: Visitor) -> None:
        self._visitor = visitor
        self._addresses: dict[str, list[str]] = {}
        self._told: set[tuple[str, str]] = set()
        for line in stage.reported():
            _, is_ingress, name = line["object"].partition("/Ingress/")
            if is_ingress and "status" in line:
                entries = ((line["status"] or {}).get("loadBalancer") or {}).get("ingress") or ()
                self._addresses[name] = [entry["ip"] for entry in entries]
            elif is_ingress:
                self._told.add((name, line["event"]["reason"]))

    def outcome(self, row: Row) -> str:
        """Ask, and say in a few words what came; several outcomes are all said."""
        addresses = self._addresses.get(row.ingress)
        if not addresses:
            return NO_ADDRESS
        if row.asked is None:
            return "an address in the status"
        return said(row, [self._ask(row.asked, addresses[0]) for _ in range(row.times)])

    def has_told(self, row: Row) -> bool:
        """Say whether the Ingress was told the reason of a row."""
        return (row.ingress, row.told) in self._told

    def _ask(self, asked: Asked, address: str) -> Answer:
        host = address if asked.to == ANY else asked.to
        named = Asked(host, asked.scheme, asked.path, asked.method, (*asked.headers, *SENT))
        return self._visitor.ask(at_address(named, address))


def said(row: Row, answers: Sequence[Answer]) -> str:
    """Say what came of a row's requests, and what in a good answer is not as it was sent."""
    assert row.asked is not None
    outcomes = sorted({_said(row.asked, row.ingress.partition("/")[0], answer) for answer in answers})
    pods = {answer.echoed["pod"] for answer in answers if answer.echoed}
    if len(outcomes) == 1 and len(pods) > 1:
        return outcomes[0].replace("from ", f"from {len(pods)} pods of ")
    return "; ".join(outcomes)


def _said(asked: Asked, namespace: str, answer: Answer) -> str:
    if answer.closed or answer.unknown_host:
        return f"closed: {answer.why}"
    if answer.location:
        return f"{answer.status} to {answer.location}"
    if not answer.echoed:
        return str(answer.status)
    seen = answer.echoed
    wrong = [
        f"{name} {seen[name]} in the place of {sent}"
        for name, sent in {
            "path": asked.path,
            "host": asked.host,
            "method": asked.method,
            "proto": "HTTP/1.1",
            "namespace": namespace,
        }.items()
        if seen[name] != sent and sent != ANY
    ]
    wrong += [f"no header {name}" for name in HEADERS if name not in answer.headers]
    wrong += [f"another {name}" for name, value in SENT if answer.seen(name) != (value,)]
    certified = f", certificate of {', '.join(answer.dns_names)}" if answer.certificate else ""
    return f"{answer.status} from {seen['pod'].rpartition('-')[0]}{certified}{''.join(f', {each}' for each in wrong)}"


@contextmanager
def entered(folder: Path) -> Iterator[World]:
    """Have the product converge on all Ingresses, and give where to ask."""
    manifests = [item for file in sorted(DATA.glob("*.yaml")) for item in yaml.safe_load_all(file.read_text())]
    backends = sorted(set(_backends(manifests)))
    options = SimulatorOptions(data_plane=True, baseline=Baseline(dns_domains=[]))
    with ExitStack() as open_:
        simulator = open_.enter_context(Simulator(options))
        avi = open_.enter_context(AviControl(simulator.url))
        visitor = open_.enter_context(Visitor(simulator.url))
        stage = Stage(folder, avi, simulator.url)
        stage.remove("shop")
        stage.configure(L7Settings={"pathMatching": "kubernetes", "shardVSSize": "SMALL"})
        pods = list(_pods(backends))
        stage.put("suite", *manifests, tls_secret("conformance-tls", "foo.bar.com", namespace="host-rules"))
        stage.put("backends", *_services(backends, pods))
        stage.converge("--report", str(stage.report))
        echoes = open_.enter_context(EchoServers(*pods))
        avi.stand_in(echoes.addresses)
        yield World(stage, visitor)


def _backends(found: Any) -> Iterator[tuple[str, str]]:
    """Give the Services that Ingresses name, as (namespace, name)."""
    for item in found:
        if item["kind"] == "Ingress":
            namespace, spec = item["metadata"]["namespace"], item["spec"]
            paths = [path for rule in spec.get("rules", ()) for path in rule["http"]["paths"]]
            defaults = [spec["defaultBackend"]] if "defaultBackend" in spec else []
            for backend in (*defaults, *(path["backend"] for path in paths)):
                yield namespace, backend["service"]["name"]


def _pods(backends: Sequence[tuple[str, str]]) -> Iterator[Echo]:
    for number, (namespace, name) in enumerate(backends, 1):
        for pod in range(1, PODS.get(name, 1) + 1):
            yield Echo(f"10.1.{number}.{pod}:{TARGET}", namespace, f"{name}-{pod}")


def _services(backends: Sequence[tuple[str, str]], pods: Sequence[Echo]) -> Iterator[Manifest]:
    for namespace, name in backends:
        of_it = [pod for pod in pods if (pod.namespace, pod.pod.rpartition("-")[0]) == (namespace, name)]
        addresses = [pod.server.partition(":")[0] for pod in of_it]
        yield service(name, PORT, namespace=namespace)
        yield endpoints(name, *addresses, namespace=namespace, port=TARGET)
