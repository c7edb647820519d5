"""What is written into a folder as a cluster, and read from it at once: statuses, the report, settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from ako.core.engine.changes import Upserted
from ako.core.kube.cluster import Event, WriteOutcome
from ako.core.kube.errors import KubeError
from ako.core.kube.folder import FolderCluster
from tests.core.kube.folders import SHOP, SHOP_REF, Folder
from tests.core.kube.records import IngressStatus


def test_a_written_status_comes_back_and_is_reported(folder: Folder) -> None:
    folder.write("shop.yaml", SHOP)
    folder.start()
    folder.news()
    status = {"loadBalancer": {"ingress": [{"ip": "10.0.0.1", "hostname": "shop.example.com"}]}}
    assert folder.cluster.write_status(SHOP_REF, status).outcome is WriteOutcome.DONE
    (upserted,) = folder.changes
    assert isinstance(upserted, Upserted)
    assert upserted.records[IngressStatus] == IngressStatus(status)
    folder.changes.clear()
    assert folder.cluster.write_status(SHOP_REF, status).outcome is WriteOutcome.DONE
    assert folder.changes == []
    folder.cluster.write_event(SHOP_REF, Event(type="Warning", reason="DuplicateHostPath", message="taken"))
    assert folder.reported()[1:] == [
        {"object": "networking.k8s.io/v1/Ingress/default/shop", "status": status},
        {
            "object": "networking.k8s.io/v1/Ingress/default/shop",
            "event": {"type": "Warning", "reason": "DuplicateHostPath", "message": "taken"},
        },
    ]


def test_a_status_is_merged_and_cleared_as_by_a_merge_patch(folder: Folder) -> None:
    folder.write("shop.yaml", SHOP + "status: {other: {a: 1, b: 2}, loadBalancer: {ingress: [{ip: 1.1.1.1}]}}\n")
    folder.start()
    folder.cluster.write_status(SHOP_REF, {"other": {"a": None}, "loadBalancer": {"ingress": []}})
    folder.cluster.write_status(SHOP_REF, None)
    statuses = [c.records[IngressStatus] for c in folder.changes if isinstance(c, Upserted)]
    assert statuses == [
        IngressStatus({"other": {"b": 2}, "loadBalancer": {"ingress": []}}),
        IngressStatus(None),
    ]


def test_a_status_outlives_an_edit_and_dies_with_the_object(folder: Folder) -> None:
    folder.write("shop.yaml", SHOP)
    folder.start()
    folder.cluster.write_status(SHOP_REF, {"ready": True})
    folder.changes.clear()
    folder.write("shop.yaml", SHOP.replace("shop.example", "shop2.example"))
    folder.cluster.scan_once()
    (upserted,) = folder.changes
    assert isinstance(upserted, Upserted)
    assert upserted.records[IngressStatus] == IngressStatus({"ready": True})
    (folder.path / "shop.yaml").unlink()
    folder.news()
    assert folder.cluster.write_status(SHOP_REF, {}).outcome is WriteOutcome.GONE
    folder.write("shop.yaml", SHOP)
    folder.cluster.scan_once()
    (again,) = folder.changes
    assert isinstance(again, Upserted)
    assert again.records[IngressStatus] == IngressStatus(None)


def test_settings_lie_in_the_folder(folder: Folder) -> None:
    folder.write(
        "settings.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: avi-k8s-config, namespace: avi-system}\n"
        "data: {controllerIP: 10.0.0.9}\n---\n"
        "apiVersion: v1\nkind: Secret\nmetadata: {name: avi-secret, namespace: avi-system}\n"
        "data: {username: YWRtaW4=}\nstringData: {password: geheim}\n",
    )
    assert folder.cluster.read_config_map("avi-system", "avi-k8s-config") == {"controllerIP": "10.0.0.9"}
    assert folder.cluster.read_secret("avi-system", "avi-secret") == {"username": "admin", "password": "geheim"}
    assert folder.cluster.read_secret("default", "avi-secret") is None


def test_reading_settings_hides_no_change(folder: Folder) -> None:
    folder.start()
    folder.news()
    folder.write("shop.yaml", SHOP)
    assert folder.cluster.read_config_map("avi-system", "avi-k8s-config") is None
    assert folder.news() == ["Ingress upserted default/shop"]


def test_a_secret_that_is_not_base64_is_named_without_its_value(folder: Folder) -> None:
    folder.write("s.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {password: 'geheim!'}\n")
    with pytest.raises(KubeError, match=r"data\.password is not base64") as raised:
        folder.cluster.read_secret("default", "s")
    assert "geheim" not in str(raised.value)


def test_a_report_that_cannot_be_written_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        FolderCluster(tmp_path, report_file=tmp_path / "none" / "report.jsonl")
