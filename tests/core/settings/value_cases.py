"""Values of a values file, good and bad ones, by key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import trustme

PEM = trustme.CA().cert_pem.bytes().decode()

FLAGS = ([True, False, "true", "False", "YES", " off\n", "0", 1, 0.0], ["maybe", 2, -1, "2", [], {}, [True], 0.5])
OFF = ([False, "false", "FALSE", "no", "0", 0, " off "], [True, "true", "yes", 1, "maybe", [], {}, [False]])

CASES: Mapping[str, tuple[list[Any], list[Any]]] = {
    "AKOSettings.clusterName": (
        ["my-cluster", " c1 ", "c_2", 7, "a-b-c", "-a"],
        ["", " ", "a--b", "a-", "a b", "a.b", "ä", [], {}, True, 1.5, 12345678],
    ),
    "AKOSettings.logLevel": (["DEBUG", "info", " Warn", "eRRor"], ["LOUD", "warning", 1, True, ["INFO"], "DEBUGS"]),
    "AKOSettings.fullSyncFrequency": (
        ["1800", 0, " 60 ", 60.0, "007", 2147483647],
        [-1, "-1", "1h", 1.5, "1.5", True, [], {}, 2147483648, "2147483648", "1_000", "+5", "٣", "9" * 30],
    ),
    "AKOSettings.apiServerPort": ([8080, "65535", "0"], [65536, "65536", "-8080", "http", [8080]]),
    "AKOSettings.deleteConfig": ([True, False, "true", " false"], ["TRUE", "yes", "1", 1, 0, "on", []]),
    "AKOSettings.disableStaticRouteSync": FLAGS,
    "AKOSettings.layer7Only": FLAGS,
    "AKOSettings.enableEvents": FLAGS,
    "AKOSettings.cniPlugin": (["calico", "", "Anything", 5], [True, [], {"a": 1}, 1.5]),
    "AKOSettings.ipFamily": (["V4", "v6", "V4_v6", ""], ["V5", "V4,V6", 4, ["V4"]]),
    "AKOSettings.namespaceSelector": (
        [{}, None, {"labelKey": "", "labelValue": ""}, {"labelKey": "a/b", "labelValue": "c"}],
        [{"labelKey": "a"}, {"labelValue": "a", "labelKey": " "}, {"label": "a"}, "a=b", []],
    ),
    "AKOSettings.blockedNamespaceList": (
        [[], ["red", "kube-system"], "red, blue,", '["red"]', "null", ",", [" red "], [7]],
        [["*"], "Red", ["red."], {"red": 1}, 5, True, [["red"]], [None], ["a" * 64], "red blue"],
    ),
    "AKOSettings.syncNamespace": (["", None, " "], ["red", 5, True, ["red"]]),
    "AKOSettings.enableEVH": OFF,
    "AKOSettings.istioEnabled": OFF,
    "AKOSettings.servicesAPI": OFF,
    "AKOSettings.useDefaultSecretsOnly": OFF,
    "AKOSettings.vipPerNamespace": OFF,
    "AKOSettings.vpcMode": OFF,
    "AKOSettings.primaryInstance": ([True, "true", "ON", 1, ""], [False, "false", 0, "primary", []]),
    "AKOSettings.logLvl": ([], ["INFO", "", None]),
    "NetworkSettings.networkName": (["net", "", 42], [False, ["net"], {}]),
    "NetworkSettings.subnetIP": (
        ["10.0.0.0", " 2001:db8::1 ", "::", "::ffff:1.2.3.4", ""],
        ["10.0.0", "10.0.0.256", "010.0.0.1", "10.0.0.0/8", "2001::db8::1", "fe80::1%eth0", 10, 10.5, "host"],
    ),
    "NetworkSettings.vipNetworkList": (
        [
            [],
            [{"networkName": "net", "cidr": "10.0.0.0/8"}],
            [{"networkName": "net", "v6cidr": "2001:db8::/64"}],
            [{"networkName": "net", "networkUUID": "", "cidr": None}],
            '[{"networkName": "net"}]',
            "null",
            "[]",
            [{}],
        ],
        [
            {"networkName": "net"},
            "net",
            ["net"],
            [{"network_name": "net"}],
            [{"networkName": "net", "cidr": "10.0.0.0/33"}],
            [{"networkName": "net", "cidr": "10.0.0/8"}],
            [{"networkName": "net", "cidr": "10.0.0.0/255.0.0.0"}],
            [{"networkName": "net", "v6cidr": "2001:db8::/129"}],
            [{"networkName": "net", "networkUUID": "net-1"}],
            [{"networkName": ["net"]}],
            [{"networkName": "net", "v6Cidr": "2001:db8::/64"}],
            [None],
        ],
    ),
    "NetworkSettings.nodeNetworkList": (
        [
            [{"networkName": "net", "cidrs": ["10.0.0.0/24", "2001:db8::/64"]}],
            [{"networkName": str(rank)} for rank in range(5)],
            [{"networkName": "net", "cidrs": None}],
        ],
        [
            [{"cidrs": ["10.0.0.0/24"]}],
            [{"networkName": " "}],
            [{"networkName": None}],
            [{"networkName": str(rank)} for rank in range(6)],
            [{"networkName": "net", "cidrs": "10.0.0.0/24"}],
            [{"networkName": "net", "cidrs": ["ten"]}],
        ],
    ),
    "NetworkSettings.enableRHI": FLAGS,
    "NetworkSettings.bgpPeerLabels": ([[], "", None, "[]", "[ ]", "null", {}], [["peer"], "peer", 1, False, {"a": 1}]),
    "NetworkSettings.nsxtT1LR": (["", None], ["/infra/tier-1s/one", 1, ["x"]]),
    "L7Settings.shardVSSize": (["LARGE", "small", 1, "64", 8.0, " Medium"], ["DEDICATED", 0, 65, "65", "HUGE", True]),
    "L7Settings.passthroughShardSize": (["SMALL", "12"], ["-1", 1.5, [], "LARGE, SMALL"]),
    "L7Settings.serviceType": (["ClusterIP", "nodeport"], ["NodePortLocal", "LoadBalancer", 1]),
    "L7Settings.l7ShardingScheme": (["hostname", "NAMESPACE"], ["path", 1]),
    "L7Settings.shardHash": (["md5", "FNV1A"], ["sha1"]),
    "L7Settings.pathMatching": (["ako", "Kubernetes"], ["regex"]),
    "L7Settings.defaultRouteCertificate": (["ns/secret", " ns/a.b\n", ""], ["secret", "Ns/secret", "a/b/c", "/b", 5]),
    "L7Settings.noPGForSNI": ([True, False, "false", "maybe"], []),
    "L7Settings.enableMCI": (["false", "true", None], []),
    "L4Settings.autoFQDN": (["default", "Flat", "disabled"], ["none", False]),
    "L4Settings.advancedL4": OFF,
    "L4Settings.defaultDomain": (["avi.local", "", None], [True, ["avi.local"]]),
    "ControllerSettings.controllerHost": (
        ["avi", "10.1.2.3:8443", "HTTPS://avi.example.com/", "http://[::1]:80", "2001:db8::1", "avi.", "a_b", " avi\n"],
        [
            "two words",
            "ftp://avi",
            "avi:0",
            "avi:65536",
            "avi:",
            "https://avi/api",
            "https://",
            "avi?x=1",
            "u:p@avi",
            "[::1",
            "-avi",
            "a\tb",
            "https://::1",
            "[1.2.3.4]",
            "bücher.example",
            10,
            ["avi"],
        ],
    ),
    "ControllerSettings.controllerIP": (["avi", "", None], ["two words", 10]),
    "ControllerSettings.controllerVersion": (
        ["", "20.1.1", "22.1.4-9196", "30.2", "18.2.10", " 31.1.1 "],
        ["20.1.0", "18.2.9", "latest", 22.1, 22, "22", "20.1", "v22.1.4", "22.1.4 build", True],
    ),
    "ControllerSettings.tenantName": (["admin", 12, ""], [[], 1.1, {}]),
    "ControllerSettings.tenantsPerCluster": FLAGS,
    "ControllerSettings.insecureSkipVerify": ([True, False, "true", " false"], ["TRUE", "yes", "1", 1, 0, "on", []]),
    "avicredentials.username": (["admin", None, 7], [True, ["admin"]]),
    "avicredentials.password": (["x", "", None, " y "], [12345, True, ["x"], {}]),
    "avicredentials.certificateAuthorityData": ([PEM, "", None], ["not PEM", 5, [PEM]]),
    "avicredentials.passwd": ([], ["x"]),
    "nodePortSelector.key": (["role", ""], [True]),
    "nodePortSelector": ([None, {}], ["role=app", []]),
    "replicaCount": ([1, 2, "3"], [0, -1, "0", 1.5, True, []]),
    "ako.sources": (["auto", "AUTO", ["ingress"], "ingress, openshift_route", '["ingress"]'], [[], ",", 5, {}, True]),
    "ako.plugins.enabled": (
        [
            ["ingress"],
            "ingress,nodeport",
            '["ingress"]',
            ["-nodeport"],
            ["+ingress", "-nodeport"],
            "+ingress",
            "-nodeport",
            "-nodeport, - openshift_route ,+ ingress",
            " , -nodeport,,\n",
            '["-nodeport"]',
        ],
        [
            5,
            {"a": 1},
            True,
            [["ingress"]],
            ["ingress", "-nodeport"],
            ["-nodeport", "ingress"],
            ["-nodeport", None],
            "ingress, -nodeport",
            "-nodeport, ingress",
            ",ingress,,-nodeport",
            "-",
            ["+"],
            " + ",
            "-nodeport,+",
            "-nodeports",
            ["-sites"],
            "--nodeport",
            [-1],
        ],
    ),
    "ako.gc.keepVip": FLAGS,
    "ako.gc.sharedVsGracePeriod": ([0, "600"], [-1, "10m"]),
    "ako.drift.policy": (
        ["repair", "Report", {"pool": "report"}, {"VirtualService": " REPAIR "}, {}, '{"pool": "report"}'],
        ["ignore", {"pol": "report"}, {"pool": "ignore"}, {"pool": None}, ["repair"], True, 1],
    ),
    "ako.guard.maxDeletePercent": ([0, "100", 25.0], [101, "101", -1, "25%"]),
    "ako.guard.maxDelete": ([], [1, None]),
    "ako.api.concurrency": ([1, "256"], [0, 257]),
    "ako.leaderElection.enabled": (["auto", "Auto", True, "no", 1], ["maybe", 2, [], {}]),
    "ako.leaderElection.retryPeriodSeconds": ([1, "5"], [0, "0", 3601]),
    "ako.logFormat": (["text", "JSON"], ["xml", 1]),
    "image": (
        [{}, None, {"repository": "r", "tag": "0.2.0", "pullPolicy": "Always", "pullSecrets": [{"name": "a"}]}],
        [{"repositry": "r"}, {"pullPolicy": "Sometimes"}, "ako:1", [], {"pullSecrets": "a"}, {"repository": 5}],
    ),
    "resources": ([{"limits": {"cpu": 1, "memory": "1Gi"}}, {}], [{"limit": {}}, {"limits": {"cpu": []}}, 5]),
    "tolerations": ([[], [{"key": "a"}]], [{}, ["a"], "a"]),
    "nodeSelector": ([{"a": "b"}, {}], [{"a": 1}, ["a"], {"a": True}]),
    "podDisruptionBudget": ([{"enabled": True, "maxUnavailable": "50%"}], [{"enabled": "true"}, {"minAvailable": 1}]),
    "serviceMonitor": ([{"enabled": False, "labels": {"a": "b"}}], [{"enabled": 1}, {"labels": ["a"]}]),
    "probes": ([{"liveness": {"periodSeconds": 5}}], [{"liveness": {"periodSeconds": -1}}, {"live": {}}]),
    "terminationGracePeriodSeconds": ([0, 30], [-1, "30", 1.5]),
    "extraEnv": ([[{"name": "A", "value": "b"}]], [[{"value": "b"}], [{"name": ""}], {"A": "b"}]),
    "rbac": ([{"create": True, "pspEnable": "false"}], [{"create": "true"}, {"psp": True}]),
    "existingSecret": (["avi-secret", ""], [5, ["avi-secret"]]),
    "featureGates": ([{"GatewayAPI": False, "New": True}, None], ["GatewayAPI", []]),
    "service": ([{"type": "ClusterIP", "port": 80}], ["ClusterIP"]),
    "ako-crd-operator": ([{"enabled": True}, {}], [True]),
    "global": ([{}, {"a": {"b": []}}, 5, None], []),
    "configs": ([], [{"clusterName": "a"}, {}, None]),
    "AKOSetings": ([], [{}, None]),
    "AKOSettings": ([{}, None], ["", [], 5]),
}
"""Key → values that both take, values that both refuse."""


class Stricter(NamedTuple):
    """A values file that only the program refuses."""

    values: dict[str, Any]
    why: str


def stricter() -> Iterator[Stricter]:
    """Give a file for each thing that JSON Schema cannot say."""
    inside = "what is inside a text that is JSON"
    yield Stricter({"NetworkSettings": {"vipNetworkList": '[{"net": 1}]'}}, inside)
    yield Stricter({"AKOSettings": {"blockedNamespaceList": '["*"]'}}, inside)
    yield Stricter({"AKOSettings": {"blockedNamespaceList": "[red]"}}, inside)
    yield Stricter({"ako": {"drift": {"policy": '{"pool": "ignore"}'}}}, inside)
    yield Stricter({"ako": {"sources": "[]"}}, inside)
    yield Stricter({"ako": {"plugins": {"enabled": '["ingress", "-nodeport"]'}}}, inside)
    yield Stricter({"ako": {"plugins": {"enabled": ["+nodeport", "-nodeport"]}}}, "that one entry is against another")
    broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    yield Stricter({"avicredentials": {"certificateAuthorityData": broken}}, "what is inside a certificate")
    pair = {"NetworkSettings": {"subnetIP": "10.0.0.0", "subnetPrefix": 33}}
    yield Stricter(pair, "how two settings fit together")
    lease = {"leaseDurationSeconds": 10, "renewDeadlineSeconds": 9}
    yield Stricter({"ako": {"leaderElection": lease}}, "how two settings fit together")
    alone = {"replicaCount": 2, "ako": {"leaderElection": {"enabled": False}}}
    yield Stricter(alone, "how two settings fit together")
    yield Stricter({"ako": {"unheard": {"of": 1}}}, "which plugins are installed")
