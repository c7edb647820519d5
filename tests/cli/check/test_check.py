"""What `ako check` finds, where, and how it ends."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.cli.check.running import Done, check, typed
from tests.pages.site import ROOT

INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  annotations: {passthrough.ako.vmware.com/enabled: "true"}
spec:
  tls:
  - hosts: [shop.com]
    secretName: shop-tls
  rules:
  - host: shop.com
    http:
      paths:
      - path: /
        backend: {service: {name: web, port: {number: 80}}}
      - path: /cart
        backend:
          service:
            name: cart
            port:
              number: 81
  - host: shop_.com
    http:
      paths:
      - backend: {service: {name: web, port: {number: 80}}}
"""
SERVICES = """\
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Service
  metadata: {name: web}
  spec:
    ports: [{port: 80}]
- apiVersion: v1
  kind: Service
  metadata: {name: cart}
  spec:
    ports: [{port: 80}]
"""
PLAIN = (
    INGRESS[: INGRESS.index("  annotations")] + INGRESS[INGRESS.index("spec") : INGRESS.index("      - path: /cart")]
)
GOOD = PLAIN.replace(PLAIN[PLAIN.index("  tls") : PLAIN.index("  rules")], "")


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    (folder / "k8s").mkdir(parents=True)
    return folder


def write(repo: Path, **files: str) -> None:
    for name, text in files.items():
        (repo / "k8s" / f"{name}.yaml").write_text(text)


def told(repo: Path, *arguments: str) -> list[str]:
    return check(repo, "k8s", "--format", "json", *arguments).told


def test_nothing_is_wrong(repo: Path) -> None:
    write(repo, shop=GOOD, web=SERVICES)
    done = check(repo, "k8s", "--domains", "com")
    assert done.code == 0
    assert done.lines[-1] == "nothing is wrong; 1 object checked, not ours: 2 Service"


def test_a_folder_without_manifests_is_said_to_be_one(repo: Path) -> None:
    done = check(repo, "k8s", "--domains", "com")
    assert done.code == 0
    assert "note: there are no manifests" in done.lines


def test_a_faulty_manifest_is_one(repo: Path) -> None:
    write(repo, bad="- 1\n")
    assert "note: there are no manifests" not in check(repo, "k8s").lines


def test_that_a_route_makes_ingresses_none_of_ours_is_said(repo: Path) -> None:
    route = "apiVersion: route.openshift.io/v1\nkind: Route\nmetadata: {name: r}\n"
    route += "spec: {host: r.com, to: {kind: Service, name: web}}\n"
    write(repo, shop=INGRESS, web=SERVICES, route=route)
    done = check(repo, "k8s")
    assert done.code == 0
    assert (
        "note: no Ingress was checked: this cluster serves Routes; with ako.sources auto these are processed, and no "
        "Ingress."
    ) in done.lines
    both = check(repo, "k8s", "--set", "ako.sources=[ingress, openshift_route]")
    assert both.code == 3
    assert "no Ingress was checked" not in both.out


def test_each_problem_has_the_line_of_what_it_is_about(repo: Path) -> None:
    write(repo, shop=INGRESS, web=SERVICES)
    annotation, host = (
        "shop.yaml:5 Ingress/default/shop AnnotationUnsupported",
        "shop.yaml:22 Ingress/default/shop InvalidHost",
    )
    assert told(repo) == [annotation, "shop.yaml:9 Ingress/default/shop SecretNotFound", host]
    assert told(repo, "--partial") == [annotation, "shop.yaml:21 Ingress/default/shop PortNotFound", host]
    assert check(repo, "k8s").code == check(repo, "k8s", "--partial").code == 3


def test_text_has_a_line_that_editors_know_and_the_remedy_below_it(repo: Path) -> None:
    write(repo, shop=GOOD)
    assert check(repo, "k8s", "--domains", "com").lines == [
        "k8s/shop.yaml:11: Ingress/default/shop: BackendNotFound: shop.com/: service default/web does not exist.",
        "    Create it, or name another one.",
        "note: IngressClass avi-lb is assumed to be there, the default, as the chart makes it: no file has one of ours",
        "note: 1 problem about objects that no file has: with --partial these are assumed to be in the cluster",
        "1 problem in 1 file; 1 object checked",
    ]


def test_all_that_is_wrong_with_files_is_found(repo: Path) -> None:
    write(repo, bad="a: 1\n---\n- x\n---\n" + SERVICES + "---\nspec: {a: [}\n", web=SERVICES, twice=SERVICES)
    (repo / "k8s" / "broken.json").write_text("{")
    assert told(repo) == [
        "bad.yaml:1 k8s/bad.yaml InvalidObject",
        "bad.yaml:3 k8s/bad.yaml InvalidObject",
        "bad.yaml:19 k8s/bad.yaml InvalidYaml",
        "broken.json:1 k8s/broken.json InvalidJson",
        "web.yaml:4 k8s/web.yaml DuplicateObject",
        "web.yaml:9 k8s/web.yaml DuplicateObject",
    ]


def test_an_object_that_does_not_decode_is_found_whoever_refers_to_it(repo: Path) -> None:
    odd = "apiVersion: v1\nkind: Service\nmetadata: {name: odd}\nspec:\n  clusterIP: None\n  ports: x\n"
    write(repo, odd=odd, shop=GOOD.replace("host: shop.com", "host: 7"))
    assert told(repo) == ["odd.yaml:6 Service/default/odd Unreadable", "shop.yaml:7 Ingress/default/shop Unreadable"]


def test_json_has_lines_too(repo: Path) -> None:
    balancer = '{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "lb"},\n "spec": {"type": "LoadBalancer",'
    (repo / "k8s" / "lb.json").write_text(balancer + '\n  "loadBalancerIP": "x",\n  "ports": [{"port": 80}]}}')
    assert told(repo) == ["lb.json:3 Service/default/lb InvalidAddress"]


def test_folders_files_and_standard_input_are_one_cluster(repo: Path) -> None:
    write(repo, shop=GOOD)
    (repo / "other").mkdir()
    (repo / "other" / "web.txt").write_text(SERVICES)
    assert check(repo, "k8s", "other/web.txt").code == 0
    assert check(repo, "k8s", "-", stdin=SERVICES).code == 0
    done = check(repo, "-", "--format", "json", stdin=GOOD + "---\n" + GOOD)
    assert done.told == ["stdin:11 Ingress/default/shop BackendNotFound", "stdin:13 stdin DuplicateObject"]
    assert "stdin:1, which counts" in done.problems[1]["message"]


def test_a_part_of_a_cluster_may_refer_to_the_rest(repo: Path) -> None:
    other = GOOD.replace("name: shop", "name: other").replace("spec:\n", "spec:\n  ingressClassName: nginx\n")
    write(repo, shop=PLAIN, other=other)
    assert told(repo) == [
        "other.yaml:6 Ingress/default/other IngressClassNotFound",
        "shop.yaml:8 Ingress/default/shop SecretNotFound",
    ]
    done = check(repo, "k8s", "--partial", "--domains", "com")
    assert done.code == 0
    assert done.lines == [
        "note: IngressClass avi-lb is assumed to be there, the default, as the chart makes it: no file has one of ours",
        "note: these Secrets are assumed to be there: default/shop-tls",
        "note: left out, as --partial asks for: 2 problems about objects that no file has",
        "nothing is wrong; 1 object checked, not ours: 1 Ingress",
    ]


def test_a_part_of_a_cluster_has_namespaces_that_are_selected(repo: Path) -> None:
    write(repo, shop=INGRESS)
    key, value = "AKOSettings.namespaceSelector.labelKey=team", "AKOSettings.namespaceSelector.labelValue=blue"
    selected = ("--set", key, "--set", value)
    assert told(repo, *selected) == []
    assert told(repo, *selected, "--partial") != []
    dated = GOOD.replace("name: shop", "name: shop\n  creationTimestamp: 2026-01-01T00:00:00Z")
    write(repo, shop=dated, web=SERVICES)
    in_tenants = ("--set", "ControllerSettings.tenantsPerCluster=true")
    assert told(repo, *in_tenants) == ["shop.yaml:8 Ingress/default/shop Unreadable"]
    assert told(repo, *in_tenants, "--partial") == []


def test_the_class_of_the_chart_is_there_unless_a_file_has_one_of_ours(repo: Path) -> None:
    named = GOOD.replace("spec:\n", "spec:\n  ingressClassName: avi-lb\n")
    ours = "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: ours}\n"
    write(repo, shop=named, web=SERVICES)
    assert told(repo) == []
    write(repo, ours=ours + "spec: {controller: ako.vmware.com/avi-lb}\n")
    assert told(repo) == ["shop.yaml:6 Ingress/default/shop IngressClassNotFound"]
    write(repo, ours=ours + "spec: {controller: example.com/other}\n")
    assert told(repo) == []


def test_domains_of_the_cloud_are_those_that_are_stated(repo: Path) -> None:
    write(repo, shop=GOOD.replace("- host: shop.com\n    http", "- http"), web=SERVICES)
    done = check(repo, "k8s")
    assert done.code == 0
    assert "note: not checked, for a cloud names their hosts: 1 rule without a host" in done.lines
    assert check(repo, "k8s", "--domains", "example.org,example.com").code == 0
    write(repo, shop=GOOD)
    assert told(repo, "--domains", "example.org, example.com") == [
        "shop.yaml:7 Ingress/default/shop HostOutsideDomains"
    ]


def test_what_is_not_ours_is_listed_on_demand(repo: Path) -> None:
    write(repo, web=SERVICES)
    why = "spec.type is ClusterIP: it asks for no address; it may be behind an Ingress or a Route."
    assert check(repo, "k8s", "--verbose").lines[:2] == [
        f"k8s/web.yaml:4: Service/default/web is not ours: {why}",
        f"k8s/web.yaml:9: Service/default/cart is not ours: {why}",
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("none",), 1, "ako: none: No such file or directory; name folders or files of manifests."),
        (("k8s", "--config", "none.yaml"), 1, "ako: --config none.yaml: cannot be read: No such file or directory"),
        (("k8s", "--output", "none/x"), 1, "ako: --output none/x: No such file or directory"),
        ((), 64, "ako check: the following arguments are required: DIR|FILE"),
        (("k8s", "--format", "xml"), 64, "ako check: argument --format: unknown value: must be one of text, json"),
    ],
)
def test_what_cannot_be_done_ends_with_another_code(
    repo: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    done = check(repo, *arguments)
    assert done.code == code
    assert message in done.err


def test_a_plugin_that_fails_is_told_and_the_rest_is_checked(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("ako.plugins.loadbalancer.plugin.discover_service", fail)
    write(repo, shop=GOOD, web=SERVICES.replace("ports:", "type: LoadBalancer\n    ports:"))
    done: Done = check(repo, "k8s")
    assert done.code == 1
    assert "a plugin failed: " in done.err


def test_the_hook_of_pre_commit_is_the_command(repo: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert hook["id"] == "ako-check"
    assert hook["pass_filenames"] is False
    assert re.search(hook["files"], "k8s/shop.yaml")
    program, *words = hook["entry"].split()
    write(repo, shop=GOOD)
    assert program == "ako"
    assert typed(repo, *words, "k8s").code == 3
