"""What values become: the settings that the program makes of the same file, and pods that stay where they are."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ako import Section, setting
from ako.core.settings import Settings, Sources, load_settings
from ako.core.settings.config_texts import ConfigText
from ako.core.settings.keys import key_table
from ako.core.settings.tree import READ_ONCE
from tests.builders import certificate_for
from tests.chart.place import Manifest, chart, manifests, notes, one
from tests.core.settings.ako_releases import RELEASES, nested
from tests.core.settings.judges import values_with
from tests.core.settings.value_cases import CASES

Values = Mapping[str, Any]


class Depth(Section):
    """A section in the section of a plugin."""

    deep: int = setting(1, "A number.")


class Moods(Section):
    """The section of a plugin."""

    word: str = setting("", "A word.")
    depth: Depth = setting(Depth, "Deeper.")


PLUGINS: Mapping[str, type[Section]] = {"moods": Moods}
HOSTILE = (
    '{"a": 1}',
    'it\'s "quoted"',
    "{{ .Values.image }} {{ fail `x` }}",
    "a: b # c",
    "- x",
    "!!binary x",
    "*x",
    "&x y",
    "|",
    "---",
    "null",
    "~",
    "yes",
    "0123",
    "1e3",
    "0x10",
    "12345678901234567890",
    "2020-01-01",
    "ü → \U0001f600",
    "tab\there",
    "back\\slash \\n",
    "%d %s",
    "$(POD_NAME) ${HOME}",
)
TABLE: Mapping[str, Values] = {
    "nothing": {},
    "texts for all": {
        "AKOSettings": {"fullSyncFrequency": "60", "layer7Only": "true", "deleteConfig": "false", "logLevel": "DEBUG"},
        "NetworkSettings": {"enableRHI": "True", "subnetIP": "10.0.0.0", "subnetPrefix": "24", "networkName": "net"},
        "L7Settings": {"shardVSSize": "12", "defaultIngController": "false"},
        "ako": {"guard": {"maxDeletePercent": "50"}, "gc": {"keepVip": "true"}},
    },
    "numbers and booleans": {
        "AKOSettings": {"fullSyncFrequency": 10_000_000, "layer7Only": True},
        "NetworkSettings": {"subnetIP": "10.0.0.0", "subnetPrefix": 24, "networkName": "net"},
        "L7Settings": {"shardVSSize": 12, "defaultIngController": False},
        "ako": {"guard": {"maxDeletePercent": 0}, "gc": {"sharedVsGracePeriod": 86400, "keepVip": True}},
    },
    "lists": {
        "AKOSettings": {"blockedNamespaceList": ["a", "b"]},
        "NetworkSettings": {
            "vipNetworkList": [{"networkName": "vip 'x'", "cidr": "10.1.0.0/16"}],
            "nodeNetworkList": [{"networkName": "n", "cidrs": ["10.2.0.0/16", "10.3.0.0/16"]}],
        },
        "ako": {"plugins": {"enabled": ["ingress", "nodeport"]}, "sources": ["ingress"]},
    },
    "lists as texts": {
        "AKOSettings": {"blockedNamespaceList": "a, b"},
        "NetworkSettings": {"vipNetworkList": '[{"networkName": "vip", "cidr": "10.1.0.0/16"}]'},
        "ako": {"plugins": {"enabled": "ingress, nodeport"}, "sources": '["ingress"]'},
    },
    "mappings": {"ako": {"drift": {"policy": {"pool": "report", "vsvip": "repair"}}}},
    "older keys": {
        "L4Settings": {"defaultDomain": "old.com"},
        "ControllerSettings": {"controllerIP": "10.0.0.1"},
    },
    "older keys beside newer ones": {
        "L4Settings": {"defaultDomain": "old.com"},
        "NetworkSettings": {"defaultDomain": "new.com"},
        "ControllerSettings": {"controllerIP": "10.0.0.1", "controllerHost": "10.0.0.2:8443"},
    },
    "nothing said in many ways": {
        "AKOSettings": {"fullSyncFrequency": "", "cniPlugin": None, "logLevel": ""},
        "NetworkSettings": None,
        "L7Settings": {"pathMatching": ""},
        "ako": {"plugins": None, "guard": {"maxDeletePercent": ""}},
    },
    "what AKO has and is at its default": {
        "AKOSettings": {"enableEVH": False, "primaryInstance": "true", "vipPerNamespace": "false"},
        "NetworkSettings": {"nsxtT1LR": "", "bgpPeerLabels": []},
        "L7Settings": {"enableMCI": "false", "noPGForSNI": False},
        "ControllerSettings": {"dedicatedTenantMode": False},
    },
    "a plugin of others": {"ako": {"moods": {"word": "a: b", "depth": {"deep": 7}}}},
    "credentials": {
        "avicredentials": {
            "username": "admin",
            "password": "p'a\"s: {{ x }}\\n",
            "authtoken": "12",
            "certificateAuthorityData": certificate_for("avi")[0].strip(),
        }
    },
}


NOT_IN_A_CLUSTER = frozenset({"AKOSettings.apiServerPort"})
"""What the chart is stricter about: probes need a port that is known."""


def of_file(values: Values) -> Settings:
    """Load the settings as the program does with the file of the chart's values, those of a release laid on it."""
    merged = json.dumps(chart().merge_values(dict(values))).encode()
    return neutral(load_settings(Sources(config_files=(ConfigText(Path("values.yaml"), merged),)), PLUGINS).settings)


def of_release(values: Values) -> Settings:
    """Load them as it does in the cluster where the chart is installed."""
    found = manifests(values, judges=False)
    secrets = [m["data"] for m in found if m["kind"] == "Secret"]
    secret = {name: base64.b64decode(text).decode() for name, text in secrets[0].items()} if secrets else None
    sources = Sources(config_map=one(found, "ConfigMap")["data"], secret=secret)
    return neutral(load_settings(sources, PLUGINS).settings)


def neutral(settings: Settings) -> Settings:
    """Leave out what the StatefulSet says, so that it may be scaled, and line breaks at the end of a Secret."""
    certificates = settings.credentials.certificate_authority_data.strip()
    credentials = settings.credentials.model_copy(update={"certificate_authority_data": certificates})
    return settings.model_copy(update={"replica_count": 1, "credentials": credentials})


@pytest.mark.parametrize("values", TABLE.values(), ids=TABLE)
def test_mean_in_the_cluster_what_they_mean_in_a_file(values: Values) -> None:
    assert of_release(values) == of_file(values)
    assert not values or values == TABLE["what AKO has and is at its default"] or of_file(values) != of_file({})


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_arrives_as_it_is(text: str) -> None:
    values = {
        "ControllerSettings": {"tenantName": text, "cloudName": f"{text}\nsecond line\n"},
        "avicredentials": {"username": "u", "password": text},
        "podAnnotations": {"note": text},
        "podLabels": {"note": text},
        "serviceAccount": {"annotations": {"note": text}},
        "nodeSelector": {"note": text},
        "extraEnv": [{"name": "NOTE", "value": text}],
        "ako": {"moods": {"word": text}},
    }
    found = manifests(values, judges=False)
    data = one(found, "ConfigMap")["data"]
    assert (data["tenantName"], data["cloudName"]) == (text, f"{text}\nsecond line\n")
    assert data["ako.moods.word"] == text
    assert base64.b64decode(one(found, "Secret")["data"]["password"]).decode() == text
    template = one(found, "StatefulSet")["spec"]["template"]
    assert (template["metadata"]["annotations"]["note"], template["metadata"]["labels"]["note"]) == (text, text)
    assert template["spec"]["nodeSelector"] == {"note": text}
    assert template["spec"]["containers"][0]["env"][-1] == {"name": "NOTE", "value": text}
    assert one(found, "ServiceAccount")["metadata"]["annotations"] == {"note": text}
    assert [m["kind"] for m in found] == [
        m["kind"] for m in manifests({"avicredentials": {"username": "u"}}, judges=False)
    ]


def template_of(values: Values) -> Manifest:
    found: Manifest = one(manifests(values, judges=False), "StatefulSet")["spec"]["template"]
    return found


CHANGED: Mapping[str, Any] = {
    "AKOSettings.apiServerPort": 9090,
    "AKOSettings.clusterName": "other",
    "AKOSettings.logLevel": "DEBUG",
    "AKOSettings.deleteConfig": "true",
    "AKOSettings.fullSyncFrequency": "60",
    "ControllerSettings.controllerHost": "10.0.0.1",
    "L7Settings.shardVSSize": "SMALL",
    "L7Settings.pathMatching": "ako",
    "avicredentials.password": "another",
    "ako.guard.maxDeletePercent": 3,
    "ako.drift.policy": "report",
    "ako.sources": "ingress",
    "ako.api.concurrency": 4,
    "ako.api.retryCeilingSeconds": 5,
    "ako.leaderElection.enabled": "true",
    "ako.leaderElection.leaseDurationSeconds": 30,
    "ako.leaderElection.renewDeadlineSeconds": 9,
    "ako.leaderElection.retryPeriodSeconds": 3,
    "ako.logFormat": "json",
    "ako.plugins.enabled": ["ingress"],
    "replicaCount": 2,
}


def valued(key: str, value: object) -> dict[str, Any]:
    section, _, rest = key.partition(".")
    return {section: valued(rest, value) if rest else value}


@pytest.mark.parametrize("key", CHANGED)
def test_replaces_pods_only_for_what_is_read_at_a_start(key: str) -> None:
    """But the number of pods: that is scaled."""
    is_replaced = template_of(valued(key, CHANGED[key])) != template_of({})
    assert is_replaced == (key in READ_ONCE and key != "replicaCount")


def test_every_setting_that_is_read_at_a_start_was_tried() -> None:
    assert READ_ONCE.keys() <= CHANGED.keys() <= key_table({}).by_helm.keys()


@pytest.mark.parametrize("same", [{"ako": {"api": {"concurrency": "16"}}}, {"AKOSettings": {"apiServerPort": "8080"}}])
def test_the_same_value_in_another_spelling_replaces_no_pod(same: Values) -> None:
    assert template_of(same) == template_of({})


@pytest.mark.parametrize(
    "release", [pytest.param(one, marks=() if one in {"1.3", "2.1"} else pytest.mark.campaign) for one in RELEASES]
)
def test_values_of_the_chart_of_ako_mean_the_same_here(release: str) -> None:
    """Nothing but what was not there yet differs from a file that says nothing."""
    values = nested(RELEASES[release])
    settings, plain = of_release(values), of_release({})
    assert settings == of_file(values)
    assert settings.ako_settings.log_level == values["AKOSettings"]["logLevel"]
    controller = settings.controller_settings.model_copy(update={"controller_version": ""})
    assert settings.model_copy(update={"ako_settings": plain.ako_settings, "controller_settings": controller}) == plain
    found = manifests(values, judges=False)
    (container,) = one(found, "StatefulSet")["spec"]["template"]["spec"]["containers"]
    assert container["resources"] == values["resources"]
    assert container["image"] == f"{values['image']['repository']}:{chart().version}"
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert one(found, "Service")["spec"]["ports"][0]["port"] == values.get("service", {}).get("port", 8080)
    assert "has no effect" not in notes(values)


def _parameters() -> list[Any]:
    keys = [key for key in CASES if key not in NOT_IN_A_CLUSTER]
    return [pytest.param(key, marks=() if rank % 16 == 0 else pytest.mark.campaign) for rank, key in enumerate(keys)]


@pytest.mark.parametrize("key", _parameters())
def test_every_value_that_is_taken_means_in_the_cluster_what_it_means_in_a_file(key: str) -> None:
    good, _ = CASES[key]
    for value in good:
        values = values_with(key, value)
        assert of_release(values) == of_file(values), value
