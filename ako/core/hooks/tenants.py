"""Which tenant what is in a namespace belongs to: the one that its annotation names, where that is allowed.

It holds for every source object, whoever declares its kind. A tenant is given as in `AviRef`: empty for that of the
settings. Which tenants can be read only the controller knows.
"""

from __future__ import annotations

from ako.core.base.refs import ObjectRef
from ako.core.engine.cells import Input, Unknown
from ako.core.engine.view import View
from ako.core.hooks.claims import Claim, Discovery, Problem, is_ageless
from ako.core.hooks.outcome import SourceObject
from ako.core.hooks.records import LabelledMetadata, Namespace
from ako.core.hooks.scope import TENANT, asked_by, asked_in, in_print, tenant_unsupported
from ako.core.hooks.site import SETTINGS

NOT_READ = "has not been read yet"
TENANTS: Input[str] = Input("whether a tenant can be read", default=NOT_READ)
"""tenant → empty if it was read, else why not."""

UNKNOWN = "TenantUnknown"


def are_tenants_used(view: View) -> bool:
    """Say whether Namespaces may name tenants (a query)."""
    return view.input(SETTINGS).controller_settings.tenants_per_cluster


def named_tenant(view: View, namespace: str) -> str:
    """Give the tenant that is named for a namespace (a query)."""
    if not namespace or not view.ask(are_tenants_used):
        return ""
    named = view.ask(asked_in, namespace).tenant
    return "" if named == view.input(SETTINGS).controller_settings.tenant_name else named


def _is_missing(view: View, namespace: str) -> bool:
    """Say whether there is no Namespace though we may read them (a query)."""
    return not view.is_forbidden(Namespace) and view.get(Namespace, "", namespace) is None


def _tenant(view: View, namespace: str) -> str:
    """Give the tenant of what is in a namespace (a query); unknown as long as that tenant has not been read.

    So it is while there is no Namespace: an API server has one for all that is in it, and it is about to be told.
    """
    if namespace and view.ask(are_tenants_used) and view.ask(_is_missing, namespace):
        raise Unknown(f"Namespace {namespace}, which may name a tenant, is not there")
    named = view.ask(named_tenant, namespace)
    if named and (fault := view.input(TENANTS, named)):
        raise Unknown(f"tenant {in_print(named)} cannot be read: {fault}")
    return named


def tenant_of(view: View, claim: Claim) -> str:
    """Give the tenant of what is claimed; as long as that of its namespace is unknown, the last good one.

    So nobody leaves a tenant before there is another to go to. Raise `Unknown` if there was none.
    """
    namespace = claim.source.namespace
    if is_ageless(claim) and namespace and view.ask(are_tenants_used) and view.ask(_is_missing, namespace):
        return ""  # a folder need not have Namespaces
    found = view.ask(_tenant, namespace)
    is_of_settings = found == view.input(SETTINGS).controller_settings.tenant_name  # by now: it was another before
    return "" if is_of_settings else found


def title_of(view: View, tenant: str) -> str:
    """Give the name of a tenant on the Controller."""
    return tenant or view.input(SETTINGS).controller_settings.tenant_name


def in_own_tenant(view: View, source: SourceObject, found: Discovery) -> Discovery:
    """Give what was discovered in an object as far as it can be in the tenant of its namespace.

    That the annotation of the object itself is heeded is for the plugin that knows it.
    """
    namespace = source.ref.namespace
    if not found.claims or not namespace:
        return found
    if not view.ask(are_tenants_used):
        metadata = getattr(source.record, "metadata", None)
        if isinstance(metadata, LabelledMetadata) and asked_by(metadata).tenant:
            return found
        problem = tenant_unsupported(source.ref, "", view)
        return Discovery(problems=(*found.problems, problem)) if problem else found
    named = view.ask(named_tenant, namespace)
    fault = view.input(TENANTS, named) if named else ""
    if fault in {"", NOT_READ}:
        return found
    last, _ = view.last(_tenant, namespace)
    return Discovery(found.claims, (*found.problems, _unknown(source.ref, named, fault, view, last)))


def _unknown(ref: ObjectRef, named: str, fault: str, view: View, last: str | None) -> Problem:
    names = f"annotation {TENANT} of namespace {ref.namespace} names tenant {in_print(named)}"
    meanwhile = "nothing new is done for it" if last is None else f"it stays in tenant {title_of(view, last)}"
    return Problem(
        ref,
        UNKNOWN,
        f"{names}, which cannot be read: {fault}",
        f"Create the tenant, correct its name, or give our user a role in it; until then {meanwhile}.",
    )
