"""OpenShift: Routes."""

from __future__ import annotations

from typing import Any

from ako.testing.manifests import custom_object, ingress_class
from tests.builders import Manifest, certificate_for
from tests.explain.situation import Situation, World
from tests.explain.situations.objects import FIRST, SECOND, shop, web


def route(namespace: str, host: str, *, name: str = "shop", created: str = FIRST, **spec: Any) -> Manifest:
    """Build a Route to the Service `web`."""
    fields = {"host": host, "to": {"kind": "Service", "name": "web"}, **spec}
    return custom_object("route.openshift.io/v1", "Route", name, namespace=namespace, created=created, spec=fields)


PASSTHROUGH = {"termination": "passthrough"}

ROUTES = World(
    title="Routes",
    objects=(ingress_class(),),
    situations=(
        Situation(
            what="an Ingress of a cluster that serves Routes",
            asks="Ingress/old/shop",
            cause="not ours: this cluster serves Routes; with ako.sources auto these are processed, and no Ingress.",
            remedy="Ask about the Route that was made of it, or list ingress in ako.sources.",
            never=("ingressClassName",),
            objects=(*web("old"), shop("old", "old.com")),
        ),
        Situation(
            what="two Routes ask for one host, and end TLS at their servers",
            asks="Route/pass/mine",
            cause='Duplicate entries found for hostpath pass/mine: pass.com in routes: ["pass/theirs"]',
            remedy="OshiftRoute/pass/theirs, which is older, is served; this one takes over when it goes.",
            never=("not ours",),
            objects=(
                *web("pass"),
                route("pass", "pass.com", name="theirs", tls=PASSTHROUGH),
                route("pass", "pass.com", name="mine", created=SECOND, tls=PASSTHROUGH),
            ),
        ),
        Situation(
            what="one Route ends TLS at its servers, and another of the host does not",
            asks="Route/mixed/mine",
            cause=(
                "host mixed.com is claimed by OshiftRoute/mixed/theirs, which is older, with another TLS termination; "
                "passthrough excludes termination on one host."
            ),
            remedy="Use the same termination, or another host.",
            never=("Duplicate",),
            objects=(
                *web("mixed"),
                route("mixed", "mixed.com", name="theirs", tls=PASSTHROUGH),
                route(
                    "mixed",
                    "mixed.com",
                    name="mine",
                    created=SECOND,
                    tls={
                        "termination": "edge",
                        "certificate": certificate_for("mixed.com")[0],
                        "key": certificate_for("mixed.com")[1],
                    },
                ),
            ),
        ),
        Situation(
            what="a Route ends TLS, and has no certificate",
            asks="Route/edge/shop",
            cause="termination edge needs a certificate and its key; there is no tls.certificate and no tls.key.",
            remedy="Write tls.certificate and tls.key, or have L7Settings.defaultRouteCertificate name a TLS Secret.",
            never=("served at",),
            objects=(*web("edge"), route("edge", "edge.com", tls={"termination": "edge"})),
        ),
        Situation(
            what="a Route names a Service twice",
            asks="Route/double/shop",
            cause="multiple backends with name web found for route: shop",
            remedy="Name each Service once.",
            never=("served at",),
            objects=(
                *web("double"),
                route("double", "double.com", alternateBackends=[{"kind": "Service", "name": "web"}]),
            ),
        ),
        Situation(
            what="plain HTTP is to be allowed beside TLS that ends at the servers",
            asks="Route/allowed/shop",
            cause="insecureEdgeTerminationPolicy Allow is not supported with passthrough; served as None.",
            remedy="Use one of None, Redirect.",
            never=("over plain HTTP",),
            objects=(
                *web("allowed"),
                route("allowed", "allowed.com", tls={**PASSTHROUGH, "insecureEdgeTerminationPolicy": "Allow"}),
            ),
        ),
        Situation(
            what="a path, with TLS that ends at the servers",
            asks="Route/seen/shop",
            cause="path /a cannot be matched: with passthrough nobody but the server sees the path.",
            remedy="Remove it, or terminate TLS.",
            never=("served at",),
            objects=(*web("seen"), route("seen", "seen.com", path="/a", tls=PASSTHROUGH)),
        ),
    ),
)
