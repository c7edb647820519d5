"""The tree as others hold it: comparable, hashable, frozen, silent about secrets, open to plugins."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr, ValidationError

from ako.core.base.errors import PluginError
from ako.core.settings import Section, Settings, SettingsError, Sources, enabled_plugins, load_settings, setting
from tests.core.settings.given import faults, loaded


class Quota(Section):
    per_host: int = setting(3, "Requests per host.", ge=1, allowed="1 or more")


class DemoSettings(Section):
    greeting: str = setting("hello", "What to say.")
    token: SecretStr = setting(SecretStr(""), "Key of a service.")
    quota: Quota = setting(Quota, "Limits.")


PLUGINS: dict[str, type[BaseModel]] = {"demo": DemoSettings}


def test_equal_settings_are_equal_and_hash_alike() -> None:
    flags = {
        "NetworkSettings__nodeNetworkList": [{"networkName": "n", "cidrs": ["10.0.0.0/8"]}],
        "ako__drift__policy": {"pool": "report"},
        "avicredentials__password": "hunter2",
        "ako__demo__greeting": "ho",
    }
    one, other = loaded(PLUGINS, **flags).settings, loaded(PLUGINS, **flags).settings
    assert one == other
    assert hash(one) == hash(other)
    assert one != loaded(PLUGINS, **flags | {"ako__demo__greeting": "hi"}).settings


def test_defaults_need_no_loading() -> None:
    assert Settings() == load_settings(Sources()).settings


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        Settings().l7_settings.shard_hash = "fnv1a"


def test_secrets_are_never_printed() -> None:
    sources = Sources(
        environ={"CTRL_PASSWORD": "hunter2", "AKO_AKO__DEMO__TOKEN": "hunter2"},
        secret={"authtoken": "hunter2"},
        flags={"avicredentials.password": "hunter2"},
    )
    everything = load_settings(sources, PLUGINS)
    for text in (repr(sources), repr(everything), str(everything.settings), repr(everything.settings.credentials)):
        assert "hunter2" not in text


@pytest.mark.parametrize("key", ["avicredentials.password", "avicredentials.authtoken", "ako.demo.token"])
def test_refused_secrets_are_not_repeated(key: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(Sources(flags={key: ["hunter2"]}), PLUGINS)
    assert f"{key} = ***" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__context__ is None


def test_sections_of_plugins_come_from_all_places() -> None:
    sources = Sources(environ={"AKO_AKO__DEMO__QUOTA__PER_HOST": "9"}, config_map={"ako.demo.greeting": "ho"}, flags={})
    everything = load_settings(sources, PLUGINS)
    section = everything.settings.section("demo", DemoSettings)
    assert (section.greeting, section.quota.per_host) == ("ho", 9)
    assert everything.origins["ako.demo.quota.perHost"] == "variable AKO_AKO__DEMO__QUOTA__PER_HOST"


def test_sections_of_plugins_have_defaults() -> None:
    assert loaded(PLUGINS).settings.section("demo", DemoSettings) == DemoSettings()
    assert Settings().section("demo", DemoSettings) == DemoSettings()


def test_faults_of_plugins_are_reported_with_the_rest() -> None:
    flags: dict[str, object] = {
        "ako.demo.quota.perHost": "0",
        "ako.demo.greting": "hi",
        "AKOSettings.logLevel": "LOUD",
    }
    found = {fault.key: fault for fault in faults(Sources(flags=flags), PLUGINS)}
    assert found.keys() == flags.keys()
    assert found["ako.demo.quota.perHost"].allowed == "1 or more"
    assert "did you mean ako.demo.greeting?" in found["ako.demo.greting"].reason


class Strict(Section):
    size: int = setting(..., "Must be given.")


@pytest.mark.parametrize("plugin", ["json", "settings", "model_dump"])
def test_a_plugin_may_be_called_like_a_part_of_a_model(plugin: str) -> None:
    read = load_settings(Sources(flags={f"ako.{plugin}.size": "7"}), {plugin: Strict})
    assert read.settings.section(plugin, Strict).size == 7
    assert read.settings == Settings(plugin_sections=((plugin, Strict(size=7)),))


def test_what_a_plugin_insists_on_is_missing() -> None:
    (fault,) = faults(Sources(), {"demo": Strict})
    assert str(fault) == "ako.demo.size = null (default): is missing"


class Thawed(BaseModel):
    size: int = 1


@pytest.mark.parametrize(
    ("name", "model", "reason"),
    [("gc", DemoSettings, "choose another"), ("a.b", DemoSettings, "name"), ("x", Thawed, "frozen")],
)
def test_unfit_sections_are_faults_of_the_plugin(name: str, model: type[BaseModel], reason: str) -> None:
    with pytest.raises(PluginError, match=reason):
        load_settings(Sources(), {name: model})


def test_enabled_plugins_are_known_before_their_sections_are() -> None:
    flags: dict[str, object] = {
        "ako.plugins.enabled": "demo",
        "ako.demo.greeting": "hi",
        "AKOSettings.logLevel": "LOUD",
    }
    assert enabled_plugins(Sources(flags=flags)) == ("demo",)
    assert enabled_plugins(Sources(flags={"ako.plugins.enabled": {"a": 1}})) == Settings().ako.plugins.enabled


def test_the_plugins_of_this_distribution_are_enabled() -> None:
    declared = configparser.ConfigParser()
    declared.read(Path(__file__).parents[3] / "setup.cfg")
    lines = declared["options.entry_points"]["ako.plugins"].split("\n")
    assert sorted(Settings().ako.plugins.enabled) == sorted(line.partition("=")[0].strip() for line in lines if line)
