"""The values of AKO's own chart, each key at its default, as its releases have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

# 18.2.10, the default of `controllerVersion`, is a version that nobody runs any more: who has it has to remove it.
OF_1_3: Mapping[str, Any] = yaml.safe_load(
    """
replicaCount: 1
image: {repository: avinetworks/ako, pullPolicy: IfNotPresent}
AKOSettings:
  logLevel: "INFO"
  fullSyncFrequency: "1800"
  apiServerPort: 8080
  deleteConfig: "false"
  disableStaticRouteSync: "false"
  clusterName: "my-cluster"
  cniPlugin: ""
  namespaceSelector: {labelKey: "", labelValue: ""}
NetworkSettings: {nodeNetworkList: [], subnetIP: "", subnetPrefix: "", networkName: "", enableRHI: false}
L7Settings:
  defaultIngController: "true"
  l7ShardingScheme: "hostname"
  serviceType: ClusterIP
  shardVSSize: "LARGE"
  passthroughShardSize: "SMALL"
L4Settings: {advancedL4: "false", defaultDomain: ""}
ControllerSettings:
  serviceEngineGroupName: "Default-Group"
  controllerVersion: ""
  cloudName: "Default-Cloud"
  controllerHost: ""
  tenantsPerCluster: "false"
  tenantName: "admin"
nodePortSelector: {key: "", value: ""}
resources: {limits: {cpu: 250m, memory: 300Mi}, requests: {cpu: 100m, memory: 200Mi}}
podSecurityContext: {}
rbac: {pspEnable: false}
avicredentials: {username: , password: , certificateAuthorityData: }
service: {type: ClusterIP, port: 80}
persistentVolumeClaim: ""
mountPath: "/log"
logFile: "avi.log"
"""
)
OF_2_1: Mapping[str, Any] = yaml.safe_load(
    """
featureGates: {GatewayAPI: false, EnablePrometheus: false}
replicaCount: 1
image: {repository: registry.example.com/ako, pullPolicy: IfNotPresent, pullSecrets: []}
GatewayAPI: {image: {repository: registry.example.com/ako-gateway-api, pullPolicy: IfNotPresent}}
AKOSettings:
  primaryInstance: true
  enableEvents: "true"
  logLevel: "WARN"
  fullSyncFrequency: "1800"
  apiServerPort: 8080
  deleteConfig: "false"
  disableStaticRouteSync: "false"
  clusterName: "my-cluster"
  cniPlugin: ""
  enableEVH: false
  layer7Only: false
  namespaceSelector: {labelKey: "", labelValue: ""}
  servicesAPI: false
  vipPerNamespace: "false"
  istioEnabled: false
  blockedNamespaceList: []
  ipFamily: ""
  useDefaultSecretsOnly: "false"
  vpcMode: false
NetworkSettings:
  nodeNetworkList: []
  enableRHI: false
  nsxtT1LR: ""
  bgpPeerLabels: []
  vipNetworkList: []
  defaultDomain: ""
L7Settings:
  defaultIngController: "true"
  noPGForSNI: false
  serviceType: ClusterIP
  shardVSSize: "LARGE"
  passthroughShardSize: "SMALL"
  enableMCI: "false"
  fqdnReusePolicy: "InterNamespaceAllowed"
L4Settings: {defaultLBController: "true", defaultDomain: "", autoFQDN: "default"}
ControllerSettings:
  serviceEngineGroupName: "Default-Group"
  controllerVersion: ""
  cloudName: "Default-Cloud"
  controllerHost: ""
  tenantName: "admin"
  vrfName: ""
  dedicatedTenantMode: false
nodePortSelector: {key: "", value: ""}
resources: {limits: {cpu: 350m, memory: 400Mi}, requests: {cpu: 200m, memory: 300Mi}}
securityContext: {}
podSecurityContext: {}
rbac: {pspEnable: false}
avicredentials: {username: "", password: "", authtoken: "", certificateAuthorityData: ""}
persistentVolumeClaim: ""
mountPath: /log
logFile: avi.log
akoGatewayLogFile: avi-gw.log
ako-crd-operator:
  enabled: true
  controllerManager:
    container:
      image: {repository: registry.example.com/ako-crd-operator, imagePullPolicy: IfNotPresent, pullSecrets: []}
      resources: {limits: {cpu: 256m, memory: 128Mi}, requests: {cpu: 128m, memory: 64Mi}}
      mountPath: /log
      logFile: ako-crd-operator.log
    persistentVolumeClaim: ""
"""
)
