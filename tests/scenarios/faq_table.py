"""The page that says which requests prove the answers of the product's FAQ: FAQ answer → scenario → request.

`python -m tests.scenarios.faq_table` prints it, `--write` writes it to `docs/faq-traffic.md`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.scenarios.scenario import DATA, JsonObject, Scenario, load
from tests.scenarios.traffic_expectations import request_of, told

PAGE = Path(__file__).parents[2] / "docs" / "faq-traffic.md"

ANSWERS: Mapping[int, str] = {
    1: "Everything that was made on the Controller goes with `deleteConfig`, and comes back without it",
    2: "A shared virtual service comes with its first host, stays when it is empty, and goes at a restart",
    3: "Hosts are spread over shared virtual services: plain ones as pools, those with TLS as children",
    4: "How many shared virtual services there are: `shardVSSize`",
    5: "The number of shared virtual services while hosts are live",
    6: "Another number of shared virtual services: delete, change, start",
    7: "Static routes to the nodes of the cluster",
    8: "One TLS host in several namespaces is one child with the paths of all",
    9: "What others change or delete on the Controller is repaired",
    10: "One host and path in two objects",
    11: "Nodes that are not ready, or start again",
    12: "An Ingress to a Service of type LoadBalancer",
    13: "The Controller cannot be reached at the start",
    14: "Ingresses on OpenShift are left to the Routes made of them",
    15: "Passthrough Routes have shared virtual services of their own, and are told apart by the client hello",
    16: "Passthrough with Redirect: plain HTTP is sent to HTTPS",
    17: "A wrong setting or cloud: nothing is synchronised until it is right",
    18: "NodePort mode: which nodes are servers",
    19: "Edge and reencrypt Routes with and without certificate",
    20: "Several backends of a Route, their weights, and one named twice",
}
"""What each answer is about."""

NO_REQUEST: Mapping[int, str] = {
    5: "Nothing changes for clients: hosts that are live stay where they are, and the new number is told. "
    "`tests/e2e/test_no_restart.py` shows that nothing is moved.",
    7: "Routes lead packets to pods. In the simulator nothing is routed: a stand-in answers for each server.",
    11: "It is about the routes of a node, as the answer before.",
}
"""Answers that no request can prove, and why."""

INTRODUCTION = """\
# What proves the answers of the FAQ

The FAQ of the product says in twenty answers what a user may rely on. Where an answer speaks of traffic, scenarios
send requests through the [simulator](simulator.md), from the objects that were programmed to a server that tells who
it is. This page lists them; it is made from the [scenarios](../tests/scenarios/data/README.md) by
`python -m tests.scenarios.faq_table --write`.
*Step* is the step of the scenario after which a request is sent.
"""


def page(scenarios: Sequence[Scenario]) -> str:
    """Write the page."""
    about = {number: [one for one in scenarios if number in one.faq] for number in ANSWERS}
    lines = [INTRODUCTION, "| | answer | scenarios | requests |", "|---|---|---|---|"]
    for number, title in ANSWERS.items():
        proving = [one for one in about[number] if one.has_traffic]
        count = sum(len(entries) for one in proving for _, entries in traffic(one))
        told_of = f"[{title}](#answer-{number})"
        lines.append(f"| {number} | {told_of} | {len(proving) or ''} | {count or 'none'} |")
    for number, title in ANSWERS.items():
        lines += ["", f"## Answer {number}", "", f"{title}.", "", *_section(number, about[number])]
    return "\n".join(lines) + "\n"


def _section(number: int, scenarios: Sequence[Scenario]) -> Iterator[str]:
    if number in NO_REQUEST:
        yield f"No request: {NO_REQUEST[number]}"
        return
    yield "| scenario | step | request | what comes |"
    yield "|---|---|---|---|"
    for scenario in scenarios:
        for step, entries in traffic(scenario):
            for entry in entries:
                yield f"| {scenario.id} | {step} | {_request(entry)} | {_answer(entry['expect'])} |"


def traffic(scenario: Scenario) -> Iterator[tuple[int, Sequence[JsonObject]]]:
    """Give the requests of a scenario with the number of their step."""
    for number, step in enumerate(scenario.steps, start=1):
        entries = step.get("traffic") or step.get("expect", {}).get("traffic")
        if entries:
            yield number, entries


def _request(entry: JsonObject) -> str:
    times = entry.get("times", 1)
    return f"`{told(request_of(entry))}`{f', {times} times' if times > 1 else ''}"


def _answer(expected: JsonObject) -> str:
    return ", ".join(WORDS[key](value) for key, value in expected.items())


WORDS: Mapping[str, Callable[[Any], str]] = {
    "service": lambda name: f"Service {name}",
    "services": lambda weights: ", ".join(f"Service {name} ({weight})" for name, weight in weights.items()),
    "server": lambda server: f"server {server}",
    "status": str,
    "location": lambda location: f"to {location}",
    "certificate": lambda name: f"certificate of {name}",
    "closed": lambda _: "closed without an answer",
    "unknown_host": lambda _: "nobody has the name",
}
"""How a page says what is expected."""


def scenarios_of_data() -> list[Scenario]:
    """Read all scenarios."""
    return [load(path) for path in sorted(DATA.glob("*/*.json"))]


def main() -> None:
    """Print or write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    text = page(scenarios_of_data())
    if parser.parse_args().write:
        PAGE.write_text(text, encoding="utf-8")
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
