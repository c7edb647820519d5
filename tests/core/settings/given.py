"""Short ways to say which settings are given where."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel

from ako.core.settings import (
    ConfigTexts,
    Fault,
    LoadedSettings,
    SettingsError,
    Sources,
    load_settings,
    read_config_files,
)


def values_file(folder: Path, text: str) -> Path:
    path = folder / "values.yaml"
    path.write_text(text)
    return path


def config_files(*paths: Path) -> ConfigTexts:
    """Read files as `--config` does, the last one to count first."""
    return read_config_files(paths)


def loaded(plugins: Mapping[str, type[BaseModel]] | None = None, /, **flags: object) -> LoadedSettings:
    """Load settings from flags whose dots are written `__`."""
    return load_settings(
        Sources(flags={name.replace("__", "."): value for name, value in flags.items()}), plugins or {}
    )


def faults(sources: Sources, plugins: Mapping[str, type[BaseModel]] | None = None) -> tuple[Fault, ...]:
    """Give the faults of sources that must have some."""
    try:
        load_settings(sources, plugins or {})
    except SettingsError as error:
        return error.faults
    raise AssertionError("the settings were accepted")


def fault_of(key: str, value: object) -> Fault:
    """Give the one fault that a value of a key makes."""
    (fault,) = faults(Sources(flags={key: value}))
    assert fault.key == key
    return fault
