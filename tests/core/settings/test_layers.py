"""Where settings come from: every place is read by its own names, and the highest place counts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ako.core.base.secrecy import MASK, Secrecy
from ako.core.settings import DriftPolicy, SettingsError, Sources, load_settings, require_controller
from tests.core.settings.given import config_files, faults, values_file

KEY = "ControllerSettings.tenantName"


@pytest.fixture
def everywhere(tmp_path: Path) -> Sources:
    return Sources(
        config_files=config_files(values_file(tmp_path, "ControllerSettings:\n  tenantName: file\n")),
        environ={"TENANT_NAME": "ako", "AKO_CONTROLLERSETTINGS__TENANTNAME": "variable"},
        config_map={"tenantName": "config-map"},
        flags={KEY: "flag"},
    )


def test_precedence(everywhere: Sources) -> None:
    variables = everywhere.environ
    ladder = [
        (everywhere, "flag", "flag --set"),
        (without := replace(everywhere, flags={}), "variable", "variable AKO_CONTROLLERSETTINGS__TENANTNAME"),
        (
            without := replace(without, environ={"TENANT_NAME": variables["TENANT_NAME"]}),
            "config-map",
            "ConfigMap avi-k8s-config, key tenantName",
        ),
        (without := replace(without, config_map=None), "ako", "variable TENANT_NAME"),
        (without := replace(without, environ={}), "file", f"file {everywhere.config_files[0].path}, line 2"),
        (replace(without, config_files=()), "admin", "default"),
    ]
    for sources, value, origin in ladder:
        loaded = load_settings(sources)
        assert (loaded.settings.controller_settings.tenant_name, loaded.origins[KEY]) == (value, origin)


def test_every_setting_has_an_origin() -> None:
    origins = load_settings(Sources()).origins
    assert set(origins.values()) == {"default"}
    assert "ako.gc.keepVip" in origins


@pytest.mark.parametrize(
    "name", ["AKO_L7SETTINGS__SHARDHASH", "AKO_L7_SETTINGS__SHARD_HASH", "AKO_L7Settings__shardHash"]
)
def test_underscores_within_a_part_of_a_variable_say_nothing(name: str) -> None:
    loaded = load_settings(Sources(environ={name: "fnv1a"}))
    assert loaded.settings.l7_settings.shard_hash == "fnv1a"
    assert loaded.origins["L7Settings.shardHash"] == f"variable {name}"


def test_variables_of_deep_keys() -> None:
    loaded = load_settings(Sources(environ={"AKO_AKO__GC__KEEP_VIP": "true"}))
    assert loaded.settings.ako.gc.keep_vip


def test_variables_of_others_are_left_alone() -> None:
    """Kubernetes gives every pod variables for the Services of its namespace, and one may be called `ako`."""
    environ = {"AKO_SERVICE_HOST": "10.0.0.1", "AKO_PORT": "tcp://10.0.0.1:80", "OTHER__NAME": "x"}
    assert load_settings(Sources(environ=environ)) == load_settings(Sources())


def test_config_map_by_ako_names_and_by_full_keys() -> None:
    data = {
        "clusterName": "c1",
        "controllerIP": "avi:8443",
        "nodeKey": "role",
        "subnetPrefix": "",
        "vipNetworkList": "null",
        "nodeNetworkList": '[{"networkName": "n", "cidrs": []}]',
        "shardHash": "fnv1a",
        "maxDeletePercent": "50",
        "ako.plugins.enabled": "demo",
    }
    settings = load_settings(Sources(config_map=data)).settings
    assert settings.ako_settings.cluster_name == "c1"
    assert str(settings.controller_settings.controller_host) == "https://avi:8443"
    assert settings.node_port_selector.key == "role"
    assert settings.network_settings.subnet_prefix is None
    assert settings.network_settings.vip_network_list == ()
    assert settings.l7_settings.shard_hash == "fnv1a"
    assert settings.ako.guard.max_delete_percent == 50
    assert settings.ako.plugins.enabled == ("demo",)


def test_secret_loses_the_line_break_of_its_file() -> None:
    settings = load_settings(Sources(secret={"username": "admin\n", "password": " pass word\n"})).settings
    assert settings.credentials.username == "admin"
    assert settings.credentials.password.get_secret_value() == " pass word"


def test_credentials_do_not_belong_into_the_config_map() -> None:
    (fault,) = faults(Sources(config_map={"password": "hunter2"}))
    assert fault.key == "password"
    assert "hunter2" not in str(fault)


def test_an_empty_value_is_none_and_the_next_place_counts(tmp_path: Path) -> None:
    path = values_file(tmp_path, "L7Settings:\n  shardVSSize: SMALL\n")
    sources = Sources(config_files=config_files(path), environ={"SHARD_VS_SIZE": ""}, config_map={"shardVSSize": " "})
    assert load_settings(sources).settings.l7_settings.shard_count == 1


def test_older_spellings_give_way_to_the_newer(tmp_path: Path) -> None:
    older = "L4Settings:\n  defaultDomain: old.example\n"
    newer = "NetworkSettings:\n  defaultDomain: new.example\n"
    for text, domain in ((older, "old.example"), (older + newer, "new.example"), (newer + older, "new.example")):
        loaded = load_settings(Sources(config_files=config_files(values_file(tmp_path, text))))
        assert loaded.settings.network_settings.default_domain == domain


def test_what_of_ako_has_no_effect_is_accepted_with_one_warning(tmp_path: Path) -> None:
    text = "featureGates: {GatewayAPI: true}\nimage: {repository: x}\nL7Settings: {noPGForSNI: true}\n"
    sources = Sources(
        config_files=config_files(values_file(tmp_path, text)),
        config_map={"enableMCI": "true", "enablePrometheus": "x"},
    )
    loaded = load_settings(sources)
    (warning,) = loaded.warnings
    for name in ("featureGates.GatewayAPI", "L7Settings.noPGForSNI", "enableMCI"):
        assert name in warning
    (note,) = loaded.notes
    assert "enablePrometheus" in note
    assert "image" not in warning + note  # the chart reads it


ASKED_FOR = [
    ("AKOSettings.enableEVH", "true"),
    ("AKOSettings.vipPerNamespace", "yes"),
    ("AKOSettings.primaryInstance", "false"),
    ("NetworkSettings.nsxtT1LR", "/infra/tier-1s/one"),
    ("NetworkSettings.bgpPeerLabels", '["peer"]'),
]


@pytest.mark.parametrize(("key", "value"), ASKED_FOR)
def test_what_would_be_served_in_another_way_if_it_were_passed_over_is_refused(
    tmp_path: Path, key: str, value: str
) -> None:
    section, name = key.split(".")
    places = (
        Sources(config_files=config_files(values_file(tmp_path, f"{section}: {{{name}: {value}}}\n"))),
        Sources(config_map={name: value}),
        Sources(flags={key: value}),
    )
    for sources in places:
        (fault,) = faults(sources)
        assert fault.key == key
        assert "not supported" in str(fault)


def test_a_variable_of_ako_that_asks_for_it_is_refused_too() -> None:
    (fault,) = faults(Sources(environ={"ISTIO_ENABLED": "true", "ENABLE_EVH": "false"}))
    assert (fault.key, fault.origin) == ("AKOSettings.istioEnabled", "variable ISTIO_ENABLED")


def test_at_its_default_no_word_is_lost_on_it(tmp_path: Path) -> None:
    text = """
AKOSettings: {enableEVH: false, vipPerNamespace: "false", istioEnabled: "", primaryInstance: true, ipFamily: V4,
  blockedNamespaceList: [], useDefaultSecretsOnly: off, servicesAPI: null}
L7Settings: {fqdnReusePolicy: InterNamespaceAllowed, noPGForSNI: false}
NetworkSettings: {bgpPeerLabels: [], nsxtT1LR: ""}
"""
    in_cluster = {"enableEVH": "false", "blockedNamespaceList": "null", "bgpPeerLabels": "[]", "enableMCI": "false"}
    assert (
        load_settings(Sources(config_files=config_files(values_file(tmp_path, text)), config_map=in_cluster)).warnings
        == ()
    )


def test_the_highest_place_says_whether_it_is_asked_for(tmp_path: Path) -> None:
    path = values_file(tmp_path, "AKOSettings: {enableEVH: true}\n")
    load_settings(Sources(config_files=config_files(path), flags={"AKOSettings.enableEVH": "false"}))


@pytest.mark.parametrize(
    ("text", "key", "hint"),
    [
        ("L7Setting: {shardHash: md5}", "L7Setting", "did you mean L7Settings?"),
        ("L7Settings: {shardVsSize: SMALL}", "L7Settings.shardVsSize", "did you mean L7Settings.shardVSSize?"),
        ("shardHash: md5", "shardHash", "did you mean L7Settings.shardHash?"),
        ("L7Settings: {nope: 1}", "L7Settings.nope", "did you mean L7Settings.noPGForSNI?"),  # not the section it is in
        ("AKOSettings: {shardHash: md5}", "AKOSettings.shardHash", "did you mean L7Settings.shardHash?"),
        ("ako: {gc: {keepVIPs: true}}", "ako.gc.keepVIPs", "did you mean ako.gc.keepVip?"),
        ("quite: different", "quite", "`ako config schema` lists the keys"),
        ("ako: {demo: {size: 1}}", "ako.demo", "no plugin that is enabled"),
    ],
)
def test_unknown_keys_in_the_file(tmp_path: Path, text: str, key: str, hint: str) -> None:
    path = values_file(tmp_path, text)
    (fault,) = faults(Sources(config_files=config_files(path)))
    assert fault.key == key
    assert fault.origin == f"file {path}, line 1"
    assert hint in fault.reason


def test_unknown_names_elsewhere() -> None:
    found = faults(
        Sources(
            environ={"AKO_L7SETTINGS__SHARDHSH": "md5"},
            config_map={"shardHsh": "md5"},
            secret={"pasword": "hunter2"},
            flags={"L7Settings.shardHsh": "md5"},
        )
    )
    assert [(fault.key, fault.reason.rpartition("; ")[2]) for fault in found] == [
        ("L7Settings.shardHsh", "did you mean L7Settings.shardHash?"),
        ("AKO_L7SETTINGS__SHARDHSH", "did you mean AKO_L7SETTINGS__SHARDHASH?"),
        ("pasword", "did you mean password?"),
        ("shardHsh", "did you mean shardHash?"),
    ]


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        ("L7Settings: LARGE", "L7Settings", "is a section"),
        ("L7Settings:\n  shardHash: md5\n  shardHash: fnv1a", "L7Settings.shardHash", "twice"),
        ("L7Settings: {}\nL7Settings: {shardHash: md5}", "L7Settings", "twice"),
        ("AKOSettings: {clusterName: {a: b}}", "AKOSettings.clusterName", "not a text"),
    ],
)
def test_shape_of_the_file(tmp_path: Path, text: str, key: str, reason: str) -> None:
    (fault,) = faults(Sources(config_files=config_files(values_file(tmp_path, text))))
    assert fault.key == key
    assert reason in fault.reason


def test_keys_given_twice_are_faults_with_their_lines_beside_all_others(tmp_path: Path) -> None:
    path = values_file(
        tmp_path,
        "L7Settings:\n  shardHash: md5\n  shardHash: fnv1a\n"
        "image:\n  pullSecrets:\n  - {name: a, name: b}\n"
        "AKOSettings:\n  logLevel: LOUD\n",
    )
    assert [(fault.key, fault.origin) for fault in faults(Sources(config_files=config_files(path)))] == [
        ("L7Settings.shardHash", f"file {path}, line 3"),
        ("image.pullSecrets.0.name", f"file {path}, line 6"),
        ("AKOSettings.logLevel", f"file {path}, line 8"),
    ]


def test_settings_are_in_one_document(tmp_path: Path) -> None:
    path = values_file(tmp_path, "L7Settings: {}\n---\nL7Settings: {shardHash: fnv1a}\n")
    (fault,) = faults(Sources(config_files=config_files(path)))
    assert fault.key == f"--config {path}"
    assert "second document (line 3)" in fault.reason


def test_a_mapping_is_one_value_and_not_mixed_with_that_of_a_lower_place(tmp_path: Path) -> None:
    path = values_file(tmp_path, "ako: {drift: {policy: {pool: report}}, gc: {keepVip: true}}\n")
    flags = {"ako.drift.policy": {"virtualservice": "report"}}
    loaded = load_settings(Sources(config_files=config_files(path), flags=flags))
    assert loaded.settings.ako.drift.policy == DriftPolicy(by_kind=(("virtualservice", "report"),))
    assert loaded.settings.ako.gc.keep_vip, "what only the lower place gives stays"
    assert loaded.origins["ako.drift.policy"] == "flag --set"


@pytest.mark.parametrize("text", ["L7Settings:\n", "L7Settings: {}\n", "{}"])
def test_empty_files_and_sections(tmp_path: Path, text: str) -> None:
    assert (
        load_settings(Sources(config_files=config_files(values_file(tmp_path, text)))).settings
        == load_settings(Sources()).settings
    )


def test_anchors_and_merge_keys(tmp_path: Path) -> None:
    text = "L7Settings: &l7 {shardHash: fnv1a}\nreplicaCount: 1\n"
    merged = "service: &size {shardVSSize: SMALL}\nL7Settings:\n  <<: *size\n  shardHash: fnv1a\n"
    for content in (text, merged):
        settings = load_settings(Sources(config_files=config_files(values_file(tmp_path, content)))).settings
        assert settings.l7_settings.shard_hash == "fnv1a"


@pytest.mark.parametrize(
    "text", ["password: [hunter2", "- hunter2", "hunter2", "a: !!python/object:x hunter2", "a: \0"]
)
def test_files_that_are_not_settings_are_not_quoted(tmp_path: Path, text: str) -> None:
    path = values_file(tmp_path, text)
    (fault,) = faults(Sources(config_files=config_files(path)))
    assert str(path) in fault.key
    assert "hunter2" not in str(fault)


def test_a_missing_file_is_a_fault(tmp_path: Path) -> None:
    (fault,) = faults(Sources(config_files=config_files(tmp_path / "absent.yaml")))
    assert "No such file" in fault.reason


def test_all_faults_are_reported_at_once(tmp_path: Path) -> None:
    path = values_file(tmp_path, "L7Settings: {shardVSSize: HUGE, shardHsh: md5}\n")
    sources = Sources(
        config_files=config_files(path),
        environ={"SEG_NAME": "x", "AKO_AKOSETTINGS__LOGLEVEL": "LOUD"},
        config_map={"fullSyncFrequency": "soon"},
        secret={"pasword": "x"},
        flags={"AKOSettings.clusterName": "a--b"},
    )
    with pytest.raises(SettingsError) as caught:
        load_settings(sources)
    report = str(caught.value)
    assert report.startswith("6 faults in the settings\n")
    assert f'L7Settings.shardVSSize = "HUGE" (file {path}, line 1)' in report
    assert 'AKOSettings.logLevel = "LOUD" (variable AKO_AKOSETTINGS__LOGLEVEL)' in report
    assert 'AKOSettings.fullSyncFrequency = "soon" (ConfigMap avi-k8s-config, key fullSyncFrequency)' in report
    assert 'AKOSettings.clusterName = "a--b" (flag --set)' in report
    assert "allowed: DEBUG, INFO, WARN, ERROR" in report


@pytest.mark.parametrize("name", ["CTRL_PASSWORD", "AKO_AVICREDENTIALS__PASSWORD"])
def test_a_line_break_is_no_part_of_a_secret_in_a_variable(name: str) -> None:
    settings = load_settings(Sources(environ={name: " pass word\r\n"})).settings
    assert settings.credentials.password.get_secret_value() == " pass word"


def test_a_secret_in_the_variable_for_its_file_is_not_repeated() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(Sources(environ={"AKO_AVICREDENTIALS__PASSWORD_FILE": "hunter2/and-more"}))
    assert "hunter2" not in str(caught.value)
    assert "AKO_AVICREDENTIALS__PASSWORD_FILE: the file that it names cannot be read" in str(caught.value)


def test_what_a_controller_takes() -> None:
    with pytest.raises(SettingsError) as caught:
        require_controller(load_settings(Sources()))
    assert [fault.key for fault in caught.value.faults] == [
        "ControllerSettings.controllerHost",
        "avicredentials.username",
        "avicredentials.password",
    ]
    report = str(caught.value)
    assert "set it, or controllerIP in the ConfigMap avi-k8s-config (which is not there), or the" in report
    assert "set it, or username in the Secret avi-secret (which is not there), or the" in report
    with pytest.raises(SettingsError) as caught:
        require_controller(load_settings(Sources(config_map={}, secret={"username": "admin"}, secret_name="avi-login")))
    report = str(caught.value)
    assert "set it, or password in the Secret avi-login, or the variable" in report
    assert "set it, or controllerIP in the ConfigMap avi-k8s-config, or the variable" in report
    environ = {"CTRL_IPADDRESS": "avi", "CTRL_USERNAME": "admin", "CTRL_AUTHTOKEN": "t"}
    assert require_controller(load_settings(Sources(environ=environ))).host == "avi"


@pytest.mark.parametrize(
    ("half", "needed"),
    [
        ({"NetworkSettings.subnetIP": "10.0.0.0"}, "NetworkSettings.subnetPrefix"),
        ({"NetworkSettings.subnetPrefix": 16}, "NetworkSettings.subnetIP"),
        ({"nodePortSelector.value": "app"}, "nodePortSelector.key"),
    ],
)
def test_half_of_a_pair_is_warned_of(half: dict[str, object], needed: str) -> None:
    (warning,) = load_settings(Sources(flags=half)).warnings
    assert warning.endswith(f"has no effect without {needed}")


@pytest.mark.parametrize(("password", "shown"), [("password", "password"), ("hunter2hunter2", MASK)])
def test_a_password_that_is_a_word_of_the_names_of_settings_hides_none_of_them(password: str, shown: str) -> None:
    secrecy = Secrecy()
    load_settings(Sources(flags={"avicredentials.password": password}, secrecy=secrecy))
    told = f"correct avicredentials.password or ControllerSettings.controllerHost: {password}"
    assert secrecy.masked(told) == told.replace(password, shown)
