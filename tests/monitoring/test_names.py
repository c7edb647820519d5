"""Every metric and every label that alerts and dashboard name is one that the running product serves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.builders import endpoints, ingress, service
from tests.e2e.stage import config_map
from tests.monitoring import promtool
from tests.monitoring.dashboard import ROWS, dashboard
from tests.monitoring.dashboard import TARGET as CHOSEN
from tests.monitoring.exposition import vocabulary
from tests.monitoring.injections import SHOP_POOL, elect, with_addresses
from tests.monitoring.rules import TARGET, alerts, labels_in, metrics_in
from tests.monitoring.scene import opened
from tests.waiting import eventually

Vocabulary = dict[str, frozenset[str]]


@pytest.fixture(scope="module")
def served() -> Vocabulary:
    """Give what a replica serves that leads, with a namespace in a tenant and a host that is not served."""
    with opened({**with_addresses(2), "tenants": [{"name": "red"}]}) as scene:
        elect(scene)
        namespace = {"name": "red", "annotations": {"ako.vmware.com/tenant-name": "red"}}
        scene.put(config_map(None, tenantsPerCluster="true"))
        scene.put({"apiVersion": "v1", "kind": "Namespace", "metadata": namespace})
        scene.put(ingress("red", ("red.com", "/", "web:80"), namespace="red"))
        scene.put(ingress("bad", ("bad.com", "/", "web:80"), tls={"bad.com": "nowhere"}))
        scene.start()
        scene.put(service("lb", type="LoadBalancer"), endpoints("lb", "10.0.0.5"))
        scene.edit_again_and_again(SHOP_POOL, 1)
        late = ("ako_hosts_unserved{", "ako_ports_unserved{", "ako_drift_found_total{")
        eventually(lambda: all(name in scene.metrics() for name in late), f"each of {late}")
        return vocabulary([scene.scrape()])


def test_alerts_ask_for_what_is_served(served: Vocabulary) -> None:
    for alert in alerts():
        _judge(alert.name, alert.expression, alert.annotations["description"], served)


def test_panels_ask_for_what_is_served(served: Vocabulary) -> None:
    for title, expression, legend in _queries():
        _judge(title, expression, re.sub(r"\{\{(\w+)\}\}", r"$labels.\1", legend), served)


def _judge(who: str, expression: str, text: str, served: Vocabulary) -> None:
    named = dict(metrics_in(expression))
    assert named.keys() <= served.keys() | {"ALERTS"}, who
    known = TARGET.union(*(served[name] for name in named))
    for name, labels in named.items():
        assert labels <= served[name] | TARGET, f"{who}: {name}"
    assert labels_in(expression) <= known, who
    assert set(re.findall(r"\$labels\.(\w+)", text)) <= known | ({"alertname"} if not named else set()), who


def _queries() -> Iterator[tuple[str, str, str]]:
    for panels in ROWS.values():
        for title, _, _, queries in panels:
            for query, legend in queries.items():
                yield title, query.replace("$t", CHOSEN), legend


def test_everything_of_ours_that_is_served_is_on_the_dashboard(served: Vocabulary) -> None:
    """Or it would be there for nobody; moments that only date another panel are not."""
    shown = {name for _, query, _ in _queries() for name, _ in metrics_in(query)}
    shown |= {name for alert in alerts() for name, _ in metrics_in(alert.expression)}
    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in served if name.startswith("ako_")}
    left = families - {re.sub(r"_(bucket|sum|count)$", "", name) for name in shown}
    assert {name for name in left if not name.endswith(("_since_timestamp_seconds", "_created"))} == set()


@pytest.mark.skipif(not promtool.is_there(), reason=promtool.MISSING)
def test_prometheus_understands_what_panels_ask(tmp_path: Path) -> None:
    """As it would be asked: with the variables of the dashboard filled in."""
    chosen = {"$__rate_interval": "5m", "$namespace": ".*", "$job": ".*"}
    rules = []
    for panel in dashboard()["panels"]:
        for target in panel.get("targets", ()):
            query = target["expr"]
            for name, value in chosen.items():
                query = query.replace(name, value)
            rules.append({"record": f"panel:{panel['id']}:{target['refId']}", "expr": query})
    path = tmp_path / "panels.yaml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}), encoding="utf-8")
    code, said = promtool.run("check", "rules", path)
    assert code == 0, said
    assert not re.search(r"\$\w", path.read_text(encoding="utf-8"))


def test_an_age_is_that_of_the_oldest_and_never_that_of_a_moment_that_was_not() -> None:
    """Of several installations the one that lags counts; 0 stands for never, and is no moment in 1970."""
    ages = [query for _, query, _ in _queries() if query.startswith("time() - ") and "process_" not in query]
    assert len(ages) == 3
    for query in ages:
        assert re.fullmatch(r"time\(\) - min(?: by \(\w+\))? ?\(ako_\w+_timestamp_seconds\{[^}]*\} > 0\)", query), query


def test_the_panels_of_the_dashboard_lie_side_by_side() -> None:
    """None on another, none beyond the right edge; each with an id of its own, a title and queries."""
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in _rows(place)}
        assert max(x for x, _ in cells) < 24, panel["title"]
        assert not cells & taken, panel["title"]
        taken |= cells
        assert panel["title"]
        assert panel["type"] == "row" or panel["targets"], panel["title"]


def _rows(place: dict[str, int]) -> range:
    return range(place["y"], place["y"] + place["h"])
