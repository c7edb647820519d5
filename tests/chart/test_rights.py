"""The chart grants what the program takes with the plugins and settings of the values, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from ako.core.settings.enabled import IN_TREE_PLUGINS
from tests.chart.place import Manifest, manifests
from tests.chart.rights import Granted, sets_of_plugins, taken_by
from tests.rights.shipped import ako, rules_of


def granted(found: Sequence[Manifest]) -> frozenset[Granted]:
    scopes = {"Role": "own", "ClusterRole": "cluster"}
    return frozenset(
        Granted(scopes[rule.role], rule.group, rule.resource, "".join(rule.names), rule.verb)
        for rule in rules_of(found)
    )


def of_release(**values: Any) -> frozenset[Granted]:
    return granted(manifests(values, judges=False))


def _parameter(plugins: frozenset[str]) -> object:
    is_sample = len(plugins) in {0, 1, 4}
    return pytest.param(
        plugins, id="+".join(sorted(plugins)) or "none", marks=() if is_sample else pytest.mark.campaign
    )


@pytest.mark.parametrize("plugins", [_parameter(some) for some in sets_of_plugins()])
def test_grants_what_the_plugins_take(plugins: frozenset[str]) -> None:
    some = sorted(plugins)
    assert of_release(ako={"plugins": {"enabled": some}}) == taken_by(plugins)


@pytest.mark.parametrize("way", ["ingress, nodeport", ' ["ingress","nodeport"]', ["ingress", "nodeport"]])
def test_a_list_may_be_a_text(way: object) -> None:
    assert of_release(ako={"plugins": {"enabled": way}}) == taken_by(["ingress", "nodeport"])


@pytest.mark.parametrize(
    "way",
    [
        "-ingress, - openshift_route,+nodeport",
        ["-ingress", "+sites", "-openshift_route"],
        '["-openshift_route", "-ingress"]',
    ],
)
def test_what_is_left_out_of_the_default_list_takes_no_rights(way: object) -> None:
    kept = [name for name in IN_TREE_PLUGINS if name not in {"ingress", "openshift_route"}]
    assert of_release(ako={"plugins": {"enabled": way}}) == taken_by(kept)


@pytest.mark.parametrize("nothing", ["", " ", None])
def test_no_value_is_the_default(nothing: object) -> None:
    assert of_release(ako={"plugins": {"enabled": nothing}}) == of_release()


def test_is_what_the_command_prints(tmp_path: Path) -> None:
    for values in ({}, {"ako": {"leaderElection": {"enabled": "false"}, "plugins": {"enabled": ["ingress"]}}}):
        config = tmp_path / "values.yaml"
        config.write_text(yaml.safe_dump(values), encoding="utf-8")
        code, out, err = ako("rbac", "--config", str(config))
        assert code == 0, err
        printed = list(yaml.safe_load_all(out))
        rendered = [m for m in manifests(values) if m["kind"].endswith(("Role", "RoleBinding"))]
        assert granted(rendered) == granted(printed)
        assert [one["metadata"]["name"] for one in rendered] == [one["metadata"]["name"] for one in printed]
        bound = [(one["roleRef"], one["subjects"]) for one in rendered if "roleRef" in one]
        assert bound == [(one["roleRef"], one["subjects"]) for one in printed if "roleRef" in one]


def test_another_secret_is_the_one_that_may_be_read() -> None:
    named = of_release(existingSecret="login")
    assert named == taken_by(IN_TREE_PLUGINS, "login")
    assert {right.name for right in named if right.resource == "secrets"} == {"login", ""}
    alone = {"plugins": {"enabled": ["nodeport"]}}
    assert of_release(existingSecret="login", ako=alone) == taken_by(["nodeport"], "login")


def test_several_installations_have_roles_of_their_own() -> None:
    here, there = ({m["metadata"]["name"] for m in manifests(namespace=n) if m["kind"] == "ClusterRole"} for n in "ab")
    assert (here, there) == ({"ako-a"}, {"ako-b"})


def test_plugins_of_others_have_further_rights_and_none_can_be_left_to_others() -> None:
    rule = {"apiGroups": ["example.com"], "resources": ["moods"], "verbs": ["list"]}
    more = of_release(rbac={"extraRules": [rule], "extraClusterRules": [rule]}) - of_release()
    assert {right.scope for right in more} == {"own", "cluster"}
    assert of_release(rbac={"create": False}) == frozenset()
