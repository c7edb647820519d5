"""`ako rbac`: the rights that are used, as roles, and the question which of them are missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from ako import hookimpl
from ako.cli.main import main
from ako.core.base.errors import PluginError
from ako.core.control.rights import rights
from ako.core.engine.kinds import WatchedKind
from ako.core.hooks.loading import Plugin
from ako.core.hooks.plugin_host import PluginHost
from ako.core.kube.rights import Right
from ako.core.settings import Settings
from ako.testing import KubeApi
from tests.contract.moody import KIND, Mood, MoodStatus
from tests.rights.shipped import ACCOUNT, ako, grant, printed, rules_of, without

RBAC = "rbac.authorization.k8s.io"


def said(*arguments: str) -> set[str]:
    return {str(rule) for rule in rules_of(printed(*arguments))}


def only(*plugins: str) -> tuple[str, str]:
    return "--set", f"ako.plugins.enabled={','.join(plugins)}"


def test_roles_are_bound_to_the_service_account_of_our_namespace() -> None:
    role, own, cluster_role, everywhere = printed()
    kinds = [document["kind"] for document in (role, own, cluster_role, everywhere)]
    assert kinds == ["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"]
    account = {"kind": "ServiceAccount", "name": "ako-sa", "namespace": "avi-system"}
    for of, binding in ((role, own), (cluster_role, everywhere)):
        assert binding["roleRef"] == {"apiGroup": RBAC, "kind": of["kind"], "name": of["metadata"]["name"]}
        assert binding["subjects"] == [account]
    assert [document["metadata"].get("namespace") for document in (role, own)] == ["avi-system"] * 2


def test_two_installations_have_cluster_roles_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    names = set()
    for namespace in ("one", "two"):
        monkeypatch.setattr("tests.rights.shipped.environment", lambda _, of=namespace: {"POD_NAMESPACE": of})
        names |= {document["metadata"]["name"] for document in printed() if document["kind"] == "ClusterRole"}
    assert names == {"ako-one", "ako-two"}


@pytest.mark.parametrize("user", ["jane", "null", "123", 'a "b": {c} # d', "system:serviceaccount:x:y", "ü\n- z", "😀"])
def test_roles_are_bound_to_a_user_of_any_name(user: str) -> None:
    subject = {"kind": "User", "name": user, "apiGroup": RBAC}
    bindings = [document for document in printed("--for", user) if "subjects" in document]
    assert [binding["subjects"] for binding in bindings] == [[subject], [subject]]


def test_namespaced_gives_nothing_for_the_whole_cluster() -> None:
    assert printed("--namespaced") == printed()[:2]


def test_our_own_objects_by_name_in_our_namespace_alone() -> None:
    (role,) = (document for document in printed() if document["kind"] == "Role")
    by_name = {(rule["resources"][0], *rule.get("resourceNames", ())): rule["verbs"] for rule in role["rules"]}
    assert by_name == {
        ("configmaps", "avi-k8s-config"): ["get", "list", "watch"],
        ("leases", "ako-leader"): ["get", "update"],
        ("leases",): ["create"],
        ("secrets", "avi-secret"): ["get"],
        ("statefulsets", "ako"): ["list", "watch"],
        ("statefulsets/status", "ako"): ["patch"],
    }


def test_nothing_is_written_but_statuses_events_and_the_lease() -> None:
    writes = {rule.resource for rule in rules_of(printed()) if rule.verb in {"create", "update", "patch", "delete"}}
    assert {name for name in writes if not name.endswith("/status")} == {"events", "leases"}
    assert not any("*" in (rule.group, rule.resource, rule.verb) for rule in rules_of(printed()))


def test_only_enabled_plugins_count() -> None:
    balancing = said(*only("loadbalancer", "clusterip_routes"))
    assert "patch services/status" in balancing
    assert not [rule for rule in balancing if "ingress" in rule or "routes" in rule]
    # Nobody serves TLS then, so that our own Secret is the only one that is watched: by name.
    assert {rule for rule in balancing if "secrets" in rule} == {
        f"{verb} secrets avi-secret" for verb in ("get", "list", "watch")
    }


def test_no_lease_where_there_is_no_election() -> None:
    assert not [rule for rule in said("--set", "ako.leaderElection.enabled=false") if "leases" in rule]


# ---- what plugins declare ----------------------------------------------------------------------------------------


class Source:
    """A plugin that declares one kind."""

    def __init__(self, **declared: Any) -> None:
        self._kind = WatchedKind(**{"kind": KIND, "plural": "moods", "record": Mood, "is_source": True, **declared})

    @hookimpl
    def ako_kinds(self) -> tuple[WatchedKind, ...]:
        return (self._kind,)


def declaring(**declared: Any) -> PluginHost:
    return PluginHost([Plugin("theirs", Source(**declared))])


def of_moods(host: PluginHost) -> set[tuple[str, str, str, str]]:
    found = rights(host, Settings(), "avi-system")
    return {(right.resource, right.verb, right.namespace, right.name) for right in found if right.group == KIND.group}


WATCHED = {("moods", "list", "", ""), ("moods", "watch", "", "")}


def test_a_kind_of_a_third_party_is_watched_and_its_status_written_if_it_has_one() -> None:
    assert of_moods(declaring()) == WATCHED
    assert of_moods(declaring(status=MoodStatus)) == {*WATCHED, ("moods/status", "patch", "", "")}


def test_what_a_third_party_asks_for_beside_that() -> None:
    more = of_moods(declaring(access=("moods/scale:get", "moods:create"), field_selector="metadata.name=x"))
    assert more == {
        ("moods", "list", "", "x"),
        ("moods", "watch", "", "x"),
        ("moods/scale", "get", "", "x"),
        ("moods", "create", "", ""),
    }


@pytest.mark.parametrize("access", ["moods/status", "moods:read", ":get", "moods:*"])
def test_an_access_that_means_nothing_is_a_fault_of_the_plugin(access: str) -> None:
    with pytest.raises(PluginError, match=r"plugin theirs: access .* of Mood is not <resource>:<verb>"):
        of_moods(declaring(access=(access,)))


def test_of_two_who_watch_a_kind_the_wider_counts() -> None:
    narrow = Source(field_selector="metadata.name=x", access=("moods:delete",))
    wide = Source(record=MoodStatus, is_source=False)
    found = of_moods(PluginHost([Plugin("narrow", narrow), Plugin("wide", wide)]))
    assert found == {*WATCHED, ("moods", "delete", "", "x")}


def test_namespaces_are_watched_for_any_source_as_they_may_be_selected() -> None:
    assert Right("", "namespaces", "list", "watched for the core") in rights(declaring(), Settings(), "avi-system")
    (own,) = (right for right in rights(PluginHost([]), Settings(), "x") if right[1:3] == ("namespaces", "list"))
    assert own.name == "kube-system"


# ---- --check -----------------------------------------------------------------------------------------------------


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "values.yaml"
    path.write_text(yaml.safe_dump({"AKOSettings": {"clusterName": "c"}}), encoding="utf-8")
    return path


def check(kube: KubeApi, folder: Path, *arguments: str) -> tuple[int, list[str], str]:
    kubeconfig = kube.write_kubeconfig(folder / "kubeconfig", ACCOUNT)
    code, out, err = ako("rbac", "--check", "--kubeconfig", str(kubeconfig), *arguments)
    return code, [line for line in out.splitlines() if line.startswith("no ")], err


@pytest.fixture
def let_in(kube: KubeApi) -> KubeApi:
    kube.add_user(ACCOUNT)
    return kube


def test_with_what_is_printed_nothing_is_missing(let_in: KubeApi, config: Path, tmp_path: Path) -> None:
    grant(let_in, config)
    assert check(let_in, tmp_path) == (0, [], "")


def test_what_is_missing_is_told_with_a_remedy(let_in: KubeApi, config: Path, tmp_path: Path) -> None:
    (left_out,) = (rule for rule in rules_of(printed()) if str(rule) == "watch nodes")
    let_in.apply(*without(printed("--config", str(config)), left_out))
    code, missing, err = check(let_in, tmp_path)
    assert (code, [line.split()[:4] for line in missing]) == (1, [["no", "watch", "nodes", "everywhere"]])
    assert "1 of " in err
    assert "ako rbac | kubectl apply -f -" in err


def test_nobody_has_all_of_them_and_who_checks_the_namespace_sees_that_alone(let_in: KubeApi, tmp_path: Path) -> None:
    let_in.apply(*printed("--namespaced"))
    assert check(let_in, tmp_path, "--namespaced")[:2] == (0, [])
    code, missing, err = check(let_in, tmp_path)
    assert code == 1
    assert len(missing) > 20
    assert not [line for line in missing if "avi-system" in line], err


def test_a_right_to_one_object_is_none_to_all(let_in: KubeApi, tmp_path: Path) -> None:
    let_in.apply(*printed(*only("loadbalancer", "clusterip_routes")))
    _, missing, _ = check(let_in, tmp_path)
    assert ["no", "list", "secrets", "everywhere"] in [line.split()[:4] for line in missing]


def test_plugins_that_the_config_map_of_the_cluster_enables_count(let_in: KubeApi, tmp_path: Path) -> None:
    let_in.apply(*printed(*only("loadbalancer", "clusterip_routes")))
    metadata = {"name": "avi-k8s-config", "namespace": "avi-system"}
    data = {"pluginsEnabled": "loadbalancer,clusterip_routes"}
    let_in.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data})
    assert check(let_in, tmp_path)[:2] == (0, [])


def test_an_api_server_that_is_away_is_no_answer(let_in: KubeApi, tmp_path: Path) -> None:
    kubeconfig = let_in.write_kubeconfig(tmp_path / "kubeconfig", ACCOUNT)
    let_in.close()
    code, out, err = ako("rbac", "--check", "--kubeconfig", str(kubeconfig))
    assert (code, out) == (1, "")
    assert "failed" in err


def test_for_whom_and_check_exclude_each_other() -> None:
    with pytest.raises(SystemExit) as ended:
        ako("rbac", "--check", "--for", "jane")
    assert ended.value.code == 64


@pytest.mark.parametrize("user", ["", " "])
def test_a_user_without_a_name_is_a_fault_and_nobody_else_is_bound(
    user: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as fault:
        main(["rbac", "--for", user])
    assert fault.value.code == 64
    told = capsys.readouterr()
    assert not told.out
    assert "argument --for: the name is empty; name a user, or leave --for away" in told.err
