"""What metrics tell of programs as they run: replicas, files with settings, plugins, and an API server that refuses."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
import yaml

import ako
from ako.core.control.figures import Figures, Scrape
from ako.core.control.metrics import Metrics
from ako.core.control.state import State
from ako.core.hooks.loading import Plugin
from ako.core.hooks.plugin_host import PluginHost
from ako.core.report.census import Counts
from ako.testing import KubeApi
from tests.builders import CLASS, endpoints, ingress, service
from tests.core.clock import Clock
from tests.e2e.stage import Stage
from tests.metrics.exposition import Exposition, scraped
from tests.metrics.page import metrics
from tests.replicas.rig import Rig
from tests.waiting import eventually

SECONDS = "ako_programming_duration_seconds"
OF_THE_CONTROLLER = (
    "ako_avi_up",
    "ako_avi_state_since_timestamp_seconds",
    "ako_avi_objects",
    "ako_avi_refused",
    "ako_hosts_served",
    "ako_problems",
    "ako_certificates",
    "ako_changes_waiting",
    "ako_guard_held",
    "ako_reports_waiting",
    "ako_full_sync_last_success_timestamp_seconds",
    "ako_virtual_services_without_address",
)


def test_a_standby_tells_nothing_of_a_controller_that_it_does_not_ask(rig: Rig) -> None:
    leader, standby = rig.pair()
    rig.cluster.apply(dict(ingress("bad", ("bad.com", "/", "web:80"), tls={"bad.com": "missing"})))
    eventually(lambda: scraped(leader.running).value("ako_hosts_unserved", reason="SecretNotFound") == 1, "bad.com")
    leads, stands_by = scraped(leader.running), scraped(standby.running)
    assert (leads.value("ako_leader"), stands_by.value("ako_leader")) == (1, 0)
    assert (leads.value("ako_avi_up"), leads.value("ako_hosts_served")) == (1, 1)
    asks = [row.name for row in metrics() if row.present.startswith(("known", "working"))]
    assert set(OF_THE_CONTROLLER) <= set(asks), "as the page has it"
    assert [name for name in asks if name in stands_by] == []
    assert [name for name in OF_THE_CONTROLLER if name not in leads] == []
    assert stands_by.value("ako_watch_up", kind="networking.k8s.io/v1/Ingress") == 1
    assert stands_by.value("ako_ready", check="leader") == stands_by.value("ako_settings_in_force") == 1
    assert stands_by.by("ako_avi_requests_total", "type") == {}
    leader.running.stop()
    eventually(standby.leads, "a successor")
    eventually(lambda: scraped(standby.running).value("ako_hosts_served") == 1, "who is served")
    leads = scraped(standby.running)
    assert leads.value("ako_lease_transitions_total") == rig.lease()["leaseTransitions"]
    assert [name for name in OF_THE_CONTROLLER if name not in leads] == []
    rig.declare("new")
    eventually(lambda: rig.serves("new"), "new.com served")
    seconds = "ako_programming_duration_seconds_count"
    eventually(
        lambda: scraped(standby.running).by(seconds, "source") == {"networking.k8s.io/v1/Ingress": 1}, "measured"
    )


def test_a_file_that_cannot_be_used_is_told_until_it_can(stage: Stage) -> None:
    with stage.start() as ako:
        eventually(lambda: scraped(ako).value("ako_settings_in_force") == 1, "all in force")
        good = stage.config.read_text()
        stage.config.write_text(yaml.safe_dump({**yaml.safe_load(good), "NoSuchSection": {"a": 1}}))
        eventually(lambda: scraped(ako).value("ako_settings_in_force") == 0, "the rejection")
        assert scraped(ako).value("ako_settings_rejected_since_timestamp_seconds") > 0
        assert scraped(ako).value("ako_ready", check="avi") == 1, "nothing else is wrong"
        stage.config.write_text(good)
        eventually(lambda: scraped(ako).value("ako_settings_in_force") == 1, "in force again")
        ako.stop()


def test_statuses_and_events_that_kubernetes_refuses_are_counted(stage: Stage, kube: KubeApi, kubeconfig: Path) -> None:
    bad = ingress("bad", ("bad.com", "/", "web:80"), tls={"bad.com": "missing"})
    shop = ingress("shop", ("shop.com", "/", "web:80"))
    kube.apply(*map(dict, (CLASS, service("web"), endpoints("web", "10.0.0.1"), shop, bad)))
    refusals = [kube.forbid("patch", "ingresses/status"), kube.forbid("create", "events")]
    with stage.start(kubeconfig=kubeconfig) as ako:
        eventually(lambda: scraped(ako).value("ako_status_writes_total", result="failed") >= 1, "a status that fails")
        eventually(lambda: scraped(ako).value("ako_event_writes_total", result="failed") >= 1, "an Event that fails")
        told = scraped(ako)
        assert told.value("ako_status_writes_total", result="written") == 0
        assert told.value("ako_reports_waiting") >= 1
        assert told.value("ako_hosts_served") == 1, "who is served does not depend on being told"
        for refusal in refusals:
            refusal.clear()
        eventually(lambda: scraped(ako).value("ako_status_writes_total", result="written") >= 1, "the status")
        eventually(lambda: scraped(ako).value("ako_reports_waiting") == 0, "nothing that waits")
        ako.stop()


@pytest.mark.parametrize("count", [200, 250])
def test_words_that_others_make_up_do_not_grow_without_end(count: int) -> None:
    words = {f"Word{number:03}": 2 if number < 200 else 1 for number in range(count)}
    state = State(is_observed=True, problems=words, in_tenants=words)
    scrape = Scrape(state=state, figures=Figures(hosts=Counts(0, words)))
    told = Exposition(Metrics().exposition(scrape).decode())
    for name in ("ako_problems", "ako_hosts_unserved", "ako_avi_tenant_objects"):
        found = told.by(name, "tenant" if "tenant" in name else "reason")
        assert sum(found.values()) == sum(words.values())
        assert len(found) == min(count, 201)
        assert found.get("Other", 0) == max(0, count - 200)


class Slow:
    """A plugin whose hooks take time, and one of them fails."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @ako.hookimpl
    def ako_place_backend(self) -> ako.Placement:
        self._clock.now += 0.5
        return ako.Placement()

    @ako.hookimpl
    def ako_translate(self) -> None:
        self._clock.now += 20.0
        raise RuntimeError("spilled")


class Idle:
    """A plugin that places nothing."""

    @ako.hookimpl
    def ako_place_backend(self) -> None:
        """Leave it to others."""


def test_a_hook_has_its_time_also_if_it_fails_and_no_other_has_it() -> None:
    clock = Clock()
    host = PluginHost([Plugin("slow", Slow(clock), "ako-slow 1.2"), Plugin("idle", Idle())], clock)
    backend = ako.Backend("ns", "web", ako.BackendPort(number=80))
    host.place(cast("ako.View", None), backend)
    with pytest.raises(ako.Unknown):
        host.calls.ask("slow", "ako_translate", virtual_host=None, view=None)
    took = {labels: (row.counts, row.seconds) for labels, row in host.calls.durations.read().items()}
    assert took == {
        ("slow", "ako_place_backend"): ((0, 0, 0, 0, 1, 0, 0), 0.5),
        ("slow", "ako_translate"): ((0, 0, 0, 0, 0, 0, 1), 20.0),
    }
