"""Checks of who else is in the cluster: other controllers for the same hosts, and others of our kind. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from ako.core.base.refs import ObjectRef
from ako.core.base.wording import some_of
from ako.diagnosis.finding import Finding, each, ok, warning, wrong
from ako.diagnosis.manifest import Json, at, name_of
from ako.plugins.ingress.classes import ANNOTATION, CONTROLLER
from ako.plugins.ingress.records import INGRESS

_DEFAULT = "ingressclass.kubernetes.io/is-default-class"
_IMAGE = "ako"


def classes(found: Iterable[Json]) -> Iterator[Finding]:
    """Say whether an IngressClass is ours, and which is the default."""
    check, listed = "ingress classes", list(found)
    ours = [name_of(one) for one in listed if at(one, "spec", "controller") == CONTROLLER]
    default = [name_of(one) for one in listed if at(one, "metadata", "annotations", _DEFAULT) == "true"]
    if len(default) > 1:
        yield warning(
            check,
            f"several are the default: {', '.join(sorted(default))}; what has no class is ours if one of them is",
            f"Take the annotation {_DEFAULT} from all but one.",
        )
    if not ours:
        yield warning(
            check,
            f"none has the controller {CONTROLLER}",
            f"Create one, or have Ingresses ask for us with the annotation {ANNOTATION}: avi.",
        )
    elif len(default) <= 1:
        mark = "the default" if set(default) & set(ours) else "not the default"
        yield ok(check, f"{', '.join(sorted(ours))} is ours, {mark}")


def other_ingresses(
    ingresses: Iterable[Json], classes: Iterable[Json], hosts: Container[str], ours: Container[ObjectRef]
) -> Iterator[Finding]:
    """Say which hosts of ours another controller serves too.

    Args:
        ingresses: all there are.
        classes: all IngressClasses.
        hosts: that we serve, in lower case.
        ours: the objects that ask us for anything, or have it done by others that do.
    """
    controllers = {name_of(one): str(at(one, "spec", "controller") or "") for one in classes}
    check = "other controllers"

    def faults() -> Iterator[Finding]:
        for one in ingresses:
            ref = ObjectRef(INGRESS, str(at(one, "metadata", "namespace") or "default"), name_of(one))
            wanted = {str(rule.get("host") or "").lower() for rule in at(one, "spec", "rules") or ()}
            shared = sorted(host for host in wanted if host in hosts)
            name = str(at(one, "spec", "ingressClassName") or at(one, "metadata", "annotations", ANNOTATION) or "")
            if shared and ref not in ours and controllers.get(name) != CONTROLLER:
                by = f"of class {name} ({controllers.get(name) or 'unknown'})" if name else "without a class"
                text = f"{ref.key} {by} asks for {some_of(shared)}, which we serve"
                yield warning(check, text, "Have one controller for each host, or DNS decides who answers.")

    yield from each(check, faults(), "no Ingress of another class has a host of ours")


def making_routes(routes: Iterable[Json]) -> Iterator[ObjectRef]:
    """Give the Ingresses of which OpenShift makes Routes, which ask us instead of them."""
    for route in routes:
        for owner in at(route, "metadata", "ownerReferences") or ():
            if owner.get("kind") == INGRESS.name:
                yield ObjectRef(INGRESS, str(at(route, "metadata", "namespace") or "default"), str(owner.get("name")))


def workloads(found: Iterable[Json]) -> Iterator[Finding]:
    """Say whether more than one AKO runs in the cluster, this program or the one in Go.

    Args:
        found: all StatefulSets and Deployments.
    """
    check, running = "workloads", []
    for one in found:
        image = image_of_ours(at(one, "spec", "template", "spec", "containers") or ())
        replicas = at(one, "spec", "replicas")
        if image and replicas != 0:
            running.append(f"{at(one, 'metadata', 'namespace')}/{name_of(one)} ({image})")
    if len(running) > 1:
        yield wrong(
            check,
            f"several AKOs run in this cluster: {', '.join(sorted(running))}",
            "Stop all but one; or give each its own AKOSettings.clusterName, and what to look after.",
        )
    else:
        yield ok(check, f"one AKO runs in this cluster: {running[0]}" if running else "no AKO runs in this cluster")


def image_of_ours(containers: Iterable[Json]) -> str:
    """Give the image of the container that is an AKO, this program or the one in Go; empty if none is."""
    images = (str(container.get("image") or "") for container in containers)
    return next((image for image in images if _program(image) == _IMAGE), "")


def _program(image: str) -> str:
    """Give the name of what an image has in it, without its registry, tag and digest."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0]
