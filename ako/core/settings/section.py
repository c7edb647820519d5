"""What a section of the settings is made of: a frozen model whose fields know their names outside.

The sections of the program and those of plugins are declared with it.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class Section(BaseModel):
    """A group of settings; plugins derive theirs from it."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", coerce_numbers_to_str=True, hide_input_in_errors=True, allow_inf_nan=False
    )


class Item(Section):
    """An element of a list of settings; it is read by the names users write."""

    model_config = ConfigDict(alias_generator=to_camel)


def setting(default: Any, description: str, **names: Any) -> Any:
    """Declare a setting.

    Args:
        default: its default; a Section class for a group of settings.
        description: its meaning, for the reference, the chart's schema and `ako config show`.
        names: any of `helm` (the key, if it is not the field's name in camel case), `config_map` (key in the
            ConfigMap, if it is not the last part of the helm key), `variable` (AKO's own variable), `in_secret`
            (kept in the Secret instead of the ConfigMap), `secret` (never printed), `allowed` (the values, in words),
            `may_be_blank` (an empty text is a value, not the absence of one); all else, such as `ge`,
            goes to `pydantic.Field`.
    """
    ours = ("helm", "config_map", "variable", "in_secret", "secret", "allowed", "may_be_blank")
    extra = {name: names.pop(name) for name in ours if name in names}
    if extra.get("secret"):
        names["repr"] = False
    if isinstance(default, type):
        return Field(default_factory=default, description=description, json_schema_extra=extra, **names)
    return Field(default, description=description, json_schema_extra=extra, **names)
