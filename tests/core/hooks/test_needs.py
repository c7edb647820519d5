"""What plugins need of ako: what is refused with which remedy, and how the needs of several are one."""

from __future__ import annotations

from typing import Any

import pytest

from ako import AviObject, Needs, Pool, VirtualService, hookimpl
from ako.core.base.errors import PluginError
from ako.core.hooks.loading import Plugin
from ako.core.hooks.needs import api_fault
from ako.core.hooks.plugin_host import PluginHost
from ako.core.model import VrfContext


class Needing:
    """Needs something."""

    def __init__(self, needs: object) -> None:
        self.needs = needs

    @hookimpl
    def ako_needs(self) -> Any:
        return self.needs


def host(*needs: object) -> PluginHost:
    return PluginHost([Plugin(f"p{n}", Needing(needed)) for n, needed in enumerate(needs)])


class Other(AviObject, frozen=True, kw_only=True):
    """A type that nobody knows."""

    avi_type = "other"


@pytest.mark.parametrize(("wanted", "installed"), [("1.0", "1.0"), ("1.0", "1.3"), ("1.3", "1.3"), ("2.9", "2.10")])
def test_a_plugin_for_this_or_an_older_minor_version_runs(wanted: str, installed: str) -> None:
    assert api_fault(wanted, installed) == ""


@pytest.mark.parametrize(
    ("wanted", "installed", "remedy"),
    [
        ("1.1", "1.0", "a newer ako"),
        ("1.10", "1.9", "a newer ako"),
        ("2.0", "1.7", "a newer ako"),
        ("1.7", "2.0", "a newer version of the plugin"),
    ],
)
def test_a_plugin_for_another_version_is_told_what_to_install(wanted: str, installed: str, remedy: str) -> None:
    fault = api_fault(wanted, installed)
    assert fault.startswith(f"it wants plugin API {wanted}, and this is plugin API {installed}: install {remedy}, or ")


@pytest.mark.parametrize(
    "api", ["1", "", "1.0.0", "v1.0", "01.0", "1.x", " 1.0", "1.0\n", "1.99999999", 1.0, None, b"1.0"]
)
def test_what_is_no_version_is_refused(api: object) -> None:
    with pytest.raises(PluginError, match=r"plugin p0\b.*: ako_needs: api is .*, not <major>.<minor>"):
        host(Needs(api=api))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("needs", "told"),
    [
        ({"api": "1.0"}, "ako_needs gives {'api': '1.0'}, which is no Needs"),
        (Needs, "which is no Needs"),
        (Needs(creates=[Pool]), "creates is a list, not a tuple"),  # type: ignore[arg-type]
        (Needs(creates=(Other,)), "creates names Other, which is no type of object that can be created"),
        (Needs(creates=(VrfContext,)), "creates names VrfContext, which is no type"),
        (Needs(creates=(AviObject,)), "creates names AviObject, which is no type"),
        (Needs(creates=("pool",)), "creates names 'pool', which is no type"),  # type: ignore[arg-type]
        (Needs(creates=([],)), r"creates names \[\], which is no type"),  # type: ignore[arg-type]
        (Needs(other_namespaces=("a",)), "other_namespaces is \\('a',\\), not True or False"),  # type: ignore[arg-type]
        (Needs(fields=("a",)), "fields is a tuple, not a mapping"),  # type: ignore[arg-type]
        (Needs(fields={"pool": ("a",)}), "fields names 'pool', which is no type"),  # type: ignore[dict-item]
        (Needs(fields={Pool: ["servers"]}), "fields of Pool are .*, not a tuple of names"),  # type: ignore[dict-item]
        (Needs(fields={Pool: "servers"}), "fields of Pool are 'servers', not a tuple of names"),  # type: ignore[dict-item]
        (Needs(fields={Pool: ("serverz",)}), "Pool has no field serverz in Avi's schema; did you mean servers?"),
        (Needs(fields={Pool: ("zzz",)}), "Pool has no field zzz in Avi's schema$"),
        (Needs(fields={Pool: ("name",)}), "the field name of Pool says whose an object is"),
        (Needs(fields={VirtualService: ("markers",)}), "the field markers of VirtualService says whose"),
    ],
)
def test_needs_that_cannot_be_met_are_told(needs: object, told: str) -> None:
    with pytest.raises(PluginError, match=told) as caught:
        host(needs)
    assert "p0" in str(caught.value)


def test_the_needs_of_all_plugins_are_one() -> None:
    found = host(
        Needs(creates=(VirtualService, Pool), fields={Pool: ("servers",)}),
        None,
        Needs(creates=(Pool,), fields={Pool: ("servers", "ssl_profile_ref"), VirtualService: ()}),
    )
    assert found.creates == (Pool, VirtualService)
    assert found.fields == {Pool: {"servers", "ssl_profile_ref"}, VirtualService: frozenset()}
    assert [needs.api for needs in found.needs.values()] == ["1.0"] * 3


def test_without_needs_nothing_more_is_ours() -> None:
    assert (host().creates, dict(host().fields)) == ((), {})
