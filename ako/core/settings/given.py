"""What the loader is given: the places of settings, and each value that was found in one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ako.core.base.secrecy import Secrecy
from ako.core.settings.config_texts import ConfigTexts

CONFIG_MAP = "avi-k8s-config"
SECRET = "avi-secret"  # noqa: S105 - the name of the Secret
SECRET_NAME_VARIABLE = "AKO_SECRET_NAME"  # noqa: S105 - the variable that says how it is called instead


@dataclass(frozen=True, slots=True)
class Sources:
    """Where settings are given.

    Attributes:
        config_files: files in the layout of the chart's `values.yaml`, the last one counts first.
        environ: variables of the process.
        config_map: data of the ConfigMap `avi-k8s-config`; None if there is none.
        secret: data of the Secret with the credentials, base64 already decoded; None if there is none.
        secret_name: how that is called.
        flags: helm key → value, from the command line.
        secrecy: is told what of all that is secret.
    """

    config_files: ConfigTexts = field(default=(), repr=False)
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    config_map: Mapping[str, str] | None = field(default=None, repr=False)
    secret: Mapping[str, str] | None = field(default=None, repr=False)
    secret_name: str = SECRET
    flags: Mapping[str, object] = field(default_factory=dict, repr=False)
    secrecy: Secrecy = field(default_factory=Secrecy, compare=False)


class Given(NamedTuple):
    """A value and where it was given."""

    value: object
    origin: str
