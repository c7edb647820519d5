"""Which objects the chart makes, with what in them: each switch on and off."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest
import yaml
from helm_python.errors import HelmRenderError, HelmValuesError

from ako.core.control.readiness import STANDSTILL
from tests.chart.place import CHART, ROOT, Manifest, manifests, notes, one

Values = Mapping[str, Any]
ALWAYS = [
    ("ClusterRole", "ako-avi-system"),
    ("ClusterRoleBinding", "ako-avi-system"),
    ("ConfigMap", "avi-k8s-config"),
    ("IngressClass", "avi-lb"),
    ("Role", "ako"),
    ("RoleBinding", "ako"),
    ("Service", "ako"),
    ("ServiceAccount", "ako-sa"),
    ("StatefulSet", "ako"),
]
made = partial(manifests, judges=False)
"""Renders without asking the schema, which takes most of the time and is tried with values of all kinds elsewhere."""
SELECTOR = {"app.kubernetes.io/name": "ako", "app.kubernetes.io/instance": "ako"}


def identities(values: Values) -> set[tuple[str, str]]:
    found = [(m["kind"], m["metadata"]["name"]) for m in manifests(values)]
    assert len(set(found)) == len(found)
    return set(found)


def pod(values: Values) -> Manifest:
    found: Manifest = one(made(values), "StatefulSet")["spec"]["template"]["spec"]
    return found


def container(values: Values) -> Manifest:
    (found,) = pod(values)["containers"]
    return dict(found)


@pytest.mark.parametrize(
    ("values", "more", "less"),
    [
        ({}, set(), set()),
        ({"avicredentials": {"username": "x"}}, {("Secret", "avi-secret")}, set()),
        ({"avicredentials": {"username": "", "password": None}}, set(), set()),
        ({"existingSecret": "login"}, set(), set()),
        ({"podDisruptionBudget": {"enabled": True}}, {("PodDisruptionBudget", "ako")}, set()),
        ({"networkPolicy": {"enabled": True}}, {("NetworkPolicy", "ako")}, set()),
        ({"serviceMonitor": {"enabled": True}}, {("ServiceMonitor", "ako")}, set()),
        ({"podMonitor": {"enabled": True}}, {("PodMonitor", "ako")}, set()),
        ({"prometheusRule": {"enabled": True}}, {("PrometheusRule", "ako")}, set()),
        ({"grafanaDashboard": {"enabled": True}}, {("ConfigMap", "ako-dashboard")}, set()),
        ({"ingressClass": {"create": False}}, set(), {("IngressClass", "avi-lb")}),
        ({"serviceAccount": {"create": False}}, set(), {("ServiceAccount", "ako-sa")}),
        ({"rbac": {"create": False}}, set(), {one for one in ALWAYS if "Role" in one[0]}),
    ],
)
def test_makes_what_is_switched_on(values: Values, more: set[Any], less: set[Any]) -> None:
    assert identities(values) == (set(ALWAYS) | more) - less


@pytest.mark.parametrize("named", ["elsewhere", "123", "0x1", "true", "null", "1e3"])
def test_all_that_has_a_namespace_is_in_that_of_the_release(named: str) -> None:
    everything = {
        "avicredentials": {"username": "x"},
        **{name: {"enabled": True} for name in ("podDisruptionBudget", "networkPolicy", "serviceMonitor")},
        **{name: {"enabled": True} for name in ("podMonitor", "prometheusRule", "grafanaDashboard")},
    }
    selector = {**SELECTOR, "app.kubernetes.io/instance": named}
    for found in made(everything, namespace=named, release=named):
        is_wide = found["kind"] in {"ClusterRole", "ClusterRoleBinding", "IngressClass"}
        assert found["metadata"].get("namespace") == (None if is_wide else named), found["kind"]
        assert found["metadata"]["labels"].items() >= selector.items()
        for subject in found.get("subjects", ()):
            assert subject["namespace"] == named
        if found["kind"] == "StatefulSet":
            (spread,) = found["spec"]["template"]["spec"]["topologySpreadConstraints"]
            assert spread["labelSelector"]["matchLabels"] == found["spec"]["selector"]["matchLabels"] == selector


@pytest.mark.parametrize(
    "values",
    [{}, {"podLabels": {"a": "b"}}, {"replicaCount": 3}, {"image": {"tag": "9"}}, {"fullnameOverride": "other"}],
)
def test_what_cannot_be_changed_never_changes(values: Values) -> None:
    """And it is as AKO's chart has it, so that Helm can go from one to the other."""
    spec = one(made(values), "StatefulSet")["spec"]
    assert spec["selector"] == {"matchLabels": SELECTOR}
    assert spec["template"]["metadata"]["labels"].items() >= SELECTOR.items()
    assert (spec["serviceName"], spec["podManagementPolicy"]) == ("ako", "Parallel")
    binding = one(made(values), "ClusterRoleBinding")
    assert binding["roleRef"]["name"] == one(made(values), "ClusterRole")["metadata"]["name"]


def test_another_name_is_one_in_labels_only() -> None:
    found = made({"nameOverride": "edge"}, release="r")
    assert {(m["kind"], m["metadata"]["name"]) for m in found} == set(ALWAYS)
    wanted = {"app.kubernetes.io/name": "edge", "app.kubernetes.io/instance": "r"}
    assert one(found, "StatefulSet")["spec"]["selector"]["matchLabels"] == wanted
    assert one(found, "Service")["spec"]["selector"] == wanted


def test_a_label_that_selects_cannot_be_overruled() -> None:
    labels = one(made({"podLabels": {"app.kubernetes.io/name": "x"}}), "StatefulSet")["spec"]["template"]["metadata"][
        "labels"
    ]
    assert labels.items() >= SELECTOR.items()


def test_an_annotation_of_ones_own_takes_the_place_of_a_usual_one() -> None:
    values = {"featureGates": {"EnablePrometheus": True}, "podAnnotations": {"prometheus.io/port": "1"}}
    annotations = one(made(values), "StatefulSet")["spec"]["template"]["metadata"]["annotations"]
    assert (annotations["prometheus.io/port"], annotations["prometheus.io/scrape"]) == ("1", "true")


@pytest.mark.parametrize("key", ["serviceMonitor", "podMonitor", "prometheusRule", "grafanaDashboard"])
def test_labels_of_ones_own_are_laid_beside_ours(key: str) -> None:
    labels = {"release": "p", "app.kubernetes.io/name": "x"}
    (found,) = [m for m in made({key: {"enabled": True, "labels": labels}}) if "release" in m["metadata"]["labels"]]
    assert found["metadata"]["labels"].items() >= {**SELECTOR, "release": "p"}.items()


def test_is_let_in_where_pods_are_restricted() -> None:
    """What the Pod Security Standard `restricted` asks for; and no user, so that OpenShift chooses one."""
    spec = pod({})
    assert spec["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    assert container({})["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {next(iter(volume.keys() - {"name"})) for volume in spec["volumes"]} == {"emptyDir"}
    assert not spec.keys() & {"hostNetwork", "hostPID", "hostIPC"}
    namespace = next(yaml.safe_load_all((ROOT / "deploy" / "ako.yaml").read_text(encoding="utf-8").partition("---")[2]))
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_its_token_is_for_its_pods_alone_and_services_are_no_settings() -> None:
    found = made({})
    assert one(found, "ServiceAccount")["automountServiceAccountToken"] is False
    assert pod({})["automountServiceAccountToken"] is True
    assert pod({})["enableServiceLinks"] is False


@pytest.mark.parametrize("count", [2, "2", " 2 "])
def test_replicas(count: Any) -> None:
    found = made({"replicaCount": count})
    assert one(found, "StatefulSet")["spec"]["replicas"] == 2
    assert "replicaCount" not in one(found, "ConfigMap")["data"]


def test_a_large_user_id_stays_a_number() -> None:
    assert pod({"podSecurityContext": {"runAsUser": 1000680000}})["securityContext"]["runAsUser"] == 1000680000


@pytest.mark.parametrize(
    ("image", "is_called"),
    [
        ({}, "ako:0.2.0"),
        ({"repository": "r.example.com:5000/a/ako", "tag": 1.5}, "r.example.com:5000/a/ako:1.5"),
        ({"tag": "x", "digest": "sha256:00"}, "ako@sha256:00"),
        (None, "ako:0.2.0"),
    ],
)
def test_image(image: Any, is_called: str) -> None:
    assert container({"image": image})["image"] == is_called


def test_secrets_of_the_registry_in_both_ways_of_both_keys() -> None:
    values = {"imagePullSecrets": ["a", {"name": "b"}], "image": {"pullSecrets": [{"name": "c"}]}}
    assert pod(values)["imagePullSecrets"] == [{"name": "a"}, {"name": "b"}, {"name": "c"}]
    assert "imagePullSecrets" not in pod({})


@pytest.mark.parametrize("value", [True, "true", "True", "yes", "1", "", None])
def test_is_the_default_class(value: Any) -> None:
    found = one(made({"L7Settings": {"defaultIngController": value}}), "IngressClass")
    assert found["metadata"]["annotations"]["ingressclass.kubernetes.io/is-default-class"] == "true"
    assert found["spec"] == {"controller": "ako.vmware.com/avi-lb"}


@pytest.mark.parametrize("value", [False, "false", "FALSE", "no", "0"])
def test_is_not_the_default_class(value: Any) -> None:
    found = one(made({"L7Settings": {"defaultIngController": value}}), "IngressClass")
    assert found["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}


@pytest.mark.parametrize("count", ["010", " 0010 "])
def test_a_number_with_leading_zeros_is_what_the_program_takes_it_for(count: str) -> None:
    found = made({"replicaCount": count, "AKOSettings": {"apiServerPort": "08080"}})
    assert one(found, "StatefulSet")["spec"]["replicas"] == 10
    (only,) = one(found, "StatefulSet")["spec"]["template"]["spec"]["containers"]
    assert only["ports"][0]["containerPort"] == 8080


@pytest.mark.parametrize("port", [9090, "9090"])
def test_the_port_is_the_same_everywhere(port: Any) -> None:
    values = {"AKOSettings": {"apiServerPort": port}, "featureGates": {"EnablePrometheus": True}}
    found = made({**values, "networkPolicy": {"enabled": True}})
    template = one(found, "StatefulSet")["spec"]["template"]
    (only,) = template["spec"]["containers"]
    assert only["ports"] == [{"name": "http", "containerPort": 9090, "protocol": "TCP"}]
    assert one(found, "ConfigMap")["data"]["apiServerPort"] == "9090"
    assert template["metadata"]["annotations"]["prometheus.io/port"] == "9090"
    assert {only[f"{probe}Probe"]["httpGet"]["port"] for probe in ("startup", "readiness", "liveness")} == {"http"}
    assert one(found, "Service")["spec"]["ports"][0]["targetPort"] == "http"
    assert one(found, "NetworkPolicy")["spec"]["ingress"][0]["ports"] == [{"port": "http", "protocol": "TCP"}]


def test_probes_ask_what_they_are_for() -> None:
    found = container({})
    assert found["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert found["livenessProbe"]["httpGet"]["path"] == found["startupProbe"]["httpGet"]["path"] == "/healthz"


def test_probes_can_be_changed_and_left_out() -> None:
    found = container({"probes": {"liveness": {"enabled": False}, "readiness": {"periodSeconds": 9}}})
    assert "livenessProbe" not in found
    assert (found["readinessProbe"]["periodSeconds"], found["readinessProbe"]["failureThreshold"]) == (9, 2)
    assert "enabled" not in found["readinessProbe"]
    assert "startupProbe" not in container({"probes": {"startup": None}})


def test_numbers_follow_from_what_was_measured() -> None:
    figures = (ROOT / "docs" / "benchmark.md").read_text(encoding="utf-8")
    peaks = [float(text) for text in re.findall(r"peak memory[^|]*\|\s*([0-9.]+)", figures)]
    resources = container({})["resources"]
    assert int(resources["limits"]["memory"].removesuffix("Mi")) >= 1.5 * max(peaks)
    assert "cpu" not in resources["limits"]
    comments = re.sub(r"\s*#\s*", " ", (CHART / "values.yaml").read_text(encoding="utf-8"))
    assert f"when the loop got nowhere for {STANDSTILL:.0f} s" in comments
    liveness = container({})["livenessProbe"]
    stands = STANDSTILL + liveness["periodSeconds"] * liveness["failureThreshold"]
    assert f"about {stands:.0f} s after it stood still" in comments


def test_everything_extra_is_laid_on() -> None:
    values = {
        "extraEnv": [{"name": "A", "value": "1"}],
        "extraVolumes": [{"name": "v", "emptyDir": {}}],
        "extraVolumeMounts": [{"name": "v", "mountPath": "/v"}],
        "nodeSelector": {"a": "b"},
        "tolerations": [{"operator": "Exists"}],
        "affinity": {"nodeAffinity": {}},
        "priorityClassName": "high",
        "terminationGracePeriodSeconds": 5,
        "podManagementPolicy": "OrderedReady",
        "topologySpreadConstraints": [
            {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"},
            {"maxSkew": 1, "topologyKey": "x", "labelSelector": {"matchLabels": {"c": "d"}}},
        ],
    }
    spec, only = pod(values), container(values)
    assert [entry["name"] for entry in only["env"]] == ["POD_NAME", "POD_NAMESPACE", "A"]
    assert [volume["name"] for volume in spec["volumes"]] == ["tmp", "v"]
    assert [mount["mountPath"] for mount in only["volumeMounts"]] == ["/tmp", "/v"]
    for key in ("nodeSelector", "tolerations", "affinity", "priorityClassName", "terminationGracePeriodSeconds"):
        assert spec[key] == values[key]
    first, second = spec["topologySpreadConstraints"]
    assert first["labelSelector"] == {"matchLabels": SELECTOR}
    assert second["labelSelector"] == {"matchLabels": {"c": "d"}}
    assert one(manifests(values), "StatefulSet")["spec"]["podManagementPolicy"] == "OrderedReady"


@pytest.mark.parametrize(
    ("host", "port"),
    [
        ("", 443),
        ("avi.example.com", 443),
        ("avi.example.com:9443", 9443),
        ("http://avi.example.com", 80),
        ("HTTP://avi.example.com:8080/", 8080),
        ("[2001:db8::5]:9443", 9443),
        ("2001:db8::5", 443),
        ("https://[2001:db8::5]/", 443),
    ],
)
def test_a_network_policy_lets_the_program_reach_the_controller(host: str, port: int) -> None:
    values = {"networkPolicy": {"enabled": True}, "ControllerSettings": {"controllerHost": host}}
    spec = one(made(values), "NetworkPolicy")["spec"]
    names, servers = (sorted(entry["port"] for entry in rule["ports"]) for rule in spec["egress"])
    assert (names, servers) == ([53, 53, 5353, 5353], sorted({443, 6443, 8443, port}))
    assert "from" not in spec["ingress"][0]


def test_a_network_policy_of_ones_own() -> None:
    values = {"enabled": True, "ingressFrom": [{"namespaceSelector": {}}], "egress": [{"to": [{"podSelector": {}}]}]}
    spec = one(made({"networkPolicy": values}), "NetworkPolicy")["spec"]
    assert spec["egress"] == values["egress"]
    assert spec["ingress"][0]["from"] == values["ingressFrom"]


@pytest.mark.parametrize(("most", "written"), [(1, 1), ("50%", "50%"), (0, 0), ("2", 2), (None, 1)])
def test_a_disruption_budget(most: Any, written: Any) -> None:
    found = one(made({"podDisruptionBudget": {"enabled": True, "maxUnavailable": most}}), "PodDisruptionBudget")
    assert found["spec"]["maxUnavailable"] == written
    assert found["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
    assert found["spec"]["selector"] == {"matchLabels": SELECTOR}


@pytest.mark.parametrize(
    ("values", "about"),
    [
        ({"replicaCount": 2, "ako": {"leaderElection": {"enabled": False}}}, "replicaCount"),
        ({"replicaCount": "2", "ako": {"leaderElection": {"enabled": "false"}}}, "replicaCount"),
        ({"AKOSettings": {"apiServerPort": 0}}, "AKOSettings.apiServerPort"),
        ({"existingSecret": "a", "avicredentials": {"authtoken": "b"}}, "existingSecret"),
        ({"ako": {"avicredentials": {"password": "x"}}}, "ako.avicredentials"),
        ({"ako": {"AKOSettings": {"clusterName": "x"}}}, "ako.AKOSettings"),
        ({"existingSecret": "Login"}, 'existingSecret: no Secret can be called "Login"'),
        ({"existingSecret": " "}, "existingSecret"),
        ({"existingSecret": "a.-b"}, "existingSecret"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(values: Values, about: str) -> None:
    with pytest.raises(HelmRenderError, match=rf"{re.escape(about)}[^:]*: \w"):
        manifests(values)


@pytest.mark.parametrize(
    "values",
    [
        {"AKOSetings": {}},
        {"AKOSettings": {"clusterNam": "x"}},
        {"AKOSettings": {"deleteConfig": "yes"}},
        {"AKOSettings": {"fullSyncFrequency": "soon"}},
        {"L7Settings": {"pathMatching": "nginx"}},
        {"image": {"pulPolicy": "Always"}},
        {"rbac": {"create": "false"}},
        {"podManagementPolicy": "Random"},
        {"replicaCount": "many"},
        {"extraEnv": {"A": "b"}},
        {"probes": {"liveness": {"path": "/"}}},
    ],
)
def test_what_is_no_value_is_refused_by_the_schema(values: Values) -> None:
    with pytest.raises(HelmValuesError, match=next(iter(values))):
        manifests(values)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({}, "MISSING: ControllerSettings.controllerHost"),
        ({}, "MISSING, unless it is there: the Secret avi-secret"),
        ({"existingSecret": "login"}, "the Secret login"),
        ({}, "AKOSettings.clusterName is `my-cluster`"),
        ({"image": {"repository": "projects.packages.broadcom.com/ako/ako"}}, "WRONG IMAGE: image.repository is"),
        ({"image": {"repository": "avinetworks/ako"}}, "WRONG IMAGE: image.repository is"),
        ({}, "pathMatching: ako\n    shardHash: fnv1a"),
        ({"AKOSettings": {"deleteConfig": "true"}}, "AKOSettings.deleteConfig is true"),
        ({"persistentVolumeClaim": "logs"}, "persistentVolumeClaim has no effect"),
        ({"fullnameOverride": "x"}, "fullnameOverride has no effect"),
        ({"rbac": {"pspEnable": True}}, "rbac.pspEnable has no effect"),
        ({"featureGates": {"GatewayAPI": True}}, "featureGates.GatewayAPI has no effect"),
    ],
)
def test_the_notes_say_it(values: Values, text: str) -> None:
    assert text in notes(values)
    assert text not in notes(WHOLE)


WHOLE = {
    "AKOSettings": {"clusterName": "c1"},
    "ControllerSettings": {"controllerHost": "avi.example.com"},
    "avicredentials": {"username": "a", "password": "b"},
    "L7Settings": {"pathMatching": "ako", "shardHash": "fnv1a"},
}


@pytest.mark.parametrize("newer", [{}, {"controllerHost": None}, {"controllerHost": " "}])
def test_the_notes_know_the_controller_by_its_older_key(newer: Values) -> None:
    assert "MISSING: ControllerSettings" not in notes({"ControllerSettings": {**newer, "controllerIP": "10.0.0.1"}})


def test_the_notes_say_nothing_secret_and_where_tools_look() -> None:
    values = {**WHOLE, "avicredentials": {"username": "a", "password": "hunter2"}}
    assert "hunter2" not in notes(values)
    assert "`avi-system`" not in notes(WHOLE)
    assert "`avi-system`" in notes(WHOLE, namespace="elsewhere")


def test_the_alerts_are_those_of_the_file() -> None:
    """Which has templates of its own."""
    rules = (CHART / "files" / "alerts.yaml").read_text(encoding="utf-8")
    found = one(made({"prometheusRule": {"enabled": True, "labels": {"release": "p"}}}), "PrometheusRule")
    assert found["spec"] == yaml.safe_load(rules)
    assert "{{ $labels" in rules
    assert found["metadata"]["labels"]["release"] == "p"


@pytest.mark.parametrize("url", ["https://docs.example.com/ako/runbooks", "https://docs.example.com/ako/runbooks/"])
def test_alerts_lead_to_where_their_pages_are(url: str) -> None:
    found = one(made({"prometheusRule": {"enabled": True, "runbookUrl": url}}), "PrometheusRule")
    links = {rule["annotations"]["runbook_url"] for group in found["spec"]["groups"] for rule in group["rules"]}
    assert links
    assert all(link.startswith("https://docs.example.com/ako/runbooks/Ako") for link in links)


def test_the_dashboard_is_that_of_the_file() -> None:
    found = one(made({"grafanaDashboard": {"enabled": True}}), "ConfigMap", "ako-dashboard")
    assert json.loads(found["data"]["ako.json"]) == json.loads((CHART / "files" / "dashboard.json").read_bytes())
    assert found["metadata"]["labels"]["grafana_dashboard"] == "1"


@pytest.mark.parametrize(("key", "ends"), [("serviceMonitor", "endpoints"), ("podMonitor", "podMetricsEndpoints")])
def test_a_monitor_finds_the_metrics(key: str, ends: str) -> None:
    values = {key: {"enabled": True, "interval": "", "scrapeTimeout": "5s", "labels": {"release": "p"}}}
    found = made(values)
    (monitor,) = [m for m in found if m["kind"].endswith("Monitor")]
    service, pods = one(found, "Service"), one(found, "StatefulSet")["spec"]["template"]
    selected = {"serviceMonitor": service["metadata"]["labels"], "podMonitor": pods["metadata"]["labels"]}[key]
    assert selected.items() >= monitor["spec"]["selector"]["matchLabels"].items()
    assert monitor["spec"][ends] == [{"port": "http", "path": "/metrics", "scrapeTimeout": "5s"}]
    assert {port["name"] for port in service["spec"]["ports"]} == {"http"}
    assert monitor["metadata"]["labels"]["release"] == "p"


def test_the_page_of_health_has_the_same_probes() -> None:
    page = (ROOT / "docs" / "health.md").read_text(encoding="utf-8")
    block = yaml.safe_load(page.partition("## Probes")[2].partition("```yaml\n")[2].partition("```")[0])
    assert block.keys() == {"startupProbe", "readinessProbe", "livenessProbe"}
    assert container({}).items() >= block.items()
