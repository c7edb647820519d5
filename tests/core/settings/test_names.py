"""The names that AKO's users know, each reaching its setting; and no name that means two settings."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ako.core.settings import Sources, load_settings
from ako.core.settings.keys import key_table
from tests.core.settings.given import config_files, faults, values_file

# helm key, key of the ConfigMap (or Secret), AKO's variable, a value
NAMES = [
    ("AKOSettings.clusterName", "clusterName", "CLUSTER_NAME", "c1"),
    ("AKOSettings.logLevel", "logLevel", "", "DEBUG"),
    ("AKOSettings.fullSyncFrequency", "fullSyncFrequency", "FULL_SYNC_INTERVAL", "60"),
    ("AKOSettings.apiServerPort", "apiServerPort", "AKO_API_PORT", "9090"),
    ("AKOSettings.deleteConfig", "deleteConfig", "", "true"),
    ("AKOSettings.disableStaticRouteSync", "disableStaticRouteSync", "DISABLE_STATIC_ROUTE_SYNC", "true"),
    ("AKOSettings.cniPlugin", "cniPlugin", "CNI_PLUGIN", "calico"),
    ("AKOSettings.layer7Only", "layer7Only", "", "true"),
    ("NetworkSettings.networkName", "networkName", "NETWORK_NAME", "net"),
    ("NetworkSettings.subnetIP", "subnetIP", "SUBNET_IP", "10.0.0.0"),
    ("NetworkSettings.subnetPrefix", "subnetPrefix", "SUBNET_PREFIX", "16"),
    ("NetworkSettings.vipNetworkList", "vipNetworkList", "VIP_NETWORK_LIST", '[{"networkName": "n"}]'),
    ("NetworkSettings.nodeNetworkList", "nodeNetworkList", "NODE_NETWORK_LIST", '[{"networkName": "n"}]'),
    ("NetworkSettings.enableRHI", "enableRHI", "ENABLE_RHI", "true"),
    ("NetworkSettings.defaultDomain", "defaultDomain", "DEFAULT_DOMAIN", "avi.example"),
    ("L7Settings.defaultIngController", "defaultIngController", "DEFAULT_ING_CONTROLLER", "false"),
    ("L7Settings.l7ShardingScheme", "l7ShardingScheme", "L7_SHARD_SCHEME", "namespace"),
    ("L7Settings.serviceType", "serviceType", "SERVICE_TYPE", "NodePort"),
    ("L7Settings.shardVSSize", "shardVSSize", "SHARD_VS_SIZE", "SMALL"),
    ("L7Settings.passthroughShardSize", "passthroughShardSize", "PASSTHROUGH_SHARD_SIZE", "LARGE"),
    ("L4Settings.autoFQDN", "autoFQDN", "AUTO_L4_FQDN", "flat"),
    ("L4Settings.defaultLBController", "defaultLBController", "DEFAULT_LB_CONTROLLER", "false"),
    ("ControllerSettings.serviceEngineGroupName", "serviceEngineGroupName", "SEG_NAME", "seg"),
    ("ControllerSettings.controllerVersion", "controllerVersion", "CTRL_VERSION", "22.1.4"),
    ("AKOSettings.blockedNamespaceList", "blockedNamespaceList", "BLOCKED_NS_LIST", '["kube-system", "red"]'),
    ("L7Settings.fqdnReusePolicy", "fqdnReusePolicy", "FQDN_REUSE_POLICY", "Strict"),
    ("ControllerSettings.cloudName", "cloudName", "CLOUD_NAME", "cloud"),
    ("ControllerSettings.controllerHost", "controllerIP", "CTRL_IPADDRESS", "avi:8443"),
    ("ControllerSettings.tenantName", "tenantName", "TENANT_NAME", "tenant"),
    ("ControllerSettings.tenantsPerCluster", "tenantsPerCluster", "TENANTS_PER_CLUSTER", "true"),
    ("ControllerSettings.vrfName", "vrfName", "VRF_NAME", "vrf"),
    ("nodePortSelector.key", "nodeKey", "NODE_KEY", "role"),
    ("nodePortSelector.value", "nodeValue", "NODE_VALUE", "app"),
    ("avicredentials.username", "username", "CTRL_USERNAME", "admin"),
    ("avicredentials.password", "password", "CTRL_PASSWORD", "secret"),
    ("avicredentials.authtoken", "authtoken", "CTRL_AUTHTOKEN", "token"),
]


# the same, of settings that are refused
REFUSED = [
    ("AKOSettings.syncNamespace", "syncNamespace", "SYNC_NAMESPACE", "red"),
]


@pytest.mark.parametrize(("helm", "config_map", "variable", "value"), NAMES)
def test_every_name_reaches_the_setting(helm: str, config_map: str, variable: str, value: str) -> None:
    by_flag = load_settings(Sources(flags={helm: value})).settings
    assert by_flag != load_settings(Sources()).settings
    place = {config_map: value}
    in_secret = helm.startswith("avicredentials.")
    assert load_settings(Sources(secret=place) if in_secret else Sources(config_map=place)).settings == by_flag
    if variable:
        assert load_settings(Sources(environ={variable: value})).settings == by_flag


@pytest.mark.parametrize(("helm", "config_map", "variable", "value"), REFUSED)
def test_every_name_of_a_refused_setting_is_refused(helm: str, config_map: str, variable: str, value: str) -> None:
    for sources in (
        Sources(flags={helm: value}),
        Sources(config_map={config_map: value}),
        Sources(environ={variable: value}),
    ):
        (fault,) = faults(sources)
        assert fault.key == helm


def test_no_name_means_two_settings() -> None:
    keys = key_table({}).by_helm.values()
    config_map = Counter(name for key in keys for name in {key.config_map, key.helm})
    variables = Counter(name for key in keys for name in (key.layer_variable, key.variable) if name)
    assert [name for name, count in (config_map + variables).items() if count > 1] == []


AKO_VALUES = """
featureGates: {GatewayAPI: false, EnablePrometheus: false}
replicaCount: 1
image: {repository: registry.example/ako, pullPolicy: IfNotPresent, pullSecrets: []}
GatewayAPI: {image: {repository: registry.example/gateway, pullPolicy: IfNotPresent}}
AKOSettings:
  {primaryInstance: true, enableEvents: "true", logLevel: "WARN", fullSyncFrequency: "1800", apiServerPort: 8080,
   deleteConfig: "false", disableStaticRouteSync: "false", clusterName: "my-cluster", cniPlugin: "", enableEVH: false,
   layer7Only: false, namespaceSelector: {labelKey: "", labelValue: ""}, servicesAPI: false, vipPerNamespace: "false",
   istioEnabled: false, blockedNamespaceList: [], ipFamily: "", useDefaultSecretsOnly: "false", vpcMode: false}
NetworkSettings:
  {nodeNetworkList: [], enableRHI: false, nsxtT1LR: "", bgpPeerLabels: [], vipNetworkList: [], defaultDomain: ""}
L7Settings:
  {defaultIngController: "true", noPGForSNI: false, serviceType: ClusterIP, shardVSSize: "LARGE",
   passthroughShardSize: "SMALL", enableMCI: "false", fqdnReusePolicy: "InterNamespaceAllowed"}
L4Settings: {defaultLBController: "true", advancedL4: "false", defaultDomain: "", autoFQDN: "default"}
ControllerSettings:
  {serviceEngineGroupName: "Default-Group", controllerVersion: "", cloudName: "Default-Cloud", controllerHost: "",
   tenantName: "admin", vrfName: "", dedicatedTenantMode: false}
nodePortSelector: {key: "", value: ""}
resources: {limits: {cpu: 350m, memory: 400Mi}, requests: {cpu: 200m, memory: 300Mi}}
securityContext: {}
podSecurityContext: {}
rbac: {pspEnable: false}
avicredentials: {username: "", password: "", authtoken: "", certificateAuthorityData:}
persistentVolumeClaim: ""
mountPath: /log
logFile: avi.log
akoGatewayLogFile: avi-gw.log
ako-crd-operator: {enabled: true, controllerManager: {container: {logFile: ako-crd-operator.log}}}
nameOverride: ""
tolerations: []
"""


def test_all_of_akos_chart_is_accepted_and_its_defaults_are_ours(tmp_path: Path) -> None:
    loaded = load_settings(Sources(config_files=config_files(values_file(tmp_path, AKO_VALUES))))
    assert loaded.settings == load_settings(Sources()).settings
    assert not loaded.warnings
