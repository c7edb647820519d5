"""`ako plugins show`: all about one plugin, enabled or not, from its own declarations."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from tests.contract.test_plugin_names import Site, site

__all__ = ["site"]

MODULE = '''
"""Serves moods."""
from collections.abc import Mapping
from msgspec import Struct
from ako import SETTINGS, Discovery, Kind, Metadata, Needs, Pool, Section, WatchedKind, hookimpl, setting


class Mood(Struct, frozen=True):
    """A mood."""
    metadata: Metadata


class MoodStatus(Struct, frozen=True):
    """Of a mood."""
    status: Mapping[str, str] | None = None


class Unmet(Struct, frozen=True):
    """An optional thing."""
    metadata: Metadata


class Settings(Section):
    """Of moods."""
    colour: str = setting("blue", "Colour of what is not told.", allowed="blue, red")


@hookimpl
def ako_settings():
    """Take a colour."""
    return Settings


@hookimpl
def ako_needs():
    return Needs(api="1.0", creates=(Pool,), fields={Pool: ("servers", "ssl_profile_ref")})


@hookimpl
def ako_kinds():
    return (
        WatchedKind(kind=Kind("moods.test", "v1", "Mood"), plural="moods", record=Mood, status=MoodStatus,
                    is_source=True, access=("moods/scale:get",)),
        WatchedKind(kind=Kind("unmet.test", "v2", "Unmet"), plural="unmets", record=Unmet, is_optional=True,
                    namespaced=False, access=("unmets:create",)),
    )


@hookimpl
def ako_discover(source):
    """Find what a mood asks for.

    This is not shown.
    """
    return Discovery()
'''


@pytest.fixture
def moods(site: Site) -> Site:
    site.install("ako-moods", "moods = mood_plugin", "0.3", mood_plugin=MODULE)
    return site


def shown(site: Site, *words: str) -> Any:
    said = site.ako("plugins", "show", "moods", "--format", "json", *words)
    assert (said.code, said.err) == (0, "")
    return json.loads(said.out)


def test_a_plugin_that_is_not_enabled_is_shown_whole(moods: Site) -> None:
    told = shown(moods)
    assert (told["enabled"], told["origin"]) == (False, "third party")
    assert (told["distribution"], told["version"], told["entryPoint"]) == ("ako-moods", "0.3", "mood_plugin")
    assert told["file"] == str(moods.folder / "mood_plugin.py")
    assert told["api"] == "1.0"
    assert told["hooks"]["ako_settings"] == "Take a colour."
    assert told["hooks"]["ako_discover"] == "Find what a mood asks for."
    assert told["hooks"]["ako_kinds"].startswith("Give the kinds to list and watch"), (
        "what the hook is for, as it says nothing"
    )
    mood, unmet = told["kinds"]
    assert (mood["resource"], mood["source"], mood["status"], mood["optional"]) == (
        "moods.moods.test",
        True,
        True,
        False,
    )
    assert (unmet["resource"], unmet["source"], unmet["status"], unmet["optional"]) == (
        "unmets.unmet.test",
        False,
        False,
        True,
    )
    assert [kind["record"] for kind in told["kinds"]] == ["Mood", "Unmet"]
    (colour,) = told["settings"]
    assert colour == {
        "key": "ako.moods.colour",
        "default": "blue",
        "allowed": "blue, red",
        "meaning": "Colour of what is not told.",
    }
    assert told["creates"] == ["pool"]
    assert told["fields"] == {"pool": ["servers", "ssl_profile_ref"]}
    assert told["faults"] == told["remarks"] == []


def test_its_rights_are_those_that_it_adds_to_the_roles(moods: Site) -> None:
    with_it = ("--set", "ako.plugins.enabled=ingress,moods")

    def granted(*words: str) -> set[tuple[str, str, str]]:
        printed = moods.ako("rbac", *words).out
        rules = [rule for document in yaml.safe_load_all(printed) for rule in document.get("rules", ())]
        return {
            (rule["apiGroups"][0], resource, verb)
            for rule in rules
            for resource in rule["resources"]
            for verb in rule["verbs"]
        }

    def parted(resource: str) -> tuple[str, str]:
        plural, _, group = resource.partition(".")
        return group, plural

    added = granted(*with_it) - granted("--set", "ako.plugins.enabled=ingress")
    told = {(*parted(right["resource"]), right["verb"]) for right in shown(moods)["rights"]}
    assert told - {("", "namespaces", "list"), ("", "namespaces", "watch")} == added
    assert ("moods.test", "moods/scale", "get") in {(g, r.partition(".")[0], v) for g, r, v in added} | added
    assert ("unmet.test", "unmets", "create") in added


def test_the_roles_say_for_which_plugin_each_right_is(moods: Site) -> None:
    printed = moods.ako("rbac", "--set", "ako.plugins.enabled=ingress,moods").out
    assert '# list, watch: watched for moods\n  - apiGroups: ["moods.test"]' in printed
    assert '# get: asked for by moods\n  - apiGroups: ["moods.test"]\n    resources: [moods/scale]' in printed
    assert '# patch: status, written for moods\n  - apiGroups: ["moods.test"]' in printed


def test_it_is_shown_to_people_too(moods: Site) -> None:
    said = moods.ako("plugins", "show", "moods", "--set", "ako.plugins.enabled=ingress,moods")
    assert said.code == 0
    lines = [line.strip() for line in said.out.splitlines()]
    assert lines[0] == "moods: Serves moods."
    assert "enabled:      yes" in lines
    assert "distribution: ako-moods 0.3" in lines
    assert "Unmet (unmets.unmet.test, v2): optional" in lines
    assert 'ako.moods.colour = "blue" (blue, red)' in lines
    assert "pool: servers, ssl_profile_ref" in lines
    assert "get moods/scale.moods.test" in lines


@pytest.mark.parametrize("name", ["ingress", "openshift_route", "clusterip_routes", "nodeport", "loadbalancer"])
def test_every_plugin_of_ours_says_what_it_is(site: Site, name: str) -> None:
    said = site.ako("plugins", "show", name, "--format", "json")
    told = json.loads(said.out)
    assert said.code == 0
    assert told["origin"] == "built-in"
    assert told["meaning"]
    assert all(told["hooks"].values())


def test_of_a_name_that_is_not_there_the_nearest_is_told(moods: Site) -> None:
    said = moods.ako("plugins", "show", "modos")
    assert (said.code, said.out) == (64, "")
    assert "unknown plugin modos (did you mean moods?)" in said.err


def test_both_of_a_doubled_name_are_shown(moods: Site) -> None:
    moods.install("ako-others", "moods = other_moods", "7", other_moods=MODULE)
    said = moods.ako("plugins", "show", "moods", "--format", "json")
    assert said.code == 64
    told = json.loads(said.out)
    assert [one["distribution"] for one in told] == ["ako-moods", "ako-others"]
    assert all("is offered by" in one["faults"][0] for one in told)


def test_a_source_that_nobody_reads_is_a_remark_and_a_warning(site: Site) -> None:
    module = MODULE.replace("@hookimpl\ndef ako_discover", "def found")
    site.install("ako-idle", "moods = idle_moods", "1", idle_moods=module)
    told = shown(site)
    assert "moods.test/v1/Mood is a source (is_source), and there is no ako_discover" in told["remarks"][0]
    said = site.ako("rbac", "--set", "ako.plugins.enabled=ingress,moods")
    assert said.code == 0
    assert "warning: plugin moods (ako-idle 1): moods.test/v1/Mood is a source" in said.err


def test_the_list_is_for_programs_too(moods: Site) -> None:
    said = moods.ako("plugins", "list", "--format", "json")
    told = json.loads(said.out)
    assert (said.code, told["fault"]) == (0, "")
    rows = {row["name"]: row for row in told["plugins"]}
    assert (rows["moods"]["enabled"], rows["moods"]["origin"], rows["moods"]["hooks"]) == (False, "third party", [])
    assert (rows["ingress"]["enabled"], rows["ingress"]["origin"]) == (True, "built-in")
    assert "Ingress" in rows["ingress"]["watches"]
