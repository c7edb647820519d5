"""Every plugin of ours holds to the contract that third parties are given."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import entry_points

import pytest

from ako.core.hooks.loading import GROUP
from ako.testing.plugin_contract import PluginContract
from tests.builders import Manifest
from tests.contract.examples import EXAMPLES, OPENSHIFT

OURS = sorted(point.name for point in entry_points(group=GROUP) if point.value.startswith("ako.plugins."))
EXAMPLES_OF: Mapping[str, tuple[Manifest, ...]] = {"openshift_route": OPENSHIFT}
SETTINGS_OF = {"nodeport": {"L7Settings.serviceType": "NodePort"}}
OTHERS = ("ingress", "clusterip_routes")
"""A source and a placement, so that whatever is judged has something to do and something to work with."""


def contract_of(name: str) -> type[PluginContract]:
    """Give the contract of one plugin as a class of tests."""
    attributes = {
        "plugins": (name, *(other for other in OTHERS if other != name)),
        "examples": EXAMPLES_OF.get(name, EXAMPLES),
        "settings": SETTINGS_OF.get(name, {}),
    }
    return type(f"Test_{name}", (PluginContract,), attributes)


globals().update({f"Test_{name}": contract_of(name) for name in OURS})


@pytest.mark.parametrize("name", OURS)
def test_every_plugin_of_ours_is_a_package_of_its_own(name: str) -> None:
    """Named as it is enabled, with its hooks in `plugin.py`."""
    (point,) = entry_points(group=GROUP, name=name)
    assert point.value == f"ako.plugins.{name}.plugin"
