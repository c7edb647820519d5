"""A plugin that adjusts pools by an annotation of their Service: what it says is there, stays, and goes with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import Manifest, endpoints, ingress, service
from tests.contract.third_party import install_by_hand
from tests.e2e.stage import Stage
from tests.waiting import eventually

pytestmark = pytest.mark.as_typed
"""An interpreter finds plugins on its path when it starts."""

SOURCE = """
from msgspec import Struct

from ako import SERVICES, AviRef, LabelledMetadata, Pool, WatchedKind, hookimpl


class Annotated(Struct, frozen=True):
    metadata: LabelledMetadata


@hookimpl
def ako_kinds():
    return [WatchedKind(kind=SERVICES.kind, plural="services", record=Annotated)]


@hookimpl
def ako_adjust(virtual_host, translation, view):
    for served in virtual_host.served:
        for backend in served.rule.backends:
            found = view.get(Annotated, backend.namespace, backend.service)
            if found and (monitor := found.metadata.annotation("example.org/monitor")):
                if monitor == "spoilt":
                    return translation.with_fields(Pool, name="c--spoilt")
                return translation.with_fields(Pool, health_monitor_refs=(AviRef("healthmonitor", monitor),))
    return None
"""
API = "pool/c--api.com_-default-api"
ASKED = 'ako_hook_duration_seconds_count{hook="ako_adjust",plugin="monitors"}'


def monitored(monitor: str) -> Manifest:
    plain = service("api")
    return {**plain, "metadata": {**plain["metadata"], "annotations": {"example.org/monitor": monitor}}}


def monitors(stage: Stage, name: str = API) -> list[str]:
    return [ref.rpartition("#")[2].rpartition("name=")[2] for ref in stage.avi.ours()[name]["health_monitor_refs"]]


def test_what_a_plugin_adjusts_follows_what_it_read_and_goes_with_it(stage: Stage, tmp_path: Path) -> None:
    install_by_hand(tmp_path / "site", "ako-monitors", "1.0", "monitors = ako_monitors", {"ako_monitors": SOURCE})
    stage.variables["PYTHONPATH"] = str(tmp_path / "site")
    stage.put("backend", service("api"), endpoints("api", "10.0.0.9"))
    stage.put("api", ingress("api", ("api.com", "/", "api:80")))
    stage.configure(AKOSettings={"logLevel": "INFO"})
    stage.converge()
    plain = stage.avi.ours()
    stage.configure(ako={"plugins": {"enabled": ["monitors", "ingress", "clusterip_routes"]}})
    with stage.start() as ako:
        ako.becomes_ready()
        assert stage.avi.ours() == plain, "it says nothing yet"
        asked, mark = ako.metric(ASKED), stage.avi.mark()
        stage.put("backend", monitored("System-HTTPS"), endpoints("api", "10.0.0.9"))
        eventually(lambda: monitors(stage) == ["System-HTTPS"], "the monitor that was named")
        assert ako.metric(ASKED) == asked + 1, "only the host that read the Service"
        assert [write.path.rpartition("/")[0] for write in stage.avi.writes_since(mark)] == ["/api/pool"]
        stage.put("backend", monitored("spoilt"), endpoints("api", "10.0.0.9"))
        ako.says("ako_adjust")
        stage.put("third", ingress("third", ("third.com", "/", "web:80")))
        eventually(lambda: stage.avi.pool_of("third.com"), "others go on")
        assert monitors(stage) == ["System-HTTPS"], "what was said before stays"
        stage.remove("third")
        eventually(lambda: not stage.avi.pool_of("third.com"), "others go")
        ako.stop()
    stage.configure(ako={"plugins": {"enabled": ["ingress", "clusterip_routes"]}})
    stage.converge()
    assert monitors(stage) == ["System-TCP"], "nobody says otherwise any more"
    assert stage.avi.ours().keys() == plain.keys()
