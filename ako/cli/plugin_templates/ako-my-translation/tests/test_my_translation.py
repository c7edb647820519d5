"""The contract of every plugin, and what is particular to this one."""

from __future__ import annotations

from pathlib import Path

import yaml

from ako import AviRef, Pool
from ako.testing import PluginContract, Rehearsal

PLUGINS = ("my_translation", "ingress", "clusterip_routes")
EXAMPLES = tuple(
    yaml.safe_load_all((Path(__file__).parents[1] / "manifests" / "example.yaml").read_text(encoding="utf-8"))
)


SETTINGS = {"ako.my_translation.persistence": "System-Persistence-Client-IP"}


class TestContract(PluginContract):
    """What every plugin must hold to."""

    plugins = PLUGINS
    examples = EXAMPLES
    settings = SETTINGS


def pools(rehearsal: Rehearsal) -> list[Pool]:
    """Give the pools that are wanted for the example."""
    rehearsal.apply(*EXAMPLES)
    return [item for item in rehearsal.objects().values() if isinstance(item, Pool)]


def test_pools_have_the_profile_of_the_settings() -> None:
    (pool,) = pools(Rehearsal(PLUGINS, SETTINGS))
    wanted = AviRef("applicationpersistenceprofile", "System-Persistence-Client-IP")
    assert pool.application_persistence_profile_ref == wanted


def test_without_a_profile_there_is_none() -> None:
    (pool,) = pools(Rehearsal(PLUGINS))
    assert not isinstance(pool.application_persistence_profile_ref, AviRef)
