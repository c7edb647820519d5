"""The values file of every release of AKO's chart, untouched and touched, is judged by one table."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from ako.core.settings import ConfigText, LoadedSettings, Settings, Sources, load_settings
from ako.core.settings.foreign_keys import OLDER_SPELLINGS
from ako.core.settings.keys import key_table
from ako.core.settings.plain import plain_value
from tests.core.settings.ako_chart import AKO_CHART, Verdict, judged
from tests.core.settings.ako_releases import RELEASES, Values, nested
from tests.core.settings.given import faults
from tests.core.settings.judges import program_refuses, schema_takes, show, values_with
from tests.core.settings.value_cases import PEM

TABLE = key_table({})
SET_BY_ALL: Values = {
    "ControllerSettings.controllerHost": "avi.example.com",
    "avicredentials.username": "admin",
    "avicredentials.password": "hunter2",
    "avicredentials.certificateAuthorityData": PEM,
}
EVERY_RELEASE = pytest.mark.parametrize("release", RELEASES)
NO_MEANING = {key for key in AKO_CHART if judged(key, TABLE).verdict is Verdict.NO_MEANING}
NEVER_IN_THE_FILE = {
    "AKOSettings.GRBAC",
    "AKOSettings.syncNamespace",
    "ControllerSettings.controllerIP",
    "fullnameOverride",
    "nameOverride",
    "nodeSelector",
    "tolerations",
}

OTHER: Values = {
    "featureGates.GatewayAPI": True,
    "featureGates.EnablePrometheus": True,
    "featureGates.EnableEndpointSlice": False,
    "replicaCount": 2,
    "image.repository": "registry.example/ako",
    "image.pullPolicy": "Always",
    "image.pullSecrets": [{"name": "regcred"}],
    "GatewayAPI.image.repository": "registry.example/gateway",
    "GatewayAPI.image.pullPolicy": "Always",
    "AKOSettings.primaryInstance": False,
    "AKOSettings.enableEvents": "false",
    "AKOSettings.logLevel": "ERROR",
    "AKOSettings.fullSyncFrequency": "60",
    "AKOSettings.apiServerPort": 9090,
    "AKOSettings.deleteConfig": "true",
    "AKOSettings.disableStaticRouteSync": "true",
    "AKOSettings.clusterName": "c1",
    "AKOSettings.cniPlugin": "calico",
    "AKOSettings.enableEVH": True,
    "AKOSettings.layer7Only": True,
    "AKOSettings.servicesAPI": True,
    "AKOSettings.vipPerNamespace": "true",
    "AKOSettings.istioEnabled": True,
    "AKOSettings.blockedNamespaceList": ["kube-system"],
    "AKOSettings.ipFamily": "V6",
    "AKOSettings.useDefaultSecretsOnly": "true",
    "AKOSettings.vpcMode": True,
    "AKOSettings.syncNamespace": "red",
    "AKOSettings.GRBAC": True,
    "NetworkSettings.nodeNetworkList": [{"networkName": "net", "cidrs": ["10.0.0.0/24"]}],
    "NetworkSettings.networkName": "net",
    "NetworkSettings.enableRHI": True,
    "NetworkSettings.vipNetworkList": [{"networkName": "net", "cidr": "10.0.0.0/24"}],
    "NetworkSettings.nsxtT1LR": "/infra/tier-1s/one",
    "NetworkSettings.bgpPeerLabels": ["peer"],
    "NetworkSettings.defaultDomain": "avi.example",
    "L7Settings.defaultIngController": "false",
    "L7Settings.serviceType": "NodePort",
    "L7Settings.shardVSSize": "SMALL",
    "L7Settings.passthroughShardSize": "LARGE",
    "L7Settings.l7ShardingScheme": "namespace",
    "L7Settings.noPGForSNI": True,
    "L7Settings.enableMCI": "true",
    "L7Settings.fqdnReusePolicy": "Strict",
    "L4Settings.advancedL4": "true",
    "L4Settings.defaultDomain": "avi.example",
    "L4Settings.autoFQDN": "flat",
    "L4Settings.defaultLBController": "false",
    "ControllerSettings.serviceEngineGroupName": "group",
    "ControllerSettings.controllerVersion": "22.1.4",
    "ControllerSettings.cloudName": "cloud",
    "ControllerSettings.controllerHost": "avi.example.com",
    "ControllerSettings.controllerIP": "avi.example.com",
    "ControllerSettings.tenantName": "tenant",
    "ControllerSettings.tenantsPerCluster": "true",
    "ControllerSettings.vrfName": "vrf",
    "ControllerSettings.dedicatedTenantMode": True,
    "nodePortSelector.key": "role",
    "resources": {"limits": {"cpu": 1}},
    "podSecurityContext": {"fsGroup": 2000},
    "securityContext": {"runAsUser": 1},
    "rbac.pspEnable": True,
    "avicredentials.username": "admin",
    "avicredentials.password": "hunter2",
    "avicredentials.authtoken": "token",
    "avicredentials.certificateAuthorityData": PEM,
    "service.type": "NodePort",
    "service.port": 81,
    "persistentVolumeClaim": "logs",
    "mountPath": "/var/log",
    "logFile": "ako.log",
    "akoGatewayLogFile": "gateway.log",
    "nameOverride": "name",
    "fullnameOverride": "name",
    "nodeSelector": {"a": "b"},
    "tolerations": [{"key": "a"}],
    "ako-crd-operator.enabled": False,
    "ako-crd-operator.controllerManager.container.image.repository": "registry.example/operator",
    "ako-crd-operator.controllerManager.container.image.imagePullPolicy": "Always",
    "ako-crd-operator.controllerManager.container.image.pullSecrets": [{"name": "a"}],
    "ako-crd-operator.controllerManager.container.resources": {"limits": {"cpu": 1}},
    "ako-crd-operator.controllerManager.container.mountPath": "/var/log",
    "ako-crd-operator.controllerManager.container.logFile": "o.log",
    "ako-crd-operator.controllerManager.persistentVolumeClaim": "logs",
}
"""A value of each key that is not its default; of those that only count in pairs, `PAIRS` has both."""

PAIRS: Values = {
    "AKOSettings.namespaceSelector.labelKey": "a",
    "AKOSettings.namespaceSelector.labelValue": "b",
    "NetworkSettings.subnetIP": "10.0.0.0",
    "NetworkSettings.subnetPrefix": "24",
    "nodePortSelector.key": "role",
    "nodePortSelector.value": "app",
}


def loaded(values: Values) -> LoadedSettings:
    text = yaml.safe_dump(nested(values))
    return load_settings(Sources(config_files=(ConfigText(Path("values.yaml"), text.encode()),)))


def named(lines: tuple[str, ...]) -> list[str]:
    """Give the keys that lines begin with."""
    return [line.split(" ")[0] for line in lines]


@EVERY_RELEASE
def test_the_untouched_file_is_taken_without_a_warning(release: str, tmp_path: Path) -> None:
    values = {**RELEASES[release], **SET_BY_ALL}
    assert schema_takes(nested(values))
    assert show(nested(values), tmp_path) == (0, "")


@EVERY_RELEASE
def test_the_untouched_file_means_the_defaults(release: str) -> None:
    defaults = load_settings(Sources()).settings
    meant = loaded(RELEASES[release]).settings
    wanted = {"AKOSettings.logLevel": "INFO"} if release == "1.3" else {}
    wanted |= {"ControllerSettings.controllerVersion": "20.1.2"} if release == "1.5" else {}
    assert differing(meant, defaults) == wanted


def differing(settings: Settings, others: Settings) -> Values:
    both = {helm: (plain_value(settings, key), plain_value(others, key)) for helm, key in TABLE.by_helm.items()}
    return {helm: one for helm, (one, other) in both.items() if one != other}


@EVERY_RELEASE
def test_at_debug_each_key_without_meaning_is_named_once_and_no_other(release: str, tmp_path: Path) -> None:
    values = {**RELEASES[release], **SET_BY_ALL, "AKOSettings.logLevel": "DEBUG"}
    code, said = show(nested(values), tmp_path)
    lines = said.splitlines()
    expected = {key for key in values if key in NO_MEANING}
    # what is a mapping or a list itself is named by its parts
    expected = {name for key in expected for name in leaves(key, values[key])}
    if values["ControllerSettings.controllerVersion"] == "18.2.10":
        expected.add("ControllerSettings.controllerVersion")
    assert code == 0
    assert all(line.startswith("debug: ") and "has no meaning here: " in line for line in lines)
    assert all(f"file {tmp_path / 'values.yaml'}, line " in line for line in lines)
    assert Counter(line.split(" ")[1] for line in lines) == Counter(expected)


def leaves(key: str, value: Any) -> set[str]:
    if isinstance(value, dict) and value:
        return {leaf for name, part in value.items() for leaf in leaves(f"{key}.{name}", part)}
    return {key}


def test_every_key_of_every_release_is_in_the_table_and_none_is_made_up() -> None:
    releases = list(RELEASES)
    for key, span in AKO_CHART.items():
        having = [release for release, values in RELEASES.items() if key in values]
        if key in NEVER_IN_THE_FILE:
            assert not having
        else:
            last = having[-1] if having[-1] != releases[-1] else ""
            assert (span.since, span.until) == (having[0], last), key
            assert having == releases[releases.index(having[0]) : releases.index(having[-1]) + 1]
    assert {key for values in RELEASES.values() for key in values} == set(AKO_CHART) - NEVER_IN_THE_FILE
    assert set(OTHER) | set(PAIRS) == set(AKO_CHART)


@pytest.mark.parametrize("key", OTHER)
def test_what_is_not_at_its_default_gets_its_verdict(key: str) -> None:
    value, judgement = OTHER[key], judged(key, TABLE)
    file = nested({key: value})
    refusal = program_refuses(file)
    assert schema_takes(file) == (not refusal)
    if judgement.verdict is Verdict.REFUSED:
        assert f"  {key} = {json.dumps(value)} (file values.yaml, line 1): " in refusal
        assert f"allowed: {judgement.but}" in refusal
        return
    found = loaded({key: value})
    newer = OLDER_SPELLINGS.get(key, key)
    if judgement.verdict is Verdict.ACCEPTED:
        assert (found.warnings, found.notes) == ((), ())
        assert (newer in TABLE.by_helm) == ("file values.yaml" in found.origins.get(newer, ""))
        assert bool(differing(found.settings, Settings())) == (newer in TABLE.by_helm)
        return
    assert found.settings == Settings()
    if judgement.but:
        (warning,) = found.warnings
        assert warning.startswith("these settings have no effect: ")
        assert key in warning
        assert not found.notes
    else:
        assert not found.warnings
        assert set(named(found.notes)) == leaves(key, value)


@pytest.mark.parametrize("key", [key for key in AKO_CHART if judged(key, TABLE).verdict is Verdict.REFUSED])
def test_what_is_refused_otherwise_deserves_no_word_at_its_default(key: str) -> None:
    default = judged(key, TABLE).but
    for value in ("", None) if default == "empty" else ("", None, default, default == "true"):
        found = loaded({key: value})
        assert (found.settings, found.warnings, found.notes) == (Settings(), (), ())


CONFIG_MAP_OF_AKO = """
    advancedL4 akoCRDOperatorEnabled apiServerPort autoFQDN bgpPeerLabels blockedNamespaceList cloudName clusterName
    cniPlugin controllerIP controllerVersion dedicatedTenantMode defaultDomain defaultIngController defaultLBController
    deleteConfig disableStaticRouteSync enableEVH enableEndpointSlice enableEvents enableMCI enablePrometheus enableRHI
    fqdnReusePolicy fullSyncFrequency ipFamily istioEnabled l7ShardingScheme layer7Only logLevel networkName noPGForSNI
    nodeKey nodeNetworkList nodeValue nsSyncLabelKey nsSyncLabelValue nsxtT1LR passthroughShardSize primaryInstance
    serviceEngineGroupName serviceType servicesAPI shardVSSize subnetIP subnetPrefix tenantName tenantsPerCluster
    useDefaultSecretsOnly vipNetworkList vipPerNamespace vpcMode vrfName
"""
"""The keys that AKO's charts write, from 1.3 to 2.1."""


def test_the_config_map_of_ako_is_taken_without_a_warning() -> None:
    """Its chart writes every value as text: lists as JSON, and what is not there as `null` or empty."""
    defaults = {key.rpartition(".")[2]: value for values in RELEASES.values() for key, value in values.items()}
    said = {name: defaults.get(name, "") for name in CONFIG_MAP_OF_AKO.split()}
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in said.items()}
    texts |= {"akoCRDOperatorEnabled": "true", "enablePrometheus": "false", "enableEndpointSlice": "true"}
    found = load_settings(Sources(config_map=texts))
    assert (found.settings, found.warnings) == (Settings(), ())
    texts |= {name: "null" for name in texts if name.endswith("List") or name == "bgpPeerLabels"}
    assert load_settings(Sources(config_map=texts)).settings == Settings()


def test_pairs_are_taken() -> None:
    found = loaded(PAIRS)
    assert not found.warnings
    assert set(PAIRS) <= {key for key, origin in found.origins.items() if origin != "default"}
    (network,) = found.settings.network_settings.vip_networks
    assert network.cidr == "10.0.0.0/24"


def test_several_that_have_no_effect_are_one_warning() -> None:
    found = loaded(
        {"featureGates.GatewayAPI": True, "persistentVolumeClaim": "logs", "logFile": "a", "mountPath": "/b"}
    )
    (warning,) = found.warnings
    assert "featureGates.GatewayAPI" in warning
    assert "persistentVolumeClaim" in warning
    assert sorted(named(found.notes)) == ["logFile", "mountPath"]


def test_a_key_of_two_places_is_named_once() -> None:
    text = b"featureGates: {EnablePrometheus: true}\n"
    files = (ConfigText(Path("values.yaml"), text),)
    found = load_settings(Sources(config_files=files, config_map={"enablePrometheus": "true", "noPGForSNI": "false"}))
    assert sorted(named(found.notes)) == ["L7Settings.noPGForSNI", "featureGates.EnablePrometheus"]
    assert "ConfigMap avi-k8s-config, key enablePrometheus" in "".join(found.notes)


@pytest.mark.parametrize("place", ["file", "config_map", "environ", "flags"])
def test_the_old_default_of_the_version_is_no_value(place: str) -> None:
    sources = {
        "file": Sources(config_files=(ConfigText(Path("v"), b"ControllerSettings: {controllerVersion: '18.2.10'}"),)),
        "config_map": Sources(config_map={"controllerVersion": "18.2.10"}),
        "environ": Sources(environ={"CTRL_VERSION": "18.2.10"}),
        "flags": Sources(flags={"ControllerSettings.controllerVersion": " 18.2.10 "}),
    }[place]
    found = load_settings(sources)
    assert (found.settings, found.warnings) == (Settings(), ())
    assert named(found.notes) == ["ControllerSettings.controllerVersion"]


@pytest.mark.parametrize("version", ["18.2.9", "18.2.11", "20.1.0"])
def test_another_old_version_is_refused(version: str) -> None:
    (fault,) = faults(Sources(flags={"ControllerSettings.controllerVersion": version}))
    assert "too old" in fault.reason


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("configs.clusterName", "before 1.2, whose settings were all in one section: write AKOSettings.clusterName"),
        ("configs.cloudName", "write ControllerSettings.cloudName"),
        ("configs.ingressApi", "leave it out"),
        ("AKOSettings.clusterNam", "did you mean AKOSettings.clusterName?"),
        ("L7Settings.cloudName", "did you mean ControllerSettings.cloudName?"),
        ("featureGate", "did you mean featureGates?"),
        ("imag", "did you mean image?"),
        ("AKOSettings.enableEHV", "did you mean AKOSettings.enableEVH?"),
        ("image.repositry", "unknown key; allowed: repository, "),
    ],
)
def test_unknown_keys_fail_with_a_suggestion(key: str, words: str) -> None:
    refusal = program_refuses(values_with(key, "hunter2"))
    assert f"  {key} (file values.yaml, line 1): " in refusal
    assert words in refusal
    assert "hunter2" not in refusal
    assert not schema_takes(values_with(key, "hunter2"))
