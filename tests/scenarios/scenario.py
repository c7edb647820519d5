"""One acceptance scenario as it lies in `data/`, and the settings file it gives to the product."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

JsonObject = dict[str, Any]

DATA = Path(__file__).parent / "data"

# A full sync comes every five minutes or so in real life; a scenario that waits for one asks for it sooner.
FULL_SYNC_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Scenario:
    """The content of one scenario file."""

    id: str
    title: str
    platform: str
    config: JsonObject
    controller: JsonObject
    steps: list[JsonObject]
    crds: tuple[JsonObject, ...] = ()
    """Kinds that the cluster serves beside its own, from before the product starts."""

    @property
    def cluster_name(self) -> str:
        """Give the cluster name that every name of ours starts with."""
        return str(self.config["AKOSettings"]["clusterName"])

    @property
    def has_traffic(self) -> bool:
        """Say whether requests are sent."""
        return any("traffic" in step or "traffic" in step.get("expect", {}) for step in self.steps)

    @property
    def waits_for_full_sync(self) -> bool:
        """Say whether a step waits for a full sync."""
        return any("wait_full_sync" in step for step in self.steps)


def load(path: Path) -> Scenario:
    """Read a scenario file; every step must have exactly one key."""
    content = json.loads(path.read_text(encoding="utf-8"))
    for number, step in enumerate(content["steps"], start=1):
        if len(step) != 1:
            raise ValueError(f"{path}: step {number} has the keys {sorted(step)}, but a step has exactly one")
    return Scenario(
        id=content["id"],
        title=content["title"],
        platform=content["platform"],
        config=content["config"],
        controller=content.get("controller", {}),
        steps=content["steps"],
        crds=tuple(content.get("crds", ())),
    )


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> JsonObject:
    """Lay changed helm values over others: mappings are merged, everything else is replaced."""
    result = copy.deepcopy(dict(base))
    for key, value in changes.items():
        old = result.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            result[key] = merged(old, value)
        else:
            result[key] = copy.deepcopy(value)
    return result


def helm_values(scenario: Scenario, config: JsonObject, controller_url: str, login: tuple[str, str]) -> JsonObject:
    """Give the values file for `ako run --config`: the scenario's own values and where the Avi Controller is."""
    username, password = login
    surroundings: JsonObject = {
        "AKOSettings": {"apiServerPort": 0},
        "ControllerSettings": {"controllerHost": controller_url},
        "avicredentials": {"username": username, "password": password},
    }
    if scenario.waits_for_full_sync:
        surroundings["AKOSettings"]["fullSyncFrequency"] = str(FULL_SYNC_SECONDS)
    return merged(config, surroundings)
