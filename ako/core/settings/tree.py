"""The whole tree of settings."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, InstanceOf
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

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
from ako.core.settings.values import Replicas

S = TypeVar("S", bound=BaseModel)


class Settings(Section, BaseSettings):  # type: ignore[misc]  # two forms of one configuration, merged by pydantic
    """Every setting, frozen and hashable; an input of the engine like any other.

    `Settings()` is the tree of defaults, whatever the environment says: the loader decides what is read, because each
    place has its own names for the keys and every value has to be traced to its place.
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
    replica_count: Replicas = setting(
        1, "Number of pods. More than one is refused: not supported yet.", allowed="1", ge=1
    )
    plugin_sections: tuple[tuple[str, InstanceOf[BaseModel]], ...] = ()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is the library's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read nothing but what the loader hands over."""
        return (init_settings,)

    @property
    def programs_static_routes(self) -> bool:
        """Say whether routes to the pod networks of nodes are wanted: not where pools are made of node ports."""
        return not self.ako_settings.disable_static_route_sync and self.l7_settings.service_type == "ClusterIP"

    def section(self, plugin: str, of: type[S]) -> S:
        """Give the section of a plugin; its defaults where none was loaded."""
        found = dict(self.plugin_sections).get(plugin)
        return found if isinstance(found, of) else of()
