"""What the log says of a run: each kind of line, as the page shows it."""

from __future__ import annotations

from tests.builders import endpoints, ingress, service
from tests.e2e.stage import Stage, config_map
from tests.waiting import eventually

POOL = "c--shop.com_-default-shop"


def test_scratch(stage: Stage) -> None:
    stage.put("config", config_map())
    stage.configure(AKOSettings={"logLevel": "INFO", "fullSyncFrequency": 3})
    with stage.start() as ako:
        ako.becomes_ready()
        ako.says("full sync: ")
        stage.put("more", ingress("more", ("more.com", "/", "web:80")), ingress("most", ("most.com", "/", "web:80")))
        eventually(lambda: stage.avi.pool_of("most.com"), "most")
        stage.put("web", service("api"), endpoints("api", "10.0.0.9"))
        stage.put("lost", ingress("lost", ("lost.com", "/", "nowhere:80")), ingress("dup", ("shop.com", "/", "web:80")))
        ako.says("nowhere")
        ako.says("Duplicate")
        stage.avi.edit("pool", POOL, enabled=False, servers=[])
        ako.says("drift repaired")
        stage.avi.misbehave({"match": {"method": "POST", "model": "pool"}, "status": 400, "body": {"error": "no room"}})
        stage.put("bad", ingress("bad", ("bad.com", "/", "web:80")))
        ako.says("no room")
        stage.avi.misbehave(None)
        stage.avi.misbehave({"unreachable": True})
        ako.says("lost the")
        stage.avi.misbehave(None)
        ako.says("answers again")
        stage.avi.misbehave({"match": {"method": "PATCH"}, "status": 503, "body": {"error": "busy"}})
        stage.put("base", service("web"), endpoints("web", "10.0.0.7"))
        ako.says("503 busy")
        stage.avi.misbehave(None)
        stage.put("config", config_map(None, shardVSSize="HUGE"))
        ako.says("in force stay")
        stage.put("config", config_map())
        ako.says("can be used again")
        ako.stop()
        print(ako.err)
    stage.configure(AKOSettings={"logLevel": "DEBUG"}, ako={"logFormat": "json"})
    print(stage.ako("run", "--once").stderr)
    assert 0
