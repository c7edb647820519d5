"""Manifests as nobody should write them: a clear word about each, and nobody else is touched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from tests.builders import Manifest, endpoints, ingress, service
from tests.e2e.stage import Stage
from tests.waiting import eventually

RULE = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}}


def odd(**spec: Any) -> Manifest:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "odd", "namespace": "default"},
        "spec": spec,
    }


def odd_path(**fields: Any) -> Manifest:
    path = {name: value for name, value in {**RULE, **fields}.items() if value is not ...}
    return odd(rules=[{"host": "odd.com", "http": {"paths": [path]}}])


def odd_host(host: object) -> Manifest:
    return odd(rules=[{"host": host, "http": {"paths": [RULE]}}])


LONG_HOST = ".".join(["x" * 60] * 5) + ".com"

REFUSED: Mapping[str, tuple[Manifest, str]] = {
    "a wildcard host": (odd_host("a.*.odd.com"), "a.*.odd.com is no wildcard host"),
    "a bare star": (odd_host("*"), "* is no wildcard host"),
    "a host over 253 bytes": (odd_host(LONG_HOST), "longer than 253 bytes"),
    "a host outside of all domains": (odd_host("odd.example.org"), "Didn't find match for hostname :odd.example.org"),
    "no rules": (odd(), "Found Ingress: odd without service backends. Not going to process."),
    "a rule without http": (odd(rules=[{"host": "odd.com"}]), "without service backends"),
    "no paths": (odd(rules=[{"host": "odd.com", "http": {"paths": []}}]), "without service backends"),
    "a resource backend": (
        odd_path(backend={"resource": {"kind": "Bucket", "name": "b"}}),
        "has a backend that is not",
    ),
    "an empty backend": (odd_path(backend={}), "has a backend that is not a Service"),
    "no Service of that name": (odd_path(backend={"service": {"name": "nobody", "port": {"number": 80}}}), "nobody"),
    "no port of that number": (
        odd_path(backend={"service": {"name": "web", "port": {"number": 99}}}),
        "has no TCP port 99",
    ),
    "a path of 10,000 letters": (odd_path(path="/" + "a" * 10_000), "odd"),
}

UNREADABLE: Mapping[str, Manifest] = {
    "rules as a text": odd(rules="shop.com"),
    "a host as a number": odd_host(7),
    "no backend": odd_path(backend=...),
    "a backend without a name": odd_path(backend={"service": {"port": {"number": 80}}}),
    "a port as a text": odd_path(backend={"service": {"name": "web", "port": {"number": "80"}}}),
    "a path as a list": odd_path(path=["/"]),
    "tls as a mapping": odd(rules=[], tls={"hosts": ["odd.com"]}),
    "no name": {**odd(), "metadata": {"namespace": "default"}},
}

SERVED: Mapping[str, Manifest] = {
    "no path": odd_path(path=...),
    "an empty path": odd_path(path=""),
    "an unknown path type": odd_path(pathType="Regex"),
    "letters of all languages in a path": odd_path(path="/käse/日本/%00"),
}

BROKEN_TEXTS: Mapping[str, str | bytes] = {
    "no YAML": "kind: [Ingress\n  :",
    "a tab": "kind:\tIngress\n\tmetadata: {}\n",
    "bytes that are no text": b"\xff\xfe\x00kind",
    "a NUL": "kind: Ingress\x00\n",
    "a list": "- 1\n- 2\n",
    "a scalar": "Ingress\n",
}


def with_the_neighbour_served(stage: Stage) -> dict[str, Any]:
    """Run once with `shop` alone, and give what is on the Controller for it."""
    stage.converge()
    found = stage.avi.ours()
    assert "pool/c--shop.com_-default-shop" in found
    return found


def still_there(stage: Stage, before: Mapping[str, Any]) -> None:
    """Insist that nothing of what was there is gone, and that the pool of `shop` is as it was."""
    after = stage.avi.ours()
    assert before.keys() <= after.keys()
    pool = "pool/c--shop.com_-default-shop"
    assert after[pool] == before[pool]


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_served_is_said_and_harms_nobody(stage: Stage, what: str) -> None:
    manifest, words = REFUSED[what]
    stage.put("odd", manifest)
    done = stage.ako("run", "--once", "--report", str(stage.report))
    assert "Traceback" not in done.stderr
    assert words in done.stderr
    assert "Ingress/default/odd" in done.stderr
    assert stage.avi.pool_of("shop.com") is not None
    events = [line for line in stage.reported() if "event" in line and line["object"].endswith("Ingress/default/odd")]
    assert any(words in line["event"]["message"] for line in events)


@pytest.mark.parametrize("what", SERVED)
def test_what_is_odd_but_clear_is_served(stage: Stage, what: str) -> None:
    stage.put("odd", SERVED[what])
    stage.converge()
    pool = stage.avi.pool_of("odd.com")
    assert pool is not None
    assert len(pool["servers"]) == 2


@pytest.mark.parametrize("what", UNREADABLE)
def test_an_object_that_does_not_decode_is_said_and_harms_nobody(stage: Stage, what: str) -> None:
    before = with_the_neighbour_served(stage)
    stage.put("odd", UNREADABLE[what])
    done = stage.ako("run", "--once")
    assert "Traceback" not in done.stderr
    assert "odd" in done.stderr
    still_there(stage, before)


@pytest.mark.parametrize("what", BROKEN_TEXTS)
def test_a_file_that_is_no_manifest_takes_nothing_away(stage: Stage, what: str) -> None:
    stage.put("other", ingress("other", ("other.com", "/", "web:80")))
    before = with_the_neighbour_served(stage)
    stage.put_text("other", BROKEN_TEXTS[what])
    mark = stage.avi.mark()
    done = stage.ako("run", "--once")
    assert "other.yaml" in done.stderr
    assert "Traceback" not in done.stderr
    assert stage.avi.writes_since(mark) == []
    assert stage.avi.ours() == before


def test_a_file_that_breaks_later_keeps_what_it_said_before(stage: Stage) -> None:
    stage.put("other", ingress("other", ("other.com", "/", "web:80")))
    with stage.start() as ako:
        ako.becomes_ready()
        eventually(lambda: stage.avi.pool_of("other.com"), "other.com served")
        mark = stage.avi.mark()
        stage.put_text("other", "kind: [Ingress\n  :")
        ako.says("other.yaml")
        stage.put("third", ingress("third", ("third.com", "/", "web:80")))
        eventually(lambda: stage.avi.pool_of("third.com"), "third.com served")
        assert stage.avi.pool_of("other.com") is not None
        assert not [request for request in stage.avi.writes_since(mark) if request.method == "DELETE"]
        stage.put("other", ingress("other", ("mended.com", "/", "web:80")))
        eventually(lambda: stage.avi.pool_of("mended.com"), "mended.com served")
        eventually(lambda: stage.avi.pool_of("other.com") is None, "other.com gone")
        ako.stop()


def test_an_object_that_breaks_later_keeps_what_it_said_before(stage: Stage) -> None:
    stage.put("odd", odd_path())
    with stage.start() as ako:
        eventually(lambda: stage.avi.pool_of("odd.com"), "odd.com served")
        mark = stage.avi.mark()
        stage.put("odd", odd(rules="shop.com"))
        ako.says("Ingress/default/odd")
        stage.put("third", ingress("third", ("third.com", "/", "web:80")))
        eventually(lambda: stage.avi.pool_of("third.com"), "third.com served")
        assert stage.avi.pool_of("odd.com") is not None
        assert not [request for request in stage.avi.writes_since(mark) if request.method == "DELETE"]
        stage.remove("odd")
        eventually(lambda: stage.avi.pool_of("odd.com") is None, "odd.com gone")
        ako.stop()


@pytest.mark.parametrize(
    ("metadata", "is_known"),
    [
        pytest.param({"labels": {"kubernetes.io/service-name": "odd"}}, True, id="whose they are is known"),
        pytest.param({"labels": ["odd"]}, False, id="whose they are is not known"),
    ],
)
def test_endpoints_that_do_not_decode_leave_other_services_alone(
    stage: Stage, metadata: Mapping[str, Any], *, is_known: bool
) -> None:
    """They put their own Service in doubt; only if that is not known, every Service of the namespace."""
    broken = endpoints("odd", "10.0.0.9")
    broken = {**broken, "metadata": {**broken["metadata"], **metadata}, "endpoints": [{"addresses": "10.0.0.9"}]}
    stage.put("odd", service("odd"), broken, ingress("odd", ("odd.com", "/", "odd:80")))
    done = stage.ako("run", "--once")
    assert "odd-1 cannot be read" in done.stderr
    assert stage.avi.pool_of("odd.com") is None
    pool = stage.avi.pool_of("shop.com") or {"servers": []}
    addresses = [server["ip"]["addr"] for server in pool["servers"]]
    assert addresses == (["10.0.0.1", "10.0.0.2"] if is_known else [])


def test_a_folder_that_is_not_there_fails(stage: Stage) -> None:
    stage.manifests.rename(stage.folder / "elsewhere")
    done = stage.ako("run", "--once")
    assert done.returncode in {1, 64}
    assert "manifests" in done.stderr
    assert "Traceback" not in done.stderr


def test_yaml_that_grows_without_bound_is_refused(stage: Stage) -> None:
    before = with_the_neighbour_served(stage)
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    stage.put_text("bomb", "\n".join(levels))
    done = stage.ako("run", "--once")
    assert "bomb.yaml" in done.stderr
    still_there(stage, before)
    assert yaml.safe_load(stage.config.read_text())
