"""Is this Ingress ours? By IngressClass where the cluster has them, else by the older annotation."""

from __future__ import annotations

from ako import SETTINGS, ObjectRef, Problem, View
from ako.plugins.ingress.records import Ingress, IngressClass

CONTROLLER = "ako.vmware.com/avi-lb"
ANNOTATION = "kubernetes.io/ingress.class"
LISTED_AT_MOST = 10
"""How many classes a message lists."""


def is_ours(ingress: Ingress, view: View) -> bool:
    """Say whether an Ingress is for us.

    | class named            | class annotation | ours if                                          |
    |------------------------|------------------|--------------------------------------------------|
    | yes                    | any              | that class exists and its controller is ours     |
    | no                     | `avi`            | yes: the older way of asking for us              |
    | no                     | another          | no                                               |
    | no                     | none             | the default class is ours; where none is the     |
    |                        |                  | default, and none is ours, we are the default    |
    |                        |                  | controller                                       |
    """
    name = ingress.spec.ingress_class_name
    if name is not None:
        named = view.get(IngressClass, "", name)
        return named is not None and named.spec.controller == CONTROLLER
    return view.ask(takes_unnamed, ingress.metadata.annotation(ANNOTATION))


def takes_unnamed(view: View, annotation: str | None) -> bool:
    """Say whether Ingresses that name no class, with this annotation, are ours (a query)."""
    if annotation is not None:
        return annotation == "avi"
    if defaults := view.list(IngressClass, "default", "true"):
        return any(found.spec.controller == CONTROLLER for found in defaults)
    if view.list(IngressClass, "controller", CONTROLLER):
        return False
    return bool(view.input(SETTINGS).l7_settings.default_ing_controller)


def missing_class(ingress: Ingress, ref: ObjectRef, view: View) -> tuple[Problem, ...]:
    """Say that no IngressClass has the name that an Ingress asks for: nobody may ever serve it."""
    name = ingress.spec.ingress_class_name
    if name is None or view.get(IngressClass, "", name) is not None:
        return ()
    known = view.ask(class_names)
    more = f" and {len(known) - LISTED_AT_MOST} more" if len(known) > LISTED_AT_MOST else ""
    there = f"there are {', '.join(known[:LISTED_AT_MOST])}{more}" if known else "there is none at all"
    message = f"there is no IngressClass {name}; {there}."
    return (Problem(ref, "IngressClassNotFound", message, "Name one that is there, or create it."),)


def class_names(view: View) -> tuple[str, ...]:
    """Give the names of all classes, ordered (a query)."""
    return tuple(sorted(found.metadata.name for found in view.list(IngressClass, "all", "")))


def settings_asked_for(ingress: Ingress, view: View) -> str:
    """Give the words for the settings that the class of an Ingress of ours refers to; empty if it refers to none."""
    if (name := ingress.spec.ingress_class_name) is not None:
        found = view.get(IngressClass, "", name)
        return view.ask(parameters_of, name) if found else ""
    if ingress.metadata.annotation(ANNOTATION) is not None:
        return ""
    defaults = view.list(IngressClass, "default", "true")
    ours = (found.metadata.name for found in defaults if found.spec.controller == CONTROLLER)
    return next((words for name in ours if (words := view.ask(parameters_of, name))), "")


def parameters_of(view: View, name: str) -> str:
    """Give the words for the settings that a class refers to; empty if it refers to none (a query)."""
    found = view.get(IngressClass, "", name)
    parameters = found.spec.parameters if found else None
    return f"IngressClass {name} names {parameters.kind} {parameters.name}" if parameters else ""
