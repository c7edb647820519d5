"""`ako doctor` as typed: what it prints, what it ends with, and what is found in what is declared."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from ako.cli.main import main
from ako.testing import KubeApi, custom_object, ingress
from ako.testing.listener import Response
from tests.diagnosis.conftest import Examine
from tests.diagnosis.surroundings import BEHIND, NAMESPACE, SHOP, blamed, own_objects
from tests.plugins.openshift_route.stand_in import OPENSHIFT, StandIn
from tests.ports import free_ports
from tests.secrets.scene import JWT


def test_of_sound_surroundings_nothing_is_wrong(examine: Examine) -> None:
    code, found = examine(SHOP, *BEHIND)
    assert blamed(found) == {}
    assert code == 0
    assert "objects that ask for something: 1, for 1 host" in found["declared"][0]["text"]


def test_the_settings_are_looked_at_whole_and_hide_what_needs_them(examine: Examine) -> None:
    wrong = ("--set", "L7Settings.shardVSSize=HUGE", "--set", "AKOSettings.logLevel=LOUD")
    code, found = examine(SHOP, more=wrong)
    assert code == 1
    texts = [one["text"] for one in found["settings"] if one["verdict"] == "wrong"]
    assert [any(key in text for text in texts) for key in ("shardVSSize", "logLevel")] == [True, True]
    unknown = {check for check, verdict in blamed(found).items() if verdict == "unknown"}
    assert unknown == {"rights", "network plugin", "avi", "declared"}
    assert found["kubernetes"][0]["verdict"] == "ok"


def test_without_a_controller_what_is_declared_is_looked_at_all_the_same(examine: Examine) -> None:
    (port,) = free_ports(1)
    more = ("--set", f"ControllerSettings.controllerHost=http://127.0.0.1:{port}")
    code, found = examine(SHOP, ingress("copy", ("shop.com", "/", "web:80")), *BEHIND, more=more)
    assert code == 1
    assert found["avi"][0]["verdict"] == "wrong"
    assert found["duplicates"][0]["verdict"] == "warning"


def test_a_folder_is_looked_at_as_a_cluster(
    flags: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "all.json").write_text(json.dumps({"kind": "List", "items": [SHOP, *BEHIND]}), encoding="utf-8")
    assert main(["doctor", "--manifests", str(tmp_path), *flags]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    lines = out.splitlines()
    assert all(line.startswith("[") for line in lines[:-1])
    assert f"[ok]      kubernetes: the folder {tmp_path} stands for it" in lines
    assert "wrong" not in lines[-1]


def test_what_only_oc_can_say_is_said_where_there_is_oc(
    kubeconfig: Path, flags: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    stand_in = StandIn(tmp_path / "bin", "oc")
    monkeypatch.setenv("PATH", str(stand_in.folder))
    stand_in.answer(user="alice", served=OPENSHIFT, objects={})
    main(["doctor", "--kubeconfig", str(kubeconfig), *flags])
    assert f"[ok]      oc: {stand_in.folder}/oc, as alice" in capsys.readouterr().out


def test_the_archive_of_any_cluster_has_what_a_report_needs_and_no_secret(
    kube: KubeApi, kubeconfig: Path, flags: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    containers = {"containers": [{"name": "ako", "image": "ako:0.2.0"}]}
    own = custom_object("v1", "Pod", "ako-0", namespace=NAMESPACE, spec=containers)
    kube.apply(*own_objects(), dict(SHOP), *map(dict, (*BEHIND, own)))
    log = f"/api/v1/namespaces/{NAMESPACE}/pods/ako-0/log"
    kube.add_path(log, lambda _: Response(200, f"INFO lost the Avi Controller\nWARNING with {JWT}\n".encode()))
    archive = tmp_path / "report.tar.gz"
    assert main(["inspect", "--kubeconfig", str(kubeconfig), "--output", str(archive), *flags]) == 0
    out, err = capsys.readouterr()
    assert (out, err) == (f"{archive}\n", "")
    with tarfile.open(archive) as opened:
        parts = {name.partition("/")[2]: opened.extractfile(name).read().decode() for name in opened.getnames()}  # type: ignore[union-attr]
    assert "errors.json" not in parts
    (found,) = json.loads(parts["objects/ingresses.networking.k8s.io.json"])
    assert found["metadata"]["name"] == "shop"
    assert "kubernetes: http" in parts["doctor.txt"]
    assert json.loads(parts["view.json"])["plan"]["operations"]
    page = json.loads(parts["page.json"])
    assert (page["offline"], [row[0] for row in page["topology"]["rows"]]) == (True, ["shop.com"])
    assert page["explanations"]["shop.com"]["answer"]["hosts"][0]["claims"][0]["source"] == "Ingress/default/shop"
    assert page["explanations"]["shop.com"]["outline"]
    assert "lost the Avi Controller" in parts["own/logs/ako-0.txt"]
    assert JWT not in parts["own/logs/ako-0.txt"]
    assert not any("secrets" in name for name in parts)
    assert json.loads(parts["settings.json"])["avicredentials.password"]["value"] == "***"


def test_an_archive_of_what_cannot_be_used_says_what_is_missing_and_is_its_owners(
    kube: KubeApi, kubeconfig: Path, flags: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kube.apply(*own_objects(), dict(SHOP))
    archive = tmp_path / ".tar.gz"
    archive.touch(0o644)
    wrong = ("--set", "L7Settings.shardVSSize=HUGE")
    assert main(["inspect", "--kubeconfig", str(kubeconfig), "--output", str(archive), *flags, *wrong]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    for part in ("settings.json", "view.json", "page.json"):
        assert f"\nwithout {part}: " in out
    with tarfile.open(archive) as opened:
        names = opened.getnames()
    assert {"ako/doctor.txt", "ako/errors.json", "ako/objects/ingresses.networking.k8s.io.json"} <= set(names)
    assert archive.stat().st_mode & 0o777 == 0o600
