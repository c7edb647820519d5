"""`ako openshift`: what it asks, what it says, what it leaves out."""

from __future__ import annotations

import json
import stat
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from ako.cli.main import main
from ako.sim import Simulator
from ako.testing import KubeApi
from tests.builders import certificate_for
from tests.plugins.openshift_route.stand_in import OPENSHIFT, SERVED, StandIn, admitted
from tests.plugins.openshift_route.worlds import BASE, edge, route

KEY = certificate_for("shop.com")[1]
Say = Callable[[], str]
FEW = ("--set", "ako.plugins.enabled=openshift_route")
"""One plugin watches less than all, so that there is less to ask."""


@pytest.fixture
def only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], StandIn]:
    """Have one program on the PATH, and nothing else."""

    def install(name: str) -> StandIn:
        stand_in = StandIn(tmp_path / "bin", name)
        monkeypatch.setenv("PATH", str(stand_in.folder))
        return stand_in

    return install


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    return lambda: capsys.readouterr().out


def with_status(manifest: dict[str, Any], *routers: str) -> dict[str, Any]:
    return {**manifest, "status": {"ingress": [dict(admitted(router)) for router in routers]}}


ROUTES = [
    with_status(route("shop", "shop.com", tls=edge("shop.com"), created="2026-01-01T00:00:00Z"), "ako-my-cluster"),
    with_status(route("copy", "Shop.com", created="2026-01-02T00:00:00Z"), "default", "ako-my-cluster"),
]


@pytest.mark.parametrize("name", ["oc", "kubectl"])
def test_all_is_well(only: Callable[[str], StandIn], say: Say, name: str) -> None:
    only(name).answer(user="alice", served=OPENSHIFT, objects={"routes.route.openshift.io": ROUTES[:1]})
    assert main(["openshift", "doctor", *FEW]) == 0
    lines = say().splitlines()
    assert [line.split(" ")[0] for line in lines] == ["[ok]"] * 7
    text = "\n".join(lines)
    assert f"/{name}" in text
    assert "user: alice" in text
    assert "1 of 1 Routes are admitted by ako-my-cluster" in text


def test_what_is_wrong_is_said(only: Callable[[str], StandIn], say: Say) -> None:
    stand_in = only("oc")
    forbidden = ["patch routes.route.openshift.io/status", "watch secrets"]
    stand_in.answer(
        user="bob",
        served=OPENSHIFT,
        forbidden=forbidden,
        objects={
            "routes.route.openshift.io": [*ROUTES, {"kind": "Route", "metadata": {"name": "new", "namespace": "red"}}]
        },
    )
    assert main(["openshift", "doctor", *FEW, "--set", "AKOSettings.clusterName=blue"]) == 1
    text = say()
    assert "[wrong]   rights: the present user may not " in text
    assert all(right in text for right in forbidden)
    assert "default/shop: host shop.com is admitted by ako-my-cluster" in text
    assert "default/copy: host Shop.com is admitted by default, ako-my-cluster" in text
    assert "shop.com: default/shop is the oldest and has it; default/copy too" in text
    assert "0 of 3 Routes are admitted by ako-blue" in text


def test_the_rights_of_another_user_and_another_cluster_can_be_looked_at(
    only: Callable[[str], StandIn], say: Say, tmp_path: Path
) -> None:
    stand_in = only("kubectl")
    stand_in.answer(user="alice", served=SERVED, forbidden=["create events"])
    user = "system:serviceaccount:avi-system:ako-sa"
    assert main(["openshift", "doctor", "--as", user, "--kubeconfig", str(tmp_path / "kc")]) == 1
    assert f"rights: {user} may not create events." in say()
    asked = stand_in.asked()
    assert all(f"--kubeconfig={tmp_path / 'kc'}" in call for call in asked)
    reviews = [call for call in asked if call[0] == "auth" and "can-i" in call]
    assert all(f"--as={user}" in call for call in reviews)
    assert not any("endpoints" in call for call in reviews)  # nothing watches them beside EndpointSlices
    assert any("nodes" in call and "--all-namespaces" not in call for call in reviews)


def test_without_routes_it_says_so(only: Callable[[str], StandIn], say: Say) -> None:
    only("kubectl").answer(user="alice", served=SERVED)
    assert main(["openshift", "doctor", *FEW]) == 0
    assert "[warning] Route API: route.openshift.io is not served" in say()


def test_one_check_that_fails_ends_no_other(only: Callable[[str], StandIn], say: Say) -> None:
    only("kubectl").answer(served=OPENSHIFT, review="reviews are down", failing={"configmaps": "forbidden"})
    assert main(["openshift", "doctor", *FEW]) == 1
    text = say()
    assert "[warning] user: not known: error: unknown command whoami" in text
    assert "[wrong]   rights: reviews are down" in text
    assert "[ok]      Route API" in text


@pytest.mark.parametrize("action", ["doctor", "inspect"])
def test_without_a_client_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], action: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["openshift", action]) == 1
    assert "neither oc nor kubectl is on the PATH; install one of them" in capsys.readouterr().err


def contents(archive: Path) -> Mapping[str, str]:
    with tarfile.open(archive) as opened:
        found = {member.name: opened.extractfile(member) for member in opened}
        return {name.partition("/")[2]: file.read().decode() for name, file in found.items() if file is not None}


@pytest.mark.long
def test_the_bundle_holds_what_a_bug_report_needs_and_no_secret(
    only: Callable[[str], StandIn], say: Say, tmp_path: Path
) -> None:
    config_map = {
        "kind": "ConfigMap",
        "metadata": {"name": "avi-k8s-config", "namespace": "avi-system"},
        "data": {"clusterName": "green"},
    }
    pod = {
        "kind": "Pod",
        "metadata": {"name": "ako-0", "namespace": "avi-system"},
        "spec": {"containers": [{"env": [{"name": "CTRL_PASSWORD", "value": "hunter2"}, {"name": "A", "value": "b"}]}]},
    }
    copied = {"kubectl.kubernetes.io/last-applied-configuration": json.dumps(ROUTES[0])}
    noted = {**ROUTES[0], "metadata": {**ROUTES[0]["metadata"], "annotations": copied, "managedFields": [{"a": 1}]}}
    only("oc").answer(
        user="alice",
        served=OPENSHIFT,
        failing={"nodes": "nodes is forbidden"},
        objects={
            "routes.route.openshift.io": [noted],
            "configmaps": [config_map],
            "pods": [pod],
            "secrets": [
                {"kind": "Secret", "metadata": {"name": "s", "namespace": "default"}, "data": {"a": "hunter2"}}
            ],
            "events": [{"kind": "Event", "metadata": {"namespace": "default"}, "message": f"bad: {KEY}"}],
        },
    )
    with Simulator() as simulator, KubeApi(serve_routes=True) as kube:
        kube.apply(*map(dict, BASE), ROUTES[0])
        values = {
            "ControllerSettings.controllerHost": simulator.url,
            "avicredentials.username": "admin",
            "avicredentials.password": "admin",
        }
        flags = [word for key, value in values.items() for word in ("--set", f"{key}={value}")]
        kubeconfig = ["--kubeconfig", str(kube.write_kubeconfig(tmp_path / "kubeconfig"))]
        assert main(["openshift", "inspect", "--output", str(tmp_path / "b.tar.gz"), *flags, *kubeconfig]) == 0
    assert say().splitlines()[1:] == ["without objects/nodes.json: nodes is forbidden"]
    assert stat.S_IMODE((tmp_path / "b.tar.gz").stat().st_mode) == 0o600
    parts = contents(tmp_path / "b.tar.gz")
    assert "PRIVATE KEY" not in "".join(parts.values())
    assert "hunter2" not in "".join(parts.values())
    assert json.loads(parts["errors.json"]) == {"objects/nodes.json": "nodes is forbidden"}
    (shown,) = json.loads(parts["objects/routes.route.openshift.io.json"])
    assert shown["spec"]["tls"]["key"] == "***"
    assert shown["spec"]["tls"]["certificate"].startswith("-----BEGIN CERTIFICATE")
    assert shown["metadata"]["annotations"] == {}
    assert "managedFields" not in shown["metadata"]
    assert shown["status"] == ROUTES[0]["status"]
    assert json.loads(parts["settings.json"])["AKOSettings.clusterName"]["value"] == "green"
    assert json.loads(parts["own/pods.json"])[0]["spec"]["containers"][0]["env"][1] == {"name": "A", "value": "b"}
    assert not [name for name in parts if "secrets" in name]
    view = json.loads(parts["view.json"])
    assert {"create"} == {operation["action"] for operation in view["plan"]["operations"]} - {"update"}
    (explained,) = view["explanation"].values()
    assert explained["hosts"][0]["host"] == "shop.com"
    assert "[ok]      user: alice" in parts["doctor.txt"]
    assert all("out" not in command for command in json.loads(parts["commands.json"]))


def test_without_an_avi_controller_there_is_a_bundle_all_the_same(
    only: Callable[[str], StandIn], say: Say, tmp_path: Path
) -> None:
    stand_in = only("kubectl")
    stand_in.answer(user="alice", served=OPENSHIFT)
    with KubeApi() as kube:
        kubeconfig = ["--kubeconfig", str(kube.write_kubeconfig(tmp_path / "kubeconfig"))]
        output = tmp_path / "b.tar.gz"
        assert main(["openshift", "inspect", "--namespace", "red", "--output", str(output), *FEW, *kubeconfig]) == 0
    assert "without view.json: " in say()
    assert any("routes.route.openshift.io" in call and "--namespace=red" in call for call in stand_in.asked())
    assert "objects/routes.route.openshift.io.json" in contents(output)


def test_a_place_that_cannot_be_written_is_named(
    only: Callable[[str], StandIn], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    only("kubectl").answer(user="alice", served=SERVED)
    with KubeApi() as kube:
        kubeconfig = ["--kubeconfig", str(kube.write_kubeconfig(tmp_path / "kubeconfig"))]
        assert main(["openshift", "inspect", "--output", str(tmp_path / "no" / "b.tar.gz"), *FEW, *kubeconfig]) == 1
    assert "No such file or directory" in capsys.readouterr().err
