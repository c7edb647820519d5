"""A plugin that adjusts pools by an annotation of their Service: what it says is there, stays, and goes with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.builders import Manifest, endpoints, ingress, service, tls_secret
from tests.contract.third_party import install_by_hand
from tests.e2e.stage import Stage
from tests.waiting import eventually

pytestmark = pytest.mark.as_typed
"""An interpreter finds plugins on its path when it starts."""

SOURCE = """
from msgspec import Struct
from msgspec.structs import replace

from ako import (
    SERVICES, AviRef, LabelledMetadata, ListeningPort, Pool, VirtualService, WatchedKind, hookimpl, shared_parent, site
)


class Annotated(Struct, frozen=True):
    metadata: LabelledMetadata


@hookimpl
def ako_kinds():
    return [WatchedKind(kind=SERVICES.kind, plural="services", record=Annotated)]


@hookimpl
def ako_adjust(virtual_host, translation, view):
    if virtual_host.host == "edge.com":
        name = view.ask(site).names.prefix + "edge"
        ports = (ListeningPort(8080), ListeningPort(8443, enable_ssl=True))
        parent = replace(view.ask(shared_parent, 0), name=name, redirect_on=name, default_fqdn="", services=ports)
        moved = replace(translation, parent=parent)
        return moved.with_fields(VirtualService, vh_parent_vs_ref=AviRef("virtualservice", name))
    for served in virtual_host.served:
        for backend in served.rule.backends:
            found = view.get(Annotated, backend.namespace, backend.service)
            if found and (monitor := found.metadata.annotation("example.org/monitor")):
                if monitor == "spoilt":
                    return translation.with_fields(Pool, name="c--spoilt")
                return translation.with_fields(Pool, health_monitor_refs=(AviRef("healthmonitor", monitor),))
    return None
"""
EDGE = {"edge.com": "edge"}
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
    stage.configure(ako={"plugins": {"enabled": ["monitors", "ingress", "clusterip_routes"]}})
    with stage.start() as ako:
        ako.becomes_ready()
        plain = stage.avi.ours()
        assert monitors(stage) == ["System-TCP"], "it says nothing yet"
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
        stage.put("edge", tls_secret("edge", "edge.com"), ingress("edge", ("edge.com", "/", "web:80"), tls=EDGE))
        eventually(lambda: "virtualservice/c--edge.com" in stage.avi.ours(), "a host on a parent of the plugin's")
        parent = stage.avi.ours()["virtualservice/c--edge"]
        assert [port["port"] for port in parent["services"]] == [8080, 8443]
        assert "c--edge" in stage.avi.ours()["virtualservice/c--edge.com"]["vh_parent_vs_ref"]
        stage.remove("third")
        eventually(lambda: not stage.avi.pool_of("third.com"), "others go")
        ako.stop()
    stage.configure(ako={"plugins": {"enabled": ["ingress", "clusterip_routes"]}})
    held = stage.ako("run", "--once")
    assert held.returncode == 1
    assert "c--edge on the Avi Controller" in held.stderr, "in a folder nobody can say whose that parent was"
    stage.converge("--confirm", re.findall(r"plan (\w+) deletes nothing", held.stdout + held.stderr)[-1])
    assert monitors(stage) == ["System-TCP"], "nobody says otherwise any more"
    there = stage.avi.ours()
    assert "c--Shared-L7-" in there["virtualservice/c--edge.com"]["vh_parent_vs_ref"], "where the core has it"
    assert not {"virtualservice/c--edge", "vsvip/c--edge"} & there.keys()
    assert plain.keys() <= there.keys()
