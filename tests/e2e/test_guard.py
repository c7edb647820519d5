"""Nothing is taken away by mistake: what cannot be read protects its own, and nobody deletes very much unasked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from ako.testing import KubeApi
from tests.builders import CLASS, endpoints, ingress, service, tls_secret
from tests.e2e.stage import Stage, config_map
from tests.waiting import eventually

HOSTS = tuple(f"h{n}.com" for n in range(6))


def children(stage: Stage) -> set[str]:
    return {name for name in stage.avi.ours() if re.fullmatch(r"virtualservice/c--h\d\.com", name)}


def serve_many(stage: Stage) -> None:
    stage.put("many", tls_secret("cert"), *(_secure(host) for host in HOSTS))
    stage.converge()
    assert len(children(stage)) == len(HOSTS)


def _secure(host: str) -> dict[str, object]:
    return dict(ingress(host.partition(".")[0], (host, "/", "web:80"), tls={host: "cert"}))


def test_one_ingress_that_does_not_decode_at_start_protects_only_its_own(stage: Stage) -> None:
    stage.put("odd", ingress("odd", ("odd.com", "/", "web:80")))
    stage.put("stale", ingress("stale", ("stale.com", "/", "web:80")))
    stage.converge()
    odd = dict(ingress("odd"))
    stage.put("odd", {**odd, "spec": {"rules": "odd.com"}})
    stage.remove("stale")
    done = stage.ako("run", "--once")
    assert "Ingress/default/odd" in done.stderr
    assert stage.avi.pool_of("odd.com") is not None
    assert stage.avi.pool_of("shop.com") is not None
    assert stage.avi.pool_of("stale.com") is None


def test_a_redirect_stays_for_a_host_whose_ingress_cannot_be_read(stage: Stage) -> None:
    """The shared virtual service is wanted by a neighbour, its redirect only by the host in question."""
    stage.put(
        "bank", tls_secret("cert", "shop.com"), ingress("bank", ("shop.com", "/in", "web:80"), tls={"shop.com": "cert"})
    )
    stage.converge()
    redirect = stage.avi.named("httppolicyset", "c--Shared-L7-7-paths-7")
    stage.put("bank", tls_secret("cert", "shop.com"), {**ingress("bank"), "spec": {"rules": 7}})
    mark = stage.avi.mark()
    stage.ako("run", "--once")
    assert stage.avi.writes_since(mark) == []
    assert stage.avi.named("httppolicyset", "c--Shared-L7-7-paths-7") == redirect


def test_a_large_deletion_waits_for_being_confirmed(stage: Stage) -> None:
    serve_many(stage)
    stage.remove("many")
    held = stage.ako("run", "--once")
    assert held.returncode == 1
    assert len(children(stage)) == len(HOSTS)
    plan = re.findall(r"\b[0-9a-f]{12}\b", held.stderr)
    assert plan, held.stderr
    planned = stage.ako("plan")
    assert "would wait: plan " in planned.stdout
    assert f"--confirm {plan[-1]}." in planned.stdout
    other = stage.ako("run", "--once", "--confirm", "0" * 12)
    assert other.returncode == 1
    assert f"The plan that is confirmed, {'0' * 12}, is another one." in other.stderr
    assert len(children(stage)) == len(HOSTS)
    stage.converge("--confirm", plan[-1])
    assert children(stage) == set()


def test_a_large_deletion_while_running_is_told_and_waits(stage: Stage) -> None:
    serve_many(stage)
    with stage.start("--report", str(stage.report)) as ako:
        ako.becomes_ready()
        stage.remove("many")
        eventually(lambda: ako.checks()["guard"].startswith("-"), "the guard's word")
        assert len(children(stage)) == len(HOSTS)
        ako.says("confirm")
        stage.put("many", tls_secret("cert"), *(_secure(host) for host in HOSTS))
        ako.becomes_ready()
        assert len(children(stage)) == len(HOSTS)
        ako.stop()


def test_a_deletion_that_waits_does_not_hold_up_what_is_new(stage: Stage) -> None:
    serve_many(stage)
    stage.remove("many")
    stage.put("third", ingress("third", ("third.com", "/", "web:80")))
    assert stage.ako("run", "--once").returncode == 1
    assert stage.avi.pool_of("third.com") is not None


def test_a_single_deletion_needs_no_word(stage: Stage) -> None:
    serve_many(stage)
    stage.put("many", tls_secret("cert"), *(_secure(host) for host in HOSTS[1:]))
    stage.converge()
    assert len(children(stage)) == len(HOSTS) - 1


def test_what_a_deletion_that_waits_is_not_about_goes_on(stage: Stage) -> None:
    """Also on the same shared virtual service: a server that has gone leaves its pool."""
    stage.configure(L7Settings={"shardVSSize": 1})
    serve_many(stage)
    with stage.start() as ako:
        ako.becomes_ready()
        stage.remove("many")
        eventually(lambda: ako.checks()["guard"].startswith("-"), "the guard's word")
        before = stage.avi.ours()
        stage.put("base", CLASS, service("web"), endpoints("web", "10.0.0.9"))
        pool = eventually(lambda: stage.avi.pool_of("shop.com"), "the pool")["name"]

        def servers() -> list[str]:
            return [server["ip"]["addr"] for server in stage.avi.named("pool", pool)["servers"]]

        eventually(lambda: servers() == ["10.0.0.9"], "the pool of the other host follows")
        after = stage.avi.ours()
        assert after.keys() == before.keys()
        assert {name for name in after if after[name] != before[name]} == {f"pool/{pool}"}


def test_statuses_stay_as_long_as_hosts_wait_and_are_no_word_for_deleting(
    stage: Stage, kube: KubeApi, kubeconfig: Path
) -> None:
    """The class is deleted: every host would go at once, so that all wait. Whoever writes a status edits nothing."""
    kube.apply(
        dict(CLASS),
        *map(dict, (service("web"), endpoints("web", "10.0.0.1"), tls_secret("cert"))),
        *map(_secure, HOSTS),
    )
    with stage.start(kubeconfig=kubeconfig) as ako:
        ako.becomes_ready()
        eventually(lambda: all(map(status_of(kube), HOSTS)), "statuses")
        before = dict(kube.get("Ingress", "default", "h0") or {})
        kube.delete("IngressClass", "", "avi-lb")
        eventually(lambda: ako.checks()["guard"].startswith("-"), "the guard's word")
        theirs = {"ip": "192.0.2.1", "hostname": HOSTS[0]}
        ours = before["status"]["loadBalancer"]["ingress"]
        kube.apply({**before, "status": {"loadBalancer": {"ingress": [*ours, theirs]}}})
        kube.apply(dict(service("direct", type="LoadBalancer")))
        eventually(lambda: "virtualservice/c--default-direct" in stage.avi.ours(), "what came after that is done")
        assert len(children(stage)) == len(HOSTS)
        assert ako.checks()["guard"].startswith("-")
        assert all(map(status_of(kube), HOSTS))
        plan = re.findall(r"plan ([0-9a-f]{12})", ako.checks()["guard"])[0]
        kube.apply(dict(config_map({"ako.vmware.com/confirm-deletion": plan})))
        eventually(lambda: not children(stage), "the hosts are gone")
        eventually(lambda: not any(map(status_of(kube), HOSTS[1:])), "and their statuses")
        eventually(lambda: entries(kube, HOSTS[0]) == [theirs], "and that of ours")


def entries(kube: KubeApi, host: str) -> list[Mapping[str, str]]:
    """Give the entries in the status of the Ingress of a host."""
    found = kube.get("Ingress", "default", host.partition(".")[0]) or {}
    return found.get("status", {}).get("loadBalancer", {}).get("ingress") or []


def status_of(kube: KubeApi) -> Callable[[str], bool]:
    """Give whether the Ingress of a host has an address."""
    return lambda host: bool(entries(kube, host))
