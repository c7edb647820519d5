"""Real clients against the stand-in: the `kubernetes` package, and the stand-in as a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from http.client import IncompleteRead
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import kubernetes.watch
import pytest
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException

from ako.testing import KubeApi
from ako.testing.kube_api.control import Control
from tests.kube_api.conftest import ingress
from tests.kube_api.replay import send
from tests.kube_api.stream import INGRESSES, Stream
from tests.waiting import PATIENCE


@pytest.fixture
def api(kube: KubeApi, tmp_path: Path) -> Iterator[client.ApiClient]:
    kube.set_token("secret")
    configuration = client.Configuration()
    # The loaders and the watch helper of the package are not annotated.
    load: Any = config.load_kube_config
    load(str(kube.write_kubeconfig(tmp_path / "kubeconfig")), client_configuration=configuration)
    with client.ApiClient(configuration) as api:
        yield api
    api.rest_client.pool_manager.clear()


def test_list_patch_and_watch_with_the_python_client(kube: KubeApi, api: client.ApiClient) -> None:
    networking: Any = client.NetworkingV1Api(api)
    kube.apply(ingress())
    listed = networking.list_ingress_for_all_namespaces(limit=1)
    [item] = listed.items
    assert item.spec.rules[0].host == "web.example.com"
    body = {"status": {"loadBalancer": {"ingress": [{"ip": "10.0.0.1"}]}}}
    networking.patch_namespaced_ingress_status("web", "shop", body)
    watch: Any = kubernetes.watch.Watch
    version = listed.metadata.resource_version
    events = watch().stream(networking.list_ingress_for_all_namespaces, resource_version=version, timeout_seconds=1)
    addresses = [(event["type"], event["object"].status.load_balancer.ingress[0].ip) for event in events]
    assert addresses == [("MODIFIED", "10.0.0.1")]


def test_a_lease_is_taken_once_with_the_python_client(api: client.ApiClient) -> None:
    leases: Any = client.CoordinationV1Api(api)
    lease = client.V1Lease(
        metadata=client.V1ObjectMeta(name="leader"),
        spec=client.V1LeaseSpec(holder_identity="a", lease_duration_seconds=15),
    )
    taken = leases.create_namespaced_lease("default", lease)
    with pytest.raises(ApiException) as refused:
        leases.create_namespaced_lease("default", lease)
    assert refused.value.status == 409
    leases.replace_namespaced_lease("leader", "default", taken)
    taken.spec.holder_identity = "b"
    leases.replace_namespaced_lease("leader", "default", taken)
    with pytest.raises(ApiException) as stale:
        leases.replace_namespaced_lease("leader", "default", taken)
    assert stale.value.status == 409


def test_custom_resources_with_the_python_client(kube: KubeApi, api: client.ApiClient) -> None:
    names = {"plural": "widgets", "kind": "Widget"}
    version = {"name": "v1", "served": True, "storage": True}
    spec = {"group": "example.com", "names": names, "scope": "Namespaced", "versions": [version]}
    definition = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "spec": spec}
    kube.apply({**definition, "metadata": {"name": "widgets.example.com"}})
    custom: Any = client.CustomObjectsApi(api)
    body = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"generateName": "w-"}, "spec": {"size": 1}}
    made = custom.create_namespaced_custom_object("example.com", "v1", "default", "widgets", body)
    assert made["metadata"]["name"].startswith("w-")
    found = custom.list_cluster_custom_object("example.com", "v1", "widgets")
    assert [item["spec"] for item in found["items"]] == [{"size": 1}]


def _post(url: str, document: Any) -> Any:
    content = b"" if document is None else json.dumps(document).encode()
    with urlopen(Request(url, content, method="POST")) as answer:
        return json.load(answer)


def test_what_can_go_wrong_can_be_asked_for_over_http(kube: KubeApi) -> None:
    Control(kube).attach()
    kube.apply(ingress("a"))
    control = f"{kube.url}/_kube"
    token = _post(f"{control}/users", {"name": "eve"})["token"]
    assert send(kube, "GET", INGRESSES, Authorization=f"Bearer {token}")[0] == 403
    _post(f"{control}/token", {"token": "secret"})
    assert send(kube, "GET", INGRESSES, Authorization="Bearer other")[0] == 401
    _post(f"{control}/token", {"token": ""})
    _post(f"{control}/forbid", {"verb": "list", "resource": "ingresses"})
    assert send(kube, "GET", INGRESSES)[0] == 403
    with urlopen(Request(f"{control}/forbid", method="DELETE")):
        assert send(kube, "GET", INGRESSES)[0] == 200
    old = kube.mark()
    with Stream(kube, resourceVersion=old) as stream:
        assert kube.wait_for(lambda: kube.open_watches == ["Ingress"], PATIENCE)
        _post(f"{control}/break-watches", {"kind": "Ingress", "status": 410})
        assert stream.next()["object"]["code"] == 410
    with Stream(kube, resourceVersion=old) as stream:
        assert kube.wait_for(lambda: kube.open_watches == ["Ingress"], PATIENCE)
        _post(f"{control}/silence-watches", None)
        kube.apply(ingress("b"))
        _post(f"{control}/forget-caches", None)
        _post(f"{control}/break-watches", None)
        with pytest.raises(IncompleteRead) as cut:
            stream.rest()
        assert cut.value.partial == b""
    with Stream(kube, resourceVersion=old) as stream:
        assert stream.next()["type"] == "ERROR"


def test_it_runs_as_a_process_of_its_own(tmp_path: Path) -> None:
    manifests, kubeconfig = tmp_path / "objects.json", tmp_path / "kubeconfig"
    manifests.write_text(json.dumps([ingress("a")]))
    command = [sys.executable, "-m", "ako.testing.kube_api", "--port", "0", "--routes", "--load", str(manifests)]
    with subprocess.Popen(
        [*command, "--kubeconfig-out", str(kubeconfig)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Kubernetes API stand-in on http://127.0.0.1:")
        url = line.split()[-1]
        assert url in kubeconfig.read_text()
        try:
            assert [one["metadata"]["name"] for one in _post(f"{url}/_kube/apply", [ingress("b")])] == ["b"]
            _post(f"{url}/_kube/faults", {"path": "/apis", "drop": "after", "times": 1})
            _post(f"{url}/_kube/compact", None)
            with pytest.raises(OSError, match="without response"):
                urlopen(f"{url}/apis/networking.k8s.io/v1/ingresses")
            with urlopen(f"{url}/apis/networking.k8s.io/v1/ingresses") as answer:
                assert [item["metadata"]["name"] for item in json.load(answer)["items"]] == ["a", "b"]
            with urlopen(f"{url}/_kube/requests") as answer:
                assert [record["status"] for record in json.load(answer)] == [0, 200]
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=PATIENCE) == 0


def test_a_wrong_manifest_file_ends_the_process_with_its_reason(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ako.testing.kube_api", "--load", str(tmp_path / "absent.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1
    assert "absent.yaml" in done.stderr
