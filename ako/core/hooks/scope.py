"""What annotations of AKO ask for that is not there: whoever asks for another network or tenant is not served.

An application that is to be inside only must not come up on the address of all because what says so is not understood.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from ako.core.base.refs import ObjectRef
from ako.core.engine.cells import Unknown
from ako.core.engine.view import View
from ako.core.hooks.claims import Discovery, Problem
from ako.core.hooks.records import LabelledMetadata, Namespace
from ako.core.hooks.site import SETTINGS

INFRA_SETTING = "aviinfrasetting.ako.vmware.com/name"
TENANT = "ako.vmware.com/tenant-name"

WITHOUT_EFFECT = (
    "passthrough.ako.vmware.com/enabled",
    "ako.vmware.com/enable-tls",
    "ako.vmware.com/l4rule",
    "ako.vmware.com/application-profile",
)
"""Annotations that are told and change nothing: what is served without them is not wider than what they ask for."""

_LONGEST_IN_PRINT = 255


class Asked(Struct, frozen=True):
    """What annotations ask for: an AviInfraSetting and a tenant by name, empty for none."""

    infra_setting: str = ""
    tenant: str = ""


def asked_by(metadata: LabelledMetadata) -> Asked:
    """Give what the annotations of one object ask for."""
    return Asked((metadata.annotation(INFRA_SETTING) or "").strip(), (metadata.annotation(TENANT) or "").strip())


def in_print(name: str) -> str:
    """Give a name that anybody may have written as it can stand in a message: on one line, and not too long."""
    short = name if len(name) <= _LONGEST_IN_PRINT else f"{name[:_LONGEST_IN_PRINT]}…"
    return short if short.isprintable() else repr(short)


def asked_in(view: View, namespace: str) -> Asked:
    """Give what the annotations of a Namespace ask for, for all that is in it (a query).

    Where we may not read Namespaces they are taken to ask for nothing; the operator is told that. Not so where they may
    name tenants: then nobody knows where anything belongs.
    """
    if are_tenants_hidden(view):
        raise Unknown("Namespaces, which may name tenants, cannot be read")
    if view.is_forbidden(Namespace):
        return Asked()
    found = view.get(Namespace, "", namespace)
    return asked_by(found.metadata) if found else Asked()


def are_tenants_hidden(view: View) -> bool:
    """Say whether Namespaces may name tenants, and we may not read them."""
    return view.input(SETTINGS).controller_settings.tenants_per_cluster and view.is_forbidden(Namespace)


def as_asked(
    found: Discovery, ref: ObjectRef, metadata: LabelledMetadata, view: View, infra_setting: str = ""
) -> Discovery:
    """Give what was discovered in an object as far as it can be served as is asked for.

    Args:
        found: the claims; where there are none, nothing is said beside its problems.
        ref: the object.
        metadata: its own.
        view: to read its Namespace.
        infra_setting: words for what asks for another network beside annotations, such as a class; empty for nothing.
    """
    if not found.claims:
        return found
    if problem := _elsewhere(ref, metadata, view, infra_setting):
        return Discovery(problems=(problem,))
    return Discovery(found.claims, (*found.problems, *_without_effect(ref, metadata)))


_REMEDY = "Take that away to have it served there."


def _elsewhere(ref: ObjectRef, metadata: LabelledMetadata, view: View, infra_setting: str) -> Problem | None:
    own, around = asked_by(metadata), view.ask(asked_in, ref.namespace)
    if own.infra_setting:
        infra_setting = f"annotation {INFRA_SETTING} names AviInfraSetting {in_print(own.infra_setting)}"
    elif not infra_setting and around.infra_setting:
        named = f"names AviInfraSetting {in_print(around.infra_setting)}"
        infra_setting = f"annotation {INFRA_SETTING} of namespace {ref.namespace} {named}"
    if infra_setting:
        message = f"{infra_setting}, which is not supported: it would be on the common network."
        return Problem(ref, "InfraSettingUnsupported", message, _REMEDY, unserved=True)
    return tenant_unsupported(ref, own.tenant, view)


def tenant_unsupported(ref: ObjectRef, own: str, view: View) -> Problem | None:
    """Say that an object is to be in a tenant in which it cannot be, None if it is not.

    Where Namespaces may not name tenants all is in the one of the settings, else in the one of its namespace.
    """
    controller, around = view.input(SETTINGS).controller_settings, view.ask(asked_in, ref.namespace).tenant
    tenant, here = own or around, controller.tenant_name
    if controller.tenants_per_cluster:
        tenant, here = own, around or here
    if tenant in {"", here}:
        return None
    shown = in_print(tenant)
    if controller.tenants_per_cluster:
        here = in_print(here)
        message = f"annotation {TENANT} names tenant {shown}, but namespace {ref.namespace} is in tenant {here}."
        return Problem(ref, "TenantUnsupported", message, _REMEDY, unserved=True)
    where = "" if own else f" of namespace {ref.namespace}"
    message = f"annotation {TENANT}{where} names tenant {shown}, but everything is in tenant {here}."
    remedy = _REMEDY if own else f"{_REMEDY} Or set ControllerSettings.tenantsPerCluster, for tenants of namespaces."
    return Problem(ref, "TenantUnsupported", message, remedy, unserved=True)


def _without_effect(ref: ObjectRef, metadata: LabelledMetadata) -> Iterator[Problem]:
    for name in WITHOUT_EFFECT:
        if (metadata.annotation(name) or "").strip().lower() not in {"", "false"}:
            message = f"annotation {name} is not supported and has no effect."
            yield Problem(ref, "AnnotationUnsupported", message, "Remove it.")
