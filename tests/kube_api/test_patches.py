"""Patches and selectors, by table."""

from __future__ import annotations

from typing import Any

import pytest

from ako.testing.kube_api import ApiError
from ako.testing.kube_api.patches import json_patch, merge, strategic_merge
from ako.testing.kube_api.resources import EVENT
from ako.testing.kube_api.selection import field_predicates, label_predicates, matches


@pytest.mark.parametrize(
    ("original", "patch", "result"),
    [
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": 1}, {"a": None}, {}),
        ({"a": 1}, {"b": None}, {"a": 1}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": None}}, {"a": {"c": 2}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": 1}, {"a": {"b": {"c": None}}}, {"a": {"b": {}}}),
        ({}, {"a": {"b": None, "c": 1}}, {"a": {"c": 1}}),
    ],
)
def test_merge(original: Any, patch: Any, result: Any) -> None:
    before = repr(original)
    assert merge(original, patch) == result
    assert repr(original) == before


@pytest.mark.parametrize(
    ("operations", "result"),
    [
        ([{"op": "add", "path": "/b", "value": 1}], {"a": [1, 2], "b": 1}),
        ([{"op": "add", "path": "/a/0", "value": 0}], {"a": [0, 1, 2]}),
        ([{"op": "add", "path": "/a/-", "value": 3}], {"a": [1, 2, 3]}),
        ([{"op": "replace", "path": "/a/1", "value": 5}], {"a": [1, 5]}),
        ([{"op": "remove", "path": "/a/0"}], {"a": [2]}),
        ([{"op": "copy", "from": "/a/0", "path": "/x~1y"}], {"a": [1, 2], "x/y": 1}),
        ([{"op": "move", "from": "/a", "path": "/b"}], {"b": [1, 2]}),
        ([{"op": "test", "path": "/a/0", "value": 1}, {"op": "remove", "path": "/a"}], {}),
    ],
)
def test_json_patch(operations: Any, result: Any) -> None:
    original = {"a": [1, 2]}
    assert json_patch(original, operations) == result
    assert original == {"a": [1, 2]}


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "path": "/b", "value": 1},
        {"op": "remove", "path": "/b"},
        {"op": "add", "path": "/b/c", "value": 1},
        {"op": "add", "path": "/a/9", "value": 1},
        {"op": "test", "path": "/a", "value": 1},
        {"op": "polish", "path": "/a"},
        {"path": "/a"},
    ],
)
def test_json_patch_that_does_not_apply(operation: Any) -> None:
    with pytest.raises(ApiError) as refused:
        json_patch({"a": [1, 2]}, [operation])
    assert refused.value.code == 422


@pytest.mark.parametrize(
    ("original", "patch", "result"),
    [
        (
            {"conditions": [{"type": "A", "status": "True", "reason": "x"}]},
            {"conditions": [{"type": "A", "status": "False"}]},
            {"conditions": [{"type": "A", "status": "False", "reason": "x"}]},
        ),
        (
            {"conditions": [{"type": "A"}, {"type": "B"}]},
            {"conditions": [{"type": "A", "$patch": "delete"}]},
            {"conditions": [{"type": "B"}]},
        ),
        ({"finalizers": ["a"]}, {"finalizers": ["a", "b"]}, {"finalizers": ["a", "b"]}),
        ({"loadBalancer": {"ingress": [1]}}, {"loadBalancer": {"ingress": [2]}}, {"loadBalancer": {"ingress": [2]}}),
        ({"addresses": ["10.0.0.1"]}, {"addresses": ["10.0.0.2"]}, {"addresses": ["10.0.0.2"]}),
        ({"a": {"b": 1}}, {"a": {"$patch": "replace", "c": 2}}, {"a": {"c": 2}}),
    ],
)
def test_strategic_merge(original: Any, patch: Any, result: Any) -> None:
    assert strategic_merge(original, patch) == result


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        ("", True),
        ("app=web", True),
        ("app==web,tier", True),
        ("app!=web", False),
        ("app!=db", True),
        ("absent!=x", True),
        ("!tier", False),
        ("!absent", True),
        ("app in (web, db),tier=front", True),
        ("app notin (web,db)", False),
        ("absent notin (x)", True),
        ("example.com/name", False),
    ],
)
def test_label_selectors(selector: str, selected: bool) -> None:
    body = {"metadata": {"name": "x", "labels": {"app": "web", "tier": "front"}}}
    assert matches(body, label_predicates(selector)) is selected


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        ("metadata.name=x", True),
        ("metadata.name!=x", False),
        ("involvedObject.name==web,reason=Synced", True),
        ("involvedObject.kind=Service", False),
        ("involvedObject.uid=", True),
    ],
)
def test_field_selectors(selector: str, selected: bool) -> None:
    body = {"metadata": {"name": "x"}, "involvedObject": {"name": "web", "kind": "Ingress"}, "reason": "Synced"}
    assert matches(body, field_predicates(EVENT, selector)) is selected
