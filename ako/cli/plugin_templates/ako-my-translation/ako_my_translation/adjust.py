"""What a host was translated to → the same, with what this plugin has to say about it."""

from __future__ import annotations

from ako import AviRef, Pool, Translation, VirtualHost
from ako_my_translation.settings import MyTranslationSettings


def adjust(virtual_host: object, translation: Translation, settings: MyTranslationSettings) -> Translation | None:
    """Give all pools of a host a persistence profile; None where there is nothing to say."""
    if not isinstance(virtual_host, VirtualHost) or not settings.persistence:
        return None  # the ports of a Service of type LoadBalancer have what its `sessionAffinity` says
    profile = AviRef("applicationpersistenceprofile", settings.persistence)
    return translation.with_fields(Pool, application_persistence_profile_ref=profile)
