"""What was translated for one host, in the tenant that the host belongs to. Pure.

Plugins translate as if there were one tenant only; names are the same in each.
"""

from __future__ import annotations

from msgspec.structs import replace

from ako.core.hooks.site import Site
from ako.core.hooks.translation import OwnTree, ParentTemplate, Translation
from ako.core.model.tenants import in_tenant


def translation_in(translation: Translation, tenant: str, here: Site) -> Translation:
    """Give a translation with what plugins leave to us, and all that is ours in a tenant."""
    objects = here.finished(translation.objects)
    if not tenant:
        return translation if objects is translation.objects else replace(translation, objects=objects)
    parent = translation.parent
    return replace(
        translation,
        parent=replace(parent, tenant=tenant) if isinstance(parent, OwnTree) else parent_in(parent, tenant, here),
        objects=in_tenant(objects, tenant, here.names.prefix),
        contribution=in_tenant(translation.contribution, tenant),
    )


def parent_in(parent: ParentTemplate, tenant: str, here: Site) -> ParentTemplate:
    """Give a shared virtual service in a tenant: its own DNS name, as AKO writes it, has the tenant in it."""
    if not tenant:
        return parent
    is_ours = parent.default_fqdn and parent.default_fqdn == here.default_fqdn(parent.name)
    fqdn = here.default_fqdn(parent.name, tenant) if is_ours else parent.default_fqdn
    return replace(parent, tenant=tenant, default_fqdn=fqdn)
