"""The section `ako.external_servers` of the settings."""

from __future__ import annotations

import ipaddress

from pydantic import field_validator

from ako import Section, setting

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class ExternalServersSettings(Section):
    """Which servers may be named."""

    networks: str = setting(
        "",
        "Networks that servers have to be in, with commas between them; empty: any.",
        allowed="networks, as 10.0.0.0/8",
    )

    @field_validator("networks")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        _parsed(value)
        return value

    @property
    def allowed(self) -> tuple[Network, ...]:
        """Give the networks; none are all."""
        return _parsed(self.networks)


def _parsed(text: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())
