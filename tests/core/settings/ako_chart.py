"""Every key of the chart of AKO in Go, from 1.3.1 to 2.1.1, and what becomes of it here."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from ako.core.settings.chart_keys import CHART_KEYS
from ako.core.settings.foreign_keys import FEATURES, OLD_DEFAULTS, OLDER_SPELLINGS, why_idle
from ako.core.settings.keys import KeyTable

NOTHING_ELSE = "empty"
"""What a key may be that is refused with any value."""


class Verdict(StrEnum):
    """What becomes of a key."""

    ACCEPTED = "accepted"
    NO_MEANING = "no meaning here"
    REFUSED = "refused"


class Judgement(NamedTuple):
    """What becomes of a key, and why.

    Attributes:
        but: the value at which nothing is said of it; empty if its value makes no difference.
        why: what it means, or why it means nothing or is refused.
    """

    verdict: Verdict
    but: str
    why: str


class Span(NamedTuple):
    """The releases whose chart has a key, such as 1.3 to 1.5; `until` is empty if it is still there."""

    since: str
    until: str = ""


def _keys(since: str, *keys: str, until: str = "") -> dict[str, Span]:
    return {key: Span(since, until) for key in keys}


AKO_CHART: Mapping[str, Span] = {
    **_keys("1.11", "featureGates.GatewayAPI"),
    **_keys("1.12", "featureGates.EnablePrometheus"),
    **_keys("1.12", "featureGates.EnableEndpointSlice", until="1.13"),
    **_keys("1.3", "replicaCount", "image.repository", "image.pullPolicy"),
    **_keys("1.11", "image.pullSecrets", "GatewayAPI.image.repository", "GatewayAPI.image.pullPolicy"),
    **_keys("1.7", "AKOSettings.primaryInstance"),
    **_keys("1.6", "AKOSettings.enableEvents"),
    **_keys(
        "1.3",
        "AKOSettings.logLevel",
        "AKOSettings.fullSyncFrequency",
        "AKOSettings.apiServerPort",
        "AKOSettings.deleteConfig",
        "AKOSettings.disableStaticRouteSync",
        "AKOSettings.clusterName",
        "AKOSettings.cniPlugin",
    ),
    **_keys("1.4", "AKOSettings.enableEVH"),
    **_keys("1.5", "AKOSettings.layer7Only"),
    **_keys("1.3", "AKOSettings.namespaceSelector.labelKey", "AKOSettings.namespaceSelector.labelValue"),
    **_keys("1.4", "AKOSettings.servicesAPI"),
    **_keys("1.7", "AKOSettings.vipPerNamespace", "AKOSettings.istioEnabled"),
    **_keys("1.8", "AKOSettings.blockedNamespaceList", "AKOSettings.ipFamily"),
    **_keys("1.10", "AKOSettings.useDefaultSecretsOnly"),
    **_keys("1.13", "AKOSettings.vpcMode"),
    **_keys("1.3", "AKOSettings.syncNamespace", until="1.3"),
    **_keys("1.5", "AKOSettings.GRBAC", until="1.5"),
    **_keys("1.3", "NetworkSettings.nodeNetworkList", "NetworkSettings.enableRHI"),
    **_keys(
        "1.3",
        "NetworkSettings.subnetIP",
        "NetworkSettings.subnetPrefix",
        "NetworkSettings.networkName",
        until="1.4",
    ),
    **_keys("1.4", "NetworkSettings.vipNetworkList"),
    **_keys("1.6", "NetworkSettings.nsxtT1LR", "NetworkSettings.bgpPeerLabels"),
    **_keys("1.13", "NetworkSettings.defaultDomain"),
    **_keys(
        "1.3",
        "L7Settings.defaultIngController",
        "L7Settings.serviceType",
        "L7Settings.shardVSSize",
        "L7Settings.passthroughShardSize",
    ),
    **_keys("1.3", "L7Settings.l7ShardingScheme", until="1.4"),
    **_keys("1.5", "L7Settings.noPGForSNI"),
    **_keys("1.7", "L7Settings.enableMCI"),
    **_keys("1.13", "L7Settings.fqdnReusePolicy"),
    **_keys("1.3", "L4Settings.advancedL4", until="1.5"),
    **_keys("1.3", "L4Settings.defaultDomain"),
    **_keys("1.4", "L4Settings.autoFQDN"),
    **_keys("1.13", "L4Settings.defaultLBController"),
    **_keys(
        "1.3",
        "ControllerSettings.serviceEngineGroupName",
        "ControllerSettings.controllerVersion",
        "ControllerSettings.cloudName",
        "ControllerSettings.controllerHost",
        "ControllerSettings.tenantName",
    ),
    **_keys("1.3", "ControllerSettings.controllerIP", until="1.3"),
    **_keys("1.3", "ControllerSettings.tenantsPerCluster", until="1.5"),
    **_keys("1.13", "ControllerSettings.vrfName"),
    **_keys("2.1", "ControllerSettings.dedicatedTenantMode"),
    **_keys("1.3", "nodePortSelector.key", "nodePortSelector.value", "resources", "podSecurityContext"),
    **_keys("1.10", "securityContext"),
    **_keys("1.3", "rbac.pspEnable"),
    **_keys("1.3", "avicredentials.username", "avicredentials.password", "avicredentials.certificateAuthorityData"),
    **_keys("1.7", "avicredentials.authtoken"),
    **_keys("1.3", "service.type", "service.port", until="1.5"),
    **_keys("1.3", "persistentVolumeClaim", "mountPath", "logFile"),
    **_keys("1.11", "akoGatewayLogFile"),
    **_keys("1.3", "nameOverride", "fullnameOverride", "nodeSelector", "tolerations"),
    **_keys(
        "2.1",
        "ako-crd-operator.enabled",
        "ako-crd-operator.controllerManager.container.image.repository",
        "ako-crd-operator.controllerManager.container.image.imagePullPolicy",
        "ako-crd-operator.controllerManager.container.image.pullSecrets",
        "ako-crd-operator.controllerManager.container.resources",
        "ako-crd-operator.controllerManager.container.mountPath",
        "ako-crd-operator.controllerManager.container.logFile",
        "ako-crd-operator.controllerManager.persistentVolumeClaim",
    ),
}
"""Helm key → the releases whose chart has it. Some were never in its file: the templates read them (`nodeSelector`),
the documentation told of them (`controllerIP`), the program did (`syncNamespace`), or a file of a later development
(`GRBAC`). Where two releases between which a key came are not both known, it is the later one."""


def judged(helm: str, table: KeyTable) -> Judgement:
    """Say what becomes of a key of AKO's chart."""
    if helm in OLDER_SPELLINGS:
        return Judgement(Verdict.ACCEPTED, "", f"Older spelling of `{OLDER_SPELLINGS[helm]}`.")
    key, feature = table.by_helm.get(helm), FEATURES.get(helm)
    if key is not None and key.allowed == NOTHING_ELSE:
        return Judgement(Verdict.REFUSED, NOTHING_ELSE, key.description)
    if key is not None:
        old = f" `{OLD_DEFAULTS[helm][0]}` is as empty: {OLD_DEFAULTS[helm][1]}." if helm in OLD_DEFAULTS else ""
        return Judgement(Verdict.ACCEPTED, "", key.description + old)
    if feature is not None:
        verdict = Verdict.REFUSED if feature.is_refused else Verdict.NO_MEANING
        return Judgement(verdict, feature.default or NOTHING_ELSE, _sentence(feature.reason))
    if why_idle(helm):
        return Judgement(Verdict.NO_MEANING, "", _sentence(why_idle(helm)))
    return Judgement(Verdict.ACCEPTED, "", f"Read by the chart: {CHART_KEYS[helm.partition('.')[0]].description}")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
