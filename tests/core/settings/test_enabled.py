"""`ako.plugins.enabled`: a whole list, or what is added to the default list and left out of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from ako.core.settings import PluginNames, SettingsError, Sources, enabled_plugins, load_settings
from ako.core.settings.enabled import IN_TREE_PLUGINS
from tests.core.settings.given import config_files, fault_of, values_file

KEY = "ako.plugins.enabled"
WITHOUT_NODEPORT = ("ingress", "openshift_route", "clusterip_routes", "loadbalancer")


@pytest.mark.parametrize(
    ("given", "enabled"),
    [
        ("+sites", ("sites", *IN_TREE_PLUGINS)),
        ("+sites,-nodeport", ("sites", *WITHOUT_NODEPORT)),
        ("-nodeport, +sites, +more", ("sites", "more", *WITHOUT_NODEPORT)),
        ("-nodeport", WITHOUT_NODEPORT),
        (["-nodeport", "+sites"], ("sites", *WITHOUT_NODEPORT)),
        ('["+sites", "-nodeport"]', ("sites", *WITHOUT_NODEPORT)),
        ("+ingress", IN_TREE_PLUGINS),
        ("+sites,+sites,-nodeport,-nodeport", ("sites", *WITHOUT_NODEPORT)),
        (" + sites ,, - nodeport\n", ("sites", *WITHOUT_NODEPORT)),
        ("sites,ingress", ("sites", "ingress")),
        ("a-b,c+d", ("a-b", "c+d")),
        ([], ()),
    ],
)
def test_what_a_list_means(given: object, enabled: tuple[str, ...]) -> None:
    sources = Sources(flags={KEY: given})
    assert load_settings(sources).settings.ako.plugins.enabled == enabled
    assert enabled_plugins(sources) == enabled


def places(value: str, folder: Path) -> Mapping[str, Sources]:
    file = values_file(folder, f"ako: {{plugins: {{enabled: {value!r}}}}}\n")
    return {
        "file": Sources(config_files=config_files(file)),
        "variable": Sources(environ={"AKO_AKO__PLUGINS__ENABLED": value}),
        "ConfigMap": Sources(config_map={"pluginsEnabled": value}),
        "ConfigMap, whole key": Sources(config_map={KEY: value}),
        "flag": Sources(flags={KEY: value}),
    }


def test_it_means_the_same_wherever_it_is_given(tmp_path: Path) -> None:
    for place, sources in places("+sites,-nodeport", tmp_path).items():
        assert load_settings(sources).settings.ako.plugins.enabled == ("sites", *WITHOUT_NODEPORT), place


def test_it_is_laid_on_the_default_list_and_not_on_a_lower_place() -> None:
    sources = Sources(config_map={"pluginsEnabled": "ingress,nodeport"}, flags={KEY: "+sites"})
    assert load_settings(sources).settings.ako.plugins.enabled == ("sites", *IN_TREE_PLUGINS)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("ingress,+sites", "mixes +sites with ingress: give either the names of all that run, or only what is added"),
        ("-nodeport,sites", "mixes -nodeport with sites"),
        (["+sites", None], "mixes +sites with an empty name"),
        ("+", "has a + or a - without a name"),
        ("+sites,-", "has a + or a - without a name"),
        ("+nodeport,-nodeport", "adds nodeport and leaves it out: remove one of the two"),
        ("-sites", "leaves out sites, which is not in the default list; that has ingress, "),
        ("-ingres", "leaves out ingres, which is not in the default list (did you mean -ingress?); that has ingress, "),
        ("--nodeport", "leaves out -nodeport, which is not in the default list (did you mean -nodeport?)"),
    ],
)
def test_what_a_sign_cannot_mean_is_told(given: object, reason: str, tmp_path: Path) -> None:
    assert reason in fault_of(KEY, given).reason
    if isinstance(given, str):
        for place, sources in places(given, tmp_path).items():
            with pytest.raises(SettingsError, match=KEY) as caught:
                load_settings(sources)
            assert reason in str(caught.value), place
            assert enabled_plugins(sources) == IN_TREE_PLUGINS, "whoever reports the fault needs some"


@pytest.mark.parametrize(("given", "name"), [("+sitse", "sitse"), ("ingress,sitse", "sitse"), ("+ingres", "ingres")])
def test_an_unknown_name_is_told_with_the_nearest(given: str, name: str) -> None:
    names = PluginNames(installed=(*IN_TREE_PLUGINS, "sites"), reading=("ingress",), switched=())
    with pytest.raises(SettingsError) as caught:
        load_settings(Sources(flags={KEY: given}), {}, names)
    nearest = {"sitse": "sites", "ingres": "ingress"}[name]
    assert f"unknown plugin {name} (did you mean {nearest}?): install its distribution" in str(caught.value)
    assert f'{KEY} = "{given}" (flag --set)' in str(caught.value)
