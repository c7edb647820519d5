"""Manifests mean in a folder what they mean to kubectl."""

from __future__ import annotations

import pytest

from ako.core.engine.changes import Listed
from ako.core.hooks.records import SERVICES, Service
from ako.plugins.ingress.records import KINDS as INGRESS_KINDS
from ako.plugins.ingress.records import IngressClass
from tests.core.kube.folders import Folder
from tests.core.kube.records import name

PLAIN = "apiVersion: v1\nkind: Service\nmetadata: {name: tea}\nspec: {ports: [{port: 80}]}\n"


def services(folder: Folder) -> dict[str, Service]:
    listed = next(change for change in folder.changes if isinstance(change, Listed) and change.kind == SERVICES.kind)
    found = ((str(key), records[Service]) for key, records in listed.objects.items())
    return {key: record for key, record in found if isinstance(record, Service)}


def test_an_object_without_a_namespace_is_in_the_default_one_itself(folder: Folder) -> None:
    folder.write("a.yaml", PLAIN)
    folder.write("b.yaml", PLAIN.replace("name: tea", "name: tea, namespace: team"))
    folder.start(SERVICES)
    assert {key: found.metadata.namespace for key, found in services(folder).items()} == {
        "default/tea": "default",
        "team/tea": "team",
    }


def test_a_null_namespace_is_none(folder: Folder) -> None:
    folder.write("a.yaml", PLAIN.replace("name: tea", "name: tea, namespace: null"))
    folder.start(SERVICES)
    assert services(folder)["default/tea"].metadata.namespace == "default"


def test_an_object_outside_all_namespaces_stays_outside(folder: Folder) -> None:
    text = "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: avi, namespace: team}\n"
    folder.write("a.yaml", text)
    folder.start(*INGRESS_KINDS)
    listed = next(c for c in folder.changes if isinstance(c, Listed) and c.kind.name == "IngressClass")
    found = listed.objects[name("/avi")][IngressClass]
    assert isinstance(found, IngressClass)
    assert found.metadata.namespace == ""


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_a_key_without_a_value_is_not_there_however_deep_it_is(folder: Folder, form: str) -> None:
    ports = '[{"port": 80, "protocol": null, "name": null, "targetPort": null}]'
    spec = f'{{"type": null, "ports": {ports}}}'
    text = f'{{"apiVersion": "v1", "kind": "Service", "metadata": {{"name": "tea"}}, "spec": {spec}}}'
    folder.write(f"a.{form}", text)
    folder.start(SERVICES)
    (port,) = services(folder)["default/tea"].ports
    assert (port.protocol, port.name, services(folder)["default/tea"].spec.type) == ("TCP", None, "ClusterIP")


def test_the_text_null_is_a_text(folder: Folder) -> None:
    folder.write("a.yaml", PLAIN.replace("port: 80", "port: 80, name: 'null'"))
    folder.start(SERVICES)
    assert services(folder)["default/tea"].ports[0].name == "null"


def test_a_kind_in_the_group_it_once_had_is_told_with_that_of_today(folder: Folder) -> None:
    folder.write("old.yaml", "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: shop}\n")
    folder.start(*INGRESS_KINDS)
    assert folder.problems() == [
        "old.yaml:1: Ingress shop: apiVersion extensions/v1beta1 is not read; use networking.k8s.io/v1"
    ]


def test_another_kind_that_is_called_the_same_is_nobodys_fault(folder: Folder) -> None:
    folder.write("a.yaml", "apiVersion: config.openshift.io/v1\nkind: Ingress\nmetadata: {name: cluster}\n")
    folder.write("b.yaml", "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: shop}\n")
    folder.start(*INGRESS_KINDS)
    assert folder.problems() == []


ITEM = '{"metadata": {"name": "tea"}, "spec": {"ports": [{"port": 80}]}}'
LIST = '{"apiVersion": "v1", "kind": "List", "items": [%s]}'
SERVICE = ITEM.replace("{", '{"apiVersion": "v1", "kind": "Service", ', 1)


@pytest.mark.parametrize("form", ["yaml", "json"])
@pytest.mark.parametrize(
    "text",
    [
        LIST.replace("List", "ServiceList") % ITEM,
        LIST % (LIST % SERVICE),
        f"\ufeff{SERVICE}",
    ],
    ids=["typed", "nested", "mark"],
)
def test_lists_are_taken_apart_as_kubectl_does(folder: Folder, form: str, text: str) -> None:
    folder.write(f"a.{form}", text)
    folder.start(SERVICES)
    assert folder.problems() == []
    assert services(folder).keys() == {"default/tea"}


@pytest.mark.parametrize("item", ["null", "1", "[]", '{"metadata": {"name": "tea"}}'])
def test_what_is_no_object_in_a_list_is_told(folder: Folder, item: str) -> None:
    folder.write("a.json", LIST % item)
    folder.start(SERVICES)
    (problem,) = folder.problems()
    assert "is no Kubernetes object" in problem
