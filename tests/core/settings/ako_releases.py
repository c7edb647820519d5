"""The values file of AKO's chart, release by release: its keys with their defaults.

What is known of each, and from where:

* 1.3: the file of 1.3.1.
* 1.4: a published file of 1.4.2, and one of the development after it; of the keys that only the latter has, `autoFQDN`,
  `enableEVH`, `servicesAPI` and `vipNetworkList` are taken for 1.4 (the notes on upgrading to 1.5.1 speak of
  `vipNetworkList` beside `subnetIP`), `layer7Only` and `noPGForSNI` for 1.5: inferred.
* 1.5, 1.6: inferred from that development, from the notes on upgrading to 1.5.1 (`subnetIP`, `subnetPrefix` went) and
  from the operator's file of 1.6.1 (`enableEvents`).
* 1.7: a file of the development that has `primaryInstance` and not yet `ipFamily`.
* 1.8, 1.9: the table of parameters of 1.8.2 and two files of that time; that of 1.8.2 has all keys but
  `blockedNamespaceList`, `ipFamily`, `istioEnabled`, which its table has.
* 1.10: a published file of 1.10.3. 1.11: one of 1.11.1, without `useDefaultSecretsOnly`, which came to 1.11 later.
* 1.12: two files of users, of which one may be later (`vpcMode`, `vrfName` are taken for 1.13): inferred.
* 1.13: the documentation of 1.13.1 and 1.13.2 and the file of the development without `dedicatedTenantMode`: inferred.
* 2.1: the file of the main branch of November 2025.

Facts only: comments, order and layout are not those of AKO.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Values = dict[str, Any]

_1_3: Values = {
    "replicaCount": 1,
    "image.repository": "avinetworks/ako",
    "image.pullPolicy": "IfNotPresent",
    "AKOSettings.logLevel": "INFO",
    "AKOSettings.fullSyncFrequency": "1800",
    "AKOSettings.apiServerPort": 8080,
    "AKOSettings.deleteConfig": "false",
    "AKOSettings.disableStaticRouteSync": "false",
    "AKOSettings.clusterName": "my-cluster",
    "AKOSettings.cniPlugin": "",
    "AKOSettings.namespaceSelector.labelKey": "",
    "AKOSettings.namespaceSelector.labelValue": "",
    "NetworkSettings.nodeNetworkList": [],
    "NetworkSettings.subnetIP": "",
    "NetworkSettings.subnetPrefix": "",
    "NetworkSettings.networkName": "",
    "NetworkSettings.enableRHI": False,
    "L7Settings.defaultIngController": "true",
    "L7Settings.l7ShardingScheme": "hostname",
    "L7Settings.serviceType": "ClusterIP",
    "L7Settings.shardVSSize": "LARGE",
    "L7Settings.passthroughShardSize": "SMALL",
    "L4Settings.advancedL4": "false",
    "L4Settings.defaultDomain": "",
    "ControllerSettings.serviceEngineGroupName": "Default-Group",
    "ControllerSettings.controllerVersion": "18.2.10",
    "ControllerSettings.cloudName": "Default-Cloud",
    "ControllerSettings.controllerHost": "",
    "ControllerSettings.tenantsPerCluster": "false",
    "ControllerSettings.tenantName": "admin",
    "nodePortSelector.key": "",
    "nodePortSelector.value": "",
    "resources": {"limits": {"cpu": "250m", "memory": "300Mi"}, "requests": {"cpu": "100m", "memory": "200Mi"}},
    "podSecurityContext": {},
    "rbac.pspEnable": False,
    "avicredentials.username": None,
    "avicredentials.password": None,
    "avicredentials.certificateAuthorityData": None,
    "service.type": "ClusterIP",
    "service.port": 80,
    "persistentVolumeClaim": "",
    "mountPath": "/log",
    "logFile": "avi.log",
}

_GONE = object()
_CRD_OPERATOR = "ako-crd-operator.controllerManager"
_CHANGES: Mapping[str, Values] = {
    "1.4": {
        "AKOSettings.logLevel": "WARN",
        "AKOSettings.enableEVH": False,
        "AKOSettings.servicesAPI": False,
        "NetworkSettings.vipNetworkList": [],
        "L4Settings.autoFQDN": "default",
    },
    "1.5": {
        "AKOSettings.layer7Only": False,
        "NetworkSettings.subnetIP": _GONE,
        "NetworkSettings.subnetPrefix": _GONE,
        "NetworkSettings.networkName": _GONE,
        "L7Settings.l7ShardingScheme": _GONE,
        "L7Settings.noPGForSNI": False,
        "ControllerSettings.controllerVersion": "20.1.2",
    },
    "1.6": {
        "AKOSettings.enableEvents": "true",
        "NetworkSettings.nsxtT1LR": "",
        "NetworkSettings.bgpPeerLabels": [],
        "L4Settings.advancedL4": _GONE,
        "ControllerSettings.controllerVersion": "",
        "ControllerSettings.tenantsPerCluster": _GONE,
        "service.type": _GONE,
        "service.port": _GONE,
    },
    "1.7": {
        "AKOSettings.primaryInstance": True,
        "AKOSettings.istioEnabled": "false",
        "AKOSettings.vipPerNamespace": "false",
        "L7Settings.enableMCI": "false",
        "avicredentials.authtoken": None,
        "resources": {"limits": {"cpu": "350m", "memory": "400Mi"}, "requests": {"cpu": "200m", "memory": "300Mi"}},
    },
    "1.8": {
        "AKOSettings.istioEnabled": False,
        "AKOSettings.blockedNamespaceList": [],
        "AKOSettings.ipFamily": "",
    },
    "1.9": {},
    "1.10": {"AKOSettings.useDefaultSecretsOnly": "false", "securityContext": {}},
    "1.11": {
        "featureGates.GatewayAPI": False,
        "image.pullSecrets": [],
        "GatewayAPI.image.repository": "projects.registry.vmware.com/ako/ako-gateway-api",
        "GatewayAPI.image.pullPolicy": "IfNotPresent",
        "akoGatewayLogFile": "avi-gw.log",
    },
    "1.12": {"featureGates.EnablePrometheus": False, "featureGates.EnableEndpointSlice": True},
    "1.13": {
        "AKOSettings.vpcMode": False,
        "NetworkSettings.defaultDomain": "",
        "L7Settings.fqdnReusePolicy": "InterNamespaceAllowed",
        "L4Settings.defaultLBController": "true",
        "ControllerSettings.vrfName": "",
    },
    "2.1": {
        "featureGates.EnableEndpointSlice": _GONE,
        "ControllerSettings.dedicatedTenantMode": False,
        "ako-crd-operator.enabled": True,
        f"{_CRD_OPERATOR}.container.image.repository": "packages.broadcom.com/ako/ako-crd-operator",
        f"{_CRD_OPERATOR}.container.image.imagePullPolicy": "IfNotPresent",
        f"{_CRD_OPERATOR}.container.image.pullSecrets": [],
        f"{_CRD_OPERATOR}.container.resources": {
            "limits": {"cpu": "256m", "memory": "128Mi"},
            "requests": {"cpu": "128m", "memory": "64Mi"},
        },
        f"{_CRD_OPERATOR}.container.mountPath": "/log",
        f"{_CRD_OPERATOR}.container.logFile": "ako-crd-operator.log",
        f"{_CRD_OPERATOR}.persistentVolumeClaim": "",
    },
}


def _releases() -> dict[str, Values]:
    values = dict(_1_3)
    found = {"1.3": dict(values)}
    for release, changes in _CHANGES.items():
        values = {key: value for key, value in {**values, **changes}.items() if value is not _GONE}
        found[release] = dict(values)
    return found


RELEASES: Mapping[str, Values] = _releases()
"""Release → helm key → default."""


def nested(values: Values) -> Values:
    """Give a values file."""
    file: Values = {}
    for key, value in values.items():
        branch = file
        *above, last = key.split(".")
        for name in above:
            branch = branch.setdefault(name, {})
        branch[last] = value
    return file
