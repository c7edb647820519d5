"""Which namespaces are served: all, those with a label, and never those that are blocked.

It holds for every source object that is in a namespace, whoever declares its kind, and before it is discovered: what is
not selected claims nothing. As for an Ingress of another class nobody is told: most of it is meant for others.
"""

from __future__ import annotations

from ako.core.engine.cells import Unknown
from ako.core.engine.view import View
from ako.core.hooks.reasons import Whose
from ako.core.hooks.records import Namespace
from ako.core.hooks.site import SETTINGS
from ako.core.settings import Settings


def is_selected(view: View, namespace: str) -> bool:
    """Say whether what is in a namespace is served; raise `Unknown` while its labels are needed, and unknown.

    Then what was selected before says nothing: by other settings more was, perhaps. What is in no namespace is always.
    """
    if not namespace:
        return True
    selected, fault = view.last(_selects, namespace)
    if selected is None or fault:
        raise Unknown(fault)
    return selected


def _selects(view: View, namespace: str) -> bool:
    """Say whether a namespace is selected (a query)."""
    return kept_out(view, namespace) is None


def kept_out(view: View, namespace: str) -> Whose | None:
    """Say why nothing of a namespace is served, None if it is; it is read only where a label is asked for.

    Raises:
        Unknown: its labels are needed, and not known.
    """
    wanted = view.input(SETTINGS).ako_settings
    if namespace in wanted.blocked_namespace_list:
        why = f"namespace {namespace} is in AKOSettings.blockedNamespaceList."
        return Whose(why, "Take it off that list, or move the object to another namespace.")
    selector = wanted.namespace_selector
    if not namespace or not selector.label_key:
        return None
    found = view.get(Namespace, "", namespace)
    value = found.metadata.label(selector.label_key) if found else None
    if value == selector.label_value:
        return None
    label = f"{selector.label_key}={selector.label_value}"
    has = "there is no such namespace" if found is None else "it has no such label"
    has = has if value is None else f"it has {selector.label_key}={value}"
    why = f"namespace {namespace} has not the label {label}, which AKOSettings.namespaceSelector asks for; {has}."
    return Whose(why, "Give the namespace that label, or change the setting.")


def why_needed(settings: Settings) -> str:
    """Say what it takes Namespaces for to know what is served, and where; empty if it can be known without them."""
    if settings.ako_settings.namespace_selector.label_key:
        return "AKOSettings.namespaceSelector asks for labels of Namespaces"
    if settings.controller_settings.tenants_per_cluster:
        return "ControllerSettings.tenantsPerCluster asks for annotations of Namespaces"
    return ""
