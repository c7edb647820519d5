"""Is this Ingress ours? By IngressClass where the cluster has them, else by the older annotation."""

from __future__ import annotations

from ako import SETTINGS, ObjectRef, Problem, View, Whose
from ako.plugins.ingress.records import DEFAULT_CLASS, Ingress, IngressClass

CONTROLLER = "ako.vmware.com/avi-lb"
ANNOTATION = "kubernetes.io/ingress.class"
LISTED_AT_MOST = 10
"""How many classes a message lists."""

_NAME_OURS = f"Set spec.ingressClassName to an IngressClass whose controller is {CONTROLLER}."


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
        return _of_class(name, view).is_ours
    return view.ask(takes_unnamed, ingress.metadata.annotation(ANNOTATION))


def whose(ingress: Ingress, ref: ObjectRef, view: View) -> Whose:
    """Say whether an Ingress is for us, and why: in the order of that table."""
    name = ingress.spec.ingress_class_name
    if name is None:
        return _unnamed(view, ingress.metadata.annotation(ANNOTATION))
    missing = (f"spec.ingressClassName is {name}, and {fault.message}" for fault in missing_class(ingress, ref, view))
    found = _of_class(name, view)
    return Whose(next(missing, found.why), found.remedy, found.is_ours)


def takes_unnamed(view: View, annotation: str | None) -> bool:
    """Say whether Ingresses that name no class, with this annotation, are ours (a query)."""
    return _unnamed(view, annotation).is_ours


def _of_class(name: str, view: View) -> Whose:
    found = view.get(IngressClass, "", name)
    named = f"spec.ingressClassName is {name}"
    if found is None:
        return Whose(f"{named}, and there is no such IngressClass.", "Name one that is there, or create it.")
    controller = found.spec.controller
    if controller != CONTROLLER:
        return Whose(f"{named}, whose controller is {controller}, not {CONTROLLER}.", _NAME_OURS)
    return Whose(f"{named}, whose controller is {CONTROLLER}.", is_ours=True)


def _unnamed(view: View, annotation: str | None) -> Whose:
    if annotation is not None:
        why = f"the annotation {ANNOTATION} is {annotation}"
        return Whose(f"{why}.", is_ours=True) if annotation == "avi" else Whose(f"{why}, not avi.", _NAME_OURS)
    why = "spec.ingressClassName is not set"
    if defaults := view.list(IngressClass, "default", "true"):
        first = next((found for found in defaults if found.spec.controller == CONTROLLER), defaults[0])
        controller = first.spec.controller
        why = f"{why}, and the default IngressClass {first.metadata.name} has the controller {controller}"
        return Whose(f"{why}.", is_ours=True) if controller == CONTROLLER else Whose(f"{why}.", _NAME_OURS)
    if ours := view.list(IngressClass, "controller", CONTROLLER):
        name = ours[0].metadata.name
        why = f"{why}, and IngressClass {name} is not the default: its annotation {DEFAULT_CLASS} is not true."
        return Whose(why, f"Set spec.ingressClassName to {name}, or make {name} the default class.")
    if view.input(SETTINGS).l7_settings.default_ing_controller:
        why = f"{why}, there is no default IngressClass, and L7Settings.defaultIngController is true."
        return Whose(why, is_ours=True)
    why = f"{why}, there is no default IngressClass, and L7Settings.defaultIngController is false."
    return Whose(why, _NAME_OURS)


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
