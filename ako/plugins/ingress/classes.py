"""Is this Ingress ours? By IngressClass where the cluster has them, else by the older annotation."""

from __future__ import annotations

from ako import SETTINGS, View
from ako.plugins.ingress.records import Ingress, IngressClass

CONTROLLER = "ako.vmware.com/avi-lb"
ANNOTATION = "kubernetes.io/ingress.class"


def is_ours(ingress: Ingress, view: View) -> bool:
    """Say whether an Ingress is for us.

    | class named            | class annotation | ours if                                          |
    |------------------------|------------------|--------------------------------------------------|
    | yes                    | any              | that class exists and its controller is ours     |
    | no                     | `avi`            | yes: the older way of asking for us              |
    | no                     | another          | no                                               |
    | no                     | none             | a class of ours is the default class, or there   |
    |                        |                  | are no classes and we are the default controller |
    """
    name = ingress.spec.ingress_class_name
    if name is not None:
        named = view.get(IngressClass, "", name)
        return named is not None and named.spec.controller == CONTROLLER
    return view.ask(takes_unnamed, ingress.metadata.annotation(ANNOTATION))


def takes_unnamed(view: View, annotation: str | None) -> bool:
    """Say whether Ingresses that name no class, with this annotation, are ours (a query)."""
    if view.list(IngressClass, "controller", CONTROLLER):
        if annotation is not None:
            return annotation == "avi"
        defaults = view.list(IngressClass, "default", "true")
        return any(found.spec.controller == CONTROLLER for found in defaults)
    if annotation is None:
        return bool(view.input(SETTINGS).l7_settings.default_ing_controller)
    return annotation == "avi"
