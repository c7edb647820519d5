"""What the Controller does late, or will not do: looked at again, and told."""

from __future__ import annotations

from tests.builders import ingress, tls_secret
from tests.e2e.stage import Stage
from tests.waiting import eventually

VSVIP = "c--Shared-L7-7"


def test_an_address_that_comes_late_is_found_without_a_full_sync(stage: Stage) -> None:
    stage.configure(AKOSettings={"fullSyncFrequency": 0})
    stage.converge()
    given = stage.avi.named("vsvip", VSVIP)
    vips = [{name: vip[name] for name in vip if name != "ip_address"} for vip in given["vip"]]
    page = {"count": 1, "results": [{**given, "vip": vips}]}
    stage.avi.misbehave({"match": {"model": "vsvip", "method": "GET"}, "status": 200, "body": page})
    mark = stage.avi.mark()
    with stage.start("--report", str(stage.report)) as ako:
        eventually(lambda: len(looks(stage, mark)) >= 3, "a third look")
        assert not statuses(stage)
        stage.avi.misbehave(None)
        address = given["vip"][0]["ip_address"]["addr"]
        eventually(lambda: statuses(stage) == [{"ip": address, "hostname": "shop.com"}], "the status")
        ako.becomes_ready()
    assert stage.avi.writes_since(mark) == []


def looks(stage: Stage, mark: int) -> list[str]:
    return [r.path for r in stage.avi.requests_since(mark) if r.method == "GET" and "vsvip" in r.path]


def statuses(stage: Stage) -> object:
    lines = [line["status"] for line in stage.reported() if line.get("status")]
    return lines[-1]["loadBalancer"]["ingress"] if lines else None


def test_a_reference_to_what_is_not_there_is_told(stage: Stage) -> None:
    """An object of others that is missing is no passing trouble: its user has to know."""
    missing = {"status": 404, "body": {"error": "NetworkProfile object not found!"}}
    stage.avi.misbehave({"match": {"model": "virtualservice", "method": "POST"}, **missing})
    with stage.start("--report", str(stage.report)) as ako:
        ako.says("NetworkProfile object not found!")
        events = eventually(lambda: [line["event"] for line in stage.reported() if "event" in line], "an Event")
        assert events[0]["reason"] == "Rejected"
        assert "NetworkProfile object not found!" in events[0]["message"]
        assert ako.process.poll() is None


def test_a_path_that_is_refused_leaves_the_host_live(stage: Stage) -> None:
    """Its other paths are served: DNS that follows the status must not let go of it."""
    paths = [("shop.com", path, "web:80") for path in ("/", "/new")]
    refusal = {"match": {"method": "POST", "model": "pool", "name": "c--shop.com_new-default-shop"}, "status": 400}
    with stage.start("--report", str(stage.report)) as ako:
        live = eventually(lambda: statuses(stage), "the status")
        stage.avi.misbehave({**refusal, "body": {"error": "not that one"}})
        stage.put("shop", ingress("shop", *paths))
        ako.says("not that one")
        stage.put("other", ingress("other", ("other.com", "/", "web:80")))
        eventually(lambda: stage.avi.pool_of("other.com"), "other.com served")
        ako.stop()
    told = [line["status"] for line in stage.reported() if line.get("status") and line["object"].endswith("/shop")]
    assert [status["loadBalancer"]["ingress"] for status in told] == [live]


def told_of(stage: Stage, name: str) -> list[object]:
    return [line["status"] for line in stage.reported() if line.get("status") and line["object"].endswith(f"/{name}")]


def test_a_host_that_nobody_is_led_to_yet_is_not_live(stage: Stage) -> None:
    """Its pool and its name are there; the group that leads to the pool is not as it should be."""
    with stage.start("--report", str(stage.report)) as ako:
        eventually(lambda: statuses(stage), "the status of the first one")
        mark = stage.avi.mark()
        stage.avi.misbehave({"match": {"method": "PATCH", "model": "poolgroup"}, "status": 503})
        stage.put("third", ingress("third", ("h31.com", "/", "web:80")))
        eventually(lambda: len([w for w in stage.avi.writes_since(mark) if w.status == 503]) >= 3, "three tries")
        assert stage.avi.pool_of("h31.com")
        assert told_of(stage, "third") == []
        stage.avi.misbehave(None)
        eventually(lambda: told_of(stage, "third"), "the status")
        ako.stop()


def test_a_host_without_any_pool_is_not_live(stage: Stage) -> None:
    stage.avi.misbehave({"match": {"method": "POST", "model": "pool"}, "status": 400, "body": {"error": "not one"}})
    stage.put(
        "shop", tls_secret("cert", "shop.com"), ingress("shop", ("shop.com", "/", "web:80"), tls={"shop.com": "cert"})
    )
    done = stage.ako("run", "--once", "--report", str(stage.report))
    assert done.returncode == 1
    assert "virtualservice/c--shop.com" not in stage.avi.ours(), "a child that answers nobody"
    assert "httppolicyset/c--Shared-L7-7" not in stage.avi.ours(), "nobody is redirected to it"
    assert told_of(stage, "shop") == []
