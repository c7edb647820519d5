"""The hooks of the plugin `my_translation`, each one call; what they do is in the modules beside this one."""

from __future__ import annotations

from ako import SETTINGS, Needs, Pool, PortClaim, Section, Translation, View, VirtualHost, hookimpl
from ako_my_translation.adjust import adjust
from ako_my_translation.settings import MyTranslationSettings


@hookimpl
def ako_settings() -> type[Section]:
    """Have a section `ako.my_translation`."""
    return MyTranslationSettings


@hookimpl
def ako_needs() -> Needs:
    """Set a field of pools; what an operator sets in others stays."""
    return Needs(fields={Pool: ("application_persistence_profile_ref",)})


@hookimpl
def ako_adjust(virtual_host: VirtualHost | PortClaim, translation: Translation, view: View) -> Translation | None:
    """Keep clients of a host at their servers."""
    return adjust(virtual_host, translation, view.input(SETTINGS).section("my_translation", MyTranslationSettings))
