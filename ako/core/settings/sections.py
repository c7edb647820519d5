"""AKO's sections of the settings, with Python names.

How users spell the keys stands beside each field (`setting`); the full keys are derived from that in `keys`.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, SecretStr, ValidationInfo, field_validator, model_validator

from ako.core.settings.section import Item, Section, setting
from ako.core.settings.value_types import (
    Address,
    Certificates,
    ClusterName,
    ControllerEndpoint,
    ControllerVersion,
    Deliberate,
    Flag,
    LabelKey,
    LabelValue,
    LowerText,
    NamespaceFilter,
    Namespaces,
    Network,
    NetworkName,
    Networks,
    NetworkUuid,
    Number,
    Secret,
    SecretReference,
    ServiceType,
    ShardSize,
    Text,
)
from ako.core.settings.values import LONGEST, Endpoint, choice, from_json, shard_count

_SIZES = "LARGE (8), MEDIUM (4), SMALL (1) or a whole number from 1 to 64"


class NamespaceSelector(Section):
    """Which namespaces are served."""

    label_key: LabelKey = setting(
        "",
        "Only namespaces with this label are served; empty, with an empty value: all.",
        config_map="nsSyncLabelKey",
        variable="NAMESPACE_SYNC_LABEL_KEY",
        allowed="the key of a label, together with labelValue",
    )
    label_value: LabelValue = setting(
        "",
        "The value that the label has to have.",
        config_map="nsSyncLabelValue",
        variable="NAMESPACE_SYNC_LABEL_VALUE",
        allowed="the value of a label, together with labelKey",
    )


class AkoSettings(Section):
    """The program and its cluster."""

    cluster_name: ClusterName = setting(
        "my-cluster",
        "Name of the cluster: prefix of the names of all Avi objects, and their owner.",
        variable="CLUSTER_NAME",
        allowed="letters, digits, `-` and `_`, without `--`",
        may_be_blank=True,
    )
    log_level: Annotated[Literal["DEBUG", "INFO", "WARN", "ERROR"], choice("DEBUG", "INFO", "WARN", "ERROR")] = setting(
        "WARN", "The least important lines that are logged.", allowed="DEBUG, INFO, WARN, ERROR"
    )
    full_sync_frequency: Number = setting(
        1800,
        "Seconds between full synchronisations with the Avi Controller; 0: none.",
        variable="FULL_SYNC_INTERVAL",
        allowed="0 or more seconds",
        ge=0,
        le=LONGEST,
    )
    api_server_port: Number = setting(
        8080,
        "Port of health, metrics and status, from the next start on; 0: any free port, which is printed.",
        variable="AKO_API_PORT",
        allowed="0 to 65535",
        ge=0,
        le=65535,
    )
    delete_config: Deliberate = setting(
        default=False,
        description="true: delete everything of ours on the Avi Controller and stop synchronising.",
        allowed="exactly true or false",
    )
    disable_static_route_sync: Flag = setting(
        default=False,
        description="true: program no static routes to the pod networks of the nodes.",
        variable="DISABLE_STATIC_ROUTE_SYNC",
    )
    cni_plugin: LowerText = setting(
        "",
        "The cluster's network plugin, which says where pod networks of nodes are found: "
        "calico, openshift, …; any other, or empty: in the Node.",
        variable="CNI_PLUGIN",
    )
    ip_family: Annotated[Literal["V4", "V6", "V4_V6"], choice("V4", "V6", "V4_V6")] = setting(
        "V4",
        "IP families of servers, static routes and virtual services. An address that was given keeps its family.",
        variable="IP_FAMILY",
        allowed="V4, V6, V4_V6",
    )
    layer7_only: Flag = setting(default=False, description="true: leave Services of type LoadBalancer alone.")
    namespace_selector: NamespaceSelector = setting(NamespaceSelector, "Which namespaces are served.")
    blocked_namespace_list: Namespaces = setting(
        (),
        "Namespaces of which nothing is served, whatever their labels.",
        variable="BLOCKED_NS_LIST",
        allowed="a list of names of namespaces",
    )
    sync_namespace: NamespaceFilter = setting(
        "",
        "Only this namespace would be served. Refused: not supported.",
        variable="SYNC_NAMESPACE",
        allowed="empty",
    )
    enable_events: Flag = setting(
        default=True, description="false: no Normal Events on Kubernetes objects; Warnings are always written."
    )


class NodeNetwork(Item):
    """A network that nodes are in."""

    model_config = ConfigDict(json_schema_extra={"required": ["networkName"]})

    network_name: NetworkName = ""
    network_uuid: NetworkUuid = Field("", alias="networkUUID")
    cidrs: Networks = ()

    @model_validator(mode="after")
    def _is_named(self) -> Self:
        if not self.network_name:
            raise ValueError("needs networkName")
        return self


class VipNetwork(Item):
    """A network that virtual addresses are taken from."""

    network_name: Text = ""
    network_uuid: NetworkUuid = Field("", alias="networkUUID")
    cidr: Network = ""
    v6cidr: Network = Field("", alias="v6cidr")


class NetworkSettings(Section):
    """Networks of virtual addresses and of nodes."""

    network_name: Text = setting("", "Network of the virtual addresses.", variable="NETWORK_NAME")
    subnet_ip: Address = setting(
        "", "Subnet of the virtual addresses.", helm="subnetIP", variable="SUBNET_IP", allowed="an IP address"
    )
    subnet_prefix: Number | None = setting(
        None,
        "Length of the prefix of that subnet.",
        variable="SUBNET_PREFIX",
        allowed="0 to 32, for an IPv6 subnet to 128",
        ge=0,
        le=128,
    )
    vip_network_list: Annotated[tuple[VipNetwork, ...], BeforeValidator(from_json)] = setting(
        (),
        "Network of the virtual addresses, the newer form of networkName, subnetIP and subnetPrefix.",
        variable="VIP_NETWORK_LIST",
        allowed="a list of {networkName, cidr or v6cidr}, of which the first counts",
    )
    node_network_list: Annotated[tuple[NodeNetwork, ...], BeforeValidator(from_json)] = setting(
        (),
        "Networks of the nodes, where pools are placed (vCenter clouds only).",
        variable="NODE_NETWORK_LIST",
        allowed="a list of {networkName, cidrs}, 5 at most",
        max_length=5,
    )
    enable_rhi: Flag = setting(
        default=False, description="true: announce virtual addresses by BGP.", helm="enableRHI", variable="ENABLE_RHI"
    )
    default_domain: Text = setting(
        "",
        "Domain of the DNS names of Services of type LoadBalancer, and of `spec.subdomain` of Routes.",
        variable="DEFAULT_DOMAIN",
    )

    @field_validator("subnet_prefix")
    @classmethod
    def _fits_the_subnet(cls, length: int | None, info: ValidationInfo) -> int | None:
        subnet = info.data.get("subnet_ip", "")
        if length is not None and subnet and length > ip_address(subnet).max_prefixlen:
            raise ValueError(f"is too long for the subnet {subnet}")
        return length

    @property
    def vip_networks(self) -> tuple[VipNetwork, ...]:
        """Give the networks of the virtual addresses, whichever form they were given in.

        In AKO 1.4 the list had names only, and the subnet stood beside it.
        """
        subnet = f"{self.subnet_ip}/{self.subnet_prefix}" if self.subnet_ip and self.subnet_prefix is not None else ""
        own = VipNetwork.model_validate({"v6cidr" if ":" in subnet else "cidr": subnet})
        if not self.vip_network_list and (self.network_name or self.subnet_ip):
            return (own.model_copy(update={"network_name": self.network_name}),)
        return tuple(
            network if network.cidr or network.v6cidr else own.model_copy(update={"network_name": network.network_name})
            for network in self.vip_network_list
        )


class L7Settings(Section):
    """Ingresses and Routes."""

    default_ing_controller: Flag = setting(
        default=True, description="true: Ingresses without a class are ours too.", variable="DEFAULT_ING_CONTROLLER"
    )
    l7_sharding_scheme: Annotated[Literal["hostname", "namespace"], choice("hostname", "namespace")] = setting(
        "hostname",
        "What chooses the shared virtual service of a host: its own name, or its namespace.",
        variable="L7_SHARD_SCHEME",
        allowed="hostname, namespace",
    )
    service_type: ServiceType = setting(
        "ClusterIP",
        "Where pools send traffic: to pods, or to ports of the nodes.",
        variable="SERVICE_TYPE",
        allowed="ClusterIP, NodePort",
    )
    shard_vs_size: ShardSize = setting(
        "LARGE", "Number of shared virtual services.", helm="shardVSSize", variable="SHARD_VS_SIZE", allowed=_SIZES
    )
    passthrough_shard_size: ShardSize = setting(
        "SMALL",
        "Number of shared virtual services for passthrough Routes.",
        variable="PASSTHROUGH_SHARD_SIZE",
        allowed=_SIZES,
    )
    shard_hash: Annotated[Literal["md5", "fnv1a"], choice("md5", "fnv1a")] = setting(
        "md5", "Hash that spreads hosts over shards; fnv1a to take over from AKO in Go.", allowed="md5, fnv1a"
    )
    duplicate_host_paths: Annotated[Literal["oldest", "all"], choice("oldest", "all")] = setting(
        "oldest",
        "Who serves a host and path that several objects claim: the oldest of them, or all as in AKO.",
        allowed="oldest, all",
    )
    path_matching: Annotated[Literal["ako", "kubernetes"], choice("ako", "kubernetes")] = setting(
        "ako",
        "How paths are matched: as AKO does (prefixes of the text; over plain HTTP without regard to case), or as the "
        "Kubernetes API says (Exact, Prefix by elements of the path, with regard to case).",
        allowed="ako, kubernetes",
    )
    default_route_certificate: SecretReference = setting(
        None,
        "Secret with the certificate of Routes that bring none; empty: such Routes are refused.",
        allowed="<namespace>/<secret>",
    )

    fqdn_reuse_policy: Annotated[
        Literal["InterNamespaceAllowed", "Strict"], choice("InterNamespaceAllowed", "Strict")
    ] = setting(
        "InterNamespaceAllowed",
        "Strict: a host is that of the namespace that had it first, and nothing of other namespaces is served for it.",
        variable="FQDN_REUSE_POLICY",
        allowed="InterNamespaceAllowed, Strict",
    )

    @property
    def shard_count(self) -> int:
        """Give the number of shared virtual services."""
        return shard_count(self.shard_vs_size)

    @property
    def passthrough_shard_count(self) -> int:
        """Give the number of shared virtual services for passthrough hosts."""
        return shard_count(self.passthrough_shard_size)


class L4Settings(Section):
    """Services of type LoadBalancer."""

    default_lb_controller: Flag = setting(
        default=True,
        description="true: Services without a class are ours too.",
        helm="defaultLBController",
        variable="DEFAULT_LB_CONTROLLER",
    )
    auto_fqdn: Annotated[Literal["default", "flat", "disabled"], choice("default", "flat", "disabled")] = setting(
        "default",
        "DNS name given to a Service: <service>.<namespace>.<domain>, <service>-<namespace>.<domain>, or none.",
        helm="autoFQDN",
        variable="AUTO_L4_FQDN",
        allowed="default, flat, disabled",
    )


class ControllerSettings(Section):
    """The Avi Controller."""

    controller_host: ControllerEndpoint = setting(
        None,
        "Where the Avi Controller answers.",
        config_map="controllerIP",
        variable="CTRL_IPADDRESS",
        allowed="host, host:port, or an http:// or https:// URL",
    )
    controller_version: ControllerVersion = setting(
        "",
        "Version of the API to use; empty: the Controller's own, if we know it.",
        variable="CTRL_VERSION",
        allowed="20.1.1 or newer",
    )
    service_engine_group_name: Text = setting(
        "Default-Group", "Service Engine group of virtual services.", variable="SEG_NAME"
    )
    cloud_name: Text = setting("Default-Cloud", "Avi cloud.", variable="CLOUD_NAME")
    tenant_name: Text = setting(
        "admin", "Avi tenant of all objects, unless their Namespace names another.", variable="TENANT_NAME"
    )
    tenants_per_cluster: Flag = setting(
        default=False,
        description="true: what is in a namespace is in the Avi tenant that the annotation ako.vmware.com/tenant-name "
        "of the Namespace names, and what belongs to a cloud of admin is read and written there.",
        variable="TENANTS_PER_CLUSTER",
    )
    vrf_name: Text = setting(
        "",
        "VRF context of virtual services, pools and routes (vCenter clouds only); empty: that of the network.",
        variable="VRF_NAME",
    )
    insecure_skip_verify: Deliberate = setting(
        default=False,
        description="true: the Controller's certificate is not verified: whoever is on the way can take its place, and "
        "gets the password.",
        allowed="exactly true or false",
    )

    @property
    def endpoint(self) -> Endpoint:
        """Give where the Avi Controller answers.

        Raises:
            ValueError: no host is set; `require_controller` reports that to users.
        """
        if self.controller_host is None:
            raise ValueError("ControllerSettings.controllerHost is not set")
        return self.controller_host


class NodePortSelector(Section):
    """Which nodes take traffic when the service type is NodePort."""

    key: Text = setting("", "Label of the nodes; empty: all nodes.", config_map="nodeKey", variable="NODE_KEY")
    value: Text = setting("", "Value of that label.", config_map="nodeValue", variable="NODE_VALUE")


class Credentials(Section):
    """How we log in to the Avi Controller."""

    username: Text = setting("", "User name.", variable="CTRL_USERNAME", in_secret=True)
    password: Secret = setting(
        SecretStr(""), "Password; not needed with a token.", variable="CTRL_PASSWORD", in_secret=True, secret=True
    )
    authtoken: Secret = setting(
        SecretStr(""), "Token instead of the password.", variable="CTRL_AUTHTOKEN", in_secret=True, secret=True
    )
    certificate_authority_data: Certificates = setting(
        "",
        "Certificates, in PEM form, that the Controller's must come from; empty: those that the system trusts.",
        variable="CTRL_CA_DATA",
        in_secret=True,
        allowed="PEM text",
    )
