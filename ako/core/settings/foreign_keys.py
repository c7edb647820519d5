"""Keys that are known but not used: of AKO's chart and ConfigMap, of our chart alone, and older spellings."""

from __future__ import annotations

from collections.abc import Mapping

UNUSED = frozenset(
    {
        # of AKO's chart, about the deployment: the program never sees them
        "GatewayAPI",
        "ako-crd-operator",
        "akoGatewayLogFile",
        "featureGates",
        "fullnameOverride",
        "global",
        "image",
        "logFile",
        "mountPath",
        "nameOverride",
        "nodeSelector",
        "persistentVolumeClaim",
        "podSecurityContext",
        "rbac",
        "resources",
        "securityContext",
        "service",
        "tolerations",
        # of our chart alone
        "affinity",
        "existingSecret",
        "extraEnv",
        "extraVolumes",
        "extraVolumeMounts",
        "grafanaDashboard",
        "networkPolicy",
        "podAnnotations",
        "podDisruptionBudget",
        "podLabels",
        "priorityClassName",
        "prometheusRule",
        "serviceAccount",
        "serviceMonitor",
        "terminationGracePeriodSeconds",
        "topologySpreadConstraints",
        # of AKO, about features that are not there
        "AKOSettings.blockedNamespaceList",
        "AKOSettings.enableEVH",
        "AKOSettings.istioEnabled",
        "AKOSettings.primaryInstance",
        "AKOSettings.servicesAPI",
        "AKOSettings.useDefaultSecretsOnly",
        "AKOSettings.vipPerNamespace",
        "AKOSettings.vpcMode",
        "ControllerSettings.dedicatedTenantMode",
        "L4Settings.advancedL4",
        "L7Settings.enableMCI",
        "L7Settings.fqdnReusePolicy",
        "L7Settings.noPGForSNI",
        "NetworkSettings.bgpPeerLabels",
        "NetworkSettings.nsxtT1LR",
    }
)
"""Helm keys, or sections with all that is in them."""

UNUSED_IN_CONFIG_MAP = frozenset(key.rpartition(".")[2] for key in UNUSED if "Settings." in key) | {
    "akoCRDOperatorEnabled",
    "enablePrometheus",
}

OLDER_SPELLINGS: Mapping[str, str] = {
    "L4Settings.defaultDomain": "NetworkSettings.defaultDomain",
    "ControllerSettings.controllerIP": "ControllerSettings.controllerHost",
}
"""Older helm keys → the keys that took their place; where both are given, the newer one counts."""
