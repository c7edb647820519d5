"""Stories that end otherwise if the product lacks a right, and which right each is about."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from tests.rights.shipped import Rule
from tests.scenarios.scenario import DATA, JsonObject, load, merged
from tests.scenarios.scenario_cluster import ScenarioCluster
from tests.scenarios.steps import ScenarioRun
from tests.scenarios.surroundings import surroundings
from tests.waiting import wait_until

Story = Callable[[Rule | None, Path], None]
"""Runs with the rights that are shipped, one of them left out or none; raises where it does not end well."""

SETTLED = 8.0
"""Seconds after which what does not hold is taken for broken: without the right it never comes."""

_OF_OTHERS: tuple[JsonObject, ...] = (
    {"apiVersion": "cilium.io/v2", "kind": "CiliumNode", "plural": "ciliumnodes", "namespaced": False},
    {
        "apiVersion": "crd.projectcalico.org/v1",
        "kind": "BlockAffinity",
        "plural": "blockaffinities",
        "namespaced": False,
    },
    {"apiVersion": "network.openshift.io/v1", "kind": "HostSubnet", "plural": "hostsubnets", "namespaced": False},
    {"apiVersion": "operator.openshift.io/v1", "kind": "IngressController", "plural": "ingresscontrollers"},
)

WARNED = "field/13-tls-host-without-rule"


def scenario_story(name: str) -> Story:
    """Make a story of an acceptance scenario."""

    def tell(left_out: Rule | None, folder: Path) -> None:
        scenario = load(DATA / f"{name}.json")
        with surroundings(scenario, left_out=left_out) as around:
            _told_by(ScenarioRun(scenario, around, folder))

    return tell


def _told_by(run: ScenarioRun) -> None:
    run.patience = SETTLED
    run.run()


def an_event_that_repeats(left_out: Rule | None, folder: Path) -> None:
    """A Warning, the fault mended, and the same fault again: its Event counts up."""
    scenario = load(DATA / f"{WARNED}.json")
    applied, expected = scenario.steps[0]["apply"], {"events": scenario.steps[1]["expect"]["events"]}
    (bad,) = (manifest for manifest in applied if manifest["kind"] == "Ingress")
    mended = {**bad, "spec": {"rules": bad["spec"]["rules"]}}
    certificate = [{"type": "sslkeyandcertificate", "name": "cluster--foo.com"}]
    steps: list[JsonObject] = [
        {"apply": applied},
        {"expect": {"present": certificate, **expected}},
        {"apply": [mended]},
        {"expect": {"absent": certificate}},
        {"apply": [bad]},
        {"expect": {"present": certificate, **expected}},
    ]
    with surroundings(replace(scenario, steps=steps), left_out=left_out) as around:
        cluster = around.cluster

        def has_counted() -> bool | None:
            return True if [event["count"] for event in _warnings(cluster)] == [2] else None

        class Counting(ScenarioRun):
            def _expect(self, expect: JsonObject) -> None:
                super()._expect(expect)
                if self._number == len(steps):
                    assert wait_until(has_counted, SETTLED), _warnings(cluster)

        _told_by(Counting(replace(scenario, steps=steps), around, folder))


def what_was_said_before(left_out: Rule | None, folder: Path) -> None:
    """A Warning that stands, and the product starts anew: it says what is new, and that not again."""
    scenario = load(DATA / f"{WARNED}.json")
    applied, expected = scenario.steps[0]["apply"], scenario.steps[1]["expect"]["events"]
    steps: list[JsonObject] = [
        {"apply": applied},
        {"expect": {"events": expected}},
        {"restart_ako": True},
        *_one_more(applied, expected),
    ]
    with surroundings(replace(scenario, steps=steps), left_out=left_out) as around:
        seen: list[set[str]] = []

        class Watching(ScenarioRun):
            def _expect(self, expect: JsonObject) -> None:
                super()._expect(expect)
                seen.append({event["metadata"]["resourceVersion"] for event in _warnings(around.cluster)})

        _told_by(Watching(replace(scenario, steps=steps), around, folder))
        assert seen[0] <= seen[1], "what was said before was said again"


def endpoints_without_slices(left_out: Rule | None, folder: Path) -> None:
    """A cluster that knows no EndpointSlices: Endpoints say where pods are."""
    scenario = load(DATA / f"{WARNED}.json")
    applied = [manifest for manifest in scenario.steps[0]["apply"] if manifest["kind"] != "EndpointSlice"]
    answers = scenario.steps[1]["expect"]["answers"]
    told = replace(scenario, steps=[{"apply": applied}, {"expect": {"answers": answers}}])
    with surroundings(told, left_out=left_out, serves_slices=False) as around:
        _told_by(ScenarioRun(told, around, folder))


def every_kind_is_served(left_out: Rule | None, folder: Path) -> None:
    """A cluster with all kinds that are only watched where they are served."""
    told = replace(load(DATA / "routes/16-edge.json"), crds=_OF_OTHERS)
    with surroundings(told, left_out=left_out) as around:
        _told_by(ScenarioRun(told, around, folder))


def one_of_several(left_out: Rule | None, folder: Path) -> None:
    """A replica that has itself elected, for the first time and once more after a restart."""
    scenario = load(DATA / f"{WARNED}.json")
    applied, expected = scenario.steps[0]["apply"], scenario.steps[1]["expect"]["events"]
    # Where there is no Lease yet a replica waits as long as one lasts, lest another one had just written it.
    short = {"enabled": True, "leaseDurationSeconds": 3, "renewDeadlineSeconds": 2, "retryPeriodSeconds": 1}
    elected = merged(scenario.config, {"ako": {"leaderElection": short}})
    steps = [
        {"apply": applied},
        {"expect": {"events": expected}},
        {"restart_ako": True},
        *_one_more(applied, expected),
    ]
    told = replace(scenario, config=elected, steps=steps)
    with surroundings(told, left_out=left_out) as around:
        _told_by(ScenarioRun(told, around, folder))


def _one_more(applied: list[JsonObject], expected: list[JsonObject]) -> list[JsonObject]:
    """Give the steps that apply another Ingress with the same fault, and expect what is said of it."""
    (bad,) = (manifest for manifest in applied if manifest["kind"] == "Ingress")
    other = json.loads(json.dumps(bad).replace("foo.com", "bar.com").replace('"web"', '"new"'))
    return [
        {"apply": [other]},
        {"expect": {"events": [{**expected[0], "name": "new", "message_contains": ["www.bar.com"]}]}},
    ]


def _warnings(cluster: ScenarioCluster) -> list[JsonObject]:
    return [event for event in cluster.events() if event["reason"] == "TlsHostWithoutRule"]


ABOUT: Mapping[tuple[str, str], str] = {
    ("endpoints", "*"): "endpoints where there are no EndpointSlices",
    ("events", "list"): "what was said before a restart is not said again",
    ("events", "patch"): "an Event that repeats counts up",
    ("events", "*"): WARNED,
    ("ingresses/status", "*"): "ingress/01-basic-host-path",
    ("leases", "*"): "one of several replicas",
    **{(plural, "*"): "every kind is served" for plural in ("routes", *(str(one["plural"]) for one in _OF_OTHERS))},
    ("routes/status", "*"): "routes/16-edge",
    ("services/status", "*"): "l4/01-single-port",
    ("statefulsets/status", "*"): "lifecycle/01-delete-config",
}
"""Which story needs a right, by resource and verb; of what is watched at any rate the most usual one does."""
_MOST_USUAL = "ingress/01-basic-host-path"
_TOLD_HERE: Mapping[str, Story] = {
    "one of several replicas": one_of_several,
    "every kind is served": every_kind_is_served,
    "what was said before a restart is not said again": what_was_said_before,
    "an Event that repeats counts up": an_event_that_repeats,
    "endpoints where there are no EndpointSlices": endpoints_without_slices,
}


def name_of_story(rule: Rule) -> str:
    """Give the name of the story that needs a right."""
    return ABOUT.get((rule.resource, rule.verb)) or ABOUT.get((rule.resource, "*")) or _MOST_USUAL


def story_of(rule: Rule) -> Story:
    """Give the story that needs a right."""
    name = name_of_story(rule)
    return _TOLD_HERE.get(name) or scenario_story(name)
