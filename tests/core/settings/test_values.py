"""Single settings: which texts they take, what they mean, which are refused and with which words."""

from __future__ import annotations

import pytest
import trustme

from ako.core.base.refs import NamespacedName
from ako.core.settings import DriftPolicy, Endpoint, Sources
from tests.core.settings.given import fault_of, faults, loaded


@pytest.mark.parametrize(
    ("text", "endpoint", "url"),
    [
        ("avi.example.com", Endpoint("https", "avi.example.com", 443), "https://avi.example.com"),
        ("10.1.2.3:8443", Endpoint("https", "10.1.2.3", 8443), "https://10.1.2.3:8443"),
        ("http://127.0.0.1:9000/", Endpoint("http", "127.0.0.1", 9000), "http://127.0.0.1:9000"),
        ("HTTPS://Avi:443", Endpoint("https", "avi", 443), "https://avi"),
        ("http://avi", Endpoint("http", "avi", 80), "http://avi"),
        ("2001:db8::1", Endpoint("https", "2001:db8::1", 443), "https://[2001:db8::1]"),
        ("[2001:db8::1]:8443", Endpoint("https", "2001:db8::1", 8443), "https://[2001:db8::1]:8443"),
        ("https://[::1]:1", Endpoint("https", "::1", 1), "https://[::1]:1"),
    ],
)
def test_controller_host(text: str, endpoint: Endpoint, url: str) -> None:
    host = loaded(ControllerSettings__controllerHost=text).settings.controller_settings.controller_host
    assert host == endpoint
    assert str(host) == url


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ftp://avi", "scheme"),
        ("avi:0", "port"),
        ("avi:99999", "port"),
        ("avi:https", "port"),
        ("https://avi/api", "path"),
        ("https://avi?x=1", "path"),
        ("https://", "no host name"),
        ("two words", "no host name"),
        ("[::1", ""),
        ("[not-an-address]", ""),
    ],
)
def test_controller_host_refused(text: str, reason: str) -> None:
    fault = fault_of("ControllerSettings.controllerHost", text)
    assert reason in fault.reason
    assert "host:port" in fault.allowed


def test_password_in_the_controller_host_is_refused_and_not_repeated() -> None:
    fault = fault_of("ControllerSettings.controllerHost", "https://admin:hunter2@avi")
    assert "avicredentials" in fault.reason
    assert "hunter2" not in str(fault)


@pytest.mark.parametrize(
    ("given", "count"),
    [("LARGE", 8), ("medium", 4), ("SMALL", 1), (1, 1), ("64", 64), (" 12 ", 12), ("8", 8)],
)
def test_shard_sizes(given: object, count: int) -> None:
    l7 = loaded(L7Settings__shardVSSize=given, L7Settings__passthroughShardSize=given).settings.l7_settings
    assert (l7.shard_count, l7.passthrough_shard_count) == (count, count)


@pytest.mark.parametrize("given", ["HUGE", 0, 65, "-1", "1.5", 2.5, True, ["LARGE"], "1_0", "²"])
def test_shard_sizes_refused(given: object) -> None:
    assert "from 1 to 64" in fault_of("L7Settings.shardVSSize", given).allowed


@pytest.mark.parametrize(
    ("key", "value"), [("L7Settings.serviceType", "NodePortLocal"), ("L7Settings.shardVSSize", "DEDICATED")]
)
def test_what_ako_has_and_we_have_not_is_refused_with_the_reason(key: str, value: str) -> None:
    assert "not supported yet" in fault_of(key, value).reason


@pytest.mark.parametrize("name", ["a", "my-cluster", "A_1", "-x", "a" * 60])
def test_cluster_names(name: str) -> None:
    assert loaded(AKOSettings__clusterName=name).settings.ako_settings.cluster_name == name


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("a.b", "letters"),
        ("ä", "letters"),
        ("a b", "letters"),
        ("a--b", "another cluster"),
        ("a-", "another cluster"),
    ],
)
def test_cluster_names_refused(name: str, reason: str) -> None:
    assert reason in fault_of("AKOSettings.clusterName", name).reason


@pytest.mark.parametrize(
    ("word", "value"), [("true", True), ("False", False), ("1", True), ("t", True), ("0", False), (True, True)]
)
def test_booleans_may_be_texts(word: object, value: bool) -> None:
    assert loaded(AKOSettings__layer7Only=word).settings.ako_settings.layer7_only is value


@pytest.mark.parametrize("word", ["1", "t", "yes", "on", "True", 1])
def test_what_deletes_everything_is_said_in_so_many_words(word: object) -> None:
    assert fault_of("AKOSettings.deleteConfig", word).reason == "is neither true nor false"
    assert loaded(AKOSettings__deleteConfig="true").settings.ako_settings.delete_config


def test_numbers_may_be_texts() -> None:
    settings = loaded(AKOSettings__fullSyncFrequency="60", AKOSettings__apiServerPort="0").settings.ako_settings
    assert (settings.full_sync_frequency, settings.api_server_port) == (60, 0)


def test_texts_may_be_numbers() -> None:
    assert loaded(NetworkSettings__networkName=123).settings.network_settings.network_name == "123"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("AKOSettings.fullSyncFrequency", "-1"),
        ("AKOSettings.fullSyncFrequency", "1h"),
        ("AKOSettings.fullSyncFrequency", True),
        ("AKOSettings.apiServerPort", 65536),
        ("AKOSettings.logLevel", "LOUD"),
        ("AKOSettings.deleteConfig", "maybe"),
        ("NetworkSettings.subnetIP", "10.0.0"),
        ("NetworkSettings.subnetPrefix", "129"),
        ("NetworkSettings.nodeNetworkList", "[{"),
        ("NetworkSettings.nodeNetworkList", [{"networkName": str(n)} for n in range(6)]),
        ("L7Settings.shardHash", "sha1"),
        ("L7Settings.duplicateHostPaths", "newest"),
        ("L7Settings.l7ShardingScheme", "path"),
        ("L7Settings.defaultRouteCertificate", "router-certs-default"),
        ("L7Settings.defaultRouteCertificate", "Upper/case"),
        ("ControllerSettings.controllerVersion", "18.2.9"),
        ("ControllerSettings.controllerVersion", "latest"),
        ("ako.guard.maxDeletePercent", 101),
        ("ako.api.concurrency", 0),
        ("ako.drift.policy", "ignore"),
        ("ako.drift.policy", {"pool": "ignore"}),
        ("ako.drift.policy", ["repair"]),
        ("ako.drift.policy", {"pol": "report"}),
        ("ako.logFormat", "xml"),
        ("replicaCount", 0),
        ("avicredentials.certificateAuthorityData", "not PEM"),
        ("avicredentials.certificateAuthorityData", "\x80"),
    ],
)
def test_refused_values_are_shown_with_what_is_allowed(key: str, value: object) -> None:
    fault = fault_of(key, value)
    assert fault.value
    assert fault.allowed
    assert fault.origin == "flag --set"


def test_faults_inside_lists_name_the_place() -> None:
    given = [{"networkName": "n", "cidrs": ["10.0.0.0/8", "here"]}]
    (fault,) = faults(Sources(flags={"NetworkSettings.nodeNetworkList": given}))
    assert fault.key == "NetworkSettings.nodeNetworkList.0.cidrs.1"
    assert fault.value == '"here"'


def test_a_node_network_needs_a_name() -> None:
    (fault,) = faults(Sources(flags={"NetworkSettings.nodeNetworkList": [{"cidrs": ["10.0.0.0/8"]}]}))
    assert (fault.key, fault.reason) == ("NetworkSettings.nodeNetworkList.0", "needs networkName")


def test_default_route_certificate() -> None:
    l7 = loaded(L7Settings__defaultRouteCertificate="avi-system/router-certs-default").settings.l7_settings
    assert l7.default_route_certificate == NamespacedName("avi-system", "router-certs-default")


@pytest.mark.parametrize(
    "given", ['[{"networkName": "n", "cidrs": ["10.0.0.0/8"]}]', [{"networkName": "n", "cidrs": ["10.0.0.0/8"]}]]
)
def test_lists_may_be_json(given: object) -> None:
    (network,) = loaded(NetworkSettings__nodeNetworkList=given).settings.network_settings.node_network_list
    assert (network.network_name, network.cidrs) == ("n", ("10.0.0.0/8",))


@pytest.mark.parametrize("given", ["ingress, demo", '["ingress", "demo"]', ["ingress", "demo"]])
def test_lists_of_words_may_be_joined_by_commas(given: object) -> None:
    settings = loaded(ako__plugins__enabled=given, ako__sources=given).settings.ako
    assert settings.plugins.enabled == ("ingress", "demo")
    assert settings.sources == ("ingress", "demo")


@pytest.mark.parametrize("given", [{"Pool": "report"}, '{"pool": "report"}'])
def test_drift_policy_by_kind(given: object) -> None:
    policy = loaded(ako__drift__policy=given).settings.ako.drift.policy
    assert (policy.action("pool"), policy.action("virtualservice")) == ("report", "repair")


def test_drift_policy_for_all() -> None:
    assert loaded(ako__drift__policy="report").settings.ako.drift.policy == DriftPolicy(default="report")


@pytest.mark.parametrize(
    ("address", "prefix", "cidr", "v6cidr"),
    [("10.1.0.0", 16, "10.1.0.0/16", ""), ("2001:db8::", 64, "", "2001:db8::/64")],
)
def test_older_network_keys_give_a_vip_network(address: str, prefix: int, cidr: str, v6cidr: str) -> None:
    flags = {"NetworkSettings__networkName": "n", "NetworkSettings__subnetIP": address}
    (network,) = loaded(**flags, NetworkSettings__subnetPrefix=prefix).settings.network_settings.vip_networks
    assert (network.network_name, network.cidr, network.v6cidr) == ("n", cidr, v6cidr)


def test_newer_network_list_counts_before_the_older_keys() -> None:
    network = loaded(NetworkSettings__networkName="old", NetworkSettings__vipNetworkList='[{"networkName": "new"}]')
    assert [vip.network_name for vip in network.settings.network_settings.vip_networks] == ["new"]


def test_the_older_subnet_is_that_of_a_network_that_has_none() -> None:
    """So it was in AKO 1.4."""
    subnet = {"NetworkSettings__subnetIP": "10.1.0.0", "NetworkSettings__subnetPrefix": "16"}
    listed = '[{"networkName": "bare"}, {"networkName": "own", "cidr": "10.2.0.0/16"}, {"v6cidr": "fd00::/64"}]'
    networks = loaded(**subnet, NetworkSettings__vipNetworkList=listed).settings.network_settings.vip_networks
    assert [(one.network_name, one.cidr, one.v6cidr) for one in networks] == [
        ("bare", "10.1.0.0/16", ""),
        ("own", "10.2.0.0/16", ""),
        ("", "", "fd00::/64"),
    ]


def test_certificate_authority() -> None:
    pem = trustme.CA().cert_pem.bytes().decode()
    assert loaded(avicredentials__certificateAuthorityData=pem).settings.credentials.certificate_authority_data == pem


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("AKOSettings.syncNamespace", "red", "would be served"),
    ],
)
def test_what_would_be_unsafe_to_ignore_is_refused(key: str, value: object, reason: str) -> None:
    fault = fault_of(key, value)
    assert reason in fault.reason
    assert fault.allowed


@pytest.mark.parametrize(
    ("flags", "key", "words"),
    [
        ({"replicaCount": 2, "ako.leaderElection.enabled": False}, "replicaCount", "several would write"),
        ({"ako.leaderElection.leaseDurationSeconds": 12}, "ako.leaderElection.renewDeadlineSeconds", "Lease of 12 s"),
        ({"ako.leaderElection.renewDeadlineSeconds": 13}, "ako.leaderElection.renewDeadlineSeconds", "too long"),
        ({"ako.leaderElection.retryPeriodSeconds": 6}, "ako.leaderElection.retryPeriodSeconds", "renewed twice"),
        ({"ako.leaderElection.leaseDurationSeconds": 2}, "ako.leaderElection.leaseDurationSeconds", "too small"),
        ({"ako.leaderElection.enabled": "perhaps"}, "ako.leaderElection.enabled", "neither true nor false"),
    ],
)
def test_an_election_that_could_not_be_kept_is_refused(flags: dict[str, object], key: str, words: str) -> None:
    found = {fault.key: fault for fault in faults(Sources(flags=flags))}
    assert words in found[key].reason


@pytest.mark.parametrize(("enabled", "wanted"), [("auto", "auto"), (None, "auto"), ("true", True), (False, False)])
def test_whether_there_is_an_election(enabled: object, wanted: object) -> None:
    settings = loaded(ako__leaderElection__enabled=enabled).settings
    assert settings.ako.leader_election.enabled == wanted


def test_several_replicas_are_taken_and_elect_one() -> None:
    settings = loaded(replicaCount=3, ako__leaderElection__enabled="auto").settings
    assert (settings.replica_count, settings.ako.leader_election.enabled) == (3, "auto")


@pytest.mark.parametrize("listed", ["vipNetworkList", "nodeNetworkList"])
def test_networks_are_not_named_by_uuid(listed: str) -> None:
    given = [{"networkName": "n", "networkUUID": "network-1"}]
    (fault,) = faults(Sources(flags={f"NetworkSettings.{listed}": given}))
    assert fault.key == f"NetworkSettings.{listed}.0.networkUUID"
    assert "give networkName instead" in fault.reason


@pytest.mark.parametrize(("subnet", "length"), [("10.0.0.0", 33), ("10.0.0.0", 128), ("2001:db8::", 129)])
def test_a_prefix_is_no_longer_than_the_addresses_of_its_subnet(subnet: str, length: int) -> None:
    flags = {"NetworkSettings.subnetIP": subnet, "NetworkSettings.subnetPrefix": length}
    (fault,) = faults(Sources(flags=flags))
    assert fault.key == "NetworkSettings.subnetPrefix"


@pytest.mark.parametrize(("subnet", "length"), [("10.0.0.0", 32), ("2001:db8::", 128)])
def test_a_prefix_may_be_as_long_as_the_addresses_of_its_subnet(subnet: str, length: int) -> None:
    network = loaded(NetworkSettings__subnetIP=subnet, NetworkSettings__subnetPrefix=length).settings.network_settings
    assert network.subnet_prefix == length


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("NetworkSettings.vipNetworkList", [{"networkName": "a"}, {"networkName": "b"}], "after the first"),
        ("NetworkSettings.vipNetworkList", [{"cidr": "10.0.0.0/8", "v6cidr": "fd00::/64"}], "0.v6cidr"),
    ],
)
def test_what_has_no_effect_is_warned_of(key: str, value: object, words: str) -> None:
    (warning,) = loaded(**{key.replace(".", "__"): value}).warnings
    assert words in warning
