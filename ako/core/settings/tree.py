"""The whole tree of settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from pydantic import BaseModel, InstanceOf, ValidationInfo, field_validator

from ako.core.settings.ako_section import Own
from ako.core.settings.section import Section, setting
from ako.core.settings.sections import (
    AkoSettings,
    ControllerSettings,
    Credentials,
    L4Settings,
    L7Settings,
    NetworkSettings,
    NodePortSelector,
)
from ako.core.settings.value_types import Number
from ako.core.settings.values import LONGEST

S = TypeVar("S", bound=BaseModel)


class Settings(Section):
    """Every setting, frozen and hashable; an input of the engine like any other.

    `Settings()` is the tree of defaults; `load_settings` makes one of what was given.
    `plugin_sections` is filled by the loader: a plugin's name and its section.
    """

    ako_settings: AkoSettings = setting(AkoSettings, "The program and its cluster.", helm="AKOSettings")
    network_settings: NetworkSettings = setting(NetworkSettings, "Networks.", helm="NetworkSettings")
    l7_settings: L7Settings = setting(L7Settings, "Ingresses and Routes.", helm="L7Settings")
    l4_settings: L4Settings = setting(L4Settings, "Services of type LoadBalancer.", helm="L4Settings")
    controller_settings: ControllerSettings = setting(
        ControllerSettings, "The Avi Controller.", helm="ControllerSettings"
    )
    node_port_selector: NodePortSelector = setting(NodePortSelector, "Nodes that take traffic.")
    credentials: Credentials = setting(Credentials, "How we log in to the Avi Controller.", helm="avicredentials")
    ako: Own = setting(Own, "What AKO does not have.")
    replica_count: Number = setting(
        1,
        "Number of pods, from the next start on; of more than one, one works and the others stand by.",
        allowed="1 or more",
        ge=1,
        le=LONGEST,
    )
    plugin_sections: tuple[tuple[str, InstanceOf[BaseModel]], ...] = ()

    @field_validator("replica_count")
    @classmethod
    def _elect_one(cls, count: int, others: ValidationInfo) -> int:
        own = others.data.get("ako")
        if count > 1 and isinstance(own, Own) and own.leader_election.enabled is False:
            raise ValueError("several would write at the same time: remove ako.leaderElection.enabled, which is false")
        return count

    @property
    def programs_static_routes(self) -> bool:
        """Say whether routes to the pod networks of nodes are wanted: not where pools are made of node ports."""
        return not self.ako_settings.disable_static_route_sync and self.l7_settings.service_type == "ClusterIP"

    @property
    def ip_families(self) -> frozenset[str]:
        """Give the IP families that are in use: `V4`, `V6` or both."""
        return frozenset(self.ako_settings.ip_family.split("_"))

    def section(self, plugin: str, of: type[S]) -> S:
        """Give the section of a plugin; its defaults where none was loaded."""
        found = dict(self.plugin_sections).get(plugin)
        return found if isinstance(found, of) else of()


READ_ONCE: Mapping[str, Callable[[Settings], object]] = {
    "AKOSettings.apiServerPort": lambda settings: settings.ako_settings.api_server_port,
    "ako.api.concurrency": lambda settings: settings.ako.api.concurrency,
    "ako.api.retryCeilingSeconds": lambda settings: settings.ako.api.retry_ceiling_seconds,
    "ako.leaderElection.enabled": lambda settings: settings.ako.leader_election.enabled,
    "ako.leaderElection.leaseDurationSeconds": lambda settings: settings.ako.leader_election.lease_duration_seconds,
    "ako.leaderElection.renewDeadlineSeconds": lambda settings: settings.ako.leader_election.renew_deadline_seconds,
    "ako.leaderElection.retryPeriodSeconds": lambda settings: settings.ako.leader_election.retry_period_seconds,
    "replicaCount": lambda settings: settings.replica_count,
    "ako.logFormat": lambda settings: settings.ako.log_format,
    "ako.plugins.enabled": lambda settings: settings.ako.plugins.enabled,
}
"""Settings that are read at start: a change of them takes effect at the next start."""


def waiting_for_a_start(begun_with: Settings, wanted: Settings) -> tuple[str, ...]:
    """Give the keys of settings that are wanted otherwise than the process was started with."""
    return tuple(key for key, value in READ_ONCE.items() if value(begun_with) != value(wanted))
