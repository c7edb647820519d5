"""A folder of manifests as a cluster: what the sink is told, what is wrong, what is reported."""

from __future__ import annotations

import itertools
import json
import threading
from pathlib import Path

import msgspec
import pytest

from ako.core.engine.changes import Availability, AvailabilityChanged, Change, Listed, Unreadable, Upserted
from ako.core.kube.folder import FolderCluster
from tests.core.kube.folders import SHOP, SHOP_REF, Folder, ingress
from tests.core.kube.records import CLASSES, INGRESSES, ROUTES, SERVICES, Ingress, IngressStatus, name, told
from tests.waiting import PATIENCE

ROUTE_CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: routes.route.openshift.io}
spec:
  group: route.openshift.io
  names: {kind: Route, plural: routes}
  versions: [{name: v1, served: true}]
"""


def test_first_scan_lists_every_declared_kind(folder: Folder) -> None:
    folder.write("shop.yaml", SHOP)
    folder.start(INGRESSES, SERVICES, CLASSES, ROUTES)
    assert folder.news() == [
        "Ingress listed default/shop",
        "Service listed",
        "IngressClass listed",
        "Route not served",
    ]


def test_an_object_carries_all_record_types_of_its_kind(folder: Folder) -> None:
    folder.write("shop.yaml", SHOP + "status: {loadBalancer: {}}\n")
    folder.start()
    (listed,) = folder.changes
    assert isinstance(listed, Listed)
    records = listed.objects[name("default/shop")]
    shop = records[Ingress]
    assert isinstance(shop, Ingress)
    assert shop.hosts == ("shop.example.com",)
    assert shop.metadata.creationTimestamp == "2026-01-02T03:04:05Z"
    assert records[IngressStatus] == IngressStatus({"loadBalancer": {}})


def test_documents_lists_json_and_nested_folders_are_read(folder: Folder) -> None:
    listed = {"apiVersion": "v1", "kind": "List", "items": [json.loads(ingress("c")), json.loads(ingress("d"))]}
    folder.write("one.yaml", f"---\n{ingress('a')}\n---\n---\n{ingress('b')}\n")
    folder.write("deep/er/list.yml", json.dumps(listed))
    folder.write("deep/e.json", ingress("e"))
    folder.write("deep/typed.json", json.dumps({"kind": "IngressList", "items": [json.loads(ingress("f"))]}))
    folder.write("notes.txt", "not: [a manifest")
    folder.write(".hidden/g.yaml", ingress("g"))
    folder.start()
    assert folder.news() == ["Ingress listed default/a default/b default/c default/d default/e default/f"]
    assert folder.problems() == []


def test_a_link_that_leads_back_is_not_followed_round_and_round(folder: Folder) -> None:
    folder.write("deep/a.yaml", ingress("a"))
    (folder.path / "deep" / "back").symlink_to(folder.path, target_is_directory=True)
    folder.start()
    assert folder.news() == ["Ingress listed default/a"]
    assert folder.problems() == []


def test_edits_additions_and_deletions_are_told(folder: Folder) -> None:
    folder.write("a.json", ingress("a"))
    folder.write("b.json", ingress("b"))
    folder.start()
    assert folder.news() == ["Ingress listed default/a default/b"]
    assert folder.news() == []
    folder.write("a.json", ingress("a", host="b.example.com"))
    assert folder.news() == ["Ingress upserted default/a"]
    (folder.path / "b.json").unlink()
    folder.write("c.json", ingress("c"))
    assert folder.news() == ["Ingress listed default/a default/c"], "what is gone is no deletion one by one"


def test_a_touched_file_tells_nothing(folder: Folder) -> None:
    folder.write("a.json", ingress("a"))
    folder.start()
    folder.news()
    folder.write("a.json", ingress("a"))
    assert folder.news() == []


def test_cluster_scoped_objects_have_no_namespace(folder: Folder) -> None:
    folder.write(
        "class.yaml",
        "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: avi-lb, namespace: oops}\n",
    )
    folder.start(CLASSES)
    assert folder.news() == ["IngressClass listed avi-lb"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("a: 1\nb: [1\n", "shop.yaml:3: is not YAML: did not find expected", id="broken flow list"),
        pytest.param("a: b: c\n", "shop.yaml:1: is not YAML: mapping values are not allowed", id="two colons"),
        pytest.param("- 1\n", "shop.yaml:1: is no Kubernetes object: expected a mapping, got list", id="a list"),
        pytest.param(
            "---\nkind: Ingress\nmetadata: {name: x}\n",
            "shop.yaml:2: is no Kubernetes object: apiVersion must be a text, it is missing",
            id="no apiVersion",
        ),
        pytest.param(
            "apiVersion: v1\nkind: Service\nmetadata: {name: 7}\n",
            "shop.yaml:1: is no Kubernetes object: metadata.name must be a text, got 7",
            id="a number for a name",
        ),
        pytest.param(
            'apiVersion: v1\nkind: Service\nmetadata: {name: "x\\n::error::y"}\n',
            r"shop.yaml:1: is no Kubernetes object: metadata.name 'x\n::error::y' cannot be a name: it holds",
            id="a name of two lines",
        ),
        pytest.param(
            "apiVersion: v1\nkind: Service\nmetadata: {name: x, namespace: a/b}\n",
            "shop.yaml:1: is no Kubernetes object: metadata.namespace 'a/b' cannot be that of a namespace: use",
            id="a namespace that is a path",
        ),
        pytest.param("a: 1\nb:\n  c: 1\n  c: 2\n", "shop.yaml:4: is not YAML: c is given twice", id="a key twice"),
        pytest.param(b"a: \xff\xfe\n", "shop.yaml:1: is not YAML:", id="not UTF-8"),
        pytest.param("a: &a [*a]\n", "shop.yaml:1: is not YAML: found unconstructable recursive", id="recursive"),
        pytest.param("? {a: b}\n: c\n", "shop.yaml:1: is not YAML: found unhashable key", id="unhashable key"),
        pytest.param(
            f"{SHOP}---\napiVersion: v1\nkind: List\nitems:\n- {ingress('y')}\n- oops\n",
            "shop.yaml:14: is no Kubernetes object: expected a mapping, got str",
            id="an item of a list",
        ),
        pytest.param(
            f"{SHOP}---\napiVersion: v1\nkind: List\nitems:\n- {ingress('y')}\n- kind: A\n  kind: B\n",
            "shop.yaml:15: is not YAML: kind is given twice",
            id="a key twice in an item of a list",
        ),
        pytest.param("a: 1\nb: !secret x\n", "shop.yaml:2: is not YAML: has a tag that is not known", id="a tag"),
    ],
)
def test_a_bad_file_is_a_problem_and_its_objects_stay(folder: Folder, text: str | bytes, problem: str) -> None:
    folder.write("shop.yaml", SHOP)
    folder.start()
    folder.news()
    folder.write("shop.yaml", text)
    assert folder.news() == []
    (found,) = folder.problems()
    assert found.startswith(problem)
    folder.write("shop.yaml", SHOP)
    assert folder.news() == []
    assert folder.problems() == []


def test_a_json_fault_is_named(folder: Folder) -> None:
    folder.write("a.json", '{"a": }')
    folder.start()
    assert folder.problems() == ["a.json:1: is not JSON: JSON is malformed: invalid character (byte 6)"]


def test_all_that_is_wrong_in_a_file_is_told(folder: Folder) -> None:
    folder.write("a.yaml", f"a: 1\n---\n{SHOP}---\nkind: A\nkind: B\n---\n- x\n---\na: [\n")
    folder.start()
    assert folder.problems() == [
        "a.yaml:1: is no Kubernetes object: apiVersion must be a text, it is missing",
        "a.yaml:13: is not YAML: kind is given twice",
        "a.yaml:15: is no Kubernetes object: expected a mapping, got list",
        "a.yaml:18: is not YAML: did not find expected node content, while parsing a flow node",
    ]
    assert folder.news() == ["Ingress listed"]


def test_folders_and_files_are_one_cluster(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.json").write_text(ingress("a"))
    (tmp_path / "b.txt").write_text(ingress("b"))
    cluster = FolderCluster(tmp_path / "folder", tmp_path / "b.txt", tmp_path / "folder" / "a.json", poll_seconds=None)
    assert [manifest.name for manifest in cluster.manifests()] == ["a", "b"]
    changes: list[Change] = []
    cluster.start([INGRESSES], changes.append)
    assert [ref.name for ref in cluster.refs(SHOP_REF.kind)] == ["a", "b"]
    assert cluster.problems == ()


def test_a_bad_file_is_logged_once_per_change(folder: Folder, caplog: pytest.LogCaptureFixture) -> None:
    folder.write("bad.yaml", "a: [")
    folder.start()
    folder.news()
    folder.write("other.yaml", SHOP)
    folder.news()
    assert len([r for r in caplog.records if "bad.yaml" in r.message]) == 1


def test_of_two_objects_with_one_name_the_first_by_path_counts(folder: Folder) -> None:
    folder.write("a.json", ingress("shop", host="first.example.com"))
    folder.write("b.yaml", SHOP)
    folder.start()
    (listed,) = folder.changes
    assert isinstance(listed, Listed)
    shop = listed.objects[name("default/shop")][Ingress]
    assert isinstance(shop, Ingress)
    assert shop.hosts == ("first.example.com",)
    assert folder.problems() == [
        f"b.yaml:1: Ingress default/shop is already in {folder.path}/a.json:1, which counts; remove one of them"
    ]
    (folder.path / "a.json").unlink()
    folder.news()
    assert folder.problems() == []
    assert folder.cluster.where(SHOP_REF) == f"{folder.path}/b.yaml:1"


def test_another_version_of_a_declared_kind_is_a_problem(folder: Folder) -> None:
    folder.write("old.yaml", SHOP.replace("io/v1", "io/v1beta1"))
    folder.start()
    assert folder.news() == ["Ingress listed"]
    assert folder.problems() == [
        "old.yaml:1: Ingress shop: apiVersion networking.k8s.io/v1beta1 is not read; use networking.k8s.io/v1"
    ]


def test_an_object_that_does_not_decode_is_unreadable_and_others_are_not(folder: Folder) -> None:
    folder.write("a.json", ingress("a").replace('"a.example.com"', "7"))
    folder.write("b.json", ingress("b"))
    folder.start()
    (listed,) = folder.changes
    assert isinstance(listed, Listed)
    assert listed.objects[name("default/a")][Ingress] == Unreadable("spec.rules[0].host: Expected str, got int")
    assert isinstance(listed.objects[name("default/b")][Ingress], Ingress)


def test_a_route_or_its_definition_makes_routes_served(folder: Folder) -> None:
    folder.start(ROUTES)
    assert folder.news() == ["Route not served"]
    folder.write("crd.yaml", ROUTE_CRD)
    assert folder.news() == ["Route listed"]
    folder.write("r.yaml", "apiVersion: route.openshift.io/v1\nkind: Route\nmetadata: {name: r}\n")
    assert folder.news() == ["Route upserted default/r"]
    (folder.path / "crd.yaml").unlink()
    assert folder.news() == []
    (folder.path / "r.yaml").unlink()
    assert folder.news() == ["Route not served"]


def test_a_folder_that_cannot_be_read_is_not_an_empty_one(folder: Folder) -> None:
    folder.write("shop.yaml", SHOP)
    folder.start()
    folder.news()
    away = folder.path.rename(folder.path.parent / "away")
    assert folder.news() == []
    assert [f.text for f in folder.cluster.problems] == ["cannot be read: No such file or directory"]
    away.rename(folder.path)
    assert folder.news() == []
    assert folder.problems() == []


def test_a_folder_that_was_never_read_lists_nothing(tmp_path: Path) -> None:
    changes: list[Change] = []
    cluster = FolderCluster(tmp_path / "later", poll_seconds=None)
    cluster.start([INGRESSES], changes.append)
    assert changes == []
    (tmp_path / "later").mkdir()
    cluster.scan_once()
    assert told(changes) == ["Ingress listed"]
    cluster.stop()


def test_a_field_selector_limits_a_kind(folder: Folder) -> None:
    folder.write("a.json", ingress("a"))
    folder.write("b.json", ingress("b"))
    folder.start(msgspec.structs.replace(INGRESSES, field_selector="metadata.name=b"))
    assert folder.news() == ["Ingress listed default/b"]


def test_polling_sees_an_edit_and_stops(folder: Folder) -> None:
    seen = threading.Event()

    def sink(change: Change) -> None:
        if isinstance(change, Upserted):
            seen.set()

    cluster = FolderCluster(folder.path, poll_seconds=0.01)
    cluster.start([INGRESSES], sink)
    folder.write("shop.yaml", SHOP)
    assert seen.wait(PATIENCE)
    cluster.stop()
    seen.clear()
    folder.write("shop.yaml", SHOP.replace("shop.example", "shop2.example"))
    cluster.scan_once()
    assert not seen.is_set()


def test_a_sink_that_fails_is_told_again(folder: Folder) -> None:
    calls = itertools.count()
    told_again = threading.Event()

    def fails_second(change: Change) -> None:
        turn = next(calls)
        if turn == 1:
            raise RuntimeError
        if turn == 2:
            told_again.set()

    cluster = FolderCluster(folder.path, poll_seconds=0.01)
    cluster.start([INGRESSES], fails_second)
    folder.write("shop.yaml", SHOP)
    assert told_again.wait(PATIENCE)
    cluster.stop()


def test_optional_kinds_are_not_served_with_a_reason(folder: Folder) -> None:
    folder.start(ROUTES)
    (change,) = folder.changes
    assert isinstance(change, AvailabilityChanged)
    assert change.availability is Availability.NOT_SERVED
    assert "no Route" in change.reason
